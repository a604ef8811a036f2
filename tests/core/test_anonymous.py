"""A snapshot without names: the same answers up to renaming, and nothing left of what it was called."""

import base64
import json
import re
from collections.abc import Callable
from ipaddress import ip_network
from random import Random

import pytest
from full_objects import full
from renaming import answer, asked, fixed, linted, renamed
from walker_labs import replace_everywhere
from worlds import world

import drilllib
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.snapshot.anonymous.addresses import AddressMap, is_kept
from drilllib.core.snapshot.anonymous.anonymous import anonymous
from drilllib.core.snapshot.anonymous.asked import require_renamed
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, InvalidInputError
from tests.fuzz.mutations import mutated
from tests.thorough import how_many

VPCS_OF_IPV6 = (167, 247, 258)  # the client may be a node's neighbour, or not
WORLDS = (*range(how_many(20, thorough=80, long=500)), *VPCS_OF_IPV6)
HOSTILE = range(how_many(30, thorough=300, long=3000))


@pytest.mark.parametrize("chunk", range(2))
def test_random_worlds_are_answered_and_repaired_as_before(chunk: int) -> None:
    for seed in WORLDS[chunk::2]:
        case = world(seed)
        snapshot, question = Snapshot(case.document), Question(**case.question)
        found = asked(snapshot, question)
        there, client = renamed(question, found), ip_network(question.client)

        names = dict(found.replaced)
        assert answer(snapshot, question, names) == answer(found.snapshot, there, {}), seed
        assert linted(snapshot, names) == linted(found.snapshot, {}), seed
        assert fixed(snapshot, question, client, names) == fixed(found.snapshot, there, ip_network(there.client), {}), (
            seed
        )


@pytest.mark.parametrize("name", faults.FAULTS)
def test_every_fault_of_the_course_is_answered_and_repaired_as_before(name: str) -> None:
    snapshot = faults.open_fault(name, listener="TCP" if "tcp" in name else "HTTP")
    question = Question(client="203.0.113.10", service="shop/web")
    found = asked(snapshot, question)
    there, names = renamed(question, found), dict(found.replaced)

    assert answer(snapshot, question, names) == answer(found.snapshot, there, {})
    assert linted(snapshot, names) == linted(found.snapshot, {})
    block, other = ip_network(question.client), ip_network(there.client)
    assert fixed(snapshot, question, block, names) == fixed(found.snapshot, there, other, {})


def test_a_service_that_selects_no_pod_is_repaired_as_before() -> None:
    document = default_lab()
    for item in document["kubernetes"]:
        if item["kind"] == "Service":
            item["spec"]["selector"] = {"app": "wbe"}
        if item["kind"] == "EndpointSlice":
            item["endpoints"] = []
    snapshot, question = Snapshot(document), Question(client="203.0.113.10", service="shop/web")
    found = asked(snapshot, question)
    there = renamed(question, found)
    before = fixed(snapshot, question, ip_network(question.client), dict(found.replaced))

    assert "SELECTS_NO_POD" in str(before)
    assert before == fixed(found.snapshot, there, ip_network(there.client), {})


# What may not be found in the result, in no case and in no code; each replaces a word of the default lab.
SECRETS = {
    "shop": "acme-billing",
    "web": "acme-ledger",
    "node-a": "acme-node-a",
    "node-b": "acme-node-b",
    "lb-lab00001": "lb-q7acme01",
    "sg-node0001": "sg-q7acme02",
    "ins-nodea001": "ins-q7acme03",
    "cls-lab00001": "cls-q7acme04",
}
ACCOUNT, VIP, CLIENT, DOMAIN, TEXT = "100012345678", "81.70.12.34", "81.71.200.17", "pay.acme.com", "the acme-way"


