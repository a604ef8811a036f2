"""What the cluster does by itself: balancers, listeners, endpoints, pods, interfaces, and the Events they leave.

Begin with reconcile.py.
"""
