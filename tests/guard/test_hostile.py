"""A journal of anybody's making, an answer that says nothing, and writes that show late: nothing opens unseen."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.changes.bindings import write_calls
from drilllib.core.changes.change import Binding, keys_of, policies_of
from drilllib.errors import DrillError, LabStateError
from drilllib.guard.errors import ConflictError, UncertainWriteError, WriteRefusedError
from drilllib.guard.journal import Journal
from drilllib.guard.rollback import Rolled
from drilllib.guard.scope import Scope
from tests.guard.guarding import BALANCER, GROUPS, IN, NODE, Killed, Place, rules

HEAD = {"schema": "drilllib/journal/1", "id": "20260101-000000-aaaaaa", "opened": "2026-01-01T00:00:00Z", "what": "fix"}
WORLD = rules("ACCEPT ALL 0.0.0.0/0")
NARROW = rules("ACCEPT TCP 203.0.113.0/25 30713")


def rolled(place: Place, folder: Path, *intents: dict[str, Any], scope: Scope | None = None) -> Rolled:
    """A rollback by a file that has these intents, as if all were done."""
    path = folder / f"{HEAD['id']}.jsonl"
    lines: list[dict[str, Any]] = [HEAD]
    for number, each in enumerate(intents, 1):
        about = {"line": "intent", "number": number, "at": "2026-01-01T00:00:00Z", "region": "", **each}
        lines += [about, {"line": "done", "number": number, "at": "2026-01-01T00:00:00Z"}]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
    with place.guard(folder, journal=Journal.open(path), scope=scope or Scope()) as guard:
        return guard.rollback()


def opening(place: Place) -> dict[str, Any]:
    """An intent by which all of the world was accepted before."""
    present = place.cloud.state.snapshot().group(NODE).rules(IN) or ()
    fields = {"group": NODE, "direction": "ingress", "before": policies_of(WORLD), "after": policies_of(present)}
    return {"kind": "rules", **fields}


def test_a_rollback_opens_nothing_to_the_world_that_is_not_named(tmp_path: Path) -> None:
    place = Place()
    start = place.state()
    narrower = {**opening(place), "group": BALANCER, "before": policies_of(NARROW), "after": []}
    found = rolled(place, tmp_path, opening(place), narrower)
    assert not found.is_whole
    (error,) = [each.error for each in found.parts if each.error]
    assert isinstance(error, WriteRefusedError)
    assert "open-to-world" in str(error)
    assert place.state()["groups"][NODE] == start["groups"][NODE]
    assert place.state() != start, "the rest is done"
    assert rolled(place, tmp_path, opening(place), scope=Scope(world=frozenset({NODE}))).is_whole
    assert keys_of(place.cloud.state.snapshot().group(NODE).rules(IN) or ()) == keys_of(WORLD)


def test_a_rollback_never_touches_a_default_group(tmp_path: Path) -> None:
    place = Place()
    with place.cloud.state.writing(settled=True) as document:
        document["security_groups"][NODE]["IsDefault"] = True
    start = place.state()
    found = rolled(place, tmp_path, {**opening(place), "before": policies_of(NARROW)})
    assert "default group" in str(found.parts[0].error)
    assert place.state() == start


def with_open_group(place: Place) -> None:
    """The nodes have a second group, which accepts all; the first one denies all that it does not accept."""
    with place.cloud.state.writing(settled=True) as document:
        groups = document["security_groups"]
        for name, texts in (("sg-open0001", ["ACCEPT ALL 0.0.0.0/0"]), (NODE, ["DROP ALL 0.0.0.0/0"])):
            ingress = policies_of((*NARROW, *rules(*texts)) if name == NODE else rules(*texts))
            rest = groups[NODE]["SecurityGroupPolicySet"]
            groups[name] = {
                **groups[NODE],
                "SecurityGroupId": name,
                "SecurityGroupPolicySet": {**rest, "Ingress": ingress},
            }
        for each in document["instances"]:
            each["SecurityGroupIds"] = [NODE, "sg-open0001"]


def test_a_deny_that_goes_and_a_group_that_is_unbound_open_too(tmp_path: Path) -> None:
    place = Place()
    with_open_group(place)
    start = place.state()
    unbound = {"kind": "binding", "resource": "ins-nodea001", "before": ["sg-open0001"], "after": [NODE, "sg-open0001"]}
    assert not rolled(place, tmp_path, unbound).is_whole
    with place.guard(tmp_path) as guard:
        with pytest.raises(WriteRefusedError, match="whole world"):
            guard.replace_rules(NODE, IN, NARROW)
        with pytest.raises(WriteRefusedError, match="whole world"):
            guard.bind("ins-nodea001", ["sg-open0001"])
    assert place.state() == start


def test_a_group_that_is_bound_is_named_or_tagged_and_no_default_group(tmp_path: Path) -> None:
    place = Place()
    start = place.state()
    with place.guard(tmp_path) as guard:
        with pytest.raises(WriteRefusedError, match="neither named"):
            guard.bind("ins-nodea001", [NODE, "sg-pod00001"])
        with place.cloud.state.writing(settled=True) as document:
            document["security_groups"][BALANCER]["IsDefault"] = True
        with pytest.raises(WriteRefusedError, match="default group"):
            guard.bind("ins-nodea001", [NODE, BALANCER])
    assert place.state()["bound"] == start["bound"]


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("DescribeSecurityGroups", {"SecurityGroupSet": []}),
        ("DescribeSecurityGroups", {"SecurityGroupSet": [{"SecurityGroupId": "sg-another1", "IsDefault": False}]}),
        ("DescribeSecurityGroupAssociationStatistics", {"SecurityGroupAssociationStatisticsSet": []}),
        (
            "DescribeSecurityGroupAssociationStatistics",
            {"SecurityGroupAssociationStatisticsSet": [{"SecurityGroupId": NODE, "CVM": 2, "TotalCount": 5}]},
        ),
    ],
)
def test_what_an_answer_does_not_say_is_refused(tmp_path: Path, action: str, change: dict[str, Any]) -> None:
    """The last has three of a kind that only the total counts, such as Redis."""
    place = Place()
    start = place.state()
    scope = Scope(GROUPS, bound={NODE: ["ins-nodea001", "ins-nodeb001"]})
    with place.guard(tmp_path, scope=scope) as guard:
        cloud = guard.cloud

        def read(call: CloudCall) -> Answer:
            found = cloud.read(call)
            return replace(found, pages=(change,)) if call.action == action else found

        guard.cloud = replace(cloud, read=read)
        with pytest.raises((WriteRefusedError, LabStateError), match=r"says nothing|of other kinds"):
            guard.replace_rules(NODE, IN, NARROW)
        guard.cloud = cloud
        assert place.state() == start
        guard.replace_rules(NODE, IN, NARROW)


@pytest.mark.parametrize("late_s", [2.0, 20.0])
@pytest.mark.parametrize(
    "action", ["CreateSecurityGroupPolicies", "AssociateSecurityGroups", "ModifyInstancesAttribute"]
)
def test_killed_before_a_write_shows_a_rollback_waits_for_it(tmp_path: Path, action: str, late_s: float) -> None:
    place = Place()
    start = place.state()
    place.faults.set("late", action, seconds=late_s)

    def killed(number: int, call: CloudCall) -> None:
        if call.action == action:
            raise Killed

    place.after = killed
    guard = place.guard(tmp_path)
    groups = [NODE, BALANCER] if action == "AssociateSecurityGroups" else [BALANCER, NODE]
    writes = partial(guard.bind, "ins-nodea001", groups)
    if action == "CreateSecurityGroupPolicies":
        writes = partial(guard.replace_rules, NODE, IN, NARROW)
    with pytest.raises(Killed):
        writes()
    guard.close()
    place.after = lambda number, call: None
    with place.guard(tmp_path, journal=Journal.open(guard.journal.path)) as second:
        assert second.rollback().is_whole
    place.waited_s += 100
    assert place.state() == start


def test_a_write_that_is_not_seen_for_long_stays_in_the_journal(tmp_path: Path) -> None:
    """No answer came, and for longer than the guard looks the list is what it was: that is not known to be undone."""
    place = Place()
    start = place.state()
    place.faults.set("answer_lost", "CreateSecurityGroupPolicies", times=None)
    place.faults.set("late", "CreateSecurityGroupPolicies", seconds=15.0)
    with place.guard(tmp_path) as guard:
        with pytest.raises(DrillError) as failed:
            guard.replace_rules(NODE, IN, NARROW)
        assert isinstance(failed.value, UncertainWriteError | ConflictError)
        place.faults.clear()
        guard.rollback()
    place.waited_s += 100
    assert place.state() == start


def test_groups_that_are_set_as_a_whole_are_read_again_right_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever binds a group while the journal is written keeps it; no Version says that they were there."""
    place = Place()
    with place.guard(tmp_path) as guard:
        note = guard.journal.intent

        def meddle(kind: str, **fields: Any) -> int:
            call = write_calls(Binding("ins-nodea001", (NODE,), (NODE, "sg-pod00001")))[0]
            assert place.cloud._cloud.write(call).refusal is None
            return note(kind, **fields)

        monkeypatch.setattr(guard.journal, "intent", meddle)
        with pytest.raises(ConflictError):
            guard.bind("ins-nodea001", [BALANCER, NODE])
        assert guard.cloud.groups("ins-nodea001") == (NODE, "sg-pod00001")
