"""
Writes to a real cloud that can be undone: planned, noted down before they are made, seen, rolled back.

Begin with apply.py (Guard). writer.py makes the calls of one change, cloud.py says how rules and groups are read and
what became of a write; journal.py and lines.py keep what was there before, journals.py finds them, rollback.py goes
back to it; scope.py says what may be written, locks.py keeps a second guard away; consent.py asks whether a cluster may
be changed, marks.py names its tags.
"""
