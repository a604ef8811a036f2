"""Measured ratios: what drilllib costs against something everybody can run. `python -m bench` prints them."""
