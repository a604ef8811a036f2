"""docs/facts.md is true as far as a program can tell: what it names exists, and it is what its source makes."""

import ast
import re
import runpy
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE = runpy.run_path(str(DOCS / "facts.py"))
FACTS = MADE["facts"]()
STANDINGS = {"documented", "inferred", "practice", "conflict", "unknown", "computed"}
FIELDS = {"id", "part", "text", "standing", "sources", "code"}
LISTS = ("Not modelled", "Not known")  # of docs/model.md


def section(page: str, heading: str) -> str:
    text = (DOCS / page).read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def names_in(body: Iterable[ast.stmt], prefix: str = "") -> set[str]:
    """Everything a module or a class defines, members of classes with a dot."""
    found = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(prefix + node.name)
        if isinstance(node, ast.ClassDef):
            found |= names_in(node.body, f"{prefix}{node.name}.")
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {prefix + each.id for target in targets for each in _flat(target) if isinstance(each, ast.Name)}
    return found


def _flat(target: ast.expr | None) -> list[ast.expr | None]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def defined_in(path: Path) -> set[str]:
    return names_in(ast.parse(path.read_text(encoding="utf-8")).body)


def entries(heading: str) -> dict[str, str]:
    """The entries of a list of docs/model.md by their anchors, each with the paragraph above the list."""
    found, above = {}, ""
    for line in section("model.md", heading).splitlines():
        anchor = re.match(r'- <a id="([\w-]+)"></a>\S', line)
        if anchor:
            assert anchor[1] not in found, anchor[1]
            found[anchor[1]] = f"{above}\n{line}"
        elif line:
            above = line
    return found


ANCHORS = {anchor: text for heading in LISTS for anchor, text in entries(heading).items()}
CODES = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", (DOCS / "codes.md").read_text(encoding="utf-8"), re.MULTILINE))
SOURCES = set(re.findall(r"^\| ([\w-]+) \|", section("codes.md", "Sources"), re.MULTILINE)) - {"key"}


def test_the_page_is_what_its_source_makes() -> None:
    """Edits go into docs/facts.toml; `python docs/facts.py` makes the page."""
    assert (DOCS / "facts.md").read_text(encoding="utf-8") == MADE["page"](FACTS)


def test_ids_are_unique() -> None:
    ids = [fact["id"] for fact in FACTS]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in ids)


def test_the_facts_of_a_part_stand_together() -> None:
    parts = [fact["part"] for fact in FACTS]

    assert [part for place, part in enumerate(parts) if part != parts[place - 1]] == list(dict.fromkeys(parts))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_a_fact_is_tested_or_unknown_or_belongs_elsewhere(fact: dict) -> None:
    """One of the three and no other, or nobody could tell what is still open."""
    (kind,) = set(fact) - FIELDS

    assert kind in MADE["KINDS"]
    assert fact[kind]
    assert set(fact) == FIELDS | {kind}
    assert fact["standing"] in STANDINGS
    assert fact["standing"] != "unknown" or kind == "unknown"
    assert fact["text"].endswith(".")
    assert "\n" not in fact["text"]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_what_a_fact_names_exists(fact: dict) -> None:
    """A test that was renamed must be renamed here, and a source that nobody lists is no source."""
    for test in fact.get("tests", ()):
        file, *name = test.split("::")
        assert name[-1].startswith("test_"), test
        assert ".".join(name) in defined_in(ROOT / file), test
    for place in fact["code"]:
        path, name = MADE["file_of"](place), place.partition(":")[2]
        assert path.is_file(), place
        assert not name or name in defined_in(path), place
    assert set(fact["sources"]) <= SOURCES
    assert fact["sources"] or "elsewhere" in fact
    assert fact.get("unknown", next(iter(ANCHORS))) in ANCHORS


def test_tested_facts_name_code() -> None:
    """A fact that no code follows cannot fail a test."""
    assert [fact["id"] for fact in FACTS if "tests" in fact and not fact["code"]] == []


def test_what_is_not_known_is_used_or_speaks_for_itself() -> None:
    """Each entry stands for a fact, or names what an answer shows in that case."""
    used = {fact["unknown"] for fact in FACTS if "unknown" in fact}
    silent = {anchor for anchor, text in ANCHORS.items() if not CODES & set(re.findall(r"`([A-Z0-9_]+)`", text))}

    assert silent - used == set()


def test_every_line_of_the_two_lists_has_an_anchor() -> None:
    for heading in LISTS:
        lines = [line for line in section("model.md", heading).splitlines() if line.startswith("- ")]

        assert len(lines) == len(entries(heading)) > 5


def test_every_source_is_cited() -> None:
    """A key that nobody uses is a promise that nobody keeps."""
    pages = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("model.md", "codes.md", "original-drill.md"))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "drilllib").rglob("*.py"))
    cited = {source for fact in FACTS for source in fact["sources"]}

    assert [key for key in SOURCES - cited if not re.search(rf"\b{key}\b", pages.split("## Sources")[0] + code)] == []
