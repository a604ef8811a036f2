"""What a class is: the instructor's file, `drilllib/class/1`: the drills that are set, dates, the mastery rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.classes.roster import NAME, Learner, read_roster
from drilllib.core.snapshot.shapes import Fields, require_shape
from drilllib.documents import parse_json, yaml_document
from drilllib.errors import DrillError, InvalidInputError, Message, listed, quoted
from drilllib.practice import library
from drilllib.practice.authored import WHOLE_FILE, at_line
from drilllib.practice.start import moment

SCHEMA = "drilllib/class/1"
MOST_DRILLS, MOST_TRIES, MOST_WORLDS, MOST_HINTS = 100, 20, 100_000, 100
_EXAMPLE = """\
schema: drilllib/class/1
name: monday
roster: monday.csv                # columns: learner (an id), name; others are not read
opens: {opens}  # today; both dates may be left out
closes: {closes}
drills:                           # drill practice --list has the names
  - {{drill: rule-order, level: 1}}
  - {{drill: node-source, level: 1, tries: 2}}    # a second world for who did not pass the first
  - {{drill: health-probes, level: 2}}
mastery: {{drills: 2, hints: 1}}    # so many have to be passed, each with at most so many hints; all, and any number
"""
_EXAMPLE_STUDY = """\
study:                            # a test before the drills and one after them, in two parallel forms
  test: [{drill: rule-order}, {drill: node-source}]
  transfer: [{drill: target-port}]    # of a category that nothing above has
