"""The walker itself: what it answers where the answer is plain, and that the random worlds reach every branch."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from walker import Walk, walk
from walker_clb import forwarding_rule
from walker_comparison import FEATURES, engine, in_the_walkers_terms
from walker_requests import DELIVERED, DROPPED, REFUSED, layer4, layer7, sets_in_use
from worlds import world

from drilllib.core.default_lab import default_lab
from drilllib.core.semantics import Assumption

SAMPLE = 5_000
CLIENT = "203.0.113.10"
NODE, POD = "sg-node0001", "sg-pod00001"


def lab(listener: str = "HTTP", *changes: Callable[[dict], object]) -> dict:
    document = default_lab(listener="TCP" if listener == "UDP" else listener)
    if listener == "UDP":
        replace_everywhere(document, {"TCP": "UDP"})
        objects(document, "Pod")[0]["spec"]["containers"][0]["ports"][0]["protocol"] = "UDP"
    for change in changes:
        change(document)
    return document


def replace_everywhere(part: object, words: dict[str, str]) -> None:
    """Exchange words wherever they are a whole value."""
    for key, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
        if isinstance(value, dict | list):
            replace_everywhere(value, words)
        elif isinstance(value, str) and value in words:
            part[key] = words[value]


def ask(document: dict, **question: object) -> Walk:
    return walk(document, {"client": CLIENT, "service": "shop/web", "protocol": None, **question})


def objects(document: dict, kind: str) -> list[dict]:
    return [item for item in document["kubernetes"] if item["kind"] == kind]


def listener(document: dict) -> dict:
    return document["listeners"]["lb-lab00001"][0]


def targets(document: dict) -> list[dict]:
    return (listener(document)["Rules"] or [listener(document)])[0]["Targets"]


def policy(action: str, peer: str, protocol: str = "ALL") -> dict:
    field = "Ipv6CidrBlock" if ":" in peer else "CidrBlock"
    return {"Action": action, "Protocol": protocol, "Port": "ALL", field: peer}


def admit(group: str, *rules: dict) -> Callable[[dict], object]:
    """A group whose ingress rules are these."""
    return lambda document: document["security_groups"][group]["SecurityGroupPolicySet"].update(Ingress=list(rules))


def balancer(**fields: object) -> Callable[[dict], object]:
    return lambda document: document["load_balancers"][0].update(fields)


def checked(**fields: object) -> Callable[[dict], object]:
    return lambda document: listener(document)["HealthCheck"].update(fields)


def local(document: dict) -> None:
    """The pod runs on the target, and the Service keeps the client's address."""
    objects(document, "Service")[0]["spec"]["externalTrafficPolicy"] = "Local"
    objects(document, "EndpointSlice")[0]["endpoints"][0]["nodeName"] = "node-a"
    objects(document, "Pod")[0]["spec"]["nodeName"] = "node-a"


def direct(document: dict) -> None:
    """The pod itself is the target."""
    targets(document)[:] = [{"Type": "ENI", "PrivateIpAddresses": ["10.0.36.12"], "Port": 80}]


def mode(name: str) -> Callable[[dict], object]:
    return lambda document: document["cluster"].update(VpcCniType=name)


def trunk(document: dict) -> None:
    document["network_interfaces"][0]["EniType"] = 2


def selected(document: dict) -> None:
    """A SecurityGroupPolicy selects the pod."""
    spec = {"podSelector": {"matchLabels": {"app": "web"}}}
    document["kubernetes"].append(
        {"kind": "SecurityGroupPolicy", "metadata": {"namespace": "shop", "name": "policy"}, "spec": spec}
    )


def unread_interfaces(document: dict) -> None:
    document["network_interfaces"] = None


def no_endpoints(document: dict) -> None:
    objects(document, "EndpointSlice")[0]["endpoints"] = []


