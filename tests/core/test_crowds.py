"""Many nodes and many pods: few paths are walked, all are counted, and the text stays short."""

from ipaddress import ip_network

import pytest

from bench.crowds import crowd
from drilllib.core.drills.default_lab import CLIENT, EVERYTHING, NODE_PORT, POD_GROUP, SERVICE, policy
from drilllib.core.fix.proposals import fix
from drilllib.core.reach.clients import reach
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import classes
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import TooComplexError
from drilllib.views.picture.scene import scene
from drilllib.views.text.trace import trace_text

QUESTION = Question(client=CLIENT, service=SERVICE)


def strangers(count: int) -> Snapshot:
    """As many nodes and pods, each with a group of its own that names others: no two paths are alike."""
    document = crowd(count, count, causes=1)
    for number, (node, pod) in enumerate(zip(document["instances"], document["network_interfaces"], strict=True)):
        node["SecurityGroupIds"], pod["GroupSet"] = [f"sg-node{number:04}"], [f"sg-pod{number:05}"]
        admit = policy("ACCEPT", "TCP", "203.0.113.0/24", str(NODE_PORT)), policy("ACCEPT", "TCP", "10.0.0.0/8", "80")
        for name, rule in zip((f"sg-node{number:04}", f"sg-pod{number:05}"), admit, strict=True):
            rules = {"Version": "1", "Ingress": [rule], "Egress": [EVERYTHING]}
            document["security_groups"][name] = {"SecurityGroupPolicySet": rules}
    return Snapshot(document)


@pytest.mark.parametrize(("causes", "most"), [(1, 6), (10, 60)])
def test_as_many_paths_are_told_as_differ(causes: int, most: int) -> None:
    """Every target with every pod is a path; with 90,000 of them nobody reads them one by one."""
    answer = trace(Snapshot(crowd(300, 300, causes)), QUESTION)

    assert sum(path.count for path in answer.paths) == 300 * 300
    assert len(answer.paths) <= most
    assert sum(each.count for each in answer.health) == 300
    assert len(trace_text(answer, "en").splitlines()) < 120
    assert len(trace_text(answer, "zh").splitlines()) < 120


def test_one_cause_is_one_blocker_with_the_number_of_pods() -> None:
    answer = trace(Snapshot(crowd(40, 20, causes=1)), QUESTION)
    (blocker,) = answer.blockers

    assert (blocker.hop, blocker.count, len(blocker.like)) == ("pod", 20, 8)
    assert blocker.to_dict()["count"] == 20
    assert "and 19 more like it" in trace_text(answer, "en")
    assert "另有 19 个情况相同" in trace_text(answer, "zh")


def test_a_path_names_some_of_those_that_it_stands_for() -> None:
    answer = trace(Snapshot(crowd(40, 1, causes=1)), QUESTION)
    path = max(answer.paths, key=lambda path: path.count)
    told = path.to_dict()

    assert (told["count"], told["targets"], told["endpoints"]) == (39, 39, 1)
    assert len(told["like"]) == 8
    assert told["like_endpoints"] == []
    assert not set(told["like"]) & {path.target}
    assert "and 38 more targets like it" in trace_text(answer, "en")
    assert [card.like for card in scene(answer, "en").cards if card.like] == ["and 38 more like it"]


def test_a_path_that_stands_for_itself_says_nothing_of_others() -> None:
    """So what small clusters get is what they always got."""
    (path,) = trace(Snapshot(crowd(1, 1, causes=1)), QUESTION).paths

    assert list(path.to_dict()) == ["target", "endpoint", "outcome", "reason", "hops"]


def test_every_path_can_be_asked_for() -> None:
    snapshot = Snapshot(crowd(12, 9, causes=10))
    answer = trace(snapshot, QUESTION, all_paths=True)

    assert len(answer.paths) == 12 * 9
    assert {path.count for path in answer.paths} == {1}
    assert len(answer.health) == 12
    assert len(trace_text(answer, "en", whole=True).splitlines()) > 12 * 9 * 10
    assert len(trace_text(answer, "en").splitlines()) < 120


@pytest.mark.parametrize("all_paths", [False, True])
def test_too_many_different_paths_are_refused(monkeypatch: pytest.MonkeyPatch, all_paths: bool) -> None:
    """Rather than an answer that nobody waits for."""
    monkeypatch.setattr(classes, "MOST", 120)

    assert len(trace(strangers(10), QUESTION).paths) == 100
    with pytest.raises(TooComplexError, match="more than 120 paths that differ"):
        trace(strangers(12), QUESTION, all_paths=all_paths)


def test_reach_and_fix_answer_for_a_crowd_as_for_one() -> None:
    """The same repair of the same group, whether one pod stands behind it or two hundred."""
    one, many = (Snapshot(crowd(count, count, causes=1)) for count in (2, 200))
    found = [fix(each, Question(service=SERVICE), [ip_network("203.0.113.0/24")]) for each in (one, many)]
    classes_of = [[part.sources for part in reach(each, Question(service=SERVICE))[0].classes] for each in (one, many)]

    assert found[0].changes == found[1].changes
    assert [change.group for change in found[1].changes] == [POD_GROUP]
    assert found[1].works
    assert {need.resource for need in found[1].needs} == {f"eni-{place:08}" for place in range(200)}
    assert len(classes_of[0]) == len(classes_of[1])


def test_what_is_missing_of_three_hundred_nodes_is_told_once() -> None:
    document = crowd(300, 1, causes=1)
    for instance in document["instances"]:
        instance["SecurityGroupIds"] = None
    answer = trace(Snapshot(document), QUESTION)
    assert answer.verdict == "undetermined"
    assert list(map(str, answer.gaps)) == ["groups of node-0 (ins-00000000) (and of 299 more like it)"]
