"""
The whole life of one lab, for tests that end it early: set-up, use, tear-down, each said when it begins.
Called with `stay` it stays in use.

What it prints last is how it went: `done`, `interrupted`, or the one error that it may meet.
"""

import os
import sys

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.answer import Question
from drilllib.errors import LabStateError
from drilllib.labs.netns.lab import NetnsLab


def say(what: str) -> None:
    os.write(1, what.encode() + b"\n")


def live() -> None:
    with NetnsLab(open_fault("healthy"), slowness=0.05) as lab:
        say("use")
        if sys.argv[1:] == ["stay"]:
            sys.stdin.read()
        for text in ("DROP ALL 0.0.0.0/0 ALL", "ACCEPT TCP 203.0.113.0/24 30713"):
            lab.replace_rules(NODE_GROUP, Direction.INGRESS, [rule_from_text(text)])
            lab.probe(Question(client=CLIENT, service=SERVICE))
        lab.run("client", "sleep 60 >/dev/null 2>&1 &")
        say("tear-down")


if __name__ == "__main__":
    try:
        say("set-up")
        live()
        say("done")
    except LabStateError as error:
        say(f"lost: {error.problem}")
    except KeyboardInterrupt:
        say("interrupted")
        sys.stdin.read()  # the process goes on, as a notebook's does
