"""A question, and the answer with all its evidence, as plain data."""

from dataclasses import dataclass, field
from typing import Any

from drilllib.core.facts import Fact
from drilllib.core.plain import plain
from drilllib.core.snapshot.resources import Listener
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.classes import PathClass
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.findings import Finding
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.path import Path, Symptom
from drilllib.core.trace.verdict import Verdict

SCHEMA = "drilllib/trace/1"
NAMED = 8  # of those that an entry stands for, so many are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    Can *client* reach a Service, or a VIP, and what does it meet?

    *service* is NAMESPACE/NAME, *vip* an address or the domain name of a CLB that has one. *port* and *protocol* (TCP
    or UDP) may be left out where one listener fits. *host* and *path* pick the forwarding rule of a layer-7 listener;
    the default host is the VIP. *scheme* follows from the listener. `trace` needs the *client*, an IPv4 or IPv6
    address; who asks about all clients, as `reach` and `fix` do, leaves it out.
    """

    client: str = ""
    service: str | None = None
    vip: str | None = None
    port: int | None = None
    protocol: str | None = None
    scheme: str | None = None
    host: str | None = None
    path: str = "/"

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return plain(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    One target's health: Alive, Dead, Unknown or Close (not probed).

    *predicted* from the rules, *observed* by the CLB (None: not read), *blocker* what stops the probes that are
    predicted to fail; where that is Unknown, *gaps* name what would tell. *others* are targets of which all of that
    holds, too. *takes_requests*: their weight is not 0.
    """

    target: str
    predicted: str
    observed: str | None
    blocker: Blocker | None = None
    others: tuple[str, ...] = ()
    takes_requests: bool = True
    gaps: tuple[Fact, ...] = ()

    @property
    def state(self) -> str:
        """Observed where that was read, else predicted."""
        return self.observed or self.predicted

    @property
    def count(self) -> int:
        """How many targets it is about."""
        return 1 + len(self.others)

    @property
    def like(self) -> tuple[str, ...]:
        """Some of the others."""
        return self.others[:NAMED]

    def to_dict(self) -> dict[str, Any]:
        """The target with its health; what else that is about only where there is more."""
        blocked = self.blocker and self.blocker.to_dict()
        names = {"target": self.target, "predicted": self.predicted, "observed": self.observed}
        more = {"count": self.count, "like": list(self.like)} if self.others else {}
        return {**names, **more, "blocked_by": blocked}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """
    The answer to a question, with all its evidence. *symptom* is the worst that a request can meet, *symptoms* all.

    A path, a blocker and an entry of *health* may each stand for many that no check tells apart, and counts them.
    *blockers* are in the order met. *gaps* name the facts that were missing, *assumptions* what was taken for granted,
    *findings* what else is worth knowing.
    """

    question: Question
    listener: Listener | None
    verdict: Verdict
    reason: Reason
    symptoms: tuple[Symptom, ...] = ()
    paths: tuple[Path, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    health: tuple[Health, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    gaps: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    classes: tuple[PathClass, ...] = field(default=(), repr=False, compare=False)
    """What each of *paths* stands for, in their order."""
    probes: tuple[PathClass, ...] = field(default=(), repr=False, compare=False)
    """The classes of the paths of probes."""
    targets: tuple[TargetFacts, ...] = field(default=(), repr=False, compare=False)
    """The targets that *classes* have the places of."""

    @property
    def symptom(self) -> Symptom | None:
        """The worst symptom; None where the answer is undetermined and several are possible."""
        settled = self.verdict is not Verdict.UNDETERMINED or len(self.symptoms) == 1
        return self.symptoms[0] if self.symptoms and settled else None

    @property
    def health_of_targets(self) -> dict[str, str]:
        """The health of each target that takes requests: observed where that was read, else predicted."""
        asking = [each for each in self.health if each.takes_requests]
        return {name: each.state for each in asking for name in (each.target, *each.others)}

    @property
    def idle_targets(self) -> frozenset[str]:
        """The targets that get no requests, because they are Dead and another is not [CLB-HC]."""
        states = self.health_of_targets
        in_use = any(state in ("Alive", "Close") for state in states.values())
        return frozenset(name for name, state in states.items() if in_use and state == "Dead")

    def to_dict(self) -> dict[str, Any]:
        """The `drilllib/trace/1` document."""
        return {
            "schema": SCHEMA,
            "question": self.question.to_dict(),
            "verdict": self.verdict,
            "reason": self.reason,
            "symptom": self.symptom and self.symptom.to_dict(),
            "symptoms": [symptom.to_dict() for symptom in self.symptoms],
            "listener": self.listener and {"id": self.listener.listener_id, "protocol": self.listener.protocol},
            "paths": [path.to_dict() for path in self.paths],
            "blockers": [blocker.to_dict() for blocker in self.blockers],
            "health": [health.to_dict() for health in self.health],
            "assumptions": list(self.assumptions),
            "gaps": [{"what": str(gap), "why": gap.why} for gap in self.gaps],
            "findings": [finding.to_dict() for finding in self.findings],
        }
