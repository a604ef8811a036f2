"""
Grades for others: CSV for analysis, gradebooks of Canvas and Moodle, xAPI statements.

They have pseudonyms, unless names are asked for. A pseudonym follows from the class's secret, so that it is the same
each time, and nobody else can tell whose it is.

Sources: Canvas, lib/gradebook_importer.rb (the columns Student, ID, SIS User ID, SIS Login ID, Section; a row Points
Possible; nothing in a cell leaves the grade as it is). Moodle, grade/import/csv/classes/load_data.php (a column that is
mapped to username, the others to grade items; - is no grade). xAPI 1.0.3, xAPI-Data.md, 2.4 (statements), 2.4.2.3
(account), 2.4.5 (result); verbs and type by ADL's vocabulary.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from drilllib.classes.place import Place
from drilllib.classes.plan import Item
from drilllib.classes.progress import State, progress
from drilllib.classes.tally import COLUMNS, Counted
from drilllib.practice.start import moment

HOME = "https://drilllib.invalid"  # a name that is nobody's (RFC 2606), where none is given
_ADL = "http://adlnet.gov/expapi"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula
_POINTS = MappingProxyType({State.PASSED: "1", State.FAILED: "0", State.BEGUN: ""})


class Who:
    """What learners are called in an export: by pseudonyms, or by their ids and names."""

    def __init__(self, place: Place, *, names: bool) -> None:
        self._place, self.names = place, names

    def id(self, learner: str) -> str:
        """Their id, or the pseudonym; what is nobody's stays."""
        if self.names or learner not in self._place.plan.learners:
            return learner
        return self._place.secret.pseudonym(learner)

    def name(self, learner: str) -> str:
        """Their name, where names are asked for and there is one that no spreadsheet takes for a formula."""
        known = self._place.plan.learners[learner].name if self.names else ""
        return known if known and not known.startswith(_FORMULA) else self.id(learner)


def csv_export(place: Place, logs: Iterable[Counted], who: Who) -> str:
    """A row a log, as `drill class grade --csv` has it; with names also name and pseudonym."""
    more = ("name", "pseudonym") if who.names else ()
    return _csv([*COLUMNS, *more], (_row(place, each, who) for each in logs))


def _row(place: Place, log: Counted, who: Who) -> list[str]:
    learner = log.verdict.learner
    shown = replace(log.verdict, learner=who.id(learner), other=who.id(log.verdict.other))
    own = replace(log, verdict=shown).row()
    return [*own, who.name(learner), place.secret.pseudonym(learner)] if who.names else own


def canvas_export(place: Place, logs: Iterable[Counted], who: Who) -> str:
    """A gradebook for Canvas: a row a learner, found by SIS Login ID, a column a drill of one point."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    items, points = place.plan.items, _points(place, logs)
    titles = [_title(place, item) for item in items]
    possible = ["    Points Possible", "", "", "", "", *("1" for _ in items)]
    rows = ([who.name(each), "", "", who.id(each), "", *points(each)] for each in place.plan.learners)
    return _csv([*head, *titles], [possible, *rows])


def moodle_export(place: Place, logs: Iterable[Counted], who: Who) -> str:
    """A gradebook for Moodle: a row a learner, found by username, a column a drill of one point."""
    points = _points(place, logs)
    titles = [_title(place, item) for item in place.plan.items]
    rows = ([who.id(each), *(value or "-" for value in points(each))] for each in place.plan.learners)
    return _csv(["username", *titles], rows)


def _title(place: Place, item: Item) -> str:
    return f"{place.plan.name} {item.drill} {item.level}"


def _points(place: Place, logs: Iterable[Counted]) -> Callable[[str], Sequence[str]]:
    """A learner's points at each drill that is set, empty where nothing is finished."""
    found = progress(place.plan, logs)

    def points(learner: str) -> Sequence[str]:
        states = {(each.drill, each.level): each.state for each in found.get(learner, ())}
        return [_POINTS[states.get((item.drill, item.level), State.BEGUN)] for item in place.plan.items]

    return points


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def xapi_export(place: Place, logs: Iterable[Counted], who: Who, home: str = HOME) -> str:
    """A statement a line, of each attempt that counts; *home* is the address by which accounts and drills are named."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in _statements(place, logs, who, home))


def _statements(place: Place, logs: Iterable[Counted], who: Who, home: str) -> Iterator[dict[str, Any]]:
    """The id follows from what is told: whoever sends it twice has sent one statement."""
    for log in (each for each in logs if each.counts):
        verdict, account = log.verdict, {"homePage": home, "name": who.id(log.verdict.learner)}
        named = {"name": who.name(verdict.learner)} if who.names else {}
        verb = "passed" if verdict.passed else "failed"
        statement = {
            "actor": {"objectType": "Agent", **named, "account": account},
            "verb": {"id": f"{_ADL}/verbs/{verb}", "display": {"en-US": verb}},
            "object": _activity(f"{home}/drills/{verdict.drill}/{verdict.level}", f"{verdict.drill} {verdict.level}"),
            "result": _result(log, home),
            "context": {"contextActivities": {"grouping": [_activity(f"{home}/classes/{place.plan.name}")]}},
            **_timestamp(verdict.ended),
        }
        told = json.dumps([verdict.log, statement], sort_keys=True)
        yield {"id": str(uuid5(NAMESPACE_URL, told)), **statement}


def _activity(address: str, name: str = "") -> dict[str, Any]:
    kind = {"type": f"{_ADL}/activities/{'assessment' if name else 'course'}"}
    return {
        "objectType": "Activity",
        "id": address,
        "definition": {**({"name": {"en-US": name}} if name else {}), **kind},
    }


def _result(log: Counted, home: str) -> Mapping[str, Any]:
    verdict, more = log.verdict, {}
    with suppress(ValueError):
        seconds = (moment(verdict.ended) - moment(verdict.started)).total_seconds()
        more = {"duration": f"PT{seconds:.2f}S"} if seconds >= 0 else {}
    told = {"looks": verdict.spent, "hints": verdict.hints, "localised": verdict.localised, "late": log.late}
    return {
        "success": verdict.passed,
        "completion": True,
        "score": {"scaled": 1 if verdict.passed else 0},
        **more,
        "extensions": {f"{home}/extensions/{name}": value for name, value in told.items()},
    }


def _timestamp(ended: str) -> dict[str, str]:
    """When it was finished; nothing where the log has no time there."""
    with suppress(ValueError):
        return {"timestamp": moment(ended).isoformat()}
    return {}
