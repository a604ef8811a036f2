"""What a repair may change besides rules, and what a learner can state: of every thing that is there, and true."""

from typing import Any

import pytest

from drilllib import InvalidInputError, Question, Snapshot, UnknownNameError, trace
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.practice.settings import settings_of, with_setting
from drilllib.core.practice.statements import places_of, statable

QUESTION = Question(client="203.0.113.10", service="shop/web", port=80)
LISTENER, NODE = "lbl-lab00001", "ins-nodea001"
# What each setting breaks, and by which reason the engine says that it is broken.
BREAKS = [
    ("policy shop/web", "Local", "NO_LOCAL_ENDPOINT"),
    ("target_port shop/web", "81", "POD_GROUP_DROPPED"),
    ("pods shop/web", "unready", "NO_ENDPOINTS"),
    (f"listener {LISTENER}", "81", "NO_LISTENER"),
    (f"weight {LISTENER}", "0", "NO_TARGETS"),
    (f"state {NODE}", "STOPPED", "INSTANCE_NOT_RUNNING"),
]


def values(snapshot: Snapshot) -> dict[str, str]:
    return {each.key: each.value for each in settings_of(snapshot, QUESTION)}


def with_part(snapshot: Snapshot, kind: str, **spec: Any) -> Snapshot:
    document = snapshot.to_dict()
    for item in document["kubernetes"]:
        if item["kind"] == kind:
            item["spec"] |= spec
    return Snapshot(document)


@pytest.mark.parametrize(("key", "value", "reason"), BREAKS)
def test_a_setting_does_what_it_says_and_is_taken_back_by_its_old_value(key: str, value: str, reason: str) -> None:
    healthy = open_fault("healthy")

    broken = with_setting(healthy, QUESTION, key, value)

    assert trace(broken, QUESTION).reason == reason
    assert values(broken)[key] == value
    mended = with_setting(broken, QUESTION, key, values(healthy)[key])
    assert trace(mended, QUESTION).verdict == "reachable"
    assert values(mended) == values(healthy)


def test_a_selector_that_selects_nothing_is_mended_by_the_labels_of_the_pods() -> None:
    """The choices are the labels of the pods that are there, beside what the Service says now."""
    document = with_part(open_fault("healthy"), "Service", selector={"app": "wbe"}).to_dict()
    for item in document["kubernetes"]:
        if item["kind"] == "EndpointSlice":
            item["endpoints"] = []
    lost = Snapshot(document)
    assert trace(lost, QUESTION).reason == "NO_ENDPOINTS"
    (selector,) = (each for each in settings_of(lost, QUESTION) if each.kind == "selector")
    assert selector.choices == ("app=wbe", "app=web")

    assert trace(with_setting(lost, QUESTION, selector.key, "app=web"), QUESTION).verdict == "reachable"


def test_pass_to_target_is_a_setting_of_the_balancer() -> None:
    passing = with_setting(open_fault("healthy"), QUESTION, "pass lb-lab00001", "on")

    assert passing.load_balancers[0].pass_to_target is True
    assert values(passing)["pass lb-lab00001"] == "on"


@pytest.mark.parametrize("value", ["", "0", "65536", "eighty", "-1", "８０"])
def test_a_port_that_is_none_is_refused_with_what_can_be_given(value: str) -> None:
    with pytest.raises(InvalidInputError, match="1 - 65535"):
        with_setting(open_fault("healthy"), QUESTION, f"listener {LISTENER}", value)


def test_a_value_that_is_not_offered_and_a_setting_that_is_not_there_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="Cluster, Local"):
        with_setting(open_fault("healthy"), QUESTION, "policy shop/web", "Remote")
    for key in ("policy shop/other", f"groups {NODE}", "nonsense"):
        with pytest.raises(UnknownNameError):
            with_setting(open_fault("healthy"), QUESTION, key, "x")


def test_nothing_is_changed_in_the_snapshot_itself() -> None:
    healthy = open_fault("healthy")
    before = healthy.to_dict()
    for key, value, _ in BREAKS:
        with_setting(healthy, QUESTION, key, value)

    assert healthy.to_dict() == before


def test_every_kind_of_cause_can_be_stated_of_the_things_that_it_can_be_true_of() -> None:
    found = statable(open_fault("healthy"))

    assert set(found) == set(CauseKind)
    assert found[CauseKind.GROUP] == ("lb-lab00001", NODE, "ins-nodeb001", "eni-podsb001")
    assert found[CauseKind.SELECTOR] == found[CauseKind.LOCAL_POLICY] == ("Service/shop/web",)
    assert found[CauseKind.LISTENER] == ("lb-lab00001",)
    assert found[CauseKind.WEIGHT] == (LISTENER,)
    assert found[CauseKind.STOPPED] == (NODE, "ins-nodeb001")


def test_a_statement_is_offered_alike_whatever_is_wrong() -> None:
    """Else what can be stated would tell what is the cause."""
    healthy = places_of(open_fault("healthy"))

    assert all(places_of(open_fault(fault)) == healthy for fault in ("group-1", "group-2", "group-3", "local-policy"))
