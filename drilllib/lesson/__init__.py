"""What a notebook calls: a drill in a lab, asked by one client, shown in the reader's language.

Begin with lesson.py. Notebooks import from `drilllib` itself.
"""
