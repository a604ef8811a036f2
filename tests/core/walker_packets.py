"""
Where a packet comes from, and what one check says about it (sections 3 and 4 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass
from itertools import pairwise

import reference
from reference import Address, parsed_network
from walker_clb import Asked, is_layer7
from walker_cluster import Document, family
from walker_requests import DROP, PASS, UNKNOWN, Step

KEEP_ALIVE_RANGE = "100.127.0.0/16"
PASSED, OPEN = Step(PASS), Step(UNKNOWN)  # OPEN: a check that may go either way


@dataclass(frozen=True)
class Source:
    """Where a packet comes from: one address, or one of several, as ranges with both ends included."""

    ranges: tuple[tuple[Address, Address], ...]

    @property
    def version(self) -> int:
        return self.ranges[0][0].version

    @property
    def is_one(self) -> bool:
        """Whether it is a single address."""
        return len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1]


@dataclass(frozen=True)
class Packet:
    """
    What travels: from where, in which protocol, to which port.

    *unasked*: it comes from where probes need no rule, so that no ingress list is asked. *or_else*: it may come from
    there as well, so that only a list that lets the other source in gives an answer.
    """

    source: Source
    protocol: str
    port: int
    unasked: bool = False
    or_else: Source | None = None

    @property
    def ranges(self) -> list[tuple[Address, Address]]:
        """All that it may come from."""
        return [*self.source.ranges, *(self.or_else.ranges if self.or_else else ())]


def some_of(texts: list[str]) -> Source:
    """One of several addresses or blocks."""
    blocks = [parsed_network(text) for text in texts]
    return Source(tuple((block[0], block[-1]) for block in blocks))


def anything(version: int) -> Source:
    """Some address of a family."""
    return some_of(["0.0.0.0/0" if version == 4 else "::/0"])


NO_SOURCES = ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/3")  # addresses that no packet comes from


def is_public(address: str) -> bool:
    """Whether an IPv4 address is none of the private ones."""
    return family(address) == 4 and not any(reference.parsed_address(address) in block for block in reference.PRIVATE)


def public() -> Source:
    """Some public IPv4 address: what lies between the blocks that are not."""
    shut = sorted([*map(parsed_network, NO_SOURCES), *reference.PRIVATE], key=lambda block: block[0])
    return Source(tuple((block[-1] + 1, after[0] - 1) for block, after in pairwise(shut)))


def client_seen(asked: Asked) -> Source:
    """What the CLB sees of the client (section 2): of a private one at a public VIP some public address."""
    is_private = family(asked.client) == 4 and not is_public(asked.client)
    is_hidden = is_private and asked.balancer.get("LoadBalancerType") != "INTERNAL"
    is_hidden = is_hidden and (asked.vip is None or is_public(asked.vip))
    return public() if is_hidden else some_of([asked.client])


def source_at_target(asked: Asked, version: int) -> Source:
    """Whose address a target of a family sees (section 3): the first row that applies."""
    if asked.balancer.get("SnatPro"):
        own = [item["Ip"] for item in asked.balancer.get("SnatIps") or [] if family(item["Ip"]) == version]
        return some_of(own) if own else anything(version)
    keep_alive = asked.listener.get("KeepaliveEnable")
    if is_layer7(asked.listener) and keep_alive == 1:
        return some_of([KEEP_ALIVE_RANGE]) if version == 4 else anything(6)
    if is_layer7(asked.listener) and keep_alive is None and asked.version == version == 4:
        return Source((*client_seen(asked).ranges, *some_of([KEEP_ALIVE_RANGE]).ranges))
    return client_seen(asked) if asked.version == version else anything(version)


def passes_to_target(asked: Asked) -> bool | None:
    """Whether targets admit the CLB's traffic unasked; on an IPv6 VIP they always do. None: not read."""
    return True if asked.version == 6 else asked.balancer.get("LoadBalancerPassToTarget")


def representatives(
    document: Document, listed: list[tuple[str, dict]], direction: str, source: Source
) -> list[Address]:
    """
    One address of each kind that the rules could tell apart.

    Between two neighbouring edges of rules all addresses fare alike, so the first of each stretch will do.
    """
    starts = reference.edges(listed, direction, document, source.version)
    found = []
    for first, last in source.ranges:
        found.append(first)
        found += [start for start in starts if first < start <= last]
    return found


def check(
    document: Document,
    place: tuple[str, str],
    direction: str,
    groups: list[str] | None,
    source: Source,
    protocol: str,
    port: int | None,
) -> Step:
    """Ask an interface's groups about a packet that may come from several addresses; they must all fare alike."""
    if groups is None:
        return OPEN
    if not groups:
        return PASSED
    every = document.get("security_groups") or {}
    listed = [(name, (every.get(name) or {}).get("SecurityGroupPolicySet") or {}) for name in groups]
    packets = [
        reference.Packet(protocol, peer, port)
        for peer in representatives(document, listed, direction.capitalize(), source)
    ]
    answers = [reference.decide(listed, direction.capitalize(), packet, document) for packet in packets]
    actions = {answer.action for answer in answers}
    if actions == {"ACCEPT"}:
        return PASSED
    if actions != {"DROP"}:
        return OPEN
    first = answers[0]
    reason = "NO_RULE_MATCHED" if first.policy_index is None else "RULE_MATCHED"
    cause = (*place, direction, first.group, first.policy_index, reason)
    return Step(DROP, cause, (source, protocol, port))


def doubtful(found: Step) -> Step:
    """A check that decides nothing but to let in."""
    return PASSED if found.effect == PASS else OPEN


def waived_by(found: Step, passes: bool | None) -> Step:
    """The target's own check under pass-to-target, which may not have been read."""
    if passes:
        return PASSED
    return doubtful(found) if passes is None else found


def stop(effect: str, place: tuple[str, str], reason: str) -> Step:
    """A cause that is no group's doing; at one place it is one cause, whatever port was asked for."""
    return Step(effect, (*place, None, None, None, reason))
