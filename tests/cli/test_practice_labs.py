"""`drill practice` with real packets and on a local cloud: the same attempt, whoever makes the changes."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standing_labs import needs_real_packets

from drilllib.cli import main
from drilllib.cli.practice_cloud import carried_over, require_fitting
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Changed
from drilllib.errors import LabStateError
from drilllib.practice.library import drill, drills
from drilllib.practice.log import read
from tests.thorough import how_many

Play = Callable[..., tuple[int, str, str]]
SEED = 7
WORLD = make_world(drill("node-source"), SEED, 1)
(CAUSE,) = WORLD.causes
STATE = f"state group {CAUSE.resource} {CAUSE.group} in none\n"
SERVED = WORLD.served[0]
LISTENER = (WORLD.snapshot.listeners(WORLD.snapshot.load_balancers[0].balancer_id) or ())[0]
PORT = next(target.port for rule in LISTENER.by_rule for target in rule.targets or ())


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    monkeypatch.setenv("DRILL_LANG", "en")

    def run(lines: str, *options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        status = main(["practice", *options, "--dir", str(tmp_path)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def logs(folder: Path) -> list[Path]:
    return sorted((folder / "practice").glob("*.jsonl"))


@needs_real_packets
def test_an_attempt_is_played_with_real_packets(play: Play) -> None:
    """The witness is the kernel: the same request times out before the repair, and is answered after it."""
    weight = f"set weight {LISTENER.listener_id}"
    insert = f"insert {CAUSE.group} ACCEPT TCP {SERVED} {PORT}\n"
    status, said, _ = play(
        f"{STATE}curl\n{insert}curl\n{weight} 5\nundo\nundo\ncurl\n{insert}done\n",
        *("node-source", "--seed", str(SEED), "--lab", "netns"),
    )
    assert status == 0, said
    answers = [line.partition(" ")[2] for line in said.splitlines() if line.startswith("HTTP/1.1 ")]
    assert answers == ["504 Gateway Time-out", "200 OK", "504 Gateway Time-out"]
    assert f"\n{weight} 10\n" in said
    assert "Tue, 22 Jul 2025" not in said.partition("stated")[2]  # the date of what is simulated


@needs_real_packets
def test_what_cannot_be_played_is_one_line_and_no_attempt(play: Play, tmp_path: Path) -> None:
    status, said, complaint = play("", "stopped-nodes", "--seed", "1", "--lab", "netns")
    assert (status, said) == (2, "")
    assert complaint.startswith("drill practice: A lab of real packets does not play InstanceState of ins-")
    assert complaint.count("\n") == 1
    assert logs(tmp_path) == []


def paths(folder: Path) -> list[str]:
    """What has been changed, by the one log there."""
    (log,) = logs(folder)
    return [each["path"] for action in read(log).actions if isinstance(action, Changed) for each in action.patch]


def tccli(action: str, rule: str) -> str:
    return f"tccli vpc {action} --SecurityGroupId {CAUSE.group} --SecurityGroupPolicySet '{{\"Ingress\":[{rule}]}}'\n"


ADD = tccli(
    "CreateSecurityGroupPolicies",
    f'{{"PolicyIndex":0,"Protocol":"TCP","Port":"{PORT}","CidrBlock":"{SERVED}","Action":"ACCEPT"}}',
)


def test_an_attempt_is_repaired_with_the_clouds_own_clients(play: Play, tmp_path: Path) -> None:
    """Before the statement a line is a look and nothing runs; after it, what it changes there is in the log."""
    pytest.importorskip("trustme")
    options = ("node-source", "--seed", str(SEED), "--cloud")
    status, said, _ = play(f"{ADD}shell echo ran\nkubectl get pods\n{STATE}curl\nshell echo ran; false\n", *options)
    assert status == 3
    assert "First the cause, then the repair" in said
    assert said.count("\nran\n") == 1
    assert "(exit status 1)" in said
    assert paths(tmp_path) == []

    status, said, _ = play(f"{ADD}curl\nundo\nshell\nquit\n", *options)
    assert "HTTP/1.1 200 OK" in said
    assert "There is no command for the shell" in said
    assert len(paths(tmp_path)) > 1

    status, said, _ = play("curl\ndone\n", *options)  # another cloud, begun as the log left it
    assert status == 0, said
    assert "HTTP/1.1 200 OK" in said
    assert {each.split("/")[1] for each in paths(tmp_path)} == {"security_groups"}


def test_the_labs_own_commands_are_refused_on_the_cloud(play: Play) -> None:
    pytest.importorskip("trustme")
    _, said, _ = play(
        f"{STATE}delete {CAUSE.group} 0\nbind {CAUSE.resource} none\n", "node-source", "--seed", "7", "--cloud"
    )
    assert said.count("On the cloud this is changed as at work. Type a command of its clients") == 2


def test_a_world_that_controllers_would_change_is_refused(play: Play, tmp_path: Path) -> None:
    """The listener is on a wrong port; the controller of the Service sets it right before anybody has looked."""
    pytest.importorskip("trustme")
    status, said, complaint = play("", "listener-port", "--seed", "1", "--cloud")
    assert (status, said) == (2, "")
    assert "The local cloud's controllers would change this world at once" in complaint
    assert "worlds of listener-port can be played there" in complaint
    assert logs(tmp_path) == []


def test_an_attempt_that_the_cloud_cannot_play_goes_on_waiting(play: Play, tmp_path: Path) -> None:
    """Nobody meets a refusal who asks for a cloud and names no drill."""
    pytest.importorskip("trustme")
    assert play("", "listener-port", "--seed", "1")[0] == 3
    status, said, complaint = play("ticket\n", "--cloud")
    assert status == 3, complaint
    assert "goes on waiting" in complaint
    assert "look 0> ticket" in said
    assert len(logs(tmp_path)) == 2
    assert play("", "listener-port", "--seed", "1")[0] == 3
    assert len(logs(tmp_path)) == 2


FOREIGN = ("listener-port", "stopped-nodes")  # whose whole point the controllers undo


@pytest.mark.parametrize("seed", range(how_many(1, thorough=3, long=20)))
def test_the_local_cloud_holds_the_worlds_of_all_drills_but_two(seed: int) -> None:
    """Several Services on one CLB were refused, a half of levels 2 and 3; pods of one node have one list of groups."""
    refused = []
    for each in drills():
        for level in each.levels[-1:] if seed % 2 == 0 else each.levels[:-1]:
            try:
                world = make_world(each, seed, level)
                require_fitting(world.snapshot, world.question)
            except LabStateError as error:
                refused.append((each.name, level, error.remedy))
    assert {name for name, _, _ in refused} <= {*FOREIGN, "several-groups", "odd-node"}


def test_two_services_on_one_clb_are_repaired_on_the_cloud(play: Play, tmp_path: Path) -> None:
    """The other Service keeps its listener, which the grade would tell; and the repair is all that is in the log."""
    pytest.importorskip("trustme")
    world = make_world(drill("node-source"), 0, 2)
    assert len({each.balancer_id for each in world.snapshot.load_balancers}) == 1
    assert len(world.snapshot.kubernetes.of_kind("Service")) == 2
    (cause,) = world.causes
    listener = next(
        each
        for each in world.snapshot.listeners(world.snapshot.load_balancers[0].balancer_id) or ()
        if each.port == world.meant.port
    )
    port = next(target.port for rule in listener.by_rule for target in rule.targets or ())
    add = (
        f"tccli vpc CreateSecurityGroupPolicies --SecurityGroupId {cause.group} --SecurityGroupPolicySet"
        f' \'{{"Ingress":[{{"PolicyIndex":0,"Protocol":"{world.meant.protocol}","Port":"{port}",'
        f'"CidrBlock":"{world.served[0]}","Action":"ACCEPT"}}]}}\'\n'
    )
    state = f"state group {cause.resource} {cause.group} in none\n"
    status, said, _ = play(f"{state}{add}done\n", "node-source", "--seed", "0", "--level", "2", "--cloud")
    assert status == 0, said
    assert {each.split("/")[1] for each in paths(tmp_path)} == {"security_groups"}


def unready(world: World) -> list[str]:
    """What `help` says of pods that are to be ready again, for each pod of the Service."""
    namespace, app = (world.meant.service or "").split("/")
    ready = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'
    pods = [each.name.split("/")[1] for each in world.snapshot.kubernetes.pods.values() if each.labels["app"] == app]
    return [f"kubectl patch pod {each} -n {namespace} --subresource=status -p '{ready}'" for each in pods]


def drained(world: World) -> list[str]:
    """The targets get a weight, at the one listener that has none."""
    (cause,) = world.causes
    balancer = world.snapshot.load_balancers[0].balancer_id
    (listener,) = (each for each in world.snapshot.listeners(balancer) or () if each.listener_id == cause.resource)
    (targets,) = (rule.targets or () for rule in listener.by_rule)
    listed = ",".join(f'{{"EniIp":"{each.address}","Port":{each.port}}}' for each in targets)
    named = f"--LoadBalancerId {balancer} --ListenerId {cause.resource}"
    return [f"tccli clb ModifyTargetWeight {named} --Targets '[{listed}]'"]


def revised(world: World) -> list[str]:
    """The template's members become those who are served."""
    before, after = (each.part("address_templates") for each in (world.snapshot, world.reference))
    (name,) = (each for each in after if after[each] != before[each])
    members = ",".join(f'"{each}"' for each in after[name]["AddressSet"])
    return [f"tccli vpc ModifyAddressTemplateAttribute --AddressTemplateId {name} --Addresses '[{members}]'"]


