"""Is a rule wider than one that is meant? Said of rules whose far ends are blocks, by their blocks and ports alone."""

from ipaddress import IPv4Network, IPv6Network

from drilllib.core.rules.rules import LAST_PORT, Rule

Ports = tuple[tuple[int, int], ...]


def covers(wide: Rule, meant: Rule) -> bool:
    """Does *wide* match all that *meant* does, and more?"""
    if wide.service or meant.service or wide.action is not meant.action or wide.protocol not in ("ALL", meant.protocol):
        return False
    more = wide.peer != meant.peer or _ports(wide) != _ports(meant) or wide.protocol != meant.protocol
    return more and _has_peers(wide, meant) and _has_ports(_ports(wide), _ports(meant))


def _has_peers(wide: Rule, meant: Rule) -> bool:
    a, b = wide.peer, meant.peer
    if isinstance(a, IPv4Network) and isinstance(b, IPv4Network):
        return a.supernet_of(b)
    if isinstance(a, IPv6Network) and isinstance(b, IPv6Network):
        return a.supernet_of(b)
    return False


def _ports(rule: Rule) -> Ports:
    return rule.ports or ((1, LAST_PORT),)


def _has_ports(wide: Ports, meant: Ports) -> bool:
    return all(any(low <= first and last <= high for low, high in wide) for first, last in meant)
