"""What `fix` proposes besides changes of groups, what it only names, and what it must never propose."""

import json
from collections.abc import Callable
from copy import deepcopy
from ipaddress import ip_network

import pytest
from changes import Document, balancer, clb_groups, ingress, no_listener, no_targets, probe
from changes_cluster import (
    endpoint_slice,
    eni_groups,
    local_policy,
    objects,
    pod_on_node_a,
    service,
)

from drilllib.cloud.kube.patches import _json_patched
from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP, VIP, default_lab
from drilllib.core.drills.variants import add_group, direct_access, over_ipv6
from drilllib.core.fix.answer import Fix
from drilllib.core.fix.proposal import Proposal
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Call, Kubectl
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.snapshot.annotations import EXISTING_LOAD_BALANCER_ID, LOAD_BALANCER_ID, MODE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question

CLIENTS = "203.0.113.0/24"
Change = Callable[[Document], object]


def lab(*changes: Change) -> Snapshot:
    document = default_lab()
    for change in changes:
        change(document)
    return Snapshot(document)


def repaired(*changes: Change, clients: str = CLIENTS, service: str = "shop/web") -> Fix:
    return fix(lab(*changes), Question(service=service), [ip_network(clients)])


def codes(proposal: Proposal) -> list[str]:
    return [each.code for each in proposal.steps]


def rules(proposal: Proposal) -> list[str]:
    return [f"{each.group}: {each.rule.text}" for each in proposal.changes if each.rule]


def with_step(answer: Fix, code: str) -> Proposal:
    return next(each for each in answer.proposals if code in codes(each))


def works(proposal: Proposal) -> bool:
    return all(each.trace.verdict == "reachable" for each in proposal.after)


def command(proposal: Proposal) -> str:
    (step,) = proposal.steps
    return step.command.line if isinstance(step.command, Kubectl) else step.command.command("ap-guangzhou")


# Pass-to-target.


node_closed = ingress(NODE_GROUP)


def annotated(name: str, value: str | None) -> Change:
    def change(document: Document) -> None:
        found = service(document)["metadata"]["annotations"]
        found.pop(name, None)
        found.update({name: value} if value else {})

    return change


def test_pass_to_target_comes_after_the_changes_of_groups() -> None:
    answer = repaired(node_closed)

    assert [codes(each) for each in answer.proposals][-1] == ["PASS_TO_TARGET"]
    assert answer.proposals[0].is_of_groups
    assert with_step(answer, "PASS_TO_TARGET").changes == ()


def test_what_is_still_missing_behind_the_target_is_opened_too() -> None:
    found = with_step(repaired(node_closed, ingress(POD_GROUP)), "PASS_TO_TARGET")

    assert rules(found) == [f"{POD_GROUP}: ACCEPT TCP 10.0.35.0/24 80"]
    assert works(found)


BY_ANNOTATION = "kubectl -n shop annotate service web service.cloud.tencent.com/pass-to-target=true --overwrite"
BY_API = (
    f"tccli clb ModifyLoadBalancerAttributes --region ap-guangzhou --LoadBalancerId {BALANCER} "
    "--LoadBalancerPassToTarget true"
)
OWNERS = {
    "made by TKE": ((), BY_ANNOTATION),
    "an existing CLB": ((annotated(EXISTING_LOAD_BALANCER_ID, BALANCER),), BY_API),
    "a Service that is skipped": ((annotated(MODE, "skip"),), BY_API),
    "another controller's": ((annotated(LOAD_BALANCER_ID, None),), BY_API),
}


@pytest.mark.parametrize(("changes", "line"), OWNERS.values(), ids=OWNERS)
def test_pass_to_target_is_switched_on_where_its_owner_keeps_it(changes: tuple[Change, ...], line: str) -> None:
    """The annotation does not combine with an existing CLB, and the controller puts back what it owns."""
    assert command(with_step(repaired(node_closed, *changes), "PASS_TO_TARGET")) == line


def test_pass_to_target_opens_to_all_whom_the_clb_admits() -> None:
    wide = ingress(CLB_GROUP, "ACCEPT TCP 203.0.112.0/23 80")
    (admitted,) = with_step(repaired(node_closed, wide), "PASS_TO_TARGET").admits

    assert blocks_of(admitted.clients) == ("203.0.112.0/24",)
    assert (admitted.targets, admitted.everyone) == ((f"ins-nodea001:{NODE_PORT}",), False)


def test_pass_to_target_of_a_clb_without_a_group_opens_to_everyone() -> None:
    (admitted,) = with_step(repaired(node_closed, clb_groups()), "PASS_TO_TARGET").admits

    assert admitted.everyone
    assert "0.0.0.0/1" not in blocks_of(admitted.clients), "loopback addresses are no clients"
    assert "64.0.0.0/3" in blocks_of(admitted.clients)


