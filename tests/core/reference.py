"""
The rules of a security group written a second time: slow, obvious, and independent of the engine.

It reads the vendor's dictionaries as they are and imports nothing of drilllib, so that an error would have to be made
twice to stay hidden. It expects rules that can be read; refusing the others is tested elsewhere.

What names in rules stand for is looked up in a snapshot, a plain dictionary too; without one, a template may stand for
anything, and a group for every address that is not public.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import product

Address = IPv4Address | IPv6Address
Policy = dict
PolicySet = dict
Snapshot = dict

# What one rule says about one flow.
YES, NO, MAYBE = "yes", "no", "maybe"


@dataclass(frozen=True)
class Packet:
    """What opens a conversation: *peer* is the far end; *port* is None for protocols without ports."""

    protocol: str
    peer: Address
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


PRIVATE = tuple(ip_network(block) for block in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"))

# Parsing the same few texts over and over would take most of the time of a comparison.
parsed_network = cache(lambda text: ip_network(text, strict=False))
parsed_address = cache(ip_address)


@cache
def ends(text: str) -> tuple[Address, Address]:
    """The first and the last address of ``10.0.0.1``, ``10.0.0.0/24`` or ``10.0.0.1-10.0.0.9``."""
    if "-" in text:
        first, last = text.split("-")
        return parsed_address(first), parsed_address(last)
    block = parsed_network(text)
    return block[0], block[-1]


def within(peer: Address, text: str) -> bool:
    """Whether an address is one of those that a text names, both ends included."""
    first, last = ends(text)
    return peer.version == first.version and int(first) <= int(peer) <= int(last)


def one_of(matches: list[str]) -> str:
    """Whether one member of a group of templates matches; with one member missing, the group may mean anything."""
    if MAYBE in matches:
        return MAYBE
    return YES if YES in matches else NO


def owners(snapshot: Snapshot) -> Iterator[tuple[list[str], list[str] | None]]:
    """Everything a group can be bound to: its addresses, and its groups or None where they were not read."""
    for instance in snapshot.get("instances") or []:
        addresses = [*(instance.get("PrivateIpAddresses") or []), *(instance.get("IPv6Addresses") or [])]
        yield addresses, instance.get("SecurityGroupIds")
    for interface in snapshot.get("network_interfaces") or []:
        addresses = [entry["PrivateIpAddress"] for entry in interface.get("PrivateIpAddressSet") or []]
        addresses += [entry["Address"] for entry in interface.get("Ipv6AddressSet") or []]
        yield addresses, interface.get("GroupSet")


def is_member(snapshot: Snapshot, group: str, peer: Address) -> str:
    """
    Whether an address belongs to a group: known for what the snapshot holds, open for other private addresses.

    A group stands for private addresses, and nobody says whether IPv6 addresses are among them: none is known to be.
    Of a group of another account nothing is known: its members may have any private address, also one of ours.
    """
    is_private = peer.version == 6 or any(peer in block for block in PRIVATE)
    if "/" in group:
        return MAYBE if is_private else NO
    bound = [groups for addresses, groups in owners(snapshot) if peer in map(parsed_address, addresses)]
    read = [groups for groups in bound if groups is not None]
    if any(group in groups for groups in read):
        return YES if peer.version == 4 else MAYBE
    if read:
        return NO
    return MAYBE if is_private else NO


def texts_of(template: dict | None, plain: str, extra: str, field: str) -> list[str] | None:
    """What a template lists, in either of the API's two spellings; None when that was not read."""
    if template is None:
        return None
    if template.get(plain) is not None:
        return template[plain]
    if template.get(extra) is not None:
        return [entry[field] for entry in template[extra]]
    return None


def in_template(snapshot: Snapshot, name: str, peer: Address) -> str:
    """Whether one address template holds the address."""
    template = (snapshot.get("address_templates") or {}).get(name)
    texts = texts_of(template, "AddressSet", "AddressExtraSet", "Address")
    if texts is None:
        return MAYBE
    return YES if any(within(peer, text) for text in texts) else NO


def service_in_template(snapshot: Snapshot, name: str, packet: Packet) -> str:
    """Whether one service template holds the packet's protocol and port."""
    template = (snapshot.get("service_templates") or {}).get(name)
    texts = texts_of(template, "ServiceSet", "ServiceExtraSet", "Service")
    if texts is None:
        return MAYBE
    return YES if any(service_fits(text, packet) for text in texts) else NO


def service_fits(text: str, packet: Packet) -> bool:
    """Whether ``TCP:80,443``, ``TCP:1-80``, ``TCP:ALL``, ``ICMP`` or ``ALL`` names the packet."""
    protocol, _, ports = text.partition(":")
    return protocol.upper() in ("ALL", packet.protocol) and port_matches(ports or None, packet.port)


def templates_named(snapshot: Snapshot, groups: str, name: str, field: str) -> list[str] | None:
    """The templates of a group of templates; None when the group was not read."""
    group = (snapshot.get(groups) or {}).get(name)
    return None if group is None else group.get(field)


def peer_matches(policy: Policy, peer: Address, snapshot: Snapshot | None = None) -> str:
    """A group or an address template is only a name, of which an empty snapshot and none tell the same."""
    group, template = given(policy, "SecurityGroupId"), given(policy, "AddressTemplate")
    if group or template:
        known = snapshot or {}
        return is_member(known, group, peer) if group else template_matches(template, peer, known)
    text = given(policy, "CidrBlock") or given(policy, "Ipv6CidrBlock")
    if text.startswith("0.0.0.0/"):
        return YES if peer.version == 4 else NO
    return YES if within(peer, text) else NO


