"""
Lists of rules that are hard on the engine, each asked about in a process of its own.

``python witness_hostile.py LIMIT SHAPE COUNT QUESTION...`` prints, in JSON, what came of each question, its answer's
size or "too complex", how long that took, and the peak of the process's memory. LIMIT is how many bytes it may have.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from random import Random

from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.sets.accepted import accepted
from drilllib.core.sets.boxes import boxes
from drilllib.core.sets.cover import cover
from drilllib.core.sets.shadows import cancelled, parts_of, redundant_rules
from drilllib.errors import TooComplexError

TOO_COMPLEX = "too complex"


def rule(action: str, peer: str, port: str = "ALL", protocol: str = "TCP") -> dict:
    return {"Action": action, "Protocol": protocol, "Port": port, "Ipv6CidrBlock" if ":" in peer else "CidrBlock": peer}


def address(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def address_6(number: int) -> str:
    return ":".join(f"{number >> shift & 65535:x}" for shift in range(112, -1, -16))


class Shapes:
    """The lists, by name; the number behind the name is how many rules there are, more or less."""

    def __init__(self) -> None:
        self.random = Random("hostile")

    def action(self) -> str:
        return self.random.choice(("ACCEPT", "DROP"))

    def block(self) -> str:
        """Any block but one that begins with 0.0.0.0, which would be everything."""
        return f"{address(self.random.getrandbits(32) | 1 << 31)}/{self.random.choice((16, 24, 28, 32))}"

    def same_ports(self, count: int) -> list[dict]:
        ports = ("22", "80", "443", "8000-8010", "1-65535")
        return [rule(self.action(), self.block(), self.random.choice(ports)) for _ in range(count)]

    def all_protocols(self, count: int) -> list[dict]:
        return [rule(self.action(), self.block(), protocol="ALL") for _ in range(count)]

    def ipv6(self, count: int) -> list[dict]:
        drawn = [(self.random.getrandbits(128), self.random.choice((32, 64, 128))) for _ in range(count)]
        return [rule(self.action(), f"{address_6(number)}/{length}", "443") for number, length in drawn]

    def scattered(self, count: int) -> list[dict]:
        return [rule(self.action(), self.block(), str(self.random.randint(1, 65535))) for _ in range(count)]

    def wide_ports(self, count: int) -> list[dict]:
        """Ranges of ports that overlap one another everywhere."""
        spans = [sorted((self.random.randint(1, 65535), self.random.randint(1, 65535))) for _ in range(count)]
        return [rule(self.action(), self.block(), f"{low}-{high}") for low, high in spans]

    def crossing(self, count: int) -> list[dict]:
        """One address with all ports, one port for everybody, in turn: every pair of them crosses."""
        return [
            rule("DROP", address((10 << 24) + number)) if number % 2 else rule("ACCEPT", "0.0.0.0/0", str(number + 1))
            for number in range(count)
        ]

    def combs(self, count: int) -> list[dict]:
        """The same, all of them accepting: between any two of the ports only the single addresses are left."""
        return [policy | {"Action": "ACCEPT"} for policy in self.crossing(count)]

    def nested(self, count: int) -> list[dict]:
        """Each range of ports lies within all that follow, and says the contrary of the next."""
        ports = [f"{number + 1}-{65535 - number}" for number in reversed(range(count))]
        return [rule(("ACCEPT", "DROP")[place % 2], "0.0.0.0/0", text) for place, text in enumerate(ports)]

    def comma_lists(self, count: int) -> list[dict]:
        """A hundred rules with very many ports each."""
        listed = []
        for number in range(100):
            ports = (str(self.random.randint(1, 65535)) for _ in range(count // 100))
            listed.append(rule(self.action(), f"10.{number}.0.0/16", ",".join(ports)))
        return listed

    def closed(self, count: int) -> list[dict]:
        """Scattered rules, and below them an ACCEPT that one DROP cancels."""
        return [*self.scattered(count), rule("DROP", "0.0.0.0/0"), rule("ACCEPT", "0.0.0.0/0")]

    def shut(self, count: int) -> list[dict]:
        """Everybody is dropped at the top, so that every rule below is dead."""
        return [rule("DROP", "0.0.0.0/0"), *(rule("ACCEPT", self.block(), "80") for _ in range(count))]

    def in_pieces(self, count: int) -> list[dict]:
        """An ACCEPT that DROPs of one port each cancel only together."""
        pieces = [rule("DROP", "10.0.0.0/8", str(number + 1)) for number in range(count)]
        return [*pieces, rule("ACCEPT", "10.0.0.0/8", f"1-{count}")]

    def ragged(self, count: int) -> list[dict]:
        """All IPv6 addresses but the first and the last, for every other port: 254 blocks for each."""
        ends = [rule("DROP", "::"), rule("DROP", address_6((1 << 128) - 1))]
        return [*ends, *(rule("ACCEPT", "::/0", str(2 * number + 1)) for number in range(count))]


def found_dead_and_redundant(groups: list[SecurityGroup], direction: Direction) -> int:
    parts = parts_of(groups, direction)
    dead = parts.dead
    return len(dead) + len(redundant_rules(parts, dead))


QUESTIONS: dict[str, Callable[[list[SecurityGroup], Direction], int]] = {
    "accepted": lambda groups, direction: sum(map(len, accepted(groups, direction).sure.planes.values())),
    "boxes": lambda groups, direction: len(boxes(accepted(groups, direction).sure)),
    "cover": lambda groups, direction: len(cover(accepted(groups, direction).sure)),
    "dead and redundant": found_dead_and_redundant,
    "cancelled": lambda groups, direction: len(cancelled(groups, direction)),
}


def main(limit: str, shape: str, count: str, *questions: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    policies = getattr(Shapes(), shape)(int(count))
    groups = [group_from_policy_set("sg-1", {"Ingress": policies, "Egress": []})]
    answers, seconds = {}, {}
    for question in questions:
        start = time.perf_counter()
        try:
            answers[question] = QUESTIONS[question](groups, Direction.INGRESS)
        except TooComplexError:
            answers[question] = TOO_COMPLEX
        seconds[question] = round(time.perf_counter() - start, 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"answers": answers, "seconds": seconds, "megabytes": peak // 1024}))


if __name__ == "__main__":
    main(*sys.argv[1:])
