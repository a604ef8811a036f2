"""
What every lab has to do, whatever it is made of. Subclass `LabContract`, say how the lab is made, and run the file.

Only the Lab protocol is used. Times are not compared: a real client waits as long as it waits.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from typing import Any

import pytest

from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, POD_GROUP, SERVICE, default_lab
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.lab import Lab
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import LabStateError, UnknownNameError

INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
QUESTION = Question(client=CLIENT, service=SERVICE)
REPAIRS = {
    CLB_GROUP: "ACCEPT TCP 203.0.113.0/24 80",
    NODE_GROUP: "ACCEPT TCP 203.0.113.0/24 30713",
    POD_GROUP: "ACCEPT TCP 10.0.35.0/24 80",
}
FAULTY = {"group-1": CLB_GROUP, "group-2": NODE_GROUP, "group-3": POD_GROUP}
DROP_ALL = "DROP ALL 0.0.0.0/0 ALL"
EXTRA_GROUP = "sg-extra001"


def with_extra_group() -> Snapshot:
    """The default lab, and a group bound to nothing that drops everything."""
    document = default_lab()
    drop_all = {"PolicyIndex": 0, "Action": "DROP", "Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0"}
    document["security_groups"][EXTRA_GROUP] = {
        "SecurityGroupName": "drill-extra",
        "SecurityGroupPolicySet": {"Version": "1", "Ingress": [drop_all], "Egress": []},
    }
    return Snapshot(document)


def met(lab: Lab) -> str:
    """What one request met, in a word: 200, 504, connect_timeout..."""
    symptom = lab.probe(QUESTION).symptom
    return str(symptom.status) if symptom.kind == "http" else symptom.kind


def put(lab: Lab, group: str, *lines: str, direction: Direction = INGRESS) -> None:
    lab.replace_rules(group, direction, [rule_from_text(line) for line in lines])


def texts(lab: Lab, group: str, direction: Direction = INGRESS) -> list[str]:
    return [rule.text for rule in lab.rules(group, direction)]


def version(lab: Lab, group: str) -> int:
    return int(lab.snapshot().to_dict()["security_groups"][group]["SecurityGroupPolicySet"]["Version"])


class LabContract:
    """
    The tests. A subclass gives `make_lab`, and `calls_a_change` where the lab cannot replace a list by one call;
    *opens_connections*: it plays a `Connection`, too.
    """

    calls_a_change: int | None = 1
    opens_connections = False

    def make_lab(self, snapshot: Snapshot) -> Lab:
        """A new lab that starts as *snapshot*."""
        raise NotImplementedError

    @pytest.fixture
    def open_lab(self) -> Iterator[Callable[[Snapshot], Lab]]:
        """Open labs that are closed whatever becomes of the test."""
        with ExitStack() as stack:

            def opened(snapshot: Snapshot) -> Lab:
                lab = self.make_lab(snapshot)
                stack.callback(lab.close)
                return lab

            yield opened

    @pytest.fixture
    def lab(self, open_lab: Callable[[Snapshot], Lab]) -> Lab:
        """The default lab, and one group more."""
        return open_lab(with_extra_group())

    # What a request meets

    @pytest.mark.parametrize("listener", ["HTTP", "TCP"])
    def test_the_default_lab_answers_200(self, open_lab: Callable, listener: str) -> None:
        """Every exercise starts from a request that works."""
        observation = open_lab(open_fault("healthy", listener=listener)).probe(QUESTION)

        assert (observation.symptom.kind, observation.symptom.status) == ("http", 200)
        assert "200" in observation.transcript.splitlines()[0]

    @pytest.mark.parametrize(
        ("name", "listener", "symptom", "words"),
        [
            ("group-1", "HTTP", "connect_timeout", "curl: ("),
            ("group-2", "HTTP", "504", "HTTP/1.1 504 Gateway Time-out"),
            ("group-3", "HTTP", "504", "HTTP/1.1 504 Gateway Time-out"),
            ("group-1", "TCP", "connect_timeout", "curl: ("),
            ("group-2", "TCP", "connect_timeout", "curl: ("),
            ("group-3", "TCP", "connect_timeout", "curl: ("),
        ],
    )
    def test_each_group_has_its_symptom(
        self, open_lab: Callable, name: str, listener: str, symptom: str, words: str
    ) -> None:
        """The symptom is the first evidence a learner gets, so it must be the documented one in every lab."""
        lab = open_lab(open_fault(name, listener=listener))

        assert met(lab) == symptom
        assert lab.probe(QUESTION).transcript.splitlines()[0].startswith(words)

    def test_a_connection_is_met_as_the_engine_says_or_refused(self, lab: Lab) -> None:
        """A lesson between two workloads asks by the same call; a lab that cannot play it must not answer at all."""
        asked = Connection(client="node/node-a", door="pod/shop/web-1", port=80)
        for lines in ((REPAIRS[POD_GROUP],), ()):
            put(lab, POD_GROUP, *lines)
            if not self.opens_connections:
                with pytest.raises(LabStateError, match=asked.door):
                    lab.probe(asked)
                continue
            found = lab.probe(asked)
            assert (found.symptom,) == trace(lab.snapshot(), asked).symptoms
            assert found.symptom.kind == ("connected" if lines else "connect_timeout")

    # Repairing

    @pytest.mark.parametrize(("name", "group"), FAULTY.items(), ids=FAULTY)
    def test_a_repair_works_at_once(self, open_lab: Callable, name: str, group: str) -> None:
        """Security groups take effect on the next connection; a drill is a loop of change and probe."""
        lab = open_lab(open_fault(name))
        assert met(lab) != "200"

        put(lab, group, REPAIRS[group])

        assert met(lab) == "200"

    def test_several_faults_are_repaired_one_after_the_other(self, open_lab: Callable) -> None:
        """The original drill's way: each repair uncovers the next symptom."""
        lab = open_lab(open_fault("original-drill"))
        seen = [met(lab)]
        for group in (CLB_GROUP, NODE_GROUP, POD_GROUP):
            put(lab, group, REPAIRS[group])
            seen.append(met(lab))

        assert seen == ["connect_timeout", "504", "504", "200"]

    def test_breaking_and_repairing_again(self, lab: Lab) -> None:
        """Nothing may be left over from an earlier state."""
        for _ in range(2):
            put(lab, NODE_GROUP)
            assert met(lab) == "504"
            put(lab, NODE_GROUP, REPAIRS[NODE_GROUP])
            assert met(lab) == "200"

    def test_egress_rules_count(self, lab: Lab) -> None:
        """The node opens the connection to the remote pod itself."""
        put(lab, NODE_GROUP, direction=EGRESS)
        assert met(lab) == "504"

        put(lab, NODE_GROUP, "ACCEPT TCP 10.0.36.12 80", direction=EGRESS)
        assert met(lab) == "200"

    # Rules

    def test_the_order_of_rules_is_kept_and_decides(self, lab: Lab) -> None:
        """The same two rules, the other way round."""
        put(lab, NODE_GROUP, DROP_ALL, REPAIRS[NODE_GROUP])
        assert texts(lab, NODE_GROUP) == [DROP_ALL, REPAIRS[NODE_GROUP]]
        assert met(lab) == "504"

        put(lab, NODE_GROUP, REPAIRS[NODE_GROUP], DROP_ALL)
        assert texts(lab, NODE_GROUP) == [REPAIRS[NODE_GROUP], DROP_ALL]
        assert met(lab) == "200"

    def test_rules_are_replaced_as_a_whole_and_in_one_direction(self, lab: Lab) -> None:
        """Whoever adds a rule sends the list it read with the rule in its place."""
        put(lab, CLB_GROUP, DROP_ALL)

        assert texts(lab, CLB_GROUP) == [DROP_ALL]
        assert texts(lab, CLB_GROUP, EGRESS) == ["ACCEPT ALL 0.0.0.0/0 ALL"]

    def test_rules_read_can_be_written_back(self, lab: Lab) -> None:
        """Reading, inserting on top, writing: the usual edit."""
        lab.replace_rules(CLB_GROUP, INGRESS, [rule_from_text(DROP_ALL), *lab.rules(CLB_GROUP, INGRESS)])

        assert texts(lab, CLB_GROUP) == [DROP_ALL, REPAIRS[CLB_GROUP]]
        policies = lab.snapshot().to_dict()["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"]
        assert [each["PolicyIndex"] for each in policies] == [0, 1]

    def test_the_version_grows_with_each_change(self, lab: Lab) -> None:
        """The version guards an edit against a lost update; changing another group must not disturb it."""
        versions = [version(lab, NODE_GROUP)]
        put(lab, NODE_GROUP, DROP_ALL)
        versions.append(version(lab, NODE_GROUP))
        put(lab, NODE_GROUP, direction=EGRESS)
        versions.append(version(lab, NODE_GROUP))
        put(lab, CLB_GROUP, DROP_ALL)
        met(lab)

        assert versions[0] < versions[1] < versions[2] == version(lab, NODE_GROUP)
        if self.calls_a_change == 1:
            assert versions[2] == versions[0] + 2

    # Bindings

    def test_binding_replaces_and_its_order_decides(self, lab: Lab) -> None:
        """Binding order is priority: the blocking group below the other does nothing, on top it blocks."""
        lab.bind_groups("lb-lab00001", [CLB_GROUP, EXTRA_GROUP])
        assert met(lab) == "200"

        lab.bind_groups("lb-lab00001", [EXTRA_GROUP, CLB_GROUP])
        assert met(lab) == "connect_timeout"

        lab.bind_groups("lb-lab00001", [CLB_GROUP])
        assert met(lab) == "200"

    @pytest.mark.parametrize(
        ("resource", "symptom"),
        [("lb-lab00001", "connect_timeout"), ("ins-nodea001", "504"), ("eni-podsb001", "504"), ("ins-nodeb001", "200")],
    )
    def test_groups_are_bound_to_clbs_instances_and_interfaces(self, lab: Lab, resource: str, symptom: str) -> None:
        """Three kinds of resource; node-b's own interface is on nobody's way."""
        lab.bind_groups(resource, [EXTRA_GROUP])

        assert met(lab) == symptom

    def test_a_clb_without_groups_is_open(self, lab: Lab) -> None:
        """Documented: every listener's port is then open to everyone."""
        put(lab, CLB_GROUP)
        lab.bind_groups("lb-lab00001", [])

        assert met(lab) == "200"

    # What can be read back

    def test_the_snapshot_reflects_every_change(self, lab: Lab) -> None:
        """Grades, pictures and explanations are made from the snapshot, not from the lab."""
        before = lab.snapshot().to_dict()
        put(lab, CLB_GROUP, DROP_ALL)
        lab.bind_groups("ins-nodea001", [NODE_GROUP, EXTRA_GROUP])
        after = lab.snapshot()

        assert [rule.text for rule in after.groups[CLB_GROUP].ingress] == [DROP_ALL]
        assert after.to_dict()["instances"][0]["SecurityGroupIds"] == [NODE_GROUP, EXTRA_GROUP]
        assert before["instances"][0]["SecurityGroupIds"] == [NODE_GROUP]

    def test_a_lab_starts_as_the_snapshot_it_was_given(self, open_lab: Callable) -> None:
        """What the learner is told and what the lab does are one document."""
        snapshot = open_fault("original-drill")
        rules, given = (each.to_dict()["security_groups"] for each in (open_lab(snapshot).snapshot(), snapshot))

        assert {name: each["SecurityGroupPolicySet"] for name, each in rules.items()} == {
            name: each["SecurityGroupPolicySet"] for name, each in given.items()
        }

    def test_the_callers_snapshot_stays_as_it_was(self, open_lab: Callable) -> None:
        """Two learners may start from one snapshot."""
        snapshot = with_extra_group()
        before = deepcopy(snapshot.to_dict())
        first, second = open_lab(snapshot), open_lab(snapshot)
        put(first, CLB_GROUP)
        first.bind_groups("eni-podsb001", [EXTRA_GROUP])

        assert snapshot.to_dict() == before
        assert met(second) == "200"

    # What is refused

    @pytest.mark.parametrize(
        ("use", "known"),
        [
            (lambda lab: lab.rules("sg-none0001", INGRESS), CLB_GROUP),
            (lambda lab: lab.replace_rules("sg-none0001", INGRESS, []), CLB_GROUP),
            (lambda lab: lab.bind_groups("lb-lab00001", [CLB_GROUP, "sg-none0001"]), CLB_GROUP),
            (lambda lab: lab.bind_groups("lb-none0001", [CLB_GROUP]), "lb-lab00001"),
            (lambda lab: lab.probe(Question(client=CLIENT, service="shop/none")), SERVICE),
        ],
        ids=["rules", "replace_rules", "bind an unknown group", "bind to an unknown resource", "probe"],
    )
    def test_an_unknown_name_is_refused_and_nothing_changes(
        self, lab: Lab, use: Callable[[Lab], Any], known: str
    ) -> None:
        """The names that are there come with the refusal; half a change would be worse than none."""
        before = lab.snapshot().to_dict()
        with pytest.raises(UnknownNameError) as caught:
            use(lab)

        assert known in str(caught.value)
        assert lab.snapshot().to_dict() == before

    def test_closing_twice_is_fine(self, open_lab: Callable) -> None:
        """A notebook cell and the context it runs in may both clean up."""
        lab = open_lab(open_fault("healthy"))
        lab.close()
        lab.close()

    @pytest.mark.parametrize(
        "use",
        [
            lambda lab: lab.snapshot(),
            lambda lab: lab.rules(CLB_GROUP, INGRESS),
            lambda lab: lab.replace_rules(CLB_GROUP, INGRESS, []),
            lambda lab: lab.bind_groups("lb-lab00001", []),
            lambda lab: lab.probe(QUESTION),
        ],
        ids=["snapshot", "rules", "replace_rules", "bind_groups", "probe"],
    )
    def test_a_closed_lab_says_so(self, open_lab: Callable, use: Callable[[Lab], Any]) -> None:
        """An answer from a lab that is gone would be a guess."""
        lab = open_lab(open_fault("healthy"))
        lab.close()

        with pytest.raises(LabStateError):
            use(lab)