def rebound(world: World) -> list[str]:
    """The groups of a CLB, at every Service on it; those of a pod's interface, at its node."""
    (cause,) = world.causes
    wanted = world.reference.bound_groups()[cause.resource] or ()
    if cause.resource.startswith("lb-"):
        services = [each.name.split("/") for each in world.snapshot.kubernetes.services]
        groups = f"service.cloud.tencent.com/security-groups={','.join(wanted)} --overwrite"
        return [f"kubectl annotate svc -n {namespace} {name} {groups}" for namespace, name in services]
    items = world.snapshot.part("network_interfaces")
    (owner,) = (each["Attachment"] for each in items if each["NetworkInterfaceId"] == cause.resource)
    (node,) = (each.name for each in world.snapshot.nodes if each.instance_id == owner["InstanceId"])
    listed = ",".join(f'"{each}"' for each in wanted)
    return [f'kubectl patch nec {node} --type merge -p \'{{"spec":{{"securityGroups":[{listed}]}}}}\'']


@pytest.mark.parametrize(
    ("name", "seed", "level", "repair"),
    [
        ("ready-endpoints", 3, 1, unready),
        ("target-weight", 0, 1, drained),
        ("address-templates", 0, 1, revised),
        ("several-groups", 4101, 2, rebound),
        ("odd-node", 4100, 1, rebound),
    ],
)
def test_what_is_no_rule_can_be_repaired_with_the_clouds_clients(
    play: Play, name: str, seed: int, level: int, repair: Callable[[World], list[str]]
) -> None:
    """Weights and templates could not be set, and controllers undo what tccli binds: `help` says how it is done."""
    pytest.importorskip("trustme")
    world = make_world(drill(name), seed, level)
    (cause,) = world.causes
    rule = "none" if cause.rule is None else cause.rule
    state = f"group {cause.resource} {cause.group} in {rule}" if cause.group else f"{cause.kind} {cause.resource}"
    lines = ["state " + state, "help", *repair(world), "done"]
    status, said, _ = play("\n".join(lines) + "\n", name, "--seed", str(seed), "--level", str(level), "--cloud")
    assert status == 0, said
    assert 'kubectl patch pod NAME -n NAMESPACE --subresource=status -p \'{"status"' in said


