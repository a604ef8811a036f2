"""
The real-packet lab behind the Lab protocol.

`NetnsLab` talks to the lab's process and holds nothing itself, so that several may use one lab.
"""

import codecs
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from drilllib.core.connection.question import Connection
from drilllib.core.drills.default_lab import CLIENT
from drilllib.core.drills.lab import Observation
from drilllib.core.rules.policies import numbered
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot import edits
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.agreement import trace_of
from drilllib.core.trace.answer import Question
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError, LabStateError, quoted
from drilllib.labs.netns import messages, sandbox
from drilllib.labs.netns.dial import dialled
from drilllib.labs.netns.kernel import load_library
from drilllib.labs.netns.plan import plan_of
from drilllib.labs.netns.results import CommandResult, Comparison
from drilllib.labs.netns.story.story import KernelStory, chain_runs
from drilllib.machine.environment import STANDS

SLOWNESS = 0.5  # what a documented second takes: a learner waits 2 s for a CLB's connect timeout of 4
SUPERVISOR = "drilllib.labs.netns.supervisor"


class NetnsLab:
    """
    A lab of real packets, made from a snapshot. It ends with this process at the latest.

    Args:
        snapshot: what to play; everything a packet meets has to be in it.
        client: the address of the client host.
        slowness: what a documented second takes, 0.01 to 1.
        progress: told each step of the set-up.
        listening: where others may connect.
        stays: one that listens stands by itself, and `close` leaves it standing.

    Raises:
        MissingToolError: The machine lacks nftables, ip or unshare.
        LabStateError: The machine forbids namespaces, or the snapshot cannot be played.
        InvalidInputError: *slowness* is out of range.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        client: str = CLIENT,
        slowness: float = SLOWNESS,
        progress: Callable[[str], None] = lambda step: None,
        listening: socket.socket | None = None,
        stays: bool = True,
    ) -> None:
        if not 0.01 <= slowness <= 1:
            raise InvalidInputError("The slowness is {slowness}", remedy="Use 0.01 to 1", slowness=quoted(slowness))
        load_library()
        sandbox.require("ip", "unshare")
        ours, theirs = socket.socketpair()
        self._process: subprocess.Popen[Any] | None = None
        self._open(ours, progress)
        try:
            with theirs:
                self._process = start(theirs, listening, stays=stays)
            self.notes = self._ask("up", snapshot=snapshot.to_dict(), client=client, slowness=slowness)
            if listening is not None and stays:
                self._ask("stay")
                self._process = None
        except BaseException:
            self.close()
            raise

    @classmethod
    def attached(cls, connection: socket.socket) -> "NetnsLab":
        """A lab that is up already, over a connection to it; closing leaves it up."""
        lab = cls.__new__(cls)
        lab._process = None
        lab._open(connection, lambda step: None)
        return lab

    def another(self) -> "NetnsLab":
        """The same lab over a connection of its own, for long tasks; what it runs ends when that is closed."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._ask("connect", (theirs.fileno(),))
        return self.attached(ours)

    def _open(self, connection: socket.socket, progress: Callable[[str], None]) -> None:
        self._connection: socket.socket | None = connection
        self._inbox, self._progress, self._lock = messages.Inbox(connection), progress, threading.Lock()
        self._number = 0
        self._handed: tuple[int, ...] = ()

    def snapshot(self) -> Snapshot:
        """The lab as it is now."""
        return Snapshot(self._ask("snapshot"))

    def rules(self, group_id: str, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one group, from the top."""
        return edits.rules_of(self.snapshot(), group_id, direction)

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the group's list, at once and as a whole. The group's Version goes up by one."""
        policies = numbered(tuple(rules))
        self._ask("replace_rules", group=group_id, direction=Direction(direction), policies=policies)

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bind exactly these groups, in this order."""
        self._ask("bind_groups", resource=resource_id, groups=list(group_ids))

    def become(self, snapshot: Snapshot) -> None:
        """
        Become *snapshot*. Rules and bindings change in one step; where hosts or cables change, all but the client host
        and those who work in it is made anew.
        """
        self._ask("become", snapshot=snapshot.to_dict())

    def probe(self, question: Question) -> Observation:
        """
        Send one request with the real curl, or one datagram, or open one connection; say what was met.

        The CLB's health checks are made first. *seconds* are documented ones.

        Raises:
            LabStateError: It is a connection that the lab does not play; see `dialled`.
        """
        if isinstance(question, Connection):
            return dialled(self, question)
        return _observation(self._ask("probe", question=asdict(question)))

    def check(self) -> dict[tuple[str, str | None, str], str]:
        """Make the health checks: how each ended, by listener, forwarding rule and name of the target."""
        return {(listener, rule, target): state for listener, rule, target, state in self._ask("check")}

    def witness(self, question: Question) -> Comparison:
        """Send one request as `probe` does, and trace what every kernel on its way does to it."""
        snapshot = self.snapshot()
        model = trace(snapshot, question, all_paths=True)
        answer = self._ask("witness", question=asdict(question))
        observed = _observation(answer["observation"])
        story = KernelStory(snapshot, plan_of(snapshot, question.client), chain_runs(answer["runs"]))
        listener = model.listener and (model.listener.listener_id, model.listener.location_id)
        health = {name: state for *place, name, state in answer["health"] if tuple(place) == listener}
        kernel = trace_of(model.question, model, observed.symptom, story.paths(), health)
        return Comparison(observed, kernel, model, snapshot)

    def watch(self, question: Question, hosts: Sequence[str]) -> tuple[Observation, dict[str, list[str]]]:
        """Send one request while tcpdump runs in *hosts*, and give the handshakes and refusals that each saw."""
        answer = self._ask("watch", question=asdict(question), hosts=list(hosts))
        return _observation(answer["observation"]), answer["packets"]

    def count(self, question: Question, group_id: str, direction: Direction) -> list[int]:
        """Send one request; how many new conversations each rule of a list decided meanwhile."""
        direction = Direction(direction)
        counts: list[int] = self._ask("count", question=asdict(question), group=group_id, direction=direction)
        return counts

    def run(self, host: str, command: Sequence[str] | str, *, timeout_s: float | None = 60) -> CommandResult:
        """Run a command in a host and wait for it; a string is run by the shell."""
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        with self.another() as other:
            return CommandResult(**other._ask("run", host=host, command=words, timeout_s=timeout_s, folder=os.getcwd()))

    def set_pod(self, host: str, behaviour: str) -> None:
        """Let a pod listen (`listens`), refuse every connection (`refuses`) or answer late (`slow`)."""
        self._ask("pod", name=host, behaviour=behaviour)

    def status(self) -> dict[str, Any]:
        """The hosts, the health of the targets, how long the lab has been up (s), and its memory (PSS, KiB)."""
        status: dict[str, Any] = self._ask("status")
        return status

    def shell(
        self,
        files: tuple[int, int, int],
        host: str,
        command: Sequence[str],
        environment: dict[str, str],
        *,
        leads: bool = False,
    ) -> int:
        """
        Run a command in a host until it ends, with *files* as its input, output and errors; its exit status.

        *leads*: the first file is a terminal that the command may have for its own.
        """
        details = {"host": host, "command": list(command), "environment": environment, "leads": leads}
        return int(self._ask("shell", files, **details))

    def listen(self, host: str, port: int) -> socket.socket:
        """
        A socket that listens on a host's 127.0.0.1, for a server of this process: how a lab's host can ask for what
        runs outside, without a way out.
        """
        self._ask("listen", host=host, port=port)
        (file,) = self._handed
        return socket.socket(fileno=file)

    def stream(self, host: str, script: str, tell: Callable[[str], None]) -> int:
        """Run a script in a host's shell; *tell* gets its output and errors as they come. Its exit status."""
        reading, writing = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        with self.another() as other, open(reading, "rb", buffering=0) as printed:
            command, environment = ["sh", "-c", script], {**sandbox.environment(), "PWD": os.getcwd()}
            files, asked = (nothing, writing, writing), {"host": host, "command": command, "environment": environment}
            other._send("shell", files, **asked, leads=False)
            messages.close_all((nothing, writing))
            decode = codecs.getincrementaldecoder("utf-8")("replace").decode
            for data in iter(lambda: printed.read(1 << 16), b""):
                tell(decode(data))
            return int(other._reply())

    def down(self) -> None:
        """End the lab's process, whoever started it."""
        self._ask("down")
        self.close()

    def close(self) -> None:
        """Remove everything; safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._process is not None:
            sandbox.end(self._process)
            self._process = None

    def __enter__(self) -> "NetnsLab":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, what: str, files: tuple[int, ...] = (), /, **details: Any) -> Any:
        with self._lock:
            if self._connection is None:
                raise LabStateError(
                    "This lab is closed", remedy="Open a new one: in a notebook, run the cell with lesson = ... again"
                )
            try:
                self._send(what, files, **details)
                return self._reply()
            except (OSError, ValueError):
                raise self._lost() from None

    def _send(self, what: str, files: tuple[int, ...], /, **details: Any) -> None:
        assert self._connection is not None
        self._number += 1
        messages.send(self._connection, {"do": what, "with": details, "number": self._number}, files)

    def _reply(self) -> Any:
        """The answer to the last request; answers to earlier ones, which were interrupted, are skipped."""
        while True:
            found = self._inbox.receive()
            if found is None:
                raise self._lost()
            for message, files in found:
                if "progress" in message:
                    self._progress(message["progress"])
                elif message["number"] != self._number:
                    continue
                elif "error" in message:
                    raise messages.error_of(message["error"])
                else:
                    self._handed = files
                    return message["answer"]

    def _lost(self) -> LabStateError:
        return LabStateError(
            "The lab's process has ended", remedy="Open a new lab; drill doctor says what may be wrong"
        )


def _observation(sent: dict[str, Any]) -> Observation:
    met = sent["symptom"]
    symptom = Symptom(**{**met, "kind": SymptomKind(met["kind"])})
    return Observation(symptom, sent["transcript"], sent["seconds"])


def start(
    connection: socket.socket, listening: socket.socket | None = None, *, stays: bool = True
) -> subprocess.Popen[Any]:
    """Start the lab's process, which takes requests on *connection*; with *listening*, it prints nothing."""
    files = [each.fileno() for each in (connection, listening) if each is not None]
    quiet: dict[str, Any] = {} if listening is None else {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {STANDS: "1"} if listening is not None and stays else {}
    return sandbox.start(SUPERVISOR, *map(str, files), pass_fds=files, stdin=subprocess.DEVNULL, env=env, **quiet)