"""
_OPEN = timedelta(days=14)  # for so long the class of the example is open
_DRILL: Fields = {"drill": str, "level?": int, "tries?": int, "worlds?": int}
_MASTERY: Fields = {"drills?": int, "hints?": int}
_ITEM: Fields = {"drill": str, "level?": int}
_STUDY: Fields = {"test": [_ITEM], "transfer?": [_ITEM]}
_SHAPE: Fields = {
    "schema": str,
    "name": str,
    "roster": str,
    "opens?": str,
    "closes?": str,
    "drills": [_DRILL],
    "mastery?": _MASTERY,
    "store?": str,
    "study?": _STUDY,
}


def example(today: date, *, study: bool = False) -> str:
    """A class's file, to be changed: open from *today* in China on; with a *study* one that is tested."""
    opens = datetime.combine(today, time.min, timezone(timedelta(hours=8)))
    closes = opens + _OPEN + timedelta(hours=18)
    dated = _EXAMPLE.format(opens=opens.isoformat(), closes=closes.isoformat())
    return dated + (_EXAMPLE_STUDY if study else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    A drill that is set. *tries* are worlds for each learner, one after another; *worlds* says how many there are in the
    class for a try, from which each learner has one: None where everybody has one of his own.
    """

    drill: str
    category: str
    level: int
    tries: int = 1
    worlds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    A class; *learners* by their ids. *needed* drills have to be passed, each with at most *hints* (None: any).

    *store* is the URL of the PostgreSQL database in which grades are kept; empty: a file in the class's folder.
    *test* and *transfer* are what is asked before the drills and after them, in the worlds of *forms*: by drill and
    level the seed of each form. They are no drills that are set, and none counts towards mastery.
    """

    name: str
    items: tuple[Item, ...]
    learners: Mapping[str, Learner]
    needed: int
    hints: int | None = None
    opens: str = ""
    closes: str = ""
    store: str = ""
    test: tuple[Item, ...] = ()
    transfer: tuple[Item, ...] = ()
    forms: Mapping[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

    def is_test(self, drill: str, level: int, seed: str) -> bool:
        """Is that world one of a form?"""
        return seed in map(str, self.forms.get((drill, level), ()))


def read_plan(name: str) -> Plan:
    """
    The class in a YAML or JSON file, its roster beside it.

    Raises:
        InvalidInputError: One of them cannot be read or used; FILE:LINE where that is known.
        MissingToolError: PyYAML is not installed.
    """
    text = files.read_text(name)
    is_json = text.lstrip().startswith("{")
    document = parse_json(text, quoted(name), WHOLE_FILE) if is_json else yaml_document(text, quoted(name))
    try:
        _require_known(document)
        items = tuple(_items("class.drills", document["drills"]))
        test, transfer = _study(document.get("study") or {}, items)
        _require_dates(document)
        _require_store(document.get("store") or "")
        mastery = _mastery(document.get("mastery") or {}, len(items))
    except InvalidInputError as error:
        raise at_line(name, text, error) from None
    return Plan(
        name=document["name"],
        items=items,
        learners=read_roster(Path(name).parent / document["roster"]),
        opens=document.get("opens") or "",
        closes=document.get("closes") or "",
        store=document.get("store") or "",
        test=test,
        transfer=transfer,
        **mastery,
    )


def _require_known(document: Any) -> None:
    """Raises InvalidInputError where the file is of another shape, or has a field that nobody reads."""
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, Mapping) else document
        raise InvalidInputError(
            "The class's schema is {found}",
            remedy="Begin the file with schema: {schema}; drill class example prints one",
            found=quoted(found),
            schema=SCHEMA,
            where="class.schema",
        )
    require_shape(document, _SHAPE, "class")
    for where, fields, found in _objects(document):
        _require_fields(where, fields, found)
    if not NAME.fullmatch(document["name"]):
        raise _misfit("class.name", document["name"], Message("Use letters, digits, dots, dashes, 64 at most"))


def _objects(document: Mapping[str, Any]) -> Iterator[tuple[str, Fields, Mapping[str, Any]]]:
    yield "class", _SHAPE, document
    yield "class.mastery", _MASTERY, document.get("mastery") or {}
    study = document.get("study") or {}
    yield "class.study", _STUDY, study
    listed_items = (
        ("drills", _DRILL, document["drills"]),
        *((f"study.{name}", _ITEM, study.get(name) or ()) for name in ("test", "transfer")),
    )
    for name, fields, found in listed_items:
        for place, each in enumerate(found):
            yield f"class.{name}[{place}]", fields, each


def _require_fields(where: str, fields: Fields, found: Mapping[str, Any]) -> None:
    known = [name.removesuffix("?") for name in fields]
    for name in found:
        if name not in known:
            raise InvalidInputError(
                "{where} is not a field of a class",
                remedy="Use {choices}",
                where=f"{where}.{name}",
                choices=listed(known),
            )


def _misfit(where: str, found: object, remedy: Message) -> InvalidInputError:
    return InvalidInputError("{where} is {found}", remedy=remedy, where=where, found=quoted(found))


def _items(name: str, listed_drills: Sequence[Mapping[str, Any]]) -> Iterator[Item]:
    if not 1 <= len(listed_drills) <= MOST_DRILLS:
        raise _misfit(name, len(listed_drills), Message("Set 1 to {most} drills", most=MOST_DRILLS))
    met = set[tuple[str, int]]()
    for place, each in enumerate(listed_drills):
        item = _item(f"{name}[{place}]", each)
        if (item.drill, item.level) in met:
            where = f"{name}[{place}].drill"
            raise _misfit(where, item.drill, Message("Set a drill once a level; tries gives several worlds of it"))
        met.add((item.drill, item.level))
        yield item


def _study(found: Mapping[str, Any], drills: Sequence[Item]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """What is tested of the categories that are practised, and of others: what was learned carries over to those."""
    if not found:
        return (), ()
    test = tuple(_items("class.study.test", found["test"]))
    others = found.get("transfer") or ()
    transfer = tuple(_items("class.study.transfer", others)) if others else ()
    practised = {each.category for each in drills}
    for name, items, is_seen in (("test", test, True), ("transfer", transfer, False)):
        for place, each in enumerate(items):
            if (each.category in practised) is not is_seen:
                remedy = Message("Test categories that the drills have; others belong in transfer")
                raise _misfit(f"class.study.{name}[{place}].drill", each.drill, remedy)
    return test, transfer


def _item(where: str, each: Mapping[str, Any]) -> Item:
    try:
        drill = library.drill(each["drill"])
    except DrillError as error:
        place = f"{where}.drill"
        raise InvalidInputError(
            Message("{where}: {problem}", where=place, problem=error.problem_message),
            remedy=error.remedy_message,
        ) from None
    level = each.get("level") or drill.levels[0]
    if level not in drill.levels:
        raise _misfit(f"{where}.level", level, Message("Use one of {levels}", levels=listed(drill.levels)))
    tries = _bounded(f"{where}.tries", each.get("tries"), 1, MOST_TRIES)
    worlds = _bounded(f"{where}.worlds", each.get("worlds"), 1, MOST_WORLDS)
    return Item(drill=drill.name, category=drill.category, level=level, tries=tries or 1, worlds=worlds)


def _bounded(where: str, found: int | None, least: int, most: int) -> int | None:
    if found is not None and not least <= found <= most:
        raise _misfit(where, found, Message("Use a number from {least} to {most}", least=least, most=most))
    return found


def _mastery(found: Mapping[str, Any], items: int) -> dict[str, Any]:
    needed = _bounded("class.mastery.drills", found.get("drills"), 1, items)
    return {"needed": needed or items, "hints": _bounded("class.mastery.hints", found.get("hints"), 0, MOST_HINTS)}


def _require_store(url: str) -> None:
    """Which database it is, is known to all who have the file; how one signs in, only to who runs the command."""
    if not url:
        return
    if not url.startswith("postgresql://"):
        raise _misfit("class.store", url, Message("Write postgresql://HOST/DATABASE, or leave it out"))
    if "password" in url or (":" in url.partition("//")[2].partition("@")[0] and "@" in url):
        raise InvalidInputError(
            "{where} has a password in it",
            remedy="Put the password into ~/.pgpass or PGPASSWORD, and leave it out here",
            where="class.store",
        )


def _require_dates(document: Mapping[str, Any]) -> None:
    for name in ("opens", "closes"):
        try:
            moment(document.get(name) or "2000-01-01T00:00:00Z")
        except ValueError:
            remedy = Message("Write a time with its zone, as 2026-12-01T09:00:00+08:00")
            raise _misfit(f"class.{name}", document[name], remedy) from None
    opens, closes = document.get("opens"), document.get("closes")
    if opens and closes and moment(closes) <= moment(opens):
        raise _misfit("class.closes", closes, Message("Let the class close after it opens"))
