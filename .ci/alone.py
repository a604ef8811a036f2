"""
Run a command while no other set-up of this checkout runs: `python .ci/alone.py COMMAND...`.

The lock is on the folder itself, so nothing is left behind. It belongs to the command and to what the command starts:
it is free again when the last of them has ended, also after a kill.
"""

import os
import sys

try:
    import fcntl
except ImportError:
    fcntl = None


def lock() -> None:
    """Wait for the lock. A file system that knows no locks is used without."""
    folder = os.open(".", os.O_RDONLY)
    os.set_inheritable(folder, True)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("setup: another set-up is at work here; waiting for it", flush=True)
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError:
        pass


if __name__ == "__main__":
    try:
        if fcntl:
            lock()
    except KeyboardInterrupt:
        sys.exit(130)
    os.execvp(sys.argv[1], sys.argv[1:])
