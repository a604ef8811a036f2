"""A redirect is an answer of the CLB's own: nothing stopped the request, and no pod saw it."""

import pytest
from changes_real import redirecting

from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.curl import CLIENTS, ORIGINAL_DATE, transcript
from drilllib.core.trace.request import trace
from drilllib.views.picture.scene import state_of
from drilllib.views.text.trace import trace_text


@pytest.fixture(scope="module")
def answer() -> Trace:
    document = default_lab()
    redirecting(RewriteCode=302)(document)
    return trace(Snapshot(document), Question(service=SERVICE, client=CLIENT))


def test_the_text_says_where_it_leads_and_that_nothing_stops(answer: Trace) -> None:
    text = trace_text(answer, "en")

    assert text.splitlines()[0].endswith("302 Moved Temporarily")
    assert "REDIRECTS: the rule sends the client to listener lbl-443 (?), rule loc-443" in text
    assert "stopped here" not in text
    assert "重定向" in trace_text(answer, "zh")


def test_the_picture_shows_a_request_that_passed(answer: Trace) -> None:
    assert [state_of(hop) for hop in answer.paths[0].hops] == ["passed"]


def test_curl_prints_the_status_of_the_clb(answer: Trace) -> None:
    printed = transcript(answer.symptom, host="192.0.2.10", port=80, client=CLIENTS["original"], date=ORIGINAL_DATE)

    assert printed.splitlines()[:2] == ["HTTP/1.1 302 Moved Temporarily", "Server: stgw"]
