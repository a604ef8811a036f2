"""Who can reach the Service, as the panel says it: few blocks, everyone as a word, and what a change made of it."""

from dataclasses import replace
from ipaddress import ip_network
from random import Random

import pytest

from drilllib.core import overview as overview_module
from drilllib.core.drills import faults
from drilllib.core.drills.faults import open_fault
from drilllib.core.reach.clients import ClientClass, Reach, clients_from, possible_clients, reach
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.sets.boxes import blocks_of
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import TooComplexError
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.panel.client_blocks import few_blocks
from drilllib.views.panel.desk import Desk
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.reach_state import reach_of, reach_words
from drilllib.views.panel.static import static_outputs

QUESTION = Question(client="203.0.113.10", service="shop/web", port=80)
GROUPS = {"sg-clb00001": "80", "sg-node0001": "30713"}


def lab_with(*rules: str) -> SimulatedLab:
    """A healthy lab whose groups 1 and 2 have exactly these rules, each written for the port that is asked there."""
    lab = SimulatedLab(open_fault("healthy"))
    for group, port in GROUPS.items():
        lab.replace_rules(group, Direction.INGRESS, [rule_from_text(f"{rule} {port}") for rule in rules])
    return lab


def look(lab: SimulatedLab) -> LabReport:
    return Desk(lab, QUESTION).report()


def line(lab: SimulatedLab, language: str = "en") -> dict:
    (found,) = reach_of(look(lab), None, language)["lines"]
    return found


