"""Changes of groups as the API calls that make them, and the same as `tccli` commands."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.steps import Call, Kubectl
from drilllib.core.rules.edits import Change, Edit, in_order
from drilllib.core.rules.rules import PROTOCOLS_WITH_PORTS, Direction, Rule
from drilllib.core.snapshot.edits import version_number
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message


def calls(snapshot: Snapshot, changes: Sequence[Change]) -> list[Call]:
    """
    The calls that make *changes*, to be sent in this order.

    See `in_order`. Each call names the Version that the group then has, and fails where somebody else changed the group
    meanwhile.
    """
    found: list[Call] = []
    for group, mine in groupby(in_order(changes), key=lambda each: each.group):
        version = version_number(snapshot.version_of(group))
        for number, (change, rules) in enumerate(_sent(snapshot, list(mine))):
            numbered = {"Version": str(version + number)} if version is not None else {}
            found.append(_call(change, rules, numbered))
    return found


def all_calls(snapshot: Snapshot, proposal: Proposal) -> list[Call]:
    """The calls of its steps, then those of its changes of rules."""
    first = [each.command for each in proposal.steps if isinstance(each.command, Call)]
    return [*first, *calls(snapshot, proposal.changes)]


def commands(snapshot: Snapshot, proposal: Proposal) -> list[str | Message]:
    """The same calls as `tccli` commands; see `shell_line`."""
    return [command_of(snapshot, each) for each in all_calls(snapshot, proposal)]


def command_of(snapshot: Snapshot, call: Call) -> str | Message:
    """A call as a `tccli` command, in the region of the load balancer or group that it names."""
    named, elsewhere = set(_texts(call.parameters)), snapshot.regions
    told = (
        elsewhere[each.balancer_id]
        for each in (snapshot.load_balancers if elsewhere else ())
        if each.balancer_id in elsewhere and not named.isdisjoint((each.balancer_id, *(each.groups or ())))
    )
    return call.command(next(told, snapshot.region or "REGION"))


def _texts(value: Any) -> Iterator[str]:
    """Every text in parameters."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(each)


def kubectl_lines(proposal: Proposal) -> list[str | Message]:
    """The steps that `kubectl` makes."""
    return [each.command.line for each in proposal.steps if isinstance(each.command, Kubectl)]


def _sent(snapshot: Snapshot, changes: Sequence[Change]) -> Iterator[tuple[Change, list[dict[str, Any]]]]:
    """
    Each change with the rules it sends, those inserted at one place together.

    A rule sent without an index goes to the bottom [API-VPC].
    """
    sizes = {each: len(snapshot.group(changes[0].group).rules(each) or ()) for each in Direction}
    for (direction, place, edit), alike in groupby(changes, key=lambda each: (each.direction, each.place, each.edit)):
        listed = list(alike)
        first = listed[0]
        index = {} if edit is Edit.INSERT and place == sizes[direction] else {"PolicyIndex": place}
        rules = [{**index, **policy_of(each.rule)} for each in listed if each.rule]
        sizes[direction] += {Edit.INSERT: len(listed), Edit.DELETE: -1, Edit.REPLACE: 0}[edit]
        yield Change(first.group, direction, edit, place, first.rule, first.old), rules or [index]


def _call(change: Change, rules: list[dict[str, Any]], version: dict[str, str]) -> Call:
    name = change.direction.capitalize()
    sent = {"SecurityGroupId": change.group, "SecurityGroupPolicySet": {**version, name: rules}}
    if change.edit is Edit.INSERT:
        return Call("CreateSecurityGroupPolicies", sent)
    if change.edit is Edit.DELETE:
        return Call("DeleteSecurityGroupPolicies", sent)
    original = {name: [{"PolicyIndex": change.place, **policy_of(change.old)}]} if change.old else {}
    return Call("ReplaceSecurityGroupPolicy", {**sent, "OriginalSecurityGroupPolicySet": original})


def policy_of(rule: Rule) -> dict[str, Any]:
    """The rule as the API takes it: no port where the protocol has none, nothing that only the API writes."""
    kept = {
        name: value
        for name, value in rule.policy.items()
        if name not in ("PolicyIndex", "ModifyTime", "Priority") and value not in ("", None, {})
    }
    if rule.service is None and rule.protocol not in (*PROTOCOLS_WITH_PORTS, "ALL"):
        kept.pop("Port", None)
    return kept
