"""Repairs that learners make and that are wrong, each with the packet that has to be shown against it."""

from dataclasses import dataclass

from tests.core.repair_tables import (
    AT_CLB,
    AT_NODE,
    AT_POD,
    BLOCK,
    BOTH,
    CLB,
    CLIENT,
    CLOSED,
    DOCUMENTED,
    NODE,
    OLD,
    OPEN,
    ORIGINAL,
    POD,
    Edit,
    put,
)

SSH, PASS = put(NODE, "ACCEPT TCP 0.0.0.0/0 22"), ("pass",)
SSH_IN = ("past", f"TCP 198.51.100.7 → {AT_NODE}:22")
UNASKED = ("others", f"TCP {CLIENT} → {AT_NODE}:30713")
NO_CLIENT = ("served", f"TCP {CLIENT} → {AT_CLB}:80")
NEIGHBOUR = f"TCP 203.0.113.11 → {AT_CLB}:80"


@dataclass(frozen=True)
class Wrong:
    """A wrong repair: the first *aspect* that must not hold, and the *packet* against it."""

    fault: str
    name: str
    edits: tuple[Edit, ...]
    aspect: str
    packet: str
    semantics: tuple[str, ...] = BOTH


def _first_steps() -> list[Wrong]:
    right, fault = put(CLB, f"ACCEPT TCP {BLOCK} 80"), "first-steps"
    return [
        Wrong(fault, "nothing done", (), *NO_CLIENT),
        Wrong(fault, "everything open", (put(CLB, OPEN),), "past", f"TCP 198.51.100.7 → {AT_CLB}:80"),
        Wrong(fault, "a /8", (put(CLB, "ACCEPT TCP 203.0.0.0/8 80"),), "past", f"TCP 203.128.0.1 → {AT_CLB}:80"),
        Wrong(fault, "all ports", (put(CLB, f"ACCEPT TCP {BLOCK} ALL"),), "past", f"TCP 203.0.113.11 → {AT_CLB}:443"),
        Wrong(fault, "another layer", (put(NODE, f"ACCEPT TCP {BLOCK} 80"),), *NO_CLIENT),
        Wrong(fault, "below the DROP", (put(CLB, CLOSED), put(CLB, f"ACCEPT TCP {BLOCK} 80", 1)), *NO_CLIENT),
        Wrong(fault, "group unbound", (("bind", "lb-lab00001"),), "past", f"TCP 198.51.100.7 → {AT_CLB}:80"),
        Wrong(fault, "pass-to-target", (PASS,), *NO_CLIENT),
        Wrong(fault, "right, and pass-to-target", (right, PASS), *UNASKED),
        Wrong(fault, "the client only", (put(CLB, f"ACCEPT TCP {CLIENT} 80"),), "served", NEIGHBOUR),
        Wrong(fault, "right, and SSH to the world", (right, SSH), *SSH_IN),
        Wrong(fault, "the NodePort", (put(CLB, f"ACCEPT TCP {BLOCK} 30713"),), *NO_CLIENT),
    ]


def _group_1() -> list[Wrong]:
    right, fault = put(CLB, f"ACCEPT TCP {CLIENT} 80"), "group-1"
    return [
        Wrong(fault, "nothing done", (), *NO_CLIENT),
        Wrong(fault, "everything open", (put(CLB, OPEN),), "others", NEIGHBOUR),
        Wrong(fault, "a /8", (put(CLB, "ACCEPT TCP 203.0.0.0/8 80"),), "others", NEIGHBOUR),
        Wrong(fault, "the block", (put(CLB, f"ACCEPT TCP {BLOCK} 80"),), "others", NEIGHBOUR),
        Wrong(fault, "all ports", (put(CLB, f"ACCEPT TCP {CLIENT} ALL"),), "past", f"TCP {CLIENT} → {AT_CLB}:443"),
        Wrong(fault, "another layer", (put(NODE, f"ACCEPT TCP {CLIENT} 80"),), *NO_CLIENT),
        Wrong(fault, "below the DROP", (put(CLB, CLOSED), put(CLB, f"ACCEPT TCP {CLIENT} 80", 1)), *NO_CLIENT),
        Wrong(fault, "group unbound", (("bind", "lb-lab00001"),), "others", NEIGHBOUR),
        Wrong(fault, "pass-to-target", (PASS,), *NO_CLIENT),
        Wrong(fault, "right, and pass-to-target", (right, PASS), *UNASKED),
        Wrong(fault, "right, and SSH to the world", (right, SSH), *SSH_IN),
        Wrong(fault, "right, and SSH on the CLB", (right, put(CLB, "ACCEPT TCP 0.0.0.0/0 22")), "past",
              f"TCP 198.51.100.7 → {AT_CLB}:22"),
    ]  # fmt: skip


