"""
Pass-to-target: the CLB's targets admit its traffic without asking their own groups [CLB-SG].

It opens every target of every listener of the CLB to all whom the CLB's own groups admit; to everybody where it has
none. So it is told after the changes of groups, with exactly whom it lets in besides.
"""

from collections.abc import Hashable, Iterator, Sequence

from drilllib.core.fix.needs import Need
from drilllib.core.fix.probes import entry_again
from drilllib.core.fix.proposal import Admission
from drilllib.core.fix.situation import Situation, stays_untold
from drilllib.core.fix.steps import Call, Kubectl, Step, StepCode, annotate
from drilllib.core.reach.clients import clients_from, far_ends, possible_clients
from drilllib.core.rules.addresses import Address, Block
from drilllib.core.rules.members import PRIVATE
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.flowsets import EMPTY, FlowSet, Plane
from drilllib.core.snapshot.annotations import EXISTING_LOAD_BALANCER_ID, LOAD_BALANCER_ID, MODE, PASS_TO_TARGET
from drilllib.core.snapshot.resources import Listener, LoadBalancer, object_name
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.entry import Entry
from drilllib.core.trace.path import Check
from drilllib.core.trace.probed_targets import listed_targets
from drilllib.core.trace.walker import Walker

FAMILY = 4  # on an IPv6 VIP it is always on


def pass_to_target(now: Situation, clients: Sequence[Block]) -> tuple[Step, Snapshot, tuple[Admission, ...]] | None:
    """
    The step, the snapshot after it, and whom it lets in.

    None where no target's group drops what it would admit, or a list behind the targets was not read.
    """
    if stays_untold(now, _is_behind_targets):
        return None
    dropped = next((each.trace for each in now.classes if _drops_at_target(each.trace)), None)
    entry = entry_again(now.snapshot, dropped.question) if dropped else None
    if entry is None or entry.listener is None or entry.balancer.groups is None or entry.frontend.family != FAMILY:
        return None
    name = entry.balancer.balancer_id
    balancers = [
        {**each, "LoadBalancerPassToTarget": True} if each["LoadBalancerId"] == name else each
        for each in now.snapshot.part("load_balancers")
    ]
    after = now.snapshot.with_parts(load_balancers=balancers, target_health=None)
    step = Step(StepCode.PASS_TO_TARGET, entry.balancer.balancer_id, {}, _command(now.snapshot, entry.balancer))
    return step, after, tuple(_admissions(now.snapshot, entry, clients))


def _is_behind_targets(need: Need) -> bool:
    """Is it a node that sends, or one that a pod has to admit? Targets are not asked about either."""
    return need.direction is Direction.EGRESS or need.who == "nodes"


def _drops_at_target(answer: Trace) -> bool:
    """Does some registered target's own group drop the client?"""
    first = (path.hops[1].checks[:1] for path in answer.paths if len(path.hops) > 1)
    return any(check.action is Action.DROP and check.direction is Direction.INGRESS for each in first for check in each)


def _command(snapshot: Snapshot, balancer: LoadBalancer) -> Call | Kubectl:
    """
    By the annotation of the Service for which TKE made the CLB: the controller, or its protection of the CLB, would
    stand against the API. By the API for an existing CLB, with which the annotation does not combine, for a Service
    that the controller leaves alone, and for other controllers' CLBs.
    """
    names = {each.name for each in snapshot.services_on(balancer)}
    owners = [item for item in snapshot.kubernetes.of_kind("Service") if object_name(item) in names]
    noted = [item["metadata"].get("annotations") or {} for item in owners]
    by_controller = len(owners) == 1 and noted[0].get(LOAD_BALANCER_ID) and noted[0].get(MODE) != "skip"
    if by_controller and EXISTING_LOAD_BALANCER_ID not in noted[0]:
        return annotate("service", object_name(owners[0]), PASS_TO_TARGET, "true")
    named = {"LoadBalancerId": balancer.balancer_id, "LoadBalancerPassToTarget": True}
    return Call("ModifyLoadBalancerAttributes", named, "clb")


def _admissions(snapshot: Snapshot, entry: Entry, clients: Sequence[Block]) -> Iterator[Admission]:
    """Whom each target newly admits from the CLB; *clients* were asked for where they asked."""
    balancer, asked = entry.balancer, clients_from(clients)
    for listener in (each for one in snapshot.listeners(balancer.balancer_id) or () for each in one.by_rule):
        walker = Walker(snapshot, balancer, entry.frontend, listener)
        through = _through(snapshot, balancer, listener)
        wanted = asked if listener == entry.listener else EMPTY
        alike: dict[FlowSet, list[str]] = {}
        more_at: dict[Hashable, FlowSet] = {}
        listed = listed_targets(walker, listener.targets or () if listener.transport else ())
        for facts, kind, name in zip(listed.facts, listed.kinds, listed.names, strict=True):
            if kind not in more_at:  # targets of one kind admit the same
                admitted = _admitted(snapshot, walker.request(facts, entry.client).check, entry.client)
                more_at[kind] = through - admitted - wanted
            alike.setdefault(more_at[kind], []).append(name)
        for more, names in alike.items():
            if more:
                everyone = not balancer.groups
                yield Admission(balancer.balancer_id, _called(listener), tuple(names), more, everyone)


def _called(listener: Listener) -> str:
    """As in 80/TCP; at layer 7 with the id of the forwarding rule."""
    return " ".join(filter(None, (f"{listener.port}/{listener.protocol}", listener.location_id)))


def _through(snapshot: Snapshot, balancer: LoadBalancer, listener: Listener) -> FlowSet:
    """The clients whom the CLB's own groups admit, or may admit."""
    if not balancer.groups or not listener.transport:
        return possible_clients(FAMILY)
    groups = [snapshot.group(name) for name in balancer.groups]
    found = accepted(groups, Direction.INGRESS, (Plane(listener.transport, FAMILY),), listener.port)
    through = far_ends(found.possible, FAMILY)
    if balancer.is_private:  # whether its groups apply to clients that come through an EIP is not known
        through |= possible_clients(FAMILY) - clients_from(PRIVATE)
    return through & possible_clients(FAMILY)


def _admitted(snapshot: Snapshot, check: Check | None, client: Address) -> FlowSet:
    """The clients whom the target's own groups surely admit already; all or none where something hides them."""
    if check is None:  # the target is not modelled: nobody knows what it asks
        return possible_clients(FAMILY)
    if check.peer.address != client or not check.groups:
        return possible_clients(FAMILY) if check.action is Action.ACCEPT else EMPTY
    groups, plane = [snapshot.group(name) for name in check.groups], Plane(check.protocol, FAMILY)
    return far_ends(accepted(groups, check.direction, (plane,), check.port).sure, FAMILY)
