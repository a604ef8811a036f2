"""Write docs/facts.md from docs/facts.toml: every fact about the path with its source, its code and its test."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PAGE = DOCS / "facts.md"
KINDS = ("tests", "unknown", "elsewhere")
HEAD = "| fact | standing | source | code | test |\n|---|---|---|---|---|"

Fact = Mapping[str, Any]


def facts() -> list[Fact]:
    """Every fact, in order."""
    return tomllib.loads((DOCS / "facts.toml").read_text(encoding="utf-8"))["fact"]


def file_of(place: str) -> Path:
    """The file of ``FILE`` or ``FILE:NAME``: below drilllib/, or where there is none below the project."""
    name = place.split(":")[0]
    return next((path for path in (ROOT / "drilllib" / name, ROOT / name) if path.exists()), ROOT / name)


def page(listed: list[Fact]) -> str:
    """The whole page."""
    count = {kind: sum(kind in fact for fact in listed) for kind in KINDS}
    introduction = f"""# Facts, code and tests

What the documents say about this path, fact by fact, with the code that follows it and a test that fails where it is
not followed. Sources are keys of [codes.md](codes.md#sources); [model.md](model.md) says how it all fits together. Of
{len(listed)} facts {count["tests"]} have tests, {count["unknown"]} lead to the lists of what is
[not modelled or not known](model.md#not-modelled), and {count["elsewhere"]} belong elsewhere.

*documented*: the vendor or Kubernetes says so; *inferred*: no document says it outright; *practice*: notes of engineers
or the original drill; *conflict*: sources disagree; *unknown*: looked for, not found; *computed*: worked out.

`python docs/facts.py` makes this page of [facts.toml](facts.toml); edit that."""
    parts = dict.fromkeys(fact["part"] for fact in listed)
    tables = (_table(part, [fact for fact in listed if fact["part"] == part]) for part in parts)
    return "\n\n".join((introduction, *tables)) + "\n"


def _table(part: str, listed: list[Fact]) -> str:
    return "\n".join((f"## {part[0].upper()}{part[1:]}\n", HEAD, *map(_row, listed)))


def _row(fact: Fact) -> str:
    code = "<br>".join(_link(place.split(":")[-1], file_of(place)) for place in fact["code"])
    tests = "<br>".join(_link(test.split("::")[-1], ROOT / test.split("::")[0]) for test in fact.get("tests", ()))
    if "unknown" in fact:
        tests = f"[{fact['unknown']}](model.md#{fact['unknown']})"
    cells = fact["text"], fact["standing"], ", ".join(fact["sources"]), code, tests or fact.get("elsewhere", "")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') or '-' for cell in cells)} |"


def _link(name: str, path: Path) -> str:
    return f"[`{name}`](../{path.relative_to(ROOT).as_posix()})"


if __name__ == "__main__":
    PAGE.write_text(page(facts()), encoding="utf-8")
