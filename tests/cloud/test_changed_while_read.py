"""
Somebody changes the cloud or the cluster between two rounds of a capture, over sockets: what is written down is what
stood there at one moment, or it is told that it is not. The witness is a capture that nobody disturbs.
"""

import json
import re
from collections.abc import Callable, Container, Iterator
from copy import deepcopy
from itertools import combinations
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.clients.capture import Captured, Told
from drilllib.clients.every_service import capture_services
from drilllib.clients.settings import Settings
from drilllib.core.drills.default_lab import CLIENT, SERVICE, default_lab
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from tests.cloud.sockets import Sockets, serving
from tests.thorough import THOROUGH, how_many

Document = dict[str, Any]
ROUNDS = 5  # of the lab: four of the plan, and the look back
MOMENTS = range(1, ROUNDS)
TOLD = "it changed each time that it was read"


def world() -> Document:
    """The lab, with a policy and the controller's settings."""
    made: Document = deepcopy(dict(default_lab()))
    metadata = {"name": "open", "namespace": "shop"}
    policy = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "metadata": metadata}
    made["kubernetes"].append({**policy, "spec": {"podSelector": {}}})
    made["cluster"]["controller_config"] = {"EnableDefaultDirectAccess": "false"}
    return made


def item(document: Document, kind: str) -> Document:
    """The object of a kind."""
    found: Document = next(each for each in document["kubernetes"] if each["kind"] == kind)
    return found


def listener(document: Document) -> Document:
    found: Document = document["listeners"]["lb-lab00001"][0]
    return found


def rule(document: Document, number: int) -> None:
    found = document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]
    found["Ingress"][0]["Port"], found["Version"] = str(8000 + number), str(100 + number)


def weight(document: Document, number: int) -> None:
    listener(document)["Rules"][0]["Targets"][0]["Weight"] = 20 + number


def name_in_settings(document: Document, number: int) -> None:
    item(document, "ConfigMap")["data"] = {"EnableDefaultDirectAccess": str(number)}


def port_of_service(document: Document, number: int) -> None:
    item(document, "Service")["spec"]["ports"][0]["nodePort"] = 31000 + number


def address_of_endpoint(document: Document, number: int) -> None:
    item(document, "EndpointSlice")["endpoints"][0]["nodeName"] = f"node-{number}"


def label_of_pod(document: Document, number: int) -> None:
    item(document, "Pod")["metadata"]["labels"]["step"] = str(number)


def node(document: Document, number: int) -> None:
    item(document, "Node")["status"]["addresses"] = [{"type": "InternalIP", "address": f"10.0.35.{20 + number}"}]


def policy(document: Document, number: int) -> None:
    item(document, "NetworkPolicy")["spec"] = {"podSelector": {"matchLabels": {"step": str(number)}}}


def check_of_listener(document: Document, number: int) -> None:
    listener(document)["HealthCheck"]["CheckPort"] = 9000 + number


def group_of_machine(document: Document, number: int) -> None:
    document["instances"][0]["SecurityGroupIds"] = groups(number)


def group_of_interface(document: Document, number: int) -> None:
    document["network_interfaces"][0]["GroupSet"] = groups(number)


def group_of_balancer(document: Document, number: int) -> None:
    document["load_balancers"][0]["SecureGroups"] = groups(number)


def groups(number: int) -> list[str]:
    """Others for any two of six numbers in a row, and no single one."""
    every = ("sg-clb00001", "sg-node0001", "sg-pod00001")
    return list([(), *combinations(every, 2), every, every[:1]][number % 6])


def other_service(document: Document, number: int) -> None:
    """Another than the one that is asked about, gone and made anew."""
    other = deepcopy(item(document, "Service"))
    other["metadata"] |= {"name": f"other-{number}", "uid": f"00000000-0000-4000-8000-{number:012}"}
    other["spec"]["ports"][0]["nodePort"] = 32000 + number
    rest = [each for each in document["kubernetes"] if not each["metadata"]["name"].startswith("other")]
    document["kubernetes"] = [*rest, other]


CHANGES: tuple[Callable[[Document, int], None], ...] = (
    *(rule, weight, check_of_listener, group_of_balancer, group_of_machine, group_of_interface),
    *(name_in_settings, port_of_service, address_of_endpoint, label_of_pod, node, policy, other_service),
)
PLAYED = [
    (change, moment)
    for number, change in enumerate(CHANGES)
    for moment in MOMENTS
    if THOROUGH or (number + moment) % len(MOMENTS) == 0
]


