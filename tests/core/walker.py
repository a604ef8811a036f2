"""
A question about a Service worked out a second time: slow, obvious, and independent of the engine.

It follows docs/model.md from the top, on the plain snapshot document, and imports nothing of drilllib, so that an error
would have to be made twice to stay hidden. Rules are decided by reference.py. Where something may be one of several
things (addresses, targets in use, orders of targets, ends of attempts), all of them are tried.

It expects snapshots and questions that can be read; refusing the others is tested elsewhere.
"""

from dataclasses import dataclass, replace

from walker_clb import (
    Asked,
    balancer_asked,
    forwarding_rule,
    is_layer7,
    lacks_ports,
    listener_asked,
    vip_asked,
    vips_of,
)
from walker_cluster import Document, is_complete, is_in_another_vpc, is_pod_target, kind_of, node_of, target_family
from walker_endpoints import is_alone
from walker_health import observed, predicted, probes_its_own_port
from walker_insiders import (
    INSIDE,
    MAYBE,
    ON_ITS_NODE,
    TO_THE_CLB,
    UNTOLD,
    insider_at,
    route_of,
    standing_of_client,
)
from walker_insiders_ways import reaches_the_clb, returns_to, turned_back, ways_on_its_node
from walker_network import is_known_network
from walker_nodeports import is_outside, owner_of_nodeport
from walker_packets import OPEN, PASSED, Packet, check, client_seen, is_public, passes_to_target, source_at_target, stop
from walker_paths import contradicted, ways_from_target, with_something_listening
from walker_requests import DROP, PASS, UNKNOWN, UNREAD, Step, Target, Way, blockers_of, requests, silence


@dataclass(frozen=True)
class Walk:
    """The witness's answer; *health* is what is predicted for each target, in order."""

    verdict: str
    blockers: frozenset[tuple] = frozenset()
    symptoms: frozenset[tuple] = frozenset()
    health: tuple[str, ...] = ()


UNDECIDED = Walk("undetermined")


def walk(document: Document, question: dict) -> Walk:
    """Section 1: which listener, and which of its forwarding rules."""
    balancer = balancer_asked(document, question)
    if balancer is None:
        return UNDECIDED
    listeners = (document.get("listeners") or {}).get(balancer["LoadBalancerId"])
    standing = standing_of_client(document, question["client"])
    if standing == MAYBE or listeners is None or lacks_ports(document, question):
        return UNDECIDED
    listener = listener_asked(document, question, listeners)
    asked = Asked(document, question["client"], balancer, vip_asked(balancer, question), listener)
    if standing == INSIDE:
        return walk_inside(asked, question)
    if listener is None and balancer["LoadBalancerId"] in ((document.get("partial") or {}).get("listeners") or ()):
        return UNDECIDED
    if listener is None:
        return without_listener(balancer, question.get("protocol") or "TCP")
    return walk_balancer(asked, question)


def walk_inside(asked: Asked, question: dict) -> Walk:
    """Section 10: a client inside the cluster."""
    if asked.listener is None or not is_modelled(asked):
        return UNDECIDED
    insider = insider_at(asked.document, asked.client)
    route = route_of(asked, insider) if insider else UNTOLD
    if route.way == TO_THE_CLB:
        return walk_balancer(replace(asked, insider=insider), question)
    if route.way != ON_ITS_NODE:
        return UNDECIDED
    ways = ways_on_its_node(asked, insider, route.service, route.port)
    target = Target(ways, "Alive", is_held=route.service["spec"].get("sessionAffinity") == "ClientIP")
    verdict, symptoms = requests(PASSED, [target], asked.protocol, False)
    return Walk(verdict, frozenset(blockers_of(ways)), frozenset(symptoms))


def walk_balancer(asked: Asked, question: dict) -> Walk:
    """The forwarding rule, and the targets."""
    balancer, listener = asked.balancer, asked.listener
    if not is_modelled(asked):
        return behind_open(asked)
    if is_layer7(listener):
        host = question.get("host") or asked.vip or balancer["LoadBalancerDomain"]
        asked = replace(asked, rule=forwarding_rule(listener, host, question.get("path") or "/"))
        if asked.rule is None:
            return behind_open(asked)
        if (asked.rule.get("RewriteTarget") or {}).get("TargetListenerId"):
            return redirected(asked)
    return walk_targets(asked) if asked.are_targets_read else behind_open(asked)


def is_modelled(asked: Asked) -> bool:
    """Whether docs/model.md says how this kind of load balancer, listener and network behaves."""
    known_listener = asked.listener["Protocol"] in ("TCP", "UDP", "HTTP", "HTTPS") and not asked.listener.get("EndPort")
    known_balancer = asked.balancer.get("Forward") != 0 and not asked.balancer.get("Snat")
    return known_listener and is_known_network(asked.document) and known_balancer


def without_listener(balancer: dict, protocol: str) -> Walk:
    """A port without a listener answers nobody, and there is no check to ask."""
    missing = stop(DROP, ("clb", balancer["LoadBalancerId"]), "NO_LISTENER")
    return Walk("unreachable", frozenset(blockers_of([[missing]])), frozenset({silence(protocol)}))


