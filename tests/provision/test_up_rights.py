"""The printed rights are enough for `drill up` and `drill down`, and each of them is needed."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drilllib.cloud.kube.rbac import Rights
from drilllib.cloud.tencent.cam import Policy
from drilllib.errors import DrillError
from drilllib.provision import rights
from drilllib.provision.parts import Kind
from tests.provision.playing import Play
from tests.thorough import how_many

WAITING = "cvm:DescribeSecurityGroupAssociationStatistics"  # tells how long to wait, which the local cloud never takes
OF_THE_NAMESPACE = ("list *", "delete namespaces")  # what only the end of the namespace takes
ALTERNATIVES = {"vpc:DescribeSubnet", "vpc:DescribeSubnetEx"}  # two spellings of one right


def granted(play: Play, *, without: str = "", everything: bool = True) -> None:
    """Grant the printed rights, all but one: an action of CAM, or a verb and a resource; *everything*: to list all."""
    cam = json.loads(rights.cam_text())
    cam["statement"][0]["action"] = [
        each for each in cam["statement"][0]["action"] if not {each, without} <= ALTERNATIVES and each != without
    ]
    role: dict[str, Any] = rights.role()
    role["rules"] = [
        {**rule, "resources": [resource], "verbs": [verb]}
        for rule in role["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        if f"{verb} {resource}" != without and (everything or rule != rights.EVERYTHING)
    ]
    play.tencent.rights, play.kube.rights = Policy.of(cam), Rights([role])


def every_right() -> Iterator[str]:
    yield from rights.CAM_ACTIONS
    for rule in rights.role()["rules"]:
        yield from (f"{verb} {resource}" for resource in rule["resources"] for verb in rule["verbs"])


def test_the_printed_rights_are_enough(tmp_path: Path) -> None:
    """Whoever has them and nothing else makes the drill and removes it."""
    play = Play()
    before = play.looks()
    granted(play)
    play.up(tmp_path)

    assert play.down(tmp_path).left == []
    assert play.looks() == before


RIGHTS = tuple(every_right())


@pytest.mark.parametrize("right", RIGHTS[:: how_many(6, thorough=2, long=1)])
def test_without_one_right_it_stops_with_a_line_and_nothing_is_lost(tmp_path: Path, right: str) -> None:
    """Nothing but errors made on purpose; once it is granted, `drill down` leaves nothing."""
    play = Play()
    before = play.looks()
    granted(play, without=right)
    with contextlib.suppress(DrillError):
        play.up(tmp_path)
    with contextlib.suppress(DrillError):
        play.down(tmp_path)
    granted(play)

    assert play.down(tmp_path).left == []
    assert play.looks() == before


def test_no_printed_right_is_unused(tmp_path: Path) -> None:
    """Without any one of CAM's, or of those to the cluster, something is refused that is not without."""
    without_all = stays(Play(), tmp_path / "all", "")
    unused = []
    for number, right in enumerate(every_right()):
        found = stays(Play(), tmp_path / str(number), right)
        if found == ([] if right in OF_THE_NAMESPACE else without_all):
            unused.append(right)

    assert unused == [WAITING]


def stays(play: Play, folder: Path, without: str) -> list[str] | None:
    """What stays, and why, without that right; so that it is the narrow ones that are tried, without the wide one."""
    granted(play, without=without, everything=without in OF_THE_NAMESPACE)
    try:
        play.up(folder)
        return [f"{each.name}: {each.why}" for each in play.down(folder).left]
    except DrillError:
        return None


def test_without_the_right_to_list_everything_the_namespace_stays(tmp_path: Path) -> None:
    """All else is made and removed, the Service and the Deployment too; the owner deletes it, or grants the right."""
    play = Play()
    granted(play, everything=False)
    play.up(tmp_path)
    (left,) = play.down(tmp_path).left
    (path,) = tmp_path.glob("*.jsonl")

    assert (left.kind, left.name) == (Kind.NAMESPACE, "shop")
    assert "what else is in it was not told" in str(left.why)
    assert [each.kind for each in play.marked()] == [Kind.NAMESPACE]
    assert '["Deployment", "shop"' not in play.looks()
    assert '["Service", "shop"' not in play.looks()
    assert "closed" not in path.read_text(encoding="utf-8")
    granted(play)
    assert play.down(tmp_path).left == []
    assert play.looks() == Play().looks()
