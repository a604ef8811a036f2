"""
What comes from a snapshot or a command line, written so that it means nothing else where it is shown or pasted.

One function a medium: `terminal_text` and `json_text` for a terminal, `shell_line` and `json_word` for a command,
`hcl_text` and `hcl_comment` for Terraform, `markup` for SVG and HTML; views/picture/graphviz.py has Graphviz's, which
needs that package. YAML is never written: drilllib/deploy/manifests.py fills templates with values it has checked.

What a person reads is shown with escapes (`printable`). What is pasted carries the value exactly, or is refused: then a
sentence stands in its place, in which no word of the stranger's is.
"""

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from drilllib.errors import Message, printable

LONGEST_LINE = 4_000  # bytes, with room for what is copied along before it
_TEMPLATE = re.compile(r"[$%](?=\{)")
_HCL = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Option(str):
    """A word of a command line that we wrote, such as ``--type``: only these may begin with a dash."""

    __slots__ = ()


def terminal_text(lines: Iterable[str]) -> str:
    """Lines for a terminal or a notebook: none can add another, or hold what a terminal would obey."""
    return "\n".join(map(printable, lines))


def json_text(value: Any, indent: int | None = 2) -> str:
    """*value* as JSON in ASCII, which every terminal shows as it is."""
    return json.dumps(value, indent=indent).replace("\x7f", "\\u007f")


def json_word(value: Any) -> str:
    """*value* as JSON for a word of a command: as it reads, what cannot be shown as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(each if each.isprintable() else _utf16(each) for each in text)


def _utf16(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def shell_line(words: Sequence[str]) -> str | Message:
    """
    A command of these words for a POSIX shell: one line, and nothing in it is run but it, with exactly these words.

    A comment in its place where a word has a character that a terminal may obey or hide, where a value begins with a
    dash, so that the command would take it for an option, or is empty, so that it may mean another: to `kubectl` an
    empty namespace is the current one.
    """
    strange = next((each for word in words for each in word if not each.isprintable()), None)
    if strange is not None:
        return Message(
            "# This command is not printed: a name in it has the character {character}, which cannot be pasted safely",
            character=f"U+{ord(strange):04X}",
        )
    if any(word.startswith("-") and not isinstance(word, Option) for word in words):
        return Message(
            "# This command is not printed: a name in it begins with a dash, and would be taken for an option"
        )
    if not all(words):
        return Message("# This command is not printed: a name in it is empty")
    return " ".join(map(_word, words))


def line_to_paste(line: str | Message) -> str | Message:
    """
    The same line; a comment in its place where it has more than `LONGEST_LINE` bytes.

    A terminal whose shell has no line editor, such as dash, silently keeps 4,095 bytes of a line [termios(3)], without
    the quote that closes the last word: what is pasted next would not stand in quotes any more.
    """
    if isinstance(line, str) and len(line.encode()) > LONGEST_LINE:
        return Message(
            "# This command is not printed: it has more than the {longest} bytes that a terminal takes at once; "
            "--json has it",
            longest=LONGEST_LINE,
        )
    return line


def _word(text: str) -> str:
    """Quoted; also where it begins with ``=``, which zsh would replace by the program of that name."""
    return f"'{text}'" if text.startswith("=") and shlex.quote(text) == text else shlex.quote(text)


def shell_path(path: Path) -> str:
    """A path as a word of a command, never to be taken for an option."""
    text = str(path)
    return f"./{text}" if text.startswith("-") else text


def hcl_text(value: str) -> str | Message:
    """
    *value* as a string of Terraform's language: no template, on one line.

    A comment in its place where it has half a character, for which HCL has no escape, or NUL, which no provider takes.
    """
    strange = next((each for each in value if each == "\0" or 0xD800 <= ord(each) < 0xE000), None)
    if strange is not None:
        return Message(
            "# This block is not printed: a value in it has the character {character}, which Terraform cannot read",
            character=f"U+{ord(strange):04X}",
        )
    text = "".join(_HCL.get(each) or (each if each.isprintable() else _code(each)) for each in value)
    return f'"{_TEMPLATE.sub(lambda found: 2 * found[0], text)}"'


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def hcl_comment(text: str) -> str:
    """*text* as a comment, which ends with its line."""
    return f"# {printable(text)}"


def markup(text: str) -> str:
    """*text* as text or attribute of SVG and HTML, without what XML forbids."""
    return escape(printable(text))
