"""drilllib: find and repair security-group faults on Tencent Cloud TKE."""

__version__ = "0.1.0"
