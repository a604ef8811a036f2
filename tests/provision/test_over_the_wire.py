"""`drill up`, `drill ls`, `drill down` as a person types them in `drill shell`: sockets, SDK and client between."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.core.drills.default_lab import new_cluster
from drilllib.core.drills.worlds.make import make_world
from drilllib.guard.consent import command
from drilllib.guard.journal import default_folder
from drilllib.guard.locks import Locks
from drilllib.labs.netns.results import CommandResult
from drilllib.labs.netns.sandbox import why_not
from drilllib.practice.library import drill
from drilllib.provision.worlds import LEVEL, SEEDS_AHEAD
from tests.provision.playing import CLUSTER, SUBNET, consenting
from tests.provision.test_up_parts import fits
from tests.thorough import thorough
from tests.waits import PATIENCE_S, wait_until

UP = f"drill up --cluster {CLUSTER} --subnet {SUBNET} --fault healthy --yes --lang en"
STOPPED, REFUSED = 1, 2


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """A new cluster, whose owner allows drills."""
    with LocalCloud(consenting()) as made:
        yield made


@pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")
@thorough
def test_real_packets_meet_what_the_fault_says() -> None:
    """Group 2 of the drill that is up drops them; in a healthy one the same request gets 200. Each is gone after."""
    with LocalCloud(consenting(), lab="netns", slowness=0.1) as cloud:
        seen = {}
        for fault in ("group-2", "healthy"):
            up = cloud.run(UP.replace("--fault healthy", f"--fault {fault}"), timeout_s=PATIENCE_S)
            assert up.code == 0, up.out + up.err
            line = next(line.partition(": ")[2] for line in up.out.splitlines() if "curl -I" in line)
            seen[fault] = cloud.run(line).out.partition("\n")[0].split()[1:2]
            assert cloud.run("drill down", timeout_s=PATIENCE_S).code == 0

        assert seen == {"group-2": ["504"], "healthy": ["200"]}
        assert marked(cloud) == []


def marked(cloud: LocalCloud) -> list[str]:
    """Whatever the cloud has with the mark of a drill, by its name."""
    with cloud.state.reading() as document:
        text = json.dumps([document.get(name) for name in ("security_groups", "node_pools", "kubernetes")])
    return [name for name in ("drilllib-drill", "drill-") if name in text]


def without_secrets(cloud: LocalCloud, *done: CommandResult) -> str:
    """What was printed and journalled; no key in it."""
    journals = "".join(path.read_text(encoding="utf-8") for path in cloud.home.rglob("*.jsonl"))
    shown = journals + "".join(each.out + each.err for each in done)
    token = json.loads(cloud.kubeconfig)["users"][0]["user"]["token"]
    assert [key for key in (cloud.access.secret_id, cloud.access.secret_key, token) if key in shown] == []
    return shown


def test_the_drill_is_made_answers_is_listed_and_goes(cloud: LocalCloud) -> None:
    """In the healthy state a request gets 200; afterwards nothing with its mark is there."""
    up = cloud.run(UP)
    assert up.code == 0, up.out + up.err
    address = json.loads(cloud.run("drill ls --json").out)["drills"][0]
    curl = cloud.run(next(line.partition(": ")[2] for line in up.out.splitlines() if "curl -I" in line))
    again = cloud.run(UP)
    down = cloud.run("drill down --lang en")

    assert "200 OK" in curl.out
    assert address["cluster"] == CLUSTER
    assert (again.code, "is up" in again.err) == (REFUSED, True)
    assert down.code == 0, down.out + down.err
    assert "Nothing is left" in down.out
    assert marked(cloud) == []
    without_secrets(cloud, up, again, down)


def test_terraform_on_the_path_is_told_not_used(cloud: LocalCloud) -> None:
    """One line, and the journal and the marks are what there is of the drill: no state file."""
    terraform = cloud.work / "bin" / "terraform"
    terraform.parent.mkdir()
    terraform.write_text("#!/bin/sh\ntouch used\n", encoding="utf-8")
    terraform.chmod(0o755)
    up = cloud.run(f"PATH={terraform.parent}:$PATH {UP}")
    down = cloud.run(f"PATH={terraform.parent}:$PATH drill down --lang en")

    assert (up.code, down.code, marked(cloud)) == (0, 0, []), up.err
    assert len([line for line in up.err.splitlines() if "Terraform" in line]) == 1
    assert not list(cloud.work.rglob("used"))


def test_without_consent_nothing_is_made_and_the_command_is_printed() -> None:
    """The command that is printed is all that is missing."""
    with LocalCloud(new_cluster()) as cloud:
        refused = cloud.run(UP)

        assert (refused.code, marked(cloud)) == (REFUSED, [])
        assert str(command(CLUSTER)) in refused.err


def test_two_at_once_on_one_machine_are_one(cloud: LocalCloud) -> None:
    """While one makes the drill, another is refused before it makes anything, and leaves no journal."""
    told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
    journals = default_folder(told, cloud.home)
    held = Locks(journals / "locks", "of the drill 1a2b3c4d")
    held.take(CLUSTER)
    second = cloud.run(UP)
    held.release()

    assert (second.code, "of the drill 1a2b3c4d" in second.err, marked(cloud)) == (REFUSED, True, [])
    assert list(journals.glob("*.jsonl")) == []


SLOW = ("CreateNodePool", "CreateSecurityGroupWithPolicies", "UpdateAddon", "kubernetes create services")


@pytest.mark.parametrize("call", [SLOW[0], *(pytest.param(each, marks=thorough) for each in SLOW[1:])])
def test_a_killed_up_is_removed_by_down(cloud: LocalCloud, call: str) -> None:
    """SIGKILL while the cloud makes something whose answer nobody will hear."""
    cloud.faults.set("slow", call, seconds=PATIENCE_S)
    process = subprocess.Popen(
        UP.split(), cwd=cloud.work, env=cloud.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert wait_until(lambda: not cloud.faults.listed())  # it has struck
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    down = cloud.run("drill down --lang en")

    assert down.code == 0, down.out + down.err
    assert marked(cloud) == []


def with_keys(cloud: LocalCloud, key: str) -> None:
    """The secret key that `drill` has from now on."""
    path = cloud.home / "clients.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["drill"]["variables"]["TENCENTCLOUD_SECRET_KEY"] = key
    path.write_text(json.dumps(told), encoding="utf-8")


def test_expired_keys_are_told_as_such_and_a_down_that_is_interrupted_how_it_goes_on(cloud: LocalCloud) -> None:
    """No right is asked for, which would not help; nothing is removed, and with keys again the same command is done."""
    assert cloud.run(UP).code == 0
    with_keys(cloud, "0" * 32)
    told = [cloud.run(f"{line} --lang en") for line in ("drill ls", "drill down", UP.removesuffix(" --lang en"))]
    with_keys(cloud, cloud.access.secret_key)
    cloud.faults.set("slow", "DescribeNodePools", seconds=15)  # before anything is removed
    process = subprocess.Popen(
        ["drill", "down", "--lang", "en"], cwd=cloud.work, env=cloud.environment, stderr=subprocess.PIPE, text=True
    )
    assert wait_until(lambda: not cloud.faults.listed())  # it has struck
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()

    assert [each.code for each in told] == [REFUSED] * 3
    assert all("does not accept the keys: AuthFailure" in each.err and "Grant" not in each.err for each in told)
    assert (process.returncode, "Go on: drill down" in said, marked(cloud) != []) == (130, True, True)
    assert (cloud.run("drill down").code, marked(cloud)) == (0, [])


def test_a_refused_step_is_one_line_with_what_to_grant(cloud: LocalCloud) -> None:
    """The rest stands until `drill down`, and that is said."""
    cloud.faults.set("denied", "CreateNodePool", times=None)
    up = cloud.run(UP)

    assert up.code == STOPPED
    assert "Grant tke:CreateNodePool" in up.err
    assert "drill down" in up.err
    cloud.faults.clear()
    assert cloud.run("drill down").code == 0
    assert marked(cloud) == []


def test_a_drill_is_no_matter_for_rollback_and_an_overdue_one_is_told(cloud: LocalCloud) -> None:
    """`drill rollback` names `drill down`; after its hours whoever reads the cloud is told so."""
    cloud.run(UP)
    (path,) = cloud.home.rglob("*-*.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    head = json.loads(lines[0])
    rollback = cloud.run(f"drill rollback {head['id']} --lang en")
    path.write_text(json.dumps({**head, "gone_by": "20200101T000000Z"}) + "\n" + "".join(lines[1:]), encoding="utf-8")
    capture = cloud.run("drill capture web -n shop --out web.json --lang en")

    assert (rollback.code, f"drill down {head['drill']}" in rollback.err) == (REFUSED, True)
    assert f"drill down {head['drill']}" in capture.err
    assert cloud.run("drill down").code == 0


@thorough
def test_of_a_drill_that_no_attempt_plays_it_is_said_what_tells_more(cloud: LocalCloud) -> None:
    """`several-groups` is made, with its groups joined; the command that is printed finds what is wrong."""
    seed = next(seed for seed in range(1, SEEDS_AHEAD) if fits("several-groups", seed))
    up = cloud.run(UP.replace("--fault healthy", f"--drill several-groups --seed {seed}"))
    line = next(line for line in up.out.splitlines() if "drill diagnose" in line)
    told = cloud.run(f"{line.partition(': ')[2]} --lang en")

    assert (up.code, "drill practice several-groups" in up.out) == (0, False)
    assert (told.code, told.err) == (1, "")
    assert cloud.run("drill down").code == 0


@thorough
def test_a_drill_of_practice_is_diagnosed_where_it_is_played(cloud: LocalCloud) -> None:
    """Its ticket names the Service that there is; its world's client is stopped, says a capture."""
    seed = next(seed for seed in range(1, SEEDS_AHEAD) if fits("node-source", seed))
    world = make_world(drill("node-source"), seed, LEVEL)
    up = cloud.run(UP.replace("--fault healthy", f"--drill node-source --seed {seed}"))
    assert up.code == 0, up.out + up.err
    told = cloud.run(f"drill diagnose web -n shop --from {world.question.client} --json")
    (asked,) = json.loads(told.out)["clients"]

    assert world.question.service not in up.out
    assert told.code == 1, told.err  # some do not get through
    assert (asked["verdict"], asked["stops_at"]["hop"]) == ("unreachable", "node")
    assert cloud.run("drill down").code == 0
    assert marked(cloud) == []
