"""
A snapshot as one may give it away: only what the engine reads, under other names and public addresses.

Verdict, blockers, findings and repairs stay as they were, up to renaming. What stays as it is: ports, protocols,
actions, weights, versions, region, URL paths, private addresses, and what Kubernetes and the vendor name themselves.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.rules.fields import is_empty
from drilllib.core.snapshot import annotations
from drilllib.core.snapshot.anonymous import fields
from drilllib.core.snapshot.anonymous.asked import MARK
from drilllib.core.snapshot.anonymous.texts import network_of, protocols_of, texts_in
from drilllib.core.snapshot.anonymous.told import told_gap
from drilllib.core.snapshot.anonymous.words import WITHHELD, Collector, Words
from drilllib.core.snapshot.ledger.clb import LISTENER_HEALTH
from drilllib.core.snapshot.ledger.kubernetes import OTHER_FILTERS
from drilllib.core.snapshot.ledger.tables import Fine, Kind, Tree
from drilllib.core.snapshot.schema import NOT_READ
from drilllib.core.snapshot.snapshot import SCHEMA, Snapshot

_SAME = ("schema", "semantics", "region")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]{2,20}){1,3}")
_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Anonymised:
    """
    A snapshot under other names.

    *replaced* maps every text that was replaced to what stands in its place: whoever has it can turn all of it round,
    so it stays with the owner. *withheld* counts the values left out by their places, ``Pod.spec.containers.env``.
    """

    snapshot: Snapshot
    replaced: Mapping[str, str]
    withheld: Mapping[str, int]


def anonymous(snapshot: Snapshot, addresses: Collection[str] = (), hosts: Collection[str] = ()) -> Anonymised:
    """
    The snapshot without names, ids, account numbers, domain names and public addresses of its own.

    *addresses* and *hosts* are those of questions about it, clients say, which get their place among the others. The
    same snapshot gives the same answer; nothing but the snapshot tells what stood there.

    Raises:
        InvalidInputError, InvalidRuleError: A text that is read was none that the engine reads.
    """
    document, collector = snapshot.to_dict(), Collector()
    _Writer(collector).document(document, addresses, hosts)
    writer = _Writer(collector.words())
    found = writer.document(document, addresses, hosts)
    return Anonymised(Snapshot(found), dict(writer.words.replaced), dict(sorted(writer.withheld.items())))


def _is_region(value: Any) -> bool:
    return isinstance(value, str) and _REGION.fullmatch(value) is not None


class _Writer:
    """Writes a document once, with the replacements of *words*."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.withheld: Counter[str] = Counter()

    def document(self, document: Mapping[str, Any], addresses: Collection[str], hosts: Collection[str]) -> Any:
        for text in addresses:
            self.words.peer(text)
        for text in hosts:
            self.words.domain(text)
        written = {part: self._part(part, value) for part, value in document.items() if self._stays(part, value)}
        if written.get("gaps"):  # last, when all names are known
            written["gaps"] = [self._gap(each) for each in document["gaps"]]
        return {**written, "schema": SCHEMA, MARK: list(map(str, self.words.public_blocks))}

    def _stays(self, part: str, value: Any) -> bool:
        """Parts that say nothing about packets are withheld; where public addresses were before is told anew."""
        if part == MARK:
            return False
        if part not in NOT_READ:
            return True
        self._withhold(part, value)
        return False

    def _part(self, part: str, value: Any) -> Any:
        if part in (*_SAME, "gaps") or value is None:
            return value
        if part in fields.ONE:
            return self._cluster(value)
        if part in fields.LISTS:
            return [self._object(fields.LISTS[part], each) for each in value]
        if part in fields.BY_ID:
            kind, role = fields.BY_ID[part]
            return {self.words.name(name, role): self._items(kind, each) for name, each in value.items()}
        if part == "regions":
            return {self.words.name(name, "lb"): each for name, each in value.items() if _is_region(each)}
        if part == "partial":
            return {"listeners": [self.words.name(each, "lb") for each in value.get("listeners") or ()]}
        if part == "target_health":
            return [self._health(each) for each in value]
        if part == "kubernetes":
            return [found for each in value if (found := self._kubernetes(each)) is not None]
        return self._claims(value) if part == "complete" else self._unknown((part,), value)

    def _items(self, kind: Kind, value: Any) -> Any:
        return [self._object(kind, each) for each in value] if isinstance(value, list) else self._object(kind, value)

    def _object(self, kind: Kind, item: Any) -> Any:
        if not isinstance(item, Mapping):
            return None
        return self._fields(kind, fields.tree_of_read(kind), kind.tree, item, ())

    def _fields(self, kind: Kind, read: Tree, whole: Tree, item: Mapping[str, Any], path: _Path) -> dict[str, Any]:
        found = {}
        for key, value in item.items():
            at = (*path, key)
            if key in read:
                found[key] = self._read(kind, (read[key], whole.get(key)), value, at)
                continue
            rule = whole.get(key, whole.get("*", {}))
            if isinstance(rule, Fine):
                found[key] = self._fine(rule, value, (kind.name, *at))
            elif rule is None or is_empty(value):
                self._withhold(".".join((kind.name, *path, key if key in whole else "*")), value)
            else:
                name = key if _PLAIN_KEY.fullmatch(key) else WITHHELD
                below = self._below(kind, rule, value, at)
                found |= {} if is_empty(below) else {name: below}
        return found

    def _below(self, kind: Kind, rule: Tree, value: Any, at: _Path) -> Any:
        """A field of which only what is below it is named, or that no table names."""
        if rule and isinstance(value, Mapping):
            return self._fields(kind, {}, rule, value, at)
        if rule and isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
            return [self._fields(kind, {}, rule, each, at) for each in value]
        return self._unknown((kind.name, *at[:-1], "*"), value)

    def _read(self, kind: Kind, trees: tuple[Any, Any], value: Any, at: _Path) -> Any:
        inner, (read, whole) = fields.INNER.get((kind.name, at[-1])), trees
        if value is None:
            return None
        if inner is not None:
            return self._items(inner, value)
        if isinstance(read, dict) and isinstance(value, list):
            return [self._read(kind, trees, each, at) for each in value]
        if isinstance(read, dict) and isinstance(value, Mapping):
            return self._fields(kind, read, whole if isinstance(whole, dict) else {}, value, at)
        return self._value(kind, value, at)

    def _value(self, kind: Kind, value: Any, at: _Path) -> Any:
        """What stands in a field that is read; of an object in it only the fields whose meaning is known."""
        if isinstance(value, list):
            return [self._value(kind, each, at) for each in value]
        if isinstance(value, Mapping):
            if at[-1] in fields.LABELS and not {"matchLabels", "matchExpressions"} & value.keys():
                return {self.words.key(str(key)): self._label(each) for key, each in value.items()}
            return self._mapping(kind, value, at)
        return self._text(kind, value, at) if isinstance(value, str) else value

    def _mapping(self, kind: Kind, value: Mapping[str, Any], at: _Path) -> dict[str, Any]:
        found = {}
        for key, each in value.items():
            known = key == "name" or key in fields.ROLE or not isinstance(each, str)
            if known and _PLAIN_KEY.fullmatch(key):
                found[key] = self._value(kind, each, (*at, key))
            else:
                self._withhold(".".join((kind.name, *at, "*")), each)
        return found

    def _label(self, value: Any) -> Any:
        return self.words.name(value, "value") if isinstance(value, str) else value

    def _text(self, kind: Kind, text: str, at: _Path) -> str:
        key = at[-1]
        if not text:
            return text
        if len(at) > 1 and at[-2] == "annotations":
            return self._annotation(key, text)
        if len(at) > 1 and at[-2] == "labels":
            return self.words.name(text, "service" if key == "kubernetes.io/service-name" else "value")
        role = fields.name_role(at, kind.name.partition(" ")[0]) if key == "name" else fields.ROLE.get(key)
        match role:
            case "plain":
                return text if fields.PLAIN.fullmatch(text) else WITHHELD
            case "address":
                return self.words.peer(text)
            case "domain":
                return self.words.domain(text)
            case "key":
                return text if at[-2:] == ("addresses", "type") else self.words.key(text)
            case None:
                self._withhold(".".join((kind.name, *at)), text)
                return WITHHELD
        return self.words.name(text, role)

    def _annotation(self, key: str, text: str) -> str:
        words = self.words
        match key:
            case annotations.SPECIFIED_PROTOCOL:
                return protocols_of(text)
            case annotations.SOURCE_RANGES:
                return ",".join(words.peer(each.strip()) for each in text.split(","))
            case annotations.GROUPS | annotations.LOAD_BALANCER_ID | annotations.EXISTING_LOAD_BALANCER_ID:
                return ",".join(words.name(each.strip(), "id") for each in text.split(","))
            case annotations.BACKENDS_LABEL:
                return _TOKEN.sub(lambda each: each[0] if each[0] in ("in", "notin") else words.key(each[0]), text)
        return text if text.lower() in ("true", "false", "skip", "auto", "disabled", "") else WITHHELD

    def _fine(self, rule: Fine, value: Any, at: _Path) -> Any:
        """A value that is fine stays, and so does that it is not."""
        if isinstance(value, list) and value:
            return [self._fine(rule, each, at) for each in value]
        if is_empty(value) or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str) and rule.holds(value) is not rule.others:  # one of those that the table names
            return value
        return self._unknown(at, value)

    def _cluster(self, item: Mapping[str, Any]) -> Any:
        kind = fields.ONE["cluster"]
        told = item.get("Property")
        found = self._object(kind, {key: value for key, value in item.items() if key != "Property"})
        return found if told is None else {**found, "Property": network_of(told)}

    def _health(self, item: Mapping[str, Any]) -> Any:
        listeners = item.get("Listeners")
        balancer = self.words.name(item["LoadBalancerId"], "lb")
        return {"LoadBalancerId": balancer, "Listeners": self._items(LISTENER_HEALTH, listeners)}

    def _kubernetes(self, item: Mapping[str, Any]) -> Any:
        """An object of a kind that nothing reads is withheld whole."""
        name = str(item["kind"])
        kind = fields.KUBERNETES.get(name)
        if kind is not None:
            return self._object(kind, item)
        if name != "PeerAuthentication" and name not in OTHER_FILTERS and "NetworkPolicy" not in name:
            self._withhold("kubernetes[] of other kinds", item)
            return None
        bare = Kind(name, "", read="apiVersion kind metadata.name metadata.namespace", harmless="*")
        strict = {"spec": {"mtls": {"mode": "STRICT"}}} if "STRICT" in list(texts_in(item.get("spec"))) else {}
        return {**self._object(bare, item), **strict}

    def _gap(self, gap: Mapping[str, str]) -> dict[str, str]:
        found = {name: told_gap(gap[name], self.words) for name in ("what", "why")}
        if lost := sum(text.count(WITHHELD) for text in found.values()):
            self.withheld["gaps"] += lost
        return found

    def _claims(self, value: Mapping[str, Any]) -> Any:
        """``shop/Service``: all Services of that namespace."""
        listed = value.get("kubernetes")
        return {"kubernetes": None if listed is None else [self._claim(each) for each in listed]} if value else {}

    def _claim(self, text: str) -> str:
        namespace, slash, kind = text.rpartition("/")
        kind = kind if _PLAIN_KEY.fullmatch(kind.replace(".", "_")) else WITHHELD
        return f"{self.words.name(namespace, 'ns')}/{kind}" if slash else kind

    def _unknown(self, at: _Path, value: Any) -> Any:
        """In the place of what no table names: something that is as odd."""
        if is_empty(value):
            return value
        self._withhold(".".join(at), value)
        return WITHHELD

    def _withhold(self, place: str, value: Any) -> None:
        if not is_empty(value):
            self.withheld[place] += 1
