"""What `drill class serve` says where it cannot serve: one line, before anything is started."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drilllib.classes.hub import ready
from drilllib.classes.hub.config import Told
from drilllib.classes.hub.folder import FIRST, LONGEST, HubFolder, as_user, fill
from drilllib.classes.hub.run import _ports, filled
from drilllib.cli import main
from drilllib.errors import InvalidInputError
from tests.classes.rooms import class_in

pytest.importorskip("yaml", reason="a class's file is YAML")
needs_root = pytest.mark.skipif(ready.refused_to_us(), reason="only root gives each learner a user of their own")


@pytest.fixture
def room() -> Iterator[Path]:
    """A short path to an empty folder."""
    with tempfile.TemporaryDirectory(prefix="h") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["class", "serve", "monday.yaml", "--lang", "en", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_who_is_not_root_is_told_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert "read one another's work" in refusal(capsys)


def test_what_is_not_installed_is_told_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ready, "refused_to_us", lambda: False)
    monkeypatch.setattr(ready, "NEEDED", ("json", "no_such_hub"))
    line = refusal(capsys)
    assert "needs no_such_hub, which is not installed" in line
    assert "pip install 'drilllib[hub]'" in line


@needs_root
def test_learners_who_could_not_read_the_course_are_told_before_it_starts(room: Path) -> None:
    hub = HubFolder(room / "closed" / "hub")
    hub.path.parent.mkdir(mode=0o700)
    hub.make()
    with pytest.raises(InvalidInputError, match="A learner's user cannot read"):
        ready.require_open(hub.course)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(InvalidInputError, match="cannot be used"):
        _ports(other.getsockname()[1])
    assert len(set(_ports(0))) == 4


def test_a_folder_with_too_long_a_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="too long a name"):
        HubFolder(tmp_path / ("x" * LONGEST)).make()


def test_a_configuration_is_code_whatever_its_names_are() -> None:
    told = Told("a'b\n\"", "/srv/x", "teacher", "zh", (1, 2, 3, 4))
    found: list[object] = []
    text = told.to_file().replace("import Told, configure", "import Told")
    exec(text, {"get_config": lambda: None, "configure": lambda _, each: found.append(each)})
    assert found == [told]


@needs_root
def test_homes_keep_their_users_and_a_teacher_is_no_learner(room: Path) -> None:
    """Also after somebody was left out of the roster; and a start goes to none but its learner."""
    place, hub = class_in(room), HubFolder(room / "hub")
    hub.make()
    assert filled(place, hub, "teacher") == []
    uids = {name: hub.uid(name) for name in ("teacher", "alice", "bob", "carol")}
    assert sorted(uids.values()) == [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]
    assert filled(place, hub, "teacher") == []
    assert {name: hub.uid(name) for name in uids} == uids
    assert hub.make_home("dave") == FIRST + 4
    start = hub.home("alice") / "practice" / "start.json"
    assert (start.stat().st_uid, start.stat().st_mode & 0o777) == (uids["alice"], 0o600)
    assert place.secret.key("alice") in start.read_text()
    assert place.secret.code("alice") in (place.folder / "sign-in.csv").read_text()
    with pytest.raises(InvalidInputError, match="is a learner of the class"):
        filled(place, hub, "bob")


@needs_root
def test_a_learners_links_lead_root_nowhere(room: Path) -> None:
    """What is put into a home is written as its learner: a link to what is root's is refused, not followed."""
    place, hub = class_in(room), HubFolder(room / "hub")
    hub.make()
    uid, secret = hub.make_home("alice"), place.folder / "secret"
    before = secret.read_text()
    assert as_user(uid, lambda: (hub.home("alice") / "practice").symlink_to(place.folder))
    assert filled(place, hub, "teacher") == ["alice"]
    assert (secret.read_text(), sorted(os.listdir(place.folder))) == (before, ["secret", "sign-in.csv"])
    assert not as_user(uid, lambda: fill(hub.home("bob"), "{}", hub.course))
    hub.home("carol").rename(hub.home("x"))
    hub.home("carol").symlink_to(hub.home("alice"))
    with pytest.raises(InvalidInputError, match="is no home of a learner"):
        hub.make_home("carol")
