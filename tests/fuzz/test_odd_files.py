"""
Files that nobody meant for us, through every command that reads one: one clear line, in bounded time.

``python -m tests.fuzz.test_odd_files FIRST COUNT`` makes a part of the long run by itself.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from drilllib.core.drills.default_lab import default_lab
from tests.fuzz.hostile import HOSTILE, is_harmless
from tests.fuzz.running import run
from tests.fuzz.test_paste import EXPECTATIONS
from tests.thorough import how_many

LAB = json.dumps(default_lab())
GROUP = json.dumps({"Version": "1", "Ingress": [], "Egress": []})
EXPECTED = EXPECTATIONS.read_text("utf-8")
FILES = 1_000
SCALARS = (
    *("2026-01-01", "2026-13-45", "true", "yes", "~", "!!bool x", "!!timestamp x", "!!int x", "!!float x"),
    *("!!null x", "!!binary x", "!!set {a}", "!!omap [a: 1]", "!!pairs [a]", "!!python/name:os.system", "!x y"),
    *("!<tag:x> y", "&a *a", "190:20:30", "0x1F", "0b1", "0o7", "1_000", ".inf", ".nan", "=", "<<", "|\n  x"),
    *(">-\n  x", '"\\ud800"', '"\\x1b"', "!!str 80", "!!map 3", "!!seq {}", "!!int 80", "!!float 1", "*nobody"),
    *("&a 1", "%", "@", "`", "{", "]", "- -", "? ?"),
)
LONG = ("9" * 5_000, "9" * 4_301, "1e999", "-1e999", "NaN", "-Infinity", "1" + ":59" * 3_000, "0" * 9)
CODINGS = ("utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030", "utf-7", "cp037")
BYTES = (b"", b"\0", b"\xff", b"\x1b", b"\x80", b'"', b"{", b"]", b"\n", b"\t", b"\xe2\x80\xae")
BEGINNINGS = (
    *(b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"\x7fELF", b"<html>", b"%YAML 9.9\n---\n", b"---\n---\n"),
    b"\xef\xbb\xbf",
)


def nested(random: Random) -> bytes:
    depth, (opened, closed) = random.choice((90, 101, 500, 5_000, 300_000)), random.choice(("[]", ('{"a":', "}")))
    text = opened * depth + "1" + closed * random.choice((0, depth))
    return random.choice((text, f'{{"schema": {text}}}', f"schema: {text}", "- " * depth, "? " * depth)).encode()


def bomb(random: Random) -> bytes:
    width, depth = random.choice(((9, 12), (2, 60), (100, 4), (3, 3)))
    ways = {
        "list": lambda number: f"[{', '.join([f'*a{number - 1}'] * width)}]",
        "merge": lambda number: f"{{<<: [{', '.join([f'*a{number - 1}'] * width)}]}}",
        "object": lambda number: f"{{{', '.join(f'k{each}: *a{number - 1}' for each in range(width))}}}",
    }
    way = ways[random.choice(list(ways))]
    lines = ["a0: &a0 {x: y}", *(f"a{number}: &a{number} {way(number)}" for number in range(1, depth))]
    return "\n".join([*lines, f"schema: *a{depth - 1}"]).encode()


def doubled(random: Random) -> bytes:
    count = random.choice((2, 100, 50_000))
    key = random.choice(("a", "schema", "é", "\\u001b"))
    if random.random() < 0.5:
        return f"{{{', '.join([json.dumps(key) + ': 1'] * count)}}}".encode()
    same = random.random() < 0.5
    return "\n".join(f'"{key}{"" if same else number}": {number}' for number in range(count)).encode()


def numbers(random: Random) -> bytes:
    digits = random.choice(LONG)
    shapes = (f'{{"schema": {digits}}}', f"schema: {digits}", digits, f"[{digits}]", f"{digits}: 1")
    return random.choice(shapes).encode()


def scalars(random: Random) -> bytes:
    value, other = random.choice(SCALARS), random.choice(SCALARS)
    shapes = ("schema: {0}", "{0}: 1", "{0}", "- {0}", "? {0}\n: {1}", "{{{0}: {1}}}", "[{0}, {1}]", "a: {0}\nb: {1}")
    known = ("schema: drilllib/expectations/1\nexpectations:\n  - {0}", EXPECTED.replace("{", "{{").replace("}", "}}"))
    return random.choice((*shapes, *known)).format(value, other).replace("22", value).encode("utf-8", "surrogatepass")


def coded(random: Random) -> bytes:
    text = random.choice((LAB, GROUP, EXPECTED, "防火墙: é", ""))
    return text.encode(random.choice(CODINGS), errors="replace")


def spoilt(random: Random) -> bytes:
    """A good file with bytes lost, changed or put in."""
    data = bytearray(random.choice((LAB, GROUP, EXPECTED)).encode())
    for _ in range(random.choice((1, 1, 3, 20))):
        place = random.randrange(len(data))
        data[place : place + random.randrange(3)] = random.choice((*BYTES, random.randbytes(1)))
    return bytes(data[: random.choice((len(data), len(data), random.randrange(len(data) + 1)))])


def noise(random: Random) -> bytes:
    return random.choice(BEGINNINGS) + random.randbytes(random.choice((0, 1, 16, 4_096)))


def lines(random: Random) -> bytes:
    port = random.choice((80, 10**400, None, "x"))
    flow = {"from": random.choice(HOSTILE), "port": port, "protocol": random.choice(HOSTILE)}
    return ("\n".join([json.dumps(flow)] * 3) + random.choice(("", "\n\n", "x" * (2 << 20), "\r\n"))).encode()


KINDS: tuple[Callable[[Random], bytes], ...] = (
    *(nested, bomb, doubled, numbers, scalars, coded, spoilt, noise, lines),
    *(scalars, spoilt),
)


class OddFiles:
    """Odd files by number, each to one command."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.statuses, self.wrong = folder, Counter[str](), list[str]()
        self.lab, self.group = folder / "lab.json", folder / "sg-a.json"
        self.lab.write_text(LAB)
        self.group.write_text(GROUP)

    def one(self, number: int) -> None:
        """One odd file to one command, by name or as standard input."""
        random = Random(number)
        kind = random.choice(KINDS)
        data, name = kind(random), self.folder / random.choice(("odd.json", "odd.yaml", "odd"))
        name.write_bytes(data)
        by_name = random.random() < 0.8
        arguments = random.choice(self.commands(str(name) if by_name else "-"))
        ran = run(*arguments, given=b"" if by_name else data)
        self.statuses[f"{kind.__name__} {ran.status}"] += 1
        strange = [each for each in ran.err.split("\n") if not is_harmless(each)]
        objection = ran.objection or (f"not harmless: {strange[0]!r}" if strange else "")
        if objection or len(ran.err) > 2_000:
            self.wrong.append(f"{number} {kind.__name__}: {' '.join(arguments)}: {objection or ran.err[:600]}")

    def commands(self, name: str) -> list[list[str]]:
        """Every command that reads a file."""
        lab, group = str(self.lab), str(self.group)
        flow = ["--from", "203.0.113.10", "--port", "80"]
        about_snapshot = [
            *(["trace", name, "--from", "203.0.113.10"], ["reach", name], ["fix", name, "--from", "203.0.113.0/24"]),
            *(["lint", name], ["check", name, str(EXPECTATIONS)], ["diff", lab, name], ["diff", name, group]),
        ]
        about_expectations = [["check", lab, name], ["check", lab, name, "--json", "--lang", "zh"]]
        about_groups = [["lint", group, name], ["decide", name, *flow], ["decide", group, "--flows", name]]
        return [
            *about_snapshot,
            *about_expectations,
            *about_groups,
            ["assemble", name, str(self.group)],
            ["render", name, "--out", str(self.folder / "out")],
        ]


