"""A world of practice: what the learner meets, what is wrong with it, and what it is once repaired."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from drilllib.core.connection.question import Connection
from drilllib.core.plain import plain
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


class CauseKind(StrEnum):
    """What a learner can state, and a world can have. Codes are never renamed, only added."""

    GROUP = "group"
    """A security group drops: at an interface, by a rule or because none matches."""
    SELECTOR = "selector"
    """The Service selects no pod."""
    NOT_READY = "not_ready"
    """Its pods are not ready."""
    TARGET_PORT = "target_port"
    """The Service sends to a port at which its pods do not listen."""
    LOCAL_POLICY = "local_policy"
    """externalTrafficPolicy Local, and no pod on the node that the CLB sends to."""
    LISTENER = "listener"
    """The CLB does not listen where the Service says so."""
    WEIGHT = "weight"
    """The CLB's targets have the weight 0."""
    STOPPED = "stopped"
    """The node that the CLB sends to is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """
    One thing that is wrong.

    *resource* is where: a CLB (lb-), an instance (ins-) or an interface (eni-) for a group, else the object as
    Kind/namespace/name, or the id of a listener (lbl-). *alike* are others at which it is the same cause, such as the
    further nodes that a group is bound to; to name one of them is enough. *rule* is the place in the group's list as
    the learner finds it, 0 is the top; None where no rule matches: then the interface's other groups, *beside*, are
    as much at fault, and a statement may name any of them, or none.
    """

    kind: CauseKind
    resource: str = ""
    group: str = ""
    direction: Direction | None = None
    rule: int | None = None
    alike: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def names(self, stated: "Cause") -> bool:
        """Does *stated* name this cause?"""
        mine, theirs = (self.kind, self.direction, self.rule), (stated.kind, stated.direction, stated.rule)
        nobodys = ("", *self.beside) if self.direction and self.rule is None else ()
        same_group = stated.group in (self.group, *nobodys)
        return mine == theirs and same_group and stated.resource in (self.resource, *self.alike)

    def to_dict(self) -> dict[str, Any]:
        """The fields, as a log keeps them."""
        return plain(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    One world: *snapshot* is what the learner finds, *reference* what it is after the reference repair.

    *question* is that of the ticket's client. *served* are blocks all of whose clients have to get through in the end;
    *meant* is what they ask, without a client. No *causes*: nothing is wrong, and the trouble is the client's own
    doing, who is not of these or asks for something else. *ticket* has, by language, a title and a text.

    Of a world about a door both questions are a `Connection`, and *served* are sources as one has them.
    """

    drill: str
    category: str
    seed: int
    level: int
    snapshot: Snapshot
    reference: Snapshot
    question: Question
    meant: Question
    served: tuple[str, ...]
    causes: tuple[Cause, ...]
    ticket: Mapping[str, Mapping[str, str]]

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Those that have to work, of a world about a door; none of one about a Service by its VIP."""
        meant = self.meant
        return tuple(replace(meant, client=each) for each in self.served) if isinstance(meant, Connection) else ()
