"""
Health (section 7 of docs/model.md): a probe is walked like a flow that starts at the target.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from walker_clb import Asked, vips_of
from walker_cluster import Document, family, kind_of, node_of, target_family
from walker_paths import PASSED, UNREAD, Packet, Source, anything, check, passes_to_target, some_of, ways_from_target
from walker_pods import groups_of_pod, pod_at
from walker_requests import DELIVERED, DROP, PASS, REFUSE, REFUSED, Step, Way, end_of

PROBE_RANGE = "100.64.0.0/10"


def probe_source(asked: Asked, settings: dict, version: int) -> Source:
    """Where probes come from: 100.64.0.0/10, or the VIP where the setting says so."""
    if settings.get("SourceIpType") != 0:
        return some_of([PROBE_RANGE]) if version == 4 else anything(6)
    own = [address for address in [asked.vip, *vips_of(asked.balancer)] if address and family(address) == version]
    return some_of(own[:1]) if own else anything(version)


def predicted(asked: Asked, target: dict) -> str:
    """Alive, Dead, Unknown or Close, from the rules."""
    settings = (asked.rule or {}).get("HealthCheck") or asked.listener.get("HealthCheck") or {}
    if settings.get("HealthSwitch") == 0:
        return "Close"
    version = target_family(asked.document, target)
    if (asked.version, version) == (4, 6) or kind_of(target) not in ("CVM", "ENI"):
        return "Unknown"
    source = probe_source(asked, settings, version)
    from_range = settings.get("SourceIpType") != 0
    waived = from_range or passes_to_target(asked)
    packet = Packet(source, asked.protocol, settings.get("CheckPort") or target["Port"], probe=from_range)
    ways = ways_from_target(asked.document, target, packet, waived=waived)
    if asked.protocol == "TCP":
        return health_of_tcp(ways)
    ping = PASSED if waived else ping_check(asked.document, target, source)
    return health_of_udp(ping, ways, only_ping=asked.version == 6)


def health_of_tcp(ways: list[Way]) -> str:
    """All ways delivered: Alive; none: Dead; some, or not known: Unknown."""
    ends = [{end_of(way, True), end_of(way, False)} for way in ways]
    if all(end == {DELIVERED} for end in ends):
        return "Alive"
    return "Unknown" if any(DELIVERED in end for end in ends) else "Dead"


def ping_check(document: Document, target: dict, source: Source) -> Step:
    """The target's groups asked about a ping."""
    if kind_of(target) == "ENI":
        pod = pod_at(document, target["PrivateIpAddresses"][0])
        place, groups = ("pod", pod.name), groups_of_pod(document, pod)
    else:
        node = node_of(document, target)
        place, groups = ("node", node.name), node.groups
    return check(document, place, "ingress", groups, source, "ICMP" if source.version == 4 else "ICMPV6", None)


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
        if step.effect in (DROP, REFUSE) or step == UNREAD:
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
    by_instance = [entry for entry in entries if instance and entry.get("TargetId") == instance]
    by_address = [entry for entry in entries if entry.get("IP") in addresses]
    return next((entry.get("HealthStatusDetail") for entry in by_instance + by_address), None)
