"""An investigation: nothing tells the cause before the learner has, and a wrong statement gives nothing away."""

import pytest

from drilllib import InvalidInputError, Investigation, LabStateError
from drilllib.core.drills.diagnosis import CAUSES
from drilllib.lesson.labs import no_real_packets
from drilllib.views.phrases.catalog import LANGUAGES

CLB = "sg-clb00001"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_LANG", "en")
    monkeypatch.delenv("DRILL_HEADLESS", raising=False)
    monkeypatch.delenv("DRILL_SOLVE", raising=False)


def telling(lesson: Investigation) -> list[str]:
    return [each().text for each in (lesson.picture, lesson.explain, lesson.fix)]


@pytest.mark.parametrize("fault", ["original-drill", "case-1", "case-2", "case-3"])
def test_the_check_of_a_repair_does_not_tell_what_stops_the_client(fault: str) -> None:
    """Else it would be asked first. That something was opened too wide is told all the same."""
    lesson = Investigation(fault, seed=28)
    lesson.insert("sg-node0001", "ACCEPT TCP 198.51.100.0/24 22")
    html = lesson.verify()._repr_mimebundle_()["text/html"]

    for told in (lesson.verify().text, html):
        assert "203.0.113" in told
        assert "198.51.100" in told
        assert not any(word in told for word in ("DROP by", "no rule matched", "no ready endpoint", "nothing listens"))


def test_what_would_tell_the_cause_waits_for_the_learner() -> None:
    lesson = Investigation("case-1")

    assert all("This would tell the cause" in text for text in telling(lesson))
    with pytest.raises(LabStateError, match="State yours first"):
        lesson.blocker()

    assert "✗" in lesson.diagnose("group-3").text
    assert all("This would tell the cause" in text for text in telling(lesson))

    assert "✓ That is it" in lesson.diagnose("group-2", seen="clb").text
    assert "TARGET_GROUP_DROPPED" in lesson.picture().text
    assert lesson.blocker().name == "node-a"


def test_each_further_cause_waits_for_its_own_statement() -> None:
    """After the first repair, the picture shows the next culprit only to who has found it."""
    lesson = Investigation("original-drill")
    lesson.diagnose("group-1")
    assert all("This would tell the cause" in text for text in telling(lesson)), "two more stand behind it"
    lesson.replace("sg-clb00001", "ACCEPT TCP 203.0.113.10 80")

    assert all("This would tell the cause" in text for text in telling(lesson))
    lesson.diagnose("group-2")
    lesson.replace("sg-node0001", "ACCEPT TCP 203.0.113.10 30713")
    lesson.diagnose("group-3")

    assert "POD_GROUP_DROPPED" in lesson.picture().text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", [1, 2, 3])
def test_a_wrong_statement_does_not_name_the_right_one(case: int, language: str, monkeypatch) -> None:
    monkeypatch.setenv("DRILL_LANG", language)
    lesson = Investigation(f"case-{case}")
    wrong = {cause: text for cause in CAUSES if "✗" in (text := lesson.diagnose(cause).text)}
    (right,) = set(CAUSES) - set(wrong)

    assert all(right not in text for text in wrong.values())
    assert len(set(wrong.values())) == len(wrong)


def test_an_unfinished_line_says_what_can_be_stated() -> None:
    lesson = Investigation("case-1")

    for unfinished in (lesson.diagnose(), lesson.diagnose(...), lesson.diagnose("group-2", seen=...)):
        assert "Nothing was stated yet" in unfinished.text
        assert all(cause in unfinished.text for cause in CAUSES)
        assert "client, clb, node-a, node-b, web-1" in unfinished.text


def test_where_nothing_is_captured_no_host_is_asked_for() -> None:
    """Lesson 04 has no tool for it."""
    unfinished = Investigation("original-drill").diagnose(...).text

    assert all(cause in unfinished for cause in CAUSES)
    assert "captured" not in unfinished


@pytest.mark.parametrize("variable", ["DRILL_HEADLESS", "DRILL_SOLVE"])
def test_where_nobody_sits_the_solution_is_put_in_and_said_so(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    lesson = Investigation("case-1")

    assert "the answer is put in: group-2, seen=clb" in lesson.diagnose(..., seen=...).text
    assert "✗" in lesson.diagnose("group-3").text, "what is stated is judged as ever"


def test_an_unfinished_capture_names_the_hosts() -> None:
    assert "client, clb, node-a, node-b, web-1" in Investigation("case-1").watch(...).text
    assert "real packets" in Investigation("case-1").watch("client").text


def test_where_nothing_blocks_there_is_nothing_to_state() -> None:
    lesson = Investigation("healthy")

    assert "Nothing stops the packet" in lesson.diagnose().text
    assert "reachable" in lesson.explain().text


def test_a_case_that_is_none_is_said_so() -> None:
    with pytest.raises(InvalidInputError, match="Use 1, 2 or 3"):
        Investigation("case-x")


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("semantics", ["documented", "original"])
def test_the_one_way_that_is_scripted_repairs_lesson_04(listener: str, semantics: str) -> None:
    lesson = Investigation("original-drill", listener=listener, semantics=semantics, solve=True)
    stated = []
    for _ in range(3):
        stated.append(lesson.diagnose(...).text)
        assert "put in" in lesson.insert("sg-...", "ACCEPT ...", at=...).text

    assert [cause for text in stated for cause in CAUSES if f": {cause}" in text] == ["group-1", "group-2", "group-3"]
    assert lesson.verify().passed


def test_a_learner_names_the_group_too() -> None:
    lesson = Investigation("original-drill")
    before = lesson.snapshot().to_dict()

    assert "still to be written" in lesson.insert("sg-...", "ACCEPT TCP 203.0.113.10 80").text
    assert lesson.snapshot().to_dict() == before
    lesson.insert(CLB, "ACCEPT TCP 203.0.113.10 80")
    assert lesson.probe().symptom.status == 504


def test_a_seed_may_be_a_text() -> None:
    """As `drill run -p seed=28` gives it."""
    by_text, by_number = (Investigation("case-3", seed=seed).snapshot().to_dict() for seed in ("28", 28))
    assert by_text == by_number
    with pytest.raises(InvalidInputError, match="Use a whole number"):
        Investigation("case-3", seed="many")


@pytest.mark.parametrize("kind", ["simulated", "netns"])
def test_one_may_look_from_elsewhere_too(kind: str) -> None:
    if kind == "netns" and no_real_packets():
        pytest.skip(f"no real packets here: {no_real_packets()}")
    lesson = Investigation("group-2", lab=kind)

    assert "504 Gateway Time-out" in lesson.curl().text
    elsewhere = lesson.curl("198.51.100.7").text
    assert elsewhere.startswith("[198.51.100.7] $ curl -I http://192.0.2.10\ncurl: (")
    assert "504 Gateway Time-out" in lesson.curl("203.0.113.99").text
    with pytest.raises(InvalidInputError):
        lesson.curl("nowhere")
    lesson.close()
