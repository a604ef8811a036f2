"""
Which calls lead from one list of rules to another, and back again, without a moment that is worse than either?

Imports the folders below it: rules, sets, snapshot, capture, reach, diff, fix. Begin with change.py; alignment.py finds
what stays, steps.py the calls and their order, between.py what an intermediate list opens and cuts, undo.py the list to
go back to where somebody else has changed it meanwhile.
"""
