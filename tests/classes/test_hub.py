"""
A class on a real JupyterHub: everybody signs in at once, opens a lesson, practises and hands in. Nothing is lost, and
nobody reads or writes what is another's, which they try.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import pytest

from drilllib.classes.hub import ready
from drilllib.classes.place import Place
from drilllib.classes.store import Store
from tests.classes.rooms import class_in
from tests.thorough import how_many, thorough
from tests.waits import wait_until

pytest.importorskip("yaml", reason="a class's file is YAML")
pytest.importorskip("sqlalchemy", reason="grades are kept by SQLAlchemy")
pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: pip install 'drilllib[hub]'")
from tests.classes.hub import TEACHER, Person, Running, memory, served

LEARNERS = [f"Learner-{number:02}" for number in range(how_many(3, thorough=3, long=50))]
LESSON = "en/00-start.ipynb"
PRACTISE = """\
import glob, os, subprocess, urllib.request
words = ["drill", "practice", "--dir", os.environ["HOME"], "--lang", "en"]
run = subprocess.run(words, input="curl\\nstate nothing\\ndone\\n", text=True, capture_output=True)
print(run.returncode)
(log,) = glob.glob(os.environ["HOME"] + "/practice/*.jsonl")
print(urllib.request.urlopen(os.environ["DRILL_HAND_IN"], open(log, "rb").read()).status)
"""
TRY = """\
import glob, os, pathlib
def tried(work):
    try:
        work()
    except Exception as error:
        return type(error).__name__
    return "done"
def environs():
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            found = open(path, "rb").read()
        except OSError:
            continue
        assert b"USER=%s\\0" % os.environ["USER"].encode() in found + b"\\0" or not found, path
