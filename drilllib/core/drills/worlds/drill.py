"""A drill: what is in its file, checked. A drill, a seed and a level make one world (`make`)."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.drills.worlds.bases import BASES, LISTENERS
from drilllib.core.drills.worlds.door_bases import DOOR_BASES, GATES
from drilllib.core.drills.worlds.edits import EDITS
from drilllib.core.drills.worlds.own import Own
from drilllib.core.snapshot.shapes import Fields, Shape, require_shape
from drilllib.errors import InvalidInputError, Message, quoted

SCHEMA = "drilllib/drill/1"
LANGUAGES = ("en", "zh")
LEVELS = (1, 2, 3)
REQUESTS = ("served", "stranger", "other-port", "other-protocol")
PLACEHOLDERS = (
    "client",
    "url",
    "service",
    "served",
    "service_url",
    "app",
    "namespace",
    "port",
    "protocol",
    "vip",
    "door",
)
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_TICKET: Fields = {"title": str, "texts": [str]}
_ENTRY: Fields = {"edit": [str], "where?": [str], "way?": [str]}
_SHAPE: Fields = {
    "schema": str,
    "name": str,
    "category": str,
    "base?": [str],
    "listener?": [str],
    "request?": [str],
    "faults?": [_ENTRY],
    "also?": [_ENTRY],
    "ticket": {"en": _TICKET, "zh": _TICKET},
    "hints?": {"en": [str], "zh": [str]},
    "levels?": [int],
    "outage?": dict,
}
_DRAWN = ("base", "listener", "request", "faults", "also")  # what has no place beside a world that is written down
_FAULT_FIELDS = ("edit", "where", "way")


@dataclass(frozen=True, slots=True)
class Entry:
    """The named edits, the places and the ways that may be drawn; no places or ways given: all that fit."""

    edits: tuple[str, ...]
    where: tuple[str, ...] = ()
    way: tuple[str, ...] = ()


# What may be wrong besides, at level 3, where a drill does not say.
ALSO = (Entry(("wrong-source", "wrong-port", "missing-rule", "below-drop")),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """
    One `drilllib/drill/1` document. *bases* and *listeners* are drawn from; so is each fault's place and way.

    All of *faults* are planted, and at level 3 none to two from *also* besides. *requests* is what the ticket's client
    does: asks for what it is served; is a stranger; or asks another port or protocol than the Service's. *ticket* has
    by language a title and texts, of which one is drawn. *levels* are those that it can be played at. *own* is the
    world that is written down in the file; then nothing is drawn, and it has no bases and no faults.
    """

    name: str
    category: str
    bases: tuple[str, ...]
    listeners: tuple[str, ...]
    requests: tuple[str, ...]
    faults: tuple[Entry, ...]
    also: tuple[Entry, ...]
    titles: Mapping[str, str]
    texts: Mapping[str, tuple[str, ...]]
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: tuple[int, ...] = LEVELS
    own: Own | None = None

    @property
    def is_about_doors(self) -> bool:
        """Is it about connections from a source to a door, and not about requests to a Service by its VIP?"""
        return any(each in DOOR_BASES for each in self.bases)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], where: str = "drill") -> "Drill":
        """
        Read a drill; *where* names it in messages, which name the place in it.

        Raises:
            InvalidInputError: A field is missing, unknown, of the wrong type, or names what there is not.
        """
        document = _lists(document, where)
        _require_present(document, _SHAPE, where)
        require_shape(document, _SHAPE, where)
        _require_known(document, where)
        _require_tickets(document, where)
        return cls(
            name=document["name"],
            category=document["category"],
            bases=tuple(document.get("base") or ()),
            listeners=tuple(document.get("listener") or ("HTTP", "TCP")),
            requests=tuple(document.get("request") or REQUESTS[:1]),
            faults=_entries(document.get("faults") or ()),
            also=_entries(document["also"]) if "also" in document else ALSO,
            titles={each: document["ticket"][each]["title"] for each in LANGUAGES},
            texts={each: tuple(document["ticket"][each]["texts"]) for each in LANGUAGES},
            hints={each: tuple(told) for each, told in (document.get("hints") or {}).items()},
            levels=tuple(document.get("levels") or LEVELS),
            own=Own.from_document(document["outage"], f"{where}.outage") if "outage" in document else None,
        )


def _entries(listed: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    return tuple(Entry(*(tuple(each.get(name) or ()) for name in _FAULT_FIELDS)) for each in listed)


def _lists(document: Any, where: str) -> dict[str, Any]:
    """The document with a list wherever one choice may stand by itself."""
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, Mapping) else document
        raise InvalidInputError(
            "{where}.schema is {found}", remedy="Write {schema}", where=where, found=quoted(found), schema=SCHEMA
        )
    whole: dict[str, Any] = _listed(document, ("base", "listener", "request"))
    for name in ("faults", "also"):
        if isinstance(whole.get(name), list):
            whole[name] = [_listed(each, _FAULT_FIELDS) for each in whole[name]]
    return whole


def _listed(value: Any, names: Iterable[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: [each] if name in names and isinstance(each, str) else each for name, each in value.items()}


def _require_present(value: Any, shape: Shape, where: str) -> None:
    """Raises InvalidInputError where a field that has to be there is missing or null, at any depth."""
    if isinstance(shape, Mapping) and isinstance(value, Mapping):
        for name, inner in shape.items():
            field = name.rstrip("?")
            if value.get(field) is not None:
                _require_present(value[field], inner, f"{where}.{field}")
            elif field == name:
                remedy = Message("Add it; docs/practice.md lists the fields of a drill")
                raise InvalidInputError("{where} has no {field}", remedy=remedy, where=where, field=field)
    elif isinstance(shape, list) and isinstance(value, list):
        for place, each in enumerate(value):
            _require_present(each, shape[0], f"{where}[{place}]")


def _require_known(document: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInputError where a field or a name in the document is none that there is."""
    _require_fields(document, _SHAPE, where)
    for name in ("name", "category"):
        _require(
            _NAME.fullmatch(document[name]), f"{where}.{name}", document[name], Message("Use words in small letters")
        )
    _require_world(document, where)
    choices: tuple[tuple[str, Iterable[Any]], ...] = (
        ("base", {**BASES, **DOOR_BASES}),
        ("listener", LISTENERS),
        ("request", REQUESTS),
        ("levels", LEVELS),
    )
    for name, known in choices:
        _require_each(document.get(name) or (), known, f"{where}.{name}")
    gates = GATES if DOOR_BASES.keys() & {*(document.get("base") or ())} else ()
    for name in ("faults", "also"):
        for place, entry in enumerate(document.get(name) or ()):
            _require_entry(entry, gates, f"{where}.{name}[{place}]")


