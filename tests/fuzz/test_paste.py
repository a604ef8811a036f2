"""
A hostile name in every text of a snapshot, through every command: what is printed is held against readers of its own.

A terminal gets nothing that it would obey; bash makes of the commands exactly the words that the JSON answer has, and
runs nothing else; Terraform's parser finds blocks and no template; XML's finds a picture and no script.
"""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.views.picture.labels import style
from tests.core.full_objects import full
from tests.fuzz.hostile import HOSTILE, at, everywhere, is_harmless, places, service_of, texts
from tests.fuzz.running import Ran, run
from tests.thorough import how_many, one_in
from tests.views.test_fix_text import LABS

hcl2 = pytest.importorskip("hcl2")
ElementTree = pytest.importorskip("defusedxml.ElementTree")

LANGUAGES = ("en", "zh")
EXPECTATIONS = Path(__file__).parents[2] / "docs" / "examples" / "expectations.yaml"
SVG = {"svg", "g", "rect", "text", "tspan", "path", "polygon", "polyline", "ellipse", "title", "a"}
SEED = 20


def bases() -> list[dict[str, Any]]:
    """The default lab, each example, each lab that another step repairs, and one whose objects have every field."""
    found = [open_fault(name).to_dict() for name in FAULTS]
    for change in LABS.values():
        found.append(default_lab())
        change(found[-1])
    found.append(default_lab())
    full(found[-1])
    return found


