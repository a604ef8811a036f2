"""What there is to read in a checkout: lessons in their order, documents in the order of docs/README.md."""

import re
from collections.abc import Iterator
from pathlib import Path

from drilllib.course.copies import source_folder
from drilllib.errors import MissingToolError
from drilllib.site.pages.places import Source

_ROW = re.compile(r"^\| (.*?) \| \[.*?\]\((\w[\w-]*\.md)[)#]", re.MULTILINE)
_CHINESE = re.compile(r"[?.] ([^?.]*[\u4e00-\u9fff].*)$")  # of a row's question, which is asked in English first
PROJECT = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")


def project_folder() -> Path:
    """
    The checkout.

    Raises:
        MissingToolError: drilllib was installed from a wheel, which has no documents.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "docs" / "README.md").is_file():
        raise MissingToolError(
            "This installation of drilllib has no documents beside {package}",
            remedy="Make the site in a checkout, with make site",
            package=root,
        )
    return root


def sources(root: Path, language: str) -> tuple[Source, ...]:
    """Every file that becomes a page of that language: its lessons, and the documents, which are in all languages."""
    return (*_lessons(language), *_documents(root, language), *_project(root))


def _lessons(language: str) -> Iterator[Source]:
    for path in sorted((source_folder() / language).glob("*.ipynb")):
        yield Source(path, f"notebooks/{language}/{path.name}", f"lessons/{path.stem}.html", "lesson")


def _documents(root: Path, language: str) -> Iterator[Source]:
    docs, labels = root / "docs", {"README.md": ""}
    for question, name in _ROW.findall((docs / "README.md").read_text(encoding="utf-8")):
        chinese = _CHINESE.search(question)
        labels.setdefault(name, chinese[1] if chinese and language == "zh" else "")
    order = {name: place for place, name in enumerate(labels)}
    for path in sorted(docs.glob("*.md"), key=lambda path: (order.get(path.name, len(order)), path.name)):
        yield Source(path, f"docs/{path.name}", f"docs/{path.stem}.html", "doc", labels.get(path.name, ""))
    for path in sorted(docs.glob("decisions/*.md")):
        yield Source(path, f"docs/decisions/{path.name}", f"docs/decisions/{path.stem}.html", "decision")


def _project(root: Path) -> Iterator[Source]:
    for name in PROJECT:
        yield Source(root / name, name, f"project/{name.removesuffix('.md')}.html", "project")
