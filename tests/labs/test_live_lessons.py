"""
Lessons in a cluster that is asked over sockets, as a person does it: `drill run --lab live` in `drill shell`.

The notebooks are those of the course, unchanged; what they show is compared with what is stored of the simulated lab.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")
pytest.importorskip("papermill", reason="papermill is not installed")
pytest.importorskip("nbformat", reason="nbformat is not installed")

import nbformat

from drilllib.clients.capture import opened
from drilllib.clients.settings import Settings
from drilllib.cloud.local import LocalCloud
from drilllib.core.drills.default_lab import CLIENT, new_cluster
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.rules import Direction
from drilllib.course.elsewhere import played_elsewhere
from drilllib.course.normalise import normalise
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.journal import Journal, default_folder
from drilllib.guard.schema import SETTINGS
from drilllib.guard.scope import Scope
from drilllib.guard.settings import value_of
from drilllib.labs.live.roles import PARTS
from drilllib.labs.netns.sandbox import why_not
from tests.labs.live import consented
from tests.thorough import thorough

SETS = "05-practice"  # the lesson that sets the Service, too
STORED = Path(__file__).parents[2] / "notebooks"
GROUPS = ",".join(f"{part}={group}" for part, group in PARTS.items())
RUN = f"drill run {{names}} --lab live --lang {{lang}} --out {{out}} -p groups={GROUPS} -p address={CLIENT}"
# What differs by nature: Versions, which grow for everybody, how long it took, and the words of the curl that is there.
NATURE = re.compile(r"((?:Version|version|版本)(?:\W|quot;)*|about |约 )[\d.]+")
CURLS_WORDS = re.compile(r"curl: \(\d+\)[^\n\"<]*")
KEPT_OTHERWISE = "0.0.0.0/8"  # in lesson 06: the API makes 0.0.0.0/0 of it [Security group policies]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """The course's cluster, whose owner has consented; with real packets where the machine can."""
    document = consented(open_fault("healthy").to_dict())
    with LocalCloud(document, lab="simulated" if why_not() else "netns", slowness=0.05) as made:
        yield made


def run(cloud: LocalCloud, *names: str, lang: str = "en", more: str = "") -> dict[str, Any]:
    """The notebooks as they ran in the cloud's shell, by name."""
    out = cloud.work / "out"
    line = RUN.format(names=" ".join(names), lang=lang, out=out)
    done = cloud.run(f"{line} {more}", timeout_s=600)
    secrets = (cloud.access.secret_id, cloud.access.secret_key)
    texts = [path.read_text(encoding="utf-8") for path in out.rglob("*.ipynb")]

    assert done.code == 0, done.out + done.err
    assert [line for path in out.rglob("*.ipynb") for line in played_elsewhere(path) if line not in done.out] == []
    assert [word for word in secrets for text in (done.out, done.err, *texts) if word in text] == []
    return {path.stem: nbformat.read(path, 4) for path in out.rglob("*.ipynb")}


def shown(notebook: Any) -> list[str]:
    """What each code cell shows, without what differs by nature and the line that says where a drill is played."""
    cells = [each for each in normalise(notebook)["cells"] if each["cell_type"] == "code"]
    cells = [each for each in cells if "injected-parameters" not in each["metadata"].get("tags", ())]
    return [_of_cell(each) for each in cells]


def _of_cell(cell: Any) -> str:
    outputs = [each for each in cell["outputs"] if each.get("name") != "stderr"]
    text = "".join(
        json.dumps(each.get("data"), sort_keys=True, ensure_ascii=False) for each in outputs if each.get("data")
    )
    text += "".join("".join(each.get("text") or ()) for each in outputs)
    return CURLS_WORDS.sub("curl: not connected", NATURE.sub(r"\1N", text))


def different(name: str, notebook: Any, lang: str) -> list[str]:
    """The sources of the cells that show something else than what is stored."""
    stored = nbformat.read(STORED / lang / f"{name}.ipynb", 4)
    sources = [each["source"] for each in stored["cells"] if each["cell_type"] == "code"]
    there, here = shown(stored), shown(notebook)

    assert len(there) == len(here) == len(sources)
    return [source for source, a, b in zip(sources, there, here, strict=True) if a != b and KEPT_OTHERWISE not in a]


