"""No packet leaves a lab, and labs do not see each other."""

import json
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from contract import NODE_GROUP, met, put
from real import SLOWNESS, needs_real_packets

from drilllib.core.drills.faults import open_fault
from drilllib.labs.netns.lab import NetnsLab
from tests.waits import PATIENCE_S, wait_until

pytestmark = needs_real_packets

LABS = 10
KNOCK = """
import errno, socket, sys
for line in sys.stdin:
    host, port = line.split()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as knocking:
            knocking.settimeout(0.3)
            try:
                knocking.connect((host, int(port)))
                knocking.send(b"hello")
            except OSError:
                pass
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[NetnsLab]:
    with NetnsLab(open_fault("healthy"), slowness=SLOWNESS) as lab:
        yield lab


def everywhere(lab: NetnsLab) -> list[str]:
    return ["fabric", *lab.status()["hosts"]]


def listed(lab: NetnsLab, host: str, command: str) -> list[dict]:
    """What `ip -j` lists in a host."""
    return json.loads(lab.run(host, f"ip -j {command}").out or "[]")


def machine_links() -> list[str]:
    return subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout.splitlines()


# Towards the machine


def test_every_cable_ends_inside(lab: NetnsLab) -> None:
    """An interface is one end of a pair; each has its other end in the same lab, so that no packet has a way out."""
    links = {(host, each["ifindex"]): each for host in everywhere(lab) for each in listed(lab, host, "-d link")}
    cables = {place: each for place, each in links.items() if each["ifname"] != "lo"}
    ends = Counter((index, each["link_index"]) for (_, index), each in cables.items())

    assert {each["linkinfo"]["info_kind"] for each in cables.values()} == {"veth"}
    assert len(cables) >= 10
    assert all(ends[there, here] == number for (here, there), number in ends.items())


def test_every_cable_carries_packets_once_the_lab_is_up() -> None:
    """The kernel takes note a little later that the other end of a cable is up, and loses what is sent until then."""
    with NetnsLab(open_fault("same-node"), slowness=SLOWNESS) as lab:
        links = [each for host in everywhere(lab) for each in listed(lab, host, "link")]

    assert {(each["operstate"], each["qdisc"]) for each in links if each["ifname"] != "lo"} == {("UP", "noqueue")}


def test_the_machine_gets_no_interface(lab: NetnsLab) -> None:
    """The other way of the same: nothing of a lab shows up outside."""
    before = machine_links()
    with NetnsLab(open_fault("healthy"), slowness=SLOWNESS):
        during = machine_links()

    assert before == during == machine_links()


def test_every_route_leads_to_an_interface_of_the_lab(lab: NetnsLab) -> None:
    """The fabric sends what it does not know to the client, and the client to the fabric."""
    for host in everywhere(lab):
        names = {each["ifname"] for each in listed(lab, host, "link")}
        routes = listed(lab, host, "-4 route show table all") + listed(lab, host, "-6 route show table all")
        assert {each["dev"] for each in routes if "dev" in each} <= names
        assert {each.get("gateway") for each in routes} <= {None, "169.254.1.1", "169.254.1.2", "fe80::1", "fe80::2"}


def test_nobody_in_a_lab_reaches_the_machine(lab: NetnsLab) -> None:
    """A server on every address of the machine, its loopback too, hears nothing, over TCP or UDP."""
    heard: list[str] = []
    with ExitStack() as stack:
        places = [place for address in machine_addresses() for place in _listen(stack, address, heard)]
        assert any(host == "127.0.0.1" for host, _ in places)
        lines = "".join(f"{host} {port}\n" for host, port in places)
        for host in everywhere(lab):
            assert lab.run(host, f"printf '{lines}' | python3 -c '{KNOCK}'").code == 0
        subprocess.run(["python3", "-c", KNOCK], input=lines, text=True, check=True)
        assert wait_until(lambda: len(heard) >= 2 * len(places)), "who is on the machine is heard"

    assert len(heard) == 2 * len(places), heard


def machine_addresses() -> list[str]:
    shown = subprocess.run(["ip", "-j", "addr"], capture_output=True, text=True, check=True).stdout
    found = [each for link in json.loads(shown) for each in link["addr_info"]]
    return [each["local"] for each in found if each["scope"] != "link" and not each.get("tentative")]


def _listen(stack: ExitStack, address: str, heard: list[str]) -> list[tuple[str, int]]:
    """A TCP and a UDP server on the same port of *address*."""
    family, port = socket.AF_INET6 if ":" in address else socket.AF_INET, 0
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        listening = stack.enter_context(socket.socket(family, kind))
        listening.bind((address, port))
        port = listening.getsockname()[1]
        if kind == socket.SOCK_STREAM:
            listening.listen()
        listening.settimeout(PATIENCE_S)
        threading.Thread(target=_hear, args=(listening, heard), daemon=True).start()
    return [(address, port)]


def _hear(listening: socket.socket, heard: list[str]) -> None:
    while True:
        try:
            if listening.type == socket.SOCK_STREAM:
                listening.accept()[0].close()
            else:
                listening.recvfrom(100)
        except OSError:
            return
        heard.append(f"{listening.type.name} {listening.getsockname()}")


def test_a_lab_has_no_name_server(lab: NetnsLab) -> None:
    """The machine's resolver is asked over the network, and there is none."""
    for host in lab.status()["hosts"]:
        assert lab.run(host, ["curl", "-sS", "-m", "0.5", "http://example.com/"]).code in (6, 7, 28)


# Towards each other


def test_ten_labs_side_by_side() -> None:
    """Same addresses, same names, one of them broken: one 504, nine 200."""
    with ThreadPoolExecutor(LABS) as threads:
        labs = list(threads.map(lambda _: NetnsLab(open_fault("healthy"), slowness=SLOWNESS), range(LABS)))
        try:
            put(labs[3], NODE_GROUP)
            seen = list(threads.map(met, labs))
            again = list(threads.map(met, labs))
            known = [(lab.status()["hosts"], lab.status()["addresses"]) for lab in labs]
        finally:
            list(threads.map(NetnsLab.close, labs))

    assert seen == again == ["200", "200", "200", "504", *["200"] * 6]
    assert known == [known[0]] * LABS
