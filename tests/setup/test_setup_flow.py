"""What the set-up asks to be installed, when, and how it goes on after a failure; uv, pip and venv are stand-ins."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.setup.checkout import Checkout, write
from tests.waits import PATIENCE_S


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "a checkout")
    made.use_stand_ins(tmp_path / "tools")
    return made


COURSE = ["uv requirements.lock", "uv ."]
TEST = ["uv requirements-test.lock"]


def test_the_course_gets_no_test_tools_and_the_tests_add_only_theirs(checkout: Checkout) -> None:
    """Who only wants to learn does not wait for a browser driver, and nothing is installed twice."""
    steps = []
    for arguments in ((), (), ("test",), ("test",), ()):
        assert checkout.set_up(*arguments).returncode == 0
        steps.append(checkout.noted())

    assert steps == [COURSE, [], TEST, [], []]


def test_a_changed_lock_is_installed_in_place(checkout: Checkout) -> None:
    """After `git pull` only what is new is fetched; what the user installed stays."""
    checkout.set_up("test")
    own = checkout.folder / ".venv" / "own"
    own.touch()
    (checkout.folder / "requirements.lock").write_text("alpha==1.1\n")
    checkout.noted()

    checkout.set_up()
    assert (checkout.noted(), own.exists()) == (COURSE, True)
    checkout.set_up("test")
    assert checkout.noted() == []


def test_an_environment_of_the_earlier_set_up_is_brought_up_to_date(checkout: Checkout) -> None:
    """It has one check sum in .complete, and everything in it."""
    checkout.set_up("test")
    (checkout.folder / ".venv" / ".complete").write_text("4066202231 9132\n")
    own = checkout.folder / ".venv" / "own"
    own.touch()
    checkout.noted()

    checkout.set_up()

    assert (checkout.noted(), own.exists()) == (COURSE, True)


@pytest.mark.parametrize("arguments", [(), ("test",)])
def test_a_killed_set_up_starts_over(checkout: Checkout, arguments: tuple[str, ...]) -> None:
    """Packages may be half there, and installers take them for whole."""
    if arguments:
        checkout.set_up()
    half = checkout.folder / ".venv" / "half"
    checkout.noted()
    process = checkout.start(*arguments, UV_DOES="hang")
    checkout.wait_for_uv()
    half.touch()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.noted()

    assert checkout.set_up(*arguments).returncode == 0
    assert (checkout.noted(), half.exists()) == ([*COURSE, *(TEST if arguments else [])], False)


def test_ctrl_c_ends_the_set_up(checkout: Checkout) -> None:
    """It is no failure of uv, after which pip would begin."""
    process = checkout.start(UV_DOES="hang")
    checkout.wait_for_uv()
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, checkout.noted()) == (130, ["uv requirements.lock"])
    assert out.endswith("setup: interrupted. The same command starts over\n")


def test_two_at_once_take_turns(checkout: Checkout) -> None:
    """The second finds everything in place."""
    first = checkout.start(UV_DOES="wait")
    checkout.wait_for_uv()
    second = checkout.start()
    said = second.stdout.readline()
    (Path(checkout.environment["NOTED"] + ".go")).touch()
    out, _ = second.communicate(timeout=PATIENCE_S)
    first.communicate(timeout=PATIENCE_S)

    assert (first.returncode, second.returncode) == (0, 0)
    assert said == "setup: another set-up is at work here; waiting for it\n"
    assert (checkout.noted(), "installing" in out) == (COURSE, False)


def test_pip_does_it_where_uv_fails(checkout: Checkout) -> None:
    """With one line that says so."""
    run = checkout.set_up("test", UV_DOES="fail")

    assert run.returncode == 0
    assert checkout.noted() == [
        "uv requirements.lock",
        "pip requirements.lock",
        "pip .",
        "pip requirements-test.lock",
    ]
    assert run.stdout.count("so pip does, in about a minute: error: no such mirror") == 1
    assert run.stderr == ""


def test_where_both_fail_the_reason_and_the_next_move_are_said(checkout: Checkout) -> None:
    run = checkout.set_up(UV_DOES="fail", MIRROR_OF_PIP="none")

    assert run.returncode == 2
    first, second = run.stderr.splitlines()
    assert first == "ERROR: no such mirror"
    assert second.startswith("setup: could not install requirements.lock.")
    assert second.endswith("make '.venv/bin/python -m pip download six' work, then try again")


def test_a_failed_renewal_keeps_the_environment(checkout: Checkout) -> None:
    """Without a network the old one still opens the course, and is not made anew."""
    checkout.set_up()
    own = checkout.folder / ".venv" / "own"
    own.touch()
    (checkout.folder / "requirements.lock").write_text("alpha==1.1\n")

    assert checkout.set_up(UV_DOES="fail", MIRROR_OF_PIP="none").returncode == 2
    checkout.noted()
    assert checkout.set_up().returncode == 0
    assert (checkout.noted(), own.exists()) == (COURSE, True)


def test_a_moved_or_copied_checkout_gets_an_environment_of_its_own(checkout: Checkout, tmp_path: Path) -> None:
    """The scripts of the copy would run the original's files."""
    checkout.set_up()
    shutil.copytree(checkout.folder, tmp_path / "copy", symlinks=True)
    checkout.folder = tmp_path / "copy"
    checkout.noted()

    checkout.set_up()

    assert checkout.noted() == COURSE


def test_a_python_without_venv_is_said(checkout: Checkout, tmp_path: Path) -> None:
    """Debian has it in a package of its own. What was there before counts as nothing: it may be half cleared away."""
    checkout.set_up()
    (checkout.folder / "drilllib").rename(tmp_path / "drilllib")
    write(tmp_path / "tools" / "python", f'#!/bin/sh\n[ "$2" != venv ] || exit 1\nexec {sys.executable} "$@"\n')

    run = checkout.set_up()

    assert run.returncode == 2
    assert run.stdout.endswith("On Debian or Ubuntu: apt-get install python3-venv, then again\n")
    assert not (checkout.folder / ".venv" / ".complete").exists()


def test_a_killed_set_up_of_tccli_starts_over(checkout: Checkout) -> None:
    """It has an environment of its own, with a mark of its own."""
    checkout.set_up()
    checkout.noted()
    process = checkout.start(TCCLI="1", UV_DOES="hang")
    checkout.wait_for_uv()
    command = checkout.folder / ".venv" / "tccli-environment" / "bin" / "tccli"
    command.touch(0o755)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.noted()

    checkout.set_up(TCCLI="1")
    assert checkout.noted() == ["uv requirements-tccli.lock"]
    command.touch(0o755)
    checkout.set_up(TCCLI="1")
    assert checkout.noted() == []
