"""
What was done in a class, event by event and without names: `drilllib/events/1`, a line of JSON an event.

Learners stand there by pseudonyms, times as seconds since an attempt was begun and days since the learner's first one.
No id, name, date, seed or place of a world is in it. An attempt has a `begin`, its actions, and a `grade`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count, groupby
from typing import Any

from drilllib._version import __version__
from drilllib.classes.labels import labelled
from drilllib.classes.place import Place
from drilllib.classes.study.kept import FORMS, read_items
from drilllib.classes.tally import Counted
from drilllib.core.practice.attempt import Action, Attempt, Hinted, Looked, Stated
from drilllib.core.practice.lines import action_dict
from drilllib.errors import DrillError, InvalidInputError, quoted
from drilllib.practice import library
from drilllib.practice.folder import LOG
from drilllib.practice.log import attempt_in
from drilllib.practice.start import Task, moment

SCHEMA = "drilllib/events/1"
FORM_NAMES = ("A", "B")
PARTS = ("localised", "repaired", "restrained", "passed")
Event = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """
    An attempt's surroundings. *part* is ``before``, ``practice`` or ``after``, *form* that of a test; *best* is the
    price of the best plan, told for tests; *day* counts from the learner's first attempt, None where no clock says.
    """

    who: str
    attempt: int
    part: str
    drill: str
    category: str
    level: int
    form: str = ""
    transfer: bool = False
    best: int | None = None
    day: int | None = None


def head() -> Event:
    """The first line: by which version of drilllib grades and best plans were found."""
    return {"schema": SCHEMA, "engine": __version__}


def attempt_events(
    about: About, attempt: Attempt, seconds: Sequence[int | None], parts: Mapping[str, bool]
) -> Iterator[Event]:
    """One attempt's events; *seconds* since it was begun, of each action; *parts* of its grade are held or not."""
    own = {"who": about.who, "attempt": about.attempt}
    told = {name: getattr(about, name) for name in About.__slots__ if name not in own}
    yield {**own, "event": "begin", **told}
    for action, at in zip(attempt.actions, seconds, strict=True):
        yield {**own, **_told(action), "s": at}
    stated = [at for each, at in zip(attempt.diagnosing, seconds, strict=False) if isinstance(each, Stated)]
    costs = {"spent": attempt.spent_before, "hints": attempt.hints, "stated_s": stated[-1] if stated else None}
    yield {**own, "event": "grade", **{name: parts[name] for name in PARTS}, **costs}


def _told(action: Action) -> Event:
    event: Event = {"event": action_dict(action)["action"]}
    match action:
        case Looked(look, price):
            event |= {"look": str(look.kind), "price": price}
        case Hinted(rung, price):
            event |= {"rung": rung, "price": price}
        case Stated(causes):
            event |= {"causes": labelled(causes)}
    return event


def events(place: Place, logs: Iterable[Counted]) -> Iterator[Event]:
    """
    All attempts that count, as they were handed in, by learner and in their order; first `head`.

    Raises:
        InvalidInputError: A log is not what was handed in, or the class's forms cannot be read.
    """
    yield head()
    best = _best_of(place)
    numbers = count(1)
    counting = (each for each in logs if each.counts)
    for learner, theirs in groupby(counting, key=lambda each: each.verdict.learner):
        tasks = {task: task for task in place.secret.tasks(place.plan, learner)}
        ordered = sorted(theirs, key=lambda each: each.verdict.started)
        for each in ordered:
            about = _about(place, each, tasks, next(numbers))
            day = _days(ordered[0].verdict.started, each.verdict.started)
            price = best.get((about.drill, about.level)) if about.form else None
            attempt, seconds = _read(place, each)
            parts = {name: getattr(each.verdict, name) for name in PARTS}
            yield from attempt_events(replace(about, day=day, best=price), attempt, seconds, parts)


def _about(place: Place, log: Counted, tasks: Mapping[Task, Task], number: int) -> About:
    found, secret = log.verdict, place.secret
    task = tasks.get(Task(found.drill, found.level, int(found.seed)))
    test = task.test if task else ""
    first = secret.first_form(found.learner)
    form = FORM_NAMES[first if test == "before" else 1 - first] if test else ""
    return About(
        who=secret.pseudonym(found.learner),
        attempt=number,
        part=test or "practice",
        drill=found.drill,
        category=library.drill(found.drill).category,
        level=found.level,
        form=form,
        transfer=bool(test)
        and (found.drill, found.level) in {(each.drill, each.level) for each in place.plan.transfer},
    )


def _best_of(place: Place) -> Mapping[tuple[str, int], int]:
    """The price of the best plan of each item of the test."""
    items = read_items(place.folder / FORMS) if place.plan.test else ()
    return {(each["drill"], each["level"]): each["facts"]["best"] for each in items}


def _read(place: Place, log: Counted) -> tuple[Attempt, list[int | None]]:
    """The attempt as it was handed in, and when each action was, in seconds."""
    path = place.handed_in / log.verdict.learner / f"{log.verdict.log}{LOG}"
    try:
        data = path.read_bytes()
        attempt = attempt_in(data, path.name)
        lines = [json.loads(line) for line in data.splitlines()[1:]]
    except (OSError, ValueError, DrillError) as error:
        raise InvalidInputError(
            "{path} is not what was handed in: {reason}",
            remedy="Hand in once more, and grade",
            path=quoted(str(path)),
            reason=str(error),
        ) from None
    return attempt, [_seconds(attempt.header.started, str(each.get("at"))) for each in lines[: len(attempt.actions)]]


def _seconds(begun: str, at: str) -> int | None:
    """None where one is no time, or the clock was set back."""
    with suppress(ValueError):
        found = round((moment(at) - moment(begun)).total_seconds())
        return found if found >= 0 else None
    return None


def _days(first: str, begun: str) -> int | None:
    with suppress(ValueError):
        return (moment(begun) - moment(first)).days
    return None


def events_text(found: Iterable[Event]) -> str:
    """The events as lines of JSON."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in found)
