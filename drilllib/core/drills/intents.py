"""
What each drill is about: whom its repair has to let in, and how much may stand open afterwards.

A repair passes that serves all of *served* and lets in nothing beyond *clb*, *node* and *pod*, whatever its rules look
like; `core.check.repairs` holds a snapshot against it. The lists are what the reference repair leaves, the fault's
own left-overs included. In texts, ``{client}`` is the one who asks, ``{block}`` the /24 around it, and ``{seen}``
whom the pod sees: the nodes' subnet, or the clients where the semantics say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_SUBNET, POD_GROUP, VIP
from drilllib.core.drills.faults import client_block
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_rules
from drilllib.core.snapshot.semantics import profile
from drilllib.core.snapshot.snapshot import Snapshot

# Of `history`: the partner's block, and what of it is served. A pod that sees clients does not admit them all, but may.
_PARTNERS, _PARTNER = "198.51.100.0/24", ("198.51.100.0/26", "198.51.100.128/25")


@dataclass(frozen=True, slots=True)
class RulePut:
    """One step of a reference repair: a rule put into a list of a group, before what stands at *place*."""

    group: str
    rule: str
    place: int = 0
    direction: Direction = Direction.INGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """
    What is meant to work once a drill is repaired, and the most that may be open then.

    *served* are blocks whose clients all get through, *through* those who may. *clb*, *node* and *pod* are lists of
    rules, from the top: no interface of that kind may accept more than its list. *nodes* is the block of the nodes
    that the pods' groups have to admit to *pod_port*, so that any of them can forward; empty where pods see clients.
    *pass_to_target*: whether the CLB's traffic may go unasked. *reference* is one repair that is right, where rules
    alone are one; for `two-groups` and `history` it is the rule that completes what their lessons have begun.
    """

    served: tuple[str, ...] = ("{block}",)
    through: tuple[str, ...] = ("{block}",)
    clb: tuple[str, ...] = ("ACCEPT TCP {block} 80",)
    node: tuple[str, ...] = ("ACCEPT TCP {block} 30713",)
    pod: tuple[str, ...] = ("ACCEPT TCP {seen} 80",)
    nodes: str = NODE_SUBNET
    pod_port: int = 80
    protocol: str = "TCP"
    pass_to_target: bool = False
    reference: tuple[RulePut, ...] = ()


def intent_of(fault: str, *, semantics: str, client: str) -> Intent:
    """
    What the drill with that fault intends; a fault without an entry in `INTENTS` is repaired to the healthy lab.

    Raises:
        InvalidInputError: *semantics* is no profile, or *client* no IPv4 address that the lab can have.
    """
    intent, hidden = INTENTS.get(fault, Intent()), profile(semantics.lower()).cluster_policy_hides_client
    block = client_block(client)
    clients = _PARTNER[0] if (fault, block) == ("history", _PARTNERS) else block  # a reported neighbour stays out
    names = {"client": client, "block": clients, "seen": NODE_SUBNET if hidden else block}
    filled = replace(intent, **{each.name: _filled(getattr(intent, each.name), names) for each in fields(intent)})
    if hidden:
        return filled
    served = tuple(each for each in filled.served if each not in _PARTNER)
    seen = tuple(f"ACCEPT TCP {each} 80" for each in filled.through if each in _PARTNER)
    return replace(filled, nodes="", served=served, pod=(*filled.pod, *seen))


def as_meant(healthy: Snapshot, intent: Intent) -> Snapshot:
    """The healthy lab, with its three groups as open as they may be once the drill is repaired."""
    for group_id, lines in ((CLB_GROUP, intent.clb), (NODE_GROUP, intent.node), (POD_GROUP, intent.pod)):
        healthy = with_rules(healthy, group_id, Direction.INGRESS, [rule_from_text(line) for line in lines])
    return healthy


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """A field of an intent with the names in its texts replaced."""
    if isinstance(value, str):
        return value.format(**names)
    if isinstance(value, RulePut):
        return replace(value, rule=value.rule.format(**names))
    return tuple(_filled(each, names) for each in value) if isinstance(value, tuple) else value


_CLB = RulePut(CLB_GROUP, "ACCEPT TCP {client} 80")
_NODE = RulePut(NODE_GROUP, "ACCEPT TCP {client} 30713")
_POD = RulePut(POD_GROUP, "ACCEPT TCP {seen} 80")
_LEFT_BY_THE_DRILL = ("ACCEPT TCP 0.0.0.0/0 22", "ACCEPT TCP 100.64.0.0/10 80")  # on the CLB: nothing listens, or node
_BOTH_SEEN = ("ACCEPT TCP {block} 80", f"ACCEPT TCP {NODE_SUBNET} 80")

INTENTS: Mapping[str, Intent] = {
    "first-steps": Intent(reference=(replace(_CLB, rule="ACCEPT TCP {block} 80"),)),
    "original-drill": Intent(
        served=("{client}",), clb=("ACCEPT TCP {block} 80", *_LEFT_BY_THE_DRILL), reference=(_CLB, _NODE, _POD)
    ),
    "group-1": Intent(
        served=("{client}",),
        through=("{client}",),
        clb=("ACCEPT TCP {client} 80", "ACCEPT TCP {block} 30713"),
        reference=(_CLB,),
    ),
    "group-2": Intent(
        served=("{client}",),
        node=("ACCEPT TCP {block} 30713", "ACCEPT TCP {block} 80", f"ACCEPT TCP {VIP} 30713"),
        reference=(_NODE,),
    ),
    "group-3": Intent(pod=_BOTH_SEEN, reference=(_POD,)),
    "same-node": Intent(nodes=""),
    "inherited": Intent(
        node=("ACCEPT TCP {block} 30713", "ACCEPT TCP {seen} 80"),
        pod=("ACCEPT TCP {block} 30713", "ACCEPT TCP {seen} 80"),
        reference=(RulePut(NODE_GROUP, "ACCEPT TCP {seen} 80"),),
    ),
    "direct-access": Intent(pod=("ACCEPT TCP {block} 80",), nodes=""),
    "direct-group-3": Intent(pod=_BOTH_SEEN, nodes="", reference=(RulePut(POD_GROUP, "ACCEPT TCP {block} 80"),)),
    "pass-to-target": Intent(pass_to_target=True),
    "local-policy": Intent(pod=_BOTH_SEEN, nodes=""),
    "history": Intent(
        served=("{block}", *_PARTNER),
        through=("{block}", *_PARTNER),
        clb=("ACCEPT TCP {block} 80", f"ACCEPT TCP {_PARTNERS} 80", "ACCEPT TCP 100.64.0.0/10 80"),
        node=tuple(f"ACCEPT TCP {block} 30713" for block in ("{block}", *_PARTNER)),
        reference=(RulePut(NODE_GROUP, "ACCEPT TCP 198.51.100.128/25 30713"),),
    ),
    "two-groups": Intent(reference=(replace(_NODE, rule="ACCEPT TCP {block} 30713"),)),
    "udp": Intent(
        clb=("ACCEPT UDP {block} 80",),
        node=("ACCEPT UDP {block} 30713", "ACCEPT TCP {block} 30713"),
        pod=("ACCEPT UDP {seen} 80",),
        protocol="UDP",
        reference=(RulePut(NODE_GROUP, "ACCEPT UDP {block} 30713"),),
    ),
}
