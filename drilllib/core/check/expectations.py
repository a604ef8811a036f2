"""
What a snapshot is meant to allow and to forbid, written down: a `drilllib/expectations/1` document, read strictly.

A key that is not known may be a misspelt condition, and a check that silently drops a condition protects nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.connection.question import Connection
from drilllib.core.rules.addresses import Block, parse_written_block
from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import PROTOCOLS_WITH_PORTS, Direction
from drilllib.core.sets.flowsets import EMPTY, FlowSet, flows_of
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, InvalidInputError, Message, quoted

SCHEMA = "drilllib/expectations/1"
KINDS, SUBJECTS = ("allow", "forbid"), ("service", "interface", "group", "to")
NODE, POD = "node/", "pod/"
Kinds = type | tuple[type, ...]
_COMMON: dict[str, Kinds] = {"from": list, "except?": list}
_FLOWS: dict[str, Kinds] = {"direction?": str, "protocol": str, "ports?": (str, int), **_COMMON}
_KEYS: dict[str, dict[str, Kinds]] = {
    "service": {"service": str, "port?": int, "host?": str, "path?": str, **_COMMON},
    "interface": {"interface": str, **_FLOWS},
    "group": {"group": str, **_FLOWS},
    "to": {"to": str, "port?": int, "protocol?": str, **_COMMON},
}
_CALLED: dict[Kinds, Message] = {
    str: Message("a text"),
    int: Message("a whole number"),
    list: Message("a list of blocks"),
    (str, int): Message("a port, a list or a range"),
}
_FORM = Message("Write one of allow or forbid, with a service, an interface, a group or to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """
    One line of the document: every far end in *sources* but not in *excepted* is let in, or none is.

    *subject* is one of `SUBJECTS`, *resource* its name; of ``to`` it is a door, or a pattern of several. *question* is
    what a Service or a door is asked, its client left out; *flows* what an interface or a group has to accept or to
    drop, the sources included. *names* are patterns of the nodes and pods that ask for a door, *spared* of those left
    out.
    """

    place: int  # in the document, from 1
    name: str | None
    kind: str
    subject: str
    resource: str
    sources: tuple[Block, ...]
    excepted: tuple[Block, ...]
    names: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    question: Question | None = None
    direction: Direction = Direction.INGRESS
    flows: FlowSet = EMPTY
    title: str = ""

    @property
    def where(self) -> str:
        """How an error names it."""
        return f"Expectation {self.place}" + (f" ({quoted(self.name)})" if self.name else "")


def read_expectations(document: Any) -> tuple[Expectation, ...]:
    """
    Read a `drilllib/expectations/1` document.

    Raises:
        InvalidInputError: A key is unknown, missing or of the wrong type, or a value means nothing.
    """
    found = document.get("schema") if isinstance(document, Mapping) else document
    if found != SCHEMA:
        raise InvalidInputError(
            "The schema of the expectations is {found}",
            remedy="Write schema: {schema}",
            found=quoted(found),
            schema=SCHEMA,
        )
    _require_keys(document, {"schema": str, "expectations": list}, "The document")
    if not document["expectations"]:
        raise InvalidInputError("The document has no expectation", remedy=_FORM)
    return tuple(_expectation(place, item) for place, item in enumerate(document["expectations"], start=1))


def _expectation(place: int, item: Any) -> Expectation:
    where = f"Expectation {place}"
    kind = _kind(item, where)
    _require_keys(item, {"name?": str, kind: dict}, where)
    name, body = item.get("name"), item[kind]
    where += f" ({quoted(name)})" if name else ""
    subject = _subject(kind, body, where)
    _require_keys(body, _KEYS[subject], f"{where}: {kind}")
    names = {key: _names(body, key) if subject == "to" else () for key in ("from", "except")}
    blocks = {key: _blocks(_others(body, key, names), f"{where}: {key}") for key in ("from", "except")}
    if not (blocks["from"] or names["from"]):
        raise InvalidInputError(
            "{where}: from is empty", remedy="Write the blocks it is about, such as 0.0.0.0/0", where=where
        )
    question = _asked(subject, body, where)
    direction, flows = (Direction.INGRESS, EMPTY) if question else _flows(body, blocks, where)
    return Expectation(
        place=place,
        name=name,
        kind=kind,
        subject=subject,
        resource=body[subject],
        sources=blocks["from"],
        excepted=blocks["except"],
        names=names["from"],
        spared=names["except"],
        question=question,
        direction=direction,
        flows=flows,
        title=_title(kind, subject, body),
    )


def _kind(item: object, where: str) -> str:
    """``allow`` or ``forbid``, of which an expectation has one."""
    kinds = [kind for kind in KINDS if isinstance(item, Mapping) and kind in item]
    if len(kinds) != 1:
        raise InvalidInputError("{where} is {item}", remedy=_FORM, where=where, item=quoted(item))
    return kinds[0]


def _subject(kind: str, body: Mapping[str, Any], where: str) -> str:
    """What it is about: one of `SUBJECTS`."""
    subjects = [each for each in SUBJECTS if each in body]
    if len(subjects) != 1:
        raise InvalidInputError(
            "{where}: {kind} is {body}", remedy=_FORM, where=where, kind=kind, body=quoted(dict(body))
        )
    return subjects[0]


def _require_keys(found: Any, wanted: Mapping[str, Kinds], where: str) -> None:
    """Every key of *wanted* with its type, those with a ``?`` where they are there, and no other."""
    known = {key.removesuffix("?"): kind for key, kind in wanted.items()}
    for key in found:
        if key not in known:
            raise InvalidInputError(
                "{where} has the key {key}",
                remedy="Use {choices}",
                where=where,
                key=quoted(key),
                choices=", ".join(known),
            )
    for key in wanted:
        if not key.endswith("?") and key not in found:
            raise InvalidInputError("{where} has no {key}", remedy="Write {key}: and its value", where=where, key=key)
    for key, kind in known.items():
        value = found.get(key)
        if key in found and (not isinstance(value, kind) or isinstance(value, bool)):
            called = _CALLED.get(kind, Message("its keys and values"))
            raise InvalidInputError(
                "{where}: {key} is {value}",
                remedy="Write {called}",
                where=where,
                key=key,
                value=quoted(value),
                called=called,
            )


def _names(body: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Which nodes and pods ask, as patterns."""
    return tuple(each for each in body.get(key) or () if isinstance(each, str) and each.startswith((NODE, POD)))


