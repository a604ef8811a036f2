"""The course in a browser tab: JupyterLite, a Python that runs in the page, and the lessons; it asks no other host."""
