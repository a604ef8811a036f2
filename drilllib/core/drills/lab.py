"""A place where a drill is played: the protocol that every lab follows (tests/labs/contract.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.path import Symptom


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe met, as its client would print it, and after how many seconds."""

    symptom: Symptom
    transcript: str
    seconds: float


class Lab(Protocol):
    """A place where a drill is played. Close it when done; every other call then raises LabStateError."""

    def snapshot(self) -> Snapshot:
        """The lab as it is now."""

    def rules(self, group_id: str, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one group, from the top. Raises UnknownNameError where there is no such group."""

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the group's list; at once, and as a whole."""

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bind exactly these groups, in this order, to a CLB (lb-), an instance (ins-) or an interface (eni-)."""

    def probe(self, question: Question) -> Observation:
        """Send one request and say what the client met; a lab that cannot open a `Connection` raises LabStateError."""

    def close(self) -> None:
        """Remove everything this lab made; safe to call twice."""


@runtime_checkable
class AlterableLab(Lab, Protocol):
    """A lab that can be made another one while it is played, as the simulated one can; real packets cannot."""

    def alter(self, snapshot: Snapshot) -> None:
        """Go on from *snapshot*: the same lab under another listener or traffic policy."""
