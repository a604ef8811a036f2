"""A drill in somebody's cluster: when it is played there, what is refused, and whose change wins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.clients.checks import require_service
from drilllib.core.capture.asks import Wanted
from drilllib.core.drills.default_lab import BALANCER, CLB_GROUP, CLIENT, NODE_GROUP, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, LabStateError, UnknownNameError
from drilllib.guard.apply import Guard
from drilllib.guard.consent import NoConsentError
from drilllib.guard.errors import ConflictError, OpenToWorldError
from drilllib.guard.journal import Journal
from drilllib.guard.journals import read
from drilllib.labs.live.opening import Session
from drilllib.labs.live.roles import PARTS
from drilllib.labs.live.settings import LiveSettings, settings_of
from drilllib.labs.live.start import NotPlayableError
from tests.labs import foreign
from tests.labs.live import InProcessCloud, consented

INGRESS = Direction.INGRESS
NAMED = LiveSettings(groups=PARTS)
QUESTION = Question(client=CLIENT, service=SERVICE)
Opened = Callable[..., tuple[InProcessCloud, Session]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A session with a cluster that starts healthy, or as it is said."""

    def made(document: dict[str, Any] | None = None, **words: Any) -> tuple[InProcessCloud, Session]:
        cloud = InProcessCloud(consented(document or open_fault("healthy").to_dict()), tmp_path, **words)
        return cloud, cloud.session(NAMED)

    return made


def rules(cloud: InProcessCloud) -> dict[str, Any]:
    """Every group's lists as the cloud has them."""
    groups = cloud.cloud.state.snapshot().groups
    return {
        name: [[rule.text for rule in group.rules(side) or ()] for side in Direction] for name, group in groups.items()
    }


def by_hand(cloud: InProcessCloud, group: str, *lines: str) -> None:
    """Somebody else's change, in the console."""
    with cloud.cloud.state.writing(settled=True) as held:
        policies = [{**rule_from_text(line).policy, "PolicyIndex": at} for at, line in enumerate(lines)]
        old = held["security_groups"][group]["SecurityGroupPolicySet"]
        new = {**old, "Version": str(int(old["Version"]) + 1), "Ingress": policies}
        held["security_groups"][group] = {**held["security_groups"][group], "SecurityGroupPolicySet": new}


@pytest.mark.parametrize("fault", ["group-1", "group-2", "group-3"])
def test_a_drill_begins_by_writing_its_rules_and_rollback_takes_them_back(opened: Opened, fault: str) -> None:
    """The cluster becomes the drill, the client meets its symptom, and one journal leads back."""
    cloud, session = opened()
    before = rules(cloud)
    lab = session.open(open_fault(fault))
    met = lab.probe(QUESTION).symptom
    expected = InProcessCloud(open_fault(fault).to_dict(), cloud.folder).ask(
        Question(client=CLIENT, vip="192.0.2.10", port=80)
    )
    assert (rules(cloud) != before, met.status) == (True, expected.symptom.status)

    cast(Guard, lab._guard).rollback()
    lab.close()

    assert rules(cloud) == before


def test_a_strangers_cluster_is_played_under_the_lessons_names(tmp_path: Path) -> None:
    """Other ids and addresses: the rule that the learner writes is written for the address that really asks."""
    document = consented(foreign.foreign(open_fault("healthy")))
    cloud = InProcessCloud(document, tmp_path, client=foreign.CLIENT)
    named = {part: foreign.GROUPS[group] for part, group in PARTS.items()}
    lab = cloud.session(LiveSettings(groups=named, client=foreign.CLIENT)).open(open_fault("group-2"))
    lab.replace_rules(NODE_GROUP, INGRESS, [rule_from_text(f"ACCEPT TCP {CLIENT} 30713")])
    met = lab.probe(QUESTION)

    assert met.symptom.status == 200
    assert rules(cloud)[foreign.GROUPS[NODE_GROUP]][0] == [f"ACCEPT TCP {foreign.CLIENT} 31888"]


def test_nothing_is_written_where_nobody_has_consented(tmp_path: Path) -> None:
    """The message has the command that the owner types."""
    cloud = InProcessCloud(open_fault("group-2").to_dict(), tmp_path)
    before = rules(cloud)
    with pytest.raises(NoConsentError, match="kubectl create configmap"):
        cloud.session(NAMED).open(open_fault("healthy"))

    assert rules(cloud) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "listener", "said"),
    [
        ("group-2", "TCP", "TCP 80; the cluster has: HTTP 80"),
        ("local-policy", "HTTP", "no mark of a drill"),
        ("same-node", "HTTP", "pods on the nodes: node-a"),
        ("pass-to-target", "HTTP", "pass-to-target: True.*is not done to a real cluster"),
        ("two-groups", "HTTP", "security groups: sg-old00001"),
        ("inherited", "HTTP", "add-on eniipamd"),
        ("direct-access", "HTTP", "no mark of a drill"),
    ],
)
def test_what_no_rule_can_make_is_told_before_anything_is_written(
    opened: Opened, fault: str, listener: str, said: str
) -> None:
    """The lesson then goes on in the simulated lab; the cluster, and the lab that is played there, stay as they are."""
    cloud, session = opened()
    lab = session.open(open_fault("group-2"))
    before = rules(cloud)
    with pytest.raises(NotPlayableError, match=said):
        session.open(open_fault(fault, listener=listener))

    assert rules(cloud) == before
    assert lab.probe(QUESTION).symptom.status == 504


