"""Which rule of a security group decides about a packet? The first match does.

Imports core.facts. Begin with rules.py: Rule, SecurityGroup, Flow and `decide`. policies.py reads the
vendor's form, edits.py changes a list.
"""
