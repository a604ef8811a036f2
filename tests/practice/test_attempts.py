"""A learner's attempts as their logs say: what waits, what counts, what comes next, and what is set aside."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.practice.schedule import LEVELS, NEEDED, Played
from drilllib.course.progress import progress
from drilllib.errors import UnknownNameError
from drilllib.practice import attempts
from drilllib.practice.folder import holding, new_log
from drilllib.practice.library import drill, drills
from drilllib.practice.session import Session

CALM = "nothing-wrong"  # solved by saying so


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "practice"


def attempt(folder: Path, seed: int = 1, *, name: str = CALM, right: bool = True, finish: bool = True) -> Path:
    """An attempt that says that nothing is wrong; or says nothing, which never passes."""
    world = make_world(drill(name), seed, 1)
    path = new_log(folder)
    with Session.begin(world, path) as session:
        if right:
            session.state(())
        if finish:
            session.finish()
    return path


def streaks(folder: Path) -> dict[str, tuple[int, int]]:
    return {each.category: (each.streak, each.tries) for each in attempts.standings_of(folder) if each.tries}


def test_every_category_has_a_drill_and_one_is_kept_for_the_end() -> None:
    assert {*attempts.categories()} == {each.category for each in drills()}
    assert attempts.categories()[-1] == attempts.TRANSFER


def test_grades_are_made_of_the_logs(folder: Path) -> None:
    for seed in range(NEEDED):
        attempt(folder, seed)
    attempt(folder, 1, name="node-source")
    assert streaks(folder) == {"no-fault": (NEEDED, NEEDED), "group-2": (0, 1)}
    attempt(folder, 7, right=False)
    assert streaks(folder)["no-fault"] == (0, NEEDED + 1)


def test_what_has_no_grade_counts_neither_way_and_is_told(folder: Path) -> None:
    """Another engine's world, a drill that is no more, a torn header: none of them is the learner's mistake."""
    attempt(folder)
    for name, value in (("world", "0" * 64), ("drill", "gone")):
        path = attempt(folder, 2)
        first, *rest = path.read_text().splitlines(keepends=True)
        path.write_text(json.dumps({**json.loads(first), name: value}) + "\n" + "".join(rest))
    (folder / "torn.jsonl").write_text('{"schema": "drill')
    found = attempts.practised(folder)
    assert (found.ungraded, found.waiting) == (3, 0)
    assert streaks(folder) == {"no-fault": (1, 1)}
    problems = [row.problem for row in attempts.mastery_of(folder).rows() if row.problem]
    assert len(problems) == 3
    assert all(each.isprintable() for each in problems)


def test_the_newest_attempt_that_nobody_plays_waits(folder: Path) -> None:
    older, newer = attempt(folder, 1, finish=False), attempt(folder, 2, finish=False)
    attempt(folder, 3)
    rows = attempts.mastery_of(folder).rows()
    assert attempts.waiting(rows, folder) == newer
    assert attempts.waiting(rows, folder, (CALM, 1, 1)) == older
    assert attempts.waiting(rows, folder, (CALM, 3, 1)) is None
    with holding(newer):
        assert attempts.waiting(rows, folder) == older


def test_an_attempt_that_cannot_be_gone_on_with_does_not_wait(folder: Path) -> None:
    """Its world is not the same now: whoever typed `drill practice` would get nothing else for ever."""
    older, newer = attempt(folder, 1, finish=False), attempt(folder, 2, finish=False)
    newer.write_text(json.dumps({**json.loads(newer.read_text().splitlines()[0]), "world": "0" * 64}) + "\n")
    assert attempts.waiting(attempts.mastery_of(folder).rows(), folder) == older
    assert attempts.practised(folder).ungraded == 1


def test_what_comes_next_is_a_drill_of_its_category_at_its_level() -> None:
    done = [
        Played(drill=each.name, category=each.category, seed="1", level=1, passed=each.category != "udp")
        for each in drills()
    ]
    found = attempts.standings(done, attempts.categories(), attempts.TRANSFER)
    chosen, level = attempts.following(done[:1], attempts.standings(done[:1], attempts.categories(), None))
    assert chosen.category != done[0].category
    assert level == 1
    chosen, level = attempts.following(done, found)
    assert (chosen.category, level) == ("udp", 1)
    assert attempts.playable_level(chosen, 99) == LEVELS
    assert attempts.playable_level(chosen, 0) == 1


def test_a_drawn_seed_is_of_a_world_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([5, 5, 6])
    monkeypatch.setattr(attempts, "randbelow", lambda _: next(draws))
    met = [Played(drill=CALM, category="no-fault", seed="5", level=1, passed=True)]
    assert attempts.fresh_seed(drill(CALM), 1, met) == 6


@pytest.mark.parametrize(("name", "left"), [("practice", {}), ("node-source", {"no-fault": (1, 1)})])
def test_a_reset_sets_attempts_aside(folder: Path, name: str, left: dict[str, tuple[int, int]]) -> None:
    attempt(folder), attempt(folder, name="node-source")
    table = progress(reset=name, folder=folder.parent)
    assert streaks(folder) == left
    assert table.practised.begun == bool(left)
    assert len(list((folder / "aside").iterdir())) == 2 - len(left)


def test_an_unknown_name_resets_nothing(folder: Path) -> None:
    attempt(folder)
    with pytest.raises(UnknownNameError):
        attempts.forget(folder, "none")
    assert streaks(folder) == {"no-fault": (1, 1)}


def test_progress_says_what_was_practised_where_there_is_no_course(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attempt(folder, 1), attempt(folder, 2, finish=False)
    assert main(["progress", "--dir", str(folder.parent), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[1] == "  nothing wrong  ████░░░░░░░░  1 / 3  1 of 1 passed"
    assert "Attempts not finished: 1. drill practice goes on with the last one." in said
    assert main(["progress", "--dir", str(folder.parent), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["practice"]
    (tried,) = [each for each in found["categories"] if each["tries"]]
    assert (tried["category"], tried["streak"], tried["mastered"], found["waiting"]) == ("no-fault", 1, False, 1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_a_table_with_a_caption_whose_bars_are_not_read_out(folder: Path, language: str) -> None:
    seen: list[tuple[str, dict[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, dict(attrs)))

    attempt(folder)
    page = progress(folder=folder.parent, lang=language).html()
    Parser().feed(page)
    assert [attributes["scope"] for tag, attributes in seen if tag == "th"] == ["col"] * 3 + ["row"]
    assert [tag for tag, attributes in seen if attributes.get("aria-hidden")] == ["span"]
    assert [attributes["style"] for tag, attributes in seen if tag == "i"] == ["width:33%"]
    assert "practice." not in page


def test_the_first_ticket_is_not_everybodys_first(tmp_path: Path) -> None:
    """Which drill was chosen is no secret where it is always the same one; never the one kept for the end."""
    found = attempts.standings((), attempts.categories(), attempts.TRANSFER)
    first = {attempts.following((), found)[0].category for _ in range(60)}
    assert len(first) > 5
    assert attempts.TRANSFER not in first
