"""A client inside the cluster that its own node answers: no target of the CLB is named, in a text or in a picture."""

from drilllib.core.drills.default_lab import SERVICE, default_lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.views.picture.cards import card_of
from drilllib.views.text.trace import trace_text


def asked_by_a_node() -> Trace:
    return trace(Snapshot(default_lab()), Question(client="10.0.35.11", service=SERVICE))


def test_the_text_says_where_it_is_answered() -> None:
    lines = trace_text(asked_by_a_node(), "en")

    assert "path 1 of 1, on the client's own node, endpoint shop/web-1:80: delivered" in lines
    assert "  2  Node      node-a 192.0.2.10:80" in lines
    assert "Unknown" not in lines


def test_no_card_has_a_health() -> None:
    answer = asked_by_a_node()
    (path,) = answer.paths

    assert [card_of(answer, path, hop, "key", "en").health for hop in path.hops] == [None, None]
