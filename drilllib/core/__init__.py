"""The subject itself, in pure functions of plain data: no I/O, no clock, no randomness; standard library only.

A folder a question, from the bottom up: rules; snapshot and sets; trace; lint, reach and drills; diff, check, fix and
overview; quiz. A folder imports those before it, facts.py (missing facts) and `drilllib.errors`. Begin with
rules/rules.py, then trace/request.py.
"""