def _group_2() -> list[Wrong]:
    right, fault = put(NODE, f"ACCEPT TCP {CLIENT} 30713"), "group-2"
    return [
        Wrong(fault, "nothing done", (), *NO_CLIENT),
        Wrong(fault, "everything open", (put(NODE, OPEN),), *SSH_IN),
        Wrong(fault, "a /8", (put(NODE, "ACCEPT TCP 203.0.0.0/8 30713"),), "past",
              f"TCP 203.128.0.1 → {AT_NODE}:30713"),
        Wrong(fault, "the NodePort to the world", (put(NODE, "ACCEPT TCP 0.0.0.0/0 30713"),), "past",
              f"TCP 198.51.100.7 → {AT_NODE}:30713"),
        Wrong(fault, "all ports", (put(NODE, f"ACCEPT TCP {CLIENT} ALL"),), "past", f"TCP {CLIENT} → {AT_NODE}:22"),
        Wrong(fault, "every NodePort", (put(NODE, f"ACCEPT TCP {CLIENT} 30000-32767"),), "past",
              f"TCP {CLIENT} → {AT_NODE}:30000"),
        Wrong(fault, "every protocol", (put(NODE, f"ACCEPT ALL {CLIENT} ALL"),), "past",
              f"TCP {CLIENT} → {AT_NODE}:22"),
        Wrong(fault, "another layer", (put(POD, f"ACCEPT TCP {CLIENT} 30713"),), *NO_CLIENT),
        Wrong(fault, "below the DROP", (put(NODE, f"ACCEPT TCP {CLIENT} 30713", 4),), *NO_CLIENT),
        Wrong(fault, "the VIP", (put(NODE, "ACCEPT TCP 192.0.2.10 30713"), ("cut", NODE, 2)), *NO_CLIENT),
        Wrong(fault, "the pod's port", (put(NODE, f"ACCEPT TCP {CLIENT} 80"),), *NO_CLIENT),
        Wrong(fault, "unbound from node-a", (("bind", "ins-nodea001"),), *SSH_IN),
        Wrong(fault, "right, but unbound from node-b", (right, ("bind", "ins-nodeb001")), "past",
              "TCP 198.51.100.7 → node-b 10.0.35.12:22"),
        Wrong(fault, "pass-to-target", (PASS,), *UNASKED),
        Wrong(fault, "right, and pass-to-target", (right, PASS), *UNASKED),
        Wrong(fault, "right, and SSH to the world", (right, SSH), *SSH_IN),
        Wrong(fault, "right, but the CLB open", (right, put(CLB, OPEN)), "past", f"TCP 198.51.100.7 → {AT_CLB}:80"),
        Wrong(fault, "over IPv6 too", (right, put(NODE, "ACCEPT TCP ::/0 30713")), "past",
              f"TCP 2001:db8:bad::7 → {AT_NODE}:30713"),
    ]  # fmt: skip


def _group_3() -> list[Wrong]:
    right, fault, seen = put(POD, "ACCEPT TCP {seen} 80"), "group-3", DOCUMENTED
    clients = ORIGINAL
    return [
        Wrong(fault, "nothing done", (), *NO_CLIENT),
        Wrong(fault, "everything open", (put(POD, OPEN),), "past", f"TCP 198.51.100.7 → {AT_POD}:80"),
        Wrong(fault, "a /8", (put(POD, "ACCEPT TCP 10.0.0.0/8 80"),), "past", f"TCP 10.128.0.1 → {AT_POD}:80", seen),
        Wrong(fault, "a /8 of clients", (put(POD, "ACCEPT TCP 203.0.0.0/8 80"),), "past",
              f"TCP 203.128.0.1 → {AT_POD}:80", clients),
        Wrong(fault, "all ports", (put(POD, "ACCEPT TCP {seen} ALL"),), "past", f"TCP 10.0.35.11 → {AT_POD}:22", seen),
        Wrong(fault, "one node", (put(POD, "ACCEPT TCP 10.0.35.11 80"),), "served",
              f"TCP 10.0.35.12 → {AT_POD}:80", seen),
        Wrong(fault, "both nodes, not the next", (put(POD, "ACCEPT TCP 10.0.35.8/29 80"),), "served",
              f"TCP 10.0.35.129 → {AT_POD}:80", seen),
        Wrong(fault, "the client", (put(POD, f"ACCEPT TCP {CLIENT} 80"),), *NO_CLIENT, seen),
        Wrong(fault, "the client, not its block", (put(POD, f"ACCEPT TCP {CLIENT} 80"),), "served", NEIGHBOUR, clients),
        Wrong(fault, "another layer", (put(NODE, "ACCEPT TCP {seen} 80"),), *NO_CLIENT),
        Wrong(fault, "the NodePort", (put(POD, "ACCEPT TCP {seen} 30713"),), *NO_CLIENT),
        Wrong(fault, "below the DROP", (put(POD, CLOSED), put(POD, "ACCEPT TCP {seen} 80", 1)), *NO_CLIENT),
        Wrong(fault, "group unbound", (("bind", "eni-podsb001"),), "past", f"TCP 198.51.100.7 → {AT_POD}:80"),
        Wrong(fault, "pass-to-target", (PASS,), *NO_CLIENT),
        Wrong(fault, "right, and pass-to-target", (right, PASS), *UNASKED),
        Wrong(fault, "right, and SSH to the world", (right, SSH), *SSH_IN),
        Wrong(fault, "the node's group bound", (("bind", "eni-podsb001", NODE),), *NO_CLIENT),
    ]  # fmt: skip