def rules(cloud: LocalCloud) -> dict[str, Any]:
    groups = cloud.state.snapshot().groups
    return {
        name: [[rule.text for rule in each.rules(side) or ()] for side in Direction] for name, each in groups.items()
    }


def said(cloud: LocalCloud) -> list[Any]:
    """What the Service says of its traffic policy and of direct access."""
    service = next(each for each in cloud.state.snapshot().to_dict()["kubernetes"] if each["kind"] == "Service")
    return [value_of(service, name) for name in SETTINGS]


def taken_back(cloud: LocalCloud) -> int:
    """Roll every journal back, the last one first; how many there were."""
    environment = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
    access, _ = opened(Settings(), environment, cloud.home, lambda number, done, of: None)
    folder = default_folder(environment, cloud.home)
    journals = sorted(folder.glob("*.jsonl"), reverse=True)
    for path in journals:
        with Guard(Cloud.of(access), Journal.open(path), Scope(frozenset(PARTS.values()))) as guard:
            guard.rollback()
    return len(journals)


def test_a_lesson_in_a_cluster_shows_what_the_simulated_one_does(cloud: LocalCloud) -> None:
    """Every table, picture and transcript, word for word; and one rollback leaves the rules as they were."""
    before = rules(cloud)
    notebook = run(cloud, "02", lang="zh")["02-node"]

    (told,) = played_elsewhere(cloud.work / "out" / "zh" / "02-node.ipynb")
    assert "TCP 80" in told  # the other kind of listener, which no rule makes
    assert different("02-node", notebook, "zh") == []
    assert rules(cloud) != before
    assert taken_back(cloud) == 1
    assert rules(cloud) == before


@thorough
def test_all_lessons_do(cloud: LocalCloud) -> None:
    """01 to 06, one after the other in one cluster."""
    before = rules(cloud)
    found = run(cloud, *("01", "02", "03", "04", "05", "06"), more="-p open_to_world=clb,node")

    assert [(name, cell) for name, each in found.items() for cell in different(name, each, "en")] == []
    assert len(found) == taken_back(cloud) == 6
    assert rules(cloud) == before


@thorough
def test_what_drill_up_makes_is_a_lessons_cluster() -> None:
    """
    A cluster with nothing in it: `up`, lessons that find their groups by their tags, and of which one sets the Service
    to Local and to direct access, `rollback`, `down`: 0 left.
    """
    cluster = consented(new_cluster())
    with LocalCloud(cluster, lab="simulated" if why_not() else "netns", slowness=0.05) as cloud:
        empty = rules(cloud)
        made = cloud.run("drill up --yes --subnet subnet-nodes001 --lang en")
        before, said_before = rules(cloud), said(cloud)
        done = cloud.run(f"drill run 02 05 --lab live --lang en --out out -p address={CLIENT}", timeout_s=300)
        lessons = {name: nbformat.read(cloud.work / "out" / "en" / f"{name}.ipynb", 4) for name in ("02-node", SETS)}
        elsewhere = played_elsewhere(cloud.work / "out" / "en" / f"{SETS}.ipynb")
        changed = rules(cloud)
        journals = [path.stem for path in (cloud.home / "state").rglob("*.jsonl") if '"lesson"' in path.read_text()]
        last, first = sorted(journals, reverse=True)
        later = cloud.run(f"drill rollback {last} --lang en")
        told = cloud.run(f"drill rollback {first} --lang en")  # SSH for everybody, with which the drill began
        world = " ".join(f"--open-to-world {group}" for group in before)
        back = cloud.run(f"drill rollback {first} {world} --lang en")
        after, said_after = rules(cloud), said(cloud)
        gone = cloud.run("drill down --lang en")
        left = cloud.state.snapshot().to_dict()

    ran = (made, done, later, told, back, gone)
    assert [each.code for each in ran] == [0, 0, 0, 1, 0, 0], ran
    assert "--open-to-world" in told.out
    assert [cell for name, each in lessons.items() for cell in different(name, each, "en")] == []
    assert [each for each in elsewhere if "Local" in each or "targets" in each] == []  # those are the cluster's own
    assert sum("sg-old00001" in each or "pass-to-target" in each for each in elsewhere) == len(elsewhere) == 2
    assert (before, said_before, changed != before) == (after, said_after, True)
    assert (left["security_groups"], left["instances"], left["load_balancers"], empty) == ({}, [], [], {})