def own_lab() -> dict:
    """The default lab, every object with every field, as somebody's own."""
    document = default_lab()
    full(document)
    replace_everywhere(document, SECRETS)
    document["listeners"] = {SECRETS["lb-lab00001"]: next(iter(document["listeners"].values()))}
    groups = document["security_groups"]
    document["security_groups"] = {SECRETS.get(name, name): group for name, group in groups.items()}
    balancer = document["load_balancers"][0]
    balancer |= {"LoadBalancerVips": [VIP], "LoadBalancerDomain": DOMAIN, "LoadBalancerName": TEXT}
    rules = next(iter(document["security_groups"].values()))["SecurityGroupPolicySet"]["Ingress"]
    balancer["SecureGroups"].append(f"{ACCOUNT}/sg-q7acme09")
    next(iter(document["listeners"].values()))[0]["Rules"][0]["Domain"] = "~^acme[.]com$"
    rules.append({"Protocol": "TCP", "Port": "80", "CidrBlock": CLIENT, "Action": "DROP", "PolicyDescription": TEXT})
    coded = base64.b64encode(f'{{"password": "{TEXT}", "ip": "{VIP}"}}'.encode()).decode()
    document["cluster"] |= {"Property": json.dumps({"NetworkType": "VPC-CNI", "Owner": TEXT, "Vip": VIP})}
    document["addons"] = [{"RawValues": coded}]
    for item in document["kubernetes"]:
        item["metadata"].setdefault("annotations", {}).update({"acme.com/owner": TEXT, "config": coded})
        item["metadata"].setdefault("labels", {})["acme.com/team"] = "acme-team"
        if item["kind"] == "Pod":
            item["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "value": TEXT}]
    return document


def test_no_name_id_or_public_address_is_left() -> None:
    found = anonymous(Snapshot(own_lab()), [CLIENT], [DOMAIN])
    text = json.dumps([found.snapshot.to_dict(), dict(found.withheld)]).casefold()

    assert [each for each in ("acme", ACCOUNT, VIP, CLIENT, "q7") if each in text] == []
    codes = [base64.b64encode(each.encode()).decode().casefold()[:8] for each in ("acme", TEXT, VIP, '{"password')]
    assert [each for each in codes if each.rstrip("=") in text] == []
    assert found.replaced[VIP] in text
    assert re.fullmatch("1000[0-9]+/sg-[0-9]+", found.snapshot.to_dict()["load_balancers"][0]["SecureGroups"][-1])
    assert found.withheld["Pod.spec.containers.env"] == 1


def test_the_same_snapshot_gives_the_same_and_a_second_time_changes_no_shape() -> None:
    first = anonymous(Snapshot(own_lab())).snapshot.to_dict()
    second = anonymous(Snapshot(first)).snapshot.to_dict()

    assert first == anonymous(Snapshot(own_lab())).snapshot.to_dict()
    assert _shape(first) == _shape(second)


def _shape(value: object) -> object:
    """Everything but texts and keys."""
    if isinstance(value, dict):
        return [_shape(each) for each in value.values()]
    return [_shape(each) for each in value] if isinstance(value, list) else isinstance(value, str) or value


@pytest.mark.parametrize("few", [True, False])
def test_addresses_keep_containment_equality_and_lengths(few: bool) -> None:
    random = Random(3)
    blocks = [
        ip_network((random.randrange(1 << 24) << 8, random.choice((24, 28, 30, 32))), strict=False)
        for _ in range(20 if few else 400)
    ]
    blocks += [each.supernet(new_prefix=24) for each in blocks[:5]] + [
        ip_network("0.0.0.0/0"),
        ip_network("10.1.0.0/16"),
    ]
    blocks += [] if few else [ip_network("64.0.0.0/2")]
    found = AddressMap(4, blocks, ())
    images = [found.block(each) for each in blocks]

    assert [each.prefixlen for each in images] == [each.prefixlen for each in blocks]
    for one, other in zip(blocks, images, strict=True):
        assert [each.subnet_of(one) for each in blocks] == [each.subnet_of(other) for each in images]
        assert is_kept(one) == is_kept(other)


RANGE = "81.70.12.5-81.70.12.9"


def test_a_range_of_addresses_keeps_its_order_and_what_is_in_it() -> None:
    document = default_lab()
    document["address_templates"] = {"ipm-1": {"AddressSet": [RANGE, "81.70.12.7", "81.70.12.10"]}}
    texts = anonymous(Snapshot(document)).snapshot.to_dict()["address_templates"]
    (whole, within, outside) = next(iter(texts.values()))["AddressSet"]
    low, high = (int(ip_network(each).network_address) for each in whole.split("-"))
    numbers = [int(ip_network(each).network_address) for each in (within, outside)]

    assert high - low == 4
    assert low <= numbers[0] <= high < numbers[1]
    assert "81.70" not in json.dumps(texts)


def test_hostile_snapshots_are_an_answer_or_one_error() -> None:
    """Those that can be read can be made anonymous."""
    labs: list[Callable[[], dict]] = [default_lab, own_lab, lambda: world(7).document]
    for seed in HOSTILE:
        random = Random(seed)
        document = mutated(random, random.choice(labs)(), default_lab())
        try:
            snapshot = Snapshot(document)
        except DrillError:
            continue
        anonymous(snapshot)


def test_an_empty_text_is_an_absent_field_afterwards_too() -> None:
    document = default_lab()
    ingress = document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"]
    ingress[0] = {**ingress[0], "ServiceTemplate": ""}
    groups = anonymous(Snapshot(document)).snapshot.to_dict()["security_groups"].values()
    rules = [rule for group in groups for rule in group["SecurityGroupPolicySet"]["Ingress"]]
    assert "" in [rule.get("ServiceTemplate") for rule in rules]


def of_real_addresses(*more: str) -> Snapshot:
    """The fault whose node group drops a client, with addresses that are somebody's; a rule may name more blocks."""
    text = json.dumps(faults.open_fault("group-2").to_dict())
    text = (
        text.replace("203.0.113.0/24", "81.70.0.0/16")
        .replace("203.0.113.", "81.70.3.")
        .replace("192.0.2.10", "119.29.29.29")
    )
    document = json.loads(text)
    ingress = next(iter(document["security_groups"].values()))["SecurityGroupPolicySet"]["Ingress"]
    for block in more:
        ingress.append({**ingress[-1], "CidrBlock": block, "PolicyIndex": len(ingress)})
    return Snapshot(document)


@pytest.mark.parametrize("more", [(), ("43.0.0.0/8",)], ids=["moved", "mapped in place"])
def test_the_real_address_is_not_answered_and_the_new_one_as_before(more: tuple[str, ...]) -> None:
    snapshot = of_real_addresses(*more)
    question = Question(client="81.70.3.4", service="shop/web")
    found = asked(snapshot, question)
    there = renamed(question, found)

    before, after = (
        diagnose(one, asks, [asks.client]).worst for one, asks in ((snapshot, question), (found.snapshot, there))
    )
    assert (before.answer.reason, before.answer.verdict) == (after.answer.reason, after.answer.verdict)
    assert there.client != question.client
    with pytest.raises(InvalidInputError, match="anonymous"):
        diagnose(found.snapshot, there, [question.client])
    assert anonymous(found.snapshot).snapshot.public_blocks


@pytest.mark.parametrize(
    "asks",
    [
        lambda snapshot, service: drilllib.trace(snapshot, Question(client="81.70.3.4", service=service)),
        lambda snapshot, service: drilllib.fix(snapshot, Question(service=service), "81.70.3.0/24"),
        lambda snapshot, service: drilllib.reach(snapshot, Question(vip="119.29.29.29")),
        lambda snapshot, service: drilllib.check(
            snapshot,
            {
                "schema": "drilllib/expectations/1",
                "expectations": [{"allow": {"service": service, "from": ["81.70.3.4"]}}],
            },
        ),
    ],
    ids=["trace", "fix", "reach", "check"],
)
def test_in_python_a_real_address_is_refused_too(asks: Callable[[Snapshot, str], object]) -> None:
    snapshot = of_real_addresses()
    found = anonymous(snapshot)

    asks(snapshot, "shop/web")
    with pytest.raises(InvalidInputError, match="anonymous"):
        asks(found.snapshot, "/".join(found.replaced[each] for each in ("shop", "web")))


@pytest.mark.parametrize("client", ["10.1.2.3", "100.64.0.9"])
def test_a_private_client_of_an_anonymous_snapshot_is_asked_about_as_before(client: str) -> None:
    require_renamed(anonymous(of_real_addresses()).snapshot, [ip_network(client)])


def test_a_pod_that_is_called_as_its_slice_is_called_a_pod() -> None:
    """As in the labs; whichever of them comes first."""
    document = default_lab()
    for each in document["kubernetes"]:
        if each["kind"] in ("Pod", "EndpointSlice"):
            each["metadata"]["name"] = "web-1"
    for objects in (document["kubernetes"], document["kubernetes"][::-1]):
        found = anonymous(Snapshot({**document, "kubernetes": objects})).snapshot.to_dict()
        pods = {each["metadata"]["name"] for each in found["kubernetes"] if each["kind"] == "Pod"}
        assert {each.partition("-")[0] for each in pods} == {"pod"}
