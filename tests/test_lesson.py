"""What the notebooks call: it does what it says, and a slip of the fingers is answered in one sentence."""

import pytest

from drilllib import (
    CloudLesson,
    Direction,
    DrillError,
    InvalidInputError,
    InvalidRuleError,
    LabStateError,
    Lesson,
    MissingToolError,
    Question,
    UnknownNameError,
    diff,
    trace,
)

NODE, CLB = "sg-node0001", "sg-clb00001"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_LANG", "en")


def test_a_rehearsal_changes_nothing_here() -> None:
    """Trying out must be free: a change in the copy, by hand or by panel, stays there."""
    lesson = Lesson("healthy")
    rehearsal = lesson.rehearsal()
    rehearsal.replace(CLB)
    rehearsal.lab.close()

    assert lesson.trace().verdict == "reachable"


def test_the_first_blocker_is_named_until_there_is_none() -> None:
    """Running a repair cell twice is what learners do; it must not end in an IndexError."""
    lesson = Lesson("group-2")
    assert lesson.blocker().name == "node-a"
    lesson.insert(lesson.blocker(), "ACCEPT TCP 203.0.113.10 30713")

    with pytest.raises(LabStateError, match="Nothing blocks any more"):
        lesson.blocker()


def test_a_rule_goes_into_a_group_by_its_name_too() -> None:
    """The first thing people try."""
    lesson = Lesson("first-steps")
    lesson.insert(CLB, "ACCEPT TCP 203.0.113.10 80")

    assert lesson.trace().verdict == "reachable"


def test_replacing_makes_the_list_exactly_that() -> None:
    lesson = Lesson("group-2")
    lesson.replace(NODE, "ACCEPT TCP 203.0.113.10 30713")

    assert [rule.text for rule in lesson.lab.rules(NODE, Direction.INGRESS)] == ["ACCEPT TCP 203.0.113.10 30713"]
    assert "version 2" in lesson.version(NODE).text


def test_binding_order_is_shown_and_counts() -> None:
    lesson = Lesson("two-groups")
    assert lesson.trace().verdict == "unreachable"

    shown = lesson.bind("ins-nodea001", NODE, "sg-old00001").text

    assert "sg-node0001, sg-old00001" in shown
    assert lesson.trace().verdict == "reachable"
    assert "none" in lesson.bind("lb-lab00001").text


@pytest.mark.parametrize(("peer", "said"), [("203.0.113.10", "ACCEPT: "), ("198.51.100.77", "DROP: no rule matched")])
def test_a_group_can_be_asked_on_its_own(peer: str, said: str) -> None:
    """What a stranger would meet who goes past the CLB."""
    assert Lesson("healthy").decide(NODE, peer, 30713).text.startswith(said)


def test_the_tables_are_those_of_the_lab() -> None:
    """A newcomer reads them before anything else."""
    lesson = Lesson("healthy")

    assert lesson.kubectl_get_nodes().text.splitlines()[1].split() == ["node-a", "Ready", "10.0.35.11", "front"]
    assert lesson.kubectl_get_pods().text.splitlines()[1].split() == ["web-1", "Running", "10.0.36.12", "node-b"]
    assert lesson.load_balancers().text.splitlines()[1].split() == [
        *("lb-lab00001", "192.0.2.10", "HTTP:80", "10.0.35.11:30713", CLB),
    ]
    assert [line.split() for line in lesson.interfaces().text.splitlines()[1:4]] == [
        ["primary", "node-a", "10.0.35.11", NODE],
        ["primary", "node-b", "10.0.35.12", NODE],
        ["eni-podsb001", "node-b", "10.0.36.12", "sg-pod00001"],
    ]