def behind_open(asked: Asked) -> Walk:
    """Nothing is known of what lies behind the CLB's own check, so only that check can give an answer."""
    clb = clb_check(asked)
    if clb.effect == DROP:
        return Walk("unreachable", frozenset(blockers_of([[clb]])), frozenset({silence(asked.protocol)}))
    return Walk("undetermined", symptoms=frozenset({silence(asked.protocol)} if clb.effect == UNKNOWN else ()))


def clb_check(asked: Asked) -> Step:
    """Section 2: client address and listener port; a public client may not get to a private CLB at all."""
    groups, client = asked.balancer.get("SecureGroups"), client_seen(asked)
    found = check(asked.document, asked.place, "ingress", groups, client, asked.protocol, asked.listener["Port"])
    if asked.insider is not None and found.effect == PASS and not reaches_the_clb(asked, asked.insider):
        return OPEN
    if asked.balancer.get("LoadBalancerType") != "INTERNAL" or not is_public(asked.client):
        return found
    return found if found.effect == PASS and any(map(is_public, vips_of(asked.balancer))) else OPEN


def redirected(asked: Asked) -> Walk:
    """The CLB answers by itself, once its own groups let the request in."""
    clb, target = clb_check(asked), asked.rule["RewriteTarget"]
    code = target.get("RewriteCode") or 301
    if clb.effect == DROP:
        return behind_open(asked)
    met = {("http", code, 0.0)} | ({silence(asked.protocol)} if clb.effect == UNKNOWN else set())
    return Walk("reachable" if clb.effect == PASS else "undetermined", symptoms=frozenset(met))


def walk_targets(asked: Asked) -> Walk:
    """Sections 3 to 9: every target, every way behind it, its health, and what requests make of them."""
    clb, health = clb_check(asked), tuple(predicted(asked, target) for target in asked.targets)
    targets = [
        taken(asked, target, status)
        for target, status in zip(asked.targets, health, strict=True)
        if target.get("Weight") != 0
    ]
    is_layer_7 = is_layer7(asked.listener)
    held = not is_layer_7 and (asked.listener.get("SessionExpireTime") or 0) > 0
    verdict, symptoms = requests(clb, targets, asked.protocol, is_layer_7, one_target=held)
    nothing = stop(DROP, asked.place, "NO_TARGETS")
    every = [[clb, *way] for target in targets for way in target.ways] or [[clb, nothing]]
    return Walk(verdict, frozenset(blockers_of(every)), frozenset(symptoms), health)


def taken(asked: Asked, target: dict, prediction: str) -> Target:
    """A target that takes requests, or may: its ways with what is known of them from outside, and its health."""
    seen = observed(asked, target)
    is_alive = seen == "Alive" and asked.protocol == "TCP" and probes_its_own_port(asked, target)
    back = returns_to(asked, asked.insider, target)
    ways = ways_of_target(asked, target)
    ways = turned_back(asked, target, ways) if back.drops else ways
    if is_alive:
        is_single = has_one_end(asked, target)
        is_rewritten = behind_cluster(asked, target)
        ways = with_something_listening(ways) if is_single else ways
        ways = contradicted(ways, is_single=is_single, is_rewritten=is_rewritten)
    is_unweighted = target.get("Weight") is None
    if back.may_drop or is_unweighted or (seen, prediction) == ("Dead", "Alive"):
        ways = [[OPEN, *way] for way in ways]
    status = back.health or ("Unknown" if is_unweighted else seen or prediction)
    return Target(ways, status, is_held=holds_clients(asked, target))


def ways_of_target(asked: Asked, target: dict) -> list[Way]:
    """The ways a client's packets may take from a target on."""
    version = target_family(asked.document, target)
    if (asked.version, version) == (4, 6) or is_in_another_vpc(asked.document, asked.balancer, target):
        return [[UNREAD]]
    packet = Packet(source_at_target(asked, version), asked.protocol, target["Port"])
    return ways_from_target(asked.document, target, packet, passes_to_target(asked))


def has_one_end(asked: Asked, target: dict) -> bool:
    """Whether one thing only can have answered: a pod, the one endpoint in use, or whatever has a port of nobody."""
    service, port = owner_of_nodeport(asked.document, asked.protocol, target["Port"])
    if is_pod_target(asked.document, target) or service is None:
        return True
    if is_outside(asked.document, node_of(asked.document, target)):
        return is_complete(asked.document, "Node")
    return is_alone(asked.document, service, port, target_family(asked.document, target))


def behind_cluster(asked: Asked, target: dict) -> bool:
    """Whether a node puts its own address in the source's place, of requests and of probes."""
    if kind_of(target) != "CVM" or is_outside(asked.document, node_of(asked.document, target)):
        return False
    service, _ = owner_of_nodeport(asked.document, asked.protocol, target["Port"])
    return service is not None and service["spec"].get("externalTrafficPolicy") == "Cluster"


def holds_clients(asked: Asked, target: dict) -> bool:
    """Whether a node's Service keeps a source address with one endpoint, and the source is one address."""
    version = target_family(asked.document, target)
    if kind_of(target) != "CVM" or (asked.version, version) == (4, 6):
        return False
    service, _ = owner_of_nodeport(asked.document, asked.protocol, target["Port"])
    wanted = service is not None and service["spec"].get("sessionAffinity") == "ClientIP"
    wanted = wanted and not is_outside(asked.document, node_of(asked.document, target))
    source = source_at_target(asked, version)
    return wanted and (source.is_one or source == client_seen(asked))
