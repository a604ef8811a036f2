"""What `fix` only names, and what it must never propose."""

import pytest
from changes import Document, balancer, ingress, no_listener, no_targets, second_target, weight
from changes_cluster import (
    endpoint_slice,
    eni_groups,
    local_policy,
    objects,
)
from fix_changes import (
    CLIENTS,
    Change,
    another_service,
    answered_by_kube_proxy,
    blocks,
    codes,
    declare,
    lab,
    label,
    managed,
    metrics_only,
    named,
    node_closed,
    not_ready,
    on_the_node,
    policy,
    repaired,
    rules,
    select,
    sidecar,
    slice_without_name,
    stale_node_port,
    to_8080,
    two_kinds,
    workload,
    works,
)

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, VIP
from drilllib.core.drills.variants import over_ipv6
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Call
from drilllib.core.trace.answer import Question

CAUSES = {
    "pods that are not ready": ((not_ready,), "PODS_NOT_READY", "describe pod web-1"),
    "no pod of such labels": ((select(app="x", tier="y"),), "SELECTS_NO_POD", "get pods --show-labels"),
    "a workload scaled to 0": (
        (select(app="nginx"), workload("Deployment", 0, app="nginx")),
        "WORKLOAD_WITHOUT_PODS",
        "describe deployment web",
    ),
    "a Service without a selector": (
        (select(),),
        "NO_SELECTOR",
        "get endpointslices -l kubernetes.io/service-name=web",
    ),
    "no pod on the node": ((local_policy,), "NO_LOCAL_POD", "get pods -o wide"),
    "a NodePort that is not the Service's": ((stale_node_port,), "OTHER_NODE_PORT", "describe service web"),
    "no listener": ((no_listener,), "NO_LISTENER", "describe service web"),
    "no targets": ((no_targets,), "NO_TARGETS", "describe service web"),
    "a slice that its controller keeps": (
        (slice_without_name, managed),
        "PORT_NAMES",
        "get endpointslices -l kubernetes.io/service-name=web -o yaml",
    ),
    "a name that pods with two ports do not declare": (
        (named("http", None), lambda document: declare(document, 80, 9113)),
        "TARGET_PORT_NAME",
        "describe service web",
    ),
}


@pytest.mark.parametrize(("changes", "code", "look"), CAUSES.values(), ids=CAUSES)
def test_a_cause_with_several_repairs_is_named_with_what_to_look_at(
    changes: tuple[Change, ...], code: str, look: str
) -> None:
    answer = repaired(*changes)

    assert (answer.works, answer.proposals) == (False, ())
    assert [(each.code, each.look.line) for each in answer.causes_left] == [(code, f"kubectl -n shop {look}")]


def test_targets_of_weight_0_are_there_and_no_matter_of_the_services_events() -> None:
    (cause,) = repaired(weight(0, 0)).causes_left

    assert (cause.code, dict(cause.facts)["targets"]) == ("TARGETS_DRAINED", "ins-nodea001:30713")
    assert str(cause.look.line).startswith("tccli clb DescribeTargets --region ")
    assert repaired(second_target, weight(0, 0)).causes_left == ()


def test_probes_that_kube_proxy_answers_get_a_rule() -> None:
    assert rules(repaired(answered_by_kube_proxy).best) == [f"{NODE_GROUP}: ACCEPT TCP {VIP} 31999"]


