"""The documents tell the truth: commands, outputs, pictures and links in them are the real ones."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import drilllib
from drilllib.cli import main
from drilllib.core.lint.findings import LintCode
from drilllib.core.lint.linter import lint_groups
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import SecurityGroup
from drilllib.labs.netns.sandbox import why_not
from drilllib.views.picture import graphviz

needs_real_packets = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")
ROOT = Path(__file__).parents[1]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}


@pytest.fixture
def lab(tmp_path: Path, capsys: pytest.CaptureFixture) -> Path:
    main(["example", "group-2", str(tmp_path / "lab")])
    capsys.readouterr()
    return tmp_path / "lab"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """The file is there, and the place in it."""
    for target, _, anchor in re.findall(r"\]\(([^)#]*)(#([^)]*))?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            there = page.parent / target if target else page
            assert there.exists(), target
            assert not anchor or anchor in anchors_of(there), f"{target}#{anchor}"


def anchors_of(page: Path) -> set[str]:
    """Written-out anchors, and those that headings get: lower case, no punctuation, dashes for blanks."""
    text = page.read_text(encoding="utf-8")
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {heading.replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="([\w-]+)">', text))


def test_the_page_about_trust_names_tests_that_are_there() -> None:
    """A promise that nothing holds is none."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "trust.md").read_text(encoding="utf-8"))
    for path, name in named:
        assert f"def {name or 'test_'}" in (ROOT / path).read_text(encoding="utf-8")
    assert len(named) > 15


@pytest.mark.parametrize("language", READMES)
def test_the_readmes_example_prints_what_it_says(language: str, lab: Path, capsys: pytest.CaptureFixture) -> None:
    """The first thing people try must look as promised."""
    main(["trace", str(lab / "snapshot.json"), "--service", "shop/web", "--from", "203.0.113.10", "--lang", language])
    printed = capsys.readouterr().out

    block = READMES[language].read_text(encoding="utf-8").split("drill trace lab/snapshot.json")[1].split("```")[0]
    shown = block.split("\n", 1)[1].split("\n...")[0]
    assert printed.startswith(shown)


@pytest.mark.skipif(
    (graphviz.renderer() or [""])[0] != "graphviz-pure", reason="the graphviz-pure wheel drew the pictures"
)
@pytest.mark.parametrize(("language", "name"), [("en", "group-2.svg"), ("zh", "group-2.zh.svg")])
def test_the_readmes_picture_is_what_the_tool_draws(language: str, name: str, lab: Path) -> None:
    main(["trace", str(lab / "snapshot.json"), "--lang", language, "--svg", str(lab / "path.svg")])
    assert (lab / "path.svg").read_bytes() == (ROOT / "docs" / "images" / name).read_bytes()


def test_the_outputs_on_the_page_about_sets_are_the_real_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command there, in order; what ends in ... goes on."""
    pytest.importorskip("yaml")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRILL_LANG", "en")
    for name, folder in (("healthy", "lab"), ("group-2", "broken"), ("history", "history")):
        main(["example", name, folder])
    blocks = re.findall(r"```console\n\$ drill (.*)\n((?:.*\n)*?)```", (ROOT / "docs" / "sets.md").read_text("utf-8"))
    capsys.readouterr()
    for line, shown in blocks:
        assert main(line.split()) in (0, 1)
        printed = capsys.readouterr().out
        kept, more, _ = shown.partition("...\n")
        assert printed.startswith(kept) if more else printed == shown, line
    assert len(blocks) == 10


def test_the_outputs_on_the_page_about_fixes_are_the_real_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRILL_LANG", "en")
    main(["example", "original-drill", "lab"])
    blocks = re.findall(r"```console\n\$ drill (.*)\n((?:.*\n)*?)```", (ROOT / "docs" / "fix.md").read_text("utf-8"))
    capsys.readouterr()
    for line, shown in blocks:
        assert main(line.split()) == 0
        assert capsys.readouterr().out.startswith(shown.removesuffix("...\n")), line
    assert len(blocks) == 2


@needs_real_packets
def test_the_outputs_on_the_page_about_real_packets_are_the_real_ones(tmp_path: Path) -> None:
    """Every command there, in order and by a shell, where no other lab is found in the network, and no cloud."""
    (block,) = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / "real-packets.md").read_text("utf-8"), re.DOTALL)
    parts = [part.partition("\n") for part in block.split("$ ")[1:]]
    drill = f'drill() {{ "{sys.executable}" -m drilllib "$@"; }}'
    script = "\n".join([drill, *(f"{line}; echo '%%'" for line, _, _ in parts)])
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    own = {"PYTHONPATH": str(ROOT), "DRILL_LANG": "en", "XDG_RUNTIME_DIR": str(tmp_path)}
    environment = {**os.environ, **own}
    command = ["unshare", *user, "--net", "sh", "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    for (line, _, shown), printed in zip(parts, run.stdout.split("%%\n")[:-1], strict=True):
        kept, more, _ = shown.partition("...\n")
        assert printed.startswith(kept) if more else printed == shown, (line, run.stderr)
    assert len(parts) == 8


def test_every_command_is_in_both_readmes() -> None:
    for page in READMES.values():
        text = page.read_text(encoding="utf-8")
        for command in (
            *("course", "run", "diagnose", "trace", "reach", "fix", "lint", "diff", "check"),
            *("decide", "example", "lab", "shell", "render", "doctor", "progress"),
        ):
            assert f"`drill {command}`" in text


@pytest.mark.parametrize("code", LintCode)
def test_every_lint_code_is_explained_three_times(code: str) -> None:
    """In the table with its source, at length with what to do, and in Chinese."""
    assert f"`{code}` |" in (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    page, chinese = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8").split("# 各代码的含义")
    assert f"\n### {code}\n" in page
    assert f"\n| `{code}` |" in chinese


def examples() -> list[tuple[str, list[str]]]:
    """Each code of docs/lint.md that has an example in rules, and the rules."""
    page = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    found = re.findall(r"\n### (\w+)\n([^#]*?)```rules\n(.*?)```", page, re.DOTALL)
    return [(code, rules.splitlines()) for code, _, rules in found]


@pytest.mark.parametrize(("code", "lines"), examples(), ids=[code for code, _ in examples()])
def test_an_example_of_lint_is_one(code: str, lines: list[str]) -> None:
    group = SecurityGroup("sg-example", tuple(map(rule_from_text, lines)), ())

    assert {each.code for each in lint_groups([group])} == {code}


def test_the_examples_of_the_library_print_what_the_page_says() -> None:
    """The first ten lines that somebody copies have to work."""
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    example = doctest.DocTestParser().get_doctest(code, {}, "library.md", "docs/library.md", 0)
    said: list[str] = []

    doctest.DocTestRunner().run(example, out=said.append)

    assert "".join(said) == ""
    assert len(example.examples) > 20


def test_the_page_about_the_library_names_all_of_it() -> None:
    """What is public is on the page, and what is on the page is public."""
    table = (ROOT / "docs" / "library.md").read_text(encoding="utf-8").split("## What there is")[1].split("\n\n")[1]
    first_columns = "".join(row.split("|")[1] for row in table.splitlines()[2:])

    assert {*re.findall(r"`(\w+)`", first_columns), "__version__"} == set(drilllib.__all__)
