"""
The process that puts packets on a cable and says what became of them: two cables, and a fabric between them.

Whatever comes in by one cable is forwarded to the other, whoever it is from and for. The fabric has no address and its
loopback is down, so that routing decides nothing. The kernel's connection tracking follows no packet: each is the first
of its conversation, however many alike came before.

It is asked over a socket, a message for each round: a script for nftables, and the packets for each cable. It answers
with the numbers of those that came out, and with what the rules wrote into the map HITS.
"""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drilllib.errors import LabStateError, Message
from drilllib.labs.netns import messages
from drilllib.labs.netns.kernel import Namespace, Nft, private_names
from drilllib.labs.netns.network.links import in_use
from drilllib.labs.netns.verify.frames import GATEWAY, end_of_batch, number_of

BOUND, OUTSIDE = "bound", "outside"  # the fabric's ends of the cables: to what the groups are bound to, to its peers
CABLES = (BOUND, OUTSIDE)
HITS = "inet sg hits"
BATCH = 128  # packets until all that came out are read; a socket holds some 270
PATIENCE_S = 5.0
ETH_P_ALL = 3
SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv6/conf/all/forwarding": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
}
UNTRACKED = """\
add table inet untracked
add chain inet untracked before { type filter hook prerouting priority raw; }
add rule inet untracked before notrack
"""


class Fabric:
    """
    Two cables, and the fabric that forwards between them.

    Raises:
        LabStateError: The machine refuses a step.
    """

    def __init__(self) -> None:
        private_names()
        for name, value in SETTINGS.items():
            _set(name, value)
        far = Namespace("far")
        _ip([], _links())
        _ip(["-6"], _routes())
        _ip(["-4"], _routes())
        self._nft = Nft()
        self._nft.run(UNTRACKED)
        with far.inside():
            _set("net/ipv6/conf/all/disable_ipv6", "1")
            _ip([], [f"link set {cable} up" for cable in CABLES])
            self._ends = {cable: _end(cable) for cable in CABLES}
        _ip([], in_use(CABLES))

    def round(self, script: str, packets: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Carry out the script, put the packets (as hex digits) on their cables, and say what became of them."""
        self._nft.run(script)
        arrived = [
            number
            for cable, texts in packets.items()
            for place in range(0, len(texts), BATCH)
            for number in self._sent(cable, texts[place : place + BATCH])
        ]
        elements = next(each["map"] for each in self._nft.read(f"list map {HITS}") if "map" in each).get("elem", [])
        return {"arrived": arrived, "hits": elements}

    def _sent(self, cable: str, texts: Sequence[str]) -> Iterator[int]:
        """Send a few packets; the numbers of those that come out at the other end, until the one that ends a batch."""
        into, out = self._ends[cable], self._ends[BOUND if cable == OUTSIDE else OUTSIDE]
        for text in texts:
            into.send(bytes.fromhex(text))
        into.send(end_of_batch())
        while select.select([out], [], [], PATIENCE_S)[0]:
            number = number_of(out.recv(256))
            if number == 0:
                return
            if number is not None:
                yield number
        raise LabStateError("Packets got lost on the way", remedy="Try again; drill doctor says what may be wrong")


def _links() -> list[str]:
    """Nobody is asked where an address is: whatever is sent by a cable goes to its end."""
    make = "link add {0} address {1} type veth peer name {0} netns far"
    return [
        *(make.format(cable, GATEWAY) for cable in CABLES),
        *(f"link set {cable} arp off addrgenmode none up" for cable in CABLES),
    ]


def _routes() -> Iterator[str]:
    """For one address family."""
    for table, (enters, leaves) in enumerate([(BOUND, OUTSIDE), (OUTSIDE, BOUND)], start=100):
        yield f"route add default dev {leaves} table {table}"
        yield f"rule add iif {enters} lookup {table}"


def _ip(options: Sequence[str], lines: Iterable[str]) -> None:
    command = ["ip", *options, "-batch", "-"]
    ran = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise LabStateError(
            "ip refused a step: {said}",
            remedy="Run drill doctor; if it finds nothing wrong, please report this",
            said=ran.stderr.strip().splitlines()[0] if ran.stderr.strip() else Message("no reason given"),
        )


def _set(name: str, value: str) -> None:
    try:
        Path("/proc/sys", name).write_text(value, encoding="ascii")
    except OSError as error:
        raise LabStateError(
            "The kernel's setting {name} cannot be written: {reason}",
            remedy="Use a machine or container that lets /proc/sys be written",
            name=name,
            reason=error.strerror,
        ) from None


def _end(cable: str) -> socket.socket:
    """The far end of a cable, for sending and receiving whole frames."""
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    end.bind((cable, ETH_P_ALL))
    return end


def main(connection: socket.socket) -> None:
    """Answer until the other side ends. On one processor, so that packets keep their order."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        fabric, inbox = Fabric(), messages.Inbox(connection)
        messages.send(connection, {"answer": None})
        while (asked := inbox.receive()) is not None:
            for message, _ in asked:
                messages.send(connection, {"answer": fabric.round(**message)})
    except Exception as error:
        messages.send(connection, messages.error_message(error))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
