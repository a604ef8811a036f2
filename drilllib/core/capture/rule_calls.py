"""What has to be read of security groups: the rules of those on the path, and what their rules name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from drilllib.core.capture import calls
from drilllib.core.capture.asks import CloudCall, Wanted
from drilllib.core.capture.known import Item, Known, inside, items_in, text_of, texts_in
from drilllib.core.capture.machine_calls import (
    addresses_of_pods,
    interface_addresses,
    is_vpc_settled,
    own_machines,
    vpc_id,
)

_GROUP = re.compile(r"sg-[A-Za-z0-9]{1,32}")
_TEMPLATE = {"Address": re.compile(r"ipm-[A-Za-z0-9]{1,32}"), "Service": re.compile(r"ppm-[A-Za-z0-9]{1,32}")}
_GROUP_OF_TEMPLATES = {
    "Address": re.compile(r"ipmg-[A-Za-z0-9]{1,32}"),
    "Service": re.compile(r"ppmg-[A-Za-z0-9]{1,32}"),
}
_FIELDS = {"Address": ("AddressId", "AddressGroupId"), "Service": ("ServiceId", "ServiceGroupId")}


def rule_calls(known: Known, wanted: Wanted, regions: Mapping[str, str]) -> Iterator[CloudCall]:
    """
    The rules of every group that is bound on the path, and the templates and members of groups that they name.

    *regions* are those of load balancers, where their groups are too, with the templates that these name; empty where
    it is the cluster's.
    """
    of_balancers, of_others = groups_of_balancers(known), groups_of_machines(known) | groups_of_pods(known, wanted)
    of_others |= set(wanted.groups)
    places = {
        each: regions.get(text_of(row.get("LoadBalancerId")), "")
        for row in known.rows("DescribeLoadBalancers")
        for each in _groups(row.get("SecureGroups"))
    }
    yield from (calls.rules_of(each, places[each]) for each in sorted(of_balancers))
    yield from (calls.rules_of(each) for each in sorted(of_others - of_balancers))
    for region in sorted({"", *places.values()}):
        named = [each for group, each in rules_of_groups(known) if places.get(group, "") == region]
        for kind in ("Address", "Service"):
            yield from _template_calls(known, kind, named, region)
    yield from _member_calls(known, of_balancers | of_others)


def groups_of_balancers(known: Known) -> set[str]:
    """The groups of the load balancers."""
    return {each for row in known.rows("DescribeLoadBalancers") for each in _groups(row.get("SecureGroups"))}


def groups_of_machines(known: Known) -> set[str]:
    """The groups of the nodes and targets, native machines among them; others' are not on the path."""
    found = {each for row in own_machines(known) for each in _groups(row.get("SecurityGroupIds"))}
    native = (inside(row, "Native", "SecurityGroupIDs") for row in known.rows("DescribeClusterInstances"))
    return found | {each for listed in native for each in _groups(listed)}


def groups_of_pods(known: Known, wanted: Wanted) -> set[str]:
    """The groups of the interfaces that carry pods of the Service."""
    pods, rows = addresses_of_pods(known, wanted), known.rows("DescribeNetworkInterfaces")
    return {each for row in rows if interface_addresses(row) & pods for each in _groups(row.get("GroupSet"))}


def _groups(value: object) -> Iterator[str]:
    yield from (each for each in texts_in(value) if _GROUP.fullmatch(each))


def rules_of_groups(known: Known) -> Iterator[tuple[str, Item]]:
    """Every rule of every group that was read, with its group; empty where a file does not say of which it is."""
    for call, answer in known.calls("DescribeSecurityGroupPolicies"):
        group = text_of(call.request.get("SecurityGroupId")) if call else ""
        for page in answer.pages:
            for side in ("Ingress", "Egress"):
                yield from ((group, each) for each in items_in(inside(page, "SecurityGroupPolicySet", side)))


def _named(rules: Iterable[Item], kind: str, place: int) -> set[str]:
    return {text_of(inside(rule, f"{kind}Template", _FIELDS[kind][place])) for rule in rules}


def _template_calls(known: Known, kind: str, rules: Sequence[Item], region: str) -> Iterator[CloudCall]:
    """
    The templates that rules of groups of one region name, by id; all there are once one names a group of templates,
    which saves the round for its members.
    """
    action = f"Describe{kind}Templates"
    single = {each for each in _named(rules, kind, 0) if _TEMPLATE[kind].fullmatch(each)}
    groups = {each for each in _named(rules, kind, 1) if _GROUP_OF_TEMPLATES[kind].fullmatch(each)}
    asked = known.asked(action, f"{kind.lower()}-template-id") | known.ids(action)
    if groups:
        yield from calls.templates(kind, region=region)
    elif single - asked:
        yield from calls.templates(kind, single - asked, region)
    asked = known.asked(f"{action[:-1]}Groups", f"{kind.lower()}-template-group-id") | known.ids(f"{action[:-1]}Groups")
    yield from calls.template_groups(kind, groups - asked, region)


def _member_calls(known: Known, bound: set[str]) -> Iterator[CloudCall]:
    """
    Who else has the groups on the path, which a change of their rules would reach too, and who is in groups that rules
    let in by name.
    """
    if not is_vpc_settled(known):
        return
    named = {each for _, rule in rules_of_groups(known) for each in _groups([rule.get("SecurityGroupId")])}
    if not known.has_plain_file("DescribeNetworkInterfaces"):
        asked = known.asked("DescribeNetworkInterfaces", "groups.security-group-id")
        yield from calls.interfaces_with(vpc_id(known), (named | bound) - asked)
    if not known.has_plain_file("DescribeInstances"):
        asked = known.asked("DescribeInstances", "security-group-id")
        yield from calls.instances_with(vpc_id(known), (named | bound) - asked)
