"""A lab that becomes another snapshot: at once where only rules differ, else with all but the client host made anew."""

from collections.abc import Iterator

import pytest

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, SERVICE, default_lab, policy
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import IPV6_CLIENT, add_group, over_ipv6, set_ingress
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import LabStateError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.netns.sandbox import why_not
from tests.waits import PATIENCE_S

pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")
QUESTION = Question(client=CLIENT, service=SERVICE)


def empty() -> Snapshot:
    """A cluster with nothing in it yet."""
    document = default_lab()
    nothing = {"load_balancers": [], "instances": [], "network_interfaces": [], "kubernetes": []}
    return Snapshot({**document, **nothing, "listeners": {}, "security_groups": {}})


@pytest.fixture
def lab() -> Iterator[NetnsLab]:
    with NetnsLab(empty(), slowness=0.05) as made:
        yield made


def process_of(lab: NetnsLab, host: str) -> str:
    """The network namespace of a host, by its number."""
    return lab.run(host, ["readlink", "/proc/self/ns/net"]).out


def test_a_cloud_grows_and_shrinks_around_the_client(lab: NetnsLab) -> None:
    """What a learner does with kubectl and Terraform, while their shell stays open."""
    client = process_of(lab, "client")
    assert lab.status()["hosts"] == ["client"]

    for fault in ("healthy", "same-node", "local-policy", "direct-access"):
        snapshot = open_fault(fault)
        lab.become(snapshot)
        witnessed = lab.witness(QUESTION)
        assert witnessed.differences == [], fault
        assert lab.snapshot().to_dict() == snapshot.to_dict()
    lab.become(empty())

    assert lab.status()["hosts"] == ["client"]
    assert process_of(lab, "client") == client
    assert lab.run("client", "ip -o link").out.count("eth0") == 1


def test_rules_alone_leave_every_host_as_it_is(lab: NetnsLab) -> None:
    lab.become(open_fault("healthy"))
    nodes = process_of(lab, "node-a")

    lab.become(open_fault("group-2"))

    assert process_of(lab, "node-a") == nodes
    assert lab.probe(QUESTION).symptom.status == 504


def test_a_group_that_is_new_can_be_bound_and_decides(lab: NetnsLab) -> None:
    lab.become(open_fault("healthy"))
    document = open_fault("healthy").to_dict()
    add_group(document, "sg-late0001")
    set_ingress(document, "sg-late0001", policy("DROP", "TCP", "0.0.0.0/0", "30713"))
    document["instances"][0]["SecurityGroupIds"] = ["sg-late0001", NODE_GROUP]

    lab.become(Snapshot(document))
    witnessed = lab.witness(QUESTION)

    assert witnessed.observed.symptom.status == 504
    assert witnessed.kernel.blockers[0].check.group == "sg-late0001"
    assert witnessed.differences == []


def test_another_address_family_is_another_set_of_cables(lab: NetnsLab) -> None:
    document = default_lab()
    over_ipv6(document)

    lab.become(Snapshot(document))

    assert lab.probe(Question(client=IPV6_CLIENT, service=SERVICE)).symptom.status == 200


def test_what_cannot_be_played_leaves_the_lab_as_it_was(lab: NetnsLab) -> None:
    lab.become(open_fault("healthy"))
    document = default_lab()
    document["instances"][0]["SecurityGroupIds"] = None

    with pytest.raises(LabStateError, match="groups of ins-nodea001 is not known"):
        lab.become(Snapshot(document))

    assert lab.probe(QUESTION).symptom.status == 200


def test_a_server_outside_is_reached_through_a_socket_handed_over(lab: NetnsLab) -> None:
    """And only from the host that it was made for."""
    lab.become(open_fault("healthy"))
    with lab.listen("client", 6443) as listening:
        listening.settimeout(PATIENCE_S)
        asked = "exec 3<>/dev/tcp/127.0.0.1/6443 && echo hello >&3"

        assert lab.run("client", ["bash", "-c", asked]).code == 0
        with listening.accept()[0] as connection:
            assert connection.recv(16) == b"hello\n"
        assert lab.run("node-a", ["bash", "-c", asked]).code != 0


def unplayable(wrong: str) -> Snapshot:
    """A group that is gone while an interface still has it; a pod whose name no host can have."""
    document = open_fault("same-node").to_dict()
    if wrong == "group":
        del document["security_groups"]["sg-pod00001"]
    else:
        for item in document["kubernetes"]:
            if item["kind"] == "Pod":
                item["metadata"]["name"] = "x" * 256
            if item["kind"] == "EndpointSlice":
                item["endpoints"][0]["targetRef"]["name"] = "x" * 256
    return Snapshot(document)


@pytest.mark.parametrize("wrong", ["group", "name"])
def test_what_fails_half_way_leaves_a_lab_that_works_as_before(lab: NetnsLab, wrong: str) -> None:
    lab.become(open_fault("healthy"))
    client = process_of(lab, "client")

    with pytest.raises(LabStateError):
        lab.become(unplayable(wrong))

    assert lab.probe(QUESTION).symptom.works
    assert process_of(lab, "client") == client
    lab.become(open_fault("same-node"))
    assert lab.probe(QUESTION).symptom.works