@pytest.fixture(scope="module")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    with serving(tmp_path_factory.mktemp("home"), world()) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(sockets: Sockets) -> str:
    sockets.show(world())
    return text(sockets.capture(SERVICE))


def disturbed(sockets: Sockets, change: Callable[[Document, int], None], moments: Container[int]) -> Captured:
    """A capture, with a change after each round of *moments*, which nothing follows from in the cloud."""
    sockets.show(world())

    def told(number: int, done: int, of: int) -> None:
        if done == of and number in moments:
            with sockets.state.writing(settled=True) as document:
                change(document, number)

    return sockets.capture(SERVICE, told=told)


def text(found: Captured) -> str:
    """What was written down, in any order; not what probes found, which changes by itself a while later."""
    document = {name: part for name, part in found.assembly.document.items() if name not in ("gaps", "target_health")}
    parts = {name: in_order(part) if isinstance(part, list) else part for name, part in document.items()}
    return re.sub(r'"creationTimestamp": "[^"]*"', "", json.dumps(parts, sort_keys=True))  # when the test began


def in_order(part: list[Any]) -> list[Any]:
    return sorted(part, key=lambda each: json.dumps(each, sort_keys=True))


@pytest.mark.parametrize(("change", "moment"), PLAYED)
def test_what_changes_between_two_rounds_is_read_again(
    sockets: Sockets, undisturbed: str, change: Callable[[Document, int], None], moment: int
) -> None:
    """As it is afterwards, with what it leads to."""
    found = disturbed(sockets, change, [moment])
    after = sockets.capture(SERVICE)

    assert text(found) == text(after) != undisturbed
    assert found.assembly.gaps == after.assembly.gaps


@pytest.mark.parametrize("change", CHANGES[:: how_many(7, thorough=1)])
def test_what_changes_at_every_reading_is_told(sockets: Sockets, change: Callable[[Document, int], None]) -> None:
    """Rules and bindings then count as not read; of the cluster's objects what came last is kept, and named."""
    found = disturbed(sockets, change, range(99))

    assert any(str(each.why) == TOLD for each in found.assembly.gaps)
    assert found.rounds <= 2 * ROUNDS


def test_rules_that_change_at_every_reading_decide_nothing(sockets: Sockets) -> None:
    """A snapshot of two moments is never passed off as one."""
    found = disturbed(sockets, rule, range(99))

    assert "sg-node0001" not in found.assembly.document["security_groups"]
    assert trace(found.snapshot, Question(client=CLIENT, service=SERVICE)).verdict is Verdict.UNDETERMINED


def test_what_cannot_be_read_a_second_time_is_told(sockets: Sockets, undisturbed: str) -> None:
    """A right that is taken away between two rounds: what was read stands, and nobody knows whether it still does."""
    sockets.show(world())

    def told(number: int, done: int, of: int) -> None:
        if done == of and number == ROUNDS - 1:
            sockets.faults.set("denied", "clb:DescribeListeners", times=None)

    found = sockets.capture(SERVICE, told=told)
    gaps = [(each.what, str(each.why)) for each in found.assembly.gaps]

    assert gaps == [
        ("DescribeListeners", "it could not be read a second time, to see whether it has changed meanwhile")
    ]
    assert text(found) == undisturbed


def test_a_change_is_read_again_where_every_service_is_captured(sockets: Sockets) -> None:
    """Nothing is lost of the other, whose namespace is read for it alone."""
    document = world()
    other_service(document, 1)
    document["kubernetes"][-1]["metadata"]["namespace"] = "back"
    sockets.show(document)

    def told(number: int, done: int, of: int) -> None:
        if done == of and number == before.rounds - 1:
            with sockets.state.writing(settled=True) as document:
                rule(document, 1)

    before = captured_all(sockets, lambda number, done, of: None)
    found = captured_all(sockets, told)
    after = captured_all(sockets, lambda number, done, of: None)
    assert text(found) == text(after) != text(before)
    assert found.rounds == before.rounds + 1
    assert {"back/Pod", "shop/Pod"} <= set(found.assembly.document["complete"]["kubernetes"])
    assert found.assembly.gaps == after.assembly.gaps


def captured_all(sockets: Sockets, told: Told) -> Captured:
    return capture_services(Settings(), sockets.environment, everywhere=True, home=sockets.home, told=told)
