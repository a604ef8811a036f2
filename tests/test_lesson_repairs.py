"""A lesson's repair as a notebook shows it: what is left to write, what fills it in, and the check at the end."""

from contextlib import suppress
from random import Random

import pytest

from drilllib import DrillError, InvalidInputError, Lesson, UnknownNameError
from drilllib.core.drills.faults import FAULTS
from drilllib.core.drills.intents import INTENTS
from drilllib.views.repair_page import repair_html
from tests.core.repair_tables import CLB, NODE, OPEN, POD

RIGHT = "ACCEPT TCP 203.0.113.10 30713"


@pytest.fixture(autouse=True)
def learner(monkeypatch: pytest.MonkeyPatch) -> None:
    """English, and somebody who writes the rules."""
    monkeypatch.setenv("DRILL_LANG", "en")
    for name in ("DRILL_SOLVE", "DRILL_HEADLESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("line", ["ACCEPT ...", "...", "ACCEPT TCP … 30713", "ACCEPT TCP ___ 30713", ...])
def test_a_rule_that_is_not_written_yet_changes_nothing_and_is_no_error(line: str) -> None:
    """A traceback at the place where a learner is meant to think is the last thing they need."""
    lesson = Lesson("group-2")
    before = lesson.rule_texts(NODE)

    assert "still to be written" in lesson.insert(NODE, line).text
    assert "still to be written" in lesson.insert(NODE, RIGHT, at=...).text
    assert "still to be written" in lesson.move(NODE, 3, to=...).text
    assert lesson.rule_texts(NODE) == before
    assert not lesson.verify().passed


def test_a_written_rule_is_put_where_the_learner_says() -> None:
    lesson = Lesson("group-2")
    lesson.insert(NODE, RIGHT, at=2)

    assert lesson.rule_texts(NODE)[2] == RIGHT
    assert lesson.verify().passed
    assert "already" in lesson.insert(NODE, "ACCEPT ...").text


def test_a_rule_that_is_there_already_is_told_in_words_and_lesson_02_goes_on() -> None:
    """The ticket allows the block, so a learner appends what is at [3]; the next step moves the last rule up."""
    lesson = Lesson("group-2")
    before, bottom = lesson.rule_texts(NODE), len(lesson.rule_texts(NODE))

    said = lesson.insert(NODE, "ACCEPT TCP 203.0.113.0/24 30713", at=bottom).text

    assert "at [3]" in said
    assert "nothing was changed" in said
    assert "DuplicatePolicy" in said
    assert "below [2] DROP ALL 0.0.0.0/0 ALL" in said
    assert lesson.rule_texts(NODE) == before
    lesson.move(NODE, len(lesson.rule_texts(NODE)) - 1, to=0)
    assert lesson.verify().passed
    assert "below" not in lesson.insert(NODE, before[3]).text


def test_a_rule_can_be_moved() -> None:
    """Above the DROP is where lesson 02's rule belongs."""
    lesson = Lesson("group-2")
    lesson.move(NODE, 3, to=0)

    assert lesson.rule_texts(NODE)[:2] == ["ACCEPT TCP 203.0.113.0/24 30713", "ACCEPT TCP 203.0.113.0/24 80"]
    assert lesson.verify().passed
    with pytest.raises(InvalidInputError, match="Place 9 is not in the list"):
        lesson.move(NODE, 0, to=9)


@pytest.mark.parametrize("how", ["DRILL_SOLVE", "DRILL_HEADLESS", "solve"])
def test_a_run_without_a_learner_puts_the_reference_in_and_says_so(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`drill run` and the stored notebooks go on to the end; a learner's own run never does by itself."""
    if how != "solve":
        monkeypatch.setenv(how, "1")
    lesson = Lesson("group-2", solve=True if how == "solve" else None)

    assert lesson.insert(NODE, "ACCEPT ...", at=...).text.startswith("Nobody here to write it")
    assert lesson.rule_texts(NODE)[0] == RIGHT
    assert lesson.verify().passed


def begin(lesson: Lesson, fault: str) -> None:
    """What lessons 05 and 06 have done when they ask for the rule that is missing."""
    if fault == "two-groups":
        lesson.bind("ins-nodea001", NODE, "sg-old00001")
        lesson.replace(NODE)
    elif fault == "history":
        admitted = ("198.51.100.0/25", lesson.client_block)
        rules = (f"ACCEPT TCP {block} 30713" for block in admitted)
        lesson.replace(NODE, "DROP TCP 198.51.100.64/26 30713", *rules)


@pytest.mark.parametrize("semantics", ["documented", "original"])
@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("fault", [name for name, each in INTENTS.items() if each.reference])
def test_every_reference_repair_passes(fault: str, listener: str, semantics: str) -> None:
    """For another client too: the intent's texts are about whoever asks."""
    lesson = Lesson(fault, listener=listener, semantics=semantics, client="198.18.7.42", solve=True)
    begin(lesson, fault)
    partner_is_served = (fault, semantics) != ("history", "original")  # there no pod admits what it sees of the partner
    assert lesson.verify().passed is not partner_is_served

    for group_id in dict.fromkeys(each.group for each in INTENTS[fault].reference):
        lesson.insert(group_id, "ACCEPT ...", at=...)

    assert lesson.verify().passed, lesson.verify().text


@pytest.mark.parametrize("client", ["203.0.113.10", "198.51.100.9", "198.51.100.70", "8.8.8.8"])
def test_the_last_state_of_lesson_06_passes_whoever_asks(client: str) -> None:
    """Also who is in the partner's own block, of which a part was reported."""
    lesson = Lesson("history", client=client)
    accepted = [f"ACCEPT TCP {block} 30713" for block in ("198.51.100.0/24", lesson.client_block)]
    lesson.replace(NODE, "DROP TCP 198.51.100.64/26 30713", *dict.fromkeys(accepted))

    assert lesson.verify().passed, lesson.verify().text


PEERS = ("203.0.113.10", "0.0.0.0/0", "::/0", "10.0.0.0/8", NODE, "ipm-unread01", "100.64.0.0/10", "192.0.2.10")
PORTS = ("ALL", "80", "30713", "1-65535", "22,80,443")


@pytest.mark.parametrize("seed", range(40))
def test_no_repair_makes_the_check_fail_itself(seed: int) -> None:
    """Whatever a learner writes, they get a check with words, and never an error."""
    random = Random(seed)
    lesson = Lesson(random.choice([*FAULTS]), listener=random.choice(("HTTP", "TCP")))
    for _ in range(random.randint(1, 8)):
        protocol, action = random.choice(("TCP", "UDP", "ALL", "ICMP")), random.choice(("ACCEPT", "DROP"))
        port = random.choice(PORTS) if protocol in ("TCP", "UDP") else "ALL"
        with suppress(DrillError):  # the same rule twice
            lesson.insert(random.choice((CLB, NODE, POD)), f"{action} {protocol} {random.choice(PEERS)} {port}")
    if seed % 3 == 0:
        lesson.bind(random.choice(("lb-lab00001", "ins-nodea001", "eni-podsb001")))

    bundle = lesson.verify()._repr_mimebundle_()

    assert len(bundle["text/plain"].splitlines()) >= 5


def test_a_rehearsal_is_verified_by_itself() -> None:
    lesson = Lesson("first-steps")
    copy = lesson.rehearsal()
    copy.insert(CLB, "ACCEPT TCP 203.0.113.0/24 80")

    assert copy.verify().passed
    assert not lesson.verify().passed


def test_a_blank_in_a_group_that_is_not_there_is_said() -> None:
    with pytest.raises(UnknownNameError, match="sg-node0001"):
        Lesson("group-2").insert("sg-nod", "ACCEPT ...")


def test_the_check_says_which_packet_gets_in_and_by_which_rule() -> None:
    lesson = Lesson("group-2")
    lesson.insert(NODE, OPEN)

    assert lesson.verify().text.splitlines() == [
        "Not yet",
        "  ✓ 203.0.113.10 can use shop/web (192.0.2.10:80), whichever node of 10.0.35.0/24 forwards",
        "  ✓ target health: ins-nodea001:30713 Alive",
        "  ✓ through the CLB, nobody else gets in, and no security group is left unasked",
        "  ✗ at CLB, node-a, node-b, web-1, each by itself: nothing more is let in than this drill intends",
        "      TCP 198.51.100.7 → node-a 10.0.35.11:22 gets in",
        "      ACCEPT: sg-node0001 ingress[0] ACCEPT ALL 0.0.0.0/0 ALL",
    ]
    assert repr(lesson.verify()) == lesson.verify().text


@pytest.mark.parametrize(("language", "word"), [("en", "FAILS"), ("zh", "不成立")])
def test_the_page_says_by_words_what_its_colours_say(language: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read aloud, and without styles, it must still be clear which line fails."""
    monkeypatch.setenv("DRILL_LANG", language)
    lesson = Lesson("group-3")
    lesson.insert(POD, "ACCEPT TCP 10.0.35.11 80")

    bundle = lesson.verify()._repr_mimebundle_()

    page = bundle["text/html"]
    assert page.count(f'<span class="drill-repair-word">{word}: </span>') == 1
    assert page.count("<li ") == page.count("</li>") == 4
    assert "TCP 10.0.35.12 → web-1 10.0.36.12:80" in page
    assert f'lang="{ {"zh": "zh-CN"}.get(language, language) }"' in page
    assert all(line.strip(" ✓✗") in page for line in bundle["text/plain"].splitlines())


def test_hostile_names_stay_text_on_the_page() -> None:
    """A stranger's snapshot can be a lesson's start."""
    lesson = Lesson("healthy")
    document = lesson.snapshot().to_dict()
    document["instances"][0]["InstanceName"] = "<script>alert(1)</script>"
    document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "Node"]
    started = Lesson("healthy", start=type(lesson.snapshot())(document))

    assert "<script" not in repair_html(started.verify().check, "en")
