"""What a person sees, in two languages. Imports core and errors only; labs and answers are passed in.

phrases/ has the sentences; text/, picture/ and panel/ show answers; shown.py is what a notebook displays.
"""
