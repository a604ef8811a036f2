"""The simulated lab keeps the contract of all labs, and has a few ways of its own."""

import pytest
from contract import CLB_GROUP, INGRESS, NODE_GROUP, QUESTION, LabContract, met, put

from drilllib.core.connection.question import Connection
from drilllib.core.drills.default_lab import CLIENT, default_lab
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.scenarios import scenario
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, InvalidInputError, LabStateError, UnknownNameError
from drilllib.labs.simulated import SimulatedLab


class TestSimulatedLab(LabContract):
    """The engine behind the Lab protocol."""

    opens_connections = True

    def make_lab(self, snapshot: Snapshot) -> SimulatedLab:
        return SimulatedLab(snapshot)


def test_a_lab_is_opened_on_a_fault_by_name() -> None:
    """One line in a notebook."""
    with SimulatedLab(open_fault("group-2", listener="TCP")) as lab:
        assert met(lab) == "connect_timeout"


def test_leaving_the_context_closes_the_lab() -> None:
    """Every lab is closed the same way, though this one holds nothing."""
    with SimulatedLab(open_fault("healthy")) as lab:
        pass

    with pytest.raises(LabStateError):
        lab.snapshot()


def test_original_semantics_reach_the_lab() -> None:
    """The original drill, followed word by word, on its own TCP listener."""
    with SimulatedLab(open_fault("group-3", listener="TCP", semantics="original")) as lab:
        assert met(lab) == "504"


def test_the_transcript_is_the_originals_unless_another_client_is_named() -> None:
    """The lesson quotes the original's lines; a newer curl prints others."""
    snapshot = open_fault("group-1")

    assert SimulatedLab(snapshot).probe(QUESTION).transcript == (
        "curl: (7) Failed to connect to 192.0.2.10 port 80: Connection timed out"
    )
    assert SimulatedLab(snapshot, client="curl-7.88").probe(QUESTION).transcript.startswith("curl: (28)")


def test_the_date_is_fixed_unless_given() -> None:
    """Notebook outputs are compared; a clock would change them every second."""
    snapshot, date = open_fault("healthy"), "Mon, 01 Jan 2024 00:00:00 GMT"

    assert "Date: Tue, 22 Jul 2025 12:41:43 GMT" in SimulatedLab(snapshot).probe(QUESTION).transcript
    assert f"Date: {date}" in SimulatedLab(snapshot, date=date).probe(QUESTION).transcript


def test_probes_meet_every_possible_symptom_in_turn() -> None:
    """That some requests fail has to be seen to be believed, and the same on every run."""
    document = default_lab(listener="TCP")
    targets = document["listeners"]["lb-lab00001"][0]["Targets"]
    targets.append({**targets[0], "InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.35.12"]})
    document["instances"][1]["SecurityGroupIds"] = [CLB_GROUP]  # admits port 80, not the NodePort
    with SimulatedLab(Snapshot(document)) as lab:
        assert [met(lab) for _ in range(4)] == ["connect_timeout", "200", "connect_timeout", "200"]


def test_what_is_not_known_is_not_played() -> None:
    """A lab has to answer something; where the engine does not know, it says which fact is missing."""
    document = default_lab()
    del document["security_groups"][NODE_GROUP]
    with SimulatedLab(Snapshot(document)) as lab, pytest.raises(LabStateError, match=NODE_GROUP):
        lab.probe(QUESTION)


def test_health_that_was_observed_before_a_change_is_forgotten() -> None:
    """A repaired target would stay Dead for ever, and its requests away from it."""
    document = default_lab()
    entry = {"IP": "10.0.35.11", "Port": 30713, "TargetId": "ins-nodea001", "HealthStatusDetail": "Dead"}
    listeners = [{"ListenerId": "lbl-lab00001", "Rules": [{"LocationId": "loc-lab00001", "Targets": [entry]}]}]
    document["target_health"] = [{"LoadBalancerId": "lb-lab00001", "Listeners": listeners}]
    with SimulatedLab(Snapshot(document)) as lab:
        put(lab, NODE_GROUP)

        assert lab.snapshot().to_dict()["target_health"] is None


@pytest.mark.parametrize("group", [{}, {"SecurityGroupName": "not read"}])
def test_rules_that_were_not_read_are_not_empty(group: dict) -> None:
    """Showing an empty list would say that everything is dropped."""
    document = default_lab()
    document["security_groups"]["sg-unread01"] = group
    with SimulatedLab(Snapshot(document)) as lab, pytest.raises(DrillError):
        lab.rules("sg-unread01", INGRESS)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"name": "group-4"}, UnknownNameError),
        ({"name": "group-1", "listener": "UDP"}, InvalidInputError),
        ({"name": "group-1", "semantics": "seed"}, InvalidInputError),
    ],
)
def test_a_lab_that_cannot_be_opened_says_what_can(arguments: dict, error: type) -> None:
    """Names are typed by hand in a notebook."""
    with pytest.raises(error, match="Use"):
        SimulatedLab(open_fault(**arguments))


def test_a_question_that_cannot_be_asked_is_refused() -> None:
    """The lab asks no more and no less than the engine."""
    with SimulatedLab(open_fault("healthy")) as lab, pytest.raises(InvalidInputError):
        lab.probe(Question(client=f"{CLIENT}/32", service="shop/web"))


def test_a_connection_is_told_in_the_words_of_nc() -> None:
    """The ClusterIP is what was dialled, though the pod behind it drops; rules are changed by the same calls."""
    one, group = scenario("pod-to-pod"), "sg-mysql001"
    by_service = Connection(client="pod/shop/web-1", door="svc/db/mysql")  # its one port, unsaid
    with SimulatedLab(one.open()) as lab:
        before = lab.probe(by_service)
        put(lab, group, "ACCEPT TCP 10.0.36.11 3306")
        after = lab.probe(by_service)

    assert before.transcript == "nc: connect to 172.16.60.201 port 3306 (tcp) timed out: Operation now in progress"
    assert after.transcript == "Connection to 172.16.60.201 3306 port [tcp/mysql] succeeded!"
    assert (before.seconds, after.seconds) == (5, 0)


def test_a_connection_to_a_vip_is_a_request() -> None:
    asked = Connection(client="203.0.113.10", door="192.0.2.10", port=80)
    assert SimulatedLab(open_fault("group-2")).probe(asked).transcript.startswith("HTTP/1.1 504")


def test_a_connection_that_nobody_can_tell_is_no_observation() -> None:
    """What is let out to an address outside may be answered or not: the lab does not make something up."""
    asked = Connection(client="pod/shop/web-1", door="198.51.100.7", port=443)
    with pytest.raises(LabStateError, match="cannot answer"):
        SimulatedLab(scenario("pod-to-pod").open()).probe(asked)
