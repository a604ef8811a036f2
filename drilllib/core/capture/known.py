"""What the answers so far tell, for the questions that come next. What is not of the expected shape tells nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead
from drilllib.core.capture.paging import ROWS, loss, rows
from drilllib.core.snapshot.kinds import kind_of

Item = Mapping[str, Any]
# What an answer is of, where that is one thing: any call for the same has the same answer.
_KNOWN_BY = {
    "DescribeListeners": "LoadBalancerId",
    "DescribeTargets": "LoadBalancerId",
    "DescribeTargetHealth": "LoadBalancerIds",
    "DescribeSecurityGroupPolicies": "SecurityGroupId",
    "DescribeAddon": "AddonName",
    "DescribeClusters": "ClusterIds",
}
_OF_NO_ACTION = {name: action for action, (name, _) in ROWS.items() if name not in ("Listeners", "LoadBalancers")}


class Known:
    """
    The answers of a capture so far, over the wire or from files.

    A file may not say what was asked. Then what it lists counts as answered, and nothing counts as refused.
    """

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.answers = tuple(answers)

    @cached_property
    def _asked(self) -> frozenset[Ask]:
        return frozenset(each.ask for each in self.answers if each.ask is not None)

    def is_closed(self, ask: Ask) -> bool:
        """Was that asked, with whatever answer, or is it in another answer: an object, a list in the list of all?"""
        if self._has_some(ask):
            return False
        if ask in self._asked:
            return True
        if isinstance(ask, CloudCall):
            name = _KNOWN_BY.get(ask.action)
            wanted = set(_values(ask, name)) if name else set()
            return bool(wanted) and wanted <= self._told(ask.action, name or "")
        if ask.name:
            return any(full_name(each) == (ask.namespace, ask.name) for each in self.objects(ask.kind))
        return bool(ask.namespace) and self.has_answer(replace(ask, namespace=""))

    def _has_some(self, ask: Ask) -> bool:
        """Are there listeners of that load balancer in files only, none of which is known to have them all?"""
        if not isinstance(ask, CloudCall) or ask.action != "DescribeListeners":
            return False
        found = [answer for call, answer in self.calls(ask.action) if call and _is_of_same(call, ask)]
        return bool(found) and not any(each.whole or each.refusal or not each.source for each in found)

    @cached_property
    def _listed(self) -> list[tuple[KubernetesRead | None, Item]]:
        found = []
        for answer in self.answers:
            ask = answer.ask
            if not isinstance(ask, CloudCall):
                found += [(ask, item) for page in answer.pages for item in objects_in(page, ask)]
        return found

    def objects(self, kind: str) -> list[Item]:
        """The Kubernetes objects of a kind, each once."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[Item]]:
        found: dict[str, dict[tuple[str, str], Item]] = {}
        for _, item in self._listed:
            found.setdefault(kind_of(item), {}).setdefault(full_name(item), item)
        return {kind: list(items.values()) for kind, items in found.items()}

    def calls(self, action: str) -> Iterator[tuple[CloudCall | None, Answer]]:
        """The answers to an action, with the call where that is known."""
        for answer in self.answers:
            if isinstance(answer.ask, CloudCall) and answer.ask.action == action:
                yield answer.ask, answer
            elif answer.ask is None and any(
                _OF_NO_ACTION.get(name) == action for page in answer.pages for name in page
            ):
                yield None, answer

    def rows_in_files(self, action: str) -> list[Item]:
        """What the answers to an action list, as far as they are a person's files, which do not always say the call."""
        files = (answer for call, answer in self.calls(action) if call is None or answer.source)
        return [row for answer in files for row in rows(action, answer.pages)]

    def has_plain_file(self, action: str) -> bool:
        """Is there a person's file of an action that says nothing of filters, with as many rows as it counts?"""
        files = ((call, answer.pages) for call, answer in self.calls(action) if call and answer.source)
        return any(not call.request and loss(call, pages) is None for call, pages in files)

    def rows(self, action: str) -> list[Item]:
        """What the answers to an action list."""
        return [row for _, answer in self.calls(action) for row in rows(action, answer.pages)]

    def asked(self, action: str, name: str) -> frozenset[str]:
        """The ids that calls of an action were made with, by their parameter or filter *name*."""
        return frozenset(value for call, _ in self.calls(action) if call for value in _values(call, name))

    def ids(self, action: str) -> frozenset[str]:
        """The ids of what the answers to an action list."""
        name = ROWS[action][1]
        return frozenset(text_of(row.get(name)) for row in self.rows(action)) - {""}

    def _told(self, action: str, name: str) -> frozenset[str]:
        return self.asked(action, name) | (self.ids(action) if action in ROWS else frozenset())

    def has_answer(self, ask: Ask) -> bool:
        """Came something back for that, be it an empty list?"""
        return any(each.ask == ask and each.pages for each in self.answers)

    def is_refused(self, ask: Ask) -> bool:
        """Was that asked, and did nothing come back?"""
        return ask in self._asked and not self.has_answer(ask)


def objects_in(page: Item, ask: KubernetesRead | None) -> Iterator[Item]:
    """The objects of an answer of the API server or of kubectl; those of a typed list get their kind from the ask."""
    listed = page.get("items")
    for each in listed if isinstance(listed, list) else [page]:
        if isinstance(each, Mapping) and isinstance(each.get("metadata"), Mapping):
            named = each if isinstance(each.get("kind"), str) else {**each, **_kind_asked(ask)}
            if isinstance(named.get("kind"), str) and isinstance(named.get("apiVersion") or "", str):
                yield named


def _kind_asked(ask: KubernetesRead | None) -> dict[str, str]:
    version = f"{ask.group}/{ask.version}".removeprefix("/") if ask else ""
    return {"kind": ask.kind, "apiVersion": version} if ask else {}


def _is_of_same(one: CloudCall, other: CloudCall) -> bool:
    return one.request.get("LoadBalancerId") == other.request.get("LoadBalancerId")


def full_name(item: Item) -> tuple[str, str]:
    """Its namespace, empty where it has none, and its name."""
    return text_of(item["metadata"].get("namespace")), text_of(item["metadata"].get("name"))


def text_of(value: Any) -> str:
    """*value* where it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def texts_in(value: Any) -> list[str]:
    """The texts of a list that are not empty; none where it is no list."""
    return [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []


def items_in(value: Any) -> list[Item]:
    """The objects in a list; none where it is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def inside(item: Any, *path: str) -> Any:
    """What stands at a path of fields; None where one is missing or no object."""
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _values(call: CloudCall, name: str) -> Iterator[str]:
    request = call.request
    given = request.get(name)
    yield from [given] if isinstance(given, str) else texts_in(given)
    for each in items_in(request.get("Filters")):
        if each.get("Name") == name:
            yield from texts_in(each.get("Values"))
