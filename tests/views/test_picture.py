"""The picture says what the text says, and its words stay inside their boxes."""

import re
import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest

from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import MissingToolError
from drilllib.views import shown
from drilllib.views.picture import graphviz

SVG = "{http://www.w3.org/2000/svg}"
needs_renderer = pytest.mark.skipif(graphviz.renderer() is None, reason="no Graphviz renderer on this machine")


def answer_to(fault: str):
    return trace(open_fault(fault), Question(client="203.0.113.10", service="shop/web"))


def test_colour_is_never_the_only_sign() -> None:
    """The stop is said in words, so that a grey print and a screen reader have it too."""
    source = graphviz.picture_source(answer_to("group-2"), "en")

    assert "stopped here" in source
    assert "✗ DROP sg-node0001[2]" in source
    assert "not reached" in source


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_trace_gives_the_same_source(fault: str) -> None:
    """Stored pictures are compared byte for byte."""
    assert graphviz.picture_source(answer_to(fault), "zh") == graphviz.picture_source(answer_to(fault), "zh")


def test_a_node_that_treats_its_endpoints_differently_is_drawn_for_each() -> None:
    """One box for both would hide the check that only one of them meets."""
    document = default_lab()
    document["kubernetes"][-1]["endpoints"].append({"addresses": ["10.0.36.11"], "nodeName": "node-a"})
    question = Question(client="203.0.113.10", service="shop/web")

    source = graphviz.picture_source(trace(Snapshot(document), question), "en")

    assert source.count("NodePort node-a") == 2
    assert source.count("egress → 10.0.36.12:80") == 1


@needs_renderer
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fault", FAULTS)
def test_labels_fit_their_boxes(fault: str, language: str) -> None:
    """The renderer knows no font, so boxes are given their width; Chinese characters are twice as wide."""
    root = ElementTree.fromstring(graphviz.svg(answer_to(fault), language))

    for node in root.iter(f"{SVG}g"):
        if node.get("class") == "node":
            for label in node.iter(f"{SVG}text"):
                assert ems(label.text) * float(label.get("font-size")) <= box_width(node), label.text


def box_width(node: ElementTree.Element) -> float:
    points = re.findall(r"(-?[\d.]+),-?[\d.]+", node.find(f"{SVG}polygon").get("points"))
    return max(map(float, points)) - min(map(float, points))


def ems(text: str) -> float:
    """Average widths of a sans-serif font, measured generously."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WF" else 0.64 if each.isupper() else 0.49 for each in text)


@needs_renderer
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_title_has_room(language: str) -> None:
    """A path that ends at the CLB is narrower than what curl says of it."""
    document = default_lab()
    document["load_balancers"][0]["Isolation"] = 1
    answer = trace(Snapshot(document), Question(client="203.0.113.10", service="shop/web"))
    root = ElementTree.fromstring(graphviz.svg(answer, language))
    title = next(each for each in root.iter(f"{SVG}text") if "curl" in each.text)

    assert "? NOT_MODELLED" in graphviz.picture_source(answer, language)
    assert ems(title.text) * float(title.get("font-size")) <= float(root.get("viewBox").split()[2])


@needs_renderer
def test_the_picture_shrinks_on_a_narrow_page() -> None:
    assert "max-width:100%" in graphviz.svg(answer_to("healthy"), "en")


def test_without_a_renderer_the_text_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture is a reduced result, not an error."""
    monkeypatch.setattr(graphviz, "renderer", lambda: None)

    with pytest.raises(MissingToolError, match="use the text"):
        graphviz.svg(answer_to("healthy"), "en")
    assert shown.shown_path(answer_to("healthy"), "en")._repr_mimebundle_().keys() == {"text/plain"}
