"""
The plan as commands for `ip -batch` and settings of the kernel: interfaces, addresses, routes, neighbours.

Every neighbour is told, none is asked for, so that a packet leaves at once and tcpdump shows nothing but the lesson's
packets. A host sends everything to the fabric; the fabric sends each address to the port where it is, and what belongs
to a conversation back to where that came from, because a CLB and a node have to undo what they rewrote.

`ip -batch` speaks of one address family: lines for IPv6 begin with -6, and are for a second batch.
"""

from collections.abc import Iterable, Iterator, Sequence

from drilllib.core.rules.addresses import Address
from drilllib.labs.netns.plan import BalancerHost, NodeHost, Plan, PodHost, Port

# The next hop at the far end of any cable, by address family: the fabric, and what hangs on it.
FABRIC_END, HOST_END = {4: "169.254.1.1", 6: "fe80::1"}, {4: "169.254.1.2", 6: "fe80::2"}
FAMILIES = (4, 6)
OPTION = {4: "", 6: "-6 "}
TRANSPARENT, DIRECT = 1, 0x4000000  # marks: a reply to the CLB's own socket; a reply through a node's first interface
TABLE_OF_PORT, TABLE_OF_TRANSPARENT, TABLE_OF_ENI = 1000, 100, 200
FORWARDING = {"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1"}
EVERYWHERE = {
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv6/conf/all/disable_ipv6": "0",
    "net/ipv6/conf/default/disable_ipv6": "0",
    "net/ipv6/conf/default/accept_dad": "0",
    "net/ipv4/ip_local_port_range": "20000 29999",  # below every NodePort
    "net/ipv4/icmp_ratelimit": "0",  # every refusal is told, however many health checks were refused before
    "net/ipv6/icmp/ratelimit": "0",
}
# One SYN more, a second later: a client that nobody answers gives up after about 2 s instead of 127.
CLIENT_SETTINGS = {"net/ipv4/tcp_syn_retries": "1", "net/ipv4/tcp_rto_max_ms": "1000"}
IF_THE_KERNEL_HAS_IT = ("net/ipv4/tcp_rto_max_ms",)


def batches(lines: Sequence[str], *, ipv6: bool) -> list[tuple[list[str], list[str]]]:
    """The lines as arguments of `ip` and what it reads, in their order."""
    four = [line for line in lines if not line.startswith("-6 ") and (ipv6 or "fe80:" not in line)]
    six = [line.removeprefix("-6 ") for line in lines if line.startswith("-6 ")]
    return [([], four), (["-6"], six)] if ipv6 and six else [([], four)]


def pod_device(place: int) -> str:
    """The node's device for the cable to its pod number *place*."""
    return f"pod{place}"


def in_use(devices: Iterable[str]) -> list[str]:
    """
    The commands that see to it that *devices* send what they are given, where their other ends went up after them.

    The kernel takes note of that a little later, and until then loses what they are to send. Who asks for one device
    makes it take note [rtnl_getlink].
    """
    return [f"link show dev {device}" for device in devices]


def _mac(number: int, end: str) -> str:
    return f"02:00:00:{end}:{number >> 8:02x}:{number & 255:02x}"


def fabric(plan: Plan) -> list[str]:
    """The fabric's commands: it makes every cable, and knows where each address is."""
    lines = ["link set lo up", f"addr add {FABRIC_END[4]}/32 dev lo"]
    for port in plan.ports:
        lines += _cable(port)
    lines += [f"{OPTION[family]}route add default {_to(HOST_END, family, plan.client.name)}" for family in FAMILIES]
    return lines


