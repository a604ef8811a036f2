"""The board of a class as text: its drills, what is named in the place of what it is, and everybody."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drilllib.views.phrases.catalog import say
from drilllib.views.text.cause_label import label_text
from drilllib.views.text.columns import table
from drilllib.views.text.mastery import category_text

MOST = 10  # confusions that are told
ITEMS = ("drill", "level", "category", "begun", "finished", "passed", "looks", "hints", "difficulty", "discrimination")
LEARNERS = ("learner", "passed", "finished", "begun", "spent", "late", "odd", "mastered")
CONFUSIONS = ("true", "stated", "count")
HEADS = tuple(dict.fromkeys((*ITEMS, *LEARNERS, *CONFUSIONS)))


def board_text(board: Mapping[str, Any], language: str) -> str:
    """The whole board, from its `drilllib/board/1` document."""
    items = [{**each, "category": category_text(each["category"], language)} for each in board["items"]]
    learners = board["learners"]
    head = {"name": board["class"], "learners": len(learners), "mastered": board["mastered"]}
    lines = [say(language, "class.board", **head), "", *_table(ITEMS, items, language), ""]
    if board["confusions"]:
        confusions = [_in_words(each, language) for each in board["confusions"][:MOST]]
        lines += [say(language, "class.confusions"), *_table(CONFUSIONS, confusions, language), ""]
    return "\n".join([*lines, *_table(LEARNERS, learners, language)])


def _in_words(confusion: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    return {**confusion, **{name: label_text(confusion[name], language) for name in ("true", "stated")}}


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], language: str) -> Iterator[str]:
    heads = [say(language, f"class.head_{name}") for name in columns]
    yield from table([heads, *([cell_text(row[name], language) for name in columns] for row in rows)])


def cell_text(value: Any, language: str) -> str:
    """A value of the board's document; a dash where it is not known."""
    if isinstance(value, bool):
        return say(language, "class.yes" if value else "class.no")
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
