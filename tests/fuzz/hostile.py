"""Names that somebody wrote to do harm where they are shown or pasted, and snapshots in which one stands."""

import copy
import unicodedata
from collections.abc import Iterator
from typing import Any

# Control characters of both sets, what steers the direction of writing, half a character, and what each medium reads.
STRANGE = "\0\a\b\t\n\v\f\r\x1b\x7f\x85\x9b\x9d\u061c\u200b\u200e\u2028\u2029\u202e\u2066\ufeff\ufffe\ud800\U000e0041"
HOSTILE = [
    *(f"a{each}b" for each in STRANGE),
    *("a; touch x #", "$(touch x)", "`touch x`", "a' b", 'a" b', "a\\", "!x", "~", "*", "&", "|", "<x", ">x", "#"),
    *("${x}", "$${x}", "$$${x}", "%{if x}", "%%{x}", "a$", "$\\{", "]]>", "-->", "<b>", "&amp;", "&#27;", "&#x202e;"),
    *("--all", "-n", "", " ", "\\u001b", "\\N", "<<b>x</b>>", "防火墙", "é"),
]


def is_harmless(text: str) -> bool:
    """By the categories of Unicode: nothing that is control, format, surrogate, private, unassigned or odd space."""
    return all(each == " " or unicodedata.category(each)[0] not in "CZ" for each in text)


def texts(value: Any) -> Iterator[str]:
    """Every text in a document, keys too."""
    if isinstance(value, str):
        yield value
    for name, each in value.items() if isinstance(value, dict) else ((None, each) for each in _items(value)):
        if name is not None:
            yield name
        yield from texts(each)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def everywhere(value: Any, old: str, new: str) -> Any:
    """The document with another text wherever *old* stands, so that what refers to each other still does."""
    if isinstance(value, str):
        return new if value == old else value
    if isinstance(value, dict):
        return {everywhere(name, old, new): everywhere(each, old, new) for name, each in value.items()}
    return [everywhere(each, old, new) for each in value] if isinstance(value, list) else value


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every text that is a value."""
    if isinstance(value, str):
        yield path
    named = value.items() if isinstance(value, dict) else enumerate(_items(value))
    for name, each in named:
        yield from places(each, (*path, name))


def at(document: Any, path: tuple[Any, ...], new: str) -> Any:
    """The document with another text at one place."""
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = new
    return changed


def service_of(document: Any) -> str:
    """NAMESPACE/NAME of the first Service, as it is called now."""
    items = [each for each in document.get("kubernetes") or () if isinstance(each, dict)]
    named = [each.get("metadata") for each in items if each.get("kind") == "Service"]
    metadata = next((each for each in named if isinstance(each, dict)), {})
    return f"{metadata.get('namespace')}/{metadata.get('name')}"