def _cable(port: Port) -> Iterator[str]:
    name, table = port.name, TABLE_OF_PORT + port.number
    yield (
        f"link add {name} address {_mac(port.number, 'fa')} type veth "
        f"peer name {port.device} address {_mac(port.number, '05')} netns {port.host}"
    )
    yield f"link set {name} addrgenmode none up"
    for family in FAMILIES:
        option, way = OPTION[family], _to(HOST_END, family, name)
        yield f"neigh add {HOST_END[family]} lladdr {_mac(port.number, '05')} dev {name} nud permanent"
        yield f"{option}route add default {way} table {table}"
        yield f"{option}rule add fwmark {port.number} lookup {table} pref {port.number}"
    yield from (
        f"{OPTION[each.version]}route add {each} {_to(HOST_END, each.version, name)}" for each in port.addresses
    )


def _to(end: dict[int, str], family: int, device: str) -> str:
    return f"via {end[family]} dev {device} onlink"


def _uplink(port: Port, addresses: Iterable[Address], *, table: str = "") -> Iterator[str]:
    """The host's side of a cable."""
    yield f"link set {port.device} addrgenmode none up"
    for each in addresses:
        yield f"addr add {each} dev {port.device}{' nodad' if each.version == 6 else ''}"
    for family in FAMILIES:
        yield f"neigh add {FABRIC_END[family]} lladdr {_mac(port.number, 'fa')} dev {port.device} nud permanent"
        yield f"{OPTION[family]}route add default {_to(FABRIC_END, family, port.device)}{table}"


def host(port: Port) -> list[str]:
    """The commands of a host with one interface that has its addresses."""
    return ["link set lo up", *_uplink(port, port.addresses)]


def balancer(each: BalancerHost) -> list[str]:
    """A CLB's: it takes replies that are addressed to its clients, whose addresses its own sockets use."""
    lines = host(each.port)
    for family in FAMILIES:
        lines.append(f"{OPTION[family]}rule add fwmark {TRANSPARENT} lookup {TABLE_OF_TRANSPARENT} pref 10")
        lines.append(f"{OPTION[family]}route add local default dev lo table {TABLE_OF_TRANSPARENT}")
    return lines


def node(each: NodeHost, pods: Iterable[PodHost]) -> list[str]:
    """A node's: pods of its own hang on it; what they send leaves by their own interface."""
    lines = host(each.ports[0])
    for port in each.ports[1:]:
        lines += _uplink(port, (), table=f" table {TABLE_OF_ENI + port.number}")
    for place, pod in enumerate(own for own in pods if own.local and own.node == each.host):
        lines += _own_pod(place, pod)
    return [*lines, *(f"{OPTION[family]}rule add fwmark {DIRECT} lookup main pref 150" for family in FAMILIES)]


def _own_pod(place: int, pod: PodHost) -> Iterator[str]:
    name = pod_device(place)
    peer = f"peer name eth0 address {_mac(place, '06')} netns {pod.host}"
    yield f"link add {name} address {_mac(place, 'fb')} type veth {peer}"
    yield f"link set {name} addrgenmode none up"
    for family in FAMILIES:
        yield f"neigh add {HOST_END[family]} lladdr {_mac(place, '06')} dev {name} nud permanent"
    for each in pod.addresses:
        option = OPTION[each.version]
        yield f"{option}route add {each} {_to(HOST_END, each.version, name)}"
        yield f"{option}rule add to {each} lookup main pref 100"
        yield f"{option}rule add from {each} lookup {TABLE_OF_ENI + pod.over.number} pref 200"


def own_pod(place: int, pod: PodHost) -> list[str]:
    """The commands of a pod that hangs on its node as its pod number *place*."""
    lines = ["link set lo up", "link set eth0 addrgenmode none up"]
    lines += [f"addr add {each} dev eth0{' nodad' if each.version == 6 else ''}" for each in pod.addresses]
    for family in FAMILIES:
        lines.append(f"neigh add {FABRIC_END[family]} lladdr {_mac(place, 'fb')} dev eth0 nud permanent")
        lines.append(f"{OPTION[family]}route add default {_to(FABRIC_END, family, 'eth0')}")
    return lines
