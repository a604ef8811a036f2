"""
Builds notebooks/zh and notebooks/en from notebooks/source: one source, the same code cells, two languages of prose.

A source is Markdown. ``<!-- zh -->`` and ``<!-- en -->`` begin the two languages of one text cell; a fenced ``python``
block is a code cell, for both languages. ``python parameters`` tags it for papermill.

    python notebooks/build.py            run every notebook and write it with its outputs
    python notebooks/build.py 02-node    only that one
"""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from drilllib.course.normalise import normalise
from drilllib.lesson.repairs import SOLVE

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
NO_DRILLLIB = {  # ends the first text of every notebook; no code can say it where drilllib cannot be imported
    "zh": "> 如果提示 `No module named 'drilllib'`，说明当前内核里没有 drilllib：在菜单里选择 **内核 > 更改内核…**（Kernel > Change Kernel）换一个内核，"
    "或者用 `%pip install` 安装。",
    "en": "> `No module named 'drilllib'` means that this kernel has no drilllib: choose **Kernel > Change Kernel**, or "
    "install it with `%pip install`.",
}
_PART = re.compile(r"^<!-- (zh|en) -->\n|^```python( parameters)?\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def read_source(text: str) -> list[dict[str, str]]:
    """The cells in order: code cells have `code` (and `tag`), text cells `zh` and `en`."""
    cells: list[dict[str, str]] = []
    matches = list(_PART.finditer(text))
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        prose = text[match.end() : following.start() if following else len(text)].strip()
        language, tag, code = match.groups()
        if language is None:
            if prose:
                raise ValueError(f"text between a code cell and the next language mark: {prose[:60]!r}")
            cells.append({"code": code.strip(), "tag": (tag or "").strip()})
        elif language == "zh":
            cells.append({"zh": prose})
        else:
            cells[-1]["en"] = prose
    return cells


def notebook(name: str, language: str) -> nbformat.NotebookNode:
    """The notebook in one language, without outputs."""
    read, cells = read_source((HERE / "source" / f"{name}.md").read_text(encoding="utf-8")), []
    read[0][language] += f"\n\n{NO_DRILLLIB[language]}"
    for number, cell in enumerate(read):
        made = (
            nbformat.v4.new_code_cell(cell["code"], metadata={"tags": [cell["tag"]]} if cell["tag"] else {})
            if "code" in cell
            else nbformat.v4.new_markdown_cell(cell[language])
        )
        made["id"] = f"cell-{number:02d}"
        cells.append(made)
    return normalise(nbformat.v4.new_notebook(cells=cells))


def executed(name: str, language: str) -> str:
    """The notebook run from top to bottom, as the text of its file; what a learner writes is filled in."""
    made = notebook(name, language)
    os.environ[SOLVE] = "1"
    NotebookClient(made, kernel_name="python3", resources={"metadata": {"path": str(HERE / language)}}).execute()
    return nbformat.writes(normalise(made)) + "\n"


def names() -> list[str]:
    """Every notebook, in the order of the course."""
    return sorted(path.stem for path in (HERE / "source").glob("*.md"))


def main(chosen: list[str]) -> None:
    """Run the chosen notebooks, or all, and write them."""
    pairs = [(name, language) for name in chosen or names() for language in LANGUAGES]
    for _, language in pairs:
        (HERE / language).mkdir(exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        texts = pool.map(lambda pair: executed(*pair), pairs)
        for (name, language), text in zip(pairs, texts, strict=True):
            (HERE / language / f"{name}.ipynb").write_text(text, encoding="utf-8")
            print(f"built notebooks/{language}/{name}.ipynb")


if __name__ == "__main__":
    main(sys.argv[1:])
