"""Every missing fact is a code with named values, is met by a case here, and is said in Chinese, too."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_network

import pytest
from builders import ask, lab
from changes import (
    Change,
    Document,
    balancer,
    group_2_closed,
    group_3_closed,
    ingress,
    keepalive,
    observed,
    probe_source_unread,
    probes_from_vip,
    second_target,
    targets,
)
from changes_cluster import (
    cluster,
    endpoint_slice,
    eni_unread,
    instance_unread,
    local_policy,
    pod_on_node_a,
    second_pod,
    service,
    unread,
)
from changes_doubtful import DOUBTFUL
from changes_real import (
    METRICS,
    TERMINATING,
    UNEQUAL_TARGETS,
    UNREAD,
    acl,
    health_check_port,
    host_port,
    keepalive_unread,
    pod_nowhere,
    policy,
    state,
    sticky_listener,
    sticky_service,
    version,
    without_node_object,
    zones,
)
from connection_gaps import in_connections
from test_inside import unknown_ways
from test_insiders import NEARBY, not_complete
from test_left_aside import on_port
from test_network_policies import ENFORCED, add_on
from worlds import world

from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.diff import difference_of_snapshots
from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, POD_GROUP, SERVICE, VIP
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import IPV6_CLIENT, over_ipv6
from drilllib.core.facts import Fact, FactCode, fact, rules_of, several
from drilllib.core.fix.proposals import fix
from drilllib.core.snapshot.semantics import ORIGINAL
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.entry import entry_of
from drilllib.core.trace.request import trace
from drilllib.core.trace.walker import Walker
from drilllib.errors import DrillError, LabStateError, Message
from drilllib.labs.netns.plan import plan_of
from drilllib.views.phrases.facts import fact_text, facts_text
from tests.thorough import how_many

WORLDS, FIXES = how_many(130, thorough=600, long=4000), how_many(60, thorough=150)
# Worlds beyond the first 130 that name what these do not; the last two: unread egress rules, a node that nobody names.
RARE = (163, 171, 188, 207, 263, 318, 326, 327, 350, 356, 446, 492, 535, 574, 2068, 4117)
PATH = "whether path /{path} matches ~a{1}", "路径 /{path} 是否匹配 ~a{1}"
ENGLISH = re.compile(r"\b(the|of|which|whether|how|what|and|groups|members|rules|is|are|its|has)\b")


def in_random_worlds() -> Iterator[Fact]:
    for seed in (*range(WORLDS), *RARE):
        case = world(seed)
        snapshot, question = Snapshot(case.document), Question(**case.question)
        yield from named_by(trace(snapshot, question))
        if seed < FIXES:
            with suppress(DrillError):
                yield from fix(snapshot, question, [ip_network(question.client)]).gaps


def named_by(answer: Trace) -> Iterator[Fact]:
    yield from answer.gaps
    yield from (check.gap for path in answer.paths for hop in path.hops for check in hop.checks if check.gap)


# What no random world is about.


def ipv4_target(document: Document) -> None:
    targets(document)[0]["PrivateIpAddresses"] = ["10.0.35.11"]
    endpoint_slice(document)["endpoints"][0]["addresses"] = ["10.0.36.12"]


def a_node_without_ipv6(document: Document) -> None:
    document["instances"][0].pop("IPv6Addresses")
    targets(document)[0]["InstanceId"] = "ins-nodea001"


def without_load_balancer(document: Document) -> None:
    service(document)["metadata"]["annotations"] = {}
    service(document)["status"] = {}


def cilium_policy(document: Document) -> None:
    document["kubernetes"].append({"kind": "CiliumNetworkPolicy", "metadata": {"name": "deny", "namespace": "shop"}})


def another_kind_of_target(document: Document) -> None:
    targets(document)[0]["Type"] = "CCN"


def unread_templates(document: Document) -> None:
    group = document["security_groups"][POD_GROUP]["SecurityGroupPolicySet"]
    both = {"AddressTemplate": {"AddressId": "ipm-a"}, "ServiceTemplate": {"ServiceId": "ppm-a"}}
    group["Ingress"] = [{"Action": "ACCEPT", **both}]


def without_vip(document: Document) -> None:
    document["load_balancers"][0].update(LoadBalancerVips=[], LoadBalancerDomain=None)


def on_the_nodes_network(document: Document) -> None:
    endpoint_slice(document)["endpoints"][0]["addresses"] = ["10.0.35.12"]


def in_cases() -> Iterator[Fact]:
    opened = ingress(POD_GROUP, "ACCEPT TCP 10.0.35.0/24 80")
    yield from named_by(ask(lab(over_ipv6, a_node_without_ipv6), client=IPV6_CLIENT))
    yield from named_by(ask(lab(over_ipv6, ipv4_target, opened, semantics=ORIGINAL), client=IPV6_CLIENT))
    yield from named_by(ask(lab(over_ipv6, keepalive, semantics=ORIGINAL), client=IPV6_CLIENT))
    yield from named_by(ask(lab(unread("kubernetes"))))
    yield from named_by(ask(lab(unread("kubernetes")), vip=VIP, port=80))
    yield from named_by(ask(lab(cluster(NetworkType="CiliumOverlay"))))
    yield from named_by(ask(lab(without_load_balancer)))
    yield from named_by(ask(lab(without_vip)))
    yield from named_by(ask(lab(unread("load_balancers"))))
    yield from named_by(ask(lab(unread_templates)))
    yield from named_by(ask(lab(on_the_nodes_network, instance_unread("b"))))
    unbound = lab(balancer(SecureGroups=None))
    yield from (gap for each in difference_of_snapshots(lab(), unbound).accepted for gap in each.gaps)
    unnamed = lab(over_ipv6, a_node_without_ipv6, ingress(POD_GROUP), eni_unread())
    yield from fix(unnamed, Question(client=IPV6_CLIENT, service=SERVICE), [ip_network("2001:db8:9::/64")]).gaps
    yield from (gap for snapshot in real_input() for gap in named_by(ask(snapshot)))
    yield from (gap for snapshot in of_policies() for gap in named_by(ask(snapshot)))
    yield from of_probes_by_domain()
    yield from of_probes_of_unknown_source()
    yield from named_by(ask(lab(balancer(Isolation=1, Tomorrow=1))))
    yield from named_by(ask(lab(not_complete), client=NEARBY))
    yield from (gap for answer in unknown_ways() for gap in named_by(answer))
    yield from named_by(ask(lab(on_port(445)), vip=VIP, port=445))
    yield from named_by(ask(lab(cilium_policy)))
    yield from (missing_to_play(change) for change in (another_kind_of_target, on_the_nodes_network))


def of_policies() -> Iterator[Snapshot]:
    """What test_network_policies.py asks, as far as it leaves something open."""
    yield lab(add_on(enforced=True, complete=False))
    yield lab(ENFORCED, policy(podSelector=None))
    yield lab(ENFORCED, pod_on_node_a, policy())
    yield lab(ENFORCED, policy(ingress=[{"from": [{}]}]))


def real_input() -> Iterator[Snapshot]:
    """What test_real_input.py asks, as far as it leaves something open."""
    alone = (policy(), METRICS, state("STARTING"), acl, observed("Dead"), keepalive_unread, *UNREAD.values())
    yield from (lab(change) for change in alone)
    yield lab(TERMINATING, version("1.24.4"))
    yield lab(local_policy, without_node_object)
    yield lab(pod_nowhere, group_3_closed)
    yield lab(second_pod, sticky_service, group_3_closed)
    yield lab(*UNEQUAL_TARGETS, sticky_listener, listener="TCP")
    yield lab(second_pod, zones)
    yield lab(second_target, probe_source_unread, group_2_closed)
    yield lab(host_port, ingress(NODE_GROUP, "ACCEPT TCP 203.0.113.0/24 ALL"))
    yield lab(balancer(LoadBalancerPassToTarget=None), group_2_closed)
    yield lab(second_target, health_check_port())
    yield from (lab(*changes) for changes in DOUBTFUL)


def of_probes_by_domain() -> Iterator[Fact]:
    """Such a CLB has no VIP that its probes could come from."""
    snapshot = lab(probes_from_vip)
    about = entry_of(snapshot, Question(client=CLIENT, service=SERVICE))
    by_domain = replace(about.balancer, vips=()), replace(about.frontend, address=None)
    walker = Walker(snapshot, *by_domain, about.listener)
    checks = (walker.probe_check(walker.facts(target), "TCP") for target in about.listener.targets)
    yield from (check.gap for check in checks if check.gap)


def of_probes_of_unknown_source() -> Iterator[Fact]:
    """The node lets in clients, and not the VIP."""
    snapshot = lab(probe_source_unread)
    about = entry_of(snapshot, Question(client=CLIENT, service=SERVICE))
    walker = Walker(snapshot, about.balancer, about.frontend, about.listener)
    checks = (walker.probe_check(walker.facts(target), "TCP") for target in about.listener.targets)
    yield from (check.gap for check in checks if check.gap)


def missing_to_play(change: Change) -> Fact:
    """What an error says is missing."""
    with pytest.raises(LabStateError, match="cannot be played with real packets") as caught:
        plan_of(lab(change), CLIENT)
    what = caught.value.problem_message.values["what"]
    assert isinstance(what, Message)
    return fact(FactCode(what.template), **what.values)


@pytest.fixture(scope="module")
def facts() -> set[Fact]:
    return {*in_random_worlds(), *in_cases(), *in_diagnoses(), *in_connections()}


def in_diagnoses() -> Iterator[Fact]:
    """What only a diagnosis names: lists that nobody read of a real Service."""
    found = diagnose(
        Snapshot({**open_fault("healthy").to_dict(), "gaps": [{"what": "networkpolicies in shop", "why": "refused"}]}),
        Question(service=SERVICE),
        [CLIENT],
    )
    yield from (each.gap for each in found.unknown)


def parts(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The facts, and those that stand in their sentences."""
    for each in facts:
        yield each
        yield from parts(value for _, value in each.values if isinstance(value, Fact))


