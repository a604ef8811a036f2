"""Which flows does a list of rules let in, all at once? Exact sets, and the rules that never decide.

Imports core.rules. Begin with flowsets.py; grid.py is how a set is stored; shadows.py marks rules without effect.

What takes sets, here and in the folders above, raises TooComplexError where the rules overlap in too many ways for an
exact answer.
"""
