"""
A world that is written down in its drill, not drawn: somebody's own outage.

The drill's file has the snapshot, who asks for what, the causes, and the repair as RFC 6902 operations. Every seed
makes the same world.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.patch import applied
from drilllib.core.snapshot.shapes import CIDR, IP, Fields, require_shape
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, InvalidInputError, Message, quoted

CAUSE: Fields = {
    "kind": str,
    "resource?": str,
    "group?": str,
    "direction?": str,
    "rule?": int,
    "alike?": [str],
    "beside?": [str],
}
OUTAGE: Fields = {
    "client": IP,
    "service": str,
    "port?": int,
    "protocol?": str,
    "host?": str,
    "path?": str,
    "meant?": {"port?": int, "protocol?": str},
    "served": [CIDR],
    "causes": [CAUSE],
    "repair": [dict],
    "snapshot": dict,
}
TO_WRITE = Message("Write the operations that repair it (RFC 6902), as docs/practice.md says")
_ASKED = ("client", "service", "port", "protocol", "host", "path")
_T = TypeVar("_T")
_Part = tuple[str, str]  # of a snapshot; and the id of a group
_PARTS = {  # which part of a snapshot the repair of each cause is in
    CauseKind.LISTENER: "listeners",
    CauseKind.WEIGHT: "listeners",
    CauseKind.STOPPED: "instances",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """
    An outage as it was written down; the fields are those of `World`. *port* and *protocol* are those of the
    Service, where the client asks for others.
    """

    snapshot: Snapshot
    reference: Snapshot
    question: Question
    served: tuple[str, ...]
    causes: tuple[Cause, ...]
    port: int | None = None
    protocol: str | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any], where: str) -> "Own":
        """
        Read an outage; *where* names it in messages.

        Raises:
            InvalidInputError: A field is missing or unknown, the snapshot cannot be read, a cause is none, the repair
                is missing or does not fit.
        """
        require_shape(document, OUTAGE, where)
        _require_fields(document, where)
        snapshot = _read(lambda: Snapshot(document["snapshot"]), f"{where}.snapshot")
        return cls(
            snapshot=snapshot,
            reference=_read(lambda: _repaired(snapshot, document["repair"]), f"{where}.repair"),
            question=Question(**{name: document[name] for name in _ASKED if document.get(name) is not None}),
            served=tuple(document["served"]),
            **(document.get("meant") or {}),
            causes=tuple(_cause(each, f"{where}.causes[{place}]") for place, each in enumerate(document["causes"])),
        )

    @property
    def meant(self) -> Question:
        """What those who are served ask."""
        asked = self.question
        return replace(asked, client="", port=self.port or asked.port, protocol=self.protocol or asked.protocol)

    def left_with_one(self) -> Iterator["Own"]:
        """
        For each cause the outage in which every other one is mended; causes that one part of the repair mends, such as
        a group's rules, stay together.
        """
        together: list[tuple[set[_Part], list[Cause]]] = []
        for cause in self.causes:
            parts, causes = self._parts(cause), [cause]
            for other in [each for each in together if each[0] & parts]:
                together.remove(other)
                parts, causes = parts | other[0], other[1] + causes
            together.append((parts, causes))
        if len(together) == 1 or not all(parts for parts, _ in together):
            yield self
            return
        for parts, causes in together:
            yield replace(self, causes=tuple(causes), snapshot=self._broken(parts))

    def _parts(self, cause: Cause) -> set[_Part]:
        """What of the snapshot the repair of a cause changes: parts, and groups that are asked at its interface."""
        if cause.kind is not CauseKind.GROUP:
            return {(_PARTS.get(cause.kind, "kubernetes"), "")}
        before, after = (each.part("security_groups") for each in (self.snapshot, self.reference))
        asked = self.snapshot.bound_groups().get(cause.resource) or ()
        return {("security_groups", each) for each in asked if before.get(each) != after.get(each)}

    def _broken(self, parts: set[_Part]) -> Snapshot:
        """The reference with these parts as the outage has them."""
        groups = {name: self.snapshot.part(part)[name] for part, name in parts if name}
        changed = {part: self.snapshot.part(part) for part, name in parts if not name}
        if groups:
            changed["security_groups"] = {**self.reference.part("security_groups"), **groups}
        return self.reference.with_parts(**changed)


def _require_fields(document: Mapping[str, Any], where: str) -> None:
    known = [name.rstrip("?") for name in OUTAGE]
    for name in document:
        if name not in known:
            raise InvalidInputError(
                "{where} is {value}",
                remedy=Message("Use {choices}", choices=", ".join(known)),
                where=where,
                value=quoted(name),
            )
    if not document["served"]:
        remedy = Message("Write the blocks of those whom it is for")
        raise InvalidInputError("{where} is empty", remedy=remedy, where=f"{where}.served")
    if document["causes"] and not document["repair"]:
        raise InvalidInputError("{where} is empty", remedy=TO_WRITE, where=f"{where}.repair")


def _read(read: Callable[[], _T], where: str) -> _T:
    """What is read there; an error names the place."""
    try:
        return read()
    except DrillError as error:
        raise InvalidInputError(
            "{where}: {detail}", remedy=error.remedy_message, where=where, detail=error.problem_message
        ) from None


def _repaired(snapshot: Snapshot, repair: list[Mapping[str, Any]]) -> Snapshot:
    """The snapshot after the operations; what they leave is not read again."""
    before = snapshot.to_dict()
    after = applied(before, repair)
    changed = {name: after.get(name) for name in {*before, *after} if after.get(name) is not before.get(name)}
    return snapshot.with_parts(**changed) if changed else snapshot


def _cause(document: Mapping[str, Any], where: str) -> Cause:
    direction = document.get("direction")
    return Cause(
        kind=CauseKind(_one_of(CauseKind, document["kind"], f"{where}.kind")),
        resource=document.get("resource") or "",
        group=document.get("group") or "",
        direction=None if direction is None else Direction(_one_of(Direction, direction, f"{where}.direction")),
        rule=document.get("rule"),
        alike=tuple(document.get("alike") or ()),
        beside=tuple(document.get("beside") or ()),
    )


def _one_of(kinds: Any, text: str, where: str) -> str:
    choices = [each.value for each in kinds]
    if text not in choices:
        remedy = Message("Use {choices}", choices=", ".join(choices))
        raise InvalidInputError("{where} is {value}", remedy=remedy, where=where, value=quoted(text))
    return text