def test_every_code_is_named_by_some_answer(facts: set[Fact]) -> None:
    """One that nothing names any more is dead weight, and its sentences with it."""
    assert {*FactCode} - {each.code for each in parts(facts)} == set()


def test_every_missing_fact_is_said_in_chinese(facts: set[Fact]) -> None:
    """An English clause in a Chinese line is read past, at the moment that it would help most."""
    for each in facts:
        assert not ENGLISH.search(fact_text(each, "zh")), each
        assert fact_text(each, "en") == str(each)


def test_facts_that_differ_have_different_sentences(facts: set[Fact]) -> None:
    """Gaps are listed once each: two facts with one sentence would be listed twice."""
    assert len({str(each) for each in facts}) == len(facts)


@pytest.mark.parametrize(
    ("missing", "english", "chinese"),
    [
        (rules_of("sg-a", "ingress"), "the ingress rules of sg-a", "sg-a 的入站规则"),
        (
            fact(FactCode.MEMBERS, name="sg-b", rule="sg-a ingress[0]"),
            "the members of sg-b (sg-a ingress[0])",
            "sg-b 的成员（sg-a ingress[0]）",
        ),
        (
            several(
                [
                    rules_of("sg-a", "egress"),
                    fact(FactCode.LISTENERS, balancer="lb-1"),
                    fact(FactCode.VIP, balancer="lb-1"),
                ]
            ),
            "the egress rules of sg-a, listeners of lb-1, the VIP of lb-1",
            "sg-a 的出站规则、lb-1 的监听器、lb-1 的 VIP",
        ),
        (
            fact(FactCode.AND_MORE, fact=fact(FactCode.GROUPS_OF_NODE, node="node-a"), count=2),
            "groups of the node node-a (and of 2 more like it)",
            "节点 node-a 的安全组（另有 2 个情况相同）",
        ),
        (fact(FactCode.PATH_MATCHES, path="/{path}", expression="~a{1}"), *PATH),
    ],
)
def test_a_fact_in_both_languages(missing: Fact, english: str, chinese: str) -> None:
    """A fact in another's sentence is translated with it; braces in a value are no blanks."""
    assert (str(missing), fact_text(missing, "zh")) == (english, chinese)


def test_several_facts_are_one_line() -> None:
    """As a list of what to find out."""
    listed = [fact(FactCode.TARGETS, listener="lbl-1"), fact(FactCode.LISTENERS, balancer="lb-1")]

    assert facts_text(listed, "zh") == "lbl-1 的后端、lb-1 的监听器"
    assert facts_text(listed, "en") == "targets of lbl-1, listeners of lb-1"
