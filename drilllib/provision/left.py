"""What became of the parts of a drill that was removed: what is gone, what is still there and why."""

from dataclasses import dataclass, field

from drilllib.errors import Message
from drilllib.provision.parts import Kind


@dataclass(frozen=True, slots=True)
class Left:
    """What is still there, and why."""

    kind: Kind
    name: str
    why: str | Message


@dataclass(slots=True)
class Report:
    """What was *removed* and what is *left*."""

    removed: list[tuple[Kind, str]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