def two_targets(second_admits: str) -> dict:
    """The healthy lab at layer 4, where nothing is tried twice, with a second node, whose group is another."""
    document = faults.open_fault("healthy", listener="TCP").to_dict()
    node, target = document["instances"][0], document["listeners"]["lb-lab00001"][0]["Targets"][0]
    other = {"InstanceId": "ins-nodec001", "PrivateIpAddresses": ["10.0.35.77"]}
    document["instances"].append({**node, **other, "SecurityGroupIds": ["sg-other0001"]})
    status = {"addresses": [{"type": "InternalIP", "address": "10.0.35.77"}]}
    document["kubernetes"].append({"kind": "Node", "metadata": {"name": "node-c"}, "status": status})
    document["listeners"]["lb-lab00001"][0]["Targets"].append({**target, **other})
    rule = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": second_admits, "Port": "30713"}
    probes = {**rule, "CidrBlock": "100.64.0.0/10"}
    listed = {"Version": "1", "Ingress": [rule, probes], "Egress": [{**rule, "CidrBlock": "0.0.0.0/0", "Port": "ALL"}]}
    document["security_groups"]["sg-other0001"] = {"SecurityGroupPolicySet": listed}
    return document


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([], ""),
        (["ACCEPT TCP 203.0.113.0/24"], "203.0.113.0/24"),
        (["ACCEPT TCP 198.51.100.0/25", "ACCEPT TCP 198.51.100.128/25"], "198.51.100.0/24"),
        (["ACCEPT TCP 10.0.0.0/8"], ""),  # a public VIP sees no private address
        (["ACCEPT TCP 126.0.0.0/8"], "126.0.0.0/8"),  # not 126.0.0.0/7, though nobody asks from 127.0.0.0/8
        (["ACCEPT TCP 203.0.113.10"], "203.0.113.10"),
        (["ACCEPT TCP 0.0.0.0/0"], "everyone"),
        (["ACCEPT TCP 0.0.0.0/1", "ACCEPT TCP 128.0.0.0/1"], "everyone"),
        (["DROP TCP 198.51.100.0/24", "ACCEPT TCP 0.0.0.0/0"], "everyone except 198.51.100.0/24"),
        (["ACCEPT TCP 128.0.0.0/2"], "128.0.0.0/2"),
    ],
)
def test_clients_are_told_in_few_blocks(rules: list[str], told: str) -> None:
    found = line(lab_with(*rules))

    assert found["who"] == told
    assert found["look"] == ("always" if told else "nobody")
    assert found["world"] == told.startswith("everyone")
    assert found["note"] == ("open to the Internet" if found["world"] else "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_list_is_cut_after_its_widest_blocks(language: str) -> None:
    wide = [f"ACCEPT TCP {n}.0.0.0/16" for n in (20, 30, 40, 50)]
    narrow = [f"ACCEPT TCP 11.0.{n}.0/24" for n in range(1, 20, 2)]

    listed = {"en": "20.0.0.0/16, 30.0.0.0/16, 40.0.0.0/16, 50.0.0.0/16 and 10 more"}
    listed["zh"] = "20.0.0.0/16、30.0.0.0/16、40.0.0.0/16、50.0.0.0/16 和另外 10 个"
    assert line(lab_with(*narrow, *wide), language)["who"] == listed[language]


def test_the_blocks_hold_all_those_clients_and_no_others() -> None:
    """Random lists: every block is needed, and what it covers besides are no clients."""
    draw = Random(7)
    for _ in range(40):
        rules = [
            f"{draw.choice(('ACCEPT', 'DROP'))} TCP {ip_network((draw.getrandbits(32), size), strict=False)}"
            for size in (draw.randint(1, 30) for _ in range(8))
        ]
        (reached,) = reach(lab_with(*rules, "ACCEPT TCP 10.0.32.0/20").snapshot(), QUESTION)
        clients = reached.clients(Verdict.REACHABLE)
        others = reached.clients(*Verdict) - clients
        found = few_blocks(4, clients, others)
        covered = clients_from(map(ip_network, found))
        assert clients <= covered
        assert not covered & others
        assert len(found) <= len(blocks_of(clients))
        assert (
            len(set(found)) == len(found) == len([each for each in found if clients_from([ip_network(each)]) & clients])
        )


def changes(before: SimulatedLab, after: SimulatedLab, language: str = "en") -> list[tuple[str, str]]:
    told = reach_of(look(after), look(before), language)["changes"]
    return [(each["sign"], each["who"]) for each in told]


def test_a_change_is_told_by_who_gained_and_who_lost() -> None:
    first, second = (
        lab_with("ACCEPT TCP 203.0.113.0/24"),
        lab_with("ACCEPT TCP 203.0.113.0/25", "ACCEPT TCP 20.0.0.0/8"),
    )

    assert changes(first, second) == [("\N{MINUS SIGN}", "203.0.113.128/25"), ("+", "20.0.0.0/8")]
    assert changes(first, first) == []
    assert changes(first, lab_with("ACCEPT TCP 0.0.0.0/0"), "zh") == [("+", "所有人（不含 203.0.113.0/24）")]
    assert reach_of(look(first), None, "en")["changes"] is None


def test_some_requests_is_said_apart_from_all_and_so_is_the_way_there() -> None:
    sometimes = SimulatedLab(Snapshot(two_targets("203.0.113.0/25")))

    state = reach_of(look(sometimes), look(lab_with("ACCEPT TCP 203.0.113.0/24")), "en")

    assert [(each["look"], each["who"]) for each in state["lines"]] == [
        ("always", "203.0.113.0/25"),
        ("sometimes", "203.0.113.128/25"),
    ]
    assert state["changes"] == [{"sign": "", "said": "", "who": "203.0.113.128/25: always → sometimes"}]


@pytest.mark.parametrize(("language", "told"), [("en", "Not known: "), ("zh", "未知：")])
def test_what_is_not_known_is_named_once(language: str, told: str) -> None:
    document = faults.open_fault("healthy").to_dict()
    del document["security_groups"]["sg-node0001"]
    found = reach_of(Desk(SimulatedLab(Snapshot(document)), QUESTION, ["sg-clb00001"]).report(), None, language)[
        "lines"
    ]

    assert [(each["look"], each["who"]) for each in found] == [("unsure", "203.0.113.0/24")]
    assert found[0]["note"].startswith(told)
    assert "sg-node0001" in found[0]["note"]


def test_an_answer_that_is_too_complex_is_one_line_and_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_with("ACCEPT TCP 203.0.113.0/24")
    good = look(lab)

    def too_much(*_: object) -> None:
        raise TooComplexError("Too many parts", remedy="Ask about fewer rules")

    monkeypatch.setattr(overview_module, "reach", too_much)
    report = look(lab)

    assert report.observed is not None
    state = reach_of(report, good, "en")
    assert [(each["look"], each["who"]) for each in state["lines"]] == [
        ("unsure", "Too many parts. Ask about fewer rules.")
    ]
    assert state["changes"] is None
    assert reach_of(good, report, "en")["changes"] is None


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Who can reach the Service now:\n  always: everyone (open to the Internet)"),
        ("zh", "谁现在能访问：\n  始终可达：所有人（已对公网开放）"),
    ],
)
def test_the_still_says_the_same_without_what_changed(language: str, words: str) -> None:
    report = look(lab_with("ACCEPT TCP 0.0.0.0/0"))

    assert static_outputs(report, language)[1].text.endswith(f"\n\n{words}")
    nobody = reach_of(look(lab_with()), report, language)
    assert nobody["changes"]
    assert len(reach_words(nobody, language).splitlines()) == 2


@pytest.mark.parametrize(
    ("four", "six", "told"),
    [
        ("0.0.0.0/0", "::/0", "everyone"),
        ("0.0.0.0/0", "2001:db8::/32", "everyone in IPv4, 2001:db8::/32"),
        ("203.0.113.0/24", "::/0", "203.0.113.0/24, everyone in IPv6"),
    ],
)
def test_each_address_family_is_told(four: str, six: str, told: str) -> None:
    """A CLB may have a VIP of each."""
    report = look(lab_with(f"ACCEPT TCP {four}"))
    (reached,) = report.reached
    good = next(each.trace for each in reached.classes if each.trace.verdict is Verdict.REACHABLE)
    admitted = clients_from([ip_network(six)])
    classes = (ClientClass(admitted, good), ClientClass(possible_clients(6) - admitted, look(lab_with()).trace))
    other = Reach(Question(client="2001:db8::10", service="shop/web"), classes, FlowSet())

    state = reach_of(replace(report, reached=(reached, other)), None, "en")

    assert [each["who"] for each in state["lines"]] == [told]
