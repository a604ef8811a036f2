"""
The course's kernel: this Python, which has drilllib, whatever else of that name the user has.

It imports modules of the learner's from the notebook's folder, behind all others: a file that is called random.py or
ssl.py there is no reason for anything to fail, and nothing of ours runs it.
"""

import json
from pathlib import Path

from drilllib.machine import private, python

LAUNCHER = "ipykernel_launcher"
# Python itself would put the folder first; that is off (`python.SAFE`). It leaves no name in the notebook.
_FOLDER_LAST = "--IPKernelApp.exec_lines=__import__('sys').path.append('')"


def command() -> list[str]:
    """How it is started; Jupyter fills in the connection file."""
    return python.theirs(LAUNCHER, "-f", "{connection_file}", _FOLDER_LAST)


def write(folder: Path) -> None:
    """Describe it to Jupyter, in a folder that is on JUPYTER_PATH as `kernels`."""
    described = {"argv": command(), "display_name": "Python 3 (ipykernel)", "language": "python"}
    text = json.dumps({**described, "metadata": {"debugger": True}})
    private.write(private.folder(folder / "python3") / "kernel.json", text)
