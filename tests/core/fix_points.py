"""What a change of groups lets through, found by asking the second engine of reference.py about single flows."""

from collections.abc import Iterator, Sequence
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import product
from random import Random

from reference import Packet, decide, edges, texts_of

from drilllib.core.rules.rules import Flow
from drilllib.core.trace.answer import Trace

Block = IPv4Network | IPv6Network
Asked = tuple[str, str, str, int | None, tuple[Block, ...]]  # resource, direction, protocol, port, far ends
RANK = {"DROP": 0, "UNDETERMINED": 1, "ACCEPT": 2}
FIELDS = {"ingress": "Ingress", "egress": "Egress"}
NOT_ASKED = ("PASS_TO_TARGET", "PROBE_RANGE", "NO_GROUP")


def resources(document: dict) -> dict[str, tuple[list[str], list[str] | None]]:
    """Everything a group can be bound to, by id: its addresses, and its groups or None where they were not read."""
    found = {item["LoadBalancerId"]: ([], item.get("SecureGroups")) for item in document.get("load_balancers") or []}
    for item in document.get("instances") or []:
        addresses = [*(item.get("PrivateIpAddresses") or []), *(item.get("IPv6Addresses") or [])]
        found[item["InstanceId"]] = addresses, item.get("SecurityGroupIds")
    for item in document.get("network_interfaces") or []:
        addresses = [entry["PrivateIpAddress"] for entry in item.get("PrivateIpAddressSet") or []]
        addresses += [entry["Address"] for entry in item.get("Ipv6AddressSet") or []]
        found.setdefault(item["NetworkInterfaceId"], (addresses, item.get("GroupSet")))
    return found


def lists_of(document: dict, names: Sequence[str]) -> list[tuple[str, dict]]:
    """The policy sets of those groups; empty, which means not read, for groups that are not there."""
    groups = document.get("security_groups") or {}
    return [(name, (groups.get(name) or {}).get("SecurityGroupPolicySet") or {}) for name in names]


def flows(random: Random, before: dict, after: dict, names: Sequence[str], direction: str, count: int) -> list[Flow]:
    """Some of the flows at which an answer can change: at the edges of rules' blocks and ports."""
    found: list[Flow] = []
    for version in (4, 6):
        addresses = {ip_address("0.0.0.0" if version == 4 else "::")}
        for document in (before, after):
            addresses |= set(edges(lists_of(document, names), FIELDS[direction], document, version))
        near = sorted(_port_edges(before) | _port_edges(after))
        ways = [(protocol, port) for protocol in ("TCP", "UDP") for port in near]
        ways += [("ICMP" if version == 4 else "ICMPV6", None), ("GRE", None)]
        pairs = list(product(sorted(addresses, key=int), ways))
        picked = random.sample(pairs, min(count, len(pairs)))
        found += [Flow(protocol=protocol, peer=peer, port=port) for peer, (protocol, port) in picked]
    return found


def _port_edges(document: dict) -> set[int]:
    """Where some rule's ports begin, and the next one after they end."""
    texts = [
        policy.get("Port") or ""
        for group in (document.get("security_groups") or {}).values()
        for policies in ((group.get("SecurityGroupPolicySet") or {}).get(field) for field in FIELDS.values())
        for policy in policies or ()
    ]
    for template in (document.get("service_templates") or {}).values():
        listed = texts_of(template, "ServiceSet", "ServiceExtraSet", "Service") or []
        texts += [text.partition(":")[2] for text in listed]
    found = {1}
    for part in ",".join(texts).split(","):
        ends = [int(end) for end in part.split("-") if end.isdecimal()]
        found |= {ends[0], ends[-1] + 1} if ends else set()
    return {port for port in found if port <= 65535}


def action(document: dict, names: Sequence[str], direction: str, flow: Flow) -> str:
    """What those groups do with one flow, by the second engine."""
    packet = Packet(flow.protocol, flow.peer, flow.port)
    return decide(lists_of(document, names), FIELDS[direction], packet, document).action


def asked(document: dict, answer: Trace, clients: Sequence[Block], nodes: Sequence[Block]) -> Iterator[Asked]:
    """What the checks of a trace ask of each interface, with whole subnets in the place of nodes and pods."""
    known = resources(document)
    owner: dict[str, str] = {}
    for name, (addresses, _) in known.items():
        for text in map(_plain, addresses):
            owner.setdefault(text, name)  # a node's primary interface is called by its instance
    for path in answer.paths:
        through = {
            text
            for hop in path.hops
            if hop.hop == "node"
            for text in [_plain(hop.address), *map(_plain, known.get(owner.get(_plain(hop.address)), ([], None))[0])]
        }
        for hop in path.hops:
            for check in hop.checks:
                if not check.groups or check.reason in NOT_ASKED:
                    continue
                blocks = tuple(clients)
                if str(check.peer) != answer.question.client:
                    blocks = tuple(ip_network(text) for text in str(check.peer).split(", "))
                    if check.direction == "egress":
                        blocks += tuple(_around(document, each) for each in blocks)
                    elif hop.hop == "pod" and str(check.peer) in through:
                        blocks += tuple(nodes) or tuple(_around(document, each) for each in blocks)
                name = hop.name if hop.hop == "clb" else owner.get(_plain(hop.address))
                yield name, check.direction, check.protocol, check.port, blocks
    yield from _asked_for_probes(document, answer, owner)


def _asked_for_probes(document: dict, answer: Trace, owner: dict[str, str]) -> Iterator[Asked]:
    """Where probes come from the VIP (SourceIpType 0), the targets and what is behind them have to admit it."""
    listener = answer.listener
    if listener is None or listener.probe_source_type != 0 or not listener.probes:
        return
    vips = [text for item in document.get("load_balancers") or [] for text in item.get("LoadBalancerVips") or []]
    vip = tuple(map(ip_network, vips))
    for path in answer.paths:
        for hop in (hop for hop in path.hops if hop.hop != "clb"):
            name = owner.get(_plain(hop.address))
            for port in {hop.port, listener.probe_port or hop.port}:
                yield name, "ingress", "TCP", port, vip
            pinged = listener.transport == "UDP" and hop is path.hops[1]
            for protocol in ("ICMP", "ICMPV6") if pinged else ():
                yield name, "ingress", protocol, None, vip


@cache
def _plain(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return text


def _around(document: dict, block: Block) -> Block:
    """The smallest subnet around an address, or what stands for it."""
    subnets = [item.get(field) for item in document.get("subnets") or [] for field in ("CidrBlock", "Ipv6CidrBlock")]
    around = [each for each in map(ip_network, filter(None, subnets)) if each.version == block.version]
    around = [each for each in around if block.subnet_of(each)]
    guess = block.supernet(new_prefix=min(block.prefixlen, 24 if block.version == 4 else 64))
    return max(around, key=lambda each: each.prefixlen, default=guess)


def is_asked(found: Sequence[Asked], name: str, direction: str, flow: Flow) -> bool:
    """Is this flow among what was asked of that interface?"""
    return any(
        each[:4] == (name, direction, flow.protocol, flow.port)
        and any(flow.peer.version == block.version and flow.peer in block for block in each[4])
        for each in found
    )
