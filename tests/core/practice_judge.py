"""
Judges a repair without the engine: the walker says who gets through, reference.py which packets groups accept.

A second opinion on grades (see test_random_players.py); like its two witnesses it imports nothing of drilllib.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, NamedTuple

from reference import Packet, decide, edges
from walker import Walk, walk

Document = dict[str, Any]
SIDES = ("Ingress", "Egress")
MAY_PASS = ("reachable", "intermittent", "undetermined")
_INSIDE = [ip_network(block) for block in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")]
_NO_CLIENTS = [*_INSIDE, ip_network("0.0.0.0/8"), ip_network("127.0.0.0/8"), ip_network("224.0.0.0/3")]
MOST_NEW = 12  # clients whom a change has let in at a CLB, and that are asked


class Port(NamedTuple):
    """A port of a LoadBalancer Service."""

    service: str
    port: int
    protocol: str


class Case(NamedTuple):
    """What a learner found, what the reference repair makes of it, and what the learner made of it."""

    start: Document
    reference: Document
    final: Document
    meant: Port
    served: tuple[str, ...]

    @property
    def all(self) -> tuple[Document, Document, Document]:
        return self.start, self.reference, self.final


def failures(case: Case) -> list[str]:
    """What speaks against it that it is repaired."""
    found = [
        f"{client} does not get through"
        for block in case.served
        for client in _some_of(block)
        if _asked(case.reference, client, case.meant).verdict == "reachable"
        and _asked(case.final, client, case.meant).verdict != "reachable"
    ]
    client = _some_of(case.served[0])[0]
    wanted, health = (sorted(_asked(each, client, case.meant).health) for each in (case.reference, case.final))
    found += [] if health == wanted else [f"health {health} in the place of {wanted}"]
    return found + [told for other in _ports(case.start) if other != case.meant for told in _broken(case, other)]


def openings(case: Case) -> Iterator[str]:
    """What is open that is open neither at the start nor in the reference."""
    yield from _accepted(case)
    before = {name for each in (case.start, case.reference) for name in _passing(each)}
    yield from (f"pass-to-target of {name}" for name in _passing(case.final) if name not in before)
    for port in _ports(case.final):
        for client in _clients(case, port):
            verdicts = [_asked(each, client, port).verdict in MAY_PASS for each in case.all]
            if verdicts == [False, False, True]:
                yield f"{client} gets through to {port.service}"


def _some_of(block: str) -> list[IPv4Address]:
    network = ip_network(block)
    return [network[place] for place in sorted({1, network.num_addresses // 2, network.num_addresses - 2})]


def _asked(document: Document, client: IPv4Address, port: Port) -> Walk:
    asked = {"client": str(client), "service": port.service, "port": port.port, "protocol": port.protocol}
    return walk(document, asked)


def _ports(document: Document) -> Iterator[Port]:
    for item in document["kubernetes"]:
        if item["kind"] == "Service" and item["spec"].get("type") == "LoadBalancer":
            name = f"{item['metadata']['namespace']}/{item['metadata']['name']}"
            yield from (Port(name, each["port"], each.get("protocol", "TCP")) for each in item["spec"]["ports"])


def _broken(case: Case, port: Port) -> Iterator[str]:
    """Another Service's clients who got through at the start and in the reference, and do no more."""
    for client in _clients(case, port):
        before, wanted, now = (_asked(each, client, port) for each in case.all)
        if before.verdict == wanted.verdict == "reachable" != now.verdict:
            yield f"{client} no longer gets through to {port.service}"
        elif sorted(before.health) == sorted(wanted.health) != sorted(now.health):
            yield f"health of {port.service}: {now.health}"


def _clients(case: Case, port: Port) -> list[IPv4Address]:
    """
    Clients from outside at which an answer of the CLB's groups may change: all whom they let in at the start or in the
    reference, and of those whom they let in only now some all over the list.
    """
    found = {client for block in case.served for client in _some_of(block)}
    for document in case.all:
        for balancer in document["load_balancers"]:
            found |= {*edges(_lists(document, balancer["SecureGroups"]), "Ingress", document, 4)}
    outside = sorted(each for each in found if not any(each in block for block in _NO_CLIENTS))
    lets_in = [[_enters(document, client, port) for document in case.all] for client in outside]
    known = [client for client, each in zip(outside, lets_in, strict=True) if each[0] or each[1]]
    new = [client for client, each in zip(outside, lets_in, strict=True) if each == [False, False, True]]
    return [*known, *new[:: max(1, len(new) // MOST_NEW)]]


def _enters(document: Document, client: IPv4Address, port: Port) -> bool:
    """Does a CLB's list let the client in at that port? Any one of them: there are few."""
    packet = Packet(port.protocol, client, port.port)
    return any(
        _lets(document, _lists(document, each["SecureGroups"]), "Ingress", packet)
        for each in document["load_balancers"]
    )


def _passing(document: Document) -> set[str]:
    return {each["LoadBalancerId"] for each in document["load_balancers"] if each.get("LoadBalancerPassToTarget")}


def _bound(document: Document) -> dict[str, list[str]]:
    found = {each["LoadBalancerId"]: each["SecureGroups"] for each in document["load_balancers"]}
    found |= {each["InstanceId"]: each["SecurityGroupIds"] for each in document["instances"]}
    return found | {each["NetworkInterfaceId"]: each["GroupSet"] for each in document["network_interfaces"]}


def _lists(document: Document, names: list[str]) -> list[tuple[str, Document]]:
    return [(name, document["security_groups"][name]["SecurityGroupPolicySet"]) for name in names]


def _accepted(case: Case) -> Iterator[str]:
    """For each interface and direction whose lists are others now: a packet that only they accept, if there is one."""
    bound = [_bound(each) for each in case.all]
    kinds = {
        (side, *(tuple(each.get(resource) or ()) for each in bound)): resource
        for resource in bound[2]
        for side in SIDES
    }
    ports = _port_edges(case)
    for (side, *names), resource in kinds.items():
        lists = [_lists(document, list(each)) for document, each in zip(case.all, names, strict=True)]
        if lists[0] == lists[2]:
            continue
        for packet in _packets(case, [one for each in lists for one in each], side, ports):
            if [_lets(*each, side, packet) for each in zip(case.all, lists, strict=True)] == [False, False, True]:
                yield f"{resource} {side} {packet}"
                break


def _packets(case: Case, lists: list[Any], side: str, ports: list[int]) -> Iterator[Packet]:
    """One packet for each way in which an answer may differ."""
    peers = {ip_address("0.0.0.0"), *(peer for each in case.all for peer in edges(lists, side, each, 4))}
    for peer in sorted(peers):
        yield from (Packet(protocol, peer, port) for protocol in ("TCP", "UDP") for port in ports)
        yield Packet("ICMP", peer, None)


def _lets(document: Document, lists: list[tuple[str, Document]], side: str, packet: Packet) -> bool:
    """Where no group is bound, everything is let through."""
    return not lists or decide(lists, side, packet, document).action != "DROP"


def _port_edges(case: Case) -> list[int]:
    """The ports at which an answer can change, and the first and the last one."""
    texts = {
        text.strip()
        for document in case.all
        for group in document["security_groups"].values()
        for side in SIDES
        for policy in group["SecurityGroupPolicySet"].get(side) or ()
        for text in str(policy.get("Port") or "").split(",")
    }
    spans = [tuple(map(int, re.findall(r"\d+", text))) for text in texts if re.fullmatch(r"\d+(-\d+)?", text)]
    return sorted({1, 65535, *(span[0] for span in spans), *(min(65535, span[-1] + 1) for span in spans)})
