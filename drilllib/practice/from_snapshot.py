"""
A drill from somebody's own outage: their snapshot made anonymous, what is wrong in it, its repair, a ticket.

All is asked of the anonymous snapshot, so that nothing that is written can have a name of its own in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any

from drilllib.core.drills.worlds.drill import SCHEMA, Drill
from drilllib.core.drills.worlds.own import Own
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.facts import several
from drilllib.core.practice.found import with_alike
from drilllib.core.practice.outage import Outage, is_served, outage
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.anonymous.anonymous import Anonymised, anonymous
from drilllib.core.snapshot.patch import difference
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.documents import LARGEST_YAML
from drilllib.errors import InvalidInputError, quoted
from drilllib.practice.own_ticket import ticket_of
from drilllib.practice.stating import stated

LEFT = "# LEFT TO YOU: the RFC 6902 operations on the snapshot below that repair it; then drill author check"
_CATEGORIES = {
    CauseKind.SELECTOR: "endpoints",
    CauseKind.NOT_READY: "endpoints",
    CauseKind.TARGET_PORT: "target-port",
    CauseKind.LOCAL_POLICY: "local-policy",
    CauseKind.LISTENER: "listener",
    CauseKind.WEIGHT: "weight",
    CauseKind.STOPPED: "stopped-node",
}
_OF_GROUPS = {"lb": "group-1", "ins": "group-2", "eni": "group-3"}


@dataclass(frozen=True, slots=True)
class Written:
    """A drill's *document*, what stands in the place of what (*by*), and whether a repair was found (*is_repaired*)."""

    document: Mapping[str, Any]
    by: Anonymised
    is_repaired: bool


def drill_from(
    snapshot: Snapshot, question: Question, served: Sequence[str] = (), causes: Sequence[str] = (), name: str = "own"
) -> Written:
    """
    The drill of a client's trouble, who is one of those *served*; where none is named, the only one.

    *causes* state what is wrong as `drill practice` reads it, in the snapshot's own names; without any it is what the
    engine finds. A client who is not served, and does not get through while those who are do, makes a drill in which
    nothing is wrong.

    Raises:
        InvalidInputError: Nothing is wrong, it cannot be told what the client meets, or what is wrong cannot be stated.
        UnknownNameError: The Service, or what a cause names, is not in the snapshot.
    """
    client = _address(question.client)
    blocks = [_block(each) for each in served] or [f"{client}/{ip_address(client).max_prefixlen}"]
    named = [each for text in causes for each in stated(text.split(), snapshot)]
    given = snapshot.with_parts(target_health=None) if snapshot.has("target_health") else snapshot
    _require_told(trace(given, replace(question, client=client)), client)
    hosts = [question.host] if question.host else []
    by = anonymous(given, [client, *blocks], hosts)
    there = replace(_renamed_question(question, by), client=by.replaced.get(client, client))
    answer = trace(by.snapshot, there)
    asked = replace(answer.question, vip=None, scheme=None, host=there.host)
    blocks = [by.replaced.get(each, each) for each in blocks]
    found = _found(by.snapshot, asked, blocks, [_renamed(each, by) for each in named] if causes else None)
    document = _document(name, found.own, answer, is_repaired=found.is_repaired)
    if found.is_repaired:
        Drill.from_document(document)
    return Written(document, by, found.is_repaired)


def text_of(written: Written, *, as_json: bool) -> str:
    """
    The file: YAML, or JSON, which is read faster.

    Raises:
        InvalidInputError: It has more than YAML may have.
    """
    plain = json.dumps(written.document, ensure_ascii=False, indent=1)
    if as_json:
        return plain + "\n"
    import yaml

    text: str = yaml.safe_dump(json.loads(plain), sort_keys=False, allow_unicode=True, width=120)
    if len(text) > LARGEST_YAML:
        raise InvalidInputError(
            "The drill has more than {largest} MiB of YAML",
            remedy="Give --out a name that ends in .json",
            largest=LARGEST_YAML >> 20,
        )
    return text if written.is_repaired else text.replace("\n  repair: []\n", f"\n  repair: []  {LEFT}\n", 1)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise InvalidInputError(
            "The client is {value}", remedy="Give its address, such as 203.0.113.10", value=quoted(text)
        ) from None


