"""Lesson 10's own Service: read over the wire from a cloud on this machine, and diagnosed as the engine does."""

import json
import re
from collections.abc import Iterator

import pytest

from drilllib.core.diagnosis.diagnose import diagnose_ports
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError
from drilllib.lesson.own_service import FAULT, SERVICE, OwnService

for package in ("kubernetes", "tencentcloud", "trustme"):
    pytest.importorskip(package, reason=f"{package} is not installed")


@pytest.fixture(scope="module")
def own() -> Iterator[OwnService]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DRILL_LANG", "en")
        made = OwnService()
    yield made
    made.cloud.close()


def test_what_is_read_has_the_answer_of_the_cluster_that_is_there(own: OwnService) -> None:
    question = Question(client="203.0.113.10", service=SERVICE)
    there, read = trace(open_fault(FAULT), question), trace(own.snapshot(), question)
    assert (read.verdict, read.reason) == (there.verdict, there.reason)
    assert [str(each) for each in read.blockers] == [str(each) for each in there.blockers]


def test_no_key_is_in_any_output(own: OwnService) -> None:
    said = [own.rights(), own.read(), own.diagnose(), own.details(), own.picture(), own.to_give_away()]
    secrets = (own.cloud.access.secret_id, own.cloud.access.secret_key)
    assert not any(key in each.text for each in said for key in secrets)
    assert "lb-lab00001" not in said[-1].text


def test_whoever_is_given_the_snapshot_can_ask_about_the_client(own: OwnService) -> None:
    given = Snapshot(json.loads(own.to_give_away().text))
    (service,) = (each for each in given.service_names() if not each.endswith("/kubernetes"))
    (found,) = diagnose_ports(given, Question(service=service), [own.client_there().text])

    own_answer = trace(own.snapshot(), Question(client=own.client, service=SERVICE))
    assert (found.worst.answer.verdict, found.worst.answer.reason) == (own_answer.verdict, own_answer.reason)
    assert own.client_there().text != own.client


def test_your_own_cluster_is_not_changed_from_here() -> None:
    with pytest.raises(InvalidInputError, match="not changed from here"):
        OwnService("shop/web").sh("kubectl delete service web")


def test_the_rights_are_those_of_the_service_and_nothing_is_read_for_them() -> None:
    """There are no keys here, and no cluster."""
    text = OwnService("bank/pay").rights().text
    assert '"bank"' in text
    assert "clb:DescribeListeners" in text
    assert "secrets" not in text


def test_the_printed_commands_repair_it(own: OwnService) -> None:
    """By the clients of the practice cluster, one after the other; then it is read again."""
    assert "nothing was run" in own.sh("tccli vpc ...").text
    told = own.details().text.partition("\ntccli:\n")[2]
    commands = [each.strip() for each in re.findall(r"^  (tccli .*)$", told, re.MULTILINE)][:3]
    for each in commands:
        own.sh(each)
    own.read()
    assert "reachable" in own.diagnose().text.splitlines()[0]
    assert "200" in own.diagnose().text.splitlines()[1]


def test_a_colleagues_rule_is_kept_when_a_change_is_taken_back() -> None:
    """Lesson 11 as a whole: written with a guard, somebody else's rule on top, and one's own taken back."""
    own = OwnService(fault="group-2")
    with own.cloud:
        before = str(own.rules("sg-node0001")).splitlines()[1:]
        written = own.sh("drill fix web -n shop --from 203.0.113.0/24 --apply --yes --for 2h")
        theirs = str(own.colleague("sg-node0001", "ACCEPT TCP 198.51.100.7 22")).splitlines()[1]
        own.sh("drill rollback")
        after = str(own.rules("sg-node0001")).splitlines()[1:]

    assert "drill rollback" in str(written)
    assert theirs.strip() == "[0] ACCEPT TCP 198.51.100.7 22"
    assert [line.partition("] ")[2] for line in after] == [
        "ACCEPT TCP 198.51.100.7 22",
        *(line.partition("] ")[2] for line in before),
    ]


def test_what_the_cloud_refuses_a_colleague_is_told() -> None:
    own = OwnService(fault="group-2")
    with own.cloud, pytest.raises(InvalidInputError, match="DuplicatePolicy"):
        own.colleague("sg-node0001", "DROP ALL 0.0.0.0/0 ALL")
