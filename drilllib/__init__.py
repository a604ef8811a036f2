"""drilllib: find and repair security-group faults on Tencent Cloud TKE."""

from drilllib._version import __version__

__all__ = ["__version__", "load_ipython_extension"]


def load_ipython_extension(ipython: object) -> None:
    """`%load_ext drilllib` in a notebook makes `%%host` known."""
    from drilllib.lesson import magic

    magic.load_ipython_extension(ipython)
