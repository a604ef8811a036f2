"""The board that is served, and its box for logs: who may read it, what is taken, nothing half-written."""

import http.client
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from drilllib.classes import drop_box
from drilllib.classes.board_pages import BoardPages
from drilllib.classes.board_server import BoardServer
from drilllib.classes.drop_box import DropBox
from drilllib.classes.grader import grade_all
from drilllib.classes.handed_in import LARGEST
from drilllib.classes.place import Place, place_of
from drilllib.classes.regrade import Regrade
from drilllib.classes.store import Store
from drilllib.cli import main
from tests.classes.rooms import class_in, played, practice_of, tasks_of
from tests.waits import wait_until

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return class_in(tmp_path)


@pytest.fixture
def server(place: Place) -> Iterator[BoardServer]:
    with Regrade(place) as grader, BoardServer(place, "en", box=DropBox(place), taken=grader.wake) as started:
        yield started


def log_of(folder: Path, learner: str = "alice", task: int = 0) -> bytes:
    return played(practice_of(folder, learner) / f"{task}.jsonl", tasks_of(folder, learner)[task]).read_bytes()


def ask(
    server: BoardServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, str, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), dict(answer.getheaders())
    connection.close()
    return found


def kept(place: Place) -> list[str]:
    return sorted(name for _, _, names in os.walk(place.handed_in) for name in names)


def test_a_log_that_is_sent_is_on_the_board_within_seconds(server: BoardServer, place: Place, tmp_path: Path) -> None:
    status, page, headers = ask(server, "GET", server.root)
    assert (status, "alice" in page, "<b class=drill-ok>passed" in page) == (200, True, False)
    log = log_of(tmp_path)
    assert ask(server, "POST", "/hand-in", log)[:2] == (201, "Taken\n")
    assert ask(server, "POST", "/hand-in", log)[:2] == (200, "It was handed in before\n")
    assert wait_until(lambda: "<b class=drill-ok>passed" in ask(server, "GET", server.root)[1])
    assert ask(server, "GET", server.root, **{"If-None-Match": headers["ETag"]})[0] == 200
    now = ask(server, "GET", server.root)[2]["ETag"]
    assert ask(server, "GET", server.root, **{"If-None-Match": now})[:2] == (304, "")
    status, page, _ = ask(server, "GET", f"{server.root}learner?id=alice&lang=zh")
    assert status == 200
    assert "判断原因：group " in page
    shown = page.partition("<pre tabindex=0>")[2].partition("</pre>")[0]  # what the first look showed, line by line
    assert shown.startswith("[")
    assert len(shown.splitlines()) > 1
    assert "\\n" not in shown
    assert "http" not in headers["Content-Security-Policy"]


def test_who_has_not_the_address_reads_nothing(server: BoardServer) -> None:
    """Another user of the machine who guesses, and a page elsewhere whose name was pointed here."""
    for path in ("/", "/learner?id=alice", server.root[:-2] + "/", "/..", f"{server.root}../", f"{server.root}secret"):
        assert ask(server, "GET", path)[0] == 404, path
    assert ask(server, "GET", server.root, Host=f"evil.example:{server.port}")[0] == 421
    assert ask(server, "POST", "/hand-in", b"x", Host="evil.example")[0] == 421
    assert ask(server, "GET", "/hand-in")[0] == 404
    assert ask(server, "POST", server.root, b"x")[0] == 404
    assert ask(server, "GET", f"{server.root}learner?id=../../secret")[0] == 404
    assert server.server_address[0] == "127.0.0.1"


def test_what_is_not_whole_or_not_signed_is_not_kept(server: BoardServer, place: Place, tmp_path: Path) -> None:
    log = log_of(tmp_path)
    lines = log.splitlines(keepends=True)
    ours = log.replace(b'"learner": "alice"', b'"learner": "bob"')
    for sent, status, told in (
        (b"", 400, "Send one log"),
        (b"hello\n", 403, "not signed"),
        (ours, 403, "not signed"),
        (log.replace(b"alice", b"mallory"), 403, "not signed"),
        (b"".join([*lines[:2], *lines[3:]]), 422, "Line 3 is not as it was signed"),
        (log[:-70], 422, "middle of a line"),
    ):
        found = ask(server, "POST", "/hand-in", sent)
        assert (found[0], told in found[1]) == (status, True), (sent[:40], found)
    assert kept(place) == []


def test_a_body_too_large_or_cut_off_leaves_nothing(server: BoardServer, place: Place, tmp_path: Path) -> None:
    address = urlsplit(server.url)
    large = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    large.putrequest("POST", "/hand-in")
    large.putheader("Content-Length", str(LARGEST + 1))
    large.endheaders()
    assert large.getresponse().status == 413
    broken = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    broken.putrequest("POST", "/hand-in")
    broken.putheader("Content-Length", "5000")
    broken.endheaders()
    broken.send(log_of(tmp_path)[:100])
    broken.sock.shutdown(1)
    assert broken.getresponse().status == 400
    assert kept(place) == []
    assert ask(server, "GET", server.root)[0] == 200


def test_many_senders_at_once_leave_whole_logs(place: Place, tmp_path: Path) -> None:
    box, log = DropBox(place), log_of(tmp_path)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(box.take(log).status)) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [200] * 15 + [201]
    (name,) = kept(place)
    assert (place.handed_in / "alice" / name).read_bytes() == log


def test_of_one_learner_there_is_a_most(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drop_box, "MOST_LOGS", 1)
    box = DropBox(place)
    assert box.take(log_of(tmp_path)).status == 201
    assert box.take(log_of(tmp_path, task=1)).status == 429
    assert box.take(log_of(tmp_path, "bob")).status == 201


def test_the_grades_are_not_read_at_each_request(place: Place) -> None:
    """However often pages are asked for, reading takes a tenth of the time at most."""
    now = [0.0]
    pages = BoardPages(place, clock=lambda: now[0])
    first = pages.board("en")
    folder = Path(str(place.folder)).parent
    log = played(practice_of(folder, "bob") / "1.jsonl", tasks_of(folder, "bob")[0])
    main(["class", "hand-in", str(folder / "monday.yaml"), str(log)])
    grade_all(place_of(str(folder / "monday.yaml")), workers=1)
    assert pages.board("en") is first
    now[0] = 1.0
    assert pages.board("en") != first


def test_options_that_need_serve_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["class", "board", str(tmp_path / "monday.yaml"), "--accept-hand-in"]) == 2
    assert "--accept-hand-in is for a board that is served" in capsys.readouterr().err


def test_the_grades_may_be_opened_by_several_at_once(place: Place) -> None:
    """When nothing was graded yet: none of them finds a table that another is making."""
    failed: list[Exception] = []

    def open_it() -> None:
        try:
            Store(place.grades).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
