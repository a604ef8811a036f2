"""
Health (section 7 of docs/model.md): a probe is walked like a flow that starts at the target.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from dataclasses import dataclass

from walker_clb import Asked, is_layer7, vips_of
from walker_cluster import (
    Document,
    Node,
    addresses_of,
    family,
    instance_of,
    is_elsewhere,
    is_in_another_vpc,
    is_pod_target,
    kind_of,
    node_of,
    objects,
    target_family,
)
from walker_endpoints import endpoints_of_all_ports
from walker_nodeports import is_outside
from walker_packets import (
    OPEN,
    PASSED,
    Packet,
    anything,
    check,
    doubtful,
    passes_to_target,
    some_of,
    waived_by,
)
from walker_paths import node_check, standing, standing_of_pod, ways_from_target
from walker_pods import Pod, groups_of_pod, is_here, pod_at
from walker_policies import lets_in
from walker_requests import DELIVERED, DROP, MAY_REFUSE, PASS, REFUSE, REFUSED, UNKNOWN, Step, Way, end_of

PROBE_RANGE = "100.64.0.0/10"


@dataclass(frozen=True)
class Probe:
    """A health check of one target: its settings, the packet it begins with, and whether the target's groups count."""

    settings: dict
    packet: Packet
    passes: bool | None
    is_layer_7: bool

    @property
    def wants_an_answer(self) -> bool:
        """Whether it is over HTTP or HTTPS."""
        return self.kind in ("HTTP", "HTTPS")

    @property
    def kind(self) -> str:
        """What it speaks."""
        return self.settings.get("CheckType") or ("HTTP" if self.is_layer_7 else "TCP")

    @property
    def wants_its_own_answer(self) -> bool:
        """Whether the application has to give one answer that is not an HTTP status."""
        return self.kind in ("CUSTOM", "GRPC")

    def accepts(self, status: int) -> bool:
        """Whether an answer is one of those that it wants; without a list, any is."""
        listed = self.settings.get("HttpCode")
        return not self.wants_an_answer or listed is None or bool(listed & 1 << status // 100 - 1)


def probe_of(asked: Asked, target: dict, version: int) -> Probe:
    """Where probes of a target come from: 100.64.0.0/10, the VIP, or either where that is not said."""
    settings = settings_of(asked)
    own = [address for address in [asked.vip, *vips_of(asked.balancer)] if address and family(address) == version]
    vip = some_of(own[:1]) if own else anything(version)
    everywhere = some_of([PROBE_RANGE]) if version == 4 else anything(6)
    kind = settings.get("SourceIpType")
    packet = Packet(
        source=everywhere if kind == 1 else vip,
        protocol=asked.protocol,
        port=settings.get("CheckPort") or target["Port"],
        unasked=kind == 1,
        or_else=everywhere if kind is None else None,
    )
    return Probe(settings, packet, passes_to_target(asked), is_layer7(asked.listener))


def settings_of(asked: Asked) -> dict:
    """A forwarding rule's own health check, else the listener's."""
    return (asked.rule or {}).get("HealthCheck") or asked.listener.get("HealthCheck") or {}


def probes_its_own_port(asked: Asked, target: dict) -> bool:
    """Whether probes ask the port that requests go to."""
    return settings_of(asked).get("CheckPort") in (None, 0, target["Port"])


def predicted(asked: Asked, target: dict) -> str:
    """Alive, Dead, Unknown or Close, from the rules."""
    switch = settings_of(asked).get("HealthSwitch")
    if switch == 0:
        return "Close"
    found = health_of(asked, target)
    return "Unknown" if switch is None and found == "Dead" else found


def health_of(asked: Asked, target: dict) -> str:
    """What becomes of a target whose probes are on."""
    version = target_family(asked.document, target)
    if (asked.version, version) == (4, 6) or not is_followed(asked.document, target):
        return "Unknown"
    if kind_of(target) == "CVM" and is_elsewhere(asked.document, target):
        return "Unknown"
    if is_in_another_vpc(asked.document, asked.balancer, target):
        return "Unknown"
    probe = probe_of(asked, target, version)
    node = node_of(asked.document, target) if kind_of(target) == "CVM" else None
    service = service_checked(asked.document, probe) if node and not is_outside(asked.document, node) else None
    if service:
        return health_by_kube_proxy(asked.document, node, service, probe)
    ways = ways_from_target(asked.document, target, probe.packet, probe.passes)
    if asked.protocol == "TCP":
        return health_of_tcp(probe, ways)
    found = health_of_udp(ping_check(asked.document, target, probe), ways, only_ping=asked.version == 6)
    return "Unknown" if found == "Alive" and probe.wants_its_own_answer else found


def health_of_tcp(probe: Probe, ways: list[Way]) -> str:
    """All ways delivered: Alive, if a 200 will do; none: Dead; some, or not known: Unknown."""
    ends = [{end_of(way, True), end_of(way, False)} for way in ways]
    if all(end == {DELIVERED} for end in ends):
        return "Alive" if probe.accepts(200) and not probe.wants_its_own_answer else "Unknown"
    return "Unknown" if any(DELIVERED in end for end in ends) else "Dead"


# kube-proxy's own answers.


def service_checked(document: Document, probe: Probe) -> dict | None:
    """The Service on whose healthCheckNodePort a probe asks; nothing answers there over UDP."""
    port = probe.packet.port
    found = [item for item in objects(document, "Service") if item["spec"].get("healthCheckNodePort") == port]
    return found[0] if found and probe.packet.protocol == "TCP" else None


def health_by_kube_proxy(document: Document, node: Node, service: dict, probe: Probe) -> str:
    """The node's groups, then 200 or 503."""
    entry = waived_by(node_check(document, node, "ingress", probe.packet.source, probe.packet), probe.passes)
    entry = PASSED if probe.packet.unasked else doubtful(entry) if probe.packet.or_else else entry
    steps = [entry, *standing(document, node)]
    if any(step.effect == DROP for step in steps):
        return "Dead"
    if any(step.effect == UNKNOWN for step in steps) or probe.wants_its_own_answer:
        return "Unknown"
    here = has_local_endpoint(document, node, service)
    possible = {True: (200,), False: (503,), None: (200, 503)}[here]
    found = {health_by_answer(probe, status) for status in possible}
    return found.pop() if len(found) == 1 else "Unknown"


def health_by_answer(probe: Probe, status: int) -> str:
    """Whether an answer is one that the probe wants, as far as it is known what it wants."""
    if status == 503 and probe.settings.get("CheckType") is None:
        return "Unknown"
    if status == 503 and probe.wants_an_answer and probe.settings.get("HttpCode") is None:
        return "Dead"
    return "Alive" if probe.accepts(status) else "Dead"


def has_local_endpoint(document: Document, node: Node, service: dict) -> bool | None:
    """Whether a node has a ready endpoint of a Service; None: not known."""
    every = endpoints_of_all_ports(document, service)
    if every is None or node.kubernetes is None:
        return None
    places = [None if item.number is None else is_here(document, item.pod, node) for item in every if item.ready]
    return True if True in places else None if None in places else False


def is_followed(document: Document, target: dict) -> bool:
    """Whether a target is a node or a pod."""
    return kind_of(target) == "CVM" or is_pod_target(document, target)


# UDP.


def ping_check(document: Document, target: dict, probe: Probe) -> Step:
    """What becomes of a ping: the target's groups, then whatever else may keep a target from answering."""
    packet = probe.packet
    if is_pod_target(document, target):
        pod = pod_at(document, target["PrivateIpAddresses"][0], packet.protocol, packet.port)
        place, groups = ("pod", pod.name), groups_of_pod(document, pod)
        others = [*standing_of_pod(document, pod, here=False), *ping_at_policies(document, pod, packet)]
    else:
        node = node_of(document, target)
        place, groups, others = ("node", node.called), node.groups, standing(document, node)
    ping = "ICMP" if packet.source.version == 4 else "ICMPV6"
    found = waived_by(check(document, place, "ingress", groups, packet.source, ping, None), probe.passes)
    found = PASSED if packet.unasked else doubtful(found) if packet.or_else else found
    steps = [found, *others]
    certain = [step for step in steps if step.effect == DROP]
    return certain[0] if certain else next((step for step in steps if step.effect == UNKNOWN), PASSED)


def ping_at_policies(document: Document, pod: Pod, packet: Packet) -> list[Step]:
    """Only rules without ports surely let in a ping; where nothing is known to be there, none is asked."""
    return [] if pod.namespace is None or lets_in(document, pod, packet, only_without_ports=True) else [OPEN]


def health_of_udp(ping: Step, ways: list[Way], *, only_ping: bool) -> str:
    """The ping must pass; then a refusal is a failure and silence is none."""
    ends = [] if only_ping else [{end_of(way, True), end_of(way, False)} for way in ways]
    if ping.effect == DROP or (ends and all(end == {REFUSED} for end in ends)):
        return "Dead"
    if ping.effect == PASS and (only_ping or not any(may_refuse(way) for way in ways)):
        return "Alive"
    return "Unknown"


def may_refuse(way: Way) -> bool:
    """Whether a packet can meet a refusal before a certain drop; what was not read may refuse."""
    for step in way:
        if step.effect in (DROP, REFUSE) or step in MAY_REFUSE:
            return step.effect != DROP
    return False


def observed(asked: Asked, target: dict) -> str | None:
    """What the CLB reported: a node is found by its instance, else by its address, a pod by its address; else None."""
    entries = [
        entry
        for shown in asked.document.get("target_health") or []
        if shown["LoadBalancerId"] == asked.balancer["LoadBalancerId"]
        for listener in shown["Listeners"]
        if listener["ListenerId"] == asked.listener["ListenerId"]
        for rule in listener.get("Rules") or []
        if asked.rule is None or rule.get("LocationId") == asked.rule.get("LocationId")
        for entry in rule.get("Targets") or []
        if entry["Port"] == target["Port"]
    ]
    instance, addresses = kind_of(target) == "CVM" and target.get("InstanceId"), target.get("PrivateIpAddresses") or []
    if instance and not addresses:
        addresses = addresses_of(instance_of(asked.document, target) or {"PrivateIpAddresses": []})
    by_instance = [entry for entry in entries if instance and entry.get("TargetId") == instance]
    by_address = [entry for entry in entries if entry.get("IP") in addresses]
    return next((status_of(asked, entry) for entry in by_instance + by_address), None)


def status_of(asked: Asked, entry: dict) -> str | None:
    """Alive, Dead, Unknown or Close, in whichever of three fields the API tells it; None where in none."""
    detail = entry.get("HealthStatusDetail") or entry.get("HealthStatusDetial")
    if detail or entry.get("HealthStatus") is None:
        return detail
    return (
        "Alive"
        if entry["HealthStatus"]
        else {1: "Dead", 0: "Close"}.get(settings_of(asked).get("HealthSwitch"), "Unknown")
    )
