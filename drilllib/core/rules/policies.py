"""
The vendor's JSON for rules, read and written without loss.

Field meanings and conflicts: SecurityGroupPolicy and SecurityGroupPolicySet, VPC API 2017-03-12. Input case does
not matter. Empty strings, nulls and empty objects stand for absent fields, because the API and the
Terraform provider send them for the halves of a choice that are not used.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from drilllib.core.rules.addresses import EVERYONE, Block
from drilllib.core.rules.members import Directory, Members, PortRanges, range_of
from drilllib.core.rules.rules import (
    LAST_PORT,
    PROTOCOLS,
    PROTOCOLS_WITH_PORTS,
    Action,
    Reference,
    Rule,
    SecurityGroup,
    port_text,
)
from drilllib.errors import InvalidInputError, InvalidRuleError, Message, quoted

_PEERS = ("CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "AddressTemplate")
_TEMPLATE_IDS = {"AddressTemplate": ("AddressId", "AddressGroupId"), "ServiceTemplate": ("ServiceId", "ServiceGroupId")}
_ID = re.compile(r"[0-9A-Za-z_.-]+")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?", re.ASCII)


def rule_from_policy(policy: Mapping[str, Any]) -> Rule:
    """
    Read one SecurityGroupPolicy.

    Raises:
        InvalidRuleError: A field has the wrong type or value, or fields exclude each other.
    """
    if not isinstance(policy, Mapping):
        raise InvalidRuleError(
            "A rule is {policy}", remedy="Write an object with Action, Protocol, Port and a peer", policy=quoted(policy)
        )
    action = _one_of(policy, "Action", ("ACCEPT", "DROP"))
    service = _template(policy, "ServiceTemplate")
    if service is None:
        protocol = _one_of(policy, "Protocol", (*PROTOCOLS, "ALL"))
        ports = _ports(policy, protocol)
    else:
        if _text(policy, "Protocol") or _text(policy, "Port"):
            raise InvalidRuleError(
                "A rule has the service template {name} and Protocol or Port besides",
                remedy="Keep one of the two",
                name=quoted(service.name),
            )
        protocol, ports = "ALL", None
    peer = _peer(policy, protocol)
    what = service.name if service else protocol
    shown = "" if service or protocol not in (*PROTOCOLS_WITH_PORTS, "ALL") else f" {port_text(ports)}"
    name = peer.name if isinstance(peer, Reference) else _text(policy, "CidrBlock") or _text(policy, "Ipv6CidrBlock")
    text = f"{action} {what} {name}{shown}"
    return Rule(
        action=Action(action), protocol=protocol, peer=peer, ports=ports, service=service, policy=policy, text=text
    )


def rule_from_text(text: str) -> Rule:
    """
    Read a rule as this project writes it: ``ACCEPT TCP 203.0.113.0/24 80``.

    The four words are action, protocol, peer and ports. The peer is a block, an address, or the id of a group or of
    an address template. PortRanges are left out for protocols that have none; for TCP and UDP they never are, because
    a forgotten port must not open all of them.

    Raises:
        InvalidRuleError: The line does not have its three or four words, or a word means nothing.
    """
    example = Message("Write action, protocol, peer and ports, such as ACCEPT TCP 203.0.113.0/24 80")
    if not isinstance(text, str):
        raise InvalidRuleError("The rule is {text}", remedy=example, text=quoted(text))
    words = text.split()
    if "{" in text:
        raise InvalidRuleError(
            "The rule {text} has a name in braces", remedy="Put an f before the quotes", text=quoted(text)
        )
    if len(words) not in (3, 4):
        raise InvalidRuleError(
            "The rule {text} has 1 word" if len(words) == 1 else "The rule {text} has {count} words",
            remedy=example,
            text=quoted(text),
            count=len(words),
        )
    action, protocol, peer = words[:3]
    if len(words) == 3 and (protocol.upper() in PROTOCOLS_WITH_PORTS or ":" in peer.partition(".")[2]):
        raise InvalidRuleError(
            "The rule {text} names no port",
            remedy="Write the port as a fourth word, or ALL for every port",
            text=quoted(text),
        )
    policy = {"Protocol": protocol, "Port": words[3] if len(words) == 4 else "ALL", **_named(peer), "Action": action}
    return rule_from_policy(policy)


def _named(peer: str) -> dict[str, Any]:
    """The field that a peer in text goes into: a group's id, a template's, or a block."""
    if peer.startswith("sg-"):
        return {"SecurityGroupId": peer}
    if peer.startswith(("ipm-", "ipmg-")):
        return {"AddressTemplate": {"AddressId" if peer.startswith("ipm-") else "AddressGroupId": peer}}
    return {"Ipv6CidrBlock" if ":" in peer else "CidrBlock": peer}


def group_from_policy_set(
    group_id: str, policy_set: Mapping[str, Any], names: Directory | None = None
) -> SecurityGroup:
    """
    Read a SecurityGroupPolicySet. A missing list was not read; a null one is empty.

    *names* is what is known of the groups and templates that the rules name.

    Raises:
        InvalidInputError: The set is not an object, or has neither list.
        InvalidRuleError: A rule cannot be read; the message names group, direction and place.
    """
    if not isinstance(policy_set, Mapping):
        raise InvalidInputError(
            "The policy set of {group_id} is {policy_set}",
            remedy="Write an object with Ingress and Egress",
            group_id=group_id,
            policy_set=quoted(policy_set),
        )
    if "Ingress" not in policy_set and "Egress" not in policy_set:
        raise InvalidInputError(
            "{group_id} has neither Ingress nor Egress",
            remedy="Save the answer of DescribeSecurityGroupPolicies, or write both lists",
            group_id=group_id,
        )
    ingress, egress = (_rules(group_id, policy_set, name) for name in ("Ingress", "Egress"))
    return SecurityGroup(group_id, ingress, egress, names or Directory())


def numbered(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    """The rules as the API would return them: every field as it was, PolicyIndex counted anew from the top."""
    return [{**rule.policy, "PolicyIndex": index} for index, rule in enumerate(rules)]


def _rules(group_id: str, policy_set: Mapping[str, Any], name: str) -> tuple[Rule, ...] | None:
    if name not in policy_set:
        return None
    listed = policy_set[name] if policy_set[name] is not None else []
    if not isinstance(listed, list):
        raise InvalidInputError(
            "{name} of {group_id} is {listed}",
            remedy="Write a list of rules",
            name=name,
            group_id=group_id,
            listed=quoted(listed),
        )
    rules = []
    for place, policy in enumerate(listed):
        try:
            rules.append(rule_from_policy(policy))
        except InvalidRuleError as error:
            raise InvalidRuleError(
                "{group_id} {name}[{place}]: {detail}",
                remedy=error.remedy_message,
                group_id=group_id,
                name=name.lower(),
                place=place,
                detail=error.problem_message,
            ) from None
    return tuple(_in_order(group_id, name, rules))


def _in_order(group_id: str, name: str, rules: list[Rule]) -> list[Rule]:
    """By PolicyIndex when all have one, else as listed."""
    places = [rule.policy.get("PolicyIndex") for rule in rules]
    for place in places:
        if place is not None and (not isinstance(place, int) or isinstance(place, bool) or place < 0):
            raise InvalidRuleError(
                "{group_id} {name} has the PolicyIndex {place}",
                remedy="Write whole numbers from 0, or leave PolicyIndex out",
                group_id=group_id,
                name=name.lower(),
                place=quoted(place),
            )
    if any(place is None for place in places):
        return rules
    return sorted(rules, key=lambda rule: rule.policy["PolicyIndex"])


def _text(policy: Mapping[str, Any], name: str) -> str:
    value = policy.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRuleError("{name} is {value}", remedy="Write {name} as a text", name=name, value=quoted(value))
    return value.strip()


def _one_of(policy: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = _text(policy, name)
    if not value.isascii() or value.upper() not in choices:
        raise InvalidRuleError(
            "{name} is {value}",
            remedy="Use one of {choices}",
            name=name,
            value=quoted(value),
            choices=", ".join(choices),
        )
    return value.upper()


def _ports(policy: Mapping[str, Any], protocol: str) -> tuple[tuple[int, int], ...] | None:
    text = _text(policy, "Port")
    if text.upper() in ("", "ALL"):
        return None
    if protocol not in PROTOCOLS_WITH_PORTS:
        raise InvalidRuleError(
            "Protocol {protocol} has the Port {text}",
            remedy="Ports go with TCP and UDP only; leave Port out or write ALL",
            protocol=protocol,
            text=quoted(text),
        )
    return tuple(_port_range(part.strip(), text) for part in text.split(","))


def _port_range(part: str, whole: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part, re.ASCII)
    if match is None:
        raise InvalidRuleError(
            "Port is {whole}", remedy="Write a port 80, a list 80,443, a range 8000-8010, or ALL", whole=quoted(whole)
        )
    first, last = int(match[1]), int(match[2] or match[1])
    if not (1 <= first <= LAST_PORT and 1 <= last <= LAST_PORT):
        raise InvalidRuleError("Port is {whole}", remedy="Use ports from 1 to 65535", whole=quoted(whole))
    if first > last:
        raise InvalidRuleError(
            "Port is {whole}, which runs backwards", remedy="Write the lower port first", whole=quoted(whole)
        )
    return first, last


def _peer(policy: Mapping[str, Any], protocol: str) -> Block | Reference:
    template = _template(policy, "AddressTemplate")
    given = [name for name in _PEERS[:3] if _text(policy, name)] + (["AddressTemplate"] if template else [])
    if len(given) != 1:
        raise InvalidRuleError(
            "A rule has {given}" if given else "A rule has no peer",
            remedy="Give exactly one of {peers}",
            given=" and ".join(given),
            peers=", ".join(_PEERS),
        )
    if template:
        return template
    value = _text(policy, given[0])
    if given[0] == "SecurityGroupId":
        return _reference("SecurityGroupId", value)
    if given[0] == "Ipv6CidrBlock" and protocol == "ICMP":
        raise InvalidRuleError(
            "Protocol ICMP goes with the IPv6 block {value}", remedy="Use ICMPV6 for IPv6", value=quoted(value)
        )
    return _block(given[0], value)


def _block(name: str, text: str) -> Block:
    """Host bits are cleared, and 0.0.0.0 with any prefix length means every address, as the API documents."""
    if text.upper() == "MY_PUBLIC_IP":
        raise InvalidRuleError(
            "{name} is MY_PUBLIC_IP",
            remedy="Write the address; the cloud replaces this word only when a rule is written",
            name=name,
        )
    kind = IPv4Network if name == "CidrBlock" else IPv6Network
    try:
        block = kind(text, strict=False) if _ADDRESS.fullmatch(text) else None
    except ValueError:
        block = None
    if block is None:
        raise InvalidRuleError(
            "{name} is {text}",
            remedy="Write an IPv4 address or block, such as 203.0.113.0/24"
            if kind is IPv4Network
            else "Write an IPv6 address or block, such as 2001:db8::/32; IPv4 goes into CidrBlock",
            name=name,
            text=quoted(text),
        )
    return EVERYONE[4] if text.startswith("0.0.0.0/") else block


def _template(policy: Mapping[str, Any], name: str) -> Reference | None:
    value = policy.get(name)
    if value is None or value == {} or value == "":
        return None
    if not isinstance(value, Mapping):
        raise InvalidRuleError(
            "{name} is {value}", remedy="Write {name} as an object with an id", name=name, value=quoted(value)
        )
    ids = [text for text in (_text(value, key) for key in _TEMPLATE_IDS[name]) if text]
    if len(ids) > 1:
        raise InvalidRuleError(
            "{name} has both {names}", remedy="Keep one id", name=name, names=" and ".join(map(quoted, ids))
        )
    return _reference(name, ids[0]) if ids else None


def members_from_text(text: str) -> tuple[str, Members]:
    """
    Read ``sg-1a2b3c4d=10.0.0.0/8,10.1.2.3``: an id and the blocks behind it; nothing after the sign means none.

    Raises:
        InvalidInputError: There is no sign, or the id cannot be one.
        InvalidRuleError: A block cannot be read.
    """
    name, sign, listed = text.partition("=")
    if not sign or not _ID.fullmatch(name):
        raise InvalidInputError(
            "The members are {text}",
            remedy="Write an id and its blocks, such as sg-1a2b3c4d=10.0.0.0/8,10.1.2.3",
            text=quoted(text),
        )
    parts = [part.strip() for part in listed.split(",") if part.strip()]
    blocks = (_block("Ipv6CidrBlock" if ":" in part else "CidrBlock", part) for part in parts)
    return name, Members(certain=tuple(map(range_of, blocks)))


def service_entry(text: str, where: str) -> tuple[str, PortRanges | None]:
    """
    One member of a service template: ``TCP:80``, ``TCP:80,443``, ``TCP:3306-20000``, ``TCP:ALL`` or ``ICMP`` [TPL].

    Raises:
        InvalidRuleError: It is none of these; *where* names the template.
    """
    protocol, _, ports = text.partition(":")
    try:
        policy = {"Protocol": protocol.strip(), "Port": ports.strip()}
        return _one_of(policy, "Protocol", (*PROTOCOLS, "ALL")), _ports(policy, protocol.strip().upper())
    except InvalidRuleError as error:
        raise InvalidRuleError(
            "{where} has the member {text}", remedy=error.remedy_message, where=where, text=quoted(text)
        ) from None


def _reference(kind: str, name: str) -> Reference:
    if not _ID.fullmatch(name):
        raise InvalidRuleError(
            "{kind} has the id {name}",
            remedy="Write an id such as sg-1a2b3c4d or ipm-1a2b3c4d",
            kind=kind,
            name=quoted(name),
        )
    return Reference(kind, name)
