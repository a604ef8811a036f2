"""The widget in a notebook.

desk.py holds its state as plain data, panel.py is the widget, page/ has the JavaScript and CSS.
"""
