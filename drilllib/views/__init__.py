"""What a person sees, in two languages. Imports core and errors only; a lab is handed in.

phrases/ has every sentence; text/, picture/ and panel/ show a trace; shown.py puts them into a notebook.
"""
