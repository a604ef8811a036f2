"""Less that was read never makes a diagnosis surer: unread policies and Nodes that may change the answer are named."""

from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from test_assembled import BY_HAND

from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.saved import assembled_files
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.diagnosis.unknowns import alone
from drilllib.core.facts import FactCode
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.verdict import Verdict
from drilllib.views.text.diagnose import screen_lines

FORBIDDEN = {
    "networkpolicies.json": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden"},
    "DescribeAddon.networkpolicy.json": {"Error": {"Code": "UnauthorizedOperation", "Message": ""}},
}
ASKED = Question(service="edge/gateway")


def joined(*, without: Iterable[str] = (), more: dict[str, Any] | None = None, local: bool = False) -> Snapshot:
    """The files by hand, *without* some, and with *more*."""
    found = {each.name: [yaml.safe_load(each.read_text(encoding="utf-8"))] for each in sorted(BY_HAND.iterdir())}
    for name in without:
        del found[name]
    if local:
        found["svc.yaml"][0]["spec"]["externalTrafficPolicy"] = "Local"
    found |= {name: [each] for name, each in (more or {}).items()}
    return assembled_files(found, Wanted("edge/gateway")).snapshot


def told(found: Diagnosis) -> dict[FactCode, Verdict | None]:
    return {alone(each.gap).code: each.if_stops and each.if_stops.verdict for each in found.unknown if each.decides}


@pytest.mark.parametrize("more", [{}, FORBIDDEN], ids=["never asked", "refused"])
def test_policies_that_nobody_read_are_named_with_what_they_could_change(more: dict[str, Any]) -> None:
    snapshot = joined(more=more)
    found = diagnose(snapshot, ASKED, ["203.0.113.10"])

    assert found.verdict is Verdict.UNDETERMINED
    assert told(found) == {FactCode.UNREAD_POLICIES: Verdict.UNREACHABLE}
    assert str(found.looks[0].line(snapshot)) == "kubectl -n edge get networkpolicies -o yaml"
    lines = "\n".join(screen_lines(snapshot, found, "en"))
    assert "nothing that the answer needs" not in lines
    assert "whether a NetworkPolicy keeps requests from edge/gateway-" in lines


@pytest.mark.parametrize(
    "change",
    [{"complete": {"kubernetes": ["edge/NetworkPolicy"]}}, {"cluster": {"networkpolicy": {"enforced": False}}}],
    ids=["a whole list", "none hold"],
)
def test_either_of_the_two_facts_settles_it(change: dict[str, Any]) -> None:
    document = joined().to_dict()
    found = diagnose(
        Snapshot({**document, **change, "cluster": {**document["cluster"], **change.get("cluster", {})}}),
        ASKED,
        ["203.0.113.10"],
    )

    assert found.verdict is Verdict.REACHABLE
    assert told(found) == {}


def test_nodes_that_nobody_read_are_named_where_only_probes_speak_for_a_target() -> None:
    """Under Local a node without an endpoint gets requests; whether that target is one, the Nodes would tell."""
    found = diagnose(joined(without=["nodes.yaml"], local=True), ASKED, ["203.0.113.10"])

    assert found.verdict is Verdict.UNDETERMINED
    assert alone(found.unknown[0].gap).code is FactCode.NODE_OF_CLUSTER
    assert found.unknown[0].decides
    assert str(found.looks[0].command.line) == "kubectl get nodes -o yaml"  # type: ignore[union-attr]  # a look of this kind has one


def test_what_was_refused_comes_before_what_was_not_understood() -> None:
    found = diagnose(joined(more=FORBIDDEN), ASKED, ["203.0.113.10"])

    assert [what for what, _ in found.unread][-1] == "cluster.eniipamd"
    assert "not allowed" in found.unread[0][1]


@pytest.mark.parametrize(("more", "vips"), [([], ()), ([{"ip": "192.0.2.20"}], ("192.0.2.20",))])
def test_an_address_that_was_not_asked_is_named(more: list[dict[str, str]], vips: tuple[str, ...]) -> None:
    """A Service with two load balancers is asked at one of them; nothing is said of the other, and that is told."""
    document = joined().to_dict()
    service = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    service["status"]["loadBalancer"]["ingress"] += more
    snapshot = Snapshot(document)
    found = diagnose(snapshot, ASKED, ["203.0.113.10"])

    assert found.other_vips == vips
    assert ("not asked about: 192.0.2.20" in "\n".join(screen_lines(snapshot, found, "en"))) is bool(vips)


@pytest.mark.parametrize("kind", ["ClusterIP", "ExternalName", "LoadBalancer"])
def test_a_service_of_another_type_that_names_a_load_balancer_is_told(kind: str) -> None:
    document = joined().to_dict()
    service = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    service["spec"]["type"] = kind
    service["metadata"].setdefault("annotations", {})["service.kubernetes.io/loadbalance-id"] = "lb-f1e2d3c4"
    snapshot = Snapshot(document)
    lines = "\n".join(screen_lines(snapshot, diagnose(snapshot, ASKED, ["203.0.113.10"]), "en"))

    assert (f"the Service is of type {kind}" in lines) is (kind != "LoadBalancer")
