"""
What stands behind the names in rules: the addresses of groups and address templates, the ports of service templates.

A group as a peer means every private address of what is bound to it, and no public one [SG-ADD]. Which private
addresses outside the snapshot are bound to it is not known, so membership is certain, possible or neither.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address, ip_network

from drilllib.core.rules.addresses import EVERYONE, Address, Block
from drilllib.errors import InvalidRuleError, quoted

Range = tuple[int, int, int]  # address family, first and last address, both included
PortRanges = tuple[tuple[int, int], ...]

EVERY_PORT: PortRanges = ((0, 65535),)  # 0 stands for a protocol without ports
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))


@dataclass(frozen=True, slots=True)
class Members:
    """The addresses behind a name: those that certainly are, and those that may be."""

    certain: tuple[Range, ...] = ()
    possible: tuple[Range, ...] = ()


def range_of(block: Block) -> Range:
    """A block as plain numbers."""
    return block.version, int(block.network_address), int(block.broadcast_address)


UNKNOWN = Members(possible=tuple(map(range_of, EVERYONE.values())))
ANY_GROUP = Members(possible=(*map(range_of, PRIVATE), range_of(EVERYONE[6])))  # a group of which nothing is known


@dataclass(frozen=True, slots=True)
class Reference:
    """A peer or a service that a rule only names: a group's id, or a template's."""

    kind: str  # the API field: SecurityGroupId, AddressTemplate or ServiceTemplate
    name: str

    @property
    def is_of_another_account(self) -> bool:
        """Is it a group called ACCOUNT/sg-...? What is bound to it, in whatever VPC, no snapshot of ours tells."""
        return self.kind == "SecurityGroupId" and "/" in self.name


@dataclass(frozen=True, slots=True)
class Directory:
    """
    What is known of the names in rules. *services*: each protocol of a template with its ports, None for all.

    A group that *peers* does not list may stand for *other_groups*, one of another account for any of `ANY_GROUP`: for
    no public address in any case, whoever asks (`PUBLIC_ADDRESS_IS_NO_MEMBER`). A template that is not listed may stand
    for any address.
    """

    peers: Mapping[str, Members] = field(default_factory=dict)
    other_groups: Members | Callable[[], Members] = ANY_GROUP  # or what finds them
    services: Mapping[str, tuple[tuple[str, PortRanges | None], ...]] = field(default_factory=dict)

    def members_of(self, peer: Block | Reference) -> Members:
        """The addresses that a rule's peer stands for."""
        if not isinstance(peer, Reference):
            return Members(certain=(range_of(peer),))
        if peer.name in self.peers:
            return self.peers[peer.name]
        if peer.kind != "SecurityGroupId":
            return UNKNOWN
        others = ANY_GROUP if peer.is_of_another_account else self.other_groups
        return others if isinstance(others, Members) else others()

    def ports_of(self, service: Reference, protocol: str) -> tuple[PortRanges, bool]:
        """The ports that a service template means for a protocol, and whether that is certain."""
        entries = self.services.get(service.name)
        if entries is None:
            return EVERY_PORT, False
        meant = (ports or EVERY_PORT for each, ports in entries if each in ("ALL", protocol))
        return tuple(each for ports in meant for each in ports), True


def port_text(ports: Iterable[tuple[int, int]] | None) -> str:
    """Ranges of ports as the API writes them: ``80``, ``80,8000-8010``, and ``ALL`` for None."""
    if ports is None:
        return "ALL"
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ports)


def is_public(address: Address) -> bool:
    """Outside the private ranges, so never the address of a member [SG-ADD]. IPv6 has no such line."""
    return address.version == 4 and not any(address in block for block in PRIVATE)


def group_members(bound: Iterable[Address], others: Iterable[Address]) -> Members:
    """
    The members of a group of which *bound* are known to be bound, and *others* known not to be.

    Every private IPv4 address that is neither may be one. So may every IPv6 address but *others*: that a group stands
    for the IPv6 addresses of what is bound to it is not documented.
    """
    members = sorted({address for address in bound if address.version == 4}, key=_order)
    certain = tuple((address.version, int(address), int(address)) for address in members)
    known = sorted({*members, *others}, key=_order)
    possible = (part for block in (*PRIVATE, EVERYONE[6]) for part in _gaps(range_of(block), known))
    return Members(certain, tuple(possible))


def address_range(text: str, where: str) -> Range:
    """
    One member of an address template: an address, a block, or ``10.0.0.1-10.0.0.9`` [TPL].

    Raises:
        InvalidRuleError: It is none of these; *where* names the template.
    """
    try:
        first, dash, last = text.partition("-")
        if not dash:
            return range_of(ip_network(text.strip(), strict=False))
        low, high = ip_address(first.strip()), ip_address(last.strip())
        if low.version == high.version and int(low) <= int(high):
            return low.version, int(low), int(high)
    except ValueError:
        pass
    raise InvalidRuleError(
        "{where} has the member {text}",
        remedy="Write an address, a block, or two addresses with a dash, the lower first",
        where=where,
        text=quoted(text),
    )


def _order(address: Address) -> tuple[int, int]:
    return address.version, int(address)


def _gaps(whole: Range, known: Iterable[Address]) -> Iterable[Range]:
    """*whole* without the known addresses, which come in order."""
    family, first, last = whole
    for address in known:
        number = int(address)
        if address.version == family and first <= number <= last:
            if first < number:
                yield family, first, number - 1
            first = number + 1
    if first <= last:
        yield family, first, last
