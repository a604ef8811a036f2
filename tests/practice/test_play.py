"""Whatever is typed in an attempt: an answer in plain text, and a log that leads to the same place again."""

import random
from pathlib import Path

import pytest

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.practice.library import drill, names
from drilllib.practice.log import read
from drilllib.practice.play import Play
from drilllib.practice.session import Session, Stage
from tests.thorough import how_many

SEEDS = how_many(6, thorough=25, long=200)


def lines(world: World, draws: random.Random, count: int) -> list[str]:
    """Lines that somebody could type about that world, most of them nearly right."""
    snapshot = world.snapshot
    groups, bound = list(snapshot.groups), list(snapshot.bound_groups())
    hosts = ["clb", *(node.name for node in snapshot.nodes), "nowhere", "\x1b[2J"]
    listeners = [
        each.listener_id for one in snapshot.load_balancers for each in snapshot.listeners(one.balancer_id) or ()
    ]

    def one(*choices: str) -> str:
        return draws.choice(choices)

    def line() -> str:
        group, resource, number = draws.choice(groups), draws.choice(bound), draws.choice(["0", "1", "2", "99", "x"])
        way = one("in", "out", "")
        return draws.choice(
            [
                *(
                    one("curl", f"curl from {one('198.51.100.7', '::1', 'x')}"),
                    "health",
                    f"rules {group}",
                    "log",
                    "look",
                ),
                *(f"groups {one(resource, group)}", f"kubectl get {one('po', 'svc', 'ep', 'no', 'x')}"),
                *(f"capture {draws.choice(hosts)}", one("hint", "hint yes"), "ticket", "settings", "undo", "state"),
                f"state {one('group', '')} {resource} {group} {way} {one(number, 'none')} {one('', '+ selector', '+')}",
                f"insert {group} {one('ACCEPT', 'DROP')} TCP {world.served[0]} {number} at {number}",
                f"insert {group} ACCEPT {one('ALL', 'GRE')} 0.0.0.0/0 ALL {way}",
                *(f"delete {group} {number} {way}", f"move {group} {number} {one('0', '1')} {way}"),
                f"bind {resource} {one(group, 'none', 'sg-0')} {one('', group)}",
                f"set weight {draws.choice(listeners)} {one('0', '10', '101', '-1')}",
                f"set policy {world.question.service} {one('Local', 'Cluster', 'x')}",
                *(f"set pass {resource} on", "shell ls", "quit", one("done", "finish")),
            ]
        )

    return [line() for _ in range(count)]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_is_typed_is_answered_and_the_log_leads_there_again(seed: int, tmp_path: Path) -> None:
    draws = random.Random(f"play {seed}")
    drawn = drill(draws.choice(names()))
    world = make_world(drawn, seed, drawn.levels[seed % len(drawn.levels)])
    path = tmp_path / "log.jsonl"
    with Session.begin(world, path) as session:
        play = Play(session, draws.choice(("en", "zh")))
        for line in ["state nothing", *lines(world, draws, 40)] if seed % 2 else lines(world, draws, 40):
            answer, spent = play.answer(line), session.spent
            assert answer.replace("\n", "").isprintable(), line
            assert spent >= 0
            if play.over:
                break
        left = (session.stage, session.spent, session.statement, session.snapshot().to_dict())
    attempt = read(path)
    assert attempt.finished == (left[0] is Stage.GRADED)
    with Session.resume(path) as again:
        assert (again.stage, again.spent, again.statement, again.snapshot().to_dict()) == left


def test_what_was_seen_can_be_read_again_for_nothing(tmp_path: Path) -> None:
    world = make_world(drill("node-source"), 7, 1)
    with Session.begin(world, tmp_path / "log.jsonl") as session:
        seen = Play(session, "en").answer("health").rpartition("\n")[0]
    with Session.resume(tmp_path / "log.jsonl") as again:
        assert Play(again, "en").answer("log").startswith(seen)
        assert again.spent == 1


def test_a_machine_and_a_pod_may_be_called_by_any_of_their_names(tmp_path: Path) -> None:
    """Kubectl tells names and addresses, health checks instances; nobody should have to try all interfaces."""
    world = make_world(drill("direct-access"), 3005, 3)
    names = {
        "groups": ("ins-402530ff", "10.186.19.231"),
        "groups ": ("eni-c193c110", "10.186.20.60", "billing/login-210f33b1-2", "login-210f33b1-2"),
        "capture": ("cvm-30", "10.186.19.231", "ins-402530ff"),
        "capture ": ("billing/login-210f33b1-2", "login-210f33b1-2", "10.186.20.60"),
    }
    with Session.begin(world, tmp_path / "log.jsonl") as session:
        play = Play(session, "en")
        for verb, called in names.items():
            first, *others = (play.answer(f"{verb} {each}").split("\n(")[0] for each in called)
            assert "Nothing here" not in first
            assert others == [first] * len(others), called
        assert session.spent == 1 + 1 + 3 + 3
        assert "Nothing here has the id '10.0.0.1'" in play.answer("groups 10.0.0.1")
