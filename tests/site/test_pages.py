"""The pages to read: every link leads somewhere, nothing is absolute, and the first view is small."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from drilllib.cli import main
from drilllib.errors import MissingToolError
from drilllib.site.pages import texts
from drilllib.site.pages.landing import landing_page
from drilllib.site.pages.places import Places
from drilllib.site.pages.prose import prose
from drilllib.site.pages.reading import read, reading_page
from drilllib.site.pages.search import Section, index_script, terms
from tests.thorough import thorough

ROOT = Path(__file__).parents[2]
LARGEST_FIRST_VIEW = 200_000  # bytes
LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}


class Links(HTMLParser):
    """What a page links to, loads, and may be linked to at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links, self.loaded, self.anchors = list[str](), list[str](), {"text"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given["id"]} if "id" in given else set()
        self.links += [given["href"]] if tag == "a" and "href" in given else []
        self.loaded += [given[LOADED[tag]]] if LOADED.get(tag) in given else []


@pytest.fixture(scope="module")
def found(pages: Path) -> dict[Path, Links]:
    return {path: Links(path) for path in pages.rglob("*.html")}


def inside(path: Path, link: str) -> tuple[Path, str]:
    """The file that a relative link leads to, and the place in it."""
    parts = urlsplit(link)
    return (path.parent / unquote(parts.path)).resolve() if parts.path else path, unquote(parts.fragment)


def test_every_internal_link_leads_to_a_file_and_a_place_in_it(pages: Path, found: dict[Path, Links]) -> None:
    dead = []
    for path, page in found.items():
        for link in (*page.links, *page.loaded):
            if urlsplit(link).scheme or "lite/" in link:  # which the next test looks at
                continue
            target, anchor = inside(path, link)
            known = found[target].anchors if target in found else {""}
            if not target.is_file() or (anchor and anchor != "en" and anchor not in known):
                dead.append(f"{path.relative_to(pages)}: {link}")
    assert dead == []
    assert sum(len(page.links) for page in found.values()) > 3000


def test_no_address_of_ours_is_absolute(pages: Path, found: dict[Path, Links]) -> None:
    """Else the site would not work under a path, or from a disk. What is loaded is ours; links may leave."""
    for path, page in found.items():
        for link in page.loaded:
            assert not urlsplit(link).scheme or link == "data:,", (path, link)
        for link in (*page.links, *page.loaded):
            assert not link.startswith("/"), (path, link)
            assert urlsplit(link).scheme in ("", "https", "data"), (path, link)
    for sheet in pages.glob("assets/*.css"):
        assert not re.search(r"url\(|@import", sheet.read_text(encoding="utf-8")), sheet


