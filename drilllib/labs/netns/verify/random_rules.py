"""
Random rules for random topologies: lists that nearly admit what comes, so that every symptom is common.

A rule is drawn around a packet that may come: its peer as an address, a block, a group or a template, its port exactly,
in a list, in a range, by a service template, or any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

from drilllib.core.drills.default_lab import EVERYTHING

Policy = dict[str, Any]  # API: SecurityGroupPolicy

ADDRESS_TEMPLATES = {
    "ipm-clients": {"AddressSet": ["203.0.113.0/24", "2001:db8:cafe::/64"]},
    "ipm-nodes00": {"AddressSet": ["10.0.35.1-10.0.35.12", "2001:db8:35::/64"]},
}
ADDRESS_TEMPLATE_GROUPS = {"ipmg-everybody": {"AddressTemplateIdSet": ["ipm-clients", "ipm-nodes00"]}}
SERVICE_TEMPLATES = {"ppm-service0": {"ServiceSet": ["TCP:80,8080", "TCP:30000-32767", "UDP:80", "UDP:30713"]}}
FOR_ALL = ({**EVERYTHING}, {"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "Ipv6CidrBlock": "::/0"})


@dataclass(frozen=True, slots=True)
class Packets:
    """What comes to one kind of interface: the addresses and blocks at the far end, the protocol, the ports."""

    peers: Sequence[str]
    protocol: str
    ports: Sequence[int]


class RuleDraws:
    """Draws lists. *groups*: what rules may name as a peer."""

    def __init__(self, random: Random, groups: Sequence[str]) -> None:
        self._random, self._groups = random, groups

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return self._random.random() < share

    def ingress(self, packets: Packets, kindness: float) -> list[Policy]:
        """A list that admits that share of *packets*, between rules about others."""
        found = [self._noise(packets) for _ in range(self._random.choice((0, 0, 1, 2)))]
        if self.chance(0.1):
            found.append(self._about(packets, self._random.choice(packets.peers), "DROP"))
        found += [self._about(packets, peer, "ACCEPT") for peer in packets.peers if self.chance(kindness)]
        if packets.protocol == "UDP" and self.chance(0.8):
            found.append({**self._peer("0.0.0.0/0"), "Action": "ACCEPT", "Protocol": "ICMP"})
        if self.chance(0.2):
            found.append({**EVERYTHING, "Action": "DROP"})
        return numbered(found)

    def egress(self, packets: Packets) -> list[Policy]:
        """Everything, as is usual; or a list of its own."""
        if self.chance(0.75):
            return numbered([*FOR_ALL])
        found = [self._about(packets, peer, "ACCEPT") for peer in packets.peers if self.chance(0.8)]
        if self.chance(0.3):
            found.insert(0, self._about(packets, self._random.choice(packets.peers), "DROP"))
        return numbered(found)

    def _about(self, packets: Packets, peer: str, action: str) -> Policy:
        return {**self._service(packets), **self._peer(peer), "Action": action}

    def _noise(self, packets: Packets) -> Policy:
        """A rule about other peers, or about other ports."""
        action = self._random.choice(("ACCEPT", "DROP"))
        if self.chance(0.5):
            peer = self._random.choice(("172.16.9.0/24", "198.51.100.128/25", "2001:db8:aaaa::/48"))
            return self._about(packets, peer, action)
        return {**self._peer("0.0.0.0/0"), "Protocol": packets.protocol, "Port": "22,443", "Action": action}

    def _peer(self, peer: str) -> Policy:
        block = ip_network(peer)
        way = self._random.random()
        if "/" not in peer and way < (0.15 if peer.startswith("10.0.") else 0.02):
            return {"SecurityGroupId": self._random.choice(self._groups)}
        if "/" not in peer and way < 0.3:
            return self._template(peer)
        if "/" not in peer and way < 0.6:
            block = block.supernet(new_prefix=24 if block.version == 4 else 64)
        elif way > 0.8:
            block = ip_network("0.0.0.0/0" if block.version == 4 else "::/0")
        return {"CidrBlock" if block.version == 4 else "Ipv6CidrBlock": str(block)}

    def _template(self, peer: str) -> Policy:
        """Usually the one that has the address in it."""
        if self.chance(0.3):
            return {"AddressTemplate": {"AddressGroupId": "ipmg-everybody"}}
        of_node = ip_address(peer) in ip_network("10.0.35.0/24" if "." in peer else "2001:db8:35::/64")
        return {"AddressTemplate": {"AddressId": "ipm-nodes00" if of_node else "ipm-clients"}}

    def _service(self, packets: Packets) -> Policy:
        port, way = self._random.choice(packets.ports), self._random.random()
        every = ",".join(map(str, dict.fromkeys(packets.ports)))
        if way < 0.1:
            return {"ServiceTemplate": {"ServiceId": "ppm-service0"}}
        if way < 0.2:
            return {"Protocol": "ALL", "Port": "ALL"}
        texts = (every, every, "ALL", f"{max(port - 20, 1)}-{port + 2000}", str(port))
        return {"Protocol": packets.protocol, "Port": self._random.choice(texts)}


def numbered(policies: Sequence[Policy]) -> list[Policy]:
    """The same with their places from the top."""
    return [{**each, "PolicyIndex": place} for place, each in enumerate(policies)]
