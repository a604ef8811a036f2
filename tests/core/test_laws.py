"""Laws of rule lists: true of every group, whatever is in it."""

import json
from ipaddress import ip_address, ip_network

from hypothesis import assume, example, given
from hypothesis import strategies as st

from drilllib.core.rules.members import Directory, Members, Reference, range_of
from drilllib.core.rules.policies import group_from_policy_set, numbered, rule_from_policy, rule_from_text
from drilllib.core.rules.rules import Action, Decision, Direction, Flow, Rule, SecurityGroup, decide, decide_any

# A small universe, so that rules meet often: few blocks, few ports, spellings as they come.
NAMED_PEERS = [{"SecurityGroupId": "sg-a"}, {"AddressTemplate": {"AddressId": "ipm-a", "AddressGroupId": ""}}]
IPV4_PEERS = ["0.0.0.0/0", "0.0.0.0/8", "10.0.0.0/8", "10.0.35.7/24", "10.0.35.0/31", "10.0.35.1", "203.0.113.0/24"]
IPV6_PEERS = ["::/0", "2001:DB8::/32", "2001:db8::1/127", "2001:db8::1"]
PRIVATE = [block for block in IPV4_PEERS if block.startswith("10.")]
PORTS = ["80", "81", "80,443", "79-81", "22,80-443", "1-65535", "80,79-81", "ALL", "all", "", None]

actions = st.sampled_from(["ACCEPT", "DROP", "accept", "Drop"])
peers = st.one_of(
    st.sampled_from(IPV4_PEERS).map(lambda block: {"CidrBlock": block}),
    st.sampled_from(IPV6_PEERS).map(lambda block: {"Ipv6CidrBlock": block, "CidrBlock": ""}),
    st.sampled_from(NAMED_PEERS),
)
with_ports = st.fixed_dictionaries({"Protocol": st.sampled_from(["TCP", "tcp", "UDP"]), "Port": st.sampled_from(PORTS)})
without_ports = st.fixed_dictionaries(
    {"Protocol": st.sampled_from(["ALL", "all", "GRE", "gre"])}, optional={"Port": st.just("ALL")}
)
service_templates = st.just({"ServiceTemplate": {"ServiceId": "ppm-a"}})


def written(action: str, peer: dict, service: dict) -> dict:
    return {"Action": action, **peer, **service}


policies = st.builds(written, actions, peers, with_ports | without_ports | service_templates)
policies_in_words = policies.filter(lambda policy: not any(name.endswith("Template") for name in policy))
lists = st.lists(policies, max_size=6)
flows = st.builds(
    lambda protocol, peer, port: Flow(protocol=protocol, peer=ip_address(peer), port=port),
    st.sampled_from(["TCP", "TCP", "TCP", "UDP"]),
    st.sampled_from(["10.0.35.0", "10.0.35.1", "10.0.35.2", "203.0.113.10", "2001:db8::1", "2001:db8::2"]),
    st.sampled_from([22, 79, 80, 81, 82, 443]),
)


def group(ingress: list[dict], egress: list[dict] | None = None, name: str = "sg-1") -> SecurityGroup:
    return group_from_policy_set(name, {"Ingress": ingress, "Egress": egress})


def ingress(flow: Flow, *groups: SecurityGroup) -> Decision:
    return decide(groups, Direction.INGRESS, flow)


def peers_apart(one: Rule, other: Rule) -> bool:
    if isinstance(one.peer, Reference) or isinstance(other.peer, Reference):
        return False
    return one.peer.version != other.peer.version or not one.peer.overlaps(other.peer)


def services_apart(one: Rule, other: Rule) -> bool:
    if one.service or other.service or "ALL" in (one.protocol, other.protocol):
        return False
    if one.protocol != other.protocol:
        return True
    if one.ports is None or other.ports is None:
        return False
    return all(last < low or high < first for first, last in one.ports for low, high in other.ports)


def never_both_match(one: dict, other: dict) -> bool:
    """Whether two rules share no flow, as far as they say what they match."""
    pair = rule_from_policy(one), rule_from_policy(other)
    return peers_apart(*pair) or services_apart(*pair)