def test_every_document_and_lesson_has_its_page_in_both_languages(pages: Path) -> None:
    names = [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")]
    for language in ("zh", "en"):
        for each in names:
            assert (pages / language / each.relative_to(ROOT).with_suffix(".html")).is_file()
        for each in ROOT.glob(f"notebooks/{language}/*.ipynb"):
            assert (pages / language / "lessons" / f"{each.stem}.html").is_file()
    assert len(names) > 40


def test_a_lessons_page_has_all_its_texts_code_and_outputs(pages: Path) -> None:
    """Of each cell: what it is about, what it does, what it showed."""
    for language in ("zh", "en"):
        cells = json.loads((ROOT / f"notebooks/{language}/02-node.ipynb").read_text(encoding="utf-8"))["cells"]
        made = (pages / language / "lessons" / "02-node.html").read_text(encoding="utf-8")
        code = [each for each in cells if each["cell_type"] == "code"]
        outputs = [each for cell in code for each in cell["outputs"]]
        pictures = [each for each in outputs if "image/svg+xml" in each.get("data", {})]
        assert made.count('class="site-cell"') == len(code)
        assert made.count('class="site-output"') == sum(bool(each["outputs"]) for each in code)
        assert made.count('role="img"') == len(pictures) > 2
        assert made.count("<h2 id=") == sum("".join(each["source"]).count("\n## ") for each in cells) + sum(
            "".join(each["source"]).startswith("## ") for each in cells if each["cell_type"] == "markdown"
        )
        assert "lesson.curl()" in re.sub(r"<[^>]*>", "", made)


def test_each_page_leads_to_a_lesson_that_runs_in_a_tab(pages: Path, found: dict[Path, Links]) -> None:
    """Those that need more than a browser say so instead."""
    for language in ("zh", "en"):
        for path in (pages / language).rglob("*/*.html"):
            links = [each for each in found[path].links if "lite/" in each]
            stays = path.parent.name == "lessons" and not path.stem.startswith(
                ("00", "01", "02", "03", "04", "05", "06", "09", "2")
            )
            assert len(links) == (0 if stays else 1), path
            for link in links:
                name = link.partition("?path=")[2]
                assert inside(path, link)[0] == pages / "lite" / "lab" / "index.html"
                assert (ROOT / "notebooks" / name).is_file()
                assert path.parent.name != "lessons" or name == f"{language}/{path.stem}.ipynb"
    start = found[pages / "index.html"].links
    assert "lite/lab/index.html?path=en/00-start.ipynb" in start


def test_without_them_no_page_leads_there() -> None:
    for language in ("zh", "en"):
        places = Places(ROOT, language, texts.sources(ROOT, language))
        some = [read(each, places) for each in places.sources if each.path.stem in ("02-node", "lint")]
        pages = [landing_page(language, lite=False), *(reading_page(each, some, places, lite=False) for each in some)]
        assert len(pages) == 3
        assert not any("lite/" in each.body for each in pages)


def test_the_first_view_is_small(visit, asked: list[str], host: str) -> None:
    """All that the landing page asks for, in bytes as they stand on the disk."""
    for place in ("index.html", "zh/index.html"):
        asked.clear()
        page = visit(place)
        page.locator("[data-play=play]").wait_for()
        sizes = {each: len(page.request.get(each).body()) for each in dict.fromkeys(asked) if each.startswith("http")}
        assert 20_000 < sum(sizes.values()) < LARGEST_FIRST_VIEW, sizes
        assert all(each.startswith(host) for each in sizes)


def test_the_index_holds_words_and_pairs_of_characters() -> None:
    assert list(terms("安全组 2 drops TCP_30713，丢")) == ["2", "drops", "tcp_30713", "安全", "全组", "丢"]


def test_a_word_of_the_index_leads_to_its_sections() -> None:
    made = index_script([Section("a.html", "A", "A", "one two"), Section("b.html#c", "B", "C", "two")])
    index = json.loads(made.removeprefix("window.drillIndex=").removesuffix(";\n"))
    assert index["terms"]["two"] == "0 1"
    assert index["terms"]["c"] == "1"
    assert index["rows"][1] == ["b.html#c", "B", "C", "two"]


def test_headings_that_say_the_same_have_anchors_of_their_own() -> None:
    made, headings = prose("# One\n\n## `Two`: three\n\n## `Two`: three\n", lambda link: link)
    assert [each.anchor for each in headings] == ["one", "two-three", "two-three-1"]
    assert '<h2 id="two-three-1">' in made


def test_a_link_to_what_the_site_does_not_have_is_no_link() -> None:
    made, _ = prose("[a](b.py) [c](d.md)", lambda link: None if link.endswith(".py") else link)
    assert 'title="b.py">a</span> <a href="d.md">c</a>' in made


@thorough
def test_the_command_writes_the_pages(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    folder = tmp_path / "new" / "site"
    assert main(["site", "--no-lite", str(folder)]) == 0
    assert (folder / "index.html").is_file()
    assert f"python3 -m http.server --bind 127.0.0.1 --directory {folder}" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    assert main(["site", str(tmp_path / "file" / "site")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "cannot be made" in said


def test_an_installation_without_documents_says_where_the_site_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "__file__", str(tmp_path / "drilllib" / "site" / "pages" / "texts.py"))
    with pytest.raises(MissingToolError, match="make site"):
        texts.project_folder()
