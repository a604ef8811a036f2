"""Whenever a lab is killed, nothing of it remains: no process, namespace, interface, mount or file."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from real import descendants, marked, namespaces, needs_real_packets, state

from tests.thorough import thorough
from tests.waits import PATIENCE_S, wait_until

pytestmark = needs_real_packets

LIFE = [sys.executable, str(Path(__file__).with_name("one_life.py"))]
PHASES = {"set-up": 24, "use": 16, "tear-down": 10}  # how many of the 50 moments are in each
VICTIMS = ("user", "user", "unshare", "first", "supervisor")  # by turns


@dataclass
class Life:
    """A process with a lab, which says what it is at; in a folder and with a mark of its own."""

    folder: Path
    options: tuple[str, ...] = ()
    mark: str = field(default_factory=lambda: f"DRILL_LIFE={uuid4()}")

    def __post_init__(self) -> None:
        name, _, value = self.mark.partition("=")
        environment = {**os.environ, name: value, "TMPDIR": str(self.folder), "HOME": str(self.folder)}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [*LIFE, *self.options], env=environment, cwd=self.folder, stdin=pipe, stdout=pipe, stderr=pipe
        )
        self.said: list[str] = []

    def wait_for(self, phase: str) -> float:
        """Wait until *phase* begins; the time then."""
        while phase not in self.said:
            line = self.process.stdout.readline().decode().strip()
            assert line, f"ended before {phase}: {self.said} {self.process.stderr.read()}"
            self.said.append(line)
        return time.monotonic()

    def family(self) -> list[int]:
        """The process and all that came from it."""
        return [self.process.pid, *descendants(self.process.pid)]

    def kill(self, victim: str) -> bool:
        """Kill one of the family, by what it is in the line user, unshare, first, supervisor; False: not there."""
        line = self.family()
        place = ("user", "unshare", "first", "supervisor").index(victim)
        if place >= len(line):
            return False
        try:
            os.kill(line[place], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def end(self) -> str:
        """What it said last; a life that hangs is an error. unshare itself may complain about the end of its child."""
        out, err = self.process.communicate(timeout=PATIENCE_S)
        self.said += out.decode().split("\n")[:-1]
        assert all(line.startswith(b"unshare: ") for line in err.splitlines()), err
        return self.said[-1]


@pytest.fixture
def new_life(tmp_path: Path) -> Iterator[Callable[..., Life]]:
    """Begin a life; what a failed test leaves of it is killed."""
    lives: list[Life] = []

    def begun(*options: str) -> Life:
        lives.append(Life(tmp_path, options))
        return lives[-1]

    yield begun
    for pid in (pid for life in lives for pid in marked(life.mark)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[None]:
    """What the machine has outside of labs is the same before and after."""

    def seen() -> list[object]:
        links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
        names = sorted(path.name for path in Path("/run").glob("netns/*"))
        return [links, names, Path("/proc/self/mountinfo").read_text(), sorted(tmp_path.iterdir())]

    before = seen()
    yield
    assert seen() == before


def require_nothing_left(life: Life, spaces: dict[str, set[str]]) -> None:
    """No process that came from it, and nobody in a namespace that was made for it."""
    assert wait_until(lambda: not marked(life.mark)), marked(life.mark)
    for kind, seen in spaces.items():
        assert wait_until(lambda kind=kind, seen=seen: not seen & namespaces(kind)), kind


def spaces_of(life: Life) -> dict[str, set[str]]:
    """The namespaces that only its family is in."""
    own = {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt", "pid")}
    return {kind: namespaces(kind, iter(life.family())) - {ours} for kind, ours in own.items()}


@pytest.fixture(scope="module")
def lengths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """How long each phase takes when nobody disturbs it: the median of three lives."""
    lives = []
    for _ in range(3):
        life = Life(tmp_path_factory.mktemp("life"))
        times = [life.wait_for(phase) for phase in (*PHASES, "done")]
        life.end()
        lives.append([after - before for before, after in pairwise(times)])
    return dict(zip(PHASES, (sorted(each)[1] for each in zip(*lives, strict=True)), strict=True))


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=thorough)])
def test_a_lab_killed_at_fifty_moments_leaves_nothing(
    new_life: Callable[..., Life], machine: None, lengths: dict[str, float], every: int
) -> None:
    """The user's process, the one between, or the lab's own: wherever it strikes, everything goes."""
    hit: Counter[str] = Counter()
    moments = [(phase, place / number) for phase, number in PHASES.items() for place in range(number)]
    for number, (phase, share) in [*enumerate(moments)][::every]:
        life, victim = new_life(), VICTIMS[number % len(VICTIMS)]
        life.wait_for(phase)
        time.sleep(share * lengths[phase])
        spaces = spaces_of(life)
        assert wait_until(lambda life=life, victim=victim: life.kill(victim) or life.process.poll() is not None)
        last = life.end()
        require_nothing_left(life, spaces)
        assert last in (*PHASES, "done", "lost: The lab's process has ended"), (phase, share, victim)
        hit.update([last if victim == "user" else phase])

    assert min(hit[phase] for phase in PHASES) >= 3 // every, hit
    assert sum(hit.values()) == len(moments[::every])


@pytest.mark.parametrize("share", [0, 0.1, 0.25, 0.4, 0.6, 0.8])
def test_interrupted_in_the_set_up(
    new_life: Callable[..., Life], machine: None, lengths: dict[str, float], share: float
) -> None:
    """Stop in Jupyter, Ctrl-C at a keyboard: the user's process lives on, and nothing of the lab."""
    life = new_life("stay")  # where it is faster than it was, it is interrupted in use
    life.wait_for("set-up")
    time.sleep(share * lengths["set-up"])
    os.kill(life.process.pid, signal.SIGINT)
    life.wait_for("interrupted")

    # Interrupted in the middle of Popen, Python reaps the child when it starts the next one: until then it is a zombie.
    assert wait_until(lambda: {state(pid) for pid in descendants(life.process.pid)} <= {"", "Z"})
    assert life.end() == "interrupted"


def test_a_lab_that_hangs_is_killed_when_it_is_closed(new_life: Callable[..., Life], machine: None) -> None:
    """Its process cannot see that nobody needs it any more."""
    life = new_life()
    life.wait_for("use")
    supervisor = life.family()[3]
    os.kill(supervisor, signal.SIGSTOP)
    os.kill(life.process.pid, signal.SIGINT)

    life.wait_for("interrupted")

    assert not [*map(state, descendants(life.process.pid))]
    assert life.end() == "interrupted"
