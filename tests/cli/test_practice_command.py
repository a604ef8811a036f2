"""`drill practice`: a script of lines plays an attempt; whatever ends it, the attempt is kept and goes on."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.attempt import Looked
from drilllib.practice.library import drill, drills
from drilllib.practice.log import read
from tests.waits import PATIENCE_S

Play = Callable[..., tuple[int, str]]
SEED = 7


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "learner"


@pytest.fixture
def play(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    """The command with these lines on its standard input: its exit status and what it printed."""
    monkeypatch.setenv("DRILL_LANG", "en")

    def run(lines: str, *options: str, seed: int | None = SEED, name: str | None = "node-source") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        named = [] if name is None else [name, *([] if seed is None else ["--seed", str(seed)])]
        status = main(["practice", *named, "--dir", str(folder), *options])
        return status, capsys.readouterr().out

    return run


def logs(folder: Path) -> list[Path]:
    return sorted((folder / "practice").glob("*.jsonl"))


def world() -> World:
    return make_world(drill("node-source"), SEED, 1)


def statement(world: World) -> str:
    (cause,) = world.causes
    rule = "none" if cause.rule is None else cause.rule
    return f"state group {cause.resource} {cause.group} in {rule}"


def solution(world: World) -> str:
    """What passes: the cause, and one rule for the clients on the NodePort that the CLB sends to."""
    listener = world.snapshot.listeners(world.snapshot.load_balancers[0].balancer_id) or ()
    port = next(target.port for each in listener for rule in each.by_rule for target in rule.targets or ())
    return f"{statement(world)}\ninsert {world.causes[0].group} ACCEPT TCP {world.served[0]} {port}\ndone\n"


def test_the_list_has_a_drill_a_line_with_its_name_first(play: Play) -> None:
    status, said = play("", "--list", name=None)
    assert status == 0
    assert [line.split()[0] for line in said.splitlines()] == [each.name for each in drills()]
    assert all(len(line.split()) == 3 for line in said.splitlines())  # and no title, by which a ticket would be known


def test_a_script_plays_an_attempt_to_its_grade(play: Play, folder: Path) -> None:
    status, said = play(f"look\ncurl\nhealth\n{solution(world())}")

    assert status == 0, said
    assert "look 1> health\n" in said
    assert "(cost 1, 2 so far)" in said
    assert "\nPassed\n" in said
    assert said.endswith("It was: drill practice node-source --seed 7 --level 1\n")
    (log,) = logs(folder)
    assert (read(log).finished, read(log).spent) == (True, 2)


def test_the_same_lines_print_the_same(play: Play, folder: Path) -> None:
    lines = f"look\ncurl\ngroups {world().causes[0].resource}\nnonsense\nstate\n{solution(world())}"
    first, again = play(lines), play(lines, "--new")
    assert first == again
    assert len(logs(folder)) == 2


def test_once_a_cause_is_stated_only_the_requests_of_other_clients_cost(play: Play, folder: Path) -> None:
    client = world().question.client
    play(f"{statement(world())}\ncurl\ncurl from {client}\n")
    assert read(logs(folder)[0]).spent == 0
    _, said = play("curl from 198.51.100.77\n")
    assert "(cost 1, 1 so far)" in said


def test_the_groups_of_the_clb_may_be_asked_for_as_it_is_captured_at(play: Play) -> None:
    _, said = play("groups clb\n")
    (balancer,) = {each.balancer_id for each in world().snapshot.load_balancers}
    assert f"\n{balancer} " in said


def test_what_to_practise_next_is_named_in_the_readers_words(play: Play) -> None:
    assert "next: once more group 2: the nodes'" in play("state nothing\ndone\n")[1]


def test_a_request_is_told_in_the_same_words_before_and_after_the_statement(play: Play) -> None:
    _, said = play("curl\nstate nothing\ncurl\n", name="wrong-port", seed=3)
    before, after = re.findall(r"(?m)^curl: \(.*", said)
    assert before == after


def test_the_same_look_again_is_free_and_says_so(play: Play, folder: Path) -> None:
    _, said = play("health\nhealth\n")
    assert "(the same as before: nothing has changed, no cost; 1 so far)" in said
    assert len(read(logs(folder)[0]).actions) == 1


def test_a_wrong_repair_is_graded_with_its_reasons(play: Play) -> None:
    """Right about the cause, and everything opened: two parts hold, and the third says what is open."""
    group = world().causes[0].group
    status, said = play(f"{statement(world())}\ninsert {group} ACCEPT ALL 0.0.0.0/0 ALL\ndone\n")
    assert status == 1
    marks = re.findall(r"(?m)^  (localised|repaired|restrained) +(yes|no)$", said)
    assert marks == [("localised", "yes"), ("repaired", "yes"), ("restrained", "no")]


def test_the_repair_waits_for_the_statement_and_costs_nothing_before(play: Play, folder: Path) -> None:
    group = world().causes[0].group
    changes = f"insert {group} ACCEPT ALL 0.0.0.0/0 ALL\ndelete {group} 0\nmove {group} 0 1\nbind x y\nset a b c\n"
    status, said = play(f"{changes}undo\nsettings\nshell ls\ndone\n")
    assert status == 3
    assert said.count("First the cause, then the repair. Type state, which says how") == 8
    assert "Nothing is stated, so it cannot pass." in said
    assert len(read(logs(folder)[0]).actions) == 0


def test_changes_are_made_and_taken_back_the_last_one_first(play: Play) -> None:
    made = world()
    group, resource = made.causes[0].group, made.causes[0].resource
    balancer = made.snapshot.load_balancers[0].balancer_id
    status, said = play(
        f"{statement(made)}\ninsert {group} ACCEPT TCP 10.0.0.0/8 1\nmove {group} 0 1\nbind {balancer} none\n"
        f"set pass {balancer} on\nset state {resource} STOPPED\nundo\nundo\nundo\nundo\nundo\nundo\ncurl\ndone\n"
    )
    answers = re.split(r"(?m)^\w+ \d+> .*\n", said)
    assert [each.strip() for each in answers[6:12]] == [
        f"set state {resource} STOPPED   (STOPPED | RUNNING)",
        f"set state {resource} RUNNING   (RUNNING | STOPPED)",
        f"set pass {balancer} off   (on | off)",
        f"{balancer}: {(made.snapshot.bound_groups()[balancer] or ())[0]}",
        answers[2].strip(),
        answers[11].strip(),
    ]
    assert "There is no change to take back" in answers[12]
    assert "HTTP/1.1 504" in answers[13]  # it is as it was, and a request is free now
    assert status == 1


def test_an_attempt_goes_on_where_it_was_left(play: Play, folder: Path) -> None:
    status, said = play("curl\nquit\n")
    assert (status, said.splitlines()[-1]) == (3, "The attempt is kept: drill practice goes on with it.")

    status, said = play(solution(world()), name=None)
    assert status == 0
    assert said.startswith("You have an attempt, begun 20")
    assert "look 1> state" in said
    assert len(logs(folder)) == 1


def test_a_change_of_an_earlier_sitting_can_be_taken_back(play: Play) -> None:
    repair = solution(world()).replace("done", "curl\nquit")
    assert "200 OK" in play(repair)[1]
    status, said = play("curl\nundo\ncurl\nundo\ndone\n", name=None)
    assert re.findall(r"HTTP/1.1 (\d+)", said) == ["200", "504"]
    assert "The last change of an earlier sitting is taken back." in said
    assert said.count("There is no change to take back") == 1
    assert status == 1


def test_what_is_told_for_nothing_after_a_statement_helps_no_other_statement(play: Play) -> None:
    """To state anything, read all bindings and settings, and state again would be a free look."""
    _, said = play(f"state nothing\n{statement(world())}\nsettings\nstate nothing\n")
    assert said.count("You state: ") == 2
    assert "Since the statement you were told more, for nothing: it stands" in said


def test_a_picked_drill_is_not_named_before_it_is_over(play: Play, folder: Path) -> None:
    """Its name would be half of the diagnosis."""
    _, said = play("ticket\nquit\n", name=None)
    header = read(logs(folder)[0]).header
    assert header.drill not in said + logs(folder)[0].name
    ticket = make_world(drill(header.drill), header.seed, header.level).ticket["en"]
    assert ticket["title"] not in said
    assert " ".join(said.split()).count(" ".join(ticket["text"].split())) == 2
    assert re.match(r"Seed \d+, level 1\. Which drill it is, is told with the grade\.", said)
    _, said = play("done yes\n", name=None)
    assert f"It was: drill practice {read(logs(folder)[0]).header.drill} --seed" in said


def test_an_attempt_that_was_begun_by_its_name_goes_on_with_name_and_title(play: Play) -> None:
    _, first = play("curl\n")
    _, again = play("ticket\n", name=None)
    title = world().ticket["en"]["title"]
    assert first.count(title) == 1
    assert again.count(title) == 2
    assert "node-source, seed 7, level 1" in again


def test_the_steps_of_the_right_repair_are_numbered_in_their_order(play: Play) -> None:
    _, said = play(solution(world()))
    assert re.search(r"one right repair, in this order:\n +1\. delete [^\n]*\n +2\. insert ", said)


def test_new_leaves_the_attempt_that_waits(play: Play, folder: Path) -> None:
    play("curl\n"), play("", "--new")
    assert [len(read(log).actions) for log in logs(folder)] == [1, 0]


def test_an_attempt_that_is_played_elsewhere_is_let_be(play: Play, folder: Path) -> None:
    from drilllib.practice.folder import holding

    play("curl\n")
    with holding(logs(folder)[0]):
        _, said = play("", name=None)
    assert not said.startswith("You have an attempt")
    assert len(logs(folder)) == 2


def test_a_world_named_again_goes_on_too(play: Play, folder: Path) -> None:
    """Else one could look at it in one attempt, and state in another."""
    play("curl\n"), play("health\n")
    assert [len(read(log).actions) for log in logs(folder)] == [2]


def test_nobody_is_asked_a_seed_without_a_drill(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["practice", "--seed", "7"]) == 2
    assert "A seed is of a drill" in capsys.readouterr().err


def test_hostile_lines_are_answered_in_one_line_each(play: Play) -> None:
    lines = ["\x1b[2J", "curl from \x1b]0;x\x07", "rules 'sg-\u202e'", "state group '\n", "x" * 9999, "capture \x00"]
    status, said = play("\n".join(lines))
    assert status == 3
    assert "\x1b" not in said
    assert "\x00" not in said


def test_a_folder_that_cannot_be_written_is_one_line_and_the_attempt_is_played(
    play: Play, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder.write_text("a file where the folder would be")
    monkeypatch.setattr(sys, "stdin", io.StringIO(solution(world())))
    status = main(["practice", "node-source", "--seed", str(SEED), "--dir", str(folder)])
    said = capsys.readouterr()
    assert status == 0
    (told,) = said.err.splitlines()  # and nothing says that it is kept
    assert told.startswith("Your attempt is not kept")
    assert "\nPassed\n" in said.out


def test_on_call_has_a_clock_and_a_second_ticket(play: Play, folder: Path) -> None:
    status, said = play(f"{solution(world())}quit\n", "--on-call", "30")
    assert "[29 min] look 0> " in said
    assert "The second ticket comes in." in said
    assert status == 3
    assert len(logs(folder)) == 2


def test_on_call_what_is_not_done_in_time_is_graded_as_it_stands(
    play: Play, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that jumps an hour a look: the time is over at the first line."""
    hours = iter(range(0, 36_000_000, 3600))
    monkeypatch.setattr("drilllib.cli.practice.time.monotonic", lambda: float(next(hours)))
    status, said = play("curl\ncurl\n", "--on-call", "30")
    assert status == 1
    assert "The time is over: it is graded as it stands." in said
    assert read(logs(folder)[0]).finished


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "drilllib", "practice", "--dir", str(folder), *options]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_what_was_acknowledged_is_kept_whatever_ends_it(folder: Path, number: signal.Signals) -> None:
    """Ctrl+C leaves with a line; a kill with none. What was answered is in the log, and it goes on."""
    environment = {**os.environ, "DRILL_LANG": "en"}
    words = command(folder, "node-source", "--seed", str(SEED))
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b"curl\nhealth\n")
    child.stdin.flush()
    wait_for(child.stdout.fileno(), "(cost 1, 2 so far)")
    child.send_signal(number)
    rest = child.communicate(timeout=PATIENCE_S)[0].decode()

    assert child.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    assert ("The attempt is kept" in rest) == (number == signal.SIGINT)
    (log,) = logs(folder)
    assert [each.look.kind for each in read(log).actions if isinstance(each, Looked)] == ["curl", "health"]
    again = subprocess.run(
        command(folder), input="quit\n", capture_output=True, text=True, env=environment, check=False
    )
    assert "look 2> quit" in again.stdout


