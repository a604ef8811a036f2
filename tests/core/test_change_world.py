"""What counts as opened to the world: exact sets, whole lists, in any number of steps, whatever is not known."""

import random
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest

from drilllib.core.changes.change import RuleChange, policies_of
from drilllib.core.changes.plan import Plan, refusals
from drilllib.core.changes.world import OPEN, groups_opened, opened_to_world
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action, Direction, Flow, Rule, SecurityGroup, decide
from drilllib.core.snapshot.snapshot import Snapshot

IN, NODE = Direction.INGRESS, "sg-node0001"


def rules(*texts: str) -> tuple[Rule, ...]:
    return tuple(map(rule_from_text, texts))


QUARTERS = [f"ACCEPT TCP {each}.0.0.0/2 22" for each in (64, 128, 192)]
BELOW_HALF = [f"ACCEPT TCP {each} 22" for each in ("1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/5", "64.0.0.0/3")]


@pytest.mark.parametrize(
    ("before", "after", "is_opened"),
    [
        ([], ["ACCEPT TCP 0.0.0.0/1 80", "ACCEPT TCP 128.0.0.0/1 80"], True),
        ([], ["ACCEPT TCP ::/0 80"], True),
        ([], ["ACCEPT TCP 2000::/3 22"], True),
        ([], ["ACCEPT TCP 2000::/5 22", "ACCEPT TCP 3000::/4 22"], True),
        ([], ["ACCEPT TCP 2000::/5 22"], False),
        ([], ["ACCEPT ALL fd00::/8", "ACCEPT ALL 8000::/1"], False),
        ([], BELOW_HALF, False),
        (QUARTERS[:1], QUARTERS[:2], True),
        (QUARTERS[:2], QUARTERS, False),
        (["DROP TCP 0.0.0.0/0 22", "ACCEPT ALL 0.0.0.0/0"], ["ACCEPT ALL 0.0.0.0/0"], True),
        (["ACCEPT TCP 0.0.0.0/0 22"], ["ACCEPT TCP 0.0.0.0/0 22", "ACCEPT TCP 10.0.0.0/8 80"], False),
        (["ACCEPT TCP 0.0.0.0/0 22-90"], ["ACCEPT TCP 0.0.0.0/0 22-91"], True),
        # Of templates and groups nobody knows here what is in them.
        (["ACCEPT TCP ipm-abcd1234 80"], ["ACCEPT TCP 0.0.0.0/0 80"], True),
        (["ACCEPT ALL ipmg-abcd1234"], ["ACCEPT ALL 0.0.0.0/0"], True),
        ([], ["ACCEPT TCP sg-abcd1234 80"], True),
        (["ACCEPT TCP ipm-abcd1234 80"], ["ACCEPT TCP ipm-bcde2345 80"], True),
        (["ACCEPT TCP ipm-abcd1234 80"], ["ACCEPT TCP ipm-abcd1234 80", "ACCEPT TCP 10.0.0.0/8 22"], False),
        (["ACCEPT TCP ipm-abcd1234 80", "DROP TCP 10.0.0.0/8 80"], ["ACCEPT TCP ipm-abcd1234 80"], False),
        (["DROP TCP ipm-a 80", "ACCEPT TCP 0.0.0.0/0 80"], ["ACCEPT TCP 0.0.0.0/0 80", "DROP TCP ipm-a 80"], True),
        (
            ["DROP TCP ipm-a 80", "DROP TCP ipm-b 80", "ACCEPT TCP 0.0.0.0/0 80"],
            ["DROP TCP ipm-a 80", "ACCEPT TCP 0.0.0.0/0 80", "DROP TCP ipm-b 80"],
            True,
        ),
    ],
)
def test_the_world_is_half_of_the_internet(before: list[str], after: list[str], is_opened: bool) -> None:
    assert opened_to_world(rules(*before), rules(*after), IN) is is_opened


