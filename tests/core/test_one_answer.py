"""
A rule that names a group, asked in every way there is: one rule, one answer.

The expected answers are written down, or come from `reference`, which knows nothing of the engine.
"""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest
import reference
from builders import ask, lab
from changes import Change, Document, ingress, pass_to_target, rules
from changes_doubtful import private_clb
from hypothesis import given
from hypothesis import strategies as st

import drilllib
from drilllib.bulk import BulkDecider
from drilllib.core.diff import difference_of_groups
from drilllib.core.drills.default_lab import CLB_GROUP, SERVICE
from drilllib.core.reach.clients import clients_from
from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import Action, Direction, Flow, SecurityGroup, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.verdict import Verdict

PUBLIC, PRIVATE = "203.0.113.10", "10.9.9.9"
VERDICTS = {
    Action.ACCEPT: Verdict.REACHABLE,
    Action.DROP: Verdict.UNREACHABLE,
    Action.UNDETERMINED: Verdict.UNDETERMINED,
}
ACCEPT, DROP, UNDETERMINED = Action


def saved(lines: Sequence[str], name: str = CLB_GROUP) -> SecurityGroup:
    """The group as `drill decide` reads it from a file: nothing is known of the names in it."""
    return group_from_policy_set(name, {"Ingress": rules(*lines), "Egress": []})


def bound(lines: Sequence[str], *more: Change) -> Snapshot:
    """The group bound to a CLB behind which everything is open."""
    return lab(ingress(CLB_GROUP, *lines), pass_to_target, *more)


def by_decide(groups: Sequence[SecurityGroup], client: str) -> Action:
    return decide(groups, Direction.INGRESS, Flow(protocol="TCP", peer=ip_address(client), port=80)).action


def by_reference(lines: Sequence[str], client: str) -> Action:
    packet = reference.Packet("TCP", ip_address(client), 80)
    return Action(reference.decide([(CLB_GROUP, {"Ingress": rules(*lines)})], "Ingress", packet).action)


def by_sets(groups: Sequence[SecurityGroup], client: str) -> Action:
    return accepted(groups, Direction.INGRESS).of(Flow(protocol="TCP", peer=ip_address(client), port=80))


def by_bulk(group: SecurityGroup, client: str) -> Action:
    pytest.importorskip("numpy")
    return BulkDecider([group], Direction.INGRESS, "TCP").decide([ip_address(client)], [80])[0].action


def by_reach(snapshot: Snapshot, client: str) -> Verdict:
    (found,) = drilllib.reach(snapshot, Question(service=SERVICE))
    one = clients_from([ip_network(client)])
    (verdict,) = (each.trace.verdict for each in found.classes if one <= each.clients)
    return verdict


def by_check(snapshot: Snapshot, client: str) -> Verdict:
    """What holds of an expectation that the client is let in, and of one that it is not."""
    asked = {"service": SERVICE, "port": 80, "from": [client]}
    document = {
        "schema": "drilllib/expectations/1",
        "expectations": [{"name": word, word: asked} for word in ("allow", "forbid")],
    }
    allow, forbid = (str(each.status) for each in drilllib.check(snapshot, document))
    return {
        ("holds", "fails"): Verdict.REACHABLE,
        ("fails", "holds"): Verdict.UNREACHABLE,
        ("undetermined", "undetermined"): Verdict.UNDETERMINED,
    }[allow, forbid]


def by_diff(group: SecurityGroup, client: str) -> Action:
    """What changes for the client against a group that lets nobody in."""
    flow = Flow(protocol="TCP", peer=ip_address(client), port=80)
    found = difference_of_groups(saved((), group.group_id), group)
    after = [change.after for part in found.accepted for change in part.changes if flow in change.flows]
    return after[0] if after else Action.DROP


TABLE = [
    (["ACCEPT TCP sg-office 80"], DROP, UNDETERMINED),
    (["ACCEPT ALL sg-office ALL"], DROP, UNDETERMINED),
    (["DROP TCP sg-office 80", "ACCEPT TCP 0.0.0.0/0 80"], ACCEPT, UNDETERMINED),
    (["ACCEPT TCP sg-office 80", "DROP TCP 0.0.0.0/0 80"], DROP, UNDETERMINED),
    (["ACCEPT TCP sg-office 80", "ACCEPT TCP 0.0.0.0/0 80"], ACCEPT, ACCEPT),
    (["DROP TCP sg-office 80"], DROP, DROP),
    (["DROP TCP 10.0.0.0/8 80", "ACCEPT TCP sg-office 80"], DROP, DROP),
    (["ACCEPT TCP sg-office 81"], DROP, DROP),
    (["ACCEPT TCP ipm-office 80"], UNDETERMINED, UNDETERMINED),
]