def _require_world(document: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInputError where the world is neither drawn from a base nor written down, or both."""
    if "outage" in document:
        for name in _DRAWN:
            _require(name not in document, f"{where}.{name}", document.get(name), Message("Leave it out: see outage"))
        return
    _require_present(document, {"base": [str], "faults": [_ENTRY]}, where)
    _require(document["base"], f"{where}.base", document["base"], Message("Name a base"))
    alike = len({each in DOOR_BASES for each in document["base"]}) == 1
    _require(alike, f"{where}.base", document["base"], Message("Name bases of one kind: Services, or doors"))


def _require_entry(entry: Mapping[str, Any], gates: Iterable[str], where: str) -> None:
    _require_fields(entry, _FAULT_FIELDS, where)
    _require(entry["edit"], f"{where}.edit", entry["edit"], Message("Name an edit"))
    _require_each(entry["edit"], EDITS, f"{where}.edit")
    places = gates or [place for name in entry["edit"] for place in EDITS[name].places]
    _require_each(entry.get("where") or (), dict.fromkeys(places), f"{where}.where")


def _require_fields(value: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    _require_each(value, [name.rstrip("?") for name in known], where)


def _require_each(values: Iterable[Any], known: Iterable[Any], where: str) -> None:
    choices = list(known)
    for each in values:
        _require(each in choices, where, each, Message("Use {choices}", choices=", ".join(map(str, choices))))


def _require(fine: object, where: str, value: object, remedy: Message) -> None:
    if not fine:
        raise InvalidInputError("{where} is {value}", remedy=remedy, where=where, value=quoted(value))


def _require_tickets(document: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInputError where the languages do not have as many texts, or a text an unknown placeholder."""
    tickets = document["ticket"]
    _require_fields(tickets, LANGUAGES, f"{where}.ticket")
    counts = [len(tickets[each]["texts"]) for each in LANGUAGES]
    fine = counts[0] == counts[1] > 0
    _require(fine, f"{where}.ticket", counts, Message("Write as many texts in each language, one at least"))
    check: Callable[[str, str], None] = _require_placeholders
    for language in LANGUAGES:
        check(tickets[language]["title"], f"{where}.ticket.{language}.title")
        for place, text in enumerate(tickets[language]["texts"]):
            check(text, f"{where}.ticket.{language}.texts[{place}]")


def _require_placeholders(text: str, where: str) -> None:
    _require_each([found[1] for found in _PLACEHOLDER.finditer(text)], PLACEHOLDERS, where)
