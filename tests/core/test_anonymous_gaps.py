"""What was not read stays told in an anonymous snapshot, and no word of it is somebody's name."""

import json
from dataclasses import replace

import pytest
from capture_reader import WEB, Reader, capture

from drilllib.core.capture.asks import Refusal, RefusalKind
from drilllib.core.capture.join import assembled
from drilllib.core.capture.permissions import all_asks, permission
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.snapshot.anonymous.anonymous import anonymous
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question


def gaps_of(found: Snapshot) -> list[dict[str, str]]:
    told = found.part("gaps")
    assert isinstance(told, list)
    return told


def words(text: str) -> list[str]:
    return text.replace("/", " / ").split()


def test_every_refusal_of_a_capture_stays_told_with_its_right_and_under_new_names() -> None:
    """One after the other of all that a capture asks for; nothing in their texts has to be left out."""
    answers = capture(Reader(default_lab()), WEB)
    names = {"shop", "web", "sg-node0001", "lb-lab00001", "ins-nodea001"}
    refused = [
        replace(
            each, pages=(), whole=False, refusal=Refusal(RefusalKind.FORBIDDEN, "Forbidden", permission(each.ask or ""))
        )
        for each in answers
        if each.ask
    ]
    for number in range(len(answers)):
        made = assembled([*answers[:number], refused[number], *answers[number + 1 :]], WEB)
        found = anonymous(Snapshot(made.document))
        before, after = gaps_of(Snapshot(made.document)), gaps_of(found.snapshot)

        assert [words(each["why"]) for each in after] == [
            [found.replaced.get(word, word) for word in words(each["why"])] for each in before
        ]
        assert "withheld" not in json.dumps(after)
        assert not names & {*json.dumps(after).replace(".", " ").replace('"', " ").split()}


def test_the_rights_of_every_ask_are_words_that_stay() -> None:
    document = default_lab()
    told = [
        {"what": "x", "why": f"not allowed (Forbidden); grant {permission(each)}"} for each in all_asks("shop", "web")
    ]
    found = gaps_of(anonymous(Snapshot({**document, "gaps": told})).snapshot)

    assert len(found) == len(told)
    assert [each for each in found if "withheld" in each["why"]] == []


@pytest.mark.parametrize("secret", ["acme-payroll", "100012345678", "198.51.100.77", "www.acme.example", "给张三"])
def test_what_somebody_wrote_into_a_gap_goes_but_for_known_words(secret: str) -> None:
    gap = {"what": f"security_groups.{secret}", "why": f"not allowed: ask {secret}, sg-node0001 is theirs"}
    found = anonymous(Snapshot({**default_lab(), "gaps": [gap]}))

    assert secret not in json.dumps(found.snapshot.to_dict(), ensure_ascii=False)
    assert found.replaced["sg-node0001"] in gaps_of(found.snapshot)[0]["why"]


def test_a_diagnosis_of_an_anonymous_snapshot_names_what_was_refused() -> None:
    gap = {"what": "networkpolicies in shop", "why": "not allowed (Forbidden); grant list networkpolicies in shop"}
    found = anonymous(Snapshot({**default_lab(), "gaps": [gap]}))
    shop, web = found.replaced["shop"], found.replaced["web"]
    (unread,) = diagnose(found.snapshot, Question(service=f"{shop}/{web}"), ["10.1.2.3"]).unread

    assert unread == (f"networkpolicies in {shop}", f"not allowed (Forbidden); grant list networkpolicies in {shop}")
