"""What `drill lint` prints, line by line; every sentence it has is said here once, in both languages."""

from collections.abc import Iterator

import pytest

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, POD_GROUP, default_lab, policy
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.drills.variants import add_group, set_ingress
from drilllib.core.lint.findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint.linter import lint_groups, lint_snapshot
from drilllib.core.rules.members import Directory, Members
from drilllib.core.rules.policies import group_from_policy_set, rule_from_text
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.findings import FindingCode
from drilllib.views.text.lint import lint_text
from tests.messages import messages, read

PARTS = {*LintCode, "CANCELLED", "WRONG_PORT", "QUOTA", "delete", "renumber"}
RULES = """
DROP TCP 10.1.0.0/25 80
DROP TCP 10.1.0.128/25 80
ACCEPT TCP 10.1.0.0/24 80
ACCEPT TCP 10.2.0.0/16 80
DROP TCP 10.2.3.4 80
ACCEPT TCP 10.2.4.0/24 80
ACCEPT TCP 10.3.0.1 443
DROP TCP 10.3.0.0/31 443
ACCEPT TCP 10.3.0.1 440-450
ACCEPT ICMPV6 10.0.0.0/8
ACCEPT TCP ipm-none 80
ACCEPT TCP 0.0.0.0/8 7000
ACCEPT TCP 10.9.0.5/24 8080
ACCEPT TCP 0.0.0.0/0 22,3389
ACCEPT TCP 0.0.0.0/0 3306
ACCEPT UDP 0.0.0.0/0 30000-32767
ACCEPT GRE 10.7.0.0/25
ACCEPT GRE 10.7.0.0/24
DROP ICMP 10.8.0.0/24
DROP ICMP 10.8.0.0/16
ACCEPT ICMP 10.0.0.0/8
ACCEPT ALL ::/0
DROP ALL 172.16.0.0/12
"""
NAMES = Directory(peers={"ipm-none": Members()}, services={"ppm-6": (("ICMPV6", None),)})
HOST = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": "10.20.0.1"}
INDEXED = [{**HOST, "Port": "1", "PolicyIndex": 4}, {**HOST, "Port": "9", "PolicyIndex": 4}]
SERVICE = {"Action": "ACCEPT", "CidrBlock": "10.0.0.0/8", "ServiceTemplate": {"ServiceId": "ppm-6"}}


def of_groups() -> tuple[LintFinding, ...]:
    """Findings about one file with nearly everything in it, and about a small one."""
    lines = tuple(map(rule_from_text, RULES.strip().splitlines()))
    strange = group_from_policy_set("sg-b", {"Ingress": INDEXED, "Egress": [SERVICE]}, NAMES)
    hosts = tuple(rule_from_text(f"ACCEPT TCP 10.30.0.{each * 2} 80") for each in range(85))
    return (
        *lint_groups([SecurityGroup("sg-a", lines, (), NAMES)]),
        *lint_groups([strange]),
        *lint_groups([SecurityGroup("sg-c", hosts, ())]),
        *lint_groups([SecurityGroup(f"sg-{each}", (), ()) for each in range(6)]),
    )


def of_snapshot() -> tuple[LintFinding, ...]:
    """Findings that only a snapshot can show."""
    document = default_lab()
    everything = policy("ACCEPT", "ALL", "0.0.0.0/0", "ALL")
    for name in ("sg-first", "sg-loose"):
        add_group(document, name)
    set_ingress(
        document, "sg-first", policy("DROP", "TCP", "203.0.113.0/24", "30713"), policy("ACCEPT", "TCP", "10.0.0.9", "1")
    )
    set_ingress(
        document, NODE_GROUP, policy("ACCEPT", "TCP", "203.0.113.0/24", "30713"), policy("DROP", "TCP", "10.0.0.9", "1")
    )
    set_ingress(document, "sg-loose", everything)
    set_ingress(document, POD_GROUP, *_naming("sg-gone", "ipm-gone", "ipmg-a"))
    document["address_template_groups"]["ipmg-a"] = {"AddressTemplateIdSet": ["ipm-lost"]}
    for instance in document["instances"]:
        instance["SecurityGroupIds"] = ["sg-first", NODE_GROUP, "sg-unread"]
    set_ingress(document, CLB_GROUP, policy("ACCEPT", "TCP", "0.0.0.0/0", "22"), everything)
    return lint_snapshot(Snapshot(document))


def of_ports() -> tuple[LintFinding, ...]:
    """Findings about ports in the wrong place, and about a rule that drops what probes are thought to need."""
    document = default_lab()
    set_ingress(document, NODE_GROUP, policy("ACCEPT", "TCP", "203.0.113.0/24", "80"))
    world = policy("ACCEPT", "TCP", "0.0.0.0/0", "80")
    set_ingress(document, CLB_GROUP, policy("DROP", "TCP", "100.64.0.0/10", "80"), world)
    return lint_snapshot(Snapshot(document))


