"""Situations as questions, and what a walker says of them in their words."""

from connection_truths import LATE_504, REACHED, REFUSED, TIMEOUT, UNDETERMINED, Situation
from walker import Walk
from walker_connections import walk_connection

WRITTEN = {"pod": "pod/", "node": "node/", "nodeport": "node/", "service": "svc/", "vip": "", "address": ""}
MET = {
    ("connected", None): REACHED,
    ("answered", None): REACHED,
    ("http", 200): REACHED,
    ("http", 504): LATE_504,
    ("connect_timeout", None): TIMEOUT,
    ("no_answer", None): TIMEOUT,
    ("refused", None): REFUSED,
    ("port_unreachable", None): REFUSED,
}


def question_of(item: Situation) -> dict:
    """As it is asked."""
    (source, name), (door, far) = item.source, item.door
    ends = {"source": WRITTEN[source] + name, "door": WRITTEN[door] + far}
    return {**ends, "port": item.port, "protocol": item.protocol}


def outcome_of(found: Walk) -> str:
    """What the source meets; several things are one text."""
    if found.verdict == "undetermined":
        return UNDETERMINED
    return " or ".join(sorted({MET[each[:2]] for each in found.symptoms}))


def is_right(item: Situation, found: Walk) -> bool:
    """Whether an answer is the one that documents make right, with what stops the packet."""
    outcome = outcome_of(found)
    if outcome != item.outcome:
        return item.honest and outcome == UNDETERMINED
    named = {blocker[:5] for blocker in found.blockers if not blocker[-1]}
    return item.blocker is None or item.blocker in named


def answered(item: Situation) -> Walk:
    """By the walker."""
    return walk_connection(item.document(), question_of(item))
