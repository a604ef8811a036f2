"""A drill is made in a cluster and removed again, and then the cloud is as it was before."""

from pathlib import Path

from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from tests.provision.playing import Play


def test_what_is_made_is_the_drill(tmp_path: Path) -> None:
    """The engine, which knows nothing of how it was made, finds the Service stopped at the first group."""
    play = Play()
    play.up(tmp_path)
    answer = trace(play.state.snapshot(), Question(client="203.0.113.10", service="shop/web"))

    assert answer.verdict == "unreachable"


def test_nothing_is_left(tmp_path: Path) -> None:
    """Groups, nodes, load balancer, namespace, setting: all as before, and the journal is closed."""
    play = Play()
    before = play.looks()
    play.up(tmp_path)
    assert play.looks() != before
    report = play.down(tmp_path)

    assert report.left == []
    assert play.looks() == before
    assert play.marked() == []
