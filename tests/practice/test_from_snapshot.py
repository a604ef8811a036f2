"""Somebody's own outage as a drill: the same answers under other names, and nothing left of what it was called."""

import json
import re
from collections import Counter
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from drilllib.cli import main
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.practice.authored import read_drill
from drilllib.practice.from_snapshot import Written, drill_from, text_of
from drilllib.practice.library import drill, names
from drilllib.practice.proving import objections
from tests.core.renaming import answer, fixed
from tests.core.walker_labs import replace_everywhere
from tests.thorough import how_many

SEEDS = how_many(1, thorough=1, long=20)
FIELDS = {"app"}  # what a name of a world may be, and a field's name too


def snapshot_of(name: str, seed: int) -> World:
    played = drill(name)
    return make_world(played, seed, played.levels[seed % len(played.levels)])


def written_of(world: World) -> Written:
    return drill_from(world.snapshot, world.question, world.served)


@pytest.mark.parametrize("name", names())
def test_every_world_is_asked_proved_and_graded_as_before(name: str) -> None:
    """Verdict, blockers, findings and what `fix` proposes up to renaming; right attempts pass, wrong ones fail."""
    for seed in range(SEEDS):
        world = snapshot_of(name, seed)
        written = written_of(world)
        own = read_drill("own.yaml", text_of(written, as_json=False))
        there = make_world(own, 0, own.levels[0])
        was = dict(written.by.replaced)

        assert answer(world.snapshot, world.question, was) == answer(there.snapshot, there.question, {}), seed
        first, second = ip_network(world.served[0]), ip_network(there.served[0])
        before = fixed(world.snapshot, world.meant, first, was)
        assert before == fixed(there.snapshot, there.meant, second, {}), seed
        assert len(there.causes) == len(world.causes), seed
        assert list(map(str, objections(own, 0, own.levels[0], Counter()))) == [], seed


PUBLIC = {"198.51.100.": "81.70.1.", "203.0.113.": "81.70.2.", "192.0.2.": "81.70.3.", "198.18.": "82.18."}


def as_public(text: str) -> str:
    """The same with addresses that somebody may really have, in the place of those for documentation."""
    for old, new in PUBLIC.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("name", names())