def test_a_deny_that_goes_opens_what_the_next_group_accepts() -> None:
    old, new = (SecurityGroup("sg-1", rules(*each), ()) for each in (["DROP ALL 0.0.0.0/0", "DROP ALL ::/0"], []))
    assert not groups_opened([old], [new], IN)
    assert groups_opened([old, OPEN], [new, OPEN], IN)
    unread = SecurityGroup("sg-2", None, None)
    assert groups_opened([old, unread], [new, unread], IN)
    assert not groups_opened([old, unread], [old, unread], IN)


def test_a_plan_that_removes_a_deny_above_an_open_group_is_refused_unless_named() -> None:
    """The nodes' group alone opens nothing; with the group below it every node would be open."""
    before, after = (default_lab() for _ in range(2))
    for document, texts in ((before, ["DROP ALL 0.0.0.0/0"]), (after, [])):
        for name, listed in ((NODE, texts), ("sg-open0001", ["ACCEPT ALL 0.0.0.0/0"])):
            lists = {"Version": "1", "Egress": [], "Ingress": policies_of(rules(*listed))}
            document["security_groups"][name] = {"SecurityGroupId": name, "SecurityGroupPolicySet": lists}
        for each in document["instances"]:
            each["SecurityGroupIds"] = [NODE, "sg-open0001"]
    change = RuleChange(NODE, IN, rules("DROP ALL 0.0.0.0/0"), ())
    proposal: Any = SimpleNamespace(steps=(), changes=())
    plan = Plan(proposal, (change,), (), Snapshot(before), Snapshot(after))
    assert ["ins-nodea001" in str(each) for each in refusals(plan)] == [True]
    assert refusals(plan, world=[NODE]) == ()


def test_an_interface_of_nobody_known_is_outside_of_a_plan() -> None:
    """One that says nothing of its machine is ours only by the address of a pod or a node."""
    document = default_lab()
    pod = str(next(iter(Snapshot(document).kubernetes.pods.values())).addresses[0])
    for name, address in (("eni-nobody001", "10.0.99.9"), ("eni-pod00099", pod)):
        row = {"NetworkInterfaceId": name, "GroupSet": [NODE], "PrivateIpAddressSet": [{"PrivateIpAddress": address}]}
        document["network_interfaces"] = [*(document.get("network_interfaces") or ()), row]
    snapshot, proposal = Snapshot(document), SimpleNamespace(steps=(), changes=())
    told: Any = proposal
    plan = Plan(told, (RuleChange(NODE, IN, rules("DROP ALL 0.0.0.0/0"), ()),), (), snapshot, snapshot)
    (refused,) = refusals(plan)
    assert "eni-nobody001" in str(refused)
    assert "eni-pod00099" not in str(refused)


SAMPLES = [f"{octet}.1.2.3" for octet in range(1, 255)]


def test_random_lists_against_one_decision_after_another() -> None:
    """`decide`, asked of an address in each /8, tells the same of lists of whole /8 blocks and wider."""
    rng = random.Random(7)
    blocks = ["64.0.0.0/2", "128.0.0.0/1", "0.0.0.0/0", "96.0.0.0/3", "192.0.0.0/2", "16.0.0.0/4", "32.0.0.0/3"]
    pool = [f"{action} TCP {block} 22" for action in ("ACCEPT", "DROP") for block in blocks]
    told = []
    for _ in range(60):
        before, after = (rules(*rng.sample(pool, rng.randint(0, 4))) for _ in range(2))
        old, new = (_accepted(each) for each in (before, after))
        half = len(SAMPLES) / 2
        if any(abs(len(each) - half) < 4 for each in (new - old, new, old)):
            continue  # 0/8 and 255/8 have no sample
        told.append(len(new - old) > half or (len(new) > half > len(old)))
        assert opened_to_world(before, after, IN) is told[-1], (before, after)
    assert 5 < sum(told) < len(told) - 5


def _accepted(listed: tuple[Rule, ...]) -> set[str]:
    group = SecurityGroup("sg-1", listed, ())
    flows = {each: Flow(protocol="TCP", peer=ip_address(each), port=22) for each in SAMPLES}
    return {each for each, flow in flows.items() if decide([group], IN, flow).action is Action.ACCEPT}
