"""
The model against real packets: random whole labs, real requests, and what every kernel on the way did to them.

The packets are sent once, for all tests of this file. The broken models at its end are held against the same evidence.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import broken_models
import pytest

from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.agreement import Disagreement
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.path import Symptom
from drilllib.core.trace.request import trace
from drilllib.labs.netns import lab
from drilllib.labs.netns.results import Comparison
from drilllib.labs.netns.sandbox import why_not
from drilllib.labs.netns.verify.paths import Played, Report, check_paths
from drilllib.labs.netns.verify.predictions import Tally, predicted
from drilllib.labs.netns.verify.random_labs import RULE_SETS, cases_of
from tests.thorough import how_many

SEED, NUMBERS, REQUESTS = 19, how_many(140, thorough=200, long=340), 8
pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")

Evidence = tuple[Report, list[Played]]


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """The report, and every case with what was seen of it."""
    played: list[Played] = []
    return check_paths(SEED, NUMBERS, requests=REQUESTS, progress=played.append), played


@pytest.fixture(scope="module")
def cases(evidence: Evidence) -> list[Played]:
    """Every case that was played, and did not have to be asked again."""
    return [played for played in evidence[1] if played.seen and not played.first]


@pytest.fixture(scope="module")
def seen(cases: list[Played]) -> list[Comparison]:
    """Every request of these."""
    return [each for played in cases for each in played.seen]


def test_kernel_and_model_agree_on_hundreds_of_random_labs(evidence: Evidence) -> None:
    """Symptom, every attempt's path, health and number of attempts."""
    report, _ = evidence
    assert not report.disagreements, report.text
    assert report.cases >= NUMBERS * 0.86, report.text


def test_hardly_any_case_had_to_be_asked_again(evidence: Evidence) -> None:
    """A machine out of breath makes timeouts of its own; a model that is wrong now and then would show here too."""
    report, _ = evidence
    again = "\n".join(each.text for each in report.asked_again)
    assert len(report.asked_again) <= report.cases // 20, again


def test_what_cannot_be_played_is_no_agreement(evidence: Evidence) -> None:
    """A layer-4 listener that translates between IPv6 and IPv4, which no kernel does; nothing else."""
    report, played = evidence
    unplayable = [each.unplayable for each in played if each.unplayable]
    assert len(unplayable) == report.unplayable <= NUMBERS // 20
    assert all("translates between IPv6 and IPv4" in each for each in unplayable)


def test_about_half_of_the_requests_reach_a_pod(seen: list[Comparison]) -> None:
    """Else the rules would hide the rest of the way, or nothing would be dropped."""
    assert 0.4 < sum(each.observed.symptom.works for each in seen) / len(seen) < 0.7


@pytest.mark.parametrize(
    "symptom",
    [
        *("connect_timeout", "refused", "no_answer", "port_unreachable", "answered"),
        *("http 504 after 4 s", "http 504 after 8 s", "http 502", "http 200", "http 200 after 4 s"),
    ],
)
def test_every_symptom_occurs(symptom: str, evidence: Evidence) -> None:
    """Also a 200 that waited for a target that stayed silent."""
    assert any(text.startswith(symptom) for text in evidence[0].symptoms), evidence[0].symptoms


FEATURES = (
    *("IPv6", "Local", "exclusive interfaces", "pods that may share an interface", "trunk"),
    *("pod does not listen", "no declared port", "not ready", "no endpoints", "wrong NodePort", "original semantics"),
    *("pass to target", "SnatPro", "keep-alive", "private CLB", "direct access", "nodes and pods as targets"),
    *("weight 0", "no targets", "no listener", "forwarding rules", "no health checks", "probes from the VIP"),
    *("CheckPort", "another client", "IPv4 targets of an IPv6 VIP"),
)


def test_every_feature_occurs(evidence: Evidence) -> None:
    """What the topologies may have, some do."""
    assert sorted(set(FEATURES) - evidence[0].features.keys()) == []


