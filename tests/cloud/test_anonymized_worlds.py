"""
`drill capture --anonymize`, the command, over sockets and random worlds, also where a right is missing: no name, id or
public address of the world is in what it writes, and answer and repair are those of the plain capture.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cli import main
from drilllib.core.drills.worlds.world import World
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.practice import library
from tests.cloud.sockets import Sockets, serving
from tests.cloud.worlds import world_of
from tests.core.renaming import answer, fixed, linted
from tests.thorough import how_many

NAMES = library.names()
WORLDS = [(NAMES[number % len(NAMES)], 100 + number) for number in range(how_many(6, thorough=32, long=504))]
REFUSED = ("", "clb:DescribeTargetHealth", "kubernetes list pods", "cvm:DescribeInstances", "tke:DescribeAddon")
ID = re.compile(r"\b(?:cls|eni|ins|ipmg?|lb|lbl|loc|ppmg?|sg|subnet|vpc)-[a-z0-9]{6,}\b")
# Worlds have documentation's addresses in the place of public ones, and so have anonymous snapshots.
PUBLIC = {"203.0.113.": "81.70.113.", "198.51.100.": "81.71.100.", "192.0.2.": "81.72.2.", "198.18.": "81.73."}
OF_EVERYBODY = {"default", "kubernetes", "kube-system", "tke-service-controller-config"}


@pytest.fixture(scope="module")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    with serving(tmp_path_factory.mktemp("home"), world_of(*WORLDS[0]).snapshot.to_dict()) as made:
        yield made


@pytest.mark.parametrize(("name", "seed"), WORLDS)
def test_nothing_of_a_world_is_left_but_its_answer(
    sockets: Sockets, name: str, seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world = in_public(world_of(name, seed))
    sockets.show(world.snapshot.to_dict())
    if refused := REFUSED[seed % len(REFUSED)]:
        sockets.faults.set("denied", refused, times=None)
    for key, value in {**sockets.environment, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(key, value)
    monkeypatch.chdir(tmp_path)

    command = ["capture", world.question.service or "", "--out"]
    expected = main([*command, "plain.json"])
    options = ["--anonymize", "--from", world.question.client, "--replaced", "names.json"]
    assert main([*command, "other.json", *options]) == expected == (3 if refused else 0)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["names.json", "other.json", "plain.json"]
    plain, other = (json.loads(Path(each).read_text()) for each in ("plain.json", "other.json"))
    require_nothing_left(plain, Path("other.json").read_text(), world)
    require_same(world, Snapshot(plain), Snapshot(other), json.loads(Path("names.json").read_text())["replaced"])


def in_public(world: World) -> World:
    """The same world at addresses that are somebody's, and its nodes not called as an anonymous snapshot's are."""
    text, client = json.dumps(world.snapshot.to_dict()).replace('"node-', '"host-'), world.question.client
    for before, after in PUBLIC.items():
        text, client = text.replace(before, after), client.replace(before, after)
    return replace(world, snapshot=Snapshot(json.loads(text)), question=replace(world.question, client=client))


def require_nothing_left(plain: dict[str, Any], text: str, world: World) -> None:
    """Names of objects, ids and addresses are told apart by this test alone; it knows nothing of what is replaced."""
    before = json.dumps([plain, world.snapshot.to_dict()])
    named = {
        each["metadata"][key]
        for each in plain["kubernetes"]
        for key in ("name", "namespace")
        if key in each["metadata"]
    }
    words = set(re.findall(r"[A-Za-z0-9][A-Za-z0-9.-]*", text))

    assert sorted(named & words - OF_EVERYBODY) == []
    assert sorted(set(ID.findall(before)) & set(ID.findall(text))) == []
    assert [each for each in PUBLIC.values() if re.search(rf"\b{re.escape(each)}", text)] == []


def require_same(world: World, plain: Snapshot, other: Snapshot, names: dict[str, str]) -> None:
    """Verdict, blockers, findings, gaps and the best repair are equal up to renaming."""
    question = world.question
    service = "/".join(names.get(each, each) for each in (question.service or "").split("/"))
    there = replace(question, client=names.get(question.client, question.client), service=service)

    assert answer(plain, question, names) == answer(other, there, {})
    assert linted(plain, names) == linted(other, {})
    block, new = ip_network(question.client), ip_network(there.client)
    assert fixed(plain, question, block, names) == fixed(other, there, new, {})
