"""Attempts that were handed in, step by step, for the board: from their logs, in the worlds they were played in."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from drilllib.classes.handed_in import LARGEST
from drilllib.classes.judge import OWN
from drilllib.classes.place import Place
from drilllib.classes.tally import Counted
from drilllib.core.practice.replay import require_world
from drilllib.core.practice.signed import parted
from drilllib.core.practice.steps import Step, replayed, steps
from drilllib.errors import DrillError
from drilllib.practice.folder import LOG
from drilllib.practice.log import attempt_in
from drilllib.practice.worlds import Worlds
from drilllib.views.html.attempt import Played
from drilllib.views.text.attempt import step_rows


def played(place: Place, logs: Iterable[Counted], language: str, worlds: Worlds | None = None) -> Iterator[Played]:
    """
    The learners' own attempts among *logs*; with *worlds* each step has what it showed.

    One whose log is gone or cannot be replayed has the steps that can be told, which may be none.
    """
    for each in logs:
        verdict = each.verdict
        if verdict.standing in OWN:
            found = _steps(place.handed_in / verdict.learner / f"{verdict.log}{LOG}", worlds)
            told = {name: getattr(verdict, name) for name in ("learner", "drill", "level", "started", "true", "stated")}
            yield Played(
                **told,
                standing=str(each.why_not or verdict.standing),
                passed=verdict.passed and each.counts,
                steps=list(step_rows(found, verdict.started, language)),
            )


def _steps(path: Path, worlds: Worlds | None) -> list[Step]:
    try:
        with path.open("rb") as file:
            lines = file.read(LARGEST).splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n") or parted(line)[1]]
        attempt = attempt_in(b"".join(whole), path.name)
        times = [_time(line) for line in whole[1:]]
    except (OSError, DrillError):
        return []
    plain = list(steps(attempt, times))
    if worlds is None:
        return plain
    try:
        require_world(attempt.header, worlds.digest(attempt.header))
        return list(replayed(attempt, times, worlds.world(attempt.header)))
    except DrillError:
        return plain


def _time(line: bytes) -> str:
    document: Any = json.loads(line)
    return str(document.get("at") or "")