told = {each: tried(lambda: open(each, "rb").read()) for each in FILES}
told |= {f"write {each}": tried(lambda: open(each, "ab").write(b"x")) for each in WRITES}
told |= {f"list {each}": tried(lambda: os.listdir(each)) for each in FOLDERS}
told |= {f"make in {each}": tried(lambda: os.mkdir(each + "/mine")) for each in CLOSED}
told["move"] = tried(lambda: os.rename(HOME, HOME + "-2"))
told["link"] = tried(lambda: os.link(FILES[0], os.environ["HOME"] + "/mine"))
told["root"] = tried(lambda: os.setuid(0))
told["theirs"] = tried(lambda: os.setuid(UID))
told["end"] = tried(lambda: os.kill(PID, 0))
print(told, tried(environs), os.getuid(), os.getgroups())
"""
pytestmark = [
    thorough,
    pytest.mark.skipif(
        bool([each for each in ready.NEEDED if find_spec(each) is None]),
        reason="JupyterHub is not installed; make setup-test installs it",
    ),
    pytest.mark.skipif(ready.refused_to_us(), reason="only root gives each learner a user of their own"),
]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A class in a folder that everybody can pass."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    folder.chmod(0o755)
    try:
        yield class_in(folder, learners=LEARNERS)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def hub(place: Place) -> Iterator[Running]:
    with served(place) as running:
        yield running


def day(hub: Running, name: str) -> tuple[Person, str]:
    """What a learner does: signs in, opens a lesson and runs it, practises, hands in."""
    person = Person(hub, name)
    assert person.sign_in() == 302
    person.start()
    return person, person.run(*person.cells(LESSON), PRACTISE)


@pytest.fixture(scope="module")
def people(hub: Running) -> dict[str, Person]:
    """Everybody, who did all of it at once."""
    with ThreadPoolExecutor(len(LEARNERS)) as pool:
        days = list(pool.map(lambda each: day(hub, each), LEARNERS))
    assert [said[-6:] for _, said in days] == ["1\n201\n"] * len(LEARNERS)
    found = {person.name: person for person, _ in days}
    used = [memory(hub.folder.uid(name)) for name in LEARNERS]
    sizes = {kind: round(median(each.get(kind, 0) for each in used)) for kind in ("server", "kernel", "other")}
    times = sorted(each.seconds for each in found.values())
    print(f"\n{len(LEARNERS)} learners: hub up in {hub.start_s:.1f} s, a server ready in {times[0]:.1f} to")
    print(f"{times[-1]:.1f} s, median {median(times):.1f}; MiB a learner (PSS): {sizes}")
    return found


def test_nothing_is_lost(people: dict[str, Person], place: Place, hub: Running) -> None:
    """Every log is kept as it was written, graded, and on the board of who teaches."""
    for name in LEARNERS:
        (log,) = (hub.folder.home(name) / "practice").glob("*.jsonl")
        (kept,) = (place.handed_in / name).iterdir()
        assert kept.read_bytes() == log.read_bytes()

    def graded() -> list[str]:
        with Store(place.grades) as store:
            return [each.learner for each in store.verdicts() if each.standing == "graded"]

    assert wait_until(lambda: len(graded()) == len(LEARNERS))
    assert graded() == LEARNERS
    teacher = Person(hub, TEACHER)
    assert teacher.sign_in() == 302
    assert wait_until(lambda: "<b class=drill-no>" in (page := teacher.browser.get(hub.board).text) or "failed" in page)
    page = teacher.browser.get(hub.board)
    assert page.status_code == 200
    assert [name for name in LEARNERS if name not in page.text] == []
    assert teacher.browser.get(f"{hub.board}learner?id={LEARNERS[0]}").status_code == 200


def test_nobody_reads_or_writes_what_is_anothers_from_a_kernel(
    people: dict[str, Person], place: Place, hub: Running
) -> None:
    """Files of another and of the class, the course, processes and their environments; they become no other."""
    mine, theirs = (hub.folder.home(each) for each in LEARNERS[:2])
    uid, own = hub.folder.uid(LEARNERS[1]), hub.folder.own
    log = next((theirs / "practice").glob("*.jsonl"))
    closed = [place.folder, own, theirs, hub.folder.runtime(uid)]
    told = {
        "FILES": [log, theirs / "practice" / "start.json", place.folder / "secret", place.folder / "sign-in.csv"]
        + [each for each in own.iterdir() if each.is_file()],
        "WRITES": [log, hub.folder.course / LESSON, place.folder / "secret", place.folder.with_suffix(".yaml")],
        "FOLDERS": [*closed, place.handed_in, mine.parent],
        "CLOSED": [*closed, place.folder.parent, mine.parent, hub.folder.course, hub.folder.path],
    }
    words = "".join(f"{name} = {[str(each) for each in paths]!r}\n" for name, paths in told.items())
    pid = int((own / "jupyterhub-proxy.pid").read_text())
    words += f"HOME, UID, PID = {str(mine)!r}, {uid}, {pid}\n"
    said = people[LEARNERS[0]].run(words + TRY)
    assert "done" not in said.partition("}")[0], said
    assert said.count("PermissionError") == sum(map(len, told.values())) + 5
    assert said.partition("}")[2] == f" done {hub.folder.uid(LEARNERS[0])} []\n"


def test_nobody_reaches_anothers_server_or_the_board_through_the_hub(people: dict[str, Person], hub: Running) -> None:
    me, other = people[LEARNERS[0]], LEARNERS[1]
    log = {"type": "file", "format": "text", "content": "x"}
    assert me.api("GET", "/hub/api/users").status_code == 403
    assert me.api("GET", f"/hub/api/users/{other}").status_code == 404
    assert me.api("POST", f"/hub/api/users/{other}/server", {}).status_code == 404
    assert me.api("POST", f"/hub/api/users/{other}/tokens", {}).status_code in (403, 404)
    assert me.api("GET", f"/user/{other}/api/contents").status_code == 403
    assert me.api("PUT", f"/user/{other}/api/contents/x.txt", log).status_code == 403
    assert me.api("POST", f"/user/{other}/api/kernels", {}).status_code == 403
    assert me.api("PUT", f"/user/{me.name}/api/contents/course/{LESSON}", log).status_code in (403, 500)
    browser = Person(hub, me.name)
    assert browser.sign_in() == 302
    for path in ("", "learner?id=" + me.name):
        assert browser.browser.get(hub.board + path).status_code == 403
        assert me.browser.get(hub.board + path).status_code == 403


def test_only_ones_own_code_lets_one_in(hub: Running, place: Place) -> None:
    code, name = place.secret.code(LEARNERS[0]), LEARNERS[0]
    assert Person(hub, name).sign_in(code.upper().replace("-", " ")) == 302
    for who, tried in (
        (LEARNERS[1], code),
        (name, code[:-1] + "a" * (code[-1] != "a")),
        (name, "x"),
        (name.lower(), ""),
    ):
        assert Person(hub, who).sign_in(tried) == 403, who
    for stranger in ("mallory", "root"):
        assert Person(hub, stranger).sign_in() == 403  # with the code that would be theirs


def test_kernels_listen_at_no_port(people: dict[str, Person], hub: Running) -> None:
    """Whatever a kernel publishes, any user of the machine could read at one."""
    for name in LEARNERS:
        found = [
            json.loads(each.read_text()) for each in hub.folder.runtime(hub.folder.uid(name)).glob("kernel-*.json")
        ]
        assert {each["transport"] for each in found} == {"ipc"}
