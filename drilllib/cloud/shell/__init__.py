"""`drill shell` of a local cloud: the clients that it offers, and what stands in for the missing ones.

Begin with wrappers.py.
"""
