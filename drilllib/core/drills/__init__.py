"""The course's cluster and the faults planted in it.

Imports core.rules, core.snapshot and core.trace. Begin with faults.py (`open_fault`); lab.py is the protocol of
every lab.
"""
