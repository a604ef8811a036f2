"""
The vendor's JSON for rules, read and written without loss.

Field meanings and conflicts: SecurityGroupPolicy and SecurityGroupPolicySet, VPC API 2017-03-12. Input case does
not matter. Empty strings, nulls and empty objects stand for absent fields, because the API and the
Terraform provider send them for the halves of a choice that are not used.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.core.rules.fields import (
    GROUP_ID,
    block_of,
    one_of,
    peer_of,
    ports_of,
    template_of,
    text_of,
    unknown_fields,
)
from drilllib.core.rules.members import Directory, Members, PortRanges, Reference, port_text, range_of
from drilllib.core.rules.rules import PROTOCOLS, PROTOCOLS_WITH_PORTS, Action, Rule, SecurityGroup
from drilllib.errors import InvalidInputError, InvalidRuleError, Message, quoted


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
    action = one_of(policy, "Action", ("ACCEPT", "DROP"))
    service = template_of(policy, "ServiceTemplate")
    protocol, ports = _protocol_and_ports(policy, service)
    peer = peer_of(policy, protocol)
    what = service.name if service else protocol
    shown = "" if service or protocol not in (*PROTOCOLS_WITH_PORTS, "ALL") else f" {port_text(ports)}"
    name = (
        peer.name if isinstance(peer, Reference) else text_of(policy, "CidrBlock") or text_of(policy, "Ipv6CidrBlock")
    )
    text = f"{action} {what} {name}{shown}"
    return Rule(
        action=Action(action),
        protocol=protocol,
        peer=peer,
        ports=ports,
        service=service,
        policy=policy,
        text=text,
        unknown=unknown_fields(policy),
    )


def _protocol_and_ports(policy: Mapping[str, Any], service: Reference | None) -> tuple[str, PortRanges | None]:
    """A service template stands for both."""
    if service is None:
        protocol = one_of(policy, "Protocol", (*PROTOCOLS, "ALL"))
        return protocol, ports_of(policy, protocol)
    if text_of(policy, "Protocol") or text_of(policy, "Port"):
        raise InvalidRuleError(
            "A rule has the service template {name} and Protocol or Port besides",
            remedy="Keep one of the two",
            name=quoted(service.name),
        )
    return "ALL", None


def rule_from_text(text: str) -> Rule:
    """
    Read a rule as this project writes it: ``ACCEPT TCP 203.0.113.0/24 80``.

    The four words are action, protocol, peer and ports. The peer is a block, an address, or the id of a group or of
    an address template. Ports are left out for protocols that have none; for TCP and UDP they never are, because
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
    if peer.rpartition("/")[2].startswith("sg-"):
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


def members_from_text(text: str) -> tuple[str, Members]:
    """
    Read ``sg-1a2b3c4d=10.0.0.0/8,10.1.2.3``: an id, that of a group of another account with the account, and the blocks
    behind it; nothing after the sign means none.

    Raises:
        InvalidInputError: There is no sign, or the id cannot be one.
        InvalidRuleError: A block cannot be read.
    """
    name, sign, listed = text.partition("=")
    if not sign or not GROUP_ID.fullmatch(name):
        raise InvalidInputError(
            "The members are {text}",
            remedy="Write an id and its blocks, such as sg-1a2b3c4d=10.0.0.0/8,10.1.2.3",
            text=quoted(text),
        )
    parts = [part.strip() for part in listed.split(",") if part.strip()]
    blocks = (block_of("Ipv6CidrBlock" if ":" in part else "CidrBlock", part) for part in parts)
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
        return one_of(policy, "Protocol", (*PROTOCOLS, "ALL")), ports_of(policy, protocol.strip().upper())
    except InvalidRuleError as error:
        raise InvalidRuleError(
            "{where} has the member {text}", remedy=error.remedy_message, where=where, text=quoted(text)
        ) from None
