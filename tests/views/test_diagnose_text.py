"""The first screen of a diagnosis: ten lines, in both languages, that nobody's names can spoil."""

from copy import deepcopy
from dataclasses import replace

import pytest

from bench.crowds import crowd
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.worlds.make import make_world
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError
from drilllib.practice.library import drill, names
from drilllib.views.text import diagnose as text
from drilllib.views.text import diagnosed
from tests.fuzz.hostile import HOSTILE, everywhere, is_harmless
from tests.thorough import how_many

CLIENT = "203.0.113.10"
ASKED = Question(service="shop/web")
SCREEN = 10  # lines, and two more where health checks or findings are told as well
LANGUAGES = ("zh", "en")


def answered(snapshot: Snapshot, *clients: str) -> Diagnosis:
    return diagnose(snapshot, ASKED, clients or (CLIENT,))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fault", ["original-drill", "two-groups", "local-policy", "udp", "healthy"])
def test_a_diagnosis_reads_as_it_always_did(fault: str, language: str, golden) -> None:
    snapshot = open_fault(fault)
    golden(f"diagnose-{fault}.{language}.txt", text.diagnosis_text(snapshot, answered(snapshot), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_undetermined_one_reads_as_it_always_did(language: str, golden) -> None:
    """What is missing, what it could change, and the command that reads it."""
    document = default_lab()
    del document["security_groups"]["sg-node0001"]
    snapshot = Snapshot(document)
    golden(f"diagnose-unread.{language}.txt", "\n".join(text.screen_lines(snapshot, answered(snapshot), language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_has_ten_lines_at_most(language: str) -> None:
    for fault in FAULTS:
        snapshot = open_fault(fault)
        assert len([*text.screen_lines(snapshot, answered(snapshot), language)]) <= SCREEN, fault
    for name in names():
        played = drill(name)
        world = make_world(played, 0, played.levels[0])
        found = diagnose(world.snapshot, world.question, [world.question.client])
        assert len([*text.screen_lines(world.snapshot, found, language)]) <= SCREEN, name


@pytest.mark.parametrize("part", ["kubernetes", "network_interfaces"])
def test_a_change_that_may_not_be_enough_names_what_it_hangs_on(part: str) -> None:
    """Nothing but that is left open: before the change the answer is certain."""
    document = open_fault("group-2").to_dict()
    document[part] = [each for each in document[part] if part == "kubernetes" and each["kind"] != "Node"] or None
    snapshot = Snapshot(document)
    found = answered(snapshot)
    rows = {row.label: row.text for row in text.screen(snapshot, found, "en")}

    assert "whether it is enough is not known" in rows["change"]
    assert rows["not known"].startswith("whether the change is enough: ")
    assert str(found.open_after[0]) in rows["not known"]
    assert rows["look next"].startswith(("kubectl get nodes -o yaml", "tccli vpc DescribeNetworkInterfaces"))


def test_of_several_commands_the_first_is_told_as_one_of_them() -> None:
    snapshot = open_fault("original-drill")
    rows = {row.label: row.text for row in text.screen(snapshot, answered(snapshot), "en")}

    assert rows["by (1 of 3)"].startswith("tccli")
    assert "by" not in rows
    assert "(and 1 more, below)" in rows["change"]


def test_a_request_to_port_443_is_https_where_no_listener_says_so() -> None:
    snapshot = Snapshot(default_lab())
    found = diagnose(snapshot, replace(ASKED, port=443), [CLIENT])

    assert "curl -I https://192.0.2.10 from" in text.diagnosis_text(snapshot, found, "en")


def test_the_first_screen_says_it_all() -> None:
    """What is met, where it stops and by which rule, the change with its command, what it opens, what is assumed."""
    snapshot = open_fault("two-groups")
    shown = "\n".join(text.screen_lines(snapshot, answered(snapshot), "en"))

    for said in (
        "unreachable: no request succeeds",
        "504 Gateway Time-out",
        "NodePort node-a STOPS",
        "DROP by sg-old00001 ingress[0]",
        "sg-old00001 ingress: insert before index 0: ACCEPT TCP 203.0.113.10 30713",
        "$ tccli vpc CreateSecurityGroupPolicies",
        "also opens  ins-nodeb001",
        "7: CLUSTER_SNAT_USES_NODE_ADDRESS",
        "not known   nothing",
    ):
        assert said in shown


def test_other_clients_are_told_with_the_one_who_fares_worst() -> None:
    snapshot = open_fault("first-steps")
    shown = [*text.screen_lines(snapshot, answered(snapshot, CLIENT, "10.0.36.12"), "en")]

    assert f"from {CLIENT}" in shown[1]
    assert "others: 10.0.36.12" in shown[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_can_end_a_line_or_begin_one(language: str) -> None:
    """The names come from a cluster, whose owners may not be the reader's friends."""
    document = open_fault("original-drill").to_dict()
    count = len(text.diagnosis_text(Snapshot(document), answered(Snapshot(document)), "en").split("\n"))
    parts = how_many(len(LANGUAGES), thorough=1)  # each name in one language, or all in each
    for place, name in [*enumerate(HOSTILE)][LANGUAGES.index(language) % parts :: parts]:
        old = ("web-1", "node-a", "sg-node0001", "lb-lab00001")[place % 4]
        try:
            snapshot = Snapshot(everywhere(deepcopy(document), old, f"x{name}"))
            shown = text.diagnosis_text(snapshot, answered(snapshot), language).split("\n")
        except DrillError:
            continue
        assert all(map(is_harmless, shown)), ascii(name)
        assert len(shown) <= count + 5, ascii(name)


def test_a_table_has_a_line_for_each_port() -> None:
    snapshot = open_fault("group-2")
    lines = [*diagnosed.summary_lines([answered(snapshot)], "en")]

    assert lines[0].split() == ["SERVICE", "ADDRESS", "FROM", "VERDICT", "WHY"]
    assert lines[1].split()[:4] == ["shop/web", "192.0.2.10:80", CLIENT, "unreachable"]
    assert lines[3] == "unreachable 1"


def test_what_was_refused_is_on_the_first_screen_with_what_to_grant() -> None:
    """Whoever lacks a right at night has to see it where they look first."""
    why = "not allowed (UnauthorizedOperation); grant vpc:DescribeNetworkInterfaces"
    gaps = [{"what": "vpc DescribeNetworkInterfaces", "why": why}, {"what": "nodes", "why": "not allowed"}]
    snapshot = Snapshot({**open_fault("group-2").to_dict(), "gaps": gaps})
    (line,) = (each for each in text.screen_lines(snapshot, answered(snapshot), "en") if each.startswith("not known"))

    assert line.endswith(f"; 2 not read: vpc DescribeNetworkInterfaces ({why}), ...")


def test_one_of_many_unknowns_is_not_called_decisive() -> None:
    """Where nodes have groups of their own and none was read, no single read tells the answer."""
    document = crowd(20, 20, 5)
    for group in [each for each in document["security_groups"] if each.startswith("sg-node")]:
        del document["security_groups"][group]
    snapshot = Snapshot(document)
    shown = "\n".join(text.unknown_lines(snapshot, answered(snapshot), "en"))

    assert "one of several facts on which the answer hangs" in shown
    assert "it is still undetermined; if not, it is still undetermined" not in shown


def test_a_change_of_which_it_is_not_known_whether_it_is_enough_says_so() -> None:
    """To call it too little would be a claim that nobody can make."""
    document = open_fault("group-2").to_dict()
    del document["network_interfaces"]
    snapshot = Snapshot(document)
    found = answered(snapshot)
    shown = "\n".join(text.screen_lines(snapshot, found, "en"))

    assert "(needed; whether it is enough is not known)" in shown
    assert "look next" in shown
    assert "DescribeNetworkInterfaces" in shown


def test_a_client_whom_no_change_is_for_is_told_beside_the_change_for_the_others() -> None:
    """One inside the cluster is none that a repair is asked for; where all get through that is no news."""
    snapshot, asked = open_fault("group-2"), Question(service="shop/web")
    broken = diagnose(snapshot, asked, ["203.0.113.10", "10.0.0.11"])
    change = next(each for each in text.diagnosis_text(snapshot, broken, "en").split("\n") if each.startswith("change"))
    assert "insert before index 2" in change
    assert "for some clients no change is proposed: No client of 192.0.2.10 is in 10.0.0.11/32" in change

    healthy = open_fault("healthy")
    found = replace(diagnose(healthy, asked, ["203.0.113.10"]), no_repair=broken.no_repair)
    assert "no change is proposed" not in text.diagnosis_text(healthy, found, "en")
