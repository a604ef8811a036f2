"""
JSON and YAML from anybody, read at a cost that the text's own length bounds: in depth, in numbers, in repetition.

A YAML document is read as what JSON has: other tags are refused, a date is the text that stands there, and so is a key.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from drilllib.core.snapshot.reuse import DEEPEST
from drilllib.errors import InvalidInputError, Message, MissingToolError

MOST_VALUES = 16 << 20  # of one document; each takes some 60 bytes of memory, and 100,000 rules have 600,000
LARGEST_YAML = 4 << 20  # characters; reading that many takes half a minute
_HALF = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F]")
_BLANK = re.compile(r"[ \t\r\n]*")
WHOLE_ANSWER = Message("Save the whole answer of the API")


def parse_json(text: str, where: str | Message, remedy: str | Message = WHOLE_ANSWER) -> Any:
    """
    The JSON in *text*; *where* names it in the message.

    Raises:
        InvalidInputError: It is empty or cut off, or has more levels, values or digits than any answer of an API.
    """
    if not text.strip():
        raise InvalidInputError("{where} is empty", remedy="Save JSON into it", where=where)
    if sum(map(text.count, "[{,")) > MOST_VALUES:
        raise InvalidInputError(
            "{where} has more than {most} values",
            remedy="Give the one answer of the API, or one snapshot",
            where=where,
            most=MOST_VALUES,
        )
    try:
        document = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            "{where} is not JSON: {message} at line {line} column {column}",
            remedy=remedy,
            where=where,
            message=error.msg,
            line=error.lineno,
            column=error.colno,
        ) from None
    except (RecursionError, ValueError):
        raise InvalidInputError(
            "{where} nests too deeply or holds a number too long to read",
            remedy="Save the answer of the API unchanged",
            where=where,
        ) from None
    _require_flat(document, where)
    _require_whole_characters(document, text, where)
    return document


def _no_number(name: str) -> None:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise json.JSONDecodeError(f"{name} is no number of JSON", "", 0)


def _require_flat(document: Any, where: str | Message) -> None:
    """Raises InvalidInputError where the document has more than `DEEPEST` levels, found without a call a level."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [each for inside in map(_inside, level) for each in inside if each.__class__ in (dict, list)]
        if not level:
            return
    raise InvalidInputError(
        "{where} nests too deeply: it has more than {levels} levels",
        remedy="Save the answer of the API unchanged",
        where=where,
        levels=DEEPEST,
    )


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if value.__class__ is dict else value if value.__class__ is list else ()


def _require_whole_characters(document: Any, text: str, where: str | Message) -> None:
    """Raises InvalidInputError where an escape in *text* is half a character, which no file and no page can take."""
    if "\\" not in text or not _HALF.search(text):
        return
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            "{where} has half a character: an escape from \\ud800 to \\udfff that stands alone",
            remedy="Save the answer of the API unchanged",
            where=where,
        ) from None


def json_documents(text: str, where: str) -> list[Any]:
    """
    One JSON document, or several one after another, as several answers in one file are.

    Raises:
        InvalidInputError: See `parse_json`.
    """
    try:
        return [parse_json(text, where)]
    except InvalidInputError:
        pieces = _pieces(text)
        if len(pieces) < 2:
            raise
    return [parse_json(each, where) for each in pieces]


def _pieces(text: str) -> list[str]:
    """The texts of JSON documents one after another; none where there is anything else."""
    decoder, pieces, start = json.JSONDecoder(), list[str](), _skipped(text, 0)
    try:
        while start < len(text):
            _, end = decoder.raw_decode(text, start)
            pieces.append(text[start:end])
            start = _skipped(text, end)
    except (ValueError, RecursionError):
        return []
    return pieces


def _skipped(text: str, start: int) -> int:
    """The place after the white space that begins at *start*."""
    found = _BLANK.match(text, start)
    return found.end() if found else start


def yaml_document(text: str, where: str) -> Any:
    """
    The one document in *text*; *where* names it in the message.

    Raises:
        InvalidInputError: It is no YAML, is too long or too deep, has a key twice, or a value that JSON does not have.
        MissingToolError: PyYAML is not installed.
    """
    found = yaml_documents(text, where, several=False)
    return found[0] if found else None


def yaml_documents(text: str, where: str, *, several: bool = True) -> list[Any]:
    """The documents in *text*, one after another; see `yaml_document`. Without *several* a second one is an error."""
    try:
        import yaml

        from drilllib.documents.strict_yaml import StrictLoader
    except ModuleNotFoundError:
        raise MissingToolError(
            "{where} is YAML, and PyYAML is not installed",
            remedy="Install it (pip install pyyaml), or write the file as JSON",
            where=where,
        ) from None
    if len(text) > LARGEST_YAML:
        raise InvalidInputError(
            "{where} has more than {largest} MiB of YAML",
            remedy="Write it as JSON, which is read in a moment",
            where=where,
            largest=LARGEST_YAML >> 20,
        )
    try:
        every = yaml.load_all(text, StrictLoader) if several else (yaml.load(text, StrictLoader),)
        documents = list(every)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidInputError(
            "{where} cannot be read as YAML: {detail} at line {line} column {column}"
            if mark
            else "{where} cannot be read as YAML: {detail}",
            remedy="Correct the file",
            where=where,
            detail=getattr(error, "problem", None) or Message("a character is not allowed"),
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    _require_whole_characters(documents, text, where)
    return documents
