"""`drill author from`: one's own outage as a drill, under other names."""

import argparse
import re
from pathlib import Path
from typing import Any

from drilllib.cli.output import complain, tell_text
from drilllib.cli.parsers import command
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.phrases.language import language

FINISHED, UNFINISHED = 0, 1


def add_verb(verbs: Any) -> None:
    """Declare the verb and what runs it."""
    parser = command(
        verbs,
        "from",
        _from,
        "make a drill of an outage of your own: its snapshot under other names, what is wrong, the repair, a ticket",
        """\
        What is replaced and what is left out is printed, and stands nowhere in the file. The exit status is 1 where the
        repair is left to you.
        examples:
          drill author from snapshot.json --service shop/web --client 203.0.113.10 --out ours.yaml
          drill author from snapshot.json --service shop/web --client 203.0.113.10 --served 203.0.113.0/24 \\
            --cause "group ins-0a1b2c3d sg-4e5f6a7b in none" --out ours.yaml""",
    )
    parser.add_argument("snapshot", metavar="SNAPSHOT", help="snapshot file (JSON), or - for standard input")
    parser.add_argument("--service", metavar="NS/NAME", required=True, help="the Service")
    parser.add_argument("--client", metavar="ADDR", required=True, help="who does not get through")
    parser.add_argument(
        "--served", metavar="CIDR", action="append", default=[], help="whom the Service is for (the client alone)"
    )
    parser.add_argument(
        "--cause", metavar="TEXT", action="append", default=[], help="what is wrong, as state in drill practice has it"
    )
    parser.add_argument("--port", type=int, help="listener port; may be left out where there is one")
    parser.add_argument("--protocol", type=str.upper, help="TCP or UDP (the listener's)")
    parser.add_argument("--host", help="Host header, for layer-7 listeners (the VIP)")
    parser.add_argument("--path", default="/", help="URL path, for layer-7 listeners (%(default)s)")
    parser.add_argument("--name", help="of the drill: small letters, with dashes (from the file's name)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to: YAML, or .json")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the text (from the locale)")


def _from(options: argparse.Namespace) -> int:
    from drilllib.files import read_snapshot, write_atomically
    from drilllib.practice.from_snapshot import drill_from, text_of
    from drilllib.views.text.author import replaced_text

    out, spoken = options.out, language(options.lang)
    _require_new(out)
    asked = {name: getattr(options, name) for name in ("client", "service", "port", "protocol", "host", "path")}
    written = drill_from(
        read_snapshot(options.snapshot), Question(**asked), options.served, options.cause, options.name or _name(out)
    )
    write_atomically(out, text_of(written, as_json=out.suffix == ".json"))
    tell_text(replaced_text(written.by.replaced, written.by.withheld, spoken))
    if written.is_repaired:
        tell_text(say(spoken, "author.written", file=str(out)))
        return FINISHED
    complain(say(spoken, "author.unfinished", file=str(out)))
    return UNFINISHED


def _require_new(out: Path) -> None:
    if out.exists():
        raise InvalidInputError("{path} is there already", remedy="Give --out a new file", path=quoted(str(out)))


def _name(out: Path) -> str:
    """The file's name without its ending, as far as a drill may be called so."""
    found = "-".join(re.findall(r"[a-z0-9]+", out.stem.lower())).lstrip("0123456789-")
    return found or "own"
