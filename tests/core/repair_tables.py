"""
Repairs that learners make, as data: the right ones here, the wrong ones in `repair_wrongs`.

An edit is a tuple: ``put`` a rule into a group's list at a place, make some rules its ``only`` ones, ``cut`` the rule
at a place, ``bind`` groups to a resource, or turn pass-to-target on with ``pass``. ``{seen}`` is whom the pod sees:
the nodes' subnet, or the clients under the original drill's semantics.
"""

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import pass_to_target
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import rules_of, with_binding, with_rules
from drilllib.core.snapshot.snapshot import Snapshot

CLIENT, BLOCK, NODES = "203.0.113.10", "203.0.113.0/24", "10.0.35.0/24"
CLB, NODE, POD, OLD = "sg-clb00001", "sg-node0001", "sg-pod00001", "sg-old00001"
AT_CLB, AT_NODE, AT_POD = "CLB 192.0.2.10", "node-a 10.0.35.11", "web-1 10.0.36.12"
BOTH = ("documented", "original")
DOCUMENTED, ORIGINAL = ("documented",), ("original",)
Edit = tuple[Any, ...]

OPEN = "ACCEPT ALL 0.0.0.0/0 ALL"
CLOSED = "DROP ALL 0.0.0.0/0 ALL"


@dataclass(frozen=True)
class Right:
    """A repair that has to pass under these *semantics*."""

    fault: str
    name: str
    edits: tuple[Edit, ...]
    semantics: tuple[str, ...] = BOTH


def put(group: str, rule: str, place: int = 0) -> Edit:
    return ("put", group, rule, place)


_HALVES = ("203.0.113.0/25", "203.0.113.128/25")
RIGHT = [Right(*each) for each in (
    ("healthy", "nothing to do", ()),
    ("first-steps", "one line", (put(CLB, f"ACCEPT TCP {BLOCK} 80"),)),
    ("first-steps", "two halves", tuple(put(CLB, f"ACCEPT TCP {half} 80") for half in _HALVES)),
    ("first-steps", "a DROP below", (put(CLB, CLOSED), put(CLB, f"ACCEPT TCP {BLOCK} 80"))),
    ("first-steps", "the client, then its block", (put(CLB, f"ACCEPT TCP {BLOCK} 80"),
     put(CLB, f"ACCEPT TCP {CLIENT} 80"))),
    ("group-1", "one line", (put(CLB, f"ACCEPT TCP {CLIENT} 80"),)),
    ("group-1", "with its length", (put(CLB, f"ACCEPT TCP {CLIENT}/32 80"),)),
    ("group-1", "the only rule", (("only", CLB, f"ACCEPT TCP {CLIENT} 80"),)),
    ("group-1", "the block without all others", (put(CLB, f"ACCEPT TCP {BLOCK} 80"), *(
        put(CLB, f"DROP TCP {other} 80") for other in ip_network(BLOCK).address_exclude(ip_network(CLIENT))))),
    ("group-2", "one line", (put(NODE, f"ACCEPT TCP {CLIENT} 30713"),)),
    ("group-2", "right above the DROP", (put(NODE, f"ACCEPT TCP {CLIENT} 30713", 2),)),
    ("group-2", "the block", (put(NODE, f"ACCEPT TCP {BLOCK} 30713"),)),
    ("group-2", "two halves", tuple(put(NODE, f"ACCEPT TCP {half} 30713") for half in _HALVES)),
    ("group-2", "the DROP deleted", (("cut", NODE, 2),)),
    ("group-2", "the only rule", (("only", NODE, f"ACCEPT TCP {CLIENT} 30713"),)),
    ("group-3", "one line", (put(POD, "ACCEPT TCP {seen} 80"),)),
    ("group-3", "the only rule", (("only", POD, "ACCEPT TCP {seen} 80"),)),
    ("group-3", "below the rule that is there", (put(POD, "ACCEPT TCP {seen} 80", 1),)),
    ("inherited", "one line", (put(NODE, "ACCEPT TCP {seen} 80"),)),
    ("inherited", "a group of its own", (("bind", "eni-podsb001", POD),)),
    ("original-drill", "three lines", (put(CLB, f"ACCEPT TCP {CLIENT} 80"), put(NODE, f"ACCEPT TCP {CLIENT} 30713"),
     put(POD, "ACCEPT TCP {seen} 80"))),
    ("original-drill", "the block", (("only", CLB, f"ACCEPT TCP {BLOCK} 80"),
     ("only", NODE, f"ACCEPT TCP {BLOCK} 30713"), put(POD, "ACCEPT TCP {seen} 80"))),
    ("two-groups", "the right one first", (("bind", "ins-nodea001", NODE, OLD),)),
    ("two-groups", "the old one unbound", (("bind", "ins-nodea001", NODE), ("bind", "ins-nodeb001", NODE))),
    ("two-groups", "its rule deleted", (("cut", OLD, 0),)),
    ("two-groups", "a rule above it", (put(OLD, f"ACCEPT TCP {BLOCK} 30713"),)),
    ("direct-access", "nothing to do", ()),
    ("direct-group-3", "one line", (put(POD, f"ACCEPT TCP {BLOCK} 80"),)),
    ("pass-to-target", "nothing to do", ()),
    ("same-node", "nothing to do", (), DOCUMENTED),
    ("history", "the lesson's own", (("only", NODE, "DROP TCP 198.51.100.64/26 30713",
     "ACCEPT TCP 198.51.100.0/24 30713", f"ACCEPT TCP {BLOCK} 30713"),)),
    ("history", "without a DROP", (("only", NODE, f"ACCEPT TCP {BLOCK} 30713", "ACCEPT TCP 198.51.100.0/26 30713",
     "ACCEPT TCP 198.51.100.128/25 30713"),)),
    ("history", "the partner let in by the pod, too", (("only", NODE, f"ACCEPT TCP {BLOCK} 30713",
     "ACCEPT TCP 198.51.100.128/25 30713"), put(POD, "ACCEPT TCP 198.51.100.128/25 80")), ORIGINAL),
    ("udp", "one line", (put(NODE, f"ACCEPT UDP {BLOCK} 30713"),)),
)]  # fmt: skip


def repaired(fault: str, edits: tuple[Edit, ...], *, listener: str, semantics: str) -> Snapshot:
    """The drill's snapshot after the edits."""
    snapshot = open_fault(fault, listener=listener, semantics=semantics, client=CLIENT)
    seen = NODES if semantics == "documented" else BLOCK
    for each in edits:
        snapshot = edited(snapshot, tuple(part.format(seen=seen) if isinstance(part, str) else part for part in each))
    return snapshot


def edited(snapshot: Snapshot, edit: Edit) -> Snapshot:
    verb, *rest = edit
    if verb == "bind":
        return with_binding(snapshot, rest[0], rest[1:])
    if verb == "pass":
        document = snapshot.to_dict()
        pass_to_target(document)
        return Snapshot(document)
    group, *values = rest
    rules = list(rules_of(snapshot, group, Direction.INGRESS))
    if verb == "put":
        rules.insert(values[1], rule_from_text(values[0]))
    elif verb == "cut":
        del rules[values[0]]
    else:
        rules = list(map(rule_from_text, values))
    return with_rules(snapshot, group, Direction.INGRESS, rules)
