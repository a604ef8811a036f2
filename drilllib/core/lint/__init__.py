"""What is wrong, void or risky in the rules as written, without any request?

Imports core.rules, core.sets, core.snapshot and core.trace. Begin with linter.py; findings.py lists every kind.
"""
