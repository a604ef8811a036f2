"""
Connections from any source to any door of a cluster: nodes, pods, ClusterIPs, outside addresses.

docs/connections.md is the specification. What happens at a node, at a pod and in a list of rules, `core.trace` knows.
"""
