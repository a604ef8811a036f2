"""The picture says what the text says, its words stay inside their cards, and it reads in the light and in the dark."""

import re
import unicodedata
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from drilllib.core.connection.follow import trace as follow
from drilllib.core.connection.question import Connection
from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.networks import two_workloads
from drilllib.core.drills.settings import LISTENERS
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.errors import MissingToolError
from drilllib.views import shown
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.picture import graphviz, labels
from tests.core.connection_scenes import group as group_of_rules
from tests.core.connection_scenes import scene as scene_of_connections
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


def connected(door: str, port: int | None, client: str = "pod/shop/web-1") -> Trace:
    document = two_workloads()
    document["security_groups"]["sg-mysql001"]["SecurityGroupPolicySet"]["Ingress"] = []
    return follow(Snapshot(document), Connection(client=client, door=door, port=port))


@needs_renderer
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("door", "port", "client"),
    [
        *(("pod/db/mysql-0", 3306, "pod/shop/web-1"), ("svc/db/mysql", None, "pod/shop/web-1")),
        *(("node/node-b", 30306, "node/node-a"), ("198.51.100.7", 443, "pod/shop/web-1")),
        *(("svc/db/mysql", None, "203.0.113.10"), ("10.0.35.11", 443, "pod/db/mysql-0")),
    ],
)
def test_connections_are_drawn_from_source_to_door(door: str, port: int | None, client: str, language: str) -> None:
    answer = connected(door, port, client)
    drawn = graphviz.svg(answer, language)
    words = " ".join(each.text.strip() for each in texts(drawn))

    assert answer.question.label in drawn
    assert client in words
    assert not re.search(r":0\b", words)  # where a connection begins any port may be its own
    assert say(language, "group_of_pod") not in words  # there is no third of three groups


@needs_renderer
def test_the_end_that_drops_a_connection_is_marked() -> None:
    words = [each.text.strip() for each in texts(graphviz.svg(connected("pod/db/mysql-0", 3306), "en"))]

    assert {"✗ DROP", "■ stopped here", "10.0.36.11 → :3306", "no rule matched"} <= {*words}


@needs_renderer
def test_an_address_outside_with_groups_is_drawn() -> None:
    """A machine of the VPC that is no node."""
    document = scene_of_connections()
    document["security_groups"]["sg-db"] = group_of_rules(ingress=())
    answer = follow(Snapshot(document), Connection(client="pod/shop/a", door="10.0.9.5", port=3306))
    words = [each.text.strip() for each in texts(graphviz.svg(answer, "en"))]

    assert "✗ DROP" in words
