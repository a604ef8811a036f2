"""What is the smallest change of rules that lets a request through, and what else would it open?

Imports the folders below it: rules, sets, snapshot, trace, reach. Begin with proposals.py; needs.py says what a request
lacks, plans.py what could give it, refinements.py keeps it small.
"""
