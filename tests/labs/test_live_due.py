"""Openings whose time is up, when a lesson begins in a real cluster: taken back, or told; the lesson goes on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.errors import Message
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import Journal, default_folder
from drilllib.labs.live import opening
from drilllib.labs.live.start import NotPlayableError
from drilllib.lesson.labs import open_lab
from tests.labs.live import InProcessCloud, everything
from tests.labs.test_live_opening import rules

DOCUMENT = open_fault("healthy").to_dict()
EARLIER = "2026-01-01T00:00:00Z"


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcessCloud:
    """A cloud, by whatever keys; its drill is another one than is asked for. Journals lie in the test's folder."""
    made = InProcessCloud(DOCUMENT, default_folder({"XDG_STATE_HOME": str(tmp_path)}, tmp_path))

    def other(*_: object) -> None:
        raise NotPlayableError(Message("another cluster"), remedy=Message("none"))

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(Cloud, "by_sdk", lambda *_: Cloud.of(made.access()))
    monkeypatch.setattr(opening, "open_live", other)
    return made


def opening_of(cloud: InProcessCloud, group: str) -> Journal:
    """A group is opened, for a time that is up; the journal is left alone."""
    journal = Journal.create(cloud.folder, "fix", until=EARLIER, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with Guard(Cloud.of(cloud.access()), journal, everything(DOCUMENT)) as guard:
        guard.replace_rules(group, Direction.INGRESS, [rule_from_text("ACCEPT TCP 198.51.100.0/24 22")])
    return journal


def test_what_is_due_is_taken_back_when_a_lesson_begins(
    cloud: InProcessCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rules(cloud)
    journal = opening_of(cloud, NODE_GROUP)
    open_lab(open_fault("healthy"), CLIENT, "live")

    assert rules(cloud) == before
    assert journal.path.stem in capsys.readouterr().err


def test_what_cannot_be_taken_back_is_told_and_the_lesson_goes_on(
    cloud: InProcessCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that another run holds, a file that is no journal, one whose write is refused; the last is taken back."""
    before = rules(cloud)
    held, refused = Journal.open(opening_of(cloud, CLB_GROUP).path), opening_of(cloud, NODE_GROUP)
    broken = cloud.folder / "20260101-000000-broken.jsonl"
    broken.write_text("no journal\n")
    cloud.cloud.faults.set("denied", "CreateSecurityGroupPolicies", times=1)
    open_lab(open_fault("healthy"), CLIENT, "live")
    told = capsys.readouterr().err.splitlines()
    held.release()
    lines = [[line for line in told if line.startswith(path.stem)] for path in (broken, held.path, refused.path)]

    assert [len(each) for each in lines] == [1, 1, 1]
    assert rules(cloud) != before
    open_lab(open_fault("healthy"), CLIENT, "live")
    assert rules(cloud) == before
