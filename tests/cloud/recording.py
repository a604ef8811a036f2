"""
The recorded calls of the Terraform provider (recorded/README.md), and their replay: the same requests in order, with
the ids of another cloud in the place of the recorded ones.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "recorded" / "terraform-main-config.jsonl"
APPLY, PLAN, HEALTHY, DESTROY = "apply", "plan", "apply -var drill_state=healthy", "destroy"
SERVICES = {"2017-03-12": "vpc", "2018-08-13": "tag", "2022-05-01": "tke"}
_ID = re.compile(r"(sg|np)-[a-z0-9]{8}(-[a-z0-9]{5})?")
_OF_THE_MOMENT = ("RequestId", "CreatedTime", "UpdateTime", "ModifyTime", "CreatedAt")
Send = Callable[[str, str, str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Exchange:
    """One call: what the provider sent, and the answer that it worked with."""

    version: str
    action: str
    request: Mapping[str, Any]
    answer: Mapping[str, Any]


def recorded() -> dict[str, list[Exchange]]:
    """The calls of each command, in order."""
    phases: dict[str, list[Exchange]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        if found["a"].startswith("## "):
            calls = phases.setdefault(found["a"].removeprefix("## ").replace(" -auto-approve", ""), [])
        else:
            calls.append(Exchange(found["v"], found["a"], found["q"], found["r"]["Response"]))
    return phases


@dataclass(frozen=True)
class Met:
    """A replayed call: its action, and the two answers, without what is of the moment and with the ids of now."""

    action: str
    wanted: Any
    found: Any


class Replay:
    """
    Plays the recorded calls. *send* takes service, version, action and parameters, and gives the answer.

    *ids* gives for each recorded id the one of now; they are learnt from the answers, each once.
    """

    def __init__(self, send: Send, ids: Mapping[str, str] | None = None) -> None:
        self.send, self.ids = send, dict(ids or {})

    def play(self, phase: str) -> Iterator[Met]:
        """One command. Raises AssertionError where an id is not the one that was said before."""
        for call in recorded()[phase]:
            found = self.send(SERVICES[call.version], call.version, call.action, self.now(call.request))
            self._learn(call.answer, found)
            yield Met(call.action, plain(self.now(call.answer)), plain(found))

    def now(self, value: Any) -> Any:
        """A recorded value with the ids of now."""
        if isinstance(value, dict):
            return {name: self.now(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.now(each) for each in value]
        return self.ids.get(value, value) if isinstance(value, str) else value

    def _learn(self, was: Any, found: Any) -> None:
        if isinstance(was, dict) and isinstance(found, dict):
            for name in was.keys() & found.keys():
                self._learn(was[name], found[name])
        elif isinstance(was, list) and isinstance(found, list):
            for one, other in zip(was, found, strict=False):
                self._learn(one, other)
        elif isinstance(was, str) and isinstance(found, str) and _ID.fullmatch(was) and _ID.fullmatch(found):
            assert self.ids.setdefault(was, found) == found, f"{was} was {self.ids[was]}, and now it is {found}"
            assert list(self.ids.values()).count(found) == 1, f"{found} stands for several things"


def plain(value: Any) -> Any:
    """An answer without the id of its request, and without times: of those only that they are there, and texts."""
    if isinstance(value, dict):
        return {name: type(each) if name in _OF_THE_MOMENT else plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
