"""What a live lab knows of its cluster: a capture, read again once it is old, all of it at once."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.clients.checks import NoServiceError
from drilllib.clients.rounds import Rounds, refusals
from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead
from drilllib.core.capture.calls import PODS
from drilllib.core.capture.join import assembled
from drilllib.core.rules.fields import is_empty

FRESH_S = 1.0  # a cell or a click looks several times, and means one state
PATIENCE_S = 10.0**6  # each request has limits of its own, and a lesson none
_RULES = "DescribeSecurityGroupPolicies"
_NOT_OF_A_RULE = ("ModifyTime", "Priority")

Item = Mapping[str, Any]


@dataclass
class Reading:
    """
    The document of a cluster, under its own names, for whoever asks; several threads may.

    *rounds* reads, *fresh_s* is how long what was read counts as new, *clock* gives seconds.
    """

    rounds: Rounds
    fresh_s: float = FRESH_S
    clock: Callable[[], float] = time.monotonic
    _answers: tuple[Answer, ...] = ()
    _document: Item | None = None
    _read_at: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def document(self) -> Item:
        """
        The cluster as it is now, or was a moment ago.

        Raises:
            DrillError: Nothing can be read: no keys, no such Service, an API that does not answer.
        """
        with self._lock:
            if self._document is None or self.clock() - self._read_at > self.fresh_s:
                self._answers = self._told()
                self._document, self._read_at = self._joined(), self.clock()
            return self._document

    def forget(self) -> None:
        """Something was written, or somebody else has: the next look reads again."""
        with self._lock:
            self._document = None

    def ready(self) -> None:
        """Whoever was interrupted may go on: readers and writers wait again."""
        self.rounds.until.renew(PATIENCE_S)

    def _told(self) -> tuple[Answer, ...]:
        """As `_read`; where the Service is not there, with those that are."""
        try:
            return self._read()
        except NoServiceError as error:
            raise error.told(self.rounds.read(error.asks)) from None

    def _read(self) -> tuple[Answer, ...]:
        """
        All that was asked before, in one round, and what is new; from the beginning where something has gone.

        The pods of all namespaces are among it: who else is in the cluster is part of who gets through.
        """
        self.ready()
        if not self._answers:
            return self.rounds.read_all(self.rounds.read([PODS]))
        again = self.rounds.read([each.ask for each in self._answers if each.ask is not None])
        if set(refusals(again)) - set(refusals(self._answers)):
            return self.rounds.read_all(self.rounds.read([PODS]))
        return self.rounds.read_needed(again)

    def _joined(self) -> Item:
        """What the answers make, with what a learner sees beside it: notes of rules, the Service's cluster IP."""
        document = dict(assembled(self._answers, self.rounds.wanted).document)
        groups = dict(document.get("security_groups") or {})
        for name, policy_set in self._policy_sets():
            if name in groups:
                groups[name] = {**groups[name], "SecurityGroupPolicySet": policy_set}
        document["kubernetes"] = [self._with_address(each) for each in document.get("kubernetes") or ()]
        gaps = [each for each in document.get("gaps") or () if each["what"] != "target_health"]
        gaps.append({"what": "target_health", "why": "not read"})  # of before the last change, it may be
        return {**document, "security_groups": groups, "target_health": None, "gaps": gaps}

    def _with_address(self, item: Item) -> Item:
        """An object, and a Service with its cluster IP, on which no answer of the engine depends."""
        about = item["metadata"]
        address = self._addresses().get((about.get("namespace"), about["name"])) if item["kind"] == "Service" else None
        return {**item, "spec": {**item["spec"], "clusterIP": address}} if address else item

    def _addresses(self) -> dict[tuple[Any, Any], str]:
        read = [each for each in self._answers if isinstance(each.ask, KubernetesRead) and each.ask.kind == "Service"]
        services = [item for each in read for page in each.pages for item in page.get("items") or (page,)]
        found = {}
        for each in services:
            about, spec = each.get("metadata") or {}, each.get("spec") or {}
            found[about.get("namespace"), about.get("name")] = str(spec.get("clusterIP") or "")
        return found

    def _policy_sets(self) -> list[tuple[str, dict[str, Any]]]:
        """The rules of each group, as they stand in the cloud."""
        found = []
        for answer in self._answers:
            if isinstance(answer.ask, CloudCall) and answer.ask.action == _RULES and answer.pages:
                told = answer.pages[0].get("SecurityGroupPolicySet") or {}
                lists = {side: [_plain(each) for each in told.get(side) or ()] for side in ("Ingress", "Egress")}
                version = str(told.get("Version") or "0")
                found.append((answer.ask.request["SecurityGroupId"], {"Version": version, **lists}))
        return found


def _plain(policy: Item) -> dict[str, Any]:
    """A rule without fields that say nothing, and without when it was changed."""
    return {name: value for name, value in policy.items() if name not in _NOT_OF_A_RULE and not _is_nothing(value)}


def _is_nothing(value: Any) -> bool:
    return is_empty(value) or (isinstance(value, Mapping) and all(map(_is_nothing, value.values())))
