"""The vendor's objects, read into the views of resources.py."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drilllib.core.rules.addresses import address_at
from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot import schema
from drilllib.core.snapshot.resources import (
    FAMILIES,
    ForwardingRule,
    Listener,
    LoadBalancer,
    Node,
    Redirect,
    Target,
)
from drilllib.core.snapshot.shapes import is_address, require_shape
from drilllib.errors import quoted


def read_listener(item: Mapping[str, Any]) -> Listener:
    """A listener with its forwarding rules. API: CLB Listener."""
    return replace(_listener(item, {}), rules=tuple(_rule(item, rule) for rule in item.get("Rules") or ()))


def _rule(item: Mapping[str, Any], rule: Mapping[str, Any]) -> ForwardingRule:
    hosts = tuple(name.casefold() for name in rule.get("Domains") or [rule.get("Domain") or ""])
    listener = _listener(item, rule)
    return ForwardingRule(hosts, rule.get("Url") or "", bool(rule.get("DefaultServer")), listener, _redirect(rule))


def _redirect(rule: Mapping[str, Any]) -> Redirect | None:
    """Where a rule sends its requests: an object in which everything may be empty stands for none."""
    wanted = rule.get("RewriteTarget") or {}
    if not wanted.get("TargetListenerId"):
        return None
    place, status = wanted.get("TargetLocationId") or "", wanted.get("RewriteCode") or 301
    keeps_path = wanted.get("TakeUrl") is True or wanted.get("RewriteType") == "Auto"
    return Redirect(wanted["TargetListenerId"], place, status, keeps_path)


def _listener(item: Mapping[str, Any], rule: Mapping[str, Any]) -> Listener:
    """The listener with the health check and the targets of *rule*, where there is one."""
    source = rule or item
    health = source.get("HealthCheck") or item.get("HealthCheck") or {}
    probe_port, targets = health.get("CheckPort") or 0, source.get("Targets")
    switch, keepalive = health.get("HealthSwitch"), item.get("KeepaliveEnable")
    return Listener(
        listener_id=item["ListenerId"],
        protocol=item["Protocol"].upper(),
        port=item["Port"],
        keepalive=None if keepalive is None else keepalive == 1,
        probes=None if switch is None else switch != 0,
        probe_source_type=health.get("SourceIpType"),
        probe_port=probe_port if probe_port > 0 else None,
        probe_type=(health.get("CheckType") or "").upper() or None,
        http_code=health.get("HttpCode"),
        location_id=rule.get("LocationId"),
        targets=None if targets is None else tuple(_target(target) for target in targets),
        last_port=max(item["Port"], item.get("EndPort") or 0),
        item=item,
        rule=rule,
        health_check=health,
        session_s=source.get("SessionExpireTime") or item.get("SessionExpireTime") or 0,
    )


def read_load_balancer(item: Mapping[str, Any]) -> LoadBalancer:
    groups = item.get("SecureGroups")
    vips = [*(item.get("LoadBalancerVips") or ()), item.get("AddressIPv6") or ""]
    return LoadBalancer(
        balancer_id=item["LoadBalancerId"],
        vips=tuple(dict.fromkeys(address_at(vip) for vip in vips if is_address(vip))),
        domain=item.get("LoadBalancerDomain") or "",
        family=FAMILIES.get((item.get("AddressIPVersion") or "").lower()),
        groups=None if groups is None else tuple(groups),
        pass_to_target=item.get("LoadBalancerPassToTarget"),
        snat_pro=bool(item.get("SnatPro")),
        snat_ips=tuple(address_at(each["Ip"]) for each in item.get("SnatIps") or ()),
        is_private=(item.get("LoadBalancerType") or "").upper() == "INTERNAL",
        is_classic=item.get("Forward") == 0,
        vpcs=tuple(each for each in (item.get("VpcId"), (item.get("TargetRegionInfo") or {}).get("VpcId")) if each),
    )


def _target(item: Mapping[str, Any]) -> Target:
    addresses = item.get("PrivateIpAddresses") or ()
    return Target(
        kind=(item.get("Type") or "").upper(),
        instance_id=item.get("InstanceId") or "",
        address=address_at(addresses[0]) if addresses else None,
        port=item["Port"],
        weight=item.get("Weight"),
        item=item,
    )


def read_node(item: Mapping[str, Any], names: Mapping[str, str]) -> Node:
    addresses = item["PrivateIpAddresses"]
    known = next((names[address] for address in addresses if address in names), None)
    groups = item.get("SecurityGroupIds")
    every = tuple(address_at(address) for address in (*addresses, *(item.get("IPv6Addresses") or ())))
    return Node(
        known,
        item["InstanceId"],
        every,
        None if groups is None else tuple(groups),
        instance_name=item.get("InstanceName") or "",
        state=(item.get("InstanceState") or "").upper() or None,
        vpc=(item.get("VirtualPrivateCloud") or {}).get("VpcId") or None,
    )


def read_group(name: str, group: Any, names: Directory) -> SecurityGroup:
    """A group by its id, with what is known of the names in its rules. API: SecurityGroupPolicySet."""
    require_shape(group, schema.SECURITY_GROUP, f"snapshot.security_groups.{quoted(name)}")
    policy_set = group.get("SecurityGroupPolicySet")
    return SecurityGroup(name, None, None) if policy_set is None else group_from_policy_set(name, policy_set, names)
