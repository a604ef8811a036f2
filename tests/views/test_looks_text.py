"""Looks read as the real command would, and show all that tells two labs apart."""

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.practice.looks import Look, LookKind, offered, see
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.views.text.looks import evidence_text, log_text, look_text

LANGUAGES = ("zh", "en")
QUESTION = Question(client=CLIENT, service=SERVICE, port=80)


def everything(snapshot: Snapshot, language: str) -> str:
    """Every look at a lab, each under its name."""
    shown = (
        (look_text(look, language), evidence_text(see(snapshot, QUESTION, look), language))
        for look in offered(snapshot, QUESTION)
    )
    return "\n\n".join(f"== {name}\n{text}" for name, text in shown) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_looks_read_as_they_always_did(language: str, golden) -> None:
    golden(f"looks-group-3.{language}.txt", everything(open_fault("group-3", listener="TCP"), language))
    golden(f"looks-udp.{language}.txt", everything(open_fault("udp"), language))


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
def test_what_differs_as_evidence_differs_on_the_page(listener: str) -> None:
    """And what does not, does not: a learner sees exactly what hypotheses are weighed by."""
    seen: dict[Look, dict[object, str]] = {}
    for fault in FAULTS:
        snapshot = open_fault(fault, listener=listener)
        for look in offered(snapshot, QUESTION):
            evidence = see(snapshot, QUESTION, look)
            text = evidence_text(evidence, "en")
            assert seen.setdefault(look, {}).setdefault(evidence, text) == text
    for look, texts in seen.items():
        assert len(set(texts.values())) == len(texts), look


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_log_has_each_look_with_its_cost_and_the_sum(language: str, golden) -> None:
    looks = [Look(LookKind.CURL, "client"), Look(LookKind.CAPTURE, "clb"), Look(LookKind.RULES, "sg-node0001")]

    golden(f"looks-log.{language}.txt", log_text(looks, language) + "\n")


def test_no_look_says_what_decides() -> None:
    words = ("dropped", "blocked", "implicit", "no rule", "unreachable by", "verdict", "cause")
    for fault in FAULTS:
        text = everything(open_fault(fault), "en").lower()
        assert not [word for word in words if word in text], fault
