"""Engines with one mistake each, made around the real one by changing what it is given or what it says."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_network

from drilllib.core.rules.members import Members, Reference
from drilllib.core.rules.rules import Action, Decision, Direction, Flow, Rule, SecurityGroup, decide

Engine = Callable[[Sequence[SecurityGroup], Direction, Flow], Decision]


def _reading(change: Callable[[Rule], Rule]) -> Engine:
    """An engine that reads every rule as *change* makes it."""

    def changed(group: SecurityGroup) -> SecurityGroup:
        ingress, egress = (tuple(map(change, group.rules(each))) for each in (Direction.INGRESS, Direction.EGRESS))
        return replace(group, ingress=ingress, egress=egress)

    return _with_groups(changed)


def _with_groups(change: Callable[[SecurityGroup], SecurityGroup]) -> Engine:
    known: dict[int, tuple[SecurityGroup, SecurityGroup]] = {}  # the original is kept, so that its id stays its own

    def engine(groups: Sequence[SecurityGroup], direction: Direction, flow: Flow) -> Decision:
        for group in groups:
            if id(group) not in known:
                known[id(group)] = group, change(group)
        return decide([known[id(group)][1] for group in groups], direction, flow)

    return engine


def _without_range_ends(rule: Rule) -> Rule:
    ports = rule.ports and tuple((first, max(first, last - 1)) for first, last in rule.ports)
    return replace(rule, ports=ports)


def _first_ports_only(rule: Rule) -> Rule:
    return replace(rule, ports=rule.ports and rule.ports[:1])


def _wider_blocks(rule: Rule) -> Rule:
    narrow = isinstance(rule.peer, Reference) or rule.peer.prefixlen == 0
    return rule if narrow else replace(rule, peer=rule.peer.supernet())


def _narrower_blocks(rule: Rule) -> Rule:
    if isinstance(rule.peer, Reference) or rule.peer.prefixlen == rule.peer.max_prefixlen:
        return rule
    return replace(rule, peer=next(rule.peer.subnets()))


def _zero_is_ipv4_only(rule: Rule) -> Rule:
    """0.0.0.0/0 left as the API had it: 0.0.0.0/8 stays a block of 8 bits."""
    written = rule.policy.get("CidrBlock") or ""
    return replace(rule, peer=ip_network(written, strict=False)) if written.startswith("0.0.0.0/") else rule


def _first_member_only(group: SecurityGroup) -> SecurityGroup:
    peers = {name: Members(members.certain[:1]) for name, members in group.names.peers.items()}
    return replace(group, names=replace(group.names, peers=peers))


def _first_service_only(group: SecurityGroup) -> SecurityGroup:
    services = {name: entries[:1] for name, entries in group.names.services.items()}
    return replace(group, names=replace(group.names, services=services))


def _last_match(groups: Sequence[SecurityGroup], direction: Direction, flow: Flow) -> Decision:
    matches = [(group, index) for group in groups for index, _ in group.matching(direction, flow)]
    if not matches:
        return Decision(Action.DROP, direction)
    group, index = matches[-1]
    return Decision(group.rules(direction)[index].action, direction, group.group_id, index)


def _all_is_tcp_and_udp(groups: Sequence[SecurityGroup], direction: Direction, flow: Flow) -> Decision:
    found = decide(groups, direction, flow)
    other = flow.port is None and found.rule is not None and found.rule.protocol == "ALL"
    return Decision(Action.DROP, direction) if other else found


def _counted_from_one(groups: Sequence[SecurityGroup], direction: Direction, flow: Flow) -> Decision:
    found = decide(groups, direction, flow)
    return found if found.group is None else replace(found, policy_index=found.policy_index + 1)


def _without_deny(groups: Sequence[SecurityGroup], direction: Direction, flow: Flow) -> Decision:
    found = decide(groups, direction, flow)
    return found if found.group else replace(found, action=Action.ACCEPT)


BROKEN: dict[str, Engine] = {
    "the last port of a range is left out": _reading(_without_range_ends),
    "of a list of ports the first part counts": _reading(_first_ports_only),
    "blocks are a bit too wide": _reading(_wider_blocks),
    "blocks are a bit too narrow": _reading(_narrower_blocks),
    "0.0.0.0/8 is a block like others": _reading(_zero_is_ipv4_only),
    "of a template the first member counts": _with_groups(_first_member_only),
    "of a service template the first member counts": _with_groups(_first_service_only),
    "groups are read from the last": lambda groups, direction, flow: decide(groups[::-1], direction, flow),
    "only the first group is read": lambda groups, direction, flow: decide(groups[:1], direction, flow),
    "the last match decides": _last_match,
    "egress reads ingress": lambda groups, _, flow: decide(groups, Direction.INGRESS, flow),
    "ALL means TCP and UDP": _all_is_tcp_and_udp,
    "policy indexes begin at 1": _counted_from_one,
    "what no rule matches is accepted": _without_deny,
}
