"""A Service and its EndpointSlices join a port by name alone; where the names differ, endpoints are ready in vain."""

import pytest
from builders import REFUSAL, ask, blocked_at, fate, health, lab
from changes import Change, Document, together
from changes_cluster import endpoint_slice, service

from drilllib.core.trace.answer import Trace


def named(port: str | None, served: str | None) -> Change:
    """What the Service calls its port, and what its EndpointSlice does; None for no name."""

    def change(document: Document) -> None:
        for item, name in ((service(document)["spec"], port), (endpoint_slice(document), served)):
            item["ports"][0].pop("name", None)
            item["ports"][0] |= {} if name is None else {"name": name}

    return change


def target_by_name(document: Document) -> None:
    service(document)["spec"]["ports"][0]["targetPort"] = "http"


def not_served(document: Document) -> None:
    """The EndpointSlice controller leaves a port out whose targetPort no pod declares."""
    endpoint_slice(document)["ports"] = []


def another_port_is_served(document: Document) -> None:
    """A second port of the Service, and the EndpointSlice has that one only."""
    first = service(document)["spec"]["ports"][0]
    service(document)["spec"]["ports"].append({**first, "name": "metrics", "port": 9090, "nodePort": 30999})
    endpoint_slice(document)["ports"] = [{"name": "metrics", "port": 9090}]


def not_ready(document: Document) -> None:
    endpoint_slice(document)["endpoints"][0]["conditions"] = {"ready": False}


def of_ipv6(document: Document) -> None:
    endpoint_slice(document)["endpoints"][0]["addresses"] = ["2001:db8::36:12"]


def noted(answer: Trace) -> list[tuple[str, dict]]:
    return [(str(each.code), dict(each.facts)) for each in answer.findings]


@pytest.mark.parametrize(("port", "served"), [("web", None), (None, "web"), ("web", "http"), ("web", "Web")])
def test_other_names_are_not_missing_endpoints(port: str | None, served: str | None, listener: str) -> None:
    """Everybody looks for pods that are not ready, and they all are."""
    answer = ask(lab(named(port, served), listener=listener))

    assert fate(answer) == f"unreachable: {REFUSAL[listener]}"
    assert blocked_at(answer) == [("node", "PORT_NAME_DIFFERS")]
    assert (answer.reason, health(answer)) == ("PORT_NAME_DIFFERS", ["Dead"])
    assert answer.health[0].blocker.reason == "PORT_NAME_DIFFERS"
    assert noted(answer) == [("PORT_NAMES", {"wanted": f"'{port or ''}'", "found": f"'{served or ''}'"})]


@pytest.mark.parametrize("name", [None, "", "web"])
def test_the_same_name_or_none_joins_them(name: str | None, listener: str) -> None:
    """The witness: nothing else keeps the request away."""
    answer = ask(lab(named(name, name or None), listener=listener))

    assert (answer.verdict, noted(answer)) == ("reachable", [])


@pytest.mark.parametrize("others", [(not_served,), (named("web", "web"), another_port_is_served)])
def test_a_target_port_that_no_pod_declares_is_named(others: tuple[Change, ...]) -> None:
    """A name is asked for: the controller found no port of that name, and kept the Service's other ports."""
    answer = ask(lab(together(*others), target_by_name, listener="TCP"), port=80)

    assert blocked_at(answer) == [("node", "TARGET_PORT_NAME_UNKNOWN")]
    assert noted(answer) == [("TARGET_PORT_NAME", {"target": "'http'"})]


@pytest.mark.parametrize("change", [not_served, together(named("web", "web"), another_port_is_served)])
def test_a_target_port_that_is_a_number_needs_no_pod_to_declare_it(change: Change) -> None:
    """Such a port is never left out, so the EndpointSlice is another's, or of before."""
    assert ask(lab(change, listener="TCP"), port=80).reason == "PORT_NAME_DIFFERS"


@pytest.mark.parametrize("change", [not_ready, of_ipv6])
def test_without_a_ready_endpoint_of_the_family_names_are_not_the_cause(change: Change) -> None:
    answer = ask(lab(named("web", "http"), change, listener="TCP"))

    assert (answer.reason, noted(answer)) == ("NO_ENDPOINTS", [])