def six(document: dict) -> None:
    """The VIP is IPv6 and the target IPv4 (NAT64)."""
    document["load_balancers"][0] |= {"LoadBalancerVips": [], "AddressIPv6": "2001:db8::10"}
    document["security_groups"]["sg-clb00001"]["SecurityGroupPolicySet"]["Ingress"] = [policy("ACCEPT", "::/0")]


ANY, CLOSED = admit(NODE, policy("ACCEPT", "0.0.0.0/0")), admit(NODE)
POD_ANY, POD_CLOSED = admit(POD, policy("ACCEPT", "0.0.0.0/0")), admit(POD)
KEEP_ALIVE = admit(NODE, policy("ACCEPT", "100.127.0.0/16"))
SNAT = balancer(SnatPro=True, SnatIps=[{"Ip": "10.0.5.1"}, {"Ip": "10.0.5.2"}, {"Ip": "2001:db8::5"}])

# What is shown, the lab it is shown on, what else is asked; then verdict and predicted health.
PLAIN = {
    "the healthy lab": (lab(), {}, "reachable", "Alive"),
    "group 1 drops": (lab("HTTP", admit("sg-clb00001")), {}, "unreachable", "Alive"),
    "group 2 drops, probes come from 100.64": (lab("HTTP", CLOSED), {}, "unreachable", "Alive"),
    "group 2 drops, probes come from the VIP": (lab("TCP", CLOSED, checked(SourceIpType=0)), {}, "unreachable", "Dead"),
    "group 3 drops": (lab("HTTP", POD_CLOSED), {}, "unreachable", "Dead"),
    "pass-to-target waives group 2": (
        lab("HTTP", CLOSED, balancer(LoadBalancerPassToTarget=True)),
        {},
        "reachable",
        "Alive",
    ),
    "pass-to-target does not waive group 3": (
        lab("HTTP", POD_CLOSED, balancer(LoadBalancerPassToTarget=True)),
        {},
        "unreachable",
        "Dead",
    ),
    "no endpoints": (lab("TCP", no_endpoints), {}, "unreachable", "Dead"),
    "keep-alive is admitted": (
        lab("HTTP", KEEP_ALIVE, lambda document: listener(document).update(KeepaliveEnable=1)),
        {},
        "reachable",
        "Alive",
    ),
    "keep-alive means nothing at layer 4": (
        lab("TCP", KEEP_ALIVE, lambda document: listener(document).update(KeepaliveEnable=1)),
        {},
        "unreachable",
        "Alive",
    ),
    "SnatPro, all its addresses admitted": (
        lab("HTTP", SNAT, admit(NODE, policy("ACCEPT", "10.0.5.0/30"))),
        {},
        "reachable",
        "Alive",
    ),
    "SnatPro, one of two admitted": (
        lab("HTTP", SNAT, admit(NODE, policy("ACCEPT", "10.0.5.1"))),
        {},
        "undetermined",
        "Alive",
    ),
    "SnatPro, client admitted": (lab("HTTP", SNAT), {}, "unreachable", "Alive"),
    "SnatPro without addresses": (lab("HTTP", balancer(SnatPro=True)), {}, "undetermined", "Alive"),
    "SnatPro without addresses, all admitted": (lab("HTTP", ANY, balancer(SnatPro=True)), {}, "reachable", "Alive"),
    "a private CLB asked through an EIP": (
        lab("HTTP", admit("sg-clb00001"), balancer(LoadBalancerType="INTERNAL")),
        {},
        "undetermined",
        "Alive",
    ),
    "a private CLB asked from inside": (
        lab("HTTP", admit("sg-clb00001"), balancer(LoadBalancerType="INTERNAL")),
        {"client": "10.9.9.9"},
        "unreachable",
        "Alive",
    ),
    "NAT64 passes group 2": (lab("TCP", six, CLOSED), {"client": "2001:db8::1"}, "reachable", "Alive"),
    "a pod as target is asked for the client": (lab("TCP", direct), {}, "unreachable", "Alive"),
    "a pod as target that admits the client": (lab("TCP", direct, POD_ANY), {}, "reachable", "Alive"),
    "a pod as target needs no node": (
        lab("TCP", direct, POD_ANY, CLOSED, lambda document: document.update(instances=[])),
        {},
        "reachable",
        "Alive",
    ),
    "a pod as target with pass-to-target": (
        lab("TCP", direct, balancer(LoadBalancerPassToTarget=True)),
        {},
        "reachable",
        "Alive",
    ),
    "Local, shared interface": (lab("TCP", local, POD_CLOSED), {}, "reachable", "Alive"),
    "Local, exclusive interface that drops": (
        lab("TCP", local, POD_CLOSED, mode("tke-direct-eni")),
        {},
        "undetermined",
        "Alive",
    ),
    "Local, exclusive interface that drops, probes from the VIP": (
        lab("TCP", local, ANY, POD_CLOSED, mode("tke-direct-eni"), checked(SourceIpType=0)),
        {},
        "undetermined",
        "Unknown",
    ),
    "Local, exclusive interface that admits": (
        lab("TCP", local, POD_ANY, mode("tke-direct-eni")),
        {},
        "reachable",
        "Alive",
    ),
    "Local, trunk that drops": (lab("TCP", local, POD_CLOSED, trunk), {}, "undetermined", "Alive"),
    "Local, trunk that admits clients but not the VIP": (
        lab("TCP", local, ANY, admit(POD, policy("ACCEPT", "203.0.113.0/24")), trunk, checked(SourceIpType=0)),
        {},
        "reachable",
        "Unknown",
    ),
    "a policy selects the pod, interface read": (lab("TCP", selected), {}, "reachable", "Alive"),
    "a policy selects the pod, interface not read": (
        lab("TCP", selected, unread_interfaces),
        {},
        "undetermined",
        "Unknown",
    ),
    "interface not read": (lab("TCP", unread_interfaces), {}, "reachable", "Alive"),
    "UDP": (lab("UDP"), {}, "reachable", "Alive"),
    "UDP, group 2 drops": (lab("UDP", CLOSED), {}, "unreachable", "Alive"),
    "UDP, probes from the VIP, ping not admitted": (lab("UDP", checked(SourceIpType=0)), {}, "reachable", "Dead"),
    "UDP, probes from the VIP, only ping admitted": (
        lab("UDP", checked(SourceIpType=0), admit(NODE, policy("ACCEPT", "192.0.2.10", "ICMP"))),
        {},
        "unreachable",
        "Alive",
    ),
    "UDP, no endpoints": (lab("UDP", no_endpoints), {}, "unreachable", "Dead"),
    "UDP, group 3 drops": (lab("UDP", POD_CLOSED), {}, "unreachable", "Alive"),
    "UDP on IPv6 needs the ping only": (
        lab("UDP", six, no_endpoints),
        {"client": "2001:db8::1"},
        "unreachable",
        "Alive",
    ),
    "CheckPort that nobody uses": (lab("TCP", checked(CheckPort=30999)), {}, "reachable", "Dead"),
    "a client in the cluster": (lab(), {"client": "10.0.36.12"}, "undetermined", None),
    "a network that is not modelled": (
        lab("HTTP", lambda document: document["cluster"].update(NetworkType="GR")),
        {},
        "undetermined",
        None,
    ),
}


