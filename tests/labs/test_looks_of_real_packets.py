"""Captures among the looks of practice show, line by line, what tcpdump sees of real packets in the same world."""

import re

import pytest

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.capture import SOURCE_PORT, hosts_of
from drilllib.core.practice.looks import Look, LookKind, see
from drilllib.core.trace.path import SymptomKind
from drilllib.core.trace.request import trace
from drilllib.labs.netns.lab import NetnsLab
from drilllib.practice.library import drill, names
from drilllib.views.text.looks import evidence_text
from tests.core.test_looks_taken import quiet
from tests.labs.real import SLOWNESS, UNPLAYED, needs_real_packets
from tests.thorough import THOROUGH

USUAL = ("local-policy", "node-egress", "rule-order", "target-port")
_LINE = re.compile(r"(?:\S+ +)?(In|Out) +IP ([\d.]+)\.(\d+) > ([\d.]+)\.(\d+): (Flags \[[^]]*\])?")
_UNREACHABLE = re.compile(r"(?:\S+ +)?(In|Out) +IP ([\d.]+) > ([\d.]+): ICMP ([\d.]+) udp port (\d+) unreachable")


def quiet_world(name: str) -> World:
    """A small world whose health checks are off, so that only the client's packets are seen."""
    world = make_world(drill(name), 0, 1)
    object.__setattr__(world, "snapshot", quiet(world.snapshot))
    return world


def seen(lines: list[str], ports: set[str]) -> list[tuple[str, ...]]:
    """The packets of a capture; a port that nobody serves stands as a star, because it is another one each time."""
    found = []
    for line in lines:
        if met := _LINE.search(line):
            way, source, own, destination, port, what = met.groups()
            ends = (source, own if own in ports else "*", destination, port if port in ports else "*")
            found.append((way, *ends, what or "UDP"))  # tcpdump reads what it takes for DNS or SIP
        elif met := _UNREACHABLE.search(line):
            found.append(met.groups())
    return list(dict.fromkeys(found))


def by_look(world: World, host: str) -> str:
    return evidence_text(see(world.snapshot, world.question, Look(LookKind.CAPTURE, host)), "en")


@needs_real_packets
@pytest.mark.parametrize("name", [each for each in names() if each not in UNPLAYED] if THOROUGH else USUAL)
def test_a_capture_shows_what_tcpdump_sees(name: str) -> None:
    world = quiet_world(name)
    hosts = hosts_of(world.snapshot)
    short = {host: host.rpartition("/")[2] for host in hosts}
    texts = {host: by_look(world, host) for host in hosts}
    ports = {port for text in texts.values() for port in re.findall(r"\.(\d+)(?= >|:)", text)} - {str(SOURCE_PORT)}
    with NetnsLab(world.snapshot, slowness=SLOWNESS) as lab:
        observed, packets = lab.watch(world.question, list(short.values()))

    assert observed.symptom.kind is not SymptomKind.OTHER
    ways = trace(world.snapshot, world.question).paths
    for host in hosts:
        told, met = seen(texts[host].splitlines(), ports), seen(packets[short[host]], ports)
        if len(ways) == 1 and ways[0].count == 1:
            assert told == met, host
        else:  # a request goes one of the ways that a look tells of
            assert {*met} <= {*told}, host