def _inherited() -> list[Wrong]:
    right, fault = put(NODE, "ACCEPT TCP {seen} 80"), "inherited"
    return [
        Wrong(fault, "nothing done", (), *NO_CLIENT),
        Wrong(fault, "everything open", (put(NODE, OPEN),), *SSH_IN),
        Wrong(fault, "a /8", (put(NODE, "ACCEPT TCP 10.0.0.0/8 80"),), "past", f"TCP 10.128.0.1 → {AT_NODE}:80",
              DOCUMENTED),
        Wrong(fault, "all ports", (put(NODE, "ACCEPT TCP {seen} ALL"),), "past", f"TCP 10.0.35.11 → {AT_NODE}:22",
              DOCUMENTED),
        Wrong(fault, "one node", (put(NODE, "ACCEPT TCP 10.0.35.11 80"),), "served", f"TCP 10.0.35.12 → {AT_POD}:80",
              DOCUMENTED),
        Wrong(fault, "another layer", (put(POD, "ACCEPT TCP {seen} 80"),), *NO_CLIENT),
        Wrong(fault, "below the DROP", (put(NODE, CLOSED), put(NODE, "ACCEPT TCP {seen} 80", 1)), *NO_CLIENT),
        Wrong(fault, "group unbound", (("bind", "eni-podsb001"),), "past", f"TCP 198.51.100.7 → {AT_POD}:80"),
        Wrong(fault, "pass-to-target", (PASS,), *NO_CLIENT),
        Wrong(fault, "right, and pass-to-target", (right, PASS), *UNASKED),
        Wrong(fault, "right, and SSH to the world", (right, SSH), *SSH_IN),
    ]  # fmt: skip


def _original_drill() -> list[Wrong]:
    fault = "original-drill"
    first, second = put(CLB, f"ACCEPT TCP {CLIENT} 80"), put(NODE, f"ACCEPT TCP {CLIENT} 30713")
    third = put(POD, "ACCEPT TCP {seen} 80")
    right = (first, second, third)
    return [
        Wrong(fault, "nothing done", (), *NO_CLIENT),
        Wrong(fault, "the first only", (first,), *NO_CLIENT),
        Wrong(fault, "the first and the second", (first, second), *NO_CLIENT),
        Wrong(fault, "everything open", (put(CLB, OPEN), put(NODE, OPEN), put(POD, OPEN)), "others",
              f"TCP 198.51.100.7 → {AT_CLB}:80"),
        Wrong(fault, "a /8 of clients", (put(CLB, "ACCEPT TCP 203.0.0.0/8 80"), second, third), "past",
              f"TCP 203.128.0.1 → {AT_CLB}:80"),
        Wrong(fault, "all ports of the node", (first, put(NODE, f"ACCEPT TCP {CLIENT} ALL"), third), "past",
              f"TCP {CLIENT} → {AT_NODE}:22"),
        Wrong(fault, "layers mixed up", (first, put(POD, f"ACCEPT TCP {CLIENT} 30713"), third), *NO_CLIENT),
        Wrong(fault, "below the DROP", (first, put(NODE, f"ACCEPT TCP {CLIENT} 30713", 1), third), *NO_CLIENT),
        Wrong(fault, "all unbound", (("bind", "lb-lab00001"), ("bind", "ins-nodea001"), ("bind", "eni-podsb001")),
              "others", f"TCP 198.51.100.7 → {AT_CLB}:80"),
        Wrong(fault, "pass-to-target instead of the second", (first, third, PASS), *UNASKED),
        Wrong(fault, "one node", (first, second, put(POD, "ACCEPT TCP 10.0.35.11 80")), "served",
              f"TCP 10.0.35.12 → {AT_POD}:80", DOCUMENTED),
        Wrong(fault, "right, and SSH to the world", (*right, SSH), *SSH_IN),
        Wrong(fault, "probes let in at the node", (*right, put(NODE, "ACCEPT TCP 100.64.0.0/10 30713")), "past",
              f"TCP 100.64.0.1 → {AT_NODE}:30713", DOCUMENTED),
    ]  # fmt: skip