POD = {"kind": "Pod", "metadata": {"name": "a", "namespace": "n"}}


@pytest.mark.parametrize(
    ("start", "first", "now", "expected"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 1}),  # filled in otherwise by the cloud, and not changed since
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 3}),
        ({"a": 1, "own": 0}, {"a": 1}, {"a": 3}, {"a": 3, "own": 0}),  # which the cloud has never had
        ({"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}),  # the cloud's own
        ({"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1}, {"a": 1}),
        ({}, {}, {"a": [1]}, {"a": [1]}),
        ([1, 2], [1, 2], [2], [2]),
        (
            [{"InstanceId": "i", "x": 1}, {"InstanceId": "j"}],
            [{"InstanceId": "j"}, {"InstanceId": "i", "x": 1, "y": 0}],
            [{"InstanceId": "j"}, {"InstanceId": "i", "x": 2, "y": 0}],
            [{"InstanceId": "i", "x": 2}, {"InstanceId": "j"}],  # the order is the world's
        ),
        ([POD], [{**POD, "x": 1}], [{**POD, "x": 1, "y": 2}], [{**POD, "y": 2}]),
        ({"resourceVersion": "1"}, {"resourceVersion": "1"}, {"resourceVersion": "2"}, {"resourceVersion": "1"}),
        ({}, {"resourceVersion": "1"}, {"resourceVersion": "2", "a": 1}, {"a": 1}),
    ],
)
def test_only_what_has_changed_in_the_cloud_is_carried_over(start: Any, first: Any, now: Any, expected: Any) -> None:
    assert carried_over(start, first, now) == expected