def test_at_a_terminal_there_is_a_prompt_and_ctrl_d_leaves(folder: Path) -> None:
    ours, theirs = pty.openpty()
    words = command(folder, "node-source", "--seed", str(SEED))
    environment = {**os.environ, "DRILL_LANG": "en", "TERM": "dumb"}
    child = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    seen = wait_for(ours, "look 0> ")
    os.write(ours, b"heal\t\n")
    seen += wait_for(ours, "look 1> ")
    os.write(ours, b"\x04")
    seen += wait_for(ours, "goes on with it.")
    assert child.wait(timeout=PATIENCE_S) == 3
    os.close(ours)
    assert "HEALTH" in seen


def wait_for(file: int, text: str) -> str:
    seen, until = b"", time.monotonic() + PATIENCE_S
    while text.encode() not in seen:
        assert select.select([file], [], [], until - time.monotonic())[0], seen
        seen += os.read(file, 65536)
    return seen.decode()


def test_the_log_is_the_schema_that_is_documented(play: Play, folder: Path) -> None:
    play(f"curl\n{solution(world())}")
    first, *actions = [json.loads(line) for line in logs(folder)[0].read_text().splitlines()]
    assert first["schema"] == "drilllib/attempt/1"
    assert [each["action"] for each in actions] == ["look", "state", "change", "finish"]
