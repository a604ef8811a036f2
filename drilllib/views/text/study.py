"""A study's figures and the forms of its test, as rows and as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drilllib.views.phrases.catalog import say
from drilllib.views.text.cause_label import label_text
from drilllib.views.text.columns import table
from drilllib.views.text.mastery import category_text

MEASURES = ("passed", "localised", "seconds", "price", "transfer_passed", "transfer_localised")
HEADS = ("measure", "learners", "before", "after", "change", "interval")
FORM_COLUMNS = ("drill", "category", "level", "cause", "hypotheses", "best")
_NUMBERS = ("before", "after", "change", "low", "high")


def heads(language: str) -> list[str]:
    """What stands above the columns of `rows`."""
    return [say(language, f"study.col_{name}") for name in HEADS]


def rows(found: Mapping[str, Any], language: str) -> list[list[str]]:
    """Each figure of a `drilllib/study/1` document."""
    return [
        [say(language, f"study.is_{each['measure']}"), str(each["learners"]), *_values(each, language)]
        for each in found["figures"]
    ]


def _values(figure: Mapping[str, Any], language: str) -> list[str]:
    """Before, after, the change and its interval."""
    before, after, change, low, high = (_number(figure, name) for name in _NUMBERS)
    return [before, after, change, f"{low} .. {high}" if low and high else say(language, "study.too_few")]


def _number(figure: Mapping[str, Any], name: str) -> str:
    value, sign = figure[name], "" if name in ("before", "after") else "+"
    if value is None:
        return ""
    if figure["measure"] == "seconds":
        return f"{value:{sign}.0f} s"
    return f"{value:{sign}.2f}" if figure["measure"] == "price" else f"{100 * value:{sign}.0f} %"


def notes(found: Mapping[str, Any], language: str) -> list[str]:
    """Who counts, how the two forms compare, and what a gain does not say."""
    told = [say(language, "study.counted", **{name: found[name] for name in ("began", "complete", "items")})]
    forms = found["forms"]
    if forms:
        a, b, _, interval = _values(forms, language)
        told.append(say(language, "study.forms", a=a, b=b, interval=interval))
    return [*told, say(language, "study.no_cause")]


def study_text(found: Mapping[str, Any], language: str) -> str:
    """All of it."""
    shown = table([heads(language), *rows(found, language)]) if found["figures"] else ()
    return "\n".join([*shown, *notes(found, language)])


def form_heads(language: str) -> list[str]:
    """What stands above the columns of `form_rows`."""
    return [say(language, f"study.col_{name}") for name in FORM_COLUMNS]


def form_rows(items: Iterable[Mapping[str, Any]], language: str) -> list[list[str]]:
    """Each item of the test: what both of its worlds are alike in."""
    return [
        [str(each["drill"]), *(_fact(each["facts"], name, language) for name in FORM_COLUMNS[1:])] for each in items
    ]


def _fact(facts: Mapping[str, Any], name: str, language: str) -> str:
    found = str(facts.get(name, ""))
    if name == "category":
        return category_text(found, language)
    return label_text(found, language) if name == "cause" else found


def forms_text(items: Sequence[Mapping[str, Any]], language: str) -> str:
    """The same, as text."""
    return "\n".join(table([form_heads(language), *form_rows(items, language)]))
