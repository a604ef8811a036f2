"""Does a snapshot keep what is expected of it?

Imports the folders below it: rules, sets, snapshot, trace, reach. Begin with outcomes.py (`verify`).
"""
