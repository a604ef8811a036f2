"""Answers as plain text, one module for each command. Begin with trace.py."""
