"""What is the smallest change of rules that lets a request through, and what else would it open?

Imports the folders below it: rules, sets, snapshot, trace, reach. Begin with proposals.py; needs.py says what has to
pass, unmet_needs.py what of it does not yet, plans.py which rules could let it, refinements.py keeps them few.
"""