def _others(body: Mapping[str, Any], key: str, names: Mapping[str, tuple[str, ...]]) -> list[object]:
    return [each for each in body.get(key) or () if each not in names[key]]


def _blocks(texts: Iterable[object], where: str) -> tuple[Block, ...]:
    return tuple(parse_written_block(text, Message("{where} has", where=where)) for text in texts)


def _asked(subject: str, body: Mapping[str, Any], where: str) -> Question | None:
    """What a Service or a door is asked; the values themselves are looked at by the trace."""
    if subject not in ("service", "to"):
        return None
    if not 1 <= body.get("port", 1) <= 65535:
        raise InvalidInputError(
            "{where}: port is {port}", remedy="Give one port from 1 to 65535", where=where, port=quoted(body["port"])
        )
    if not body.get("path", "/").startswith("/"):
        raise InvalidInputError(
            "{where}: path is {path}", remedy="Begin it with /", where=where, path=quoted(body["path"])
        )
    if subject == "to":
        protocol = body["protocol"].upper() if "protocol" in body else None
        return Connection(client="", door=body["to"], port=body.get("port"), protocol=protocol)
    return Question(
        service=body["service"],
        port=body.get("port"),
        host=body.get("host"),
        path=body.get("path", "/"),
    )


def _flows(body: Mapping[str, Any], blocks: Mapping[str, tuple[Block, ...]], where: str) -> tuple[Direction, FlowSet]:
    """The flows an interface or a group is asked about; TCP and UDP name their ports, ALL of them too."""
    if body["protocol"].upper() in PROTOCOLS_WITH_PORTS and "ports" not in body:
        raise InvalidInputError(
            "{where} names {protocol} and no ports",
            remedy='Write ports: "80", or ports: ALL',
            where=where,
            protocol=body["protocol"],
        )
    policy = {"Action": "ACCEPT", "Protocol": body["protocol"], "Port": str(body.get("ports", "ALL"))}
    try:
        direction = Direction(body.get("direction", "ingress"))
        rule = rule_from_policy({**policy, "CidrBlock": "0.0.0.0/0"})
    except DrillError as error:
        raise InvalidInputError(
            "{where}: {detail}", remedy=error.remedy_message, where=where, detail=error.problem_message
        ) from None
    flows = EMPTY
    for ports in rule.ports or (None,):
        flows |= flows_of(blocks["from"], rule.protocol, ports) - flows_of(blocks["except"], rule.protocol, ports)
    if not flows:
        raise InvalidInputError(
            "{where} is about no flow at all", remedy="Look at from, except and protocol", where=where
        )
    return direction, flows


def _title(kind: str, subject: str, body: Mapping[str, Any]) -> str:
    """``forbid ins-nodea001 ingress TCP 22 from 0.0.0.0/0``: the document's own words on one line."""
    flows = ("direction", "protocol", "ports")
    keys = {"service": ("port", "host", "path"), "to": ("port", "protocol")}.get(subject, flows)
    words = [kind, body[subject], *(str(body[key]) for key in keys if key in body), "from", *map(str, body["from"])]
    return " ".join([*words, *(["except", *map(str, body["except"])] if body.get("except") else [])])