NEVER = {
    "the metrics port of a pod on its node's network as target port": ((on_the_node,), "TARGET_PORT"),
    "the only declared port, which is called one of metrics": ((metrics_only,), "TARGET_PORT"),
    "the target's own port for probes that kube-proxy answers": ((answered_by_kube_proxy,), "HEALTH_CHECK_PORT"),
    "the metrics port of a sidecar as target port": ((sidecar,), "TARGET_PORT"),
    "one of two declared ports as target port": (
        (to_8080, lambda document: declare(document, 80, 81)),
        "TARGET_PORT",
    ),
    "a selector for the pods of another Service": ((select(app="nginx"), another_service), "SELECTOR"),
    "a selector for one of two kinds of pods": ((select(app="nginx"), two_kinds), "SELECTOR"),
    "a selector for a pod that is not ready": ((select(app="nginx"), not_ready), "SELECTOR"),
    "a selector that selects every pod": ((select(app="nginx"), label(tier="front")), "SELECTOR"),
    "a selector for a pod on another port": (
        (select(app="nginx"), lambda document: declare(document, 9113)),
        "SELECTOR",
    ),
    "a selector for another app, where nothing says that it is ours": (
        (select(app="nginx"), label(app="worker")),
        "SELECTOR",
    ),
    "a selector for another app, while the Service's own is scaled to 0": (
        (
            select(app="nginx", tier="front"),
            label(app="worker", tier="front"),
            workload("StatefulSet", 0, app="nginx", tier="front"),
        ),
        "SELECTOR",
    ),
    "a new name in a slice that its controller keeps": ((slice_without_name, managed), "PORT_NAME"),
    "a pod recreated for a policy that does not help": (
        (policy("sg-app", POD_GROUP), ingress("sg-app", "DROP ALL 0.0.0.0/0 ALL"), eni_groups(NODE_GROUP)),
        "RECREATE_POD",
    ),
    "a pod deleted that nothing makes anew": (
        (policy("sg-app", controller=False), eni_groups(NODE_GROUP)),
        "RECREATE_POD",
    ),
    "a pod recreated that was made under the policy": (
        (policy("sg-app", made=("2026-11-29T08:00:00Z", "2026-11-01T08:00:00Z")), eni_groups(NODE_GROUP)),
        "RECREATE_POD",
    ),
    "a pod recreated for a policy without groups": ((policy(), eni_groups(NODE_GROUP)), "RECREATE_POD"),
    "a pod recreated though its groups admit the nodes": ((policy("sg-app"),), "RECREATE_POD"),
    "pass-to-target where it is on": ((balancer(LoadBalancerPassToTarget=True), node_closed), "PASS_TO_TARGET"),
    "pass-to-target on an IPv6 VIP": ((over_ipv6, node_closed), "PASS_TO_TARGET"),
    "pass-to-target where only the pod behind a node is closed": ((ingress(POD_GROUP),), "PASS_TO_TARGET"),
    "pass-to-target where the CLB's own group drops": ((ingress(CLB_GROUP),), "PASS_TO_TARGET"),
    "another source of probes where none comes from the VIP": ((node_closed,), "PROBE_SOURCE"),
}


@pytest.mark.parametrize(("changes", "code"), NEVER.values(), ids=NEVER)
def test_it_is_never_proposed(changes: tuple[Change, ...], code: str) -> None:
    clients = "2001:db8:cafe::/64" if over_ipv6 in changes else CLIENTS
    assert code not in [
        each for proposal in repaired(*changes, clients=(clients,)).proposals for each in codes(proposal)
    ]


def test_a_change_that_does_not_suffice_is_no_alternative_to_one_that_does() -> None:
    """The CLB's group needs its rule in any case, and the selector its patch."""
    answer = repaired(ingress(CLB_GROUP), select(app="nginx"))

    assert all(works(each) for each in answer.proposals)
    assert codes(answer.proposals[0]) == ["SELECTOR"]
    assert rules(answer.proposals[0]) == [f"{CLB_GROUP}: ACCEPT TCP {CLIENTS} 80"]


def test_every_proposal_is_a_call_or_a_command_that_is_safe_to_paste() -> None:
    """Names of objects come from a snapshot that somebody else may have written."""

    def hostile(document: Document) -> None:
        to_8080(document)
        for kind in ("Service", "Pod", "EndpointSlice"):
            next(objects(document, kind))["metadata"]["namespace"] = "x; touch PWNED #"
        endpoint_slice(document)["endpoints"][0]["targetRef"]["namespace"] = "x; touch PWNED #"

    (step, *_) = fix(lab(hostile), Question(service="x; touch PWNED #/web"), blocks(CLIENTS)).proposals[0].steps
    assert not isinstance(step.command, Call)
    assert step.command.line.startswith("kubectl -n 'x; touch PWNED #' patch service web ")
