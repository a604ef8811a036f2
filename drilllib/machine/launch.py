"""
Runs a module of ours, with nothing of the current folder in its way: `python -P launch.py MODULE ARGUMENT...`.

`python -m` would look into the current folder first. Only drilllib is taken from where this file is: what else lies
beside it hides no module of Python's own.
"""

import os
import sys

UP_TO_ROOT = "../../.."  # the folder that drilllib is in


def main() -> None:
    """Make drilllib known, and become the module."""
    sys.path.insert(0, os.path.abspath(f"{__file__}/{UP_TO_ROOT}"))
    from drilllib import _version  # noqa: F401  imported for its effect: its modules are found from now on

    del sys.path[0], sys.argv[0]
    import runpy

    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
