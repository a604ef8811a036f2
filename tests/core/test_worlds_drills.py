"""A drill's file: what is wrong in one is said in one line with its place, and the docs name all that one can say."""

import re
from pathlib import Path
from typing import Any

import pytest

import drilllib
from drilllib.core.drills.worlds.bases import BASES
from drilllib.core.drills.worlds.drill import ALSO, LANGUAGES, PLACEHOLDERS, Drill, Entry
from drilllib.core.drills.worlds.edits import EDITS, possible
from drilllib.core.drills.worlds.make import Making, make_world
from drilllib.documents import yaml_document
from drilllib.errors import InvalidInputError
from drilllib.practice.authored import told_in_ticket
from drilllib.practice.library import drill, names

DOCS = (Path(drilllib.__file__).parents[1] / "docs/practice.md").read_text(encoding="utf-8")
TICKET = {"title": "{app}", "texts": ["{client} asks {url}"]}


def document(**fields: Any) -> dict[str, Any]:
    fine = {"schema": "drilllib/drill/1", "name": "mine", "category": "own", "base": "node-port"}
    return {**fine, "faults": [{"edit": "below-drop"}], "ticket": {"en": TICKET, "zh": TICKET}, **fields}


def test_one_choice_may_stand_for_a_list_and_what_is_left_out_has_a_default() -> None:
    found = Drill.from_document(document(faults=[{"edit": "below-drop", "where": "node"}]))

    assert found.faults == (Entry(("below-drop",), ("node",)),)
    assert (found.bases, found.listeners, found.requests) == (("node-port",), ("HTTP", "TCP"), ("served",))
    assert (found.also, found.levels, found.titles["zh"]) == (ALSO, (1, 2, 3), "{app}")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"schema": "drilllib/drill/2"}, "drill.schema is 'drilllib/drill/2'. Write drilllib/drill/1."),
        ({"name": "My Drill"}, "drill.name is 'My Drill'. Use words in small letters."),
        ({"name": 3}, "drill.name is 3"),
        ({"colour": "red"}, "drill is 'colour'. Use schema, name"),
        ({"base": "nodeport"}, "drill.base is 'nodeport'. Use node-port, every-node"),
        ({"base": []}, "drill.base is []. Name a base."),
        ({"listener": "HTTPS"}, "drill.listener is 'HTTPS'. Use HTTP, TCP, UDP."),
        ({"request": "stranded"}, "drill.request is 'stranded'. Use served, stranger"),
        ({"levels": [4]}, "drill.levels is 4. Use 1, 2, 3."),
        ({"faults": None}, "drill has no faults. Add it; docs/practice.md lists the fields of a drill."),
        ({"faults": [{"where": "node"}]}, "drill.faults[0] has no edit. Add it"),
        ({"faults": ["below-drop"]}, "drill.faults[0] is 'below-drop'"),
        ({"faults": [{"edit": "above-drop"}]}, "drill.faults[0].edit is 'above-drop'. Use wrong-source"),
        ({"faults": [{"edit": []}]}, "drill.faults[0].edit is []. Name an edit."),
        ({"faults": [{"edit": "below-drop", "at": "x"}]}, "drill.faults[0] is 'at'. Use edit, where, way."),
        ({"base": ["pod-to-pod", "node-port"]}, "drill.base is ['pod-to-pod', 'node-port']. Name bases of one kind"),
        ({"base": "pod-to-pod", "also": [{"edit": "below-drop", "where": "clb"}]}, "drill.also[0].where is 'clb'. Use"),
        ({"also": [{"edit": "closed-egress", "where": "pod"}]}, "drill.also[0].where is 'pod'. Use node."),
        ({"ticket": {"en": TICKET}}, "drill.ticket has no zh. Add it"),
        ({"ticket": {"en": TICKET, "zh": {**TICKET, "texts": []}}}, "drill.ticket is [1, 0]. Write as many texts"),
        (
            {"ticket": {"en": {**TICKET, "texts": ["{group} drops"]}, "zh": TICKET}},
            "drill.ticket.en.texts[0] is 'group'. Use client, url",
        ),
    ],
)
def test_what_is_wrong_in_a_drill_is_said_in_one_line_with_its_place(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        Drill.from_document(document(**fields))

    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_a_fault_that_fits_no_base_and_a_level_that_is_not_played_are_errors() -> None:
    """Which of them do depends on what is drawn, so that this is said when a world is made."""
    misfit = Drill.from_document(document(base="direct-access", faults=[{"edit": "below-drop", "where": "node"}]))
    with pytest.raises(InvalidInputError, match=r"^mine.faults\[0\] fits no world on its base"):
        make_world(misfit, 1, 1)
    with pytest.raises(InvalidInputError, match=r"^The level of mine is 3\. Use 1, 2"):
        make_world(Drill.from_document(document(levels=[1, 2])), 1, 3)


@pytest.mark.parametrize("name", names())
def test_a_drill_is_called_as_its_file(name: str) -> None:
    assert drill(name).name == name


@pytest.mark.parametrize("name", names())
def test_a_ticket_is_filled_in_and_says_whom_the_service_is_for(name: str) -> None:
    """Whether a client is one of them is the only way to tell a world where nothing is wrong."""
    for seed in range(4):
        world = make_world(drill(name), seed, 2)
        assert told_in_ticket(world) == ()
        for language in ("en", "zh"):
            told = " ".join(world.ticket[language].values())
            assert all(each in told for each in (*world.served, world.question.client)), told
            assert not re.search(r"[{}]|\bsg-|\beni-", told)
            assert language == "en" or not re.search(r"[，。；：、] ", told), told


def table(head: str) -> str:
    """The table of the page that has this head."""
    return DOCS.partition(f"\n| {head} |")[2].partition("\n\n")[0]


def test_the_docs_name_every_base_edit_and_placeholder() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table("base"), re.MULTILINE)) == {*BASES}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table("edit"), re.MULTILINE)) == {*EDITS}
    assert all(f"`{{{each}}}`" in DOCS for each in PLACEHOLDERS)
    example = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)[0]
    assert make_world(Drill.from_document(yaml_document(example, "docs")), 1, 3).causes


def test_the_docs_name_the_places_and_ways_of_every_edit() -> None:
    told = {
        edit: ({*where.split(", ")} - {""}, {*ways.split(", ")} - {""})
        for edit, where, ways in re.findall(
            r"^\| `([a-z-]+)` \| ([a-z, -]*?) ?\| ([a-z, -]*?) ?\|.*\|$", table("edit"), re.MULTILINE
        )
    }
    found: dict[str, tuple[set[str], set[str]]] = {name: (set(), set()) for name in EDITS}
    for base in BASES:
        for protocol in ("HTTP", "TCP", "UDP"):
            mine = Drill.from_document(document(base=base, listener=protocol, faults=[]))
            for fault in (each for seed in range(3) for each in possible(Making(mine, seed, 2).scene)):
                found[fault.edit][0].add(fault.where)
                found[fault.edit][1].add(fault.way)

    assert told == {name: (places - {""}, ways - {""}) for name, (places, ways) in found.items()}


def test_a_ticket_with_nothing_wrong_has_the_words_of_another_one() -> None:
    """Title and text in both languages stand in some drill with a fault, too: words tell nothing."""
    ours, others = drill("nothing-wrong"), [drill(name) for name in names() if name != "nothing-wrong"]
    for language in LANGUAGES:
        assert any(ours.titles[language] == each.titles[language] for each in others)
        told = {text for each in others for text in each.texts[language]}
        assert set(ours.texts[language]) <= told
    assert len(ours.texts["en"]) >= 6
