"""
What answers from files are of, where neither a request nor the file's name says it: told by the other answers.

DescribeListeners and DescribeTargets do not name their load balancer, DescribeSecurityGroupPolicies not its group.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.capture.assembly import Gap
from drilllib.core.capture.pages import cloud_answers, identified, listed
from drilllib.core.capture.sources import called
from drilllib.errors import Message

_OF_LISTENERS = ("DescribeListeners", "DescribeTargets")
_BOUND = (
    ("clb", "DescribeLoadBalancers", "LoadBalancerSet", "SecureGroups"),
    ("cvm", "DescribeInstances", "InstanceSet", "SecurityGroupIds"),
    ("vpc", "DescribeNetworkInterfaces", "NetworkInterfaceSet", "GroupSet"),
)


def named(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """
    The answers, where a request that does not say its load balancer or its group does so if the others tell which.

    Listeners belong to the balancer whose health or targets name them; that there is only one tells nothing. A rule
    list without a group is taken for the one group that is bound and has none, only if it is the only one.
    """
    balancers = _balancers_by_listener(answers)
    placed = [_of_balancer(each, balancers) for each in answers]
    nameless = [each for each in placed if _is_nameless(each)]
    bound = [name for name in _bound_groups(placed) if name not in _read_groups(placed)]
    groups = {id(nameless[0]): bound[0]} if len(nameless) == len(bound) == 1 else {}
    return tuple(_asking(each, SecurityGroupId=groups[id(each)]) if id(each) in groups else each for each in placed)


def guessed(before: Sequence[Answer], after: Iterable[Answer]) -> Iterator[Gap]:
    """What only being alone tells the group of: *before* and *after* they were `named`."""
    for old, new in zip(before, after, strict=True):
        if old == new or not isinstance(new.ask, CloudCall):
            continue
        if _is_nameless(old):
            source = called(new.source)
            why = Message("taken from {source}, the only rules without a group: name it after its group", source=source)
            yield Gap(f"security_groups.{new.ask.request['SecurityGroupId']}", why)


def _told(answer: Answer, balancers: Mapping[str, str]) -> set[str]:
    """The balancers of the listeners in an answer, as the others tell them."""
    return {balancers[name] for name, _ in identified(answer, "Listeners", "ListenerId") if name in balancers}


def _of_balancer(answer: Answer, balancers: Mapping[str, str]) -> Answer:
    ask = answer.ask
    if not isinstance(ask, CloudCall) or ask.action not in _OF_LISTENERS or ask.request.get("LoadBalancerId"):
        return answer
    told = _told(answer, balancers)
    return _asking(answer, LoadBalancerId=told.pop()) if len(told) == 1 else answer


def _balancers_by_listener(answers: Sequence[Answer]) -> dict[str, str]:
    """The balancers of listeners, as DescribeTargetHealth names them, and answers that say theirs."""
    found: dict[str, str] = {}
    for answer in cloud_answers(answers, "clb", "DescribeTargetHealth"):
        for balancer, row in identified(answer, "LoadBalancers", "LoadBalancerId"):
            inner = Answer(answer.ask, (row,), source=answer.source)
            found |= {name: balancer for name, _ in identified(inner, "Listeners", "ListenerId")}
    for answer in cloud_answers(answers, "clb", *_OF_LISTENERS):
        told = answer.ask.request.get("LoadBalancerId") if isinstance(answer.ask, CloudCall) else None
        if isinstance(told, str) and told:
            found |= {name: told for name, _ in identified(answer, "Listeners", "ListenerId")}
    return found


def _is_nameless(answer: Answer) -> bool:
    ask = answer.ask
    is_rules = isinstance(ask, CloudCall) and ask.action == "DescribeSecurityGroupPolicies" and bool(answer.pages)
    return is_rules and isinstance(ask, CloudCall) and not ask.request.get("SecurityGroupId")


def _read_groups(answers: Iterable[Answer]) -> set[Any]:
    found = cloud_answers(answers, "vpc", "DescribeSecurityGroupPolicies")
    return {each.ask.request.get("SecurityGroupId") for each in found if isinstance(each.ask, CloudCall)}


def _bound_groups(answers: Sequence[Answer]) -> list[str]:
    """The groups that balancers, machines and interfaces are bound to, in the order in which they come."""
    return list(dict.fromkeys(_bound(answers)))


def _bound(answers: Sequence[Answer]) -> Iterator[str]:
    for service, action, key, field in _BOUND:
        for answer in cloud_answers(answers, service, action):
            for row in listed(answer, key):
                groups = row.get(field)
                yield from (each for each in groups if isinstance(each, str)) if isinstance(groups, list) else ()


def _asking(answer: Answer, **told: str) -> Answer:
    """The answer, with what is told added to its request."""
    ask = answer.ask
    if not isinstance(ask, CloudCall):
        return answer
    return replace(
        answer, ask=CloudCall.of(ask.service, ask.version, ask.action, ask.region, **{**ask.request, **told})
    )