@pytest.mark.parametrize(("document", "question", "verdict", "health"), PLAIN.values(), ids=PLAIN)
def test_the_walker_answers_plain_cases(document: dict, question: dict, verdict: str, health: str | None) -> None:
    """A witness must know the simple things for certain."""
    found = ask(document, **question)

    assert (found.verdict, found.health) == (verdict, (health,) if health else ())


def test_a_check_behind_a_certain_stop_is_hypothetical() -> None:
    found = ask(lab("TCP", admit("sg-clb00001"), CLOSED, POD_CLOSED))

    assert {(hop, hypothetical) for hop, *_, hypothetical in found.blockers} == {
        ("clb", False),
        ("node", True),
        ("pod", True),
    }
    assert found.symptoms == {("connect_timeout", None, None)}


FORWARDING = [
    *(("shop.example.com", "/", "exact"), ("SHOP.example.com", "/x", "exact"), ("a.example.com", "/", "suffix")),
    *(("a.b.example.com", "/", "suffix"), ("shop.example.org", "/", "prefix"), ("other.test", "/", "default")),
    *(("shop.example.com", "/a", "="), ("shop.example.com", "/a/b", "longer"), ("shop.example.com", "/c/d", "^~")),
    ("regex.test", "/", "default"),
]


@pytest.mark.parametrize(("host", "path", "name"), FORWARDING)
def test_a_forwarding_rule_is_chosen_by_host_then_path(host: str, path: str, name: str) -> None:
    rules = [
        *({"Domain": "shop.example.com", "Url": "/", "LocationId": "exact"},),
        *({"Domain": "shop.example.com", "Url": "=/a", "LocationId": "="},),
        *({"Domain": "shop.example.com", "Url": "/a/", "LocationId": "longer"},),
        *({"Domain": "shop.example.com", "Url": "^~/c", "LocationId": "^~"},),
        *({"Domain": "shop.example.com", "Url": "/c/d", "LocationId": "plain"},),
        *({"Domain": "*.example.com", "Url": "/", "LocationId": "suffix"},),
        *({"Domain": "shop.*", "Url": "/", "LocationId": "prefix"},),
        *({"Domain": "default.test", "Url": "/", "LocationId": "default", "DefaultServer": True},),
    ]

    assert forwarding_rule({"Rules": rules}, host, path)["LocationId"] == name


