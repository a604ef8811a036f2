"""Processes on this machine: what those that we start may know of it, and how they start, end and are told apart."""