def _all(folder: Path, count: int, first: int = 0) -> OddFiles:
    files = OddFiles(folder)
    for number in range(first, first + count):
        files.one(number)
    by_status: Counter[str] = Counter()
    for name, seen in files.statuses.items():
        by_status[name.rpartition(" ")[2]] += seen
    print(f"{files.statuses.total()} files, statuses {dict(sorted(by_status.items()))}, {len(files.wrong)} wrong")
    return files


def test_an_odd_file_is_one_clear_line(tmp_path: Path) -> None:
    assert _all(tmp_path, how_many(150, thorough=FILES // 2, long=FILES)).wrong == []


@pytest.fixture
def odd_paths(tmp_path: Path) -> list[str]:
    """Names of what is no file, or is none that can be read."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    made = [str(tmp_path), *(str(tmp_path / name) for name in ("pipe", "loop", "gone", "pipe/x", "n" * 300))]
    devices = ["/dev/zero", "/dev/null", "/dev/full", "/dev/fd/99", "/proc/self/fd/999999999", "/proc/self/mem"]
    return [*made, *devices, "", "a\0b"]


def test_what_is_no_file_is_one_clear_line(odd_paths: list[str], tmp_path: Path) -> None:
    """A named pipe that nobody writes to would hold us, and /dev/zero has no end."""
    files = OddFiles(tmp_path)
    for path in odd_paths:
        for arguments in files.commands(path):
            ran = run(*arguments)
            assert ran.status == 2, (path, arguments, ran)
            assert ran.objection == ""
            assert is_harmless(ran.err[:-1])


def main() -> None:
    """A part of the long run: the first number, and how many."""
    with tempfile.TemporaryDirectory() as folder:
        found = _all(Path(folder), int(sys.argv[2]), int(sys.argv[1]))
    print("\n".join(found.wrong), sorted(found.statuses.items()), sep="\n")


if __name__ == "__main__":
    main()