# The order of groups.


def shadowed(document: Document) -> None:
    """An earlier group's DROP takes the effect from a later group's ACCEPT, on node-a only."""
    add_group(document, "sg-deny")
    ingress("sg-deny", "DROP TCP 0.0.0.0/0 30000-32767")(document)
    document["instances"][0]["SecurityGroupIds"] = ["sg-deny", NODE_GROUP]


def test_the_groups_of_an_instance_are_put_into_another_order() -> None:
    answer = repaired(shadowed)

    assert command(answer.proposals[0]) == (
        "tccli cvm ModifyInstancesAttribute --region ap-guangzhou --InstanceIds '[\"ins-nodea001\"]' "
        f'--SecurityGroups \'["{NODE_GROUP}", "sg-deny"]\''
    )
    assert answer.proposals[0].cost == (1, 0, 0)


def test_an_order_that_would_open_the_world_is_mentioned_and_not_proposed() -> None:
    """TKE's own advice opens NodePorts to everybody, and whoever put the other group first may not want that."""
    answer = repaired(shadowed, ingress(NODE_GROUP, "ACCEPT TCP 0.0.0.0/0 30000-32767"))

    assert answer.too_wide == ({"ins-nodea001": (NODE_GROUP, "sg-deny")},)
    assert all("GROUP_ORDER" not in codes(each) for each in answer.proposals)


def test_no_order_is_proposed_that_loses_anything() -> None:
    """The group that would come first drops SSH, which the other one admits."""

    def ssh(document: Document) -> None:
        ingress("sg-deny", "ACCEPT TCP 10.0.0.0/8 22", "DROP TCP 0.0.0.0/0 30000-32767")(document)
        ingress(NODE_GROUP, "DROP TCP 0.0.0.0/0 22", f"ACCEPT TCP {CLIENTS} {NODE_PORT}")(document)

    assert all("GROUP_ORDER" not in codes(each) for each in repaired(shadowed, ssh).proposals)


def test_the_order_on_a_clb_is_the_annotations_where_it_names_them() -> None:
    def on_clb(document: Document) -> None:
        add_group(document, "sg-deny")
        ingress("sg-deny", f"DROP TCP {CLIENTS} 80")(document)
        document["load_balancers"][0]["SecureGroups"] = ["sg-deny", CLB_GROUP]

    assert command(repaired(on_clb).proposals[0]) == (
        "kubectl -n shop annotate service web "
        f"service.cloud.tencent.com/security-groups={CLB_GROUP},sg-deny --overwrite"
    )


# Objects of Kubernetes.


def to_8080(document: Document) -> None:
    """The Service sends to 8080; its pods declare 80 only."""
    service(document)["spec"]["ports"][0]["targetPort"] = 8080
    endpoint_slice(document)["ports"][0]["port"] = 8080


def named(target: str, declared: str | None) -> Change:
    def change(document: Document) -> None:
        service(document)["spec"]["ports"][0]["targetPort"] = target
        endpoint_slice(document)["ports"] = []
        port = next(objects(document, "Pod"))["spec"]["containers"][0]["ports"][0]
        port.update({"name": declared} if declared else {})

    return change


def select(**labels: str) -> Change:
    def change(document: Document) -> None:
        service(document)["spec"]["selector"] = labels
        endpoint_slice(document)["endpoints"] = []

    return change


def label(**labels: str) -> Change:
    def change(document: Document) -> None:
        next(objects(document, "Pod"))["metadata"]["labels"] = labels

    return change


def slice_without_name(document: Document) -> None:
    service(document)["spec"]["ports"][0]["name"] = "web"


def managed(document: Document) -> None:
    endpoint_slice(document)["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"] = (
        "endpointslice-controller.k8s.io"
    )


def policy(*groups: str) -> Change:
    def change(document: Document) -> None:
        add_group(document, "sg-app")
        ingress("sg-app", "ACCEPT TCP 10.0.35.0/24 80")(document)
        document["kubernetes"].append(
            {
                "apiVersion": "vpcresources.tke.cloud.tencent.com/v1beta1",
                "kind": "SecurityGroupPolicy",
                "metadata": {"name": "app", "namespace": "shop"},
                "spec": {
                    "podSelector": {"matchLabels": {"app": "web"}},
                    "securityGroups": {"groupIds": list(groups)},
                },
            }
        )

    return change


