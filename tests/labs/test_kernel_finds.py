"""What the comparison with random labs found wrong in the real-packet lab, each as a small lab of its own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, POD_GROUP, SERVICE, default_lab, policy
from drilllib.core.drills.variants import IPV6_CLIENT, over_ipv6, over_udp, set_ingress
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import LabStateError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.netns.results import Comparison
from drilllib.labs.netns.sandbox import why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")

Document = dict[str, Any]
Change = Callable[[Document], None]


@contextmanager
def lab_of(*changes: Change, listener: str = "HTTP", client: str = CLIENT) -> Iterator[Callable[[], Comparison]]:
    """A lab that is the default one but for *changes*; what it gives asks once, and finds no difference."""
    document = default_lab(listener=listener)
    for change in changes:
        change(document)

    with NetnsLab(Snapshot(document), client=client, slowness=0.1) as lab:

        def ask() -> Comparison:
            found = lab.witness(Question(client=client, service=SERVICE))
            assert found.differences == []
            return found

        ask.lab = lab
        yield ask


def no_endpoints(document: Document) -> None:
    """The Service has no pod."""
    document["kubernetes"][-1]["endpoints"] = []


def moved_to_target(document: Document) -> None:
    """The pod runs on the node that the CLB sends to, under Local, and has an interface of its own."""
    text = json.dumps(document["kubernetes"]).replace('"nodeName": "node-b"', '"nodeName": "node-a"')
    document["kubernetes"] = json.loads(text.replace('Policy": "Cluster"', 'Policy": "Local"'))
    document["cluster"]["VpcCniType"] = "tke-direct-eni"


def closed_pod(document: Document) -> None:
    """The pod's group admits nobody."""
    set_ingress(document, POD_GROUP)


def ping_admitted(document: Document) -> None:
    """UDP with probes from the VIP, which need a rule for the ping and one for the packet."""
    over_udp(document)
    document["listeners"]["lb-lab00001"][0]["HealthCheck"]["SourceIpType"] = 0
    udp = policy("ACCEPT", "UDP", "0.0.0.0/0", "30713")
    set_ingress(document, NODE_GROUP, udp, {**policy("ACCEPT", "ICMP", "0.0.0.0/0", "ALL")})


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize(("family", "client"), [([], CLIENT), ([over_ipv6], IPV6_CLIENT)], ids=["IPv4", "IPv6"])
def test_a_refusal_without_endpoints_is_always_met(listener: str, family: list[Change], client: str) -> None:
    """An ICMP error was back before the connect that caused it had let go of its socket, which then waited on."""
    with lab_of(*family, no_endpoints, listener=listener, client=client) as ask:
        met = [ask().observed.symptom for _ in range(5)]
    assert {each.status or each.kind for each in met} == {502 if listener == "HTTP" else "refused"}


def test_a_pod_that_node_egress_keeps_away_has_its_own_port() -> None:
    """The teller named the NodePort in its place."""

    def closed_outwards(document: Document) -> None:
        document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Egress"] = []

    with lab_of(closed_outwards) as ask:
        assert [path.endpoint for path in ask().kernel.paths] == ["shop/web-1:80"]


def test_a_probe_that_is_forwarded_unchanged_needs_no_rule_at_the_pod() -> None:
    """100.64.0.0/10 is let in by default, wherever it comes from [CLB-HCIP]; the lab let it in from the CLB only."""
    with lab_of(moved_to_target, closed_pod) as ask:
        assert ask().health == {"ins-nodea001:30713": "Alive"}


def test_a_packet_to_an_interface_of_its_own_leaves_its_node_by_the_nodes_egress_list() -> None:
    """The model took that into doubt, and the lab's node still sent it round its own list: the two differed."""

    def closed_outwards(document: Document) -> None:
        document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Egress"] = []

    with lab_of(moved_to_target) as ask:
        assert len(ask().kernel.paths[0].hops[1].checks) == 2
    with lab_of(moved_to_target, closed_outwards) as ask:
        assert [path.hops[-1].name for path in ask().kernel.paths] == ["node-a"]


def test_a_ping_is_a_new_one_every_time() -> None:
    """With one identifier for all, connection tracking let them in long after their rule was gone."""
    with lab_of(ping_admitted) as ask:
        assert ask().health == {"ins-nodea001:30713": "Alive"}
        ask.lab.replace_rules(NODE_GROUP, Direction.INGRESS, ask.lab.rules(NODE_GROUP, Direction.INGRESS)[:1])
        assert ask().health == {"ins-nodea001:30713": "Dead"}


def test_a_listener_without_targets_ends_at_the_clb() -> None:
    """The teller took the CLB for where the packet arrived."""

    def no_targets(document: Document) -> None:
        document["listeners"]["lb-lab00001"][0]["Targets"] = []

    with lab_of(no_targets, listener="TCP") as ask:
        assert [path.reason for path in ask().kernel.paths] == ["NO_TARGETS"]


def test_a_port_without_listener_ends_at_the_clb() -> None:
    """The model has no path at all for it, and that is no difference."""
    with lab_of() as ask:
        found = ask.lab.witness(Question(client=CLIENT, service=SERVICE, port=81))
    assert found.differences == []
    assert found.observed.symptom.kind == "connect_timeout"


def test_a_layer_4_listener_that_translates_families_is_refused() -> None:
    """It was played as one without targets, against the model, which knows what it does."""
    document = default_lab(listener="TCP")
    over_ipv6(document)
    document["listeners"]["lb-lab00001"][0]["Targets"][0]["PrivateIpAddresses"] = ["10.0.35.11"]
    assert trace(Snapshot(document), Question(client=IPV6_CLIENT, service=SERVICE)).paths
    with pytest.raises(LabStateError, match="translates between IPv6 and IPv4"):
        NetnsLab(Snapshot(document), client=IPV6_CLIENT)
