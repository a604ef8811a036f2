"""A local cloud without a socket, guards of it, and what its rules and bindings are."""

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.state import CloudState
from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import Journal
from drilllib.guard.scope import Scope
from tests.cloud.capturing import NOW, InProcess

IN = Direction.INGRESS
NODE, BALANCER = "sg-node0001", "sg-clb00001"
GROUPS = frozenset({NODE, BALANCER})


Told = Callable[[int, CloudCall], None]


class Killed(BaseException):
    """The process is gone, as by SIGKILL: nothing catches it."""


class Place:
    """One cloud. *calls* are those that were sent; *before* and *after* hear of each, by its number."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        self.cloud = InProcess(document or default_lab())
        self.calls: list[CloudCall] = []
        self.waited_s = 0.0  # the cloud's clock goes on only where a guard waits
        self.cloud.state.now = lambda: NOW + timedelta(seconds=self.waited_s)
        self.before: Told = lambda number, call: None
        self.after: Told = lambda number, call: None

    @property
    def faults(self) -> Any:
        return self.cloud.faults

    def _sent(self, way: Any, call: CloudCall) -> Answer:
        number = len(self.calls)
        self.calls.append(call)
        self.before(number, call)
        answer: Answer = way(call)
        self.after(number, call)
        return answer

    def _pause(self, seconds: float) -> None:
        self.waited_s += seconds

    def guard(self, folder: Path, **options: Any) -> Guard:
        """A guard with a new journal in *folder*, or that of *journal*."""
        reader = self.cloud._cloud
        cloud = Cloud(
            lambda call: self._sent(reader, call),
            lambda call: self._sent(reader.write, call),
            pause=self._pause,
            region=lambda: reader.region,
        )
        journal = options.pop("journal", None) or Journal.create(folder, "test")
        scope = options.pop("scope", None) or Scope(GROUPS, frozenset({"ins-nodea001", "lb-lab00001"}))
        return Guard(cloud, journal, scope, **options)

    def state(self) -> dict[str, Any]:
        """See `plain_state`."""
        return plain_state(self.cloud.state)


def plain_state(state: CloudState) -> dict[str, Any]:
    """The rules and bindings of a cloud, without Versions and times."""
    with state.reading() as document:
        groups = copy.deepcopy(document["security_groups"])
        parts = (document.get(name) or () for name in ("load_balancers", "instances", "network_interfaces"))
        fields = ("SecureGroups", "SecurityGroupIds", "GroupSet")
        bound = [[list(item.get(field) or ()) for field in fields] for part in parts for item in part]
    for group in groups.values():
        rules = group["SecurityGroupPolicySet"]
        rules.pop("Version", None)
        for name in ("Ingress", "Egress"):
            rules[name] = [_plain(each) for each in rules.get(name) or ()]
    return {"groups": groups, "bound": bound}


def _plain(policy: dict[str, Any]) -> dict[str, Any]:
    """A rule without the time it was made, and without what says nothing."""
    return {name: each for name, each in policy.items() if name != "ModifyTime" and each not in ("", None, {})}


def rules(*texts: str) -> tuple[Rule, ...]:
    return tuple(map(rule_from_text, texts))
