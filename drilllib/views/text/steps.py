"""Changes of groups as text: a sentence each, Terraform blocks, steps in the console."""

import json
from collections.abc import Iterable, Sequence

from drilllib.core.rules.edits import Change, Edit, in_order
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say

_TERRAFORM = {
    "Action": "action",
    "CidrBlock": "cidr_block",
    "Ipv6CidrBlock": "ipv6_cidr_block",
    "Protocol": "protocol",
    "Port": "port",
}


def _at_bottom(snapshot: Snapshot, change: Change) -> bool:
    rules = snapshot.group(change.group).rules(change.direction) or ()
    return change.edit is Edit.INSERT and change.place == len(rules)


def terraform(snapshot: Snapshot, changes: Iterable[Change], language: str) -> list[str]:
    """Blocks for `tencentcloud_security_group_rule_set`, which lists rules in order."""
    lines: list[str] = []
    for change in changes:
        lines += [f"# {sentence(snapshot, change, language)}"]
        if change.rule:
            fields = {_TERRAFORM[name]: value for name, value in change.rule.policy.items() if name in _TERRAFORM}
            width = max(map(len, fields))
            lines += [f"{change.direction} {{"]
            lines += [f"  {name:<{width}} = {json.dumps(value)}" for name, value in fields.items()]
            lines += ["}"]
    return lines


def console(snapshot: Snapshot, changes: Sequence[Change], language: str) -> list[str]:
    """Steps in the console, ordered so that earlier ones do not shift the indices of later ones."""
    return [say(language, "fix.console", what=sentence(snapshot, each, language)) for each in in_order(changes)]


def sentence(snapshot: Snapshot, change: Change, language: str) -> str:
    """One change as a sentence, on one line whatever the names in it are, so that it can stand in a comment."""
    side = say(language, "fix.inbound" if change.direction is Direction.INGRESS else "fix.outbound")
    old, new = change.old.text if change.old else "", change.rule.text if change.rule else ""
    place, group = change.place, change.group
    verb = "append" if _at_bottom(snapshot, change) else change.edit
    return printable(say(language, f"fix.do_{verb}", group=group, side=side, place=place, old=old, new=new))