def test_a_regular_expression_that_might_win_decides_nothing() -> None:
    rules = [{"Domain": "~^shop", "Url": "/"}, {"Domain": "a.test", "Url": "/", "DefaultServer": True}]
    paths = [{"Domain": "a.test", "Url": url} for url in ("/", "~ ^/b", "=/a", "^~/c")]

    assert forwarding_rule({"Rules": rules}, "shop.test", "/") is None
    assert forwarding_rule({"Rules": rules}, "a.test", "/") is rules[1]
    assert [forwarding_rule({"Rules": paths}, "a.test", path) for path in ("/a", "/c", "/b")] == [*paths[2:], None]


OK, GONE, NO, EITHER = (frozenset(ends) for ends in ({DELIVERED}, {DROPPED}, {REFUSED}, {DELIVERED, DROPPED}))


@pytest.mark.parametrize(
    ("ends", "verdict", "symptoms"),
    [
        ((OK,), "reachable", {(200, 0.0)}),
        ((OK, GONE), "reachable", {(200, 0.0), (200, 4.0)}),
        ((OK, GONE, NO, GONE), "reachable", {(200, 0.0), (200, 8.0)}),
        ((EITHER,), "intermittent", {(200, 0.0), (504, 4.0)}),
        ((EITHER, EITHER), "intermittent", {(200, 0.0), (200, 4.0), (504, 8.0)}),
        ((GONE, GONE), "unreachable", {(504, 8.0)}),
        ((GONE, NO), "unreachable", {(504, 4.0), (502, 4.0)}),
        ((NO,), "unreachable", {(502, 0.0)}),
    ],
)
def test_layer_7_tries_every_order_and_every_end(ends: tuple, verdict: str, symptoms: set) -> None:
    assert layer7(ends) == (verdict, {("http", *symptom) for symptom in symptoms})


def test_layer_4_makes_one_attempt() -> None:
    assert layer4([OK, GONE], "TCP") == ("intermittent", {("http", 200, 0.0), ("connect_timeout", None, None)})


