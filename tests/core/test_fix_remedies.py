"""What `fix` proposes besides changes of groups."""

import json
from copy import deepcopy
from ipaddress import ip_network

import pytest
from changes import Document, clb_groups, ingress
from changes_cluster import (
    endpoint_slice,
    eni_groups,
    service,
)
from fix_changes import (
    CLIENTS,
    Change,
    annotated,
    codes,
    command,
    declare,
    lab,
    named,
    node_closed,
    policy,
    repaired,
    rules,
    select,
    shadowed,
    slice_without_name,
    to_8080,
    two_groups,
    with_step,
    works,
)

from drilllib.cloud.kube.patches import _json_patched
from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, NODE_GROUP, NODE_PORT, POD_GROUP
from drilllib.core.drills.variants import add_group, direct_access
from drilllib.core.fix.proposals import fix
from drilllib.core.fix.steps import Kubectl
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.snapshot.annotations import EXISTING_LOAD_BALANCER_ID, LOAD_BALANCER_ID, MODE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


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
