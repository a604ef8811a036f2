"""The journal is on disk before anything is written, and whatever a crash leaves of it can be read."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drilllib.core.capture.asks import CloudCall
from drilllib.errors import DrillError, InvalidInputError, LabStateError, UnknownNameError
from drilllib.guard import journals
from drilllib.guard.journal import Journal, default_folder, stamp
from tests.guard.guarding import IN, NODE, Place, rules

WANTED = rules("ACCEPT TCP 203.0.113.0/24 30080")


def listed(group: str) -> dict[str, Any]:
    """What an intent to change the rules of a group has to have."""
    return {"group": group, "direction": "ingress", "region": "", "before": [], "after": []}


def test_what_is_written_is_on_disk_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and folder: at each call that writes, all of the journal was synced."""
    synced: dict[int, int] = {}
    real = os.fsync

    def fsync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced[found.st_ino] = found.st_size
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    place, written = Place(), []
    with place.guard(tmp_path) as guard:
        path = guard.journal.path

        def look(number: int, call: CloudCall) -> None:
            if not call.action.startswith("Describe"):
                assert synced[path.stat().st_ino] == path.stat().st_size
                assert tmp_path.stat().st_ino in synced
                assert json.loads(path.read_text().splitlines()[-1])["line"] in ("intent", "undoing")
                written.append(call.action)

        place.before = look
        guard.replace_rules(NODE, IN, WANTED)
        guard.rollback()
    assert len(written) == 4


def test_a_journal_that_is_cut_at_any_byte_is_read_up_to_there(tmp_path: Path) -> None:
    with Journal.create(tmp_path, "test", region="ap-guangzhou") as made:
        for number in range(3):
            made.done(made.intent("rules", **listed(f"sg-{number}")), version="1")
    whole = made.path.read_bytes()
    first = whole.index(b"\n") + 1
    ends = [place + 1 for place, each in enumerate(whole) if each == ord("\n")]
    for size in range(first, len(whole) + 1):
        made.path.write_bytes(whole[:size])
        with Journal.open(made.path) as found:
            lines = sum(end - 1 <= size for end in ends)  # a line that lost no more than its end is whole
            assert len(found.intents) == lines // 2
            assert [each.state for each in found.intents.values()][:-1] == ["done"] * max(0, len(found.intents) - 1)
            found.intent("rules", **listed("sg-more"))
        assert len(made.path.read_bytes().splitlines()) == lines + 1
    for size in range(first - 1):
        made.path.write_bytes(whole[:size])
        with pytest.raises(InvalidInputError):
            Journal.open(made.path)


def test_a_copy_that_has_lost_its_last_newline_has_all_its_lines(tmp_path: Path) -> None:
    with Journal.create(tmp_path, "test", region="ap-guangzhou") as made:
        made.intent("rules", **listed("sg-1"))
    made.path.write_bytes(made.path.read_bytes().rstrip(b"\n"))
    assert len(journals.read(made.path).left) == 1
    with Journal.open(made.path) as found:
        found.done(1)
    assert [each.state for each in journals.read(made.path).left] == ["done"]


def test_only_one_run_writes_to_a_journal(tmp_path: Path) -> None:
    with Journal.create(tmp_path, "test") as made, pytest.raises(LabStateError, match="in use"):
        Journal.open(made.path)
    Journal.open(made.path).release()


def test_without_a_place_for_the_journal_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabStateError, match="Nothing is changed without a journal"):
        Journal.create(tmp_path / "file" / "folder", "test")


def test_the_journal_that_is_meant(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        journals.find("", tmp_path)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with Journal.create(tmp_path, "test", now=lambda: now, until=stamp(now + timedelta(hours=1))) as made:
        made.intent("rules", **listed("sg-1"))
    assert journals.find("", tmp_path) == journals.find(made.id, tmp_path) == journals.find(str(made.path), tmp_path)
    entry = journals.read(made.path)
    assert (entry.is_due(now), entry.is_due(now + timedelta(hours=1))) == (False, True)
    with Journal.create(tmp_path, "test") as other:
        other.intent("rules", **listed("sg-2"))
    with pytest.raises(DrillError, match="Several"):
        journals.find("", tmp_path)


def test_journals_lie_where_state_lies() -> None:
    home = Path("/home/someone")
    assert default_folder({}, home) == home / ".local/state/drilllib/changes"
    assert default_folder({"XDG_STATE_HOME": "/state"}, home) == Path("/state/drilllib/changes")
    assert default_folder({"XDG_STATE_HOME": "relative"}, home) == home / ".local/state/drilllib/changes"