def facts(witnessed: Comparison) -> Iterator[str]:
    """What was met on the way of one request."""
    for path in witnessed.kernel.paths:
        yield f"{witnessed.model.listener.protocol if witnessed.model.listener else 'no'} listener: {path.outcome}"
        yield path.reason
        for hop in path.hops:
            yield from (f"{hop.hop} {check.direction}: {check.reason}" for check in hop.checks)
            yield from (f"{hop.hop} {rewrite.kind}" for rewrite in hop.rewrites)
            if hop.hop == "pod":
                yield "pod through its interface" if hop.interface else "pod on the node itself"


def test_every_way_to_go_and_to_end_occurs(seen: list[Comparison]) -> None:
    """Told by the kernel, not by the model."""
    met = Counter(fact for each in seen for fact in facts(each))
    wanted = {
        f"{name} listener: {end}" for name in ("HTTP", "TCP", "UDP") for end in ("delivered", "dropped", "refused")
    }
    wanted |= {"CLB_GROUP_DROPPED", "TARGET_GROUP_DROPPED", "NODE_EGRESS_DROPPED", "POD_GROUP_DROPPED", "NO_TARGETS"}
    wanted |= {"NO_ENDPOINTS", "NO_LOCAL_ENDPOINT", "NODEPORT_NOT_IN_USE", "PORT_NOT_LISTENING", "DELIVERED"}
    wanted |= {f"{hop} ingress: {why}" for hop in ("clb", "node", "pod") for why in ("RULE_MATCHED", "NO_GROUP")}
    wanted |= {"node ingress: PASS_TO_TARGET", "pod ingress: PASS_TO_TARGET", "node egress: RULE_MATCHED"}
    wanted |= {"clb SNAT", "node SNAT", "pod through its interface", "pod on the node itself"}
    assert sorted(wanted - met.keys()) == []


def test_the_ways_that_the_model_lists_are_gone(evidence: Evidence) -> None:
    """No more of them never occur than chance explains: the model does not list targets or pods that are not used."""
    report, _ = evidence
    assert report.ways.predicted > how_many(100, thorough=120, long=200)
    assert report.ways.plausible, report.text


def test_the_same_numbers_are_the_same_cases() -> None:
    """A disagreement is found again by its seed and number."""
    ours, again, other = cases_of(1, 7), cases_of(1, 7), cases_of(2, 7)
    assert [each.number for each in ours] == list(range(7 * RULE_SETS, 8 * RULE_SETS))
    documents = [[case.snapshot.to_dict() for case in cases] for cases in (ours, again, other)]
    assert documents[0] == documents[1] != documents[2]
    assert [each.question for each in ours] == [each.question for each in again]


def test_a_disagreement_says_how_to_see_it_again(seen: list[Comparison]) -> None:
    """Seed and number, what was seen, what was expected."""
    (case,) = [each for each in cases_of(SEED, 0) if each.number == 3]
    played = Played(case, tuple(seen[:1]), (Disagreement("symptom", "http 504 after 4 s", "http 200 after 0 s"),))
    for text in (f"--seed {SEED} --first 3", "seen      http 504 after 4 s", "expected  http 200 after 0 s"):
        assert text in played.text


def two_attempts_that_failed(each: Comparison) -> bool:
    """Does the request end in a 504 after two targets, and in nothing else, as the model says?"""
    tried = len(each.kernel.paths) == 2 == len(each.health)
    return tried and each.observed.symptom.status == 504 and len(each.model.symptoms) == 1


@pytest.mark.parametrize(
    ("what", "forge"),
    [
        ("attempts", lambda kernel: replace(kernel, paths=kernel.paths[:1])),
        ("attempts", lambda kernel: replace(kernel, paths=kernel.paths[:1] * 2)),
        ("symptom", lambda kernel: replace(kernel, symptoms=(Symptom(kind="http", status=200, seconds=0.0),))),
        ("symptom", lambda kernel: replace(kernel, symptoms=(Symptom(kind="http", status=504, seconds=12.0),))),
        ("health", lambda kernel: replace(kernel, health=(replace(kernel.health[0], observed="Close"),))),
        ("path", lambda kernel: replace(kernel, paths=(replace(kernel.paths[0], hops=()), *kernel.paths[1:]))),
    ],
    ids=["one target left out", "one tried twice", "it worked", "too late", "another health", "no way at all"],
)
def test_forged_evidence_is_found_out(what: str, forge: Callable[[Trace], Trace], seen: list[Comparison]) -> None:
    """Each part of what was seen counts."""
    real = next(filter(two_attempts_that_failed, seen))
    assert real.differences == []
    forged = replace(real, kernel=forge(real.kernel))
    assert what in {each.what for each in forged.differences}


