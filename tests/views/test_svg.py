"""Our own SVG: well-formed, says what the Graphviz picture says, and nothing runs over an edge."""

import re
from xml.etree import ElementTree

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.views.phrases.catalog import LANGUAGES
from drilllib.views.picture.graphviz import picture_source
from drilllib.views.picture.layout import across, down, text_width
from drilllib.views.picture.scene import scene
from drilllib.views.picture.svg import drawing, live_drawings

NAMES = list(FAULTS)


def answer(name: str) -> Trace:
    return trace(open_fault(name), Question(client=CLIENT, service=SERVICE, port=80))


def many_targets(count: int) -> Trace:
    """A lab with that many targets, whose groups let nobody in at the NodePort."""
    document = open_fault("group-2").to_dict()
    rule, node_a = document["listeners"]["lb-lab00001"][0]["Rules"][0], document["instances"][0]
    own = [
        {"InstanceId": f"ins-{number}", "PrivateIpAddresses": [f"10.0.40.{number}"]} for number in range(1, count + 1)
    ]
    document["instances"] += [{**node_a, **each, "SecurityGroupIds": ["sg-clb00001"]} for each in own]
    rule["Targets"] = [{**rule["Targets"][0], **each} for each in own]
    return trace(Snapshot(document), Question(client=CLIENT, service=SERVICE, port=80), all_paths=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_graphviz_says(name: str, language: str) -> None:
    """Both are drawn from one description."""
    found = answer(name)
    ours = [each.text for each in ElementTree.fromstring(drawing(scene(found, language), language)).iter() if each.text]
    theirs = picture_source(found, language)

    for box in scene(found, language).boxes:
        for line in box.lines:
            assert line.text in ours
            assert line.text in theirs.replace("\\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", [across, down])
def test_boxes_hold_their_lines_and_do_not_overlap(name: str, language: str, layout) -> None:
    drawn = scene(answer(name), language)
    places = layout(drawn, 8)

    for box in drawn.boxes:
        place = places[box.key]
        assert all(text_width(line.text) < place.width for line in box.lines)
        for other in (each for key, each in places.items() if key != box.key):
            beside = place.x + place.width <= other.x or other.x + other.width <= place.x
            assert beside or place.y + place.height <= other.y or other.y + other.height <= place.y


def test_a_live_picture_can_be_pressed_and_a_still_one_not() -> None:
    drawn = scene(answer("group-2"), "en")
    still, live = drawing(drawn, "en"), live_drawings(drawn, "en")

    assert "data-hop" not in still
    assert 'role="img"' in still
    names = ("clb-lb-lab00001", "node-node-a", "pod-shop/web-1")
    assert re.findall(r'data-hop="([^"]+)"', live) == [each for name in names for each in (name, f"{name} groups")] * 2
    assert 'role="img"' not in live  # what can be pressed must not be inside a picture


def test_of_many_paths_the_failing_ones_are_drawn_and_the_rest_is_counted() -> None:
    found = many_targets(30)
    drawn = scene(found, "en", most=8)

    assert len(found.paths) == 30
    assert (drawn.lanes, drawn.left_out) == (8, 22)
    assert "and 22 more paths" in drawing(drawn, "en")


def test_what_a_name_contains_is_no_markup() -> None:
    document = open_fault("group-2").to_dict()
    document["load_balancers"][0]["LoadBalancerId"] = '"><script>'
    document["listeners"] = {'"><script>': document["listeners"]["lb-lab00001"]}
    document["kubernetes"] = [
        {
            **each,
            "metadata": {**each["metadata"], "annotations": {"service.kubernetes.io/loadbalance-id": '"><script>'}},
        }
        if each["kind"] == "Service"
        else each
        for each in document["kubernetes"]
    ]
    found = trace(Snapshot(document), Question(client=CLIENT, service=SERVICE, port=80))

    assert "<script>" in found.paths[0].hops[0].name
    for text in (drawing(scene(found, "en"), "en"), live_drawings(scene(found, "en"), "en")):
        assert "<script" not in text
        ElementTree.fromstring(f"<div>{text}</div>")
