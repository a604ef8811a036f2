"""
The one place where a cluster's own names, ids and addresses become the lesson's, and the other way round.

Each real word has one word of the lesson and each of those one real word, so that whatever is shown can be written
back. What has no counterpart is shown as it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from drilllib.core.rules.policies import rule_from_policy
from drilllib.core.rules.rules import Rule
from drilllib.errors import LabStateError

Words = Mapping[str, str]
_PORT_FIELDS = ("nodePort", "Port", "CheckPort")
_BLOCK = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?")


def completed(pairs: Words) -> dict[str, str]:
    """*pairs*, and what makes a permutation of them: a word of the lesson's that is a real one's too gets another."""
    found = {real: shown for real, shown in pairs.items() if real != shown}
    for first in set(found) - set(found.values()):
        last = first
        while last in found:
            last = found[last]
        found[last] = first
    return found


@dataclass(frozen=True)
class Names:
    """
    Real words and the lesson's: *words* in any text, *objects* names of each kind (Node also by its instance's id),
    *ports* (NodePorts) where a port stands.

    *service* is the real Service (`NAMESPACE/NAME`) and *shown_service* the lesson's. *no_peers* are words that no rule
    is about, whatever block they are in.
    """

    words: Words = field(default_factory=dict)
    objects: Mapping[str, Words] = field(default_factory=dict)
    ports: Words = field(default_factory=dict)
    service: str = ""
    shown_service: str = ""
    no_peers: frozenset[str] = frozenset()

    @cached_property
    def _to_lesson(self) -> "_Text":
        return _Text(completed(self.words), completed(self.ports))

    @cached_property
    def _to_cloud(self) -> "_Text":
        there = self._to_lesson
        return _Text(_turned(there.words), _turned(there.ports))

    def shown(self, text: str) -> str:
        """A text of the cluster's in the lesson's words: an id, an address, a curl's last line."""
        return self._to_lesson.of(text)

    def real(self, text: str) -> str:
        """A text of the lesson in the cluster's words."""
        return self._to_cloud.of(text)

    def shown_rule(self, rule: Rule) -> Rule:
        """A rule of the cluster's, under the lesson's names."""
        return rule_from_policy(self._to_lesson.policy(rule.policy))

    def real_rule(self, rule: Rule) -> Rule:
        """
        A rule of the lesson's, as it is written.

        Raises:
            LabStateError: It would hold other addresses or ports in the cluster than in the lesson.
        """
        made = self._written_back(rule)
        if self._is_part_of_another_block(made):
            raise LabStateError(
                "The rule {rule} is for a part of a block that is another one in the cluster",
                remedy="Write the whole block, or an address that the lesson names",
                rule=rule.text,
            )
        return made

    def real_rules(self, rules: Iterable[Rule], shown: Iterable[Rule]) -> list[Rule]:
        """A list of the lesson's as it is written, where *shown* is the one that stands. Raises as `real_rule`."""
        stands = {each.text for each in shown}
        return [self._written_back(each) if each.text in stands else self.real_rule(each) for each in rules]

    def _written_back(self, rule: Rule) -> Rule:
        made = rule_from_policy(self._to_cloud.policy(rule.policy))
        self.require_same_meaning([made])
        return made

    def _is_part_of_another_block(self, real: Rule) -> bool:
        """Is its peer inside a block that has another name here, and has no name of its own?"""
        peer = str(real.policy.get("CidrBlock") or "")
        if not _BLOCK.fullmatch(peer) or peer.removesuffix("/32") in self._with_names:
            return False
        block = IPv4Network(peer, strict=False)
        return any(block.subnet_of(IPv4Network(each)) for each in self._moved_blocks)

    @cached_property
    def _with_names(self) -> set[str]:
        """The real words that have one in the lesson, the same one among them."""
        return {*self.words, *self._to_lesson.words}

    @cached_property
    def _moved_blocks(self) -> list[str]:
        """Blocks of addresses that are others in the lesson than in the cluster."""
        words = self._to_lesson.words
        return [each for each in (*words, *words.values()) if "/" in each and _BLOCK.fullmatch(each)]

    def shown_document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A captured document under the lesson's names; nothing of the given one is changed."""
        found: dict[str, Any] = self._document(document, "")
        complete = document.get("complete")
        return {**found, "complete": self._complete(complete)} if complete else found

    def _complete(self, complete: Mapping[str, Any]) -> dict[str, Any]:
        """Which kinds were read whole: of the Service's namespace as `NAMESPACE/KIND`."""
        here, there = (f"{each.partition('/')[0]}/" for each in (self.service, self.shown_service))
        kinds = complete.get("kubernetes") or ()
        kinds = [f"{there}{kind.removeprefix(here)}" if kind.startswith(here) else kind for kind in kinds]
        return {**complete, "kubernetes": kinds}

    def _document(self, value: Any, key: str) -> Any:
        if isinstance(value, Mapping):
            return {self.shown(name): self._field(value, name) for name in value}
        if isinstance(value, list | tuple):
            return [self._document(each, key) for each in value]
        if isinstance(value, str):
            return self._to_lesson.port(value) if key == "Port" else self.shown(value)
        is_port = key in _PORT_FIELDS and isinstance(value, int) and not isinstance(value, bool)
        return int(self._to_lesson.port(str(value))) if is_port else value

    def _field(self, holder: Mapping[str, Any], key: str) -> Any:
        """The value of a field; names of objects of Kubernetes change by what they are names of."""
        value = holder[key]
        if not isinstance(value, str):
            return self._named(holder, key, value)
        if key in ("nodeName", "kubernetes.io/hostname"):
            return self._object("Node", value)
        if key == "InstanceName":
            return self._object("Node", str(holder.get("InstanceId")), value)
        if key == "kubernetes.io/service-name" and value == self.service.partition("/")[2]:
            return self.shown_service.partition("/")[2]
        if key == "namespace" and value == self.service.partition("/")[0]:
            return self.shown_service.partition("/")[0]
        return self._document(value, key)

    def _object(self, kind: str, name: str, otherwise: str | None = None) -> str:
        return self.objects.get(kind, {}).get(name, name if otherwise is None else otherwise)

    def _named(self, holder: Mapping[str, Any], key: str, value: Any) -> Any:
        """An object's `metadata`, or a reference to a pod, by the name that the lesson has for it."""
        made = self._document(value, key)
        if key not in ("metadata", "targetRef") or not isinstance(value, Mapping) or "name" not in value:
            return made
        kind = "Pod" if key == "targetRef" else str(holder.get("kind"))
        if kind == "Service" and f"{value.get('namespace')}/{value['name']}" == self.service:
            return {**made, "name": self.shown_service.partition("/")[2]}
        return {**made, "name": self._object(kind, value["name"], made["name"])}

    def require_same_meaning(self, rules: Iterable[Rule]) -> None:
        """
        Raises:
            LabStateError: A rule of the cluster's holds other addresses or NodePorts under the lesson's names: a block
                that is wider than what has a name here, such as 10.0.0.0/8 over nodes that are really in 172.16.0.0/16.
        """
        for rule in rules:
            shown = self.shown_rule(rule)
            if not (self._same_peers(rule, shown) and self._same_ports(rule, shown)):
                raise LabStateError(
                    "The rule {rule} would mean other packets under the lesson's names ({shown})",
                    remedy="Write exact addresses or blocks of the lab",
                    rule=rule.text,
                    shown=shown.text,
                )

    def _same_peers(self, rule: Rule, shown: Rule) -> bool:
        here, there = (str(each.policy.get("CidrBlock") or "") for each in (rule, shown))
        if not (_BLOCK.fullmatch(here) and _BLOCK.fullmatch(there)):
            return True
        real, lesson = (IPv4Network(each, strict=False) for each in (here, there))
        pairs = [pair for pair in self._to_lesson.words.items() if not self.no_peers & {*pair}]
        pairs = [(a, b) for a, b in pairs if _BLOCK.fullmatch(a) and _BLOCK.fullmatch(b)]
        addresses = [(IPv4Address(a), IPv4Address(b)) for a, b in pairs if "/" not in a + b]
        blocks = [(IPv4Network(a), IPv4Network(b)) for a, b in pairs if "/" in a and "/" in b]
        inside = all((a in real) == (b in lesson) for a, b in addresses)
        return inside and all(a.subnet_of(real) == b.subnet_of(lesson) for a, b in blocks)

    def _same_ports(self, rule: Rule, shown: Rule) -> bool:
        pairs = [(int(a), int(b)) for a, b in self._to_lesson.ports.items()]
        return all(_has(rule, a) == _has(shown, b) for a, b in pairs)


