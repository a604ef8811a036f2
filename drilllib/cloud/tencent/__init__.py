"""The vendor's API 3.0, answered from the cloud's state.

Begin with api.py; an action is a function in actions/ under the vendor's name.
"""
