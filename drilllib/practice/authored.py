"""A drill that somebody writes: the file to begin with, and what is wrong in one, with its line."""

import re
from collections.abc import Iterator
from typing import Any

from drilllib import files
from drilllib.core.drills.worlds.drill import LANGUAGES, Drill
from drilllib.core.drills.worlds.world import World
from drilllib.core.snapshot.anonymous.words import WITHHELD
from drilllib.documents import parse_json, yaml_document
from drilllib.errors import InvalidInputError, Message, quoted

TEMPLATE = """\
schema: drilllib/drill/1
name: {name}
category: order            # what `drill progress` counts it as
base: node-port            # or a list; docs/practice.md lists bases, edits, places and ways
listener: [HTTP, TCP]
faults:                    # all of them are planted; a list draws one
  - edit: below-drop
    where: [clb, node, pod]
ticket:                    # never name a group, a rule or the repair; always say whom the Service is for
  en:
    title: "{{app}} does not answer"
    texts:
      - "{{client}} cannot get through to {{url}}. {{service}} is for {{served}}."
  zh:
    title: "{{app}} 没有响应"
    texts:
      - "{{client}} 访问不了 {{url}}。{{service}} 面向 {{served}}。"
"""
WHOLE_FILE = Message("Correct the file")
_TOLD = re.compile(r"\b(?:ACCEPT|DROP)\b|\b(?:sg|eni|ins|lbl|ipm|ipmg|ppm)-\w+")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def new_text(name: str) -> str:
    """A drill of that name which is right as it stands. Raises InvalidInputError where it cannot be called so."""
    text = TEMPLATE.format(name=name)
    Drill.from_document(yaml_document(text, name))
    return text


def read_drill(name: str, text: str | None = None) -> Drill:
    """
    The drill in a file, or in standard input where *name* is ``-``; *text* is what stands there, where that is known.

    Raises:
        InvalidInputError: It cannot be read or is no drill, or a text tells what is to be found; FILE:LINE where known.
        MissingToolError: PyYAML is not installed.
    """
    text = files.read_text(name) if text is None else text
    is_json = text.lstrip().startswith("{")
    document = parse_json(text, quoted(name), WHOLE_FILE) if is_json else yaml_document(text, quoted(name))
    try:
        drill = Drill.from_document(document, "drill")
        _require_no_leak(drill)
    except InvalidInputError as error:
        raise at_line(name, text, error) from None
    return drill


def at_line(name: str, text: str, error: InvalidInputError) -> InvalidInputError:
    """An error about a part of a file, whose value *where* says which, with the line of it: FILE:LINE."""
    place = str(error.problem_message.values.get("where", ""))
    line = 1 if text.lstrip().startswith("{") else _line_of(text, place)
    return InvalidInputError(
        Message("{file}:{line}: {problem}", file=name, line=line, problem=error.problem_message),
        remedy=error.remedy_message,
    )


def _require_no_leak(drill: Drill) -> None:
    for where, text in texts_of(drill):
        found = _TOLD.search(text)
        if found:
            raise InvalidInputError(
                "{where} names {word}",
                remedy=Message("Leave it to be found"),
                where=where,
                word=quoted(found[0]),
            )


def texts_of(drill: Drill) -> Iterator[tuple[str, str]]:
    """Every text that a learner may read before the grade, with its place in the file."""
    for language in LANGUAGES:
        yield f"drill.ticket.{language}.title", drill.titles[language]
        for kind, texts in (("ticket", drill.texts[language]), ("hints", drill.hints.get(language, ()))):
            inner = f"drill.ticket.{language}.texts" if kind == "ticket" else f"drill.hints.{language}"
            yield from ((f"{inner}[{place}]", text) for place, text in enumerate(texts))


def told_in_ticket(world: World) -> tuple[str, ...]:
    """What a world's ticket tells that is to be found: a group's id or name, or a rule."""
    told = " ".join(text for ticket in world.ticket.values() for text in ticket.values())
    groups = world.snapshot.part("security_groups")
    rules = {rule.text for group in world.snapshot.groups.values() for rule in group.ingress or ()}
    named = {each.get("SecurityGroupName") or "" for each in groups.values()}
    return tuple(sorted(each for each in {*groups, *named, *rules} - {"", WITHHELD} if each in told))


def _line_of(text: str, place: str) -> int:
    """The line of the deepest part of *place*, as in drill.faults[0].edit, that the text has; 1 for the whole."""
    import yaml

    node: Any = yaml.compose(text, yaml.SafeLoader)
    line = 1
    for name, index in _STEP.findall(place):
        pairs = node.value if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) else []
        if name:
            found = [pair for pair in pairs if isinstance(pair, tuple) and pair[0].value == name]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif int(index) < len(pairs) and not isinstance(pairs[int(index)], tuple):
            node = pairs[int(index)]
            line = node.start_mark.line + 1
    return line
