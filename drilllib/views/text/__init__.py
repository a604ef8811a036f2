"""Answers as plain text, mostly a module for each command. Begin with trace.py; several use hops.py and columns.py."""
