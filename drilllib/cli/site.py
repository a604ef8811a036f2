"""`drill site`: the course as a folder of static files, to be put on any web server."""

import argparse
from pathlib import Path
from typing import Any

from drilllib.cli.output import tell
from drilllib.cli.parsers import command
from drilllib.errors import MissingToolError


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "site",
        _site,
        "write the course as static pages, to be read anywhere",
        """\
        All addresses in it are relative: it works under any path, and from a disk to read. Nothing in it asks anything
        of another server. docs/site.md says more.
        example:
          drill site _site --no-lite""",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder to write into")
    parser.add_argument("--no-lite", action="store_true", help="only the pages to read")


def _site(options: argparse.Namespace) -> int:
    try:
        from drilllib.site.pages.build import build_pages
    except ImportError as error:
        raise MissingToolError(
            "The package {name} is not installed, which the pages are made with",
            remedy="pip install 'drilllib[course]'",
            name=error.name,
        ) from None
    count = build_pages(options.folder, lite=False)
    tell(f"wrote {count} pages; open {options.folder / 'index.html'}")
    return 0