def _turned(words: Words) -> dict[str, str]:
    return {shown: real for real, shown in words.items()}


def _has(rule: Rule, port: int) -> bool:
    return rule.ports is None or any(first <= port <= last for first, last in rule.ports)


class _Text:
    """Words and ports changed in one direction."""

    def __init__(self, words: Words, ports: Words) -> None:
        self.words, self.ports = words, ports
        longest = sorted(words, key=len, reverse=True)
        around = r"(?<![0-9A-Za-z.-])(?:%s)(?![0-9A-Za-z-]|\.[0-9A-Za-z]|/(?!32\b)\d)"
        self._pattern = re.compile(around % "|".join(map(re.escape, longest))) if words else None

    def of(self, text: str) -> str:
        return self._pattern.sub(lambda found: self.words[found[0]], text) if self._pattern else text

    def port(self, text: str) -> str:
        """A port, or several of a rule; the ends of a range are no port by themselves."""
        return ",".join(self.ports.get(each.strip(), each) for each in text.split(","))

    def policy(self, policy: Mapping[str, Any]) -> dict[str, Any]:
        made = {name: self._value(value) for name, value in policy.items()}
        return {**made, "Port": self.port(str(policy["Port"]))} if policy.get("Port") else made

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._value(each) for name, each in value.items()}
        return self.of(value) if isinstance(value, str) else value
