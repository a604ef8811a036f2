"""A capture of a lab in a local cloud has every field that the engine reads, and nothing that nobody has to know."""

import json
from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from bench.crowds import crowd
from drilllib.cloud.kube.rbac import Rights
from drilllib.cloud.tencent.cam import Policy
from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead, RefusalKind, Wanted
from drilllib.core.capture.join import assembled
from drilllib.core.capture.permissions import all_asks, policy
from drilllib.core.drills.default_lab import SERVICE, default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.rules.fields import is_empty
from tests.cloud.capturing import Capture, InProcess
from tests.cloud.planted import SECRETS, planted
from tests.core.answers_of import answers_of
from tests.thorough import how_many

NAMES = ("LoadBalancerId", "ListenerId", "LocationId", "InstanceId", "NetworkInterfaceId", "SubnetId")
PARTS = ("load_balancers", "listeners", "instances", "network_interfaces", "security_groups", "subnets")
TEMPLATES = ("address_templates", "address_template_groups", "service_templates", "service_template_groups")
LABS = list(FAULTS)[:: how_many(8, thorough=1)]
MOST_ROUNDS = 5


def of_service(item: dict[str, Any]) -> bool:
    """Is an object one that a capture of the lab's Service reads?"""
    return item["kind"] in ("Service", "Node") or item["metadata"].get("namespace") == "shop"


@pytest.mark.parametrize("name", LABS)
def test_a_capture_has_every_field_of_the_lab_that_is_read(name: str) -> None:
    """The ledger's fields of the cloud's own state, each with its value; what the API adds are its defaults."""
    cloud = InProcess(open_fault(name).to_dict())
    found = cloud.capture(SERVICE).assembly.document
    true = assembled(answers_of(cloud.state.snapshot().to_dict()), Wanted()).document
    bound = set(bound_in(true))
    true["security_groups"] = {name: each for name, each in true["security_groups"].items() if name in bound}
    own = [item for item in true["kubernetes"] if of_service(item) and item["kind"] != "Namespace"]

    lacking = [each for part in PARTS for each in lost(true.get(part), found.get(part), part)]
    lacking += lost(flat(true["cluster"]), flat(found["cluster"]), "cluster")
    lacking += [each for part in TEMPLATES for each in lost(true.get(part) or {}, found.get(part) or {}, part)]
    assert [*lacking, *lost(by_name(own), by_name(found["kubernetes"]), "kubernetes")] == []
    assert set(by_name(found["kubernetes"])) <= set(by_name(true["kubernetes"]))


def bound_in(document: dict[str, Any]) -> Iterator[str]:
    """The groups at a CLB, a machine or an interface."""
    for part, field in (("load_balancers", "SecureGroups"), ("instances", "SecurityGroupIds")):
        yield from (name for item in document[part] for name in item.get(field) or ())
    yield from (name for item in document["network_interfaces"] for name in item.get("GroupSet") or ())


def flat(cluster: dict[str, Any]) -> dict[str, Any]:
    """A cluster with what its Property and its network say, which a lab has at the top."""
    network = cluster.get("ClusterNetworkSettings") or {}
    return {**json.loads(cluster.get("Property") or "{}"), **network, **cluster, "Property": None}


