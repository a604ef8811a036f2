"""The engine held against the kernel: random groups, rules, clusters and paths, decided by both.

Begin with decisions.py (rules) and paths.py (whole requests).
"""
