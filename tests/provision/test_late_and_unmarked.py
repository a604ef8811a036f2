"""What is seen late, or has lost its mark, is not taken for gone: the journal of a drill is closed only on what is."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from drilllib.provision import inventory, parts
from drilllib.provision.parts import Kind
from drilllib.provision.remove import LATE_S, Remover
from tests.provision.playing import CLUSTER, KilledError, Play
from tests.thorough import thorough

VERY_LATE_S = 60.0  # far more than `clients.WAITS_S` together
WRITES = ("CreateSecurityGroupWithPolicies", "UpdateAddon", "CreateNodePool")


def is_closed(folder: Path) -> bool:
    (path,) = folder.glob("*.jsonl")
    return '"line": "closed"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("number", [1, pytest.param(2, marks=thorough)])
def test_killed_after_a_write_that_is_seen_a_minute_later(tmp_path: Path, write: str, number: int) -> None:
    """The first `drill down` removes it all the same, and closes the journal on nothing that is there."""
    play = Play()
    before, done = play.looks(), []

    def hook(_: int, name: str) -> str:
        done.extend([name] if name == write else [])
        if name != write or len(done) != number:
            return ""
        play.faults.set("late", write, times=1, seconds=VERY_LATE_S)
        return "killed after"

    play.hook = hook
    with suppress(KilledError):
        play.up(tmp_path)
    play.hook = lambda number, name: ""
    report = play.down(tmp_path)
    play.waited_s += LATE_S

    assert (report.left, is_closed(tmp_path)) == ([], True)
    assert play.looks() == before


def test_nobody_waits_for_what_was_begun_long_ago(tmp_path: Path) -> None:
    """A pool that was never made, a day later: `drill down` looks as often as for any other."""
    play = Play()
    play.hook = lambda number, name: "killed" if name == "CreateNodePool" else ""
    with suppress(KilledError):
        play.up(tmp_path)
    play.hook = lambda number, name: ""
    play.waited_s += 24 * 3600
    begun = play.waited_s

    assert play.down(tmp_path).left == []
    assert play.waited_s - begun < VERY_LATE_S


def of_group(document: dict[str, Any], name: str, marks: Any) -> Any:
    """Somebody, or a policy of tags, sets the tags of a group; gives those of before."""
    row = document["security_groups"][name]
    before, row["TagSet"] = row["TagSet"], marks
    return before


def of_pool(document: dict[str, Any], name: str, marks: Any) -> Any:
    """The same of a pool of nodes, which goes on being charged for."""
    (row,) = [each for each in document["node_pools"] if each["NodePoolId"] == name]
    before, row["Tags"] = row["Tags"], marks
    return before


def of_namespace(document: dict[str, Any], name: str, marks: Any) -> Any:
    """The same of the labels of a namespace."""
    (item,) = [each for each in document["kubernetes"] if each["metadata"].get("uid") == name]
    before, item["metadata"]["labels"] = item["metadata"]["labels"], marks
    return before


MARKS: dict[Kind, tuple[Callable[[dict[str, Any], str, Any], Any], Any]] = {
    Kind.GROUP: (of_group, []),
    Kind.POOL: (of_pool, []),
    Kind.NAMESPACE: (of_namespace, {}),
}


@pytest.mark.parametrize("kind", MARKS)
def test_what_lost_its_mark_and_is_there_is_told(tmp_path: Path, kind: Kind) -> None:
    """By the id that the journal has; it stays, the journal stays open, and with the mark again all goes."""
    play = Play()
    before = play.looks()
    play.up(tmp_path)
    part = [each for each in inventory.everything(play.clients()) if each.kind is kind][-1]
    mark, nothing = MARKS[kind]
    with play.state.writing(settled=True) as document:
        marks = mark(document, part.id, nothing)
    left = {each.name: str(each.why) for each in play.down(tmp_path).left}

    assert left[part.name] == f"{part.id} is there, and has the drill's mark no more"
    assert not is_closed(tmp_path)
    with play.state.writing(settled=True) as document:
        mark(document, part.id, marks)
    assert play.down(tmp_path).left == []
    assert play.looks() == before


def test_a_group_without_its_mark_is_not_forgotten_in_the_add_on(tmp_path: Path) -> None:
    """Group 3 lost its tags: the list of the whole cluster has it, which is told; taken out by hand, all is well."""
    play = Play()
    play.up(tmp_path)
    (pod,) = [each for each in inventory.groups(play.clients()) if each.role == "pod"]
    with play.state.writing(settled=True) as document:
        of_group(document, pod.id, [])
    left = {each.name: str(each.why) for each in play.down(tmp_path).left}

    assert left[parts.ADD_ON] == f"its list still has {pod.id}: take it out by hand"
    assert not is_closed(tmp_path)
    play.clients().write(parts.setting_call(CLUSTER, None))
    with play.state.writing(settled=True) as document:
        del document["security_groups"][pod.id]
    assert play.down(tmp_path).left == []
    assert is_closed(tmp_path)
    assert play.looks() == Play().looks()


def test_a_group_that_is_not_there_is_told_without_a_journal(tmp_path: Path) -> None:
    """Somebody removed group 3, and the add-on still gives it to new pods: no mark leads there any more."""
    play = Play()
    drill = play.up(tmp_path)
    (pod,) = [each for each in inventory.groups(play.clients()) if each.role == "pod"]
    with play.state.writing(settled=True) as document:
        del document["security_groups"][pod.id]
    report = Remover(play.clients(), drill, [CLUSTER], None).remove()

    assert [str(each.why) for each in report.left] == [f"its list still has {pod.id}: take it out by hand"]
