"""
The rules of a security group written a second time: slow, obvious, and independent of the engine.

It reads the vendor's dictionaries as they are and imports nothing of drilllib, so that an error would have to be made
twice to stay hidden. It expects rules that can be read; refusing the others is tested elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import product

Policy = dict
PolicySet = dict

# What one rule says about one flow.
YES, NO, MAYBE = "yes", "no", "maybe"


@dataclass(frozen=True)
class Packet:
    """What opens a conversation: *peer* is the far end; *port* is None for protocols without ports."""

    protocol: str
    peer: IPv4Address | IPv6Address
    port: int | None


@dataclass(frozen=True)
class Answer:
    """
    What is done with a flow, and by which rule; group and policy index are None when no rule does it.

    *certain* is False when another rule might have decided, had we known what some name stands for.
    """

    action: str
    group: str | None = None
    policy_index: int | None = None
    certain: bool = True


def given(policy: Policy, field: str) -> object:
    """The value of a field, or None for each of the ways to leave it out: missing, null, empty, empty template."""
    value = policy.get(field)
    if isinstance(value, dict):
        return value if any(value.values()) else None
    return None if value in (None, "") else value


def in_order(policies: list[Policy]) -> list[Policy]:
    """The rules from the top: by PolicyIndex when each has one, else as listed."""
    if all(policy.get("PolicyIndex") is not None for policy in policies):
        return sorted(policies, key=lambda policy: policy["PolicyIndex"])
    return policies


def peer_matches(policy: Policy, peer: IPv4Address | IPv6Address) -> str:
    """A group or an address template is only a name, and a name may stand for any address."""
    if given(policy, "SecurityGroupId") or given(policy, "AddressTemplate"):
        return MAYBE
    text = given(policy, "CidrBlock") or given(policy, "Ipv6CidrBlock")
    if text.startswith("0.0.0.0/"):
        return YES if peer.version == 4 else NO
    block = ip_network(text, strict=False)
    if block.version != peer.version:
        return NO
    return YES if int(block[0]) <= int(peer) <= int(block[-1]) else NO


def port_matches(text: str | None, port: int | None) -> bool:
    """Whether a port is named by ``80``, ``80,443``, ``8000-8010``, a mixture, or ``ALL``."""
    if text is None or text.upper() == "ALL":
        return True
    for part in text.split(","):
        ends = [int(end) for end in part.split("-")]
        if port is not None and ends[0] <= port <= ends[-1]:
            return True
    return False


def service_matches(policy: Policy, packet: Packet) -> str:
    """A service template is only a name, too; otherwise protocol and port must both fit."""
    if given(policy, "ServiceTemplate"):
        return MAYBE
    wanted = policy["Protocol"].upper()
    if wanted not in ("ALL", packet.protocol):
        return NO
    return YES if port_matches(given(policy, "Port"), packet.port) else NO


def rule_matches(policy: Policy, packet: Packet) -> str:
    """Both halves must match: one NO is final, and one MAYBE leaves the rule open."""
    halves = {peer_matches(policy, packet.peer), service_matches(policy, packet)}
    if NO in halves:
        return NO
    return MAYBE if MAYBE in halves else YES


def lines(groups: list[tuple[str, PolicySet]], direction: str, packet: Packet) -> Iterator[tuple[str, Answer]]:
    """
    The groups' lists as one list: for every rule, whether it matches and what it would answer.

    A list that was not read may accept the flow, drop it or pass it on, which two imagined rules express.
    """
    for name, policy_set in groups:
        if direction not in policy_set:
            yield MAYBE, Answer("ACCEPT", name)
            yield MAYBE, Answer("DROP", name)
            continue
        for index, policy in enumerate(in_order(policy_set[direction] or [])):
            yield rule_matches(policy, packet), Answer(policy["Action"].upper(), name, index)


def first_match(everything: list[tuple[str, Answer]], open_rules_match: tuple[bool, ...]) -> Answer:
    """Read from the top with the open rules settled one way; without a match the flow is dropped."""
    settled = iter(open_rules_match)
    for verdict, answer in everything:
        if verdict == YES or (verdict == MAYBE and next(settled)):
            return answer
    return Answer("DROP")


def decide(groups: list[tuple[str, PolicySet]], direction: str, packet: Packet) -> Answer:
    """
    Decide one flow in every world there could be.

    An open rule matches the flow or does not, and each is taken to be free of the others, so trying all combinations
    leaves no world out. *direction* is ``Ingress`` or ``Egress``, as the vendor spells the two lists.
    """
    everything = list(lines(groups, direction, packet))
    open_rules = sum(verdict == MAYBE for verdict, _ in everything)
    worlds = [first_match(everything, choice) for choice in product((False, True), repeat=open_rules)]
    if len({answer.action for answer in worlds}) > 1:
        return Answer("UNDETERMINED", certain=False)
    return replace(worlds[0], certain=len(set(worlds)) == 1)  # worlds[0]: no open rule matches
