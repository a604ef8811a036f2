"""A class on a JupyterHub of its own, on one machine: who signs in, as whom their servers run, the board behind it."""