PATCH = "kubectl -n shop patch"
SELECTED = [{"op": "replace", "path": "/spec/selector", "value": {"app": "web"}}]
TO_WEB = f"{PATCH} service web --type json -p '{json.dumps(SELECTED)}'"
REPAIRS = {
    "a target port that no pod declares": (
        (to_8080,),
        f"{PATCH} service web --type json "
        """-p '[{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 80}]'""",
    ),
    "a target port's name that no pod declares": (
        (named("http", "web"),),
        f"{PATCH} service web --type json "
        """-p '[{"op": "replace", "path": "/spec/ports/0/targetPort", "value": "web"}]'""",
    ),
    "a selector whose value differs": (
        (select(app="nginx"),),
        TO_WEB,
    ),
    "a selector with a label too many": (
        (select(app="web", tier="front"),),
        TO_WEB,
    ),
    "a port without its name in a slice made by hand": (
        (slice_without_name,),
        f"""{PATCH} endpointslice web-1 --type json -p '[{{"op": "add", "path": "/ports/0/name", "value": "web"}}]'""",
    ),
    "a policy that was made after its pod": (
        (policy("sg-app"), eni_groups(NODE_GROUP)),
        "kubectl -n shop delete pod web-1",
    ),
    "an add-on's setting that has not reached the node": (
        (eni_groups(NODE_GROUP),),
        "kubectl annotate node node-b tke.cloud.tencent.com/need-sync-security-groups=true --overwrite",
    ),
}


@pytest.mark.parametrize(("changes", "line"), REPAIRS.values(), ids=REPAIRS)
def test_the_cause_is_repaired_first(changes: tuple[Change, ...], line: str) -> None:
    answer = repaired(*changes)

    assert command(answer.proposals[0]) == line
    assert works(answer.proposals[0])
    assert answer.proposals[0].changes == ()


@pytest.mark.parametrize("name", [name for name, (_, line) in REPAIRS.items() if line.startswith(PATCH)])
def test_a_printed_patch_makes_the_object_that_was_traced(name: str) -> None:
    """The stand-in's API server carries it out, as RFC 6902 says."""
    snapshot = lab(*REPAIRS[name][0])
    best = fix(snapshot, Question(service="shop/web"), [ip_network(CLIENTS)]).proposals[0]
    (step,) = best.steps
    assert isinstance(step.command, Kubectl)
    _, namespace, _, kind, called, *_, text = step.command.words

    def item(of: Snapshot) -> Document:
        items = (each for each in of.to_dict()["kubernetes"] if each["kind"].lower() == kind)
        named = {"name": called, "namespace": namespace}
        return next(each for each in items if each["metadata"].items() >= named.items())

    assert _json_patched(deepcopy(item(snapshot)), json.loads(text)) == item(best.made(snapshot))


def test_pods_that_are_targets_are_asked_on_the_declared_port() -> None:
    def straight(document: Document) -> None:
        direct_access(document)
        service(document)["spec"]["ports"][0]["targetPort"] = 8080
        endpoint_slice(document)["ports"][0]["port"] = 8080
        for place in document["listeners"][BALANCER][0]["Rules"]:
            place["Targets"][0]["Port"] = 8080

    best = repaired(straight).proposals[0]
    assert codes(best) == ["TARGET_PORT"]
    assert works(best)


def test_a_rule_for_a_port_that_no_pod_declares_is_needed_only_if_that_is_meant() -> None:
    """The target port is wrong; no rule repairs that."""
    first, *others = repaired(to_8080).proposals

    assert (codes(first), first.only_if) == (["TARGET_PORT"], None)
    assert [(rules(each), each.only_if) for each in others if each.is_of_groups] == [
        ([f"{POD_GROUP}: ACCEPT TCP 10.0.35.0/24 8080"], 8080)
    ]


def test_what_a_policys_groups_take_away_is_told() -> None:
    best = repaired(policy("sg-app"), eni_groups(NODE_GROUP)).proposals[0]

    assert [(each["interface"], each["source"], each["ports"]) for each in best.to_dict()["lost"]] == [
        ("shop/web-1", CLIENTS, str(NODE_PORT))
    ]