def test_no_name_id_or_public_address_is_left_in_the_file(name: str) -> None:
    for seed in range(SEEDS):
        world = snapshot_of(name, seed)
        snapshot = Snapshot(json.loads(as_public(json.dumps(world.snapshot.to_dict()))))
        question = replace(world.question, client=as_public(world.question.client))
        written = drill_from(snapshot, question, [as_public(each) for each in world.served])
        found = json.dumps(written.document["outage"])
        left = [old for old in written.by.replaced if re.search(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", found)]
        assert set(left) <= {*FIELDS, *written.by.replaced.values()}, seed  # node-29, the new name of another one
        assert not re.search(r"81\.70\.|82\.18\.", found), seed


SECRETS = {"shop": "acme-billing", "web": "acme-ledger", "node-a": "acme-node", "sg-node0001": "sg-q7acme02"}
CLIENT, SERVED = "81.71.200.17", "81.71.200.0/24"


def outage_of_acme(tmp_path: Path, change: Any = None) -> Path:
    """The default lab under a company's names, whose node's group lets nobody in."""
    document = default_lab()
    replace_everywhere(document, SECRETS)
    groups = document["security_groups"]
    document["security_groups"] = {SECRETS.get(name, name): group for name, group in groups.items()}
    replace_everywhere(document, {"203.0.113.0/24": SERVED})
    document["security_groups"]["sg-q7acme02"]["SecurityGroupPolicySet"]["Ingress"] = []
    if change:
        change(document)
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def author(tmp_path: Path, *more: str, client: str = CLIENT, out: str = "ours.yaml") -> int:
    given = ("--service", "acme-billing/acme-ledger", "--client", client, "--out", str(tmp_path / out), "--lang", "en")
    return main(["author", "from", str(tmp_path / "snapshot.json"), *given, *more])


@pytest.mark.parametrize("out", ["ours.yaml", "ours.json"])
def test_an_outage_is_written_checked_proved_seen_and_played(tmp_path: Path, out: str, capsys: Any) -> None:
    outage_of_acme(tmp_path)
    path = tmp_path / out

    assert author(tmp_path, out=out) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in (CLIENT, *SECRETS.values()))
    text = path.read_text(encoding="utf-8")
    assert not re.search("acme|81\\.71|q7", text)
    assert main(["author", "check", str(path)]) == 0
    assert main(["author", "prove", str(path)]) == 0
    assert main(["author", "preview", str(path), "--solution", "--lang", "zh"]) == 0
    assert "state group" in capsys.readouterr().out

    own = read_drill(str(path))
    (cause,) = make_world(own, 0, 1).causes
    assert re.fullmatch(r"[a-z0-9 {}:.A-Z]+", own.texts["en"][0])
    lines = tmp_path / "lines"
    (repair,) = (each for each in fixes(own.name, path))
    lines.write_text("\n".join(("curl", f"state group {cause.resource} {cause.group} in none", repair, "done", "")))
    assert played(path, lines, tmp_path) == 0
    (log,) = (tmp_path / "mine" / "practice").glob("*.jsonl")
    assert main(["grade", str(log)]) == 0
    assert "  localised   yes" in capsys.readouterr().out


def fixes(name: str, path: Path) -> list[str]:
    """The reference repair as it is typed."""
    own = read_drill(str(path))
    world = make_world(own, 0, 1)
    (group,) = {each.group for each in world.causes}
    rules = [each.text for each in world.reference.group(group).ingress or ()]
    return [f"insert {group} {each}" for each in rules]


def played(path: Path, lines: Path, tmp_path: Path) -> int:
    from io import StringIO
    from unittest.mock import patch

    with patch("sys.stdin", StringIO(lines.read_text())):
        return main(["practice", str(path), "--dir", str(tmp_path / "mine"), "--lang", "en"])


def registered_elsewhere(document: dict) -> None:
    """No group stands in the way; the CLB sends to a port that no Service has."""
    rule = {"Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT"}
    document["security_groups"]["sg-q7acme02"]["SecurityGroupPolicySet"]["Ingress"] = [rule]
    for item in document["kubernetes"]:
        if item["kind"] == "Service":
            item["spec"]["ports"][0]["nodePort"] = 32767


def test_a_cause_that_nobody_can_state_is_refused_and_one_that_is_named_leaves_the_repair_to_its_author(
    tmp_path: Path, capsys: Any
) -> None:
    outage_of_acme(tmp_path, registered_elsewhere)
    path = tmp_path / "ours.yaml"

    assert author(tmp_path) == 2
    assert "NODEPORT_NOT_IN_USE" in capsys.readouterr().err
    assert author(tmp_path, "--cause", "group ins-nodea001 sg-q7acme02 in 0") == 1
    assert "without a repair" in capsys.readouterr().err
    lines = path.read_text(encoding="utf-8").split("\n")
    (number,) = (place for place, line in enumerate(lines, 1) if "LEFT TO YOU" in line)
    assert main(["author", "check", str(path), "--lang", "en"]) == 2
    assert f"ours.yaml:{number}: drill.outage.repair is empty" in capsys.readouterr().err


def healed(document: dict) -> None:
    rule = {"Protocol": "TCP", "Port": "ALL", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT"}
    document["security_groups"]["sg-q7acme02"]["SecurityGroupPolicySet"]["Ingress"] = [rule]


def test_a_healthy_snapshot_is_refused_or_makes_a_drill_in_which_nothing_is_wrong(tmp_path: Path, capsys: Any) -> None:
    outage_of_acme(tmp_path, healed)

    assert author(tmp_path) == 2
    assert "there is nothing to be found" in capsys.readouterr().err
    assert author(tmp_path, "--served", SERVED, client="81.72.0.9") == 0
    own = read_drill(str(tmp_path / "ours.yaml"))
    assert make_world(own, 0, 1).causes == ()
    assert main(["author", "prove", str(tmp_path / "ours.yaml")]) == 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--client", "acme"), "The client is 'acme'"),
        (("--served", "81.71.200.0/20"), "Those who are served are '81.71.200.0/20'"),
        (("--served", "81.72.0.0/16"), "Those who are served do not all get through either"),
        (("--service", "acme-billing/ledger"), "ledger"),
        (("--cause", "group ins-nodea001"), "A group is stated by where it is bound"),
        (("--name", "Our Drill"), "drill.name is 'Our Drill'"),
        (("--port", "99999"), "99999"),
        (("--out", "/proc/none/ours.yaml"), "/proc/none/ours.yaml"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_file(
    more: tuple[str, ...], told: str, tmp_path: Path, capsys: Any
) -> None:
    outage_of_acme(tmp_path)

    assert author(tmp_path, *more) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
    assert [each.name for each in tmp_path.iterdir()] == ["snapshot.json"]


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path, capsys: Any) -> None:
    outage_of_acme(tmp_path)
    (tmp_path / "ours.yaml").write_text("mine", encoding="utf-8")

    assert author(tmp_path) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "ours.yaml").read_text(encoding="utf-8") == "mine"


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    outage_of_acme(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert author(tmp_path) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["snapshot.json"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  client:", "  clients: x\n  client:", "drill.outage is 'clients'"),
        ("kind: group", "kind: groups", "drill.outage.causes[0].kind is 'groups'"),
        ("op: add", "op: put", "drill.outage.repair: The operation is 'put'"),
        ("Action: ACCEPT", "Action: 7", "drill.outage.snapshot"),
        ("category:", "base: node-port\ncategory:", "drill.base is"),
    ],
)
def test_what_is_wrong_in_a_written_outage_is_said_with_its_place(
    old: str, new: str, told: str, tmp_path: Path, capsys: Any
) -> None:
    outage_of_acme(tmp_path)
    assert author(tmp_path) == 0
    path = tmp_path / "ours.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    assert main(["author", "check", str(path), "--lang", "en"]) == 2
    assert told in capsys.readouterr().err


def test_a_drill_called_as_a_built_in_one_is_not_played(tmp_path: Path, capsys: Any) -> None:
    outage_of_acme(tmp_path)
    assert author(tmp_path, "--name", "node-source") == 0

    assert main(["practice", str(tmp_path / "ours.yaml"), "--dir", str(tmp_path), "--lang", "en"]) == 2
    assert "is called as a built-in drill is" in capsys.readouterr().err


def test_what_is_missing_is_named_as_its_owner_calls_it(tmp_path: Path, capsys: Any) -> None:
    outage_of_acme(tmp_path, lambda document: document.update(instances=None))

    assert author(tmp_path) == 2
    assert "acme-node" in capsys.readouterr().err


def test_a_hostile_name_is_no_command_to_the_terminal(tmp_path: Path, capsys: Any) -> None:
    outage_of_acme(tmp_path, lambda document: replace_everywhere(document, {"node-b": "acme\x1b[2J\nb"}))

    assert author(tmp_path) == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\\x1b[2J" in told
    assert not re.search("acme|2J", (tmp_path / "ours.yaml").read_text(encoding="utf-8"))