@given(lists, policies, flows)
def test_a_rule_appended_below_the_deciding_one_changes_nothing(above: list[dict], below: dict, flow: Flow) -> None:
    """Appending cannot undo a DROP, which is why a repair must be inserted above it."""
    before = ingress(flow, group(above))
    decided = before.rule is not None and before.action is not Action.UNDETERMINED

    assert not decided or ingress(flow, group([*above, below])) == before


@given(lists, policies, policies, lists, flows)
def test_neighbours_that_never_both_match_can_be_swapped(
    above: list[dict], one: dict, other: dict, below: list[dict], flow: Flow
) -> None:
    """Order matters only where rules overlap, so tidying a list is safe elsewhere."""
    assume(never_both_match(one, other))

    swapped = ingress(flow, group([*above, other, one, *below]))

    assert swapped.action is ingress(flow, group([*above, one, other, *below])).action


@given(lists, lists, flows)
def test_two_lists_joined_decide_like_two_groups_in_order(first: list[dict], second: list[dict], flow: Flow) -> None:
    """A flow that no rule of a group matches falls through to the next group."""
    apart = ingress(flow, group(first), group(second, name="sg-2"))
    joined = ingress(flow, group([*first, *second]))

    assert (joined.action, joined.rule) == (apart.action, apart.rule)
    if apart.group == "sg-2":
        assert joined.policy_index == apart.policy_index + len(first)


@given(lists, lists, lists, flows)
def test_the_other_direction_has_no_say(asked: list[dict], other: list[dict], another: list[dict], flow: Flow) -> None:
    """An open egress list never lets anything in."""
    assert ingress(flow, group(asked, other)) == ingress(flow, group(asked, another))
    outward = [decide([group(unasked, asked)], Direction.EGRESS, flow) for unasked in (other, another)]
    assert outward[0] == outward[1]


def spelt_out(policy: dict, peer: dict, service: dict) -> dict:
    """The rule with its named halves replaced by known ones."""
    rule = rule_from_policy(policy)
    known_peer = peer if isinstance(rule.peer, Reference) else {}
    if isinstance(rule.peer, Reference) and rule.peer.kind == "SecurityGroupId" and peer["CidrBlock"] not in PRIVATE:
        known_peer = {**peer, "CidrBlock": PRIVATE[0]}  # no member of a group has a public address
    known_service = service if rule.service else {}
    return {**policy, **known_peer, **known_service}


known_peers = st.sampled_from(IPV4_PEERS).map(
    lambda block: {"CidrBlock": block, "SecurityGroupId": "", "AddressTemplate": {}}
)
known_services = with_ports.map(lambda service: {**service, "ServiceTemplate": {}})


@given(st.lists(st.tuples(policies, known_peers, known_services), max_size=6), flows)
def test_learning_who_a_name_stands_for_only_settles_doubts(listed: list[tuple], flow: Flow) -> None:
    """An answer given despite unknown members must hold whoever they turn out to be."""
    before = ingress(flow, group([policy for policy, _, _ in listed]))
    after = ingress(flow, group([spelt_out(*rule) for rule in listed]))

    assert before.action in (after.action, Action.UNDETERMINED)
    assert not after.unresolved


@given(lists, flows)
@example(
    [{"Action": "DROP", "Protocol": "TCP", "Port": "80,79-81", "SecurityGroupId": "sg-a"}],
    Flow(protocol="TCP", peer=ip_address("10.0.35.1"), port=80),
)
def test_a_doubtful_rule_is_named_once(listed: list[dict], flow: Flow) -> None:
    """A port list may name one port twice; the rule is still one rule."""
    unresolved = ingress(flow, group(listed)).unresolved

    assert len(set(unresolved)) == len(unresolved)


texts = st.text('a "/\\\n\u00e9规', max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)
extra_fields = st.dictionaries(st.sampled_from(["PolicyDescription", "Priority", "Unheard-of", "规则"]), json_values)
described_lists = st.lists(st.tuples(extra_fields, policies), max_size=3)