def _others() -> list[Wrong]:
    """Lessons 05 and 06: several groups on one interface, direct access, and years of rules."""
    stranger = f"TCP 198.51.100.7 → {AT_CLB}:80"
    narrow = ("only", NODE, f"ACCEPT TCP {BLOCK} 30713", "ACCEPT TCP 198.51.100.128/25 30713")
    return [
        Wrong("two-groups", "nothing done", (), *NO_CLIENT),
        Wrong("two-groups", "only added below", (put(NODE, f"ACCEPT TCP {CLIENT} 30713"),), *NO_CLIENT),
        Wrong("two-groups", "everything open", (put(OLD, OPEN),), *SSH_IN),
        Wrong("two-groups", "the client only", (put(OLD, f"ACCEPT TCP {CLIENT} 30713"),), "served", NEIGHBOUR),
        Wrong("two-groups", "all unbound", (("bind", "ins-nodea001"),), *SSH_IN),
        Wrong("two-groups", "pass-to-target", (PASS,), *UNASKED),
        Wrong("direct-group-3", "nothing done", (), *NO_CLIENT),
        Wrong("direct-group-3", "everything open", (put(POD, OPEN),), "past", f"TCP 198.51.100.7 → {AT_POD}:80"),
        Wrong("direct-group-3", "another layer", (put(NODE, f"ACCEPT TCP {BLOCK} 80"),), *NO_CLIENT),
        Wrong("direct-group-3", "all ports", (put(POD, f"ACCEPT TCP {BLOCK} ALL"),), "past",
              f"TCP 203.0.113.11 → {AT_POD}:22"),
        Wrong("direct-group-3", "pass-to-target", (PASS,), "others", f"TCP {CLIENT} → {AT_POD}:80"),
        Wrong("direct-group-3", "the client only", (put(POD, f"ACCEPT TCP {CLIENT} 80"),), "served", NEIGHBOUR),
        Wrong("pass-to-target", "the CLB open", (put(CLB, OPEN),), "others", stranger, DOCUMENTED),
        Wrong("pass-to-target", "the CLB open", (put(CLB, OPEN),), "past", stranger, ORIGINAL),
        Wrong("pass-to-target", "the CLB's group unbound", (("bind", "lb-lab00001"),), "others", stranger, DOCUMENTED),
        Wrong("history", "nothing done", (), "others", f"TCP 198.51.100.65 → {AT_CLB}:80", DOCUMENTED),
        Wrong("history", "the partner's first half forgotten", (narrow,), "served",
              f"TCP 198.51.100.1 → {AT_CLB}:80", DOCUMENTED),
        Wrong("history", "the block forgotten", (("only", NODE, f"ACCEPT TCP {BLOCK} 30713",
              "ACCEPT TCP 198.51.100.0/24 30713"),), "others", f"TCP 198.51.100.65 → {AT_CLB}:80", DOCUMENTED),
        Wrong("history", "SSH kept", (("only", NODE, f"ACCEPT TCP {BLOCK} 30713", "ACCEPT TCP 198.51.100.0/26 30713",
              "ACCEPT TCP 198.51.100.128/25 30713", "ACCEPT TCP 0.0.0.0/8 22"),), *SSH_IN),
        Wrong("history", "every NodePort", (("only", NODE, "DROP TCP 198.51.100.64/26 ALL",
              f"ACCEPT TCP {BLOCK} 30000-32767", "ACCEPT TCP 198.51.100.0/24 30713"),), "past",
              f"TCP 203.0.113.1 → {AT_NODE}:30000"),
        Wrong("udp", "nothing done", (), "served", f"UDP {CLIENT} → {AT_CLB}:80"),
        Wrong("udp", "everything open", (put(NODE, OPEN),), "past", f"UDP 198.51.100.7 → {AT_NODE}:22"),
    ]  # fmt: skip


WRONG = [*_first_steps(), *_group_1(), *_group_2(), *_group_3(), *_inherited(), *_original_drill(), *_others()]
