"""The panel in a notebook.

panel.py is the widget, made of three others; desk.py is its logic, messages.py what it says to its page, in page/.
"""
