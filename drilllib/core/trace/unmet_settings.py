"""
Where settings ask for one thing and another is bound or registered: what is there counts, and these findings say so.

Which side wins later is in docs/codes.md: a SecurityGroupPolicy binds when a pod is created [SGP], the add-on when an
interface is made or a node is synchronised [ENI-SG], the controller whenever it synchronises a Service [TKE-SVC].
"""

from collections.abc import Iterable, Iterator, Sequence

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.resources import Endpoint, Interface, Listener, LoadBalancer, Node, object_name
from drilllib.core.snapshot.settings import ServiceWishes, group_policies, service_wishes
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import HopKind
from drilllib.core.trace.findings import Finding, FindingCode
from drilllib.core.trace.path import Path

NAMED = 3  # pods or interfaces that one finding names; more are counted
Found = tuple[FindingCode, str, str, str]  # code, policy (or empty), what is wanted, what is bound


def about_wishes(
    snapshot: Snapshot, balancer: LoadBalancer, listener: Listener, service: str | None, paths: Sequence[Path]
) -> tuple[Finding, ...]:
    """
    Everything that is bound or registered otherwise than some setting asks, of what *listener* leads to.

    Every pod behind its targets is looked at: of *paths* one may stand for many pods, and only those that some path
    comes to count at all.
    """
    names = [service] if service else [each.name for each in snapshot.services_on(balancer)]
    found = [one for name in names for one in _about_service(snapshot, snapshot.service(name).name, balancer, listener)]
    if not any(hop.hop is HopKind.POD for path in paths for hop in path.hops):
        return tuple(found)
    return (*found, *snapshot.lasting.of(listener, "wishes", lambda: tuple(_about_pods(snapshot, listener))))


def _about_service(snapshot: Snapshot, name: str, balancer: LoadBalancer, listener: Listener) -> Iterator[Finding]:
    wishes = service_wishes(snapshot.kubernetes, name)
    if wishes.is_skipped:
        yield Finding(FindingCode.SERVICE_IS_SKIPPED, name, {})
    if wishes.source_ranges:
        facts = {"ranges": _some(wishes.source_ranges), "count": len(wishes.source_ranges)}
        yield Finding(FindingCode.SOURCE_RANGES_ARE_NO_FILTER, name, facts)
    yield from _about_pass_to_target(wishes, name, balancer)
    wanted = wishes.protocols.get(listener.port)
    if wanted and listener.protocol not in wanted:
        facts = {"port": listener.port, "wanted": ", ".join(wanted), "found": listener.protocol}
        yield Finding(FindingCode.LISTENER_PROTOCOL_DIFFERS, name, facts)


def _about_pass_to_target(wishes: ServiceWishes, name: str, balancer: LoadBalancer) -> Iterator[Finding]:
    """On an IPv6 VIP it is fixed on, whatever is asked for [CLB-SG]."""
    wanted, found = wishes.pass_to_target, balancer.pass_to_target
    fixed = bool(balancer.vips) and all(vip.version == 6 for vip in balancer.vips)
    if wanted is not None and found is not None and wanted != found and not fixed:
        facts = {"wanted": _switch(wanted), "found": _switch(found), "balancer": balancer.balancer_id}
        yield Finding(FindingCode.PASS_TO_TARGET_DIFFERS, name, facts)


def _switch(on: bool) -> str:
    return "true" if on else "false"


def _pods_behind(snapshot: Snapshot, listener: Listener) -> Iterable[Endpoint]:
    """The pods that are targets, and those behind NodePorts that are; each once."""
    transport, found = listener.transport or "TCP", dict[tuple[str, Address], Endpoint]()
    objects, targets = snapshot.kubernetes, listener.targets or ()
    node_ports = {(each.port, each.address.version if each.address else 4) for each in targets if each.is_node}
    for port, family in sorted(node_ports):
        if objects.service_on_node_port(transport, port):
            found |= {(each.pod, each.address): each for each in objects.endpoints(transport, port, family) or ()}
    for target in targets:
        pod = objects.pod_at(target.address, target.port, transport) if target.is_pod and target.address else None
        found |= {(pod.pod, pod.address): pod} if pod else {}
    return found.values()


def _about_pods(snapshot: Snapshot, listener: Listener) -> Iterator[Finding]:
    pods = list(_pods_behind(snapshot, listener))
    yield from _about_interfaces(snapshot, pods)
    if snapshot.network_policies.enforced is False:
        yield from _about_policies(snapshot, pods)


def _about_policies(snapshot: Snapshot, pods: Iterable[Endpoint]) -> Iterator[Finding]:
    """NetworkPolicies that select pods, and that nothing enforces [TKE-NP]."""
    selected: dict[str, dict[str, None]] = {}
    for pod in pods:
        for item, _ in snapshot.network_policies.selecting(pod.pod):
            selected.setdefault(object_name(item), {})[pod.pod] = None
    for policy, names in selected.items():
        yield Finding(FindingCode.NETWORK_POLICY_IGNORED, policy, {"pods": _some(names), "count": len(names)})


def _about_interfaces(snapshot: Snapshot, pods: Iterable[Endpoint]) -> Iterator[Finding]:
    """Of pods and interfaces that differ alike, one finding."""
    if snapshot.add_on_setting is None and not snapshot.kubernetes.of_kind("SecurityGroupPolicy"):
        return  # nothing asks for groups
    owners: dict[Found, dict[str, None]] = {}
    nodes = {each.name: each for each in snapshot.nodes if each.name}
    for pod in pods:
        for name, found in _differences(snapshot, pod, nodes.get(pod.node_name)):
            owners.setdefault(found, {})[name] = None
    for (code, policy, wanted, bound), names in owners.items():
        facts = {"wanted": wanted, "bound": bound, "count": len(names), **({"policy": policy} if policy else {})}
        yield Finding(code, _some(names), facts)


def _some(names: Iterable[str]) -> str:
    """The first names, in any language: ``a, b, c, ...``."""
    listed = list(names)
    return ", ".join([*listed[:NAMED], *(["..."] if len(listed) > NAMED else [])])


def _differences(snapshot: Snapshot, pod: Endpoint, node: Node | None) -> Iterator[tuple[str, Found]]:
    """The pod or the interface, and what is bound to it that a policy or the add-on's setting does not ask for."""
    interface = snapshot.interfaces.at(pod.address)
    if interface is None or interface.groups is None or snapshot.interfaces.is_node(pod.address):
        return
    bound = ", ".join(interface.groups) or "-"
    policies = group_policies(snapshot.kubernetes, pod.pod)
    if policies and not any(set(each.groups) == set(interface.groups) for each in policies):
        for each in policies:
            yield pod.pod, (FindingCode.GROUP_POLICY_DIFFERS, each.name, ", ".join(each.groups) or "-", bound)
    yield from _of_add_on(snapshot, pod, node, interface)


def _of_add_on(
    snapshot: Snapshot, pod: Endpoint, node: Node | None, interface: Interface
) -> Iterator[tuple[str, Found]]:
    """Only shared interfaces follow the add-on's setting, and none of a super node."""
    setting = snapshot.add_on_setting
    if setting is None or not snapshot.interfaces.shared(pod) or pod.node_name.startswith(SUPER_NODE):
        return
    wanted = setting.for_node(node)
    if wanted is not None and wanted != interface.groups:
        code = FindingCode.ADDON_GROUPS_DIFFER if setting.on else FindingCode.ADDON_IS_OFF
        bound = ", ".join(interface.groups or ()) or "-"
        yield interface.interface_id, (code, "", ", ".join(wanted) or "-", bound)