def _block(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise InvalidInputError(
            "Those who are served are {value}", remedy="Give a block, such as 203.0.113.0/24", value=quoted(text)
        ) from None


def _renamed_question(question: Question, by: Anonymised) -> Question:
    names = (question.service or "").split("/")
    host = by.replaced.get(question.host, question.host) if question.host else None
    return replace(question, service="/".join(by.replaced.get(each, each) for each in names), host=host)


def _renamed(cause: Cause, by: Anonymised) -> Cause:
    """The cause by the new names, with where else it is the same."""
    kind, slash, name = cause.resource.partition("/")
    new = "/".join(by.replaced.get(each, each) for each in name.split("/")) if slash else by.replaced.get(kind, kind)
    found = replace(cause, resource=f"{kind}/{new}" if slash else new, group=by.replaced.get(cause.group, cause.group))
    return with_alike(by.snapshot, found) if cause.kind is CauseKind.GROUP else found


def _require_told(answer: Trace, client: str) -> None:
    if answer.verdict is Verdict.UNDETERMINED:
        raise InvalidInputError(
            "What a request from {client} meets cannot be told: {gap} is not known",
            remedy="Capture it too, and give that snapshot",
            client=quoted(client),
            gap=several(answer.gaps).message if answer.gaps else str(answer.reason),
        )


def _found(snapshot: Snapshot, asked: Question, served: Sequence[str], causes: Sequence[Cause] | None) -> Outage:
    client, meant = ip_address(asked.client), _meant(snapshot, asked)
    if meant != asked or not any(client in ip_network(each) for each in served):
        return _nothing_wrong(snapshot, asked, meant, served)
    found = outage(snapshot, asked, served, causes)
    if not found.own.causes and found.others:
        raise InvalidInputError(
            "What is wrong is none of the causes that can be stated: {reason}",
            remedy="State what comes nearest with --cause, or make another drill of it",
            reason=", ".join(found.others),
        )
    if not found.own.causes:
        raise _healthy()
    return found


def _meant(snapshot: Snapshot, asked: Question) -> Question:
    """What is asked, or where the Service has no such port, the same of its first one."""
    ports = [(each.port, each.transport) for each in snapshot.service(asked.service or "").ports]
    port, protocol = (asked.port, asked.protocol) if (asked.port, asked.protocol) in ports or not ports else ports[0]
    return replace(asked, port=port, protocol=protocol)


def _nothing_wrong(snapshot: Snapshot, asked: Question, meant: Question, served: Sequence[str]) -> Outage:
    if trace(snapshot, asked).verdict is Verdict.REACHABLE:
        raise _healthy()
    if not is_served(snapshot, meant, served):
        raise InvalidInputError(
            "Those who are served do not all get through either", remedy="Give one of them as the client"
        )
    own = Own(snapshot=snapshot, reference=snapshot, question=asked, served=tuple(served), causes=())
    if meant != asked:
        own = replace(own, port=meant.port, protocol=meant.protocol)
    return Outage(own, is_repaired=True)


def _healthy() -> InvalidInputError:
    return InvalidInputError(
        "The client gets through, and every target is healthy: there is nothing to be found",
        remedy="Give the snapshot of an outage; or a client who is not meant to get through, and --served",
    )


def _document(name: str, own: Own, answer: Trace, *, is_repaired: bool) -> dict[str, Any]:
    asked = own.question.to_dict()
    repair = difference(own.snapshot.to_dict(), own.reference.to_dict()) if is_repaired else []
    return {
        "schema": SCHEMA,
        "name": name,
        "category": _category(own.causes),
        "levels": [1 if len(own.causes) < 2 else 3],
        "ticket": ticket_of(answer),
        "outage": {
            **{each: asked[each] for each in ("client", "service", "port", "protocol", "host", "path") if asked[each]},
            **({"meant": {"port": own.port, "protocol": own.protocol}} if own.port else {}),
            "served": list(own.served),
            "causes": [each.to_dict() for each in own.causes],
            "repair": repair,
            "snapshot": own.snapshot.to_dict(),
        },
    }


def _category(causes: Sequence[Cause]) -> str:
    """What it counts as: the category of the built-in drills with such a cause."""
    if not causes:
        return "no-fault"
    if causes[0].kind is not CauseKind.GROUP:
        return _CATEGORIES[causes[0].kind]
    if causes[0].direction is Direction.EGRESS:
        return "egress"
    return _OF_GROUPS.get(causes[0].resource.partition("-")[0], "several-groups")
