"""Somebody else writes to the same group in every gap between our calls: theirs is never lost, ours never stays."""

from pathlib import Path
from typing import Any

import pytest

from drilllib.core.capture.asks import CloudCall
from drilllib.core.changes.change import Key, key_of, keys_of
from drilllib.guard.errors import ConflictError
from tests.guard.guarding import IN, NODE, Place, rules
from tests.thorough import how_many

WANTED = rules("ACCEPT TCP 203.0.113.0/24 30080", "ACCEPT TCP 10.0.0.0/8 30080", "DROP TCP 10.9.0.0/16 ALL")
LATER = (WANTED[2], WANTED[0])
(THEIRS,) = rules("ACCEPT TCP 198.51.100.7 22")
GAPS = range(0, 24, how_many(3, thorough=1))


def somebody(place: Place, action: str, **rule: Any) -> None:
    """A change of the nodes' group by a console, which sends no Version."""
    sent: dict[str, Any] = {"SecurityGroupId": NODE, "SecurityGroupPolicySet": {"Ingress": [rule]}}
    assert place.cloud._cloud.write(CloudCall.of("vpc", "2017-03-12", action, **sent)).refusal is None


def present(place: Place) -> list[Key]:
    """What is there now, read behind everybody's back."""
    return list(keys_of(place.cloud.state.snapshot().group(NODE).rules(IN) or ()))


def two_changes(place: Place, folder: Path) -> int:
    """
    Two changes of one list, and a rollback of what was done of them; gives how many were refused.

    After a change that was refused, what was there before it is there again, with what somebody else has done; after
    one that was not, what was wanted.
    """
    refused = 0
    with place.guard(folder) as guard:
        for wanted in (WANTED, LATER):
            before = [each for each in present(place) if each != key_of(THEIRS)]
            try:
                guard.replace_rules(NODE, IN, wanted)
            except ConflictError:
                refused += 1
                assert [each for each in present(place) if each != key_of(THEIRS)] == before
            else:
                assert present(place) == [*keys_of(wanted)]
        assert guard.rollback().is_whole
    return refused


@pytest.mark.parametrize("where", [{"PolicyIndex": 0}, {"PolicyIndex": 1}, {}], ids=["top", "second", "bottom"])
def test_a_rule_that_somebody_inserts_in_any_gap_stays(tmp_path: Path, where: dict[str, int]) -> None:
    cases = refused = 0
    for gap in GAPS:
        place = Place()
        start = present(place)

        def meddle(number: int, call: CloudCall, gap: int = gap, place: Place = place) -> None:
            if number == gap:
                somebody(place, "CreateSecurityGroupPolicies", **THEIRS.policy, **where)

        place.before = meddle
        refused += two_changes(place, tmp_path / str(gap))
        if len(place.calls) > gap:
            cases += 1
            assert present(place).count(key_of(THEIRS)) == 1, gap
        assert [each for each in present(place) if each != key_of(THEIRS)] == start, gap
    assert 0 < refused < cases
    print(f"somebody inserted in {cases} gaps; {refused} of our changes were refused")


def test_a_rule_that_somebody_takes_out_in_any_gap_stays_out(tmp_path: Path) -> None:
    """One that no change of ours touches; of one that ours take out and put in nobody could say."""
    cases = 0
    for gap in GAPS:
        place = Place()
        with place.guard(tmp_path / f"{gap}-first") as guard:
            guard.replace_rules(NODE, IN, (*WANTED, THEIRS))
        place.calls.clear()
        start = present(place)

        def meddle(number: int, call: CloudCall, gap: int = gap, place: Place = place) -> None:
            if number == gap:
                somebody(place, "DeleteSecurityGroupPolicies", PolicyIndex=present(place).index(key_of(THEIRS)))

        place.before = meddle
        with place.guard(tmp_path / str(gap)) as guard:
            for wanted in ((*LATER, THEIRS), (WANTED[1], THEIRS)):
                try:
                    guard.replace_rules(NODE, IN, wanted, expected=guard.rules(NODE, IN))
                except ConflictError:
                    break
            assert guard.rollback().is_whole
        gone = len(place.calls) > gap
        cases += gone
        assert present(place) == [each for each in start if not gone or each != key_of(THEIRS)], gap
    assert cases
    print(f"somebody deleted in {cases} gaps")
