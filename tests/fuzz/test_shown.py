"""A hostile name in every text of a snapshot, shown in a notebook and in the panel: pictures, texts, messages."""

import json
from collections.abc import Iterator
from itertools import chain, cycle, islice, product
from random import Random
from typing import Any

import pytest

from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.documents import parse_json
from drilllib.errors import DrillError
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.panel.desk import Desk
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.path_view import PathView
from drilllib.views.panel.rule_panel import RulePanel
from drilllib.views.panel.static import static_outputs
from drilllib.views.panel.symptom_view import SymptomView
from tests.fuzz.hostile import HOSTILE, everywhere, is_harmless, service_of
from tests.fuzz.test_paste import LANGUAGES, drawn_safely, poisoned
from tests.thorough import how_many

pytest.importorskip("anywidget")

FAULT = "two-groups"  # so that an order of groups is shown, too
NAMES = ("lb-lab00001", "node-a", "web-1", "sg-node0001", "sg-clb00001", "eni-podsb001", "ins-nodea001", "shop")
IDS = ("id", "group", "groups", "resource")


def reports(count: int) -> Iterator[LabReport]:
    """The panel's view of each snapshot that there is an answer about: one of NAMES is hostile, or any other text."""
    named = cycle(product(HOSTILE, NAMES))
    shown = (everywhere(open_fault(FAULT).to_dict(), old, f"{old}{new}") for new, old in islice(named, 0, None, 7))
    for document in islice(chain.from_iterable(zip(shown, poisoned(count), strict=False)), count):
        question = Question(client="203.0.113.10", service=service_of(document))
        try:
            read = parse_json(json.dumps(document), "it")
            yield Desk(SimulatedLab(Snapshot(read)), question).report()
        except DrillError:
            continue


def test_a_notebook_shows_it_and_the_panel_can_send_it() -> None:
    """Half a character has no UTF-8, in which every message to a page is written."""
    count, shown, random = how_many(90, thorough=600, long=5_000), 0, Random(1)
    for report in reports(count):
        language = random.choice(LANGUAGES)
        for part in static_outputs(report, language):
            assert all(map(is_harmless, repr(part).split("\n")))
            if part.svg:
                drawn_safely(part.svg)
        view = PathView(report.trace, language)
        rules = RulePanel(language, print)
        rules.show(report)
        sent = [view.state, rules.state, SymptomView(report, language).state]
        assert all(is_harmless(line) for each in shown_of(sent) for line in str(each).split("\n"))
        json.dumps(sent, ensure_ascii=False).encode()
        shown += 1

    assert shown > count / 3


def shown_of(value: Any) -> Iterator[Any]:
    """All but the ids, which come back from the page as they were sent."""
    if isinstance(value, dict):
        yield from value
        for name, each in value.items():
            yield from shown_of(each) if name not in IDS else ()
    elif isinstance(value, list | tuple):
        for each in value:
            yield from shown_of(each)
    else:
        yield value