def test_a_port_that_the_service_does_not_know_is_a_guess() -> None:
    """The pods declare 3000 alone; nothing else says that it is the one."""
    best = repaired(lambda document: declare(document, 3000), ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 ALL")).best

    assert (codes(best), best.only_if) == (["TARGET_PORT"], 3000)


# Which of several groups gets a rule.


def two_groups(*lines: str, first: str, second: str) -> Change:
    def change(document: Document) -> None:
        add_group(document, "sg-extra")
        ingress("sg-extra", *lines)(document)
        for instance in document["instances"]:
            instance["SecurityGroupIds"] = [first, second]

    return change


@pytest.mark.parametrize("names", [("sg-extra", NODE_GROUP), (NODE_GROUP, "sg-extra")])
@pytest.mark.parametrize(
    ("extra", "node", "wanted"),
    [
        (f"ACCEPT TCP 198.51.100.0/24 {NODE_PORT}", "ACCEPT TCP 10.0.0.0/8 22", "sg-extra"),
        ("ACCEPT TCP 10.0.0.0/8 22", f"ACCEPT TCP 198.51.100.0/24 {NODE_PORT}", NODE_GROUP),
        (f"ACCEPT TCP {CLIENTS} 443", "ACCEPT TCP 10.0.0.0/8 22", "sg-extra"),
    ],
)
def test_on_a_tie_the_group_with_a_rule_alike_gets_the_new_one(
    names: tuple[str, str], extra: str, node: str, wanted: str
) -> None:
    answer = repaired(ingress(NODE_GROUP, node), two_groups(extra, first=names[0], second=names[1]))

    assert rules(answer.best) == [f"{wanted}: ACCEPT TCP {CLIENTS} {NODE_PORT}"]


# What is only named.


def not_ready(document: Document) -> None:
    for each in endpoint_slice(document)["endpoints"]:
        each["conditions"]["ready"] = False
    next(objects(document, "Pod"))["status"]["conditions"] = [{"type": "Ready", "status": "False"}]


def stale_node_port(document: Document) -> None:
    service(document)["spec"]["ports"][0]["nodePort"] = 31000


CAUSES = {
    "pods that are not ready": ((not_ready,), "PODS_NOT_READY", "describe pod web-1"),
    "no pod of such labels": ((select(app="x", tier="y"),), "SELECTS_NO_POD", "get pods --show-labels"),
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


def declare(document: Document, *ports: int) -> None:
    pod = next(objects(document, "Pod"))
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": port} for port in ports]


@pytest.mark.parametrize(("changes", "code", "look"), CAUSES.values(), ids=CAUSES)
def test_a_cause_with_several_repairs_is_named_with_what_to_look_at(
    changes: tuple[Change, ...], code: str, look: str
) -> None:
    answer = repaired(*changes)

    assert (answer.works, answer.proposals) == (False, ())
    assert [(each.code, each.look.line) for each in answer.causes_left] == [(code, f"kubectl -n shop {look}")]


# What must never be proposed.


def another_service(document: Document) -> None:
    """The only pod that fits otherwise belongs to another Service."""
    other = deepcopy(service(document))
    other["metadata"] = {"name": "other", "namespace": "shop", "annotations": {}}
    other["spec"] |= {"type": "ClusterIP", "ports": [{"port": 80, "targetPort": 80}], "selector": {"app": "web"}}
    document["kubernetes"].append(other)


def sidecar(document: Document) -> None:
    """The web server declares no port, its sidecar the one of its metrics."""
    pod = next(objects(document, "Pod"))
    ports = [{"containerPort": 9113}]
    pod["spec"]["containers"] = [{"name": "web"}, {"name": "metrics", "ports": ports}]


def two_kinds(document: Document) -> None:
    """Two pods fit otherwise, and are not alike."""
    document["kubernetes"].append(deepcopy(next(objects(document, "Pod"))))
    document["kubernetes"][-1]["metadata"]["name"] = "web-2"
    for number, pod in enumerate(objects(document, "Pod")):
        pod["metadata"]["labels"] = {"app": f"web-{number}"}


def on_the_node(document: Document) -> None:
    """A pod on its node's network, which declares the port of its metrics only."""
    pod = next(objects(document, "Pod"))
    pod["spec"] |= {"hostNetwork": True}
    declare(document, 9964)


def metrics_only(document: Document) -> None:
    declare(document, 9113)
    next(objects(document, "Pod"))["spec"]["containers"][0]["ports"][0]["name"] = "http-metrics"


def answered_by_kube_proxy(document: Document) -> None:
    """Under Local kube-proxy answers probes there; group 2 admits the VIP at the NodePort only."""
    pod_on_node_a(document)
    service(document)["spec"] |= {"externalTrafficPolicy": "Local", "healthCheckNodePort": 31999}
    probe(CheckPort=31999, SourceIpType=0)(document)
    admitted = (f"ACCEPT TCP {peer} {NODE_PORT}" for peer in (CLIENTS, VIP))
    ingress(NODE_GROUP, *admitted)(document)


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
    "a new name in a slice that its controller keeps": ((slice_without_name, managed), "PORT_NAME"),
    "a pod recreated for a policy that does not help": (
        (policy("sg-app", POD_GROUP), ingress("sg-app", "DROP ALL 0.0.0.0/0 ALL"), eni_groups(NODE_GROUP)),
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
    assert code not in [each for proposal in repaired(*changes, clients=clients).proposals for each in codes(proposal)]


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

    (step, *_) = repaired(hostile, service="x; touch PWNED #/web").proposals[0].steps
    assert not isinstance(step.command, Call)
    assert step.command.line.startswith("kubectl -n 'x; touch PWNED #' patch service web ")
