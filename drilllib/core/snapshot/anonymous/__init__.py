"""
A snapshot without the names, ids, account numbers and public addresses of those it is of.

Imports the rest of core.snapshot. anonymous.py is what one calls; fields.py says what stays, words.py and addresses.py
what stands in a name's or an address's place.
"""
