"""Answers as plain text, mostly a module for each command; hops.py and columns.py serve several. Begin with trace.py."""
