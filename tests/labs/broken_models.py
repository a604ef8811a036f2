"""Models of the cloud that are wrong in one point each, for tests of what finds that out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import fates, gates, probed_targets, verdict
from drilllib.core.trace import health as probes
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.gates import Gate, Gatekeeper, waived
from drilllib.core.trace.node import Cluster
from drilllib.core.trace.origin import from_address
from drilllib.core.trace.path import Hop, Symptom
from drilllib.core.trace.request import trace
from drilllib.core.trace.walker import Walker

Model = Callable[[Snapshot, Question], Trace]
Patch = pytest.MonkeyPatch


def _switched(**switches: Any) -> Model:
    """The model under other semantics than those that are played."""
    return lambda snapshot, question, **asked: trace(
        snapshot.with_semantics(replace(snapshot.semantics, **switches)), question, **asked
    )


def cluster_keeps_the_client(_: Patch) -> Model:
    return _switched(cluster_policy_hides_client=False)


def local_delivery_crosses_the_interface(_: Patch) -> Model:
    return _switched(local_delivery_skips_pod_eni=False)


def silence_is_502(_: Patch) -> Model:
    return _switched(dropped_status=502)


def statuses_are_swapped(patch: Patch) -> Model:
    def swapped(*arguments: Any) -> set[Symptom]:
        other = {504: 502, 502: 504}
        return {replace(each, status=other.get(each.status, each.status)) for each in verdict.symptoms_of(*arguments)}

    patch.setattr(fates, "symptoms_of", swapped)
    return trace


def health_is_ignored(patch: Patch) -> Model:
    everybody = fates._counted
    patch.setattr(fates, "_ranges", lambda crowds: [(everybody(crowds), everybody(crowds))])
    return trace


def dead_targets_alone_take_nothing(patch: Patch) -> Model:
    """Where all are Dead none is used, instead of all."""
    sound, none = fates._ranges, Counter[Any]()
    patch.setattr(
        fates,
        "_ranges",
        lambda crowds: [(none, none)] if {each.health for each in crowds} == {"Dead"} else sound(crowds),
    )
    return trace


def layer_7_never_tries_another_target(patch: Patch) -> Model:
    def alone(layer: int, transport: str, least: Any, most: Any, semantics: Any) -> set[Symptom]:
        each = (verdict.symptoms_of(layer, transport, {ends: 1}, {ends: 1}, semantics) for ends in most)
        return set().union(*each)

    patch.setattr(fates, "symptoms_of", alone)
    return trace


def pass_to_target_covers_pods_behind_nodes(patch: Patch) -> Model:
    made, checked = Walker.__init__, Cluster.checked

    def init(walker: Walker, *arguments: Any) -> None:
        made(walker, *arguments)
        walker._cluster.passes = walker.balancer.pass_to_target or walker.frontend.family == 6

    def waiving(own: Cluster, *arguments: Any) -> Hop:
        hop = checked(own, *arguments)
        waive = getattr(own, "passes", False)
        return replace(hop, checks=tuple(waived(each, Reason.PASS_TO_TARGET) for each in hop.checks)) if waive else hop

    patch.setattr(Walker, "__init__", init)
    patch.setattr(Cluster, "checked", waiving)
    return trace


def pass_to_target_does_nothing(patch: Patch) -> Model:
    patch.setattr(Walker, "_passing", lambda own, check, assumption: check)
    return trace


def node_egress_is_not_asked(patch: Patch) -> Model:
    ask = Gatekeeper.ask

    def open_outwards(own: Gatekeeper, gate: Gate, direction: Direction, *arguments: Any) -> gates.Check:
        check = ask(own, gate, direction, *arguments)
        return waived(check, Reason.NO_GROUP) if direction is Direction.EGRESS else check

    patch.setattr(Gatekeeper, "ask", open_outwards)
    return trace


def the_last_group_comes_first(patch: Patch) -> Model:
    ask = Gatekeeper.ask

    def backwards(own: Gatekeeper, gate: Gate, *arguments: Any) -> gates.Check:
        return ask(own, replace(gate, groups=gate.groups and gate.groups[::-1]), *arguments)

    patch.setattr(Gatekeeper, "ask", backwards)
    return trace


def probes_need_a_rule(patch: Patch) -> Model:
    patch.setattr(Gatekeeper, "_probe_admitted", lambda own, check: check)
    return trace


def probes_end_at_the_node(patch: Patch) -> Model:
    sound = probed_targets.predict

    def to_the_node(walker: Walker, facts: Any, paths: Any) -> Any:
        short = [replace(path, hops=(replace(path.hops[0], problem=None),)) for path in paths]
        return sound(walker, facts, short if facts.node else paths)

    patch.setattr(probed_targets, "predict", to_the_node)
    return trace


def udp_is_probed_without_ping(patch: Patch) -> Model:
    patch.setattr(probes, "_over_udp", probes._over_tcp)
    return trace


def local_forwards_to_other_nodes(patch: Patch) -> Model:
    patch.setattr(Service, "is_local_only", False)
    return trace


def keep_alive_shows_the_client(patch: Patch) -> Model:
    seen_by_target = Walker._source_at_target

    def shown(own: Walker, client: Any, family: int) -> Any:
        own.listener = replace(own.listener, keepalive=False)
        return seen_by_target(own, client, family)

    patch.setattr(Walker, "_source_at_target", shown)
    return trace


def snatpro_shows_the_client(patch: Patch) -> Model:
    patch.setattr(Walker, "_source_at_target", lambda own, client, family: (from_address(client), ()))
    return trace


def every_pod_listens(patch: Patch) -> Model:
    patch.setattr(Cluster, "_listening", lambda own, hop, pod, *, shared: hop)
    return trace


def _edited(edit: Callable[[dict[str, Any]], None]) -> Model:
    """The model of another snapshot than the one that is played."""

    def model(snapshot: Snapshot, question: Question, *, all_paths: bool = False) -> Trace:
        document = snapshot.to_dict()
        edit(document)
        return trace(Snapshot(document), question)

    return model


def _targets(document: dict[str, Any]) -> list[dict[str, Any]]:
    items = [item for listed in document["listeners"].values() for item in listed]
    return [target for item in items for place in (item["Rules"] or [item]) for target in place["Targets"]]


def weight_0_takes_requests(_: Patch) -> Model:
    def edit(document: dict[str, Any]) -> None:
        for target in _targets(document):
            target["Weight"] = target["Weight"] or 10

    return _edited(edit)


def pods_that_are_not_ready_take_requests(_: Patch) -> Model:
    def edit(document: dict[str, Any]) -> None:
        for item in document["kubernetes"]:
            for endpoint in item.get("endpoints", ()):
                endpoint["conditions"]["ready"] = True

    return _edited(edit)


# Each is found by something that it says cannot be.
BROKEN = (
    cluster_keeps_the_client,
    local_delivery_crosses_the_interface,
    silence_is_502,
    statuses_are_swapped,
    dead_targets_alone_take_nothing,
    layer_7_never_tries_another_target,
    pass_to_target_covers_pods_behind_nodes,
    pass_to_target_does_nothing,
    node_egress_is_not_asked,
    the_last_group_comes_first,
    probes_need_a_rule,
    probes_end_at_the_node,
    udp_is_probed_without_ping,
    local_forwards_to_other_nodes,
    keep_alive_shows_the_client,
    snatpro_shows_the_client,
    every_pod_listens,
)
# Each says that more can be than is; that shows in what never occurs.
GENEROUS = (health_is_ignored, weight_0_takes_requests, pods_that_are_not_ready_take_requests)
