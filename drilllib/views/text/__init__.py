"""Answers as plain text, a module for each command. Begin with trace.py."""
