"""What is wrong, void or risky in the rules as written, without any request?

Imports core.facts, core.rules, core.sets and core.snapshot. Begin with linter.py; findings.py lists every kind.
"""
