"""The subject itself, in pure functions of plain data: no I/O, no clock, no randomness. Standard library only."""
