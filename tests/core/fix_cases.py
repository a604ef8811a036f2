"""Random small labs for fix_search.py, and what the engine makes of them."""

from collections.abc import Mapping
from functools import cache
from ipaddress import ip_network
from random import Random

from fix_search import BLOCKS, PORTS, UNIVERSE, Case, Edit, Policy, mask, ports_in

from drilllib.core.drills.default_lab import BALANCER, SERVICE, default_lab, policy
from drilllib.core.drills.variants import add_group, direct_access, set_ingress
from drilllib.core.fix.proposals import Fix, fix
from drilllib.core.snapshot.bindings import bindings
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question

NODE_A, NODE_B, POD = "ins-nodea001", "ins-nodeb001", "eni-podsb001"
OPEN = "sg-pod00001"  # admits the nodes; not one of the drawn groups
NAMES = ("sg-a", "sg-b", "sg-c")
PORT_TEXTS = ("80", "30713", "80,30713")


def random_case(random: Random) -> Case:
    """Up to three groups of up to three rules; two interfaces on the way, and two that only have such groups."""
    groups = {name: _rules(random) for name in NAMES[: random.choice((1, 2, 2, 3, 3))]}
    direct = random.random() < 0.3
    asked = {BALANCER: 80, POD: 80} if direct else {BALANCER: 80, NODE_A: 30713}
    others = [name for name in (NODE_A, NODE_B) if name not in asked]
    bound = {name: _some(random, groups, (1, 1, 2)) for name in asked}
    bound |= {name: _some(random, groups, (0, 1, 1, 2)) for name in others}
    blocks = random.choice((BLOCKS[:1], BLOCKS[1:3], BLOCKS[3:7], BLOCKS[7:]))
    clients = tuple(random.sample(blocks, min(len(blocks), random.choice((1, 1, 1, 2)))))
    return Case(groups, bound, asked, clients)


def _some(random: Random, groups: Mapping[str, object], sizes: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(random.sample(list(groups), min(random.choice(sizes), len(groups))))


def _rules(random: Random) -> list[Policy]:
    """A few rules of which no two are the same, as the API has it."""
    found: list[Policy] = []
    for _ in range(random.choice((0, 1, 2, 2, 3, 3))):
        if random.random() < 0.45:
            peer, protocol, port = random.choice((*BLOCKS, "0.0.0.0/0", "203.0.113.0/24")), "TCP", "ALL"
            if random.random() < 0.5:
                port = random.choice(PORT_TEXTS)
            elif random.random() < 0.5:
                protocol = "ALL"
            rule = policy("DROP", protocol, peer, port)
        else:
            rule = policy("ACCEPT", "TCP", random.choice((*BLOCKS[:7], *BLOCKS)), random.choice(PORT_TEXTS))
        found += [] if rule in found else [rule]
    return found


def snapshot_of(case: Case) -> Snapshot:
    """The default lab with those groups; what is not bound in the case has a group that lets requests through."""
    document = default_lab()
    if POD in case.asked:
        direct_access(document)
    for name, rules in case.groups.items():
        add_group(document, name)
        set_ingress(document, name, *rules)
    for name, (resource, field) in bindings(document).items():
        resource[field] = list(case.bound.get(name, (OPEN,)))
    return Snapshot(document)


def fixed(case: Case) -> Fix:
    """What the engine proposes."""
    return fix(snapshot_of(case), Question(service=SERVICE), [ip_network(each) for each in case.clients])


@cache
def case_of(seed: int) -> tuple[Case, Fix]:
    """The random case of a seed, and what the engine proposes; worked out once."""
    case = random_case(Random(seed))
    return case, fixed(case)


class TwiceError(AssertionError):
    """A proposal takes the same rule out twice."""


def edits_of(case: Case, changes: list[dict]) -> tuple[frozenset[Edit], int]:
    """A proposal's changes as edits, and how many rules go because one like them is put in."""
    made, removed, twins = [], [], 0
    for each in changes:
        assert each["direction"] == "ingress"
        place, rule, old = each["policy_index"], each["rule"], each["replaces"]
        assert (rule is not None, old is not None) == {
            "insert": (True, False),
            "replace": (True, True),
            "delete": (False, True),
        }[each["edit"]]
        if old is not None:
            removed.append((each["group"], place))
            assert {name: old[name] for name in old if name != "PolicyIndex"} == case.groups[each["group"]][place]
            if old["Action"] == "ACCEPT":
                assert rule is None
                twins += 1
                continue
        assert rule is None or (rule["Action"], rule["Protocol"]) == ("ACCEPT", "TCP")
        block, ports = (None, ()) if rule is None else (str(ip_network(rule["CidrBlock"])), ports_in(rule["Port"]))
        made.append(Edit(each["group"], place, old is not None, block, ports))
    if len(set(removed)) < len(removed):
        raise TwiceError(f"{removed} has a rule twice")
    assert len(set(made)) == len(made)
    return frozenset(made), twins


def bound_after(case: Case, steps: list[dict]) -> dict[str, tuple[str, ...]]:
    """How groups are bound after a proposal's steps, each of which gives one interface another order of its groups."""
    found = dict(case.bound)
    for each in steps:
        assert each["code"] == "GROUP_ORDER"
        order = tuple(each["facts"]["groups"].split(", "))
        assert sorted(order) == sorted(case.bound[each["where"]])
        assert order != case.bound[each["where"]]
        found[each["where"]] = order
    return found


def flows_told(collateral: list[dict]) -> dict[str, int]:
    """The collateral that a proposal tells, as numbers; nothing in it lies outside the eight addresses."""
    found: dict[str, int] = {}
    for each in collateral:
        assert (each["direction"], each["protocol"]) == ("ingress", "TCP")
        assert ip_network(each["source"]).subnet_of(UNIVERSE)
        assert int(each["ports"]) in PORTS
        found[each["interface"]] = found.get(each["interface"], 0) | mask((each["source"],), (int(each["ports"]),))
    return found
