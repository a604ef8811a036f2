"""The picture says what the text says, its words stay inside their cards, and it reads in the light and in the dark."""

import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.settings import LISTENERS
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.errors import MissingToolError
from drilllib.views import shown
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.picture import graphviz, labels
from tests.views.test_scene import many_targets, named

SVG = "{http://www.w3.org/2000/svg}"
needs_renderer = pytest.mark.skipif(graphviz.renderer() is None, reason="no Graphviz renderer on this machine")


def answer_to(fault: str) -> Trace:
    return trace(open_fault(fault), Question(client=CLIENT, service=SERVICE, port=80))


def texts(drawn: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawn).iter(f"{SVG}text"))


@needs_renderer
def test_colour_is_never_the_only_sign() -> None:
    """The stop is said in words and signs, so that a grey print has it too; the image's name says the symptom."""
    drawn = graphviz.svg(answer_to("group-2"), "en")
    words = [each.text.strip() for each in texts(drawn)]

    for expected in ("■ stopped here", "✗ DROP", "sg-node0001[2]", "ALL 0.0.0.0/0 ALL", "not reached", "✗ 504"):
        assert expected in words
    assert ElementTree.fromstring(drawn).get("aria-label").endswith("504 Gateway Time-out after about 4 s")


@needs_renderer
def test_what_a_rewrite_changes_stands_on_its_arrow_and_nothing_else() -> None:
    """The way to the CLB changes nothing; behind the node both addresses are new."""
    words = [each.text.strip() for each in texts(graphviz.svg(answer_to("healthy"), "en"))]

    changed = [*("CLB's new", "connection", "→ 10.0.35.11", ":30713"), *("DNAT + SNAT", "at the node", "10.0.35.11")]
    assert [word for word in words if word in {*changed, "→ 10.0.36.12", ":80"}] == [*changed, "→ 10.0.36.12", ":80"]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_trace_gives_the_same_source(fault: str) -> None:
    """Stored pictures are compared byte for byte."""
    assert graphviz.picture_source(answer_to(fault), "zh") == graphviz.picture_source(answer_to(fault), "zh")


@needs_renderer
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_lines_fit_their_cards_and_do_not_touch(fault: str, language: str) -> None:
    """The renderer knows no font, so lines are given their width; Chinese characters are twice as wide."""
    root = ElementTree.fromstring(graphviz.svg(answer_to(fault), language))

    for card in (each for each in root.iter(f"{SVG}g") if "drill-hop" in each.get("class", "")):
        frame = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", card.find(f"{SVG}path").get("d"))]
        lines: dict[str, list[tuple[float, float]]] = {}
        for text in card.iter(f"{SVG}text"):
            start, size = float(text.get("x")), size_of(root)
            lines.setdefault(text.get("y"), []).append((start, start + ems(text.text.strip()) * size))
        for parts in lines.values():
            ends = sorted(parts)
            assert min(frame) < ends[0][0]
            assert ends[-1][1] < max(frame)
            assert all(end <= start for (_, end), (start, _) in pairwise(ends))


def size_of(root: ElementTree.Element) -> float:
    """The size of the type, which is one for all texts."""
    assert not [each for each in root.iter(f"{SVG}text") if each.get("font-size")]
    return float(root.get("font-size"))


def ems(text: str) -> float:
    """Average widths of a sans-serif font, measured generously."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WF" else 0.64 if each.isupper() else 0.49 for each in text)


@needs_renderer
def test_every_colour_has_another_in_the_dark_and_every_text_a_ground() -> None:
    """A page that is dark while its reader's system is not still shows each text on its own light card."""
    drawn = graphviz.svg(answer_to("group-2"), "en")
    dark = drawn.split("prefers-color-scheme:dark", 1)[1].split("</style>")[0]
    inks = {each.get("fill") for each in texts(drawn)}

    assert inks - {labels.ON_FILL} <= set(re.findall(r'text\[fill="(#\w+)"\]', dark))
    assert 'fill="white"' not in drawn
    shapes = drawn.split("</style>")[1]
    assert shapes.count(f'fill="{labels.PAPER}"') == 4  # cards
    assert shapes.count(f'fill="{labels.GROUND}"') == 4 + 5  # lines on two arrows


@needs_renderer
def test_too_wide_a_picture_goes_from_top_to_bottom() -> None:
    """Scaled down to a page it could not be read."""
    document = default_lab()
    document["kubernetes"][-1]["endpoints"].append({"addresses": ["10.0.36.11"], "nodeName": "node-a"})
    narrow = answer_to("healthy")
    long = trace(named("lb-" + "x" * 60), Question(client=CLIENT, service=SERVICE, port=80))

    assert "rankdir=LR" in graphviz.picture_source(narrow, "en")
    assert "rankdir=TB" in graphviz.picture_source(long, "en")


@needs_renderer
@pytest.mark.parametrize("language", LANGUAGES)
def test_of_many_paths_some_are_drawn_and_the_rest_is_counted(language: str) -> None:
    words = [each.text.strip() for each in texts(graphviz.svg(many_targets(30), language))]

    assert sum(word.startswith("NodePort") for word in words) == 8
    assert say(language, "left_out", count=22) in words


@needs_renderer
def test_what_a_name_contains_is_no_markup() -> None:
    for name in ('"><script>', "a&#60;b", r"a\Nb", "]]>"):
        found = trace(named(name), Question(client=CLIENT, service=SERVICE, port=80))
        drawn = graphviz.svg(found, "en")

        assert "<script" not in drawn
        assert f"CLB {name}" in [each.text.strip() for each in texts(drawn)]


@needs_renderer
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("listener", LISTENERS)
def test_the_picture_fits_a_notebook_with_type_of_11_px(listener: str, language: str) -> None:
    """JupyterLab shows an SVG as an image, which it does not shrink; on other pages it shrinks."""
    for fault in FAULTS:
        question = Question(client=CLIENT, service=SERVICE, port=80)
        root = ElementTree.fromstring(graphviz.svg(trace(open_fault(fault, listener=listener), question), language))
        scale = int(root.get("width")) / float(root.get("viewBox").split()[2])

        assert "max-width:100%" in root.get("style")
        assert int(root.get("width")) <= 840, fault
        assert size_of(root) * scale >= 11, fault


def test_without_a_renderer_a_notebook_has_our_own_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plainer picture is a reduced result, not an error."""
    monkeypatch.setattr(graphviz, "renderer", lambda: None)

    with pytest.raises(MissingToolError, match="use the text"):
        graphviz.svg(answer_to("healthy"), "en")
    assert shown.shown_path(answer_to("healthy"), "en")._repr_mimebundle_().keys() == {"text/plain", "image/svg+xml"}
