"""
What has to be read of a cluster and its cloud, and what snapshot do the answers make?

Imports core.rules and core.snapshot. Begin with asks.py: what is asked and what came back, as data. A capture is a loop
of rounds that whoever can read (drilllib/clients, or a person with kubectl and tccli) plays: what is still needed, the
answers to it, until nothing is needed any more.

Files come in by recognise.py and naming.py; join.py makes the snapshot of answers, keep.py says what is kept of them.
"""
