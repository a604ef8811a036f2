"""What is the smallest change that lets a request through, and what else would it open?

Imports the folders below it: rules, sets, snapshot, trace, reach. Begin with proposals.py; situation.py says how the
clients fare and what lacks. Of groups: needs.py says what has to pass, unmet_needs.py what of it does not yet, plans.py
which rules could let it, refinements.py keeps them few, group_orders.py tries other orders, and search.py compares.
What else helps is in remedies.py and the modules it calls.
"""