def poisoned(count: int) -> Iterator[dict[str, Any]]:
    """Snapshots with one hostile text, at one place or wherever the same text stood; each text of each base in turn."""
    random, documents, number = Random(SEED), bases(), 0
    turns = [list(dict.fromkeys(texts(each))) for each in documents]
    while number < count:
        which = number % len(documents)
        document, turn = documents[which], turns[which]
        old, new = turn[number // len(documents) % len(turn)], random.choice(HOSTILE)
        beside = [new, f"{old}{new}", f"{new}{old}"][random.randrange(3)]
        listed = [each for each in places(document) if _value(document, each) == old]
        if listed and random.random() < 0.3:
            yield at(document, random.choice(listed), beside)
        else:
            yield everywhere(document, old, beside)
        number += 1


def _value(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


def asked(snapshot: str, document: dict[str, Any], folder: Path) -> dict[str, list[str]]:
    """Every command that reads a snapshot, by what it is called here."""
    service = f"--service={service_of(document)}"
    group = next(iter(document.get("security_groups") or {"": 0}))
    resource = _first(document, "instances", "InstanceId")
    return {
        "trace": ["trace", snapshot, service, "--from", "203.0.113.10"],
        "trace all": ["trace", snapshot, service, "--from", "203.0.113.10", "--all", f"--host={group}"],
        "trace json": ["trace", snapshot, service, "--from", "203.0.113.10", "--json"],
        "picture": ["trace", snapshot, service, "--from=203.0.113.10", "--svg", str(folder / "path.svg")],
        "diagnose": ["diagnose", snapshot, service, "--from", "203.0.113.10,198.51.100.9"],
        "diagnose json": ["diagnose", snapshot, service, "--from", "203.0.113.10", "--json"],
        "diagnose all": ["diagnose", snapshot, "--all", "--from", "203.0.113.10"],
        "reach": ["reach", snapshot, service],
        "reach json": ["reach", snapshot, service, "--json"],
        "interface": ["reach", snapshot, f"--interface={resource}"],
        "lint": ["lint", snapshot],
        "lint json": ["lint", snapshot, "--json"],
        "check": ["check", snapshot, str(EXPECTATIONS)],
        "check json": ["check", snapshot, str(EXPECTATIONS), "--json"],
        "diff": ["diff", str(folder / "before.json"), snapshot],
        "diff json": ["diff", snapshot, str(folder / "before.json"), "--json"],
        "fix": ["fix", snapshot, service, "--from", "203.0.113.0/24"],
        "fix json": ["fix", snapshot, service, "--from", "203.0.113.0/24", "--json"],
    }


def _first(document: dict[str, Any], part: str, name: str) -> str:
    listed = document.get(part)
    return next((str(each.get(name)) for each in listed or () if isinstance(each, dict)), "")


def shown_safely(ran: Ran, arguments: list[str]) -> str:
    """What is wrong with what a terminal got; empty where nothing is."""
    printed = f"{ran.out}{ran.err}"
    if not all(map(is_harmless, printed.split("\n"))):
        return f"not harmless: {next(each for each in printed.split(chr(10)) if not is_harmless(each))!r}"
    if "--json" in arguments and ran.status != 2:
        assert ran.out.isascii()
        json.loads(ran.out)
    return ran.objection


def test_every_command_prints_what_a_terminal_only_shows(tmp_path: Path) -> None:
    (tmp_path / "before.json").write_text(json.dumps(default_lab()))
    snapshot, random, statuses, wrong = tmp_path / "snapshot.json", Random(SEED), [], []
    count = how_many(120, thorough=1_000, long=40_000)
    for document in poisoned(count):
        snapshot.write_text(json.dumps(document))
        commands = asked(str(snapshot), document, tmp_path)
        name = random.choice(list(commands))
        ran = run(*commands[name], "--lang", random.choice(LANGUAGES))
        statuses.append(ran.status)
        objection = shown_safely(ran, commands[name])
        wrong += [(name, objection)] if objection else []
        if name == "picture" and ran.status != 2:
            drawn_safely((tmp_path / "path.svg").read_text("utf-8"))

    print(f"{count} snapshots, statuses { ({each: statuses.count(each) for each in sorted(set(statuses), key=str)}) }")
    assert wrong == []
    assert statuses.count(2) < count / 2


def drawn_safely(text: str) -> None:
    """A picture of its own: well-formed, of shapes and words only, and the words are those of a terminal."""
    for element in ElementTree.fromstring(text).iter():
        if element.tag.endswith("}style"):
            assert f"<style>{element.text}</style>" == style("drill-gv").replace(
                "&quot;", '"'
            )  # nothing from elsewhere
            continue
        assert element.tag.rpartition("}")[2] in SVG
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert is_harmless(value.replace("\n", " "))
        assert is_harmless((element.text or "").replace("\n", " ").replace("\u00a0", " "))


class Pasted:
    """The parts of `drill fix` that are there to be pasted."""

    def __init__(self, text: str, answer: dict[str, Any]) -> None:
        lines = text.split("\n")
        self.commands = _below(lines, "kubectl:") + _below(lines, "tccli:")
        self.commands += [each[4:] for each in lines if each.startswith("  $ ")]
        causes = [*answer["causes"], *answer["causes_left"]]
        self.looks = [each["look"] for each in causes]
        self.looks += [way["command"] for each in causes for way in each["ways"] if way["command"]]
        self.commands += [each for each in self.looks if any(line.endswith(each) for line in lines)]
        title = next((each for each in lines if each.startswith("Terraform (")), "")
        self.hcl = "\n".join(_below(lines, title)) + "\n"


def _below(lines: list[str], title: str) -> list[str]:
    """The indented lines below a title."""
    if title not in lines:
        return []
    start = lines.index(title) + 1
    end = next((place for place in range(start, len(lines)) if not lines[place].startswith("  ")), len(lines))
    return [each[2:] for each in lines[start:end]]


def test_what_fix_prints_runs_exactly_what_it_says(tmp_path: Path) -> None:
    """The words in bash are those of the JSON answer, whatever the names; a line that has not got them is a comment."""
    snapshot, commands, refused, count = tmp_path / "snapshot.json", [], 0, how_many(120, thorough=240, long=6_000)
    for document in poisoned(count):
        snapshot.write_text(json.dumps(document))
        fixing = asked(str(snapshot), document, tmp_path)["fix"]
        answer, text = run(*fixing, "--json"), run(*fixing)
        if answer.status == 2:
            continue
        pasted = Pasted(text.out, json.loads(answer.out))
        no_template(pasted.hcl)
        says_the_same(json.loads(answer.out), document)
        refused += sum(each.startswith("# ") for each in pasted.commands)
        commands += pasted.commands

    print(f"{count} snapshots: {len(commands)} commands pasted, {refused} of them refused")
    assert 0 < refused < len(commands) / 2
    runs_exactly(commands, tmp_path / "empty")


def no_template(text: str) -> None:
    tree = hcl2.parses_to_tree(text)
    assert not list(tree.find_data("interpolation"))
    assert not [
        each for each in hcl2.loads(text) if each not in ("ingress", "egress", "__comments__", "__inline_comments__")
    ]


def says_the_same(answer: dict[str, Any], document: dict[str, Any]) -> None:
    """Each line of tccli against the call that it stands for."""
    assert len(answer["tccli"]) == len(answer["api"])
    for line, call in zip(answer["tccli"], answer["api"], strict=True):
        region = document.get("region") or "REGION"
        values = [region, *texts(call["parameters"])]
        if line.startswith("# "):
            assert not all(map(is_harmless, values)) or any(not each or each.startswith("-") for each in values)
            continue
        words = shlex.split(line)
        assert words[:5] == ["tccli", call["service"], call["action"], "--region", region]
        named = dict(zip(words[5::2], words[6::2], strict=True))
        read = {name: json.loads(each) if each[0] in "[{" else each for name, each in named.items()}
        assert read == {f"--{name}": value for name, value in call["parameters"].items()}


def runs_exactly(lines: list[str], folder: Path) -> None:
    """All in one bash in an empty folder, where tccli and kubectl only record their words and nothing else is found."""
    folder.mkdir()
    record = "".join(f'{name}() {{ printf "%s\\0" {name} "$@" ""; }}\n' for name in ("tccli", "kubectl", "terraform"))
    script = folder.with_suffix(".sh")  # one argument has room for some hundred commands only
    script.write_text(f"PATH=/nowhere\n{record}{chr(10).join(lines)}\n", encoding="utf-8")
    ran = subprocess.run(["bash", "--norc", str(script)], capture_output=True, cwd=folder)
    wanted = [shlex.split(each) for each in lines if not each.startswith("# ")]

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert list(folder.iterdir()) == []
    assert ran.stdout.decode() == "".join("\0".join([*words, ""]) + "\0" for words in wanted)


ARGUMENTS = [
    *(["trace", "{lab}", "--service", "{name}", "--from", "203.0.113.10"], ["trace", "{lab}", "--from", "{name}"]),
    *(["trace", "{name}"], ["trace", "{lab}", "--host", "{name}"], ["trace", "{lab}", "--path", "{name}"]),
    *(
        ["trace", "{lab}", "--from", "pod/shop/web-1", "--port", "80", "--to", "{name}"],
        ["trace", "{lab}", "--from", "{name}", "--to", "node/node-a", "--port", "80"],
        ["trace", "{lab}", "--from", "pod/{name}", "--to", "svc/{name}", "--port", "80"],
    ),
    *(["trace", "{lab}", "--vip", "{name}"], ["trace", "{lab}", "--port", "{name}"], ["trace", "{lab}", "{name}"]),
    *(
        ["trace", "{lab}", "--protocol", "{name}"],
        ["reach", "{lab}", "--interface", "{name}"],
        ["{name}"],
        ["lint", "{name}"],
    ),
    *(["fix", "{lab}", "--from", "{name}"], ["fix", "{lab}", "--from", "203.0.113.1", "--nodes", "{name}"]),
    *(["decide", "{name}", "--from", "203.0.113.1"], ["decide", "{group}", "--from", "{name}", "--port", "80"]),
    *(
        ["decide", "{group}", "--from", "203.0.113.1", "--protocol", "{name}"],
        ["lint", "{group}", "--members", "{name}"],
    ),
    *(["check", "{lab}", "{name}"], ["diff", "{lab}", "{name}"], ["example", "{name}", "x"], ["render", "{name}"]),
    *(["render", "--set", "region={name}"], ["render", "--set", "{name}"], ["trace", "{lab}", "--lang", "{name}"]),
    *(["lab", "status", "{name}"], ["lab", "up", "--snapshot", "{name}"], ["cloud", "up", "--example", "{name}"]),
    *(["cloud", "fault", "{name}"], ["shell", "{name}", "--", "{name}"], ["verify", "--seed", "{name}"]),
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_a_hostile_argument_is_shown_and_not_obeyed(arguments: list[str], tmp_path: Path, monkeypatch) -> None:
    """Errors name the value found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    lab, group = tmp_path / "lab.json", tmp_path / "group.json"
    document = default_lab()
    lab.write_text(json.dumps(document))
    group.write_text(json.dumps(document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]))
    for name in one_in(3, HOSTILE[ARGUMENTS.index(arguments) % how_many(3, thorough=1) :]):  # each meets some of them
        given = [each.format(lab=lab, group=group, name=name) for each in arguments]
        ran = run(*given)
        assert ran.status in (0, 1, 2, 3)
        assert all(map(is_harmless, f"{ran.out}{ran.err}".split("\n")))


@pytest.mark.parametrize("api", ["lab", "cloud"])
def test_a_variable_that_is_not_set_starts_nothing(api: str, tmp_path: Path, monkeypatch) -> None:
    """A script's ``--snapshot "$FILE"``: not the default lab, which would stand until somebody finds it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    ran = run(api, "up", "--snapshot", "")

    assert (ran.status, ran.out) == (2, "")
    assert "'' cannot be read" in ran.err


def test_the_commands_of_render_and_example_are_quoted(tmp_path: Path, monkeypatch) -> None:
    """Their folder is named by hand, and stands in each command that comes next."""
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(each for each in HOSTILE if each.strip() and "\0" not in each):
        folder = f"{number}{name}"
        try:
            folder.encode()
        except UnicodeEncodeError:
            continue
        for arguments in (["example", "healthy", folder], ["render", "--terraform", folder]):
            ran = run(*arguments)
            assert ran.objection == ""
            assert all(map(is_harmless, f"{ran.out}{ran.err}".split("\n")))
            lines = [
                each[2:] for each in ran.out.split("\n") if re.match(r"  (\S+ trace |\S+ decide |cp |terraform )", each)
            ]
            assert lines or not is_harmless(folder) or ran.status
            for line in lines:
                assert any(folder in word for word in shlex.split(line, comments=True)) or "output" in line
