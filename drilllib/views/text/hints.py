"""A hint in words: how much the looks have ruled out, which look to take next, at which hop the trouble is."""

from drilllib.core.practice.hints import Hint
from drilllib.core.practice.looks import Look, LookKind
from drilllib.core.practice.rows import Row
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.looks import look_text


def hint_text(hint: Hint, language: str) -> str:
    """The hint's lines."""
    return terminal_text([_line(each, language) for each in hint.told])


def _line(row: Row, language: str) -> str:
    if row.about in ("open", "out"):
        what = say(language, "hint_nowhere") if row["kind"] == "none" else _cause_text(row, language)
        return say(language, f"hint_{row.about}", what=what, count=row["count"])
    if row.about == "split":
        counts = {"price": row["price"], "left": row["left"], "worst": row["worst"]}
        return say(language, "hint_next", look=_look_text(row, language), **counts)
    if row.about == "hop":
        return say(language, f"hint_hop_{row['place']}")
    if row.about == "done":
        return say(language, "hint_single" if row["count"] == "1" else "hint_rest", count=row["count"])
    return say(language, "hint_left", **dict(row.cells))


def _cause_text(row: Row, language: str) -> str:
    place = say(language, f"hint_place_{row['place']}")
    return say(language, "hint_at", place=place, kind=say(language, f"hint_kind_{row['kind']}"))


def _look_text(row: Row, language: str) -> str:
    kind, place = LookKind(row["kind"]), row["at"]
    if kind is LookKind.RULES:
        return say(language, "hint_rules_at" if place else "hint_rules_elsewhere", place=place)
    return look_text(Look(kind, place), language)
