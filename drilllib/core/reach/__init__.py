"""Who can reach a Service or a resource at all? Exact sets of clients.

Imports core.facts, core.rules, core.sets, core.snapshot and core.trace. Begin with clients.py (`reach`).
"""