def template_matches(template: dict, peer: Address, snapshot: Snapshot) -> str:
    """One address template, or a group of them, which holds what any of its members holds."""
    if template.get("AddressId"):
        return in_template(snapshot, template["AddressId"], peer)
    names = templates_named(snapshot, "address_template_groups", template["AddressGroupId"], "AddressTemplateIdSet")
    return MAYBE if names is None else one_of([in_template(snapshot, name, peer) for name in names])


def service_template_matches(template: dict, packet: Packet, snapshot: Snapshot) -> str:
    """One service template, or a group of them."""
    if template.get("ServiceId"):
        return service_in_template(snapshot, template["ServiceId"], packet)
    names = templates_named(snapshot, "service_template_groups", template["ServiceGroupId"], "ServiceTemplateIdSet")
    return MAYBE if names is None else one_of([service_in_template(snapshot, name, packet) for name in names])


def port_matches(text: str | None, port: int | None) -> bool:
    """Whether a port is named by ``80``, ``80,443``, ``8000-8010``, a mixture, or ``ALL``."""
    if text is None or text.upper() == "ALL":
        return True
    for part in text.split(","):
        ends = [int(end) for end in part.split("-")]
        if port is not None and ends[0] <= port <= ends[-1]:
            return True
    return False


def service_matches(policy: Policy, packet: Packet, snapshot: Snapshot | None = None) -> str:
    """A service template is only a name, too; otherwise protocol and port must both fit."""
    if template := given(policy, "ServiceTemplate"):
        return MAYBE if snapshot is None else service_template_matches(template, packet, snapshot)
    wanted = policy["Protocol"].upper()
    if wanted not in ("ALL", packet.protocol):
        return NO
    return YES if port_matches(given(policy, "Port"), packet.port) else NO


def rule_matches(policy: Policy, packet: Packet, snapshot: Snapshot | None = None) -> str:
    """Both halves must match: one NO is final, and one MAYBE leaves the rule open."""
    halves = {peer_matches(policy, packet.peer, snapshot), service_matches(policy, packet, snapshot)}
    if NO in halves:
        return NO
    return MAYBE if MAYBE in halves else YES


def lines(
    groups: list[tuple[str, PolicySet]], direction: str, packet: Packet, snapshot: Snapshot | None
) -> Iterator[tuple[str, Answer]]:
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
            yield rule_matches(policy, packet, snapshot), Answer(policy["Action"].upper(), name, index)


def first_match(everything: list[tuple[str, Answer]], open_rules_match: tuple[bool, ...]) -> Answer:
    """Read from the top with the open rules settled one way; without a match the flow is dropped."""
    settled = iter(open_rules_match)
    for verdict, answer in everything:
        if verdict == YES or (verdict == MAYBE and next(settled)):
            return answer
    return Answer("DROP")


def decide(
    groups: list[tuple[str, PolicySet]], direction: str, packet: Packet, snapshot: Snapshot | None = None
) -> Answer:
    """
    Decide one flow in every world there could be.

    An open rule matches the flow or does not, and each is taken to be free of the others, so trying all combinations
    leaves no world out. *direction* is ``Ingress`` or ``Egress``, as the vendor spells the two lists; *snapshot* tells
    what names stand for.
    """
    everything = list(lines(groups, direction, packet, snapshot))
    open_rules = sum(verdict == MAYBE for verdict, _ in everything)
    worlds = [first_match(everything, choice) for choice in product((False, True), repeat=open_rules)]
    if len({answer.action for answer in worlds}) > 1:
        return Answer("UNDETERMINED", certain=False)
    return replace(worlds[0], certain=len(set(worlds)) == 1)  # worlds[0]: no open rule matches


def edges(groups: list[tuple[str, PolicySet]], direction: str, snapshot: Snapshot, version: int) -> list[Address]:
    """
    The addresses at which an answer can change: where some rule's peer begins, and the next one after it ends.

    Trying these and the first address of a block leaves no other answer out.
    """
    spans = []
    for _, policy_set in groups:
        for policy in policy_set.get(direction) or []:
            spans += [ends(text) for text in peer_texts(policy, snapshot)]
    last = (1 << (32 if version == 4 else 128)) - 1
    starts = {int(first) for first, _ in spans if first.version == version}
    starts |= {int(end) + 1 for _, end in spans if end.version == version and int(end) < last}
    kind = IPv4Address if version == 4 else IPv6Address
    return [kind(start) for start in sorted(starts)]


def peer_texts(policy: Policy, snapshot: Snapshot) -> list[str]:
    """All addresses, blocks and ranges that matter to the peer of one rule."""
    template = given(policy, "AddressTemplate")
    if given(policy, "SecurityGroupId"):
        return [str(block) for block in PRIVATE] + [text for addresses, _ in owners(snapshot) for text in addresses]
    if not template:
        return [given(policy, "CidrBlock") or given(policy, "Ipv6CidrBlock")]
    names = [template["AddressId"]] if template.get("AddressId") else None
    if names is None:
        group = template["AddressGroupId"]
        names = templates_named(snapshot, "address_template_groups", group, "AddressTemplateIdSet") or []
    templates = [(snapshot.get("address_templates") or {}).get(name) for name in names]
    return [text for item in templates for text in texts_of(item, "AddressSet", "AddressExtraSet", "Address") or []]
