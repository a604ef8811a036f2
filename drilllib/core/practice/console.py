"""What the cloud's console lists: listeners with their targets and health, bound groups, the rules of a group."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address, summarize_address_range
from typing import Any

from drilllib.core.practice.rows import Row, row
from drilllib.core.rules.members import Members, Reference, port_text
from drilllib.core.rules.rules import Direction, Rule, SecurityGroup
from drilllib.core.snapshot.resources import Listener, LoadBalancer
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.entry import Entry
from drilllib.core.trace.health import health_of
from drilllib.core.trace.walker import Walker
from drilllib.errors import UnknownNameError, listed, quoted


def health_rows(snapshot: Snapshot, about: Entry) -> Iterator[Row]:
    """Every listener of the CLB that *about* leads to, with each target's port, weight and health."""
    for whole in snapshot.listeners(about.balancer.balancer_id) or ():
        for listener in whole.by_rule:
            yield _listener_row(listener)
            walker = Walker(snapshot, about.balancer, about.frontend, listener)
            for target in listener.targets or ():
                health, _ = health_of(walker, target)
                cells = {"address": target.address, "port": target.port, "weight": target.weight}
                yield row("target", name=target.name, **cells, health=health.state)


def _listener_row(listener: Listener) -> Row:
    """A listener, or one forwarding rule of it."""
    domain, url = listener.rule.get("Domain"), listener.rule.get("Url")
    switch = {True: "on", False: "off", None: "unknown"}[listener.probes]
    asked = {"protocol": listener.protocol, "port": listener.port, "domain": domain, "url": url}
    return row("listener", id=listener.listener_id, **asked, probes=switch)


def group_rows(snapshot: Snapshot, resource_id: str) -> Iterator[Row]:
    """
    A CLB, an instance or an interface, and the groups bound to it in their order.

    Raises:
        UnknownNameError: Nothing of that id has groups.
    """
    bound = snapshot.bound_groups()
    if resource_id not in bound:
        raise UnknownNameError(
            "Nothing here has the id {name}",
            remedy="Use one of {choices}",
            name=quoted(resource_id),
            choices=listed(bound),
        )
    yield _resource_row(snapshot, resource_id)
    for place, group in enumerate(bound[resource_id] or ()):
        yield row("group", place=place, id=group, name=_name_of(snapshot, group))


def _resource_row(snapshot: Snapshot, resource_id: str) -> Row:
    for balancer in snapshot.load_balancers:
        if balancer.balancer_id == resource_id:
            return _balancer_row(balancer)
    node = snapshot.node_of_instance(resource_id)
    if node is not None:
        addresses = ",".join(map(str, node.addresses))
        return row("instance", id=resource_id, name=node.label, state=node.state, addresses=addresses)
    item = next(it for it in snapshot.part("network_interfaces") or () if it["NetworkInterfaceId"] == resource_id)
    return _interface_row(snapshot, item)


def _balancer_row(balancer: LoadBalancer) -> Row:
    vips = ",".join(map(str, balancer.vips)) or balancer.domain
    passes = {True: "on", False: "off", None: "unknown"}[balancer.pass_to_target]
    return row("load_balancer", id=balancer.balancer_id, vips=vips, pass_to_target=passes)


def _interface_row(snapshot: Snapshot, item: Mapping[str, Any]) -> Row:
    node = snapshot.node_of_instance((item.get("Attachment") or {}).get("InstanceId") or "")
    listed = (entry["PrivateIpAddress"] for entry in item.get("PrivateIpAddressSet") or ())
    listed_6 = (entry["Address"] for entry in item.get("Ipv6AddressSet") or ())
    addresses = ",".join((*listed, *listed_6))
    return row("interface", id=item["NetworkInterfaceId"], name=node.label if node else "", addresses=addresses)


def _name_of(snapshot: Snapshot, group: str) -> str:
    found: str = ((snapshot.part("security_groups") or {}).get(group) or {}).get("SecurityGroupName") or ""
    return found


def rule_rows(snapshot: Snapshot, group_id: str) -> Iterator[Row]:
    """
    The rules of a group, both directions from the top, then who the names in them stand for.

    Raises:
        UnknownNameError: There is no such group.
    """
    if group_id not in snapshot.groups:
        raise UnknownNameError(
            "There is no security group {name}",
            remedy="Use one of {choices}",
            name=quoted(group_id),
            choices=listed(snapshot.groups),
        )
    group = snapshot.groups[group_id]
    yield row("rules_of", id=group_id, name=_name_of(snapshot, group_id))
    for direction in Direction:
        for place, rule in enumerate(group.rules(direction) or ()):
            yield _rule_row(direction, place, rule)
    for name in dict.fromkeys(group.references):
        yield row("members", name=name.name, members=_members_text(group, name))


@lru_cache(maxsize=4096)
def _rule_row(direction: Direction, place: int, rule: Rule) -> Row:
    service = rule.service
    return row(
        "rule",
        direction=direction,
        place=place,
        action=rule.action,
        protocol=service.name if service else rule.protocol,
        peer=rule.peer.name if isinstance(rule.peer, Reference) else rule.peer,
        port="" if service else port_text(rule.ports),
        description=rule.policy.get("PolicyDescription"),
    )


def _members_text(group: SecurityGroup, name: Reference) -> str:
    if name.kind == "ServiceTemplate":
        entries = group.names.services.get(name.name) or ()
        return ",".join(f"{protocol}:{port_text(ports)}" for protocol, ports in entries)
    return ",".join(_blocks(group.names.members_of(name)))


def _blocks(members: Members) -> Iterator[str]:
    """Who certainly is a member, as blocks."""
    for version, first, last in members.certain:
        kind = type(ip_address("::" if version == 6 else "0.0.0.0"))
        for block in summarize_address_range(kind(first), kind(last)):
            yield str(block).removesuffix("/32").removesuffix("/128")
