"""The page of a diagnosis for a ticket: it stands alone, says what the text says, and no name can become markup."""

import re
from copy import deepcopy

import pytest

from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from drilllib.views.html.ticket import ticket_html
from drilllib.views.text import diagnose as text
from tests.fuzz.hostile import HOSTILE, everywhere
from tests.thorough import how_many
from tests.views.html_reader import Reader

ASKED = Question(service="shop/web")
LANGUAGES = ("zh", "en")
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


def page_of(snapshot: Snapshot, language: str) -> str:
    return ticket_html(snapshot, diagnose(snapshot, ASKED, ["203.0.113.10"]), language)


def read(page: str) -> Reader:
    """The page's body without its picture."""
    return Reader(SVG.sub("", page.partition("<body>")[2].partition("</body>")[0]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", ["original-drill", "local-policy", "udp", "healthy"])
def test_the_page_says_what_the_first_screen_says(fault: str, language: str) -> None:
    snapshot = open_fault(fault)
    found = diagnose(snapshot, ASKED, ["203.0.113.10"])
    reader = read(ticket_html(snapshot, found, language))

    said = [row for table in reader.tables for row in table.rows]
    for row in text.screen(snapshot, found, language):
        assert [row.label, row.text] in said
    assert text.title(found, language) in "".join(words for _, words in reader.texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone_and_runs_nothing(language: str) -> None:
    page = page_of(open_fault("original-drill"), language)

    assert page.startswith("<!doctype html>\n<html lang=")
    assert not re.search(r"<(script|link|img|iframe|object|base|form)\b|\bsrc=|\bon\w+=|@import|url\(", page)
    assert {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} >= set(re.findall(r'="(https?:[^"]*)"', page))
    for scheme in ("prefers-color-scheme:dark", "@media print"):
        assert scheme in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_becomes_markup(language: str) -> None:
    document = open_fault("original-drill").to_dict()
    usual = read(page_of(Snapshot(document), language))
    names = [each for each in HOSTILE if set(each) & set("<>&\"'$`\n") or not each.isprintable()]
    parts = how_many(len(LANGUAGES), thorough=1)  # each name in one language, or all in each
    for place, name in [*enumerate(names)][LANGUAGES.index(language) % parts :: parts]:
        old = ("web-1", "node-a", "sg-node0001", "lb-lab00001")[place % 4]
        try:
            page = page_of(Snapshot(everywhere(deepcopy(document), old, f"x{name}")), language)
        except DrillError:
            continue
        reader = read(page)
        assert {*reader.elements} <= {*usual.elements}, ascii(name)
        assert reader.attributes <= usual.attributes, ascii(name)
