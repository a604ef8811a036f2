"""
Security groups as nftables: each group's list a chain for each direction, each interface a chain of its groups' lists.

Written from the rules' own fields, not from what the engine makes of them, so that the kernel is a witness of its own.
Two chains hook the packets that the fabric forwards: what leaves an interface is asked first, then what enters the
next one. `accept` ends the one and goes on to the other; `drop` ends both. What belongs to a conversation that was let
in passes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_address, summarize_address_range

from drilllib.core.rules.addresses import Block
from drilllib.core.rules.members import UNKNOWN, Directory, Reference
from drilllib.core.rules.rules import Action, Direction, Rule, SecurityGroup
from drilllib.errors import LabStateError

TABLE = "inet sg"
NUMBERS = {"TCP": "tcp", "UDP": "udp", "ICMP": "icmp", "ICMPV6": "ipv6-icmp", "GRE": "gre"}
SHORT = {Direction.INGRESS: "in", Direction.EGRESS: "out"}
VERDICTS = {Action.ACCEPT: "accept", Action.DROP: "drop"}
DIRECTIONS = (Direction.EGRESS, Direction.INGRESS)
Exempt = Mapping[Direction, Sequence[tuple[str, str]]]  # conditions of packets, each with a label
Mark = Callable[[int | None, int | None], str]  # a statement for a group's number and a policy index; None: the deny


def unmarked(number: int | None, index: int | None) -> str:
    """No statement: rules as a lab has them."""
    return ""


def counting(number: int | None, index: int | None) -> str:
    """Count the packets that a rule decides."""
    return "counter "


def group_chain(number: int, direction: Direction) -> str:
    """The name of the chain of the group with that number; groups' own ids may be longer than the kernel allows."""
    return f"group{number}_{SHORT[direction]}"


def port_chain(port: str, direction: Direction) -> str:
    """The name of the chain of an interface, by its port of the fabric."""
    return f"{port}_{SHORT[direction]}"


def group_rules(group: SecurityGroup, number: int, direction: Direction, mark: Mark = unmarked) -> list[str]:
    """
    The statements that put a group's list into its chain; each is labelled with its policy index.

    *mark*: what else is done with a packet just before a rule decides it.

    Raises:
        LabStateError: The list was not read, or what a rule names is not known.
    """
    rules = group.rules(direction)
    if rules is None:
        raise LabStateError(
            "The {direction} rules of {group_id} are not known, so no packet can be decided by them",
            remedy="Add them to the snapshot",
            direction=direction,
            group_id=group.group_id,
        )
    chain = group_chain(number, direction)
    return [
        f'add rule {TABLE} {chain} {match}{mark(number, index)}{VERDICTS[rule.action]} comment "{index}"'
        for index, rule in enumerate(rules)
        for match in _matches(rule, direction, group)
    ]


def _matches(rule: Rule, direction: Direction, group: SecurityGroup) -> Iterable[str]:
    """The conditions of a rule, one for each address family and protocol it has."""
    side = "saddr" if direction is Direction.INGRESS else "daddr"
    peers = [f"{family} {side} {_set(blocks)} " for family, blocks in _blocks(rule, group) if blocks]
    return [f"{peer}{service}" for peer in peers for service in _services(rule, group.names)]


def _blocks(rule: Rule, group: SecurityGroup) -> list[tuple[str, list[str]]]:
    """The blocks a rule's peer stands for, IPv4 and IPv6. In a lab nobody else is a member of a group."""
    if not isinstance(rule.peer, Reference):
        return [("ip" if rule.peer.version == 4 else "ip6", [str(rule.peer)])]
    members = group.names.peers.get(rule.peer.name)
    if rule.peer.kind != "SecurityGroupId" and members in (None, UNKNOWN):
        raise _unknown(rule.peer.name, group)
    ranges = members.certain if members else ()
    return [("ip" if family == 4 else "ip6", _of_family(ranges, family)) for family in (4, 6)]