def test_a_disagreement_is_told_once_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a lab of its own."""
    monkeypatch.setattr(lab, "trace", broken_models.silence_is_502(monkeypatch))
    report = check_paths(SEED, 1, first=number_of_a_504())
    assert not report.agrees
    assert report.disagreements[0].text in report.text
    assert "symptom   seen      http 504" in report.text


def test_a_difference_that_does_not_come_again_is_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a moment without breath; here the first answer of the model is about another status."""
    models = iter([broken_models.silence_is_502(monkeypatch)])
    monkeypatch.setattr(lab, "trace", lambda *question, **asked: next(models, trace)(*question, **asked))
    number = number_of_a_504()
    report = check_paths(SEED, 1, first=number)
    assert not report.disagreements
    assert [played.case.number for played in report.asked_again] == [number]
    assert report.asked_again[0].first[0].what == "symptom"


def number_of_a_504() -> int:
    """The first case whose answer is 504 and nothing else."""
    cases = (case for topology in range(NUMBERS // RULE_SETS) for case in cases_of(SEED, topology))
    answers = ((case, trace(case.snapshot, case.question)) for case in cases)
    return next(case.number for case, answer in answers if [each.status for each in answer.symptoms] == [504])


def told(cases: list[Played], model: broken_models.Model) -> Iterator[list[Comparison]]:
    """What was seen of each case beside what another model says of it."""
    for played in cases:
        afresh = Snapshot(played.case.snapshot.to_dict())  # what was found of the other remembers its answers
        answer = model(afresh, played.case.question, all_paths=True)
        yield [replace(each, model=answer) for each in played.seen]


def disagreeing(cases: list[Played], model: broken_models.Model) -> Iterator[str]:
    """The cases that a model does not explain, one after the other as they are asked for."""
    for played, seen in zip(cases, told(cases, model), strict=True):
        if any(each.differences for each in seen):
            yield played.case.name


def test_the_evidence_fits_the_model_as_it_is(cases: list[Played]) -> None:
    """The yardstick for the broken ones."""
    assert [*disagreeing(cases, trace)] == []


@pytest.mark.parametrize("broken", broken_models.BROKEN, ids=lambda each: each.__name__)
def test_a_broken_model_is_caught(
    broken: Callable[[pytest.MonkeyPatch], broken_models.Model], cases: list[Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evidence is as good as the mistakes it finds; one case in the wrong would be chance."""
    found = disagreeing(cases, broken(monkeypatch))
    assert len([*islice(found, 2)]) == 2


@pytest.mark.parametrize("generous", broken_models.GENEROUS, ids=lambda each: each.__name__)
def test_a_model_that_lists_too_much_is_caught(
    generous: Callable[[pytest.MonkeyPatch], broken_models.Model], cases: list[Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Whatever happens is among what it lists, but not all that it lists happens.

    Only cases of which it says something else than the engine count: by all of them chance has more to say.
    """
    sound, broken = Tally(), Tally()
    for played, seen in zip(cases, told(cases, generous(monkeypatch)), strict=True):
        health = played.seen[0].health
        if predicted(seen[0].model, health) != predicted(played.seen[0].model, health):
            sound.add(played.seen, REQUESTS)
            broken.add(seen, REQUESTS)
    assert sound.plausible
    assert not broken.plausible


def test_a_pod_that_declares_no_ports_listens_on_the_port_of_a_check() -> None:
    """Its target's port is another one; the lab once opened that alone (POD_LISTENS_WHERE_ASKED)."""
    report = check_paths(4, 1, first=116)
    assert report.cases == 1
    assert report.agrees, report.text