def of_targets() -> tuple[LintFinding, ...]:
    """Findings about what targets and pods are asked, of three snapshots."""
    return tuple(each for document in _with_mistaken_targets() for each in lint_snapshot(Snapshot(document)))


def _with_mistaken_targets() -> Iterator[dict]:
    clients, vip = policy("ACCEPT", "TCP", "203.0.113.0/24", "30713"), policy("ACCEPT", "TCP", "192.0.2.10", "30713")
    first = default_lab()
    set_ingress(first, NODE_GROUP, clients, vip)
    set_ingress(first, POD_GROUP, policy("ACCEPT", "TCP", "10.0.35.0/24", "30713"))
    yield first
    for registered in (1, 2):
        document = default_lab()
        for name in ("sg-deny", "sg-empty"):
            add_group(document, name)
        set_ingress(document, "sg-deny", policy("DROP", "ALL", "0.0.0.0/0", "ALL"))
        document["instances"][0]["SecurityGroupIds"] = ["sg-deny", "sg-empty", NODE_GROUP]
        document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Egress"] = []
        (rule,) = document["listeners"]["lb-lab00001"][0]["Rules"]
        node_b = {"InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.35.12"]}
        rule["Targets"] += [{**rule["Targets"][0], **node_b}] if registered == 2 else []
        yield document


def _naming(group: str, template: str, templates: str) -> list[dict]:
    rule = {"Action": "ACCEPT", "Protocol": "TCP", "Port": "80"}
    peers = {"SecurityGroupId": group}, {"AddressTemplate": {"AddressId": template}}
    return [{**rule, **each} for each in (*peers, {"AddressTemplate": {"AddressGroupId": templates}})]


def examples() -> list[tuple[str, tuple[LintFinding, ...]]]:
    every = [(fault, lint_snapshot(open_fault(fault))) for fault in FAULTS]
    return [each for each in every if each[1]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_findings_read_as_they_always_did(language: str, golden) -> None:
    """Wording wins or loses trust; a change to it is made on purpose."""
    golden(f"lint-groups.{language}.txt", lint_text(of_groups(), language))
    golden(f"lint-snapshot.{language}.txt", lint_text(of_snapshot(), language))
    golden(f"lint-ports.{language}.txt", lint_text(of_ports(), language))
    golden(f"lint-targets.{language}.txt", lint_text(of_targets(), language))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("fault", "found"), examples(), ids=[each for each, _ in examples()])
def test_an_example_reads_as_it_always_did(fault: str, found: tuple[LintFinding, ...], language: str, golden) -> None:
    golden(f"lint-{fault}.{language}.txt", lint_text(found, language))


def test_every_sentence_is_said_somewhere() -> None:
    """One that nothing leads to is dead weight; one that is missing is a crash at night."""
    every = [
        *of_groups(),
        *of_snapshot(),
        *of_ports(),
        *of_targets(),
        *(each for _, found in examples() for each in found),
    ]
    said = {statement.key for each in every for statement in (each.evidence, each.remedy)}
    sentences = {key for key in messages(read("en")) if key.partition(".")[0] in PARTS} - {*FindingCode}

    assert sentences - said == set()


def test_no_findings_is_said_and_of_a_snapshot_what_was_not_asked() -> None:
    """An all-clear from lint is none for a request."""
    assert lint_text((), "en") == "No findings."
    assert "drill trace" in lint_text((), "en", of_snapshot=True)
    assert "drill trace" in lint_text((), "zh", of_snapshot=True)


def finding(**fields: object) -> LintFinding:
    evidence = Statement("EMPTY_TEMPLATE", {"name": ("a", "b", "c", "d", "e")})
    common = {"code": LintCode.EMPTY_TEMPLATE, "severity": Severity.INFO, "group": "sg-a"}
    return LintFinding(**{**common, "evidence": evidence, "remedy": Statement("delete"), **fields})


def test_a_long_list_is_cut() -> None:
    assert "a, b, c and 2 more" in lint_text([finding()], "en")
    assert "a、b、c 等（另有 2 项）" in lint_text([finding()], "zh")


def test_a_name_cannot_spoil_the_terminal() -> None:
    """A group's id in a snapshot is whatever somebody wrote there."""
    shown = lint_text([finding(group="sg-\n\x1b[31m", evidence=Statement("EMPTY_TEMPLATE", {"name": "\x07"}))], "en")

    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert len(shown.splitlines()) == 4