def _of_family(ranges: Iterable[tuple[int, int, int]], family: int) -> list[str]:
    kind = type(ip_address("::" if family == 6 else "0.0.0.0"))
    ends = ((kind(first), kind(last)) for version, first, last in ranges if version == family)
    blocks: set[Block] = {block for pair in ends for block in summarize_address_range(*pair)}
    return [str(block) for block in sorted(blocks)]


def _services(rule: Rule, names: Directory) -> Iterable[str]:
    if rule.service is None:
        return [_service(rule.protocol, rule.ports)]
    entries = names.services.get(rule.service.name)
    if entries is None:
        raise LabStateError(
            "What {name} stands for is not known",
            remedy="Add the service template to the snapshot",
            name=rule.service.name,
        )
    allowed = (each for each in entries if rule.protocol in ("ALL", each[0]) or each[0] == "ALL")
    return [_service(rule.protocol if name == "ALL" else name, ports) for name, ports in allowed]


def _service(protocol: str, ports: Sequence[tuple[int, int]] | None) -> str:
    if protocol == "ALL":
        return ""
    if ports is None:
        return f"meta l4proto {NUMBERS[protocol]} "
    ends = [str(first) if first == last else f"{first}-{last}" for first, last in _apart(ports)]
    return f"{NUMBERS[protocol]} dport {_set(ends)} "


def _apart(ports: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same ports in ranges that do not overlap: the kernel's sets take no others."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ports):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def _set(members: Sequence[str]) -> str:
    return members[0] if len(members) == 1 else f"{{ {', '.join(members)} }}"


def _unknown(name: str, group: SecurityGroup) -> LabStateError:
    return LabStateError(
        "The members of {name}, which a rule of {group_id} names, are not known",
        remedy="Add the address template to the snapshot",
        name=name,
        group_id=group.group_id,
    )


def binding(port: str, direction: Direction, numbers: Sequence[int], mark: Mark = unmarked) -> list[str]:
    """The statements that fill an interface's chain: its groups in order, then the implicit deny; none: open."""
    chain = f"add rule {TABLE} {port_chain(port, direction)}"
    if not numbers:
        return [f'{chain} accept comment "open"']
    jumps = [f"{chain} jump {group_chain(number, direction)}" for number in numbers]
    return [*jumps, f'{chain} {mark(None, None)}drop comment "deny"']


def table(
    ports: Mapping[str, Sequence[Direction]],
    groups: int,
    exempt: Exempt | None = None,
) -> list[str]:
    """
    An empty table with a chain for each group and each interface's port, hooked into forwarding.

    *exempt*: what leaves or enters unasked.
    """
    names = [group_chain(number, direction) for number in range(groups) for direction in DIRECTIONS]
    names += [port_chain(port, direction) for port, asked in ports.items() for direction in asked]
    lines = [f"add table {TABLE}", f"delete table {TABLE}", f"add table {TABLE}"]
    lines += [f"add chain {TABLE} {name}" for name in names]
    for priority, direction in ((0, Direction.EGRESS), (1, Direction.INGRESS)):
        name, side = str(direction), "iifname" if direction is Direction.EGRESS else "oifname"
        hook = f"{{ type filter hook forward priority {priority}; policy accept; }}"
        lines += [f"add chain {TABLE} {name} {hook}", f"add rule {TABLE} {name} ct state established,related accept"]
        lines += [
            f'add rule {TABLE} {name} {condition} accept comment "{label}"'
            for condition, label in (exempt or {}).get(direction, ())
        ]
        asked = [port for port, directions in ports.items() if direction in directions]
        lines += [f'add rule {TABLE} {name} {side} "{port}" jump {port_chain(port, direction)}' for port in asked]
    return lines


def replaced(chain: str, rules: Sequence[str]) -> str:
    """One script that puts *rules* in the place of what *chain* holds."""
    return "\n".join([f"flush chain {TABLE} {chain}", *rules])
