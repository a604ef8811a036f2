"""Two drills that are made at the same time stop before they share the add-on, or the cluster."""

import contextlib
import dataclasses
from pathlib import Path

import pytest

from drilllib.errors import DrillError
from drilllib.guard.journal import Journal
from drilllib.provision.make import Maker
from drilllib.provision.prepare import prepared
from tests.provision.playing import WHERE, WISH, Play
from tests.provision.test_others_things import foreign


def test_two_drills_that_begin_at_the_same_time_stop_before_they_share_the_add_on(tmp_path: Path) -> None:
    """Each sees the other's groups; after both are removed nothing is left."""
    play, other = Play(), tmp_path / "other"
    before = play.looks()

    def hook(number: int, name: str) -> str:
        if name == "CreateSecurityGroupWithPolicies":
            play.hook = lambda number, name: ""
            clients = play.clients()
            second = dataclasses.replace(site, drill="0f0f0f0f")
            with Journal.create(other, "up", drill=second.drill, **WHERE) as journal, contextlib.suppress(DrillError):
                Maker(clients, second, journal).make()
        return ""

    site = prepared(play.clients(), WISH, play.now())
    play.hook = hook
    with (
        Journal.create(tmp_path, "up", drill=site.drill, **WHERE) as journal,
        pytest.raises(DrillError, match="The drill 0f0f0f0f was begun at the same time"),
    ):
        Maker(play.clients(), site, journal).make()
    assert [play.down(folder).left for folder in (tmp_path, other)] == [[], []]
    assert play.looks() == before


def test_a_drill_that_is_seen_only_after_the_add_on_is_set_stops_the_other(tmp_path: Path) -> None:
    """Lists were late on two machines: before anything is written into the cluster each looks once more."""
    play = Play()

    def hook(number: int, name: str) -> str:
        if name == "CreateNodePool":
            play.hook = lambda number, name: ""
            with play.state.writing() as document:
                document["security_groups"]["sg-others01"] = foreign("sg-others01", "0f0f0f0f")
        return ""

    play.hook = hook
    with pytest.raises(DrillError, match="The drill 0f0f0f0f was begun at the same time"):
        play.up(tmp_path)
    assert '"shop"' not in play.looks()
    assert play.down(tmp_path).left == []
