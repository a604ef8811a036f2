"""
NetworkPolicies that are about what may come in to a pod, as far as it can be told that they admit something.

On TKE they hold only where an add-on enforces them [TKE-NP], which a snapshot does not tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from drilllib.core.rules.addresses import Address, Block, holds
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.selectors import may_select

PortRange = tuple[str, int | None, int | None]  # TCP or UDP, and the first and last port; None for all


@dataclass(frozen=True, slots=True)
class Peers:
    """One block of addresses, and what is left out of it."""

    block: Block
    left_out: tuple[Block, ...]

    def holds(self, source: Block) -> bool:
        """Is all of *source* in the block, and none of it left out?"""
        return holds(self.block, source) and not any(source.overlaps(each) for each in self.left_out)


@dataclass(frozen=True, slots=True)
class IngressRule:
    """*peers* is None for all; peers and ports that cannot be told are left out."""

    peers: tuple[Peers, ...] | None
    ports: tuple[PortRange, ...] | None

    def admits(self, sources: Iterable[Block], transport: str, port: int) -> bool:
        """Does it surely let in packets from all of *sources*?"""
        by_peer = self.peers is None or all(any(each.holds(source) for each in self.peers) for source in sources)
        return by_peer and (self.ports is None or any(_has(each, transport, port) for each in self.ports))


@dataclass(frozen=True, slots=True)
class IngressPolicy:
    """A NetworkPolicy, called NAMESPACE/NAME, that isolates a pod but for its rules."""

    name: str
    rules: tuple[IngressRule, ...]


def policies_of(kubernetes: KubernetesObjects, pod: str) -> tuple[IngressPolicy, ...]:
    """Those that select the pod called NAMESPACE/NAME, or may, and are about what comes in to it."""
    found = (each for each in kubernetes.of_kind("NetworkPolicy") if _isolates(each, kubernetes, pod))
    return tuple(IngressPolicy(object_name(each), tuple(map(_rule, _rules(each)))) for each in found)


def blocks_around(kubernetes: KubernetesObjects, address: Address) -> frozenset[Block]:
    """The blocks of all policies that hold an address: equal for addresses that no policy tells apart."""
    rules = (_rule(rule) for policy in kubernetes.of_kind("NetworkPolicy") for rule in _rules(policy))
    blocks = (block for rule in rules for peer in rule.peers or () for block in (peer.block, *peer.left_out))
    return frozenset(block for block in blocks if address in block)


def _rules(policy: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (policy.get("spec") or {}).get("ingress") or ()


def _isolates(policy: Mapping[str, Any], kubernetes: KubernetesObjects, pod: str) -> bool:
    spec, known = policy.get("spec") or {}, kubernetes.pods.get(pod)
    if object_name(policy).split("/")[0] != pod.split("/")[0]:
        return False
    about_ingress = "Ingress" in (spec.get("policyTypes") or ["Ingress"])
    return about_ingress and may_select(spec.get("podSelector") or {}, known.labels if known else None)


def _rule(rule: Mapping[str, Any]) -> IngressRule:
    """No peers are all peers, no ports all ports [networking.k8s.io/v1]."""
    blocks = [each["ipBlock"] for each in rule.get("from") or () if each.get("ipBlock")]
    ports = [_port(each) for each in rule.get("ports") or ()]
    return IngressRule(
        tuple(map(_peers, blocks)) if rule.get("from") else None,
        tuple(each for each in ports if each) if ports else None,
    )


def _peers(block: Mapping[str, Any]) -> Peers:
    left_out = tuple(ip_network(each, strict=False) for each in block.get("except") or ())
    return Peers(ip_network(block["cidr"], strict=False), left_out)


def _port(entry: Mapping[str, Any]) -> PortRange | None:
    """None for a port by its name."""
    first, transport = entry.get("port"), entry.get("protocol") or "TCP"
    if first is None:
        return transport, None, None
    return (transport, first, entry.get("endPort") or first) if isinstance(first, int) else None


def _has(ports: PortRange, transport: str, port: int) -> bool:
    protocol, first, last = ports
    return protocol == transport and (first is None or last is None or first <= port <= last)