@pytest.mark.parametrize(
    ("health", "sets"),
    [
        (["Alive", "Dead"], [(0,)]),
        (["Close", "Alive"], [(0, 1)]),
        (["Dead", "Dead"], [(0, 1)]),
        (["Dead", "Unknown"], [(0, 1), (1,)]),
        (["Alive", "Unknown"], [(0,), (0, 1)]),
        ([], [()]),
    ],
)
def test_targets_in_use_follow_from_health(health: list[str], sets: list[tuple]) -> None:
    assert sets_in_use(health) == sets


def test_the_witness_imports_nothing_of_the_engine() -> None:
    """What the walker took from the engine it could not testify about."""
    folder = Path(__file__).parent
    witnesses = {"reference.py", "worlds.py", *(path.name for path in folder.glob("walker*.py"))} - {
        "walker_comparison.py"
    }
    witnesses |= {path.name for path in folder.glob("worlds_*.py")}

    imported = {
        name for name in witnesses if re.search(r"^\s*(from|import) drilllib", (folder / name).read_text(), re.M)
    }

    assert len(witnesses) >= 9
    assert imported == set()


# The share of a sample in which each must occur, or comparing says little about it.
VERDICTS = {"reachable": 0.15, "unreachable": 0.2, "intermittent": 0.03, "undetermined": 0.1}
SYMPTOMS = {
    *(("http", 200), ("http", 502), ("http", 504), ("connect_timeout", None), ("refused", None)),
}
UDP_SYMPTOMS = {("no_answer", None), ("port_unreachable", None), ("answered", None)}
BLOCKERS = {
    *(("clb", "RULE_MATCHED"), ("clb", "NO_RULE_MATCHED"), ("clb", "NO_LISTENER"), ("clb", "NO_TARGETS")),
    *(("node", "RULE_MATCHED"), ("node", "NO_RULE_MATCHED"), ("node", "NODEPORT_NOT_IN_USE")),
    *(("node", "NO_ENDPOINTS"), ("node", "NO_LOCAL_ENDPOINT")),
    *(("pod", "RULE_MATCHED"), ("pod", "NO_RULE_MATCHED"), ("pod", "PORT_NOT_LISTENING")),
}
# Only under `--semantics original`, which the walker does not know.
ORIGINAL = {
    *(Assumption.LOCAL_DELIVERY_CROSSES_POD_ENI, Assumption.NODE_ADDRESS_REACHES_POD_AS_CLIENT),
    Assumption.TCP_LISTENER_ANSWERS_504,
}


def test_the_random_worlds_reach_every_branch() -> None:
    """Agreement means little if all questions meet the same end."""
    verdicts, blockers, symptoms, health, assumptions = Counter(), Counter(), Counter(), Counter(), Counter()
    used, hypothetical = Counter(), Counter()
    for seed in range(SAMPLE):
        case = world(seed, FEATURES)
        answer = engine(case.document, case.question)
        found = in_the_walkers_terms(answer)
        verdicts[found.verdict] += 1
        blockers.update({(hop, reason) for hop, _, _, _, _, reason, _ in found.blockers})
        hypothetical.update({later for *_, later in found.blockers})
        symptoms.update({(kind, status) for kind, status, _ in found.symptoms})
        health.update(set(found.health))
        assumptions.update(set(answer["assumptions"]))
        used.update(case.used)

    expected_symptoms = SYMPTOMS | (UDP_SYMPTOMS if "udp" in FEATURES else set())
    assert {name for name, share in VERDICTS.items() if verdicts[name] < SAMPLE * share} == set()
    assert {name for name in BLOCKERS if blockers[name] < SAMPLE * 0.005} == set()
    assert {later for later in (False, True) if hypothetical[later] < SAMPLE * 0.05} == set()
    assert {name for name in expected_symptoms if symptoms[name] < SAMPLE * 0.01} == set()
    assert {name for name in ("Alive", "Dead", "Unknown", "Close") if health[name] < SAMPLE * 0.03} == set()
    assert {code for code in set(Assumption) - ORIGINAL if assumptions[code] < SAMPLE * 0.002} == set()
    assert {name for name in FEATURES if used[name] < SAMPLE * 0.01} == set()
