"""What stands there? One document of the vendor's and Kubernetes' objects, read into `Snapshot`.

Imports core.facts and core.rules. Begin with snapshot.py; schema.py refuses what cannot be read, readers.py reads
the vendor's objects and kubernetes.py the others; ledger/ says of every field whether it is read, harmless or a doubt;
semantics.py has each behaviour that the documents leave open, as one named switch.
"""
