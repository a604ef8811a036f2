"""
What is kept of an object that an API returned: the fields that the ledger calls read, and no others.

A field that is fine for some values only is kept, since its value may be a doubt; of one that no table knows the name
stays, since the engine doubts what it does not know. What is left out is counted by place, never by value.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from drilllib.core.rules.fields import is_empty
from drilllib.core.snapshot import annotations
from drilllib.core.snapshot.anonymous import fields
from drilllib.core.snapshot.anonymous.texts import network_of, protocols_of, texts_in
from drilllib.core.snapshot.anonymous.words import WITHHELD
from drilllib.core.snapshot.kinds import kind_of
from drilllib.core.snapshot.ledger.kubernetes import OTHER_FILTERS
from drilllib.core.snapshot.ledger.tables import Fine, Kind, Tree

_Path = tuple[str, ...]
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_LONGEST = 256  # characters of an odd value; the longest that an API documents is an id
_FILTER = Kind("filter", "", read="apiVersion kind metadata.name metadata.namespace", harmless="*")
_STATE: Tree = {"running": {}, "waiting": {}, "terminated": {}}
_PORT: Tree = {"httpGet": {"port": None}, "tcpSocket": {"port": None}, "grpc": {"port": None}}
# Of fields that hold objects of which the engine reads less than all.
_CLOSER: Mapping[str, Tree] = {
    "ownerReferences": {"apiVersion": None, "kind": None, "name": None, "controller": None},
    "conditions": {"type": None, "status": None},
    "containerStatuses": {"name": None, "state": _STATE},
    "initContainerStatuses": {"name": None, "state": _STATE},
    "readinessGates": {"conditionType": None},
    **dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), _PORT),
}


class Keeper:
    """Keeps what is read of objects; *withheld* counts what it left out, as in ``Pod.spec.containers.env``."""

    def __init__(self) -> None:
        self.withheld: Counter[str] = Counter()

    def object(self, kind: Kind, item: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of an object that *kind* is the table of."""
        return self._fields(kind, fields.tree_of_read(kind), kind.tree, item, ())

    def kubernetes(self, item: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is kept of a Kubernetes object; None of a kind that nothing reads."""
        name = kind_of(item)
        if name in fields.KUBERNETES:
            return self.object(fields.KUBERNETES[name], item)
        if name != "PeerAuthentication" and name not in OTHER_FILTERS and "NetworkPolicy" not in name:
            self._withhold("kubernetes[] of other kinds", item)
            return None
        strict = {"spec": {"mtls": {"mode": "STRICT"}}} if "STRICT" in list(texts_in(item.get("spec"))) else {}
        return {**self.object(_FILTER, item), **strict}

    def cluster(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of a cluster; of the text of `Property` the network."""
        found = self.object(fields.ONE["cluster"], item)
        told = found.get("Property")
        return {**found, "Property": network_of(told)} if isinstance(told, str) and told else found

    def _fields(self, kind: Kind, read: Tree, whole: Tree, item: Mapping[str, Any], path: _Path) -> dict[str, Any]:
        found = {}
        for key, value in item.items():
            at = (*path, str(key))
            if key in read:
                found[key] = self._read(kind, (read[key], whole.get(key)), value, at)
            elif not is_empty(value):
                place = ".".join((kind.name, *path, key if key in whole else "*"))
                found |= self._beside(kind, whole.get(key, whole.get("*", {})), value, at, place)
        return found

    def _beside(self, kind: Kind, rule: "Tree | Fine | None", value: Any, at: _Path, place: str) -> dict[str, Any]:
        """A field that is not read, where its value or its name is a doubt."""
        if isinstance(rule, Fine):
            return {at[-1]: _short(value)}
        if rule is None:
            self._withhold(place, value)
            return {}
        if rule and isinstance(value, Mapping):
            below: Any = self._fields(kind, {}, rule, value, at)
        elif rule and isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
            below = [self._fields(kind, {}, rule, each, at) for each in value]
        else:
            self._withhold(place, value)
            below = WITHHELD
        return {} if is_empty(below) else {at[-1] if _PLAIN_KEY.fullmatch(at[-1]) else WITHHELD: below}

    def _read(self, kind: Kind, trees: tuple[Any, Any], value: Any, at: _Path) -> Any:
        inner, (read, whole) = fields.INNER.get((kind.name, at[-1])), trees
        if isinstance(value, list):
            return [self._read(kind, trees, each, at) for each in value]
        if inner is not None and isinstance(value, Mapping):
            return self.object(inner, value)
        if at[-2:] == ("annotations", annotations.SPECIFIED_PROTOCOL) and isinstance(value, str):
            return protocols_of(value)  # which leaves out the names of certificates and hosts
        if isinstance(read, dict) and isinstance(value, Mapping):
            return self._fields(kind, read, whole if isinstance(whole, dict) else {}, value, at)
        if isinstance(read, dict) and isinstance(value, str) and value:
            self._withhold(".".join((kind.name, *at)), value)
            return WITHHELD  # a text where an object belongs is as wrong, and may be anything
        closer = _CLOSER.get(at[-1])
        return self._closer(kind, closer, value, at) if closer is not None and isinstance(value, Mapping) else value

    def _closer(self, kind: Kind, tree: Tree, value: Mapping[str, Any], at: _Path) -> dict[str, Any]:
        """Of an object the named fields alone; an empty tree keeps that the object is there."""
        found: dict[str, Any] = {}
        for key, each in value.items():
            rule = tree.get(key, ...) if tree else ...
            if rule is None:
                found[key] = each
            elif isinstance(rule, dict) and isinstance(each, Mapping):
                found[key] = self._closer(kind, rule, each, (*at, key))
            else:
                self._withhold(".".join((kind.name, *at, str(key) if _PLAIN_KEY.fullmatch(str(key)) else "*")), each)
        return found

    def _withhold(self, place: str, value: Any) -> None:
        if not is_empty(value):
            self.withheld[place] += 1


def _short(value: Any) -> Any:
    """A value that may be a doubt, where it is one that an API may return."""
    if isinstance(value, list):
        return [_short(each) for each in value]
    if isinstance(value, bool | int | float):
        return value
    return value if isinstance(value, str) and len(value) <= _LONGEST else WITHHELD
