"""
What hosts rewrite and send back, as nftables: the fabric's memory, a node's NodePorts, a CLB's layer-4 listeners.

NodePorts are shaped as kube-proxy's nftables mode shapes them: DNAT to one endpoint at random, masquerade under
`Cluster`, rejection without endpoints, silence under `Local` without one of the node's own [K8S]. TCP is rejected by a
reset where kube-proxy sends an ICMP error: here that error would be back before the sender has finished sending, while
its kernel does not listen for one.
"""

from collections.abc import Iterable, Sequence

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.resources import Endpoint, Listener, Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.labs.netns.labels import NO_ENDPOINTS, NO_LOCAL_ENDPOINT
from drilllib.labs.netns.network.links import DIRECT, TRANSPARENT
from drilllib.labs.netns.plan import BalancerHost, NodeHost, Plan, PodHost

FAMILY = {4: "ip", 6: "ip6"}
MASQUERADE = 0x4000  # kube-proxy's mark


def _fresh(table: str) -> list[str]:
    return [f"add table {table}", f"delete table {table}", f"add table {table}"]


def memory(plan: Plan) -> list[str]:
    """The fabric remembers by which port a conversation came in, and marks what goes back so that it goes there."""
    ports = ", ".join(f'"{port.name}" : {port.number}' for port in plan.ports)
    return [
        *_fresh("inet fabric"),
        "add chain inet fabric prerouting { type filter hook prerouting priority mangle; policy accept; }",
        f"add rule inet fabric prerouting ct state new ct mark set iifname map {{ {ports} }}",
        "add rule inet fabric prerouting ct direction reply meta mark set ct mark",
    ]


def node(snapshot: Snapshot, host: NodeHost, pods: Iterable[PodHost]) -> list[str]:
    """A node's NodePorts, and the way back of what came in by its first interface to a pod of its own."""
    lines = [
        *_fresh("inet kube-proxy"),
        "add chain inet kube-proxy nodeports",
        "add chain inet kube-proxy refused",
        "add chain inet kube-proxy prerouting { type nat hook prerouting priority dstnat; policy accept; }",
        "add chain inet kube-proxy postrouting { type nat hook postrouting priority srcnat; policy accept; }",
        "add chain inet kube-proxy filter { type filter hook prerouting priority dstnat - 10; policy accept; }",
        "add chain inet kube-proxy input { type filter hook input priority filter; policy accept; }",
        "add chain inet kube-proxy back { type filter hook prerouting priority mangle; policy accept; }",
        "add rule inet kube-proxy prerouting fib daddr type local jump nodeports",
        "add rule inet kube-proxy input ct state new jump refused",
        f"add rule inet kube-proxy postrouting meta mark & {MASQUERADE} == {MASQUERADE} masquerade",
    ]
    for family, name in FAMILY.items():
        own = [str(each) for pod in pods if pod.local and pod.node == host.host for each in pod.addresses]
        ours = ", ".join(each for each in own if (":" in each) == (family == 6))
        if ours:
            lines += [
                f'add rule inet kube-proxy back iifname "eth0" ct state new ct mark set {DIRECT}',
                f"add rule inet kube-proxy back {name} saddr {{ {ours} }} ct mark {DIRECT} meta mark set {DIRECT}",
            ]
    return [*lines, *(line for key in snapshot.kubernetes.node_ports() for line in _node_port(snapshot, host, *key))]


def _node_port(snapshot: Snapshot, host: NodeHost, transport: str, number: int) -> Iterable[str]:
    service = snapshot.kubernetes.service_on_node_port(transport, number)
    local = service is not None and service.is_local_only
    hidden = not local and snapshot.semantics.cluster_policy_hides_client
    for family, name in FAMILY.items():
        known = snapshot.kubernetes.endpoints(transport, number, family) or ()
        ours = [each for each in known if not local or each.node_name == host.node.name]
        asked = f"meta nfproto {'ipv4' if family == 4 else 'ipv6'} {transport.lower()} dport {number}"
        if ours:
            mark = f"meta mark set meta mark or {MASQUERADE} " if hidden else ""
            yield f"add rule inet kube-proxy nodeports {asked} {mark}dnat {name} to {_any_of(ours)}"
        elif known:
            yield f'add rule inet kube-proxy filter fib daddr type local {asked} drop comment "{NO_LOCAL_ENDPOINT}"'
        else:
            refusal = "reject with tcp reset" if transport == "TCP" else "reject"
            yield f'add rule inet kube-proxy refused {asked} {refusal} comment "{NO_ENDPOINTS}"'


def _any_of(places: Sequence[Endpoint | Target], shares: Sequence[int] = ()) -> str:
    """One of *places* at random, weighted."""
    if len(places) == 1:
        return f"{_bracketed(places[0].address)}:{places[0].port}"
    shares = shares or [1] * len(places)
    ends = [sum(shares[: place + 1]) - 1 for place in range(len(places))]
    firsts = [end - share + 1 for end, share in zip(ends, shares, strict=True)]
    entries = [
        f"{first if first == end else f'{first}-{end}'} : {place.address} . {place.port}"
        for first, end, place in zip(firsts, ends, places, strict=True)
    ]
    return f"numgen random mod {sum(shares)} map {{ {', '.join(entries)} }}"


def _bracketed(address: Address | None) -> str:
    return f"[{address}]" if address is not None and address.version == 6 else str(address)


def balancer(each: BalancerHost) -> list[str]:
    """A CLB takes nothing but what its listeners are for; replies to its clients' addresses are its own."""
    lines = [
        *_fresh("inet clb"),
        "add chain inet clb listeners",
        "add chain inet clb transparent { type filter hook prerouting priority mangle; policy accept; }",
        "add chain inet clb prerouting { type nat hook prerouting priority dstnat; policy accept; }",
        "add chain inet clb postrouting { type nat hook postrouting priority srcnat; policy accept; }",
        "add chain inet clb input { type filter hook input priority filter; policy drop; }",
        "add chain inet clb forward { type filter hook forward priority filter; policy accept; }",
        f"add rule inet clb transparent meta l4proto tcp socket transparent 1 meta mark set {TRANSPARENT}",
        "add rule inet clb prerouting jump listeners",
        "add rule inet clb input ct state established,related accept",
        "add rule inet clb input meta l4proto { icmp, ipv6-icmp } accept",
    ]
    for port in sorted({listener.port for listener in each.listeners if listener.layer == 7}):
        lines.append(f"add rule inet clb input tcp dport {port} accept")
    if each.balancer.snat_pro:
        for family, name in FAMILY.items():
            ours = next((address for address in each.balancer.snat_ips if address.version == family), None)
            if ours:
                lines.append(f"add rule inet clb postrouting ct status dnat snat {name} to {ours}")
    return lines


def layer_4(each: BalancerHost, used: Iterable[tuple[Listener, Sequence[Target]]]) -> list[str]:
    """The layer-4 listeners with the targets in use, in the place of what was there."""
    lines = ["flush chain inet clb listeners"]
    for listener, targets in used:
        for vip in each.balancer.vips:
            ours = [target for target in targets if target.address and target.address.version == vip.version]
            asked = f"{FAMILY[vip.version]} daddr {vip} {(listener.transport or 'TCP').lower()} dport {listener.port}"
            if ours:
                ways = _any_of(ours, [target.share for target in ours])
                lines.append(f"add rule inet clb listeners {asked} dnat {FAMILY[vip.version]} to {ways}")
    return lines
