"""The secret of a class: nobody else's to read, never told; what follows from it is the same everywhere."""

import os
from pathlib import Path

import pytest

from drilllib.classes.place import place_of
from drilllib.classes.plan import read_plan
from drilllib.classes.secret import Secret, read_secret
from drilllib.cli import main
from drilllib.errors import InvalidInputError
from tests.classes.rooms import CLASS, LEARNERS, file_of

pytest.importorskip("yaml", reason="a class's file is YAML")
FIXED = Secret(bytes(range(32)))


def test_it_is_its_owners_alone_and_is_told_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the umask is; not in what is printed, nor in anything that is handed out."""
    before = os.umask(0)
    try:
        name = file_of(tmp_path)
        assert main(["class", "new", name]) == 0
    finally:
        os.umask(before)
    assert main(["class", "hand-out", name, "--out", str(tmp_path / "starts")]) == 0
    secret = tmp_path / "monday.class" / "secret"
    value = secret.read_text().strip()
    assert len(value) == 64
    assert (secret.stat().st_mode & 0o777, secret.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    printed = capsys.readouterr()
    assert value not in printed.out + printed.err + repr(place_of(name).secret)
    starts = [each.read_text() for each in (tmp_path / "starts").rglob("*") if each.is_file()]
    assert len(starts) == len(LEARNERS)
    assert not any(value in each for each in starts)


def test_a_class_that_is_made_again_keeps_it(tmp_path: Path) -> None:
    name = file_of(tmp_path)
    main(["class", "new", name])
    value = (tmp_path / "monday.class" / "secret").read_text()
    main(["class", "new", name])
    assert (tmp_path / "monday.class" / "secret").read_text() == value


@pytest.mark.skipif(os.name != "posix", reason="no mode bits here")
def test_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("ab" * 32)
    path.chmod(0o640)
    with pytest.raises(InvalidInputError, match="Others can read"):
        read_secret(path)


@pytest.mark.parametrize("text", ["", "ab", "no hex", "ab" * 31])
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text(text)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(InvalidInputError, match="is no secret of a class"):
        read_secret(tmp_path / "secret")


def test_the_same_secret_sets_the_same_worlds_everywhere(tmp_path: Path) -> None:
    """Pinned, as OpenSSL gives them: else a class that was handed out could not be graded by another drilllib."""
    plan = read_plan(file_of(tmp_path))
    assert [(each.drill, each.seed) for each in FIXED.tasks(plan, "alice")] == [
        ("rule-order", 582741893372),
        ("node-source", 577235549126),
        ("node-source", 363273894749),
    ]
    assert FIXED.key("alice") == "397018b6a4cc25b8390d6e782b385b3f24f8daad056fc09210543ef18965abcf"


def test_everybody_has_seeds_and_a_key_of_his_own(tmp_path: Path) -> None:
    """By the learner, the drill, the try and the secret; what is set besides changes nothing."""
    plan = read_plan(file_of(tmp_path))
    seeds = [task.seed for learner in plan.learners for task in FIXED.tasks(plan, learner)]
    assert len(set(seeds)) == len(seeds) == 9
    assert len({FIXED.key(learner) for learner in plan.learners}) == 3
    assert len({FIXED.code(learner) for learner in plan.learners}) == 3
    assert not {each.seed for each in Secret(b"x" * 32).tasks(plan, "alice")} & set(seeds)
    fewer = read_plan(file_of(tmp_path, CLASS.replace("  - {drill: rule-order, level: 1}\n", "")))
    assert FIXED.tasks(fewer, "alice") == FIXED.tasks(plan, "alice")[1:]


def test_worlds_can_be_shared(tmp_path: Path) -> None:
    """With `worlds: 2` all learners have one of two; not all the same one."""
    text = CLASS.replace("rule-order, level: 1", "rule-order, level: 1, worlds: 2")
    plan = read_plan(file_of(tmp_path, text, [f"l{number}" for number in range(30)]))
    assert len({FIXED.tasks(plan, learner)[0].seed for learner in plan.learners}) == 2
    assert len({FIXED.tasks(plan, learner)[1].seed for learner in plan.learners}) == 30
