"""The cloud made of Linux namespaces: links, nftables rules, address translation, balancer, pods, health checks.

Begin with build.py. Everything here runs inside the lab's sandbox.
"""
