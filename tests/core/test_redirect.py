"""A redirect is an answer of the CLB's own: nothing stopped the request, and no pod saw it."""

import pytest
from changes_real import redirecting

from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.curl import CLIENTS, ORIGINAL_DATE, transcript
from drilllib.core.trace.request import trace
from drilllib.views.picture.cards import state_of
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


HTTPS = {
    "ListenerId": "lbl-443",
    "Protocol": "HTTPS",
    "Port": 443,
    "Rules": [{"LocationId": "loc-443", "Domain": "shop.example.com", "Url": "/shop", "Targets": []}],
}


def location(redirect: dict, path: str = "/a", *, port: int = 443, domain: str = "shop.example.com") -> str:
    """Where the default lab's client is sent that asks for *path*."""
    document = default_lab()
    redirecting(**redirect)(document)
    rule = {**HTTPS["Rules"][0], "Domain": domain}
    document["listeners"]["lb-lab00001"].append({**HTTPS, "Port": port, "Rules": [rule]})
    symptom = trace(Snapshot(document), Question(service=SERVICE, client=CLIENT, port=80, path=path)).symptom
    printed = transcript(symptom, host="x", port=80, client=CLIENTS["original"], date=ORIGINAL_DATE)
    found = [line.removeprefix("Location: ") for line in printed.splitlines() if line.startswith("Location: ")]
    assert found == ([symptom.location] if symptom.location else [])
    assert symptom.to_dict().get("location", "") == symptom.location
    return symptom.location


def test_curl_prints_where_the_client_is_sent() -> None:
    assert location({"TakeUrl": True}) == "https://shop.example.com/a"
    assert location({"RewriteType": "Auto"}) == "https://shop.example.com/a"
    assert location({"TakeUrl": True}, port=8443) == "https://shop.example.com:8443/a"


def test_a_rule_for_many_names_keeps_the_one_that_was_asked_for() -> None:
    assert location({"TakeUrl": True}, domain="*.example.com") == "https://192.0.2.10/a"


def test_a_path_that_may_change_is_not_printed() -> None:
    """Either the client's path or the rule's: known only where both are one."""
    assert location({}) == location({"TakeUrl": False}) == ""
    assert location({}, path="/shop") == "https://shop.example.com/shop"


def test_a_listener_that_was_not_read_leads_nowhere_known(answer: Trace) -> None:
    assert answer.symptom.location == ""
    assert "location" not in answer.symptom.to_dict()


def test_curl_prints_the_status_of_the_clb(answer: Trace) -> None:
    printed = transcript(answer.symptom, host="192.0.2.10", port=80, client=CLIENTS["original"], date=ORIGINAL_DATE)

    assert printed.splitlines()[:2] == ["HTTP/1.1 302 Moved Temporarily", "Server: stgw"]