@pytest.mark.parametrize(("client", "column"), [(PUBLIC, 1), (PRIVATE, 2)])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: ", ".join(row[0]))
def test_every_way_of_asking_has_the_same_answer(row: tuple, client: str, column: int) -> None:
    lines, wanted = row[0], row[column]
    group, snapshot = saved(lines), bound(lines, *([private_clb] if client == PRIVATE else []))

    assert by_reference(lines, client) is wanted
    assert {
        "decide": by_decide([group], client),
        "sets": by_sets([group], client),
        "bulk": by_bulk(group, client),
        "diff": by_diff(group, client),
        "interface": by_sets([snapshot.group(CLB_GROUP)], client),
    } == dict.fromkeys(("decide", "sets", "bulk", "diff", "interface"), wanted)
    assert {
        "trace": ask(snapshot, client=client).verdict,
        "reach": by_reach(snapshot, client),
        "check": by_check(snapshot, client),
    } == dict.fromkeys(("trace", "reach", "check"), VERDICTS[wanted])


def test_fix_opens_what_a_group_as_peer_leaves_closed() -> None:
    """The repair for a client on the internet is a rule with its address, beside the group's."""
    snapshot = bound(["ACCEPT TCP sg-office 80"])
    found = drilllib.fix(snapshot, Question(service=SERVICE), "203.0.113.0/24")

    assert [change.rule.text for change in found.changes] == ["ACCEPT TCP 203.0.113.0/24 80"]
    assert found.works


def test_lint_knows_that_a_group_takes_nothing_from_public_clients() -> None:
    """A DROP of private addresses above leaves a group's rule nothing of IPv4; the one below it is not covered."""
    private = [f"DROP ALL {block} ALL" for block in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")]
    lines = [*private, "ACCEPT TCP sg-office 80", "ACCEPT TCP 203.0.113.0/24 80"]
    document = {"Ingress": [*rules(*lines)], "Egress": []}
    document["Ingress"].insert(0, {"Action": "DROP", "Protocol": "ALL", "Port": "ALL", "Ipv6CidrBlock": "::/0"})
    for index, rule in enumerate(document["Ingress"]):
        rule["PolicyIndex"] = index
    found = drilllib.lint([group_from_policy_set(CLB_GROUP, document)])

    assert ("ACCEPT_CANCELLED", 5) in {(each.code, each.policy_index) for each in found}
    assert not any(each.policy_index == 6 for each in found)


peers = st.sampled_from(["sg-office", "sg-web", "0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24", "203.0.113.10"])
lines = st.lists(
    st.builds(
        lambda action, protocol, peer, port: f"{action} {protocol} {peer} {port}",
        st.sampled_from(["ACCEPT", "DROP"]),
        st.sampled_from(["TCP", "TCP", "ALL"]),
        peers,
        st.sampled_from(["80", "ALL"]),
    ),
    max_size=5,
)


def ports_of_all(line: str) -> str:
    """A rule for every protocol has every port."""
    return line.replace(" 80", " ALL") if " ALL " in line else line


def binds_a_node(document: Document) -> None:
    """One of the groups is bound to something in the snapshot, the other is not."""
    document["instances"][0]["SecurityGroupIds"].append("sg-office")


@given(lines, st.sampled_from([PUBLIC, "203.0.113.11", "198.51.100.7", "8.8.8.8"]))
def test_public_clients_are_told_alike_with_and_without_a_snapshot(drawn: list[str], client: str) -> None:
    """What a snapshot tells of private addresses is nothing to a public one."""
    listed = [ports_of_all(line) for line in drawn]
    group, snapshot = saved(listed), bound(listed, binds_a_node)
    wanted = by_reference(listed, client)

    assert by_decide([group], client) is by_decide([snapshot.group(CLB_GROUP)], client) is wanted
    assert by_sets([group], client) is by_diff(group, client) is wanted
    assert ask(snapshot, client=client).verdict is VERDICTS[wanted] is by_reach(snapshot, client)


@given(lines, st.sampled_from([PRIVATE, "10.0.35.11", "172.16.0.1", "100.64.0.1"]))
def test_a_snapshot_only_adds_to_what_is_known_of_private_addresses(drawn: list[str], client: str) -> None:
    """Without one the answer may be open; it is never another one."""
    listed = [ports_of_all(line) for line in drawn]
    group, snapshot = saved(listed), bound(listed, binds_a_node)

    assert by_decide([group], client) in (by_decide([snapshot.group(CLB_GROUP)], client), Action.UNDETERMINED)
