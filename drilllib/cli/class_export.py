"""`drill class export`: grades as CSV, for the gradebooks of Canvas and Moodle, as xAPI statements."""

import argparse
import re
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.class_board import every_log
from drilllib.cli.output import tell_text
from drilllib.cli.parsers import command
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language

FORMATS = ("csv", "canvas", "moodle", "xapi")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")


def add_command(verbs: Any) -> argparse.ArgumentParser:
    """Declare the verb, what it takes, and what runs it."""
    parser = command(
        verbs,
        "export",
        _export,
        "write grades for others, by pseudonyms",
        """\
        docs/classes.md says what stands in each format.
        example:
          drill class export monday.yaml --as canvas --names --out canvas.csv""",
    )
    parser.add_argument("--as", dest="format", choices=FORMATS, required=True, help="which format")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there (standard output)")
    parser.add_argument("--names", action="store_true", help="with learners' ids and names")
    parser.add_argument("--home-page", metavar="URL", help="of xAPI: the address by which accounts are named")
    return parser


def _export(options: argparse.Namespace) -> int:
    from drilllib.classes import export
    from drilllib.classes.place import place_of

    home = _home(options)
    place = place_of(options.file)
    logs, who = list(every_log(place)), export.Who(place, names=options.names)
    if options.format == "xapi":
        text = export.xapi_export(place, logs, who, home or export.HOME)
    else:
        text = getattr(export, f"{options.format}_export")(place, logs, who)
    if options.out is None:
        tell_text(text.rstrip("\n"))
    else:
        files.write_atomically(options.out, text, private=True)
        tell_text(say(language(options.lang), "class.exported", file=options.out))
    return 0


def _home(options: argparse.Namespace) -> str:
    """The address, without a slash at its end. Raises InvalidInputError where it is none, or nothing asks for it."""
    given = options.home_page or ""
    if given and options.format != "xapi":
        raise InvalidInputError("--home-page is of xAPI alone", remedy="Leave it out")
    if given and not _ADDRESS.fullmatch(given):
        raise InvalidInputError(
            "{found} is no address", remedy="Write it as https://school.example", found=quoted(given)
        )
    return str(given).rstrip("/")