@pytest.mark.parametrize(
    ("slip", "error", "remedy"),
    [
        (lambda lesson: lesson.replace(NODE, "ACCEPT TCP 203.0.113.10"), InvalidRuleError, "Write the port"),
        (lambda lesson: lesson.replace(NODE, "ACCEPT TCP 203.0.113.10:80"), InvalidRuleError, "fourth word"),
        (lambda lesson: lesson.replace(NODE, "ACCEPT TCP {client} 80"), InvalidRuleError, "f before the quotes"),
        (lambda lesson: lesson.replace(NODE, ["ACCEPT TCP 203.0.113.10 80"]), InvalidRuleError, "such as ACCEPT"),
        (lambda lesson: lesson.replace(NODE, "ACCEPT"), InvalidRuleError, "has 1 word"),
        (lambda lesson: lesson.insert("sg-nod", "ACCEPT TCP 203.0.113.10 80"), UnknownNameError, "sg-node0001"),
        (lambda lesson: lesson.insert(NODE, "ACCEPT TCP 203.0.113.10 80", at=99), InvalidInputError, "Use 0 to "),
        (lambda lesson: lesson.insert(NODE, "ACCEPT TCP 203.0.113.10 80", at=-1), InvalidInputError, "Use 0 to "),
        (lambda lesson: lesson.delete(NODE, 0, 99), InvalidInputError, "Place 99 is not in the list"),
        (lambda lesson: lesson.fix("203.0.113.10/24"), InvalidInputError, "Write 203.0.113.0/24"),
        (lambda lesson: lesson.decide("sg-nod", "203.0.113.10", 80), UnknownNameError, "sg-node0001"),
        (lambda lesson: lesson.decide(NODE, "203.0.113", 80), InvalidInputError, "Write one"),
        (lambda lesson: lesson.version("sg-nod"), UnknownNameError, "sg-node0001"),
        (lambda lesson: lesson.bind("node-a", NODE), UnknownNameError, "ins-nodea001"),
        (lambda lesson: lesson.lab.rules(NODE, "in"), InvalidInputError, "ingress or egress"),
        (lambda lesson: Lesson("group-9"), UnknownNameError, "group-1"),
        (lambda lesson: Lesson("healthy", listener="HTTPS"), InvalidInputError, "HTTP or TCP"),
    ],
)
def test_a_slip_of_the_fingers_is_one_sentence(slip, error: type, remedy: str) -> None:
    """The message has to say the thing, the value and the next move."""
    with pytest.raises(error, match=remedy):
        slip(Lesson("healthy"))


def test_listener_and_semantics_may_be_written_in_any_case() -> None:
    lesson = Lesson("group-2", listener="tcp", semantics="Original")

    assert lesson.trace().listener.protocol == "TCP"
    assert lesson.lab.snapshot().semantics.profile == "original"


def test_jupyter_shows_our_errors_without_the_way_through_our_code() -> None:
    """Forty lines of traceback hide the one sentence that helps."""
    interactiveshell = pytest.importorskip("IPython.core.interactiveshell", reason="IPython is not installed")
    shell = interactiveshell.InteractiveShell.instance()
    shown: list[str] = []
    shell._showtraceback = lambda etype, evalue, stb: shown.extend(stb)  # what every front end prints

    shell.run_cell("from drilllib import Lesson\nLesson('group-9')")

    assert len(shown) == 1
    assert shown[0].startswith("UnknownNameError: There is no example 'group-9'. Use one of")


def test_every_error_of_ours_can_be_shown_so() -> None:
    assert DrillError("a", remedy="b")._render_traceback_() == ["DrillError: a. b."]


def test_the_rules_of_a_group_can_be_kept_and_put_back() -> None:
    """Going back in lesson 05: what `rule_texts` says is what `replace` takes."""
    lesson = Lesson("history")
    before, saved = lesson.snapshot(), lesson.rule_texts(NODE)
    lesson.replace(NODE)
    assert lesson.rule_texts(NODE) == []

    lesson.replace(NODE, *saved)

    assert lesson.rule_texts(NODE) == saved
    assert not diff(before, lesson.snapshot())


def test_a_probe_meets_what_the_trace_says() -> None:
    """Lesson 07 compares the two."""
    lesson = Lesson("group-2")

    assert lesson.probe().symptom == lesson.trace().symptom


def test_a_lesson_can_begin_in_any_state_of_its_lab() -> None:
    """A rehearsal does, and a learner who goes on with a saved snapshot."""
    first = Lesson("group-2")
    first.insert(first.blocker(), "ACCEPT TCP 203.0.113.10 30713")

    again = Lesson("group-2", start=first.snapshot())

    assert again.trace().verdict == "reachable"
    assert again.rule_texts(NODE) == first.rule_texts(NODE)


def test_a_block_without_a_group_takes_no_rule() -> None:
    """A closed port is no security group's doing; the cell said AttributeError once."""
    lesson = Lesson("healthy")
    closed = trace(lesson.snapshot(), Question(client=lesson.question.client, service="shop/web", port=81)).blockers[0]

    with pytest.raises(InvalidInputError, match="No security group blocks at lb-lab00001"):
        lesson.insert(closed, "ACCEPT TCP 203.0.113.10 81")


def test_a_kernel_without_a_package_of_the_cloud_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lesson 08 needs packages that the other lessons do not."""
    monkeypatch.setattr("drilllib.lesson.cloud.PACKAGES", ("kubernetes_of_nobody",))

    with pytest.raises(MissingToolError, match="no package kubernetes_of_nobody"):
        CloudLesson()