def test_nothing_opens_to_the_world_but_by_name(opened: Opened) -> None:
    """The original drill's SSH rule for everybody is written only where the user has named the part."""
    cloud, session = opened()
    with pytest.raises(
        NotPlayableError, match=r"open to the whole world.*-p open_to_world=clb, or DRILL_OPEN_TO_WORLD"
    ):
        session.open(open_fault("original-drill"))
    lab = cloud.session(LiveSettings(groups=PARTS, world=("clb",))).open(open_fault("original-drill"))

    assert "ACCEPT TCP 0.0.0.0/0 22" in [rule.text for rule in lab.rules(CLB_GROUP, INGRESS)]


def test_what_a_learner_opens_to_the_world_is_refused_in_the_lesson_s_own_words(opened: Opened) -> None:
    """No option of a command is named, which a notebook has not; the part is that of the group that would be open."""
    _, session = opened()
    lab = session.open(open_fault("group-2"))
    with pytest.raises(OpenToWorldError, match="open_to_world=node") as refused:
        lab.replace_rules(NODE_GROUP, INGRESS, [rule_from_text("ACCEPT TCP 0.0.0.0/0 30713")])

    assert "--" not in str(refused.value)


def test_one_drill_at_a_time_is_played(opened: Opened) -> None:
    """The next lesson takes the cluster over, and the one before says so instead of showing the other's state."""
    _, session = opened()
    first = session.open(open_fault("group-2"))
    second = session.open(open_fault("group-1"))
    with pytest.raises(LabStateError, match="Another drill"):
        first.snapshot()

    assert second.probe(QUESTION).symptom.status is None


def test_somebody_elses_change_is_told_and_stays(opened: Opened) -> None:
    """A list that was changed since it was shown is not written over; the next look shows it."""
    cloud, session = opened()
    lab = session.open(open_fault("group-2"))
    shown = lab.rules(NODE_GROUP, INGRESS)
    by_hand(cloud, NODE_GROUP, "ACCEPT TCP 10.9.9.9 22")
    with pytest.raises(ConflictError):
        lab.replace_rules(NODE_GROUP, INGRESS, shown[1:])

    assert rules(cloud)[NODE_GROUP][0] == ["ACCEPT TCP 10.9.9.9 22"]
    assert [rule.text for rule in lab.rules(NODE_GROUP, INGRESS)] == ["ACCEPT TCP 10.9.9.9 22"]


def test_a_second_process_on_the_same_groups_is_refused(opened: Opened) -> None:
    """Whose process has them is said."""
    cloud, session = opened()
    session.open(open_fault("group-2"))
    with pytest.raises(ConflictError, match="process"):
        cloud.session(NAMED).open(open_fault("group-1"))


def test_a_request_comes_from_here_only(opened: Opened) -> None:
    """Nobody can send packets in another's name."""
    _, session = opened()
    lab = session.open(open_fault("healthy"))
    with pytest.raises(LabStateError, match="trace"):
        lab.probe(Question(client="198.51.100.7", service=SERVICE))


def test_bindings_that_their_owner_puts_back_are_no_success(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Service's annotation owns the CLB's groups: whatever is said, it is not that all is well."""
    monkeypatch.setattr("drilllib.guard.writer.WAITS_S", (0.0, 0.0))
    _, session = opened()
    lab = session.open(open_fault("healthy"))
    with pytest.raises(DrillError):
        lab.bind_groups(BALANCER, [NODE_GROUP])


def test_one_session_has_one_journal(opened: Opened) -> None:
    """Several drills in one notebook are taken back at once."""
    cloud, session = opened()
    for fault in ("group-1", "group-2", "healthy"):
        session.open(open_fault(fault)).close()
    journals = list(cloud.folder.glob("*.jsonl"))

    assert len(journals) == 1
    with Journal.open(journals[0]) as journal:
        assert journal.head["cluster"] == "cls-lab00001"


def test_a_journal_that_was_closed_meanwhile_is_not_continued(opened: Opened) -> None:
    """After a `drill rollback` between two drills the next one begins another, which that command finds."""
    cloud, session = opened()
    session.open(open_fault("group-1")).close()
    (first,) = cloud.folder.glob("*.jsonl")
    with Journal.open(first) as journal:
        journal.close("rolled back")
    session.open(open_fault("group-2")).close()

    (second,) = {*cloud.folder.glob("*.jsonl")} - {first}
    assert (read(first).is_open, read(second).is_open) == (False, True)


@pytest.mark.parametrize("groups", ["front=sg-1", "clb=sg-1,x"])
def test_a_part_that_is_none_is_told(groups: str) -> None:
    with pytest.raises(DrillError, match="no part of a drill"):
        settings_of({"DRILL_GROUPS": groups})


def test_a_service_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    """One line, as of a capture."""
    cloud = InProcessCloud(consented(open_fault("healthy").to_dict()), tmp_path)
    reading = cloud.reading()
    reading.rounds.wanted = Wanted("shop/none")
    reading.rounds.checked = require_service
    with pytest.raises(UnknownNameError, match="web"):
        reading.document()
