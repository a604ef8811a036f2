"""
The real-packet lab against the bare cost of its parts: as many namespaces and links made with `ip -batch`.

Both are measured by turns in the same run. The lab brings Python, routes, rules and servers besides; the process that
asks is there already, as a notebook's is.
"""

import subprocess
from collections.abc import Iterator
from statistics import median

from bench.table import duration, median_seconds, seconds_of
from drilllib.core.drills.default_lab import NODE_GROUP
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule
from drilllib.labs.netns import sandbox
from drilllib.labs.netns.lab import NetnsLab

ROUNDS = 15
CHANGES, MANY = 9, 512
SLOWNESS = 0.05
BARE = "as many namespaces and links, ip -batch"
COLUMNS = ("real-packet lab", "time", "against bare", "budget")
BUDGETS = {"up": "< 200 ms", "one rule changed": "< 5 ms", "down": "< 50 ms"}


def rows() -> Iterator[tuple[str, ...]]:
    """One row a figure; a single row that says why where real packets cannot run."""
    reason = sandbox.why_not()
    if reason is not None:
        yield f"not measured: {reason}", "", "", ""
        return
    with _lab() as lab:
        commands, memory_kib = _bare_commands(lab), lab.status()["memory_kib"]
    _, *turns = (_turn(commands) for _ in range(ROUNDS + 1))  # the first one only warms up
    seconds = {name: median(turn[name] for turn in turns) for name in turns[0]}
    for name, each in seconds.items():
        yield name, duration(each), f"{each / seconds[BARE]:.2f}x", BUDGETS.get(name, "")
    yield "memory of its processes (PSS)", f"{memory_kib / 1024:.1f} MiB", "", ""


def _turn(commands: str) -> dict[str, float]:
    """The seconds of everything, once."""
    times, labs = {BARE: seconds_of(lambda: _bare(commands))}, []
    times["up"] = seconds_of(lambda: labs.append(_lab()))
    changes = [rule_from_text(f"DROP TCP 10.0.0.0/8 {port}") for port in range(1, CHANGES + 1)]
    times["one rule changed"] = median_seconds(lambda: _put(labs[0], [changes.pop()]), repeats=CHANGES)
    many = _many()
    times[f"{MANY} rules loaded"] = seconds_of(lambda: _put(labs[0], many))
    times["down"] = seconds_of(labs[0].close)
    return times


def _lab() -> NetnsLab:
    return NetnsLab(open_fault("healthy"), slowness=SLOWNESS)


def _put(lab: NetnsLab, rules: list[Rule]) -> None:
    lab.replace_rules(NODE_GROUP, Direction.INGRESS, rules)


def _many() -> list[Rule]:
    return [rule_from_text(f"ACCEPT TCP 10.{place // 250}.{place % 250}.0/24 {place + 1}") for place in range(MANY)]


def _bare_commands(lab: NetnsLab) -> str:
    """What `ip -batch` reads to make as many namespaces and links as the lab has."""
    hosts = ["fabric", *lab.status()["hosts"]]
    ends = sum(int(lab.run(host, "ip -o link show type veth | wc -l").out) for host in hosts)
    lines = [f"netns add space{number}" for number in range(len(hosts))]
    lines += [f"link add out{number} type veth peer name in{number} netns space1" for number in range(ends // 2)]
    return "\n".join([*lines, ""])


def _bare(commands: str) -> None:
    """Carry them out in namespaces of their own, as the lab's are."""
    script = "mount -t tmpfs tmpfs /run && mkdir /run/netns && exec ip -batch -"
    command = sandbox.command(["sh", "-c", script])
    subprocess.run(command, input=commands, text=True, check=True, env=sandbox.environment())
