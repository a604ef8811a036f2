"""
Walk one connection attempt, or one health probe, along every way it can go: CLB, NodePort, pod.

Who sees which address (facts: CLB security groups 214/14733, TKE Services 457/39142, VPC-CNI 457/50360, 457/38971):
the CLB's groups see the client and the listener's port; the node's groups the client and the NodePort; under
`Cluster` the node then puts its own address in the source's place, so a pod's interface on another
node sees that node; a pod on the same node is reached over its veth, past its interface's group.
"""

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from drilllib.core.addresses import Address, Block
from drilllib.core.evidence import Check, Hop, Path, Rewrite, marked
from drilllib.core.members import is_public
from drilllib.core.parts import Endpoint, Listener, LoadBalancer, Node, Target
from drilllib.core.rules import Action, Direction, Flow, Reference, SecurityGroup, decide, decide_block
from drilllib.core.semantics import Assumption, Reason
from drilllib.core.topology import Snapshot
from drilllib.errors import InvalidInputError, quoted

PROBE_RANGE = IPv4Network("100.64.0.0/10")
KEEPALIVE_RANGE = IPv4Network("100.127.0.0/16")
Source = Address | Block


class Walker:
    """Walks attempts through one listener of one CLB."""

    def __init__(self, snapshot: Snapshot, balancer: LoadBalancer, vip: Address, listener: Listener) -> None:
        self.vip = vip
        self.snapshot = snapshot
        self.semantics = snapshot.semantics
        self.balancer = balancer
        self.listener = listener
        self._checks: dict[tuple[object, ...], Check] = {}

    def paths(self, target: Target, client: Address) -> tuple[Path, ...]:
        """Every way a client's connection can go once the CLB has picked *target*."""
        source, assumptions = self._source_at_target(client)
        node = self._node(target)
        first = self.clb_hop(client)
        rewrites = self._balanced(node, target, client, source)
        first = replace(first, rewrites=rewrites, assumptions=first.assumptions + assumptions)
        return self._ways(target, node, source, (first,), self._target_check(node, target, source))

    def probe_paths(self, target: Target) -> tuple[Path, ...]:
        """Every way a health probe of *target* can go. It is forwarded like any flow once the node let it in."""
        source: Source = self.vip if self.listener.probe_source_type == 0 else PROBE_RANGE
        node = self._node(target)
        return self._ways(target, node, source, (), self._probe_check(node, target, source))

    def clb_hop(self, client: Address) -> Hop:
        """The CLB's own groups, asked about the client and the listener's port. No group: open [CLB-SG]."""
        port = self.listener.port
        check = self._check(self.balancer.groups, self.balancer.balancer_id, Direction.INGRESS, client, port)
        if check.reason is Reason.NO_GROUP:
            check = replace(check, assumptions=())
        return Hop(hop="clb", name=self.balancer.balancer_id, address=str(self.vip), port=port, checks=(check,))

    def _source_at_target(self, client: Address) -> tuple[Source, tuple[Assumption, ...]]:
        """Layer 4 passes the client through; layer 7 keeps its address too, unless keep-alive is on [CLB-LIS]."""
        if self.listener.layer == 4:
            return client, ()
        if self.listener.keepalive:
            return KEEPALIVE_RANGE, ()
        return client, (Assumption.LAYER7_KEEPS_CLIENT_ADDRESS,)

    def _balanced(self, node: Node, target: Target, client: Address, source: Source) -> tuple[Rewrite, ...]:
        before, after = f"{self.vip}:{self.listener.port}", f"{target.address or node.address}:{target.port}"
        rewrites = [Rewrite(kind="DNAT", field="destination", before=before, after=after)]
        if source != client:
            rewrites.append(Rewrite(kind="SNAT", field="source", before=str(client), after=str(source)))
        return tuple(rewrites)

    def _node(self, target: Target) -> Node:
        node = self.snapshot.node_of_instance(target.instance_id)
        if node is None and target.address is None:
            problem = f"Target {quoted(target.name)} has no address, and its instance is not in the snapshot"
            raise InvalidInputError(problem, remedy="Add PrivateIpAddresses to the target, or the instance")
        return node or Node(self.snapshot.node_name_at(target.address), target.instance_id, target.address, None)

    def _target_check(self, node: Node, target: Target, source: Source) -> Check:
        """The node's groups, unless the CLB's targets admit its traffic unasked [CLB-SG, pass-to-target]."""
        check = self._node_check(node, Direction.INGRESS, source, target.port)
        if not self.balancer.pass_to_target:
            return check
        return _waived(check, Reason.PASS_TO_TARGET, Assumption.PASS_TO_TARGET_FIRST_HOP_ONLY)

    def _probe_check(self, node: Node, target: Target, source: Source) -> Check:
        """A probe from the VIP is asked for like any flow, unless targets admit the CLB's traffic unasked."""
        check = self._node_check(node, Direction.INGRESS, source, target.port)
        if source == PROBE_RANGE or not self.balancer.pass_to_target:
            return check
        return _waived(check, Reason.PASS_TO_TARGET, Assumption.PASS_TO_TARGET_ADMITS_PROBES)

    def _ways(
        self, target: Target, node: Node, source: Source, before: tuple[Hop, ...], check: Check
    ) -> tuple[Path, ...]:
        """One path for each endpoint the node may pick; one that ends at the node where it can pick none."""
        if target.kind != "CVM":
            return (self._beyond_model(target, before),)
        at_node = Hop(
            hop="node",
            name=node.label,
            address=str(node.address),
            port=target.port,
            interface="primary",
            checks=(check,),
        )
        endpoints, problem = self._endpoints(target, node)
        if problem:
            stop = replace(at_node, **problem)
            return (Path(target=target.name, endpoint=None, hops=marked((*before, stop))),)
        return tuple(
            Path(
                target=target.name,
                endpoint=endpoint.name,
                hops=marked((*before, *self._to_pod(at_node, node, source, endpoint))),
            )
            for endpoint in endpoints
        )

    @staticmethod
    def _beyond_model(target: Target, before: tuple[Hop, ...]) -> Path:
        """A target that is no node, such as a pod under direct access: no hop behind the CLB can be told."""
        gap = _gap(f"how a target of type {target.kind} is reached", Reason.NOT_MODELLED)
        hop = Hop(hop="node", name=target.name, address=str(target.address or "?"), port=target.port, **gap)
        return Path(target=target.name, endpoint=None, hops=marked((*before, hop)))

    def _endpoints(self, target: Target, node: Node) -> tuple[tuple[Endpoint, ...], dict[str, Any]]:
        """The endpoints kube-proxy on *node* picks from, or what stops the packet there instead."""
        if not self.snapshot.has("kubernetes"):
            return (), _gap("kubernetes objects", Reason.FACT_MISSING)
        transport = self.listener.transport
        service = self.snapshot.service_on_node_port(transport, target.port)
        if service is None:
            return (), {"problem": Reason.NODEPORT_NOT_IN_USE, "assumptions": (Assumption.ONLY_SERVICES_USE_NODEPORTS,)}
        endpoints = self.snapshot.endpoints(transport, target.port)
        if endpoints is None:
            return (), _gap(f"EndpointSlices of {service['metadata']['name']}", Reason.FACT_MISSING)
        if not endpoints:
            return (), {"problem": Reason.NO_ENDPOINTS, "assumptions": (Assumption.NO_ENDPOINTS_IS_REFUSED,)}
        if node.name is None:
            return (), _gap(f"which node {node.label} is", Reason.FACT_MISSING)
        if self._is_local_only(service):
            endpoints = tuple(endpoint for endpoint in endpoints if endpoint.node_name == node.name)
        return endpoints, {} if endpoints else {"problem": Reason.NO_LOCAL_ENDPOINT}

    @staticmethod
    def _is_local_only(service: Any) -> bool:
        return service["spec"].get("externalTrafficPolicy") == "Local"

    def _to_pod(self, at_node: Hop, node: Node, source: Source, endpoint: Endpoint) -> tuple[Hop, Hop]:
        """The node's DNAT and SNAT, its egress where the pod is elsewhere, and the pod's own interface."""
        spread = not self._is_local_only(self.snapshot.service_on_node_port(self.listener.transport, at_node.port))
        hidden = spread and self.semantics.cluster_policy_hides_client
        seen: Source = node.address if hidden else source
        local = endpoint.node_name == node.name
        rewrites = [_dnat(f"{node.address}:{at_node.port}", f"{endpoint.address}:{endpoint.port}")]
        assumptions: tuple[Assumption, ...] = ()
        if hidden:
            rewrites.append(Rewrite(kind="SNAT", field="source", before=str(source), after=str(seen)))
            assumptions = (Assumption.CLUSTER_SNAT_USES_NODE_ADDRESS,)
        elif spread:
            assumptions = (Assumption.NODE_ADDRESS_REACHES_POD_AS_CLIENT,)
        checks = at_node.checks
        if not local:
            checks += (self._node_check(node, Direction.EGRESS, endpoint.address, endpoint.port),)
        at_node = replace(at_node, checks=checks, rewrites=tuple(rewrites), assumptions=assumptions)
        return at_node, self._pod_hop(endpoint, seen, local)

    def _pod_hop(self, endpoint: Endpoint, source: Source, local: bool) -> Hop:
        hop = Hop(hop="pod", name=endpoint.pod, address=str(endpoint.address), port=endpoint.port)
        if endpoint.listens is not None:
            hop = replace(hop, assumptions=(Assumption.CONTAINER_PORTS_LISTEN,))
        if endpoint.listens is False:
            hop = replace(hop, problem=Reason.PORT_NOT_LISTENING)
        if local and self.semantics.local_delivery_skips_pod_eni:
            return replace(hop, assumptions=(*hop.assumptions, Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI))
        interface = self.snapshot.interface_of_pod(endpoint.address, self.snapshot.node_named(endpoint.node_name))
        groups = interface.groups if interface else None
        check = self._check(groups, f"the interface of {endpoint.pod}", Direction.INGRESS, source, endpoint.port)
        assumptions = list(hop.assumptions)
        if local:
            assumptions.append(Assumption.LOCAL_DELIVERY_CROSSES_POD_ENI)
        if interface and not interface.settled:
            assumptions.append(Assumption.ENI_GROUPS_FROM_IPAMD_SETTING)
        name = interface.interface_id if interface else None
        return replace(hop, interface=name, checks=(check,), assumptions=tuple(assumptions))

    def _node_check(self, node: Node, direction: Direction, peer: Source, port: int) -> Check:
        """The groups of a node's primary interface."""
        return self._check(node.groups, f"{node.label} ({node.instance_id})", direction, peer, port)

    def _check(
        self, groups: tuple[str, ...] | None, owner: str, direction: Direction, peer: Source, port: int
    ) -> Check:
        """The groups of one interface, asked about packets from or to *peer*; nodes that share groups share answers."""
        key = groups or owner, direction, peer, port
        if key not in self._checks:
            self._checks[key] = self._decided(groups, owner, direction, peer, port)
        return self._checks[key]

    def _decided(
        self, groups: tuple[str, ...] | None, owner: str, direction: Direction, peer: Source, port: int
    ) -> Check:
        protocol = self.listener.transport
        facts = {"direction": direction, "groups": groups or (), "peer": str(peer), "protocol": protocol, "port": port}
        if groups is None:
            gap = f"groups of {owner}"
            return Check(**facts, action=Action.UNDETERMINED, reason=Reason.FACT_MISSING, gap=gap)
        if not groups:
            assumptions = (Assumption.NO_GROUP_ADMITS_ALL,)
            return Check(**facts, action=Action.ACCEPT, reason=Reason.NO_GROUP, assumptions=assumptions)
        known = [self.snapshot.group(name) for name in groups]
        decision = (
            decide_block(known, direction, protocol, peer, port)
            if isinstance(peer, Block)
            else decide(known, direction, Flow(protocol=protocol, peer=peer, port=port))
        )
        unknown = decision.action is Action.UNDETERMINED
        matched = Reason.NO_RULE_MATCHED if decision.group is None else Reason.RULE_MATCHED
        check = Check(
            **facts,
            action=decision.action,
            reason=Reason.FACT_MISSING if unknown else matched,
            group=decision.group,
            policy_index=decision.policy_index,
            rule=decision.rule and decision.rule.text,
            gap=", ".join(decision.unresolved) if unknown else None,
            assumptions=self._assumed(known, direction, peer),
        )
        return self._probe_admitted(check) if peer == PROBE_RANGE else check

    @staticmethod
    def _assumed(groups: list[SecurityGroup], direction: Direction, peer: Source) -> tuple[Assumption, ...]:
        """What reading these groups' lists takes for granted."""
        rules = (rule for group in groups for rule in group.rules(direction) or ())
        named = any(isinstance(rule.peer, Reference) and rule.peer.kind == "SecurityGroupId" for rule in rules)
        found = [Assumption.GROUPS_ARE_ONE_LIST] if len(groups) > 1 else []
        if named and not isinstance(peer, Block) and is_public(peer):
            found.append(Assumption.PUBLIC_ADDRESS_IS_NO_MEMBER)
        return tuple(found)

    def _probe_admitted(self, check: Check) -> Check:
        """Probes from 100.64.0.0/10 need no rule [CLB-HCIP]; whether an explicit DROP stops them is not documented."""
        assumptions = [Assumption.PROBE_SOURCE_IS_100_64] if self.listener.probe_source_type is None else []
        if check.action is Action.DROP and check.group is not None:
            assumptions.append(Assumption.PROBE_RANGE_BEATS_EXPLICIT_DROP)
        return _waived(check, Reason.PROBE_RANGE, *assumptions)


def _waived(check: Check, reason: Reason, *assumptions: Assumption) -> Check:
    """A check that was not asked: the packet passes whatever the groups say."""
    return Check(
        direction=check.direction,
        groups=check.groups,
        peer=check.peer,
        protocol=check.protocol,
        port=check.port,
        action=Action.ACCEPT,
        reason=reason,
        assumptions=assumptions,
    )


def _dnat(before: str, after: str) -> Rewrite:
    return Rewrite(kind="DNAT", field="destination", before=before, after=after)


def _gap(what: str, reason: Reason) -> dict[str, Any]:
    return {"problem": reason, "gap": what}
