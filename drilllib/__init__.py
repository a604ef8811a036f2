"""drilllib: find and repair security-group faults on Tencent Cloud TKE."""

__version__ = "0.1.0"


def load_ipython_extension(ipython: object) -> None:
    """`%load_ext drilllib` in a notebook makes `%%host` known."""
    from drilllib import host_magic

    host_magic.load_ipython_extension(ipython)
