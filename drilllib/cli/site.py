"""`drill site`: the course as a folder of static files, to be put on any web server."""

import argparse
import shutil
import tempfile
from collections.abc import Callable
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
        "write the course as a static site, to be read and played in a browser tab",
        """\
        All addresses in it are relative: it works under any path. Nothing in it asks anything of another host. What the
        course in a tab is built from is fetched once, by name and version, with pip and npm. docs/site.md says more.
        examples:
          drill site _site
          drill site _site --no-lite""",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder to write into")
    parser.add_argument(
        "--no-lite", action="store_true", help="only the pages to read, which takes neither npm nor a network"
    )
    parser.add_argument(
        "--parts", metavar="FOLDER", type=Path, help="where fetched parts are kept (site-parts in drill's environment)"
    )


def _site(options: argparse.Namespace) -> int:
    from drilllib.site import folder as folders

    build_pages = _pages()
    folder = options.folder.expanduser().absolute()
    folders.begin(folder, lite=not options.no_lite)
    if not options.no_lite:
        _write_lite(folder / "lite", options.parts)
    count = build_pages(folder, lite=not options.no_lite)
    tell(f"wrote {count} pages; to look at them: python3 -m http.server --bind 127.0.0.1 --directory {folder}")
    return 0


def _pages() -> Callable[..., int]:
    try:
        from drilllib.site.pages.build import build_pages
    except ImportError as error:
        raise MissingToolError(
            "The package {name} is not installed, which the pages are made with",
            remedy="pip install 'drilllib[course]'",
            name=error.name,
        ) from None
    return build_pages


def _write_lite(into: Path, fetched: Path | None) -> None:
    from drilllib.site.lite import build, parts

    found = parts.fetched((fetched or parts.default_folder()).expanduser().absolute(), tell)
    shutil.rmtree(into, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="drilllib-site.") as work:
        build.build(into, found, Path(work))
