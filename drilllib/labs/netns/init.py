"""
The first process in new namespaces: it starts the lab's own process, and ends with it, as everything inside does.

What is left behind by its parent inside becomes a child of the first process, which waits for every child, so that no
zombie stays. Run as `python -S -P init.py MODULE ARGUMENT...`: that is without the user's own modules, because a
folder with a file such as random.py must not keep a lab from starting, and a lab needs the standard library only.
"""

import os
import signal
import sys

UP_TO_ROOT = "../../../.."  # the folder that drilllib is in
LEFT_OUT = ("ssl",)  # asyncio does without it, and starts sooner


def main() -> None:
    """Fork: the parent waits, and stays small; the child runs the module."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the keyboard is for those who use the lab
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    child = os.fork()
    if child:
        os._exit(_wait_for(child))
    sys.path.insert(0, os.path.abspath(f"{__file__}/{UP_TO_ROOT}"))
    vars(sys)["modules"].update(dict.fromkeys(LEFT_OUT))  # None keeps a module from being imported
    del sys.argv[0]
    import runpy

    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _wait_for(child: int) -> int:
    """Reap every child until *child* ends; its exit status."""
    ended, status = os.wait()
    while ended != child:
        ended, status = os.wait()
    return abs(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