def by_name(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Kubernetes objects by kind and full name."""
    return {f"{it['kind']} {it['metadata'].get('namespace')}/{it['metadata'].get('name')}": it for it in items}


def lost(true: Any, found: Any, place: str) -> Iterator[str]:
    """The places where *found* has not what *true* has; objects in lists are told by their ids."""
    if isinstance(true, dict):
        beside = found if isinstance(found, dict) else {}
        for key, value in true.items():
            yield from [] if is_empty(value) else lost(value, beside.get(key), f"{place}.{key}")
    elif isinstance(true, list) and all(map(_id, true)):
        listed = {_id(each): each for each in found or ()}
        for each in true:
            yield from lost(each, listed.get(_id(each)), f"{place}.{_id(each)}")
    elif isinstance(true, list):
        for number, each in enumerate(true):
            yield from lost(each, found[number] if found and number < len(found) else None, f"{place}[{number}]")
        yield from [] if len(true) == len(found or ()) else [f"{place}: {len(true)} and not {len(found or ())}"]
    elif true != found:
        yield f"{place}: {true!r} and not {found!r}"


def _id(item: Any) -> str:
    return next((item[name] for name in NAMES if isinstance(item, dict) and item.get(name)), "")


def test_a_field_that_is_not_captured_is_noticed() -> None:
    """A comparison that never fails protects nothing."""
    true = {"a": [{"ListenerId": "lbl-1", "Port": 80}], "b": {"c": 1}, "d": ""}

    assert list(lost(true, {"a": [{"ListenerId": "lbl-1", "Port": 81}], "b": {}}, "x")) == [
        "x.a.lbl-1.Port: 80 and not 81",
        "x.b.c: 1 and not None",
    ]
    assert list(lost(true, {**true, "e": 2}, "x")) == []


def test_what_is_secret_is_read_and_not_kept() -> None:
    """It came over the wire, and is in nothing that is shown, written or raised from then on."""
    capture = InProcess(planted()).capture(SERVICE)
    came, kept = repr(capture.answers), repr(capture.assembly) + json.dumps(capture.snapshot().to_dict())

    assert [word for word in SECRETS if word not in came] == []
    assert [word for word in SECRETS if word in kept] == []


@pytest.mark.parametrize(("nodes", "pods"), [(100, 100), (300, 300)])
def test_calls_are_flat_to_a_hundred_nodes_and_grow_by_pages_beyond(nodes: int, pods: int) -> None:
    """At most five rounds. Machines and interfaces are read by id and address, and again as members of groups."""
    one, many = (InProcess(crowd(*size, 1, all_read=True)).capture(SERVICE) for size in ((1, 1), (nodes, pods)))
    further = (ceil(nodes / 100) - 1) + (ceil(pods / 100) - 1)

    assert len(many.rounds) <= MOST_ROUNDS
    assert pages(many) <= pages(one) + 2 * further
    assert len(many.assembly.document["instances"]) == nodes
    assert len(many.assembly.document["network_interfaces"]) == pods


def pages(capture: Capture) -> int:
    """How many requests it took."""
    return sum(max(1, len(each.pages)) for each in capture.answers)


def test_the_least_rights_are_enough_and_those_of_a_capture_are_all_used() -> None:
    """What `--print-policy` prints is all that CAM and RBAC have to allow; and what one capture used, for itself."""
    for asks in (all_asks(*SERVICE.split("/")), InProcess(default_lab()).capture(SERVICE).calls):
        cloud, least = InProcess(default_lab()), policy(asks)
        cloud.tencent.rights, cloud.kube.rights = Policy.of(least.cam), Rights(least.rbac)
        capture = cloud.capture(SERVICE)

        assert [each for each in capture.refusals if each.kind is RefusalKind.FORBIDDEN] == []
        assert capture.snapshot().has("listeners")


@pytest.mark.parametrize("kind", ["throttled", "server_error"])
@pytest.mark.parametrize("action", ["DescribeListeners", "kubernetes list pods"])
def test_a_passing_trouble_leaves_no_trace(kind: str, action: str) -> None:
    calm, troubled = InProcess(default_lab()), InProcess(default_lab())
    troubled.faults.set(kind, action, times=2)

    assert troubled.capture(SERVICE).assembly.document == calm.capture(SERVICE).assembly.document


def test_a_trouble_that_stays_is_a_gap_and_no_empty_list() -> None:
    cloud = InProcess(default_lab())
    cloud.faults.set("throttled", "DescribeTargets", times=None)
    capture = cloud.capture(SERVICE)

    assert any("DescribeTargets" in each.what for each in capture.assembly.gaps)
    assert "Targets" not in capture.assembly.document["listeners"]["lb-lab00001"][0]["Rules"][0]


def test_every_answer_is_to_an_ask() -> None:
    """Nothing is asked twice, and no read changes anything."""
    cloud = InProcess(default_lab())
    before = cloud.state.snapshot().to_dict()
    capture = cloud.capture(SERVICE)

    assert len(set(capture.calls)) == len(capture.calls)
    assert {type(each.ask) for each in capture.answers} == {CloudCall, KubernetesRead}
    assert all(isinstance(each, Answer) for each in capture.answers)
    assert cloud.state.snapshot().to_dict() == before
