"""What is each field of a verbatim object to the engine: read, harmless, or fine for some values only?

Imports core.facts and core.rules. Begin with tables.py; clb.py, cloud.py and kubernetes.py are the tables themselves,
shown in docs/fields.md. A field that no table names may mean anything, so a value in it is a doubt.
"""
