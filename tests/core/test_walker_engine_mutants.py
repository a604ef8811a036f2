"""The engine with one line of its source exchanged is caught by the walker, each time by an answer that is wrong."""

from collections.abc import Iterator
from functools import cache

import pytest
from walker import Walk, walk
from walker_broken_engine import broken_engine, with_line
from walker_cases import cases_with
from walker_comparison import FEATURES, Engine, difference, in_the_walkers_terms
from worlds import World, world

from tests.thorough import thorough

# What is wrong then: the module, the line as it is, and as it would be; then features that a world needs to show it.
MUTANTS: dict[str, tuple[str, ...]] = {
    "CheckPort is for the ping only": (
        "trace.walker",
        "port = self.listener.probe_port or facts.target.port",
        "port = facts.target.port",
    ),
    "probes from the VIP are never asked": (
        "trace.walker",
        "check = self._passing(check, Assumption.PASS_TO_TARGET_ADMITS_PROBES)",
        "check = waived(check, Reason.PASS_TO_TARGET, Assumption.PASS_TO_TARGET_ADMITS_PROBES)",
    ),
    "pass-to-target is not fixed on for IPv6": (
        "trace.walker",
        "if self.balancer.pass_to_target or self.frontend.family == 6:",
        "if self.balancer.pass_to_target:",
    ),
    "every private CLB is asked through an EIP": (
        "trace.walker",
        "over_eip = self.balancer.is_private and is_public(client)",
        "over_eip = self.balancer.is_private",
    ),
    "an IPv6 VIP has IPv6 targets only": (
        "trace.walker",
        "if facts.address.version == 6 and self.frontend.family == 4:",
        "if facts.address.version != self.frontend.family:",
    ),
    "probes come from the first VIP": (
        "trace.sources",
        "vips = (each for each in (self.frontend.address, *self.balancer.vips) if each and each.version == family)",
        "vips = (each for each in self.balancer.vips if each.version == family)",
        "two VIPs",
    ),
    "probes come from the VIP of either family": (
        "trace.sources",
        "vips = (each for each in (self.frontend.address, *self.balancer.vips) if each and each.version == family)",
        "vips = (each for each in (self.frontend.address, *self.balancer.vips) if each)",
        "ipv6",
        "local",
    ),
    "SnatIps of either family": (
        "trace.sources",
        "ours = [address for address in self.balancer.snat_ips if address.version == family]",
        "ours = list(self.balancer.snat_ips)",
    ),
    "keep-alive matters at layer 4": (
        "trace.sources",
        "if self.listener.layer == 7 and self.listener.keepalive:",
        "if self.listener.keepalive:",
    ),
    "keep-alive goes before SnatPro": (
        "trace.sources",
        "if self.balancer.snat_pro:",
        "if self.balancer.snat_pro and not self.listener.keepalive:",
        "SnatPro",
        "keep-alive",
    ),
    "NAT64 keeps the client": ("trace.sources", "if client.version != family:", "if False:", "ipv6", "local"),
    "a target that nobody knows has unknown groups": (
        "trace.walker",
        "return Gate(facts.interface.groups, groups)",
        "return Gate(None, groups)",
        "stale targets",
    ),
    "Local takes every endpoint": (
        "trace.kube_proxy",
        "ours = [each for each in endpoints if each.node_name == node.node.name]",
        "ours = list(endpoints)",
    ),
    "kube-proxy's health is of the first port of each slice": (
        "snapshot.kubernetes",
        'ports = item["ports"] or ()',
        'ports = (item["ports"] or ())[:1]',
        "healthCheckNodePort",
    ),
    "kube-proxy's health is of the first slice": (
        "snapshot.kubernetes",
        "slices = self._slices_by_service.get(service, [])",
        "slices = self._slices_by_service.get(service, [])[:1]",
        "healthCheckNodePort",
    ),
    "a node without a name has no pods": ("trace.kube_proxy", "if node.node.name is None:", "if False:"),
    "EndpointSlices that were not read are none": (
        "trace.local_facts",
        "return self._snapshot.kubernetes.endpoints(self._transport, node_port, family)",
        "return self._snapshot.kubernetes.endpoints(self._transport, node_port, family) or ()",
    ),
    "the node's egress is read from its ingress": (
        "trace.node",
        "return self._keeper.ask(gate, Direction.EGRESS, from_address(pod.address), self._transport, pod.port)",
        "return self._keeper.ask(gate, Direction.INGRESS, from_address(pod.address), self._transport, pod.port)",
    ),
    "exclusive interfaces are asked": (
        "trace.node",
        "return hop.but(checks=tuple(check if check.policies else doubted(check, gap) for check in hop.checks))",
        "return hop",
    ),
    "an explicit DROP stops probes": (
        "trace.gates",
        "self._checks[key] = self._probe_admitted(check) if peer is PROBE_ORIGIN else check",
        "self._checks[key] = self._probe_admitted(check) if peer is PROBE_ORIGIN and not check.group else check",
    ),
    "silence behind a node is health over TCP": (
        "trace.health",
        'state = "Unknown" if any(PathOutcome.DELIVERED in end for end in ends) else "Dead"',
        'state = "Unknown"',
    ),
    "over IPv6 the packet counts": (
        "trace.health",
        "refused = set() if walker.frontend.family == 6 else {_refuses(path) for path in paths}",
        "refused = {_refuses(path) for path in paths}",
    ),
    "a ping that may pass is dropped": (
        "trace.health",
        "if ping.action is Action.DROP or first.problem is Reason.INSTANCE_NOT_RUNNING:",
        "if ping.action is not Action.ACCEPT or first.problem is Reason.INSTANCE_NOT_RUNNING:",
    ),
    "what was not read refuses nothing": (
        "trace.health",
        "if PathOutcome.DELIVERED in ends and any(hop.gap for hop in path.hops):",
        "if False:",
    ),
    "what was not read may refuse what is dropped before": (
        "trace.health",
        "if PathOutcome.DELIVERED in ends and any(hop.gap for hop in path.hops):",
        "if any(hop.gap for hop in path.hops):",
        "udp",
    ),
    "one refusal is enough": ("trace.health", "if refused == {True}:", "if True in refused:"),
    "Close is not used": (
        "trace.fates",
        'IN_USE, DEAD = ("Alive", "Close"), "Dead"',
        'IN_USE, DEAD = ("Alive",), "Dead"',
    ),
    "dead targets are never used": (
        "trace.fates",
        "yield (least, most) if most else (_counted(crowds),) * 2",
        "yield least, most",
    ),
    "layer 7 needs every target": (
        "trace.verdict",
        "return Verdict.REACHABLE if (any(sure) if layer == 7 else all(sure)) else Verdict.INTERMITTENT",
        "return Verdict.REACHABLE if all(sure) else Verdict.INTERMITTENT",
    ),
    "the last target is waited for twice": (
        "trace.verdict",
        "return all(PathOutcome.DROPPED in ends for ends in kinds if last in ends)",
        "return False",
    ),
    "layer 7 fails beside a sure target": (
        "trace.verdict",
        "if frozenset({PathOutcome.DELIVERED}) not in most:",
        "if most:",
    ),
    "prefixes before suffixes": (
        "trace.forwarding_rules",
        "for fits in (_is_exactly, _ends_like, _begins_like):",
        "for fits in (_is_exactly, _begins_like, _ends_like):",
    ),
    "the first of two wildcards": ("trace.forwarding_rules", "if len(found) > 1:", "if len(found) > 2:"),
    "the default rule instead of its domain": (
        "trace.forwarding_rules",
        "return [rule for rule in rules if default & set(rule.hosts)], None",
        "return [rule for rule in rules if rule.is_default], None",
    ),
    "the shortest path": (
        "trace.forwarding_rules",
        "return max(fitting, key=lambda pair: pair[0])[1] if fitting else None",
        "return min(fitting, key=lambda pair: pair[0])[1] if fitting else None",
    ),
    "UDP before TCP": (
        "trace.entry",
        'over_tcp = [each for each in fitting if each.transport == "TCP"]',
        "over_tcp = fitting[::-1]",
    ),
    "a VIP named is the first one": (
        "trace.entry",
        "if question.vip is not None and is_address(question.vip):",
        "if False:",
        "two VIPs",
    ),
    "endpoints that do not say are not ready": (
        "snapshot.endpoint_slices",
        'ready = given.get("ready") is not False',
        'ready = bool(given.get("ready"))',
    ),
    "endpoints of both families": (
        "snapshot.kubernetes",
        "ours = tuple(each for each in found if each.address.version == family)",
        "ours = tuple(found)",
    ),
    "a Pod has one address": (
        "snapshot.pods",
        'addresses=_addresses([status.get("podIP"), *(each.get("ip") for each in status.get("podIPs") or ())]),',
        'addresses=_addresses([status.get("podIP")]),',
    ),
    "a Pod that was not read is not selected": (
        "snapshot.objects_by_kind",
        "fits = may_select(wanted, known.labels if known else None)",
        "fits = known is not None and may_select(wanted, known.labels)",
    ),
    "only the endpoint's own slice names its node": (
        "snapshot.kubernetes",
        'node_name = entry.get("nodeName") or self._node_name_at(address)',
        'node_name = entry.get("nodeName") or ""',
        "no node name",
    ),
    "EndpointSlices do not say where a target runs": (
        "snapshot.kubernetes",
        'if entry.get("nodeName"):',
        "if False:",
        "no node name",
        "eni targets",
    ),
    "a Pod is found by its reference only": (
        "snapshot.kubernetes",
        'return here[0] if len(here) == 1 else f"{namespace}/{address}"',
        'return f"{namespace}/{address}"',
        "no reference",
    ),
    "policies of any namespace": (
        "snapshot.objects_by_kind",
        'if namespace_of(item) == pod.split("/")[0] and fits:',
        "if fits:",
    ),
    "super nodes follow the setting": (
        "snapshot.interfaces",
        "if endpoint.node_name.startswith(SUPER_NODE):",
        "if False:",
    ),
    "a pod on its node's network has a trunk": (
        "snapshot.interfaces",
        "return True  # the pod is on the node's own network",
        "pass",
        "host network",
    ),
    "a pod on its node's network has no groups": (
        "snapshot.interfaces",
        'return Interface("primary", node.groups)',
        'return Interface("primary", ())',
        "host network",
    ),
    "nodes are known by their instance only": (
        "snapshot.interfaces",
        "return int(address) in self._numbers_of_nodes[address.version]",
        "return address in self._nodes",
        "host network",
        "unread",
    ),
    "a private client is seen as it is": (
        "trace.sources",
        "if not is_unseen(self.balancer, self.frontend, client):",
        "if True:",
    ),
    "a private CLB sees no private client": (
        "trace.sources",
        "if client.version != 4 or is_public(client) or balancer.is_private:",
        "if client.version != 4 or is_public(client):",
    ),
    "clients are nodes by their instance only": (
        "snapshot.insiders",
        "return frozenset((*named, *machines, *hosts, *self._kubernetes.pods_at))",
        "return frozenset((*machines, *hosts, *self._kubernetes.pods_at))",
        "inside",
        "unread",
    ),
    "clients are pods by their interface only": (
        "snapshot.insiders",
        "return frozenset((*named, *machines, *hosts, *self._kubernetes.pods_at))",
        "return frozenset((*named, *machines, *hosts))",
    ),
    "the other annotation first": (
        "snapshot.services",
        "ids = annotations.get(LOAD_BALANCER_ID), annotations.get(EXISTING_LOAD_BALANCER_ID)",
        "ids = annotations.get(EXISTING_LOAD_BALANCER_ID), annotations.get(LOAD_BALANCER_ID)",
    ),
    "health by address first": (
        "snapshot.target_health",
        "names = [target.instance_id, *addresses] if target.is_node else addresses",
        "names = [*addresses, target.instance_id]",
    ),
    "members by IPv6 are certain": (
        "rules.members",
        "members = sorted({address for address in bound if address.version == 4}, key=_order)",
        "members = sorted(set(bound), key=_order)",
        "ipv6",
    ),
    "groups that were not read are none": (
        "snapshot.names",
        "return {address: groups for address, groups in _bindings(self._document) if groups is not None}",
        "return {address: groups or [] for address, groups in _bindings(self._document)}",
        "unread",
    ),
    "a template without a list is empty": (
        "snapshot.names",
        "if template.get(listed) is not None or template.get(extra) is not None:",
        "if True:",
        "bare templates",
    ),
    "a template that is missing has no members": (
        "snapshot.names",
        "if names is not None and not doubts_of(_KINDS[part], group, name) "
        "and all(each in templates for each in names):",
        "if names is not None and not doubts_of(_KINDS[part], group, name) "
        "and any(each in templates for each in names):",
    ),
    "possible members are members": (
        "rules.rules",
        "for ranges, certain in ((members.certain, settled), (members.possible, False)):",
        "for ranges, certain in ((members.certain, settled), (members.possible, settled)):",
    ),
    "one doubt that agrees is enough": (
        "rules.rules",
        "if all(doubt.action is last.action for doubt in doubts):",
        "if any(doubt.action is last.action for doubt in doubts):",
    ),
    "a block is asked by its first address": (
        "rules.rules",
        "edges = {first for _, first, _ in ranges} | {last + 1 for _, _, last in ranges}",
        "edges = set()",
    ),
    "an unknown check makes the next hypothetical": (
        "trace.path",
        "stopped = stopped or hop.end(unknown_passes=True) is not None",
        "stopped = stopped or hop.end(unknown_passes=False) is not None",
    ),
    "hypothetical once is hypothetical": (
        "trace.blockers",
        "if key not in found or not blocker.hypothetical:",
        "if key not in found:",
    ),
    "blockers of one hop are one": (
        "trace.blockers",
        "key = (blocker.hop, blocker.name, blocker.reason, blocker.check)",
        "key = (blocker.hop, blocker.name, blocker.reason)",
    ),
    "targets of weight 0 take requests": (
        "trace.target_kinds",
        "self.are_used = [each.target.weight != 0 for each in facts]",
        "self.are_used = [True for each in facts]",
    ),
    "old versions use endpoints that terminate": (
        "trace.kube_proxy",
        "old = node.minor is not None and node.minor < TERMINATING_SINCE",
        "old = False",
        "terminating",
        "versions",
    ),
    "endpoints that terminate never serve": (
        "snapshot.endpoint_slices",
        "return ready or tuple([each for each in endpoints if each.conditions.is_last_resort])",
        "return ready",
        "terminating",
    ),
    "hints that are followed by new versions only": (
        "trace.kube_proxy",
        "if node.is_read and asked and set(near) == set(by_zone):",
        "if node.is_read and asked:",
        "hints",
    ),
    "answered probes contradict nothing": (
        "trace.evidence",
        "if hop.problem in _CONTRADICTED and (hop.hop is HopKind.NODE or facts.answers):",
        "if False:",
        "observed",
    ),
    "a NetworkPolicy leaves nothing out": (
        "snapshot.network_policies",
        'named = without(ranges_of([ip_network(block["cidr"], strict=False)]), left_out)',
        'named = ranges_of([ip_network(block["cidr"], strict=False)])',
        "NetworkPolicy",
    ),
    "policies that nobody read are none": (
        "snapshot.network_policies",
        'complete = self._kubernetes.is_complete("NetworkPolicy", pod.split("/")[0])',
        'complete = not self.enforced or self._kubernetes.is_complete("NetworkPolicy", pod.split("/")[0])',
        "not complete",
    ),
    "some listeners are all": (
        "trace.entry",
        "if snapshot.may_lack_listeners(balancer.balancer_id):",
        "if False:",
        "partial",
    ),
    "answered probes tell that a machine is no node": (
        "trace.walker",
        'return self.snapshot.kubernetes.is_complete("Node")',
        "return True",
        "observed",
        "not complete",
    ),
    "ports that are not declared are refused": (
        "trace.node",
        "if pod.listens is False and told and not shared:",
        "if pod.listens is False and not shared:",
    ),
    "machines that are off answer": ("trace.node", "if node.is_off:", "if False:", "stopped"),
    "pass-to-target that was not read is off": (
        "trace.walker",
        "if self.balancer.pass_to_target is None:",
        "if False:",
        "no pass to target",
    ),
    "every answer will do": (
        "trace.health",
        'return "Alive" if listener.http_code & 1 << status // 100 - 1 else otherwise',
        'return "Alive"',
        "HTTP checks",
    ),
    "clients stay nowhere": ("trace.fates", "if not self.sticks or len(self.ends) < 2:", "if True:", "affinity"),
    "every list is whole": (
        "snapshot.kubernetes",
        'return self.is_complete("Service") and not untold and not missing',
        "return True",
        "not complete",
    ),
    "sidecars declare nothing": (
        "snapshot.pods",
        'running = [*(spec.get("containers") or ()), *filter(_is_sidecar, spec.get("initContainers") or ())]',
        'running = [*(spec.get("containers") or ())]',
        "sidecars",
    ),
    "unknown passes": (
        "trace.request",
        "known = [self._request(clb, unknown_passes=passes) for passes in (True, False)]",
        "known = [self._request(clb, unknown_passes=True)]",
    ),
    "nothing unknown refuses": (
        "trace.request",
        "if any(each.path.may_refuse for each in self.survey.classes):",
        "if False:",
    ),
    "an undeclared port is silent": (
        "trace.path",
        "return None if unknown_passes else "
        "(_UNLESS_PASSED.get(self.problem, PathOutcome.DROPPED), self.problem, None)",
        "return None if unknown_passes else (PathOutcome.DROPPED, self.problem, None)",
    ),
    "groups of other accounts are ours": (
        "rules.members",
        "others = ANY_GROUP if peer.is_of_another_account else self.other_groups",
        "others = self.other_groups",
        "names",
    ),
}


@cache
def walkers_answer(seed: int) -> Walk:
    """It does not depend on the engine."""
    made = world(seed, FEATURES)
    return walk(made.document, made.question)


def caught(asked: Engine, needed: frozenset[str]) -> Iterator[int]:
    """The cases in which a broken engine answers otherwise than the walker, and the sound one does not."""
    for made in cases_with(needed):
        if answer_or_error(asked, made) != walkers_answer(made.seed) and not difference(made.document, made.question):
            yield made.seed


def answer_or_error(asked: Engine, made: World) -> Walk | str:
    """The engine's answer; an engine that fails is wrong, too."""
    try:
        return in_the_walkers_terms(asked(made.document, made.question))
    except Exception as error:
        return repr(error)


@thorough
@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_an_engine_with_one_line_wrong_is_caught(mutant: tuple[str, ...]) -> None:
    """What no case can tell from the truth is not tested."""
    module, old, new, *needed = mutant

    assert next(caught(broken_engine(module, old, new), frozenset(needed)), None) is not None


def test_every_mutant_is_of_a_line_that_is_there() -> None:
    for module, old, new, *_ in MUTANTS.values():
        assert with_line(module, old, new)