@given(described_lists, described_lists)
def test_reading_and_writing_is_the_identity(inward: list[tuple], outward: list[tuple]) -> None:
    """A tool that loses a field, a letter case or a spelling of a block cannot be trusted to write back."""
    kept = {
        "Version": "7",
        "Ingress": [{**extra, "PolicyIndex": place, **policy} for place, (extra, policy) in enumerate(inward)],
        "Egress": [{**extra, **policy, "PolicyIndex": place} for place, (extra, policy) in enumerate(outward)],
    }
    before = json.dumps(kept)

    read = group_from_policy_set("sg-1", json.loads(before))

    assert json.dumps({"Version": "7", "Ingress": numbered(read.ingress), "Egress": numbered(read.egress)}) == before


@given(st.data(), lists)
def test_numbered_rules_are_read_by_number(data: st.DataObject, listed: list[dict]) -> None:
    """The order of a JSON list is an accident where every rule says its place."""
    placed = [{**policy, "PolicyIndex": place} for place, policy in enumerate(listed)]

    assert numbered(group(data.draw(st.permutations(placed))).ingress) == placed


@given(policies_in_words, flows)
def test_a_rules_text_means_the_rule(policy: dict, flow: Flow) -> None:
    """What a learner reads on the screen can be typed back."""
    rule = rule_from_policy(policy)

    typed = rule_from_text(rule.text)

    assert typed.text == rule.text
    one, other = (ingress(flow, SecurityGroup("sg-1", (each,), ())) for each in (rule, typed))
    assert (one.action, one.policy_index, one.unresolved) == (other.action, other.policy_index, other.unresolved)


SOME_MEMBERS = [(), ("10.0.35.0/31",), ("10.0.35.1", "203.0.113.0/24"), ("2001:db8::/127", "10.0.35.2")]
member_lists = st.sampled_from(SOME_MEMBERS).map(lambda texts: [ip_network(text) for text in texts])


@given(lists, member_lists, flows)
def test_given_members_are_the_same_as_rules_written_out(policies: list[dict], members: list, flow: Flow) -> None:
    """Knowing who is in a group must mean exactly a rule for each of them."""
    assume(not any("ServiceTemplate" in policy for policy in policies))
    known = Members(certain=tuple(map(range_of, members)))
    names = Directory(peers={"sg-a": known, "ipm-a": known})
    named = group_from_policy_set("sg-1", {"Ingress": policies, "Egress": []}, names)
    spelled = [each for policy in policies for each in written_out(policy, members)]

    assert ingress(flow, named).action is ingress(flow, group(spelled)).action
    assert not ingress(flow, named).unresolved


def written_out(policy: dict, members: list) -> list[dict]:
    """The rule once for each member where it names its peer, else the rule itself."""
    if not {"SecurityGroupId", "AddressTemplate"} & policy.keys():
        return [policy]
    bare = {name: value for name, value in policy.items() if name not in ("SecurityGroupId", "AddressTemplate")}
    kinds = {4: "CidrBlock", 6: "Ipv6CidrBlock"}
    return [{**bare, kinds[member.version]: str(member)} for member in members]


blocks = st.sampled_from(["10.0.35.0/30", "10.0.35.0/31", "10.0.34.254/31", "203.0.113.8/29", "2001:db8::/126"])


@given(lists, lists, blocks.map(ip_network), st.sampled_from([79, 80, 81, 443]))
def test_a_block_is_decided_as_all_of_its_addresses_are(first: list, second: list, block, port: int) -> None:
    """The CLB draws its source from a block; the answer must hold for whichever it draws."""
    groups = [group(first), group(second, name="sg-2")]
    each = {ingress(Flow(protocol="TCP", peer=peer, port=port), *groups).action for peer in block}

    decided = decide_any(groups, Direction.INGRESS, "TCP", [block], port).action

    assert decided is (each.pop() if len(each) == 1 else Action.UNDETERMINED)
