"""The course at the edge: its notebooks, JupyterLab, headless runs, and what works on this machine."""
