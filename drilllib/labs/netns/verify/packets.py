"""
The kernel as a witness of single decisions: a real packet for each flow, and which rule it met.

The rules are those that `firewall` makes for a lab, with one statement more in each, which writes the packet's number
and the rule's place into a map. Whether a packet was accepted is not read from there: it came out, or it did not.

The packet of an ingress flow comes from the peer, that of an egress flow goes to it. What `frames.UNFORWARDED` lists is
dropped by the routing of some kernel or other, so those peers cannot be asked about. Rules may name them all the same.
"""

import socket
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from drilllib.core.rules.rules import Action, Direction, Flow, SecurityGroup
from drilllib.errors import InvalidInputError, LabStateError, Message
from drilllib.labs.netns import messages, sandbox
from drilllib.labs.netns.kernel import load_library
from drilllib.labs.netns.network import firewall
from drilllib.labs.netns.verify.cables import BOUND, HITS, OUTSIDE
from drilllib.labs.netns.verify.frames import NUMBER, forwarded, frame

CABLES = "drilllib.labs.netns.verify.cables"
CABLE_OF = {Direction.INGRESS: OUTSIDE, Direction.EGRESS: BOUND}  # by which a packet of a direction comes in
DENY = 0xFFFFFFFF  # in the map, beside the places of rules
MOST = 1 << 17  # flows of a round: so many the map takes

Question = tuple[Direction, Flow]


class Answer(NamedTuple):
    """What the kernel did, and by which rule; None and None: by the implicit deny."""

    action: Action
    group: str | None
    policy_index: int | None


class Witness:
    """
    A kernel to ask. Its process is kept over many questions, and ends with this one at the latest.

    Raises:
        MissingToolError: The machine lacks nftables, ip or unshare.
        LabStateError: The machine forbids namespaces, or a step in them.
    """

    def __init__(self) -> None:
        load_library()
        sandbox.require("ip", "unshare")
        self._connection, theirs = socket.socketpair()
        file, nothing = theirs.fileno(), subprocess.DEVNULL
        try:
            with theirs:
                pipe = subprocess.PIPE
                self._process = sandbox.start(CABLES, str(file), pass_fds=(file,), stdin=nothing, stderr=pipe)
        except BaseException:
            self._connection.close()
            raise
        self._inbox = messages.Inbox(self._connection)
        try:
            self._reply()  # it stands
        except BaseException:
            self.close()
            raise

    def answers(self, groups: Sequence[SecurityGroup], questions: Sequence[Question]) -> list[Answer]:
        """
        What becomes of each flow at an interface to which *groups* are bound in this order, one or more.

        Raises:
            InvalidInputError: Routing may drop the packets of one of the flows, or there are too many for one round.
            LabStateError: The kernel refuses a rule, what a rule names is not known, or a packet got lost.
        """
        _require_askable(questions)
        cables: dict[str, list[str]] = {BOUND: [], OUTSIDE: []}
        for number, (direction, flow) in enumerate(questions, start=1):
            cables[CABLE_OF[direction]].append(frame(number, direction, flow).hex())
        reply = self._reply({"script": "\n".join(_script(groups)), "packets": cables})
        arrived, hits = set(reply["arrived"]), dict(reply["hits"])
        return [_answer(groups, number in arrived, hits.get(number)) for number in range(1, len(questions) + 1)]

    def close(self) -> None:
        """Remove everything; safe to call twice."""
        self._connection.close()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def __enter__(self) -> "Witness":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reply(self, asked: dict[str, Any] | None = None) -> Any:
        try:
            if asked is not None:
                messages.send(self._connection, asked)
            while (found := self._inbox.receive()) == []:
                pass  # the rest of it is to come
        except OSError:
            found = None
        if not found:
            raise self._lost()
        message, _ = found[0]
        if "error" in message:
            raise messages.error_of(message["error"])
        return message["answer"]

    def _lost(self) -> LabStateError:
        errors = self._process.stderr
        said = "" if errors is None or errors.closed else errors.read().decode(errors="replace").strip()
        return LabStateError(
            "The process in namespaces of its own has ended: {said}",
            remedy="Run drill doctor; a container has to allow user namespaces",
            said=said.splitlines()[-1] if said else Message("nobody said why"),
        )


def _require_askable(questions: Sequence[Question]) -> None:
    if len(questions) > MOST:
        raise InvalidInputError(
            "{count} flows were asked about in one round",
            remedy="Ask about {most} at most",
            count=len(questions),
            most=MOST,
        )
    for _, flow in questions:
        if not forwarded(flow.peer):
            raise InvalidInputError(
                "Routing may drop packets from or to {peer} before any rule is asked",
                remedy="Ask about another peer",
                peer=flow.peer,
            )


def _script(groups: Sequence[SecurityGroup]) -> Iterable[str]:
    """The groups bound to one port in both directions, in a new table."""
    unasked = {direction: [(f"{NUMBER} 0", "end of batch")] for direction in firewall.DIRECTIONS}
    yield from firewall.table({BOUND: firewall.DIRECTIONS}, len(groups), unasked)
    yield f"add map {HITS} {{ typeof {NUMBER} : meta mark; size {MOST}; flags dynamic; }}"
    for direction in firewall.DIRECTIONS:
        for number, group in enumerate(groups):
            yield from firewall.group_rules(group, number, direction, _mark)
        yield from firewall.binding(BOUND, direction, range(len(groups)), _mark)


def _mark(number: int | None, index: int | None) -> str:
    place = DENY if number is None or index is None else number << 16 | index
    return f"add @{HITS.split()[-1]} {{ {NUMBER} : {place} }} "


def _answer(groups: Sequence[SecurityGroup], arrived: bool, place: int | None) -> Answer:
    if place is None:
        raise LabStateError("A packet got lost before any rule", remedy="Try again; if it happens again, report it")
    action = Action.ACCEPT if arrived else Action.DROP
    if place == DENY:
        return Answer(action, None, None)
    return Answer(action, groups[place >> 16].group_id, place & 0xFFFF)
