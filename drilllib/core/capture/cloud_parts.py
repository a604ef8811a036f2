"""The parts of a snapshot that lists of the cloud's API give: balancers, machines, interfaces, groups, templates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall
from drilllib.core.capture.assembly import Notes
from drilllib.core.capture.known import text_of, texts_in
from drilllib.core.capture.merge import Rows
from drilllib.core.capture.pages import cloud_answers, identified, total
from drilllib.core.capture.sources import called
from drilllib.core.snapshot.anonymous.fields import BY_ID, LISTS
from drilllib.core.snapshot.ledger.cloud import SECURITY_GROUP
from drilllib.core.snapshot.ledger.tables import Kind
from drilllib.core.snapshot.shapes import is_address
from drilllib.errors import Message


@dataclass(frozen=True, slots=True)
class _Source:
    """Which call's list a part is: its *key* in the answer, and the field of each row that is its *id*."""

    part: str
    service: str
    action: str
    key: str
    id: str


_SOURCES = (
    _Source("load_balancers", "clb", "DescribeLoadBalancers", "LoadBalancerSet", "LoadBalancerId"),
    _Source("instances", "cvm", "DescribeInstances", "InstanceSet", "InstanceId"),
    _Source("network_interfaces", "vpc", "DescribeNetworkInterfaces", "NetworkInterfaceSet", "NetworkInterfaceId"),
    _Source("subnets", "vpc", "DescribeSubnets", "SubnetSet", "SubnetId"),
    _Source("address_templates", "vpc", "DescribeAddressTemplates", "AddressTemplateSet", "AddressTemplateId"),
    _Source(
        *("address_template_groups", "vpc", "DescribeAddressTemplateGroups", "AddressTemplateGroupSet"),
        id="AddressTemplateGroupId",
    ),
    _Source("service_templates", "vpc", "DescribeServiceTemplates", "ServiceTemplateSet", "ServiceTemplateId"),
    _Source(
        *("service_template_groups", "vpc", "DescribeServiceTemplateGroups", "ServiceTemplateGroupSet"),
        id="ServiceTemplateGroupId",
    ),
)


_USED = {
    *(each.action for each in _SOURCES),
    *("DescribeSecurityGroupPolicies", "DescribeListeners", "DescribeTargets", "DescribeTargetHealth"),
    *("DescribeAddresses", "DescribeClusters", "DescribeClusterInstances", "DescribeAddon", "DescribeAddonValues"),
}


def cloud_parts(answers: Sequence[Answer], notes: Notes) -> dict[str, Any]:
    """
    These parts by their names. One that no call answered, or that answered with nothing, is absent: a row that did not
    come back may be hidden or elsewhere.
    """
    parts: dict[str, Any] = {}
    for source in _SOURCES:
        rows = _rows(source, answers, notes)
        if source.part == "instances":
            _add_native(rows, answers, notes)
        if source.part == "load_balancers":
            _add_addresses(rows, answers, notes)
        if len(rows):
            parts[source.part] = rows.by_id() if source.part in BY_ID else rows.rows()
    for answer in answers:
        if isinstance(answer.ask, CloudCall) and answer.ask.action not in _USED and answer.pages:
            notes.understand(answer.ask.action, len(answer.pages), answer.source, is_used=False)
    groups = _groups(answers, notes)
    return {**parts, "security_groups": groups} if groups else parts


def _rows(source: _Source, answers: Iterable[Answer], notes: Notes) -> Rows:
    kind = _kind(source.part)
    rows, read = Rows(kind.name, notes), dict[tuple[str, int], set[str]]()
    for answer in cloud_answers(answers, source.service, source.action):
        before, count = len(rows), total(answer)
        seen = read.setdefault((_question(answer), count), set()) if count is not None else set[str]()
        for name, row in identified(answer, source.key, source.id):
            rows.add(name, notes.keep.object(kind, row), answer.source)
            seen.add(name)
        if answer.pages:
            notes.understand(kind.name, len(rows) - before, answer.source)
    for (_, count), names in read.items():
        if len(names) < count:
            notes.lack(source.part, _lost(len(names), count))
    return rows


def _add_native(rows: Rows, answers: Iterable[Answer], notes: Notes) -> None:
    """Machines of native node pools, which CVM does not list; groups and VPC as TKE 2022-05-01 tells them."""
    for answer in cloud_answers(answers, "tke", "DescribeClusterInstances"):
        before = len(rows)
        for name, row in identified(answer, "InstanceSet", "InstanceId"):
            if (machine := _native(name, row)) and machine["InstanceId"] not in rows:
                rows.add(machine["InstanceId"], notes.keep.object(LISTS["instances"], machine), answer.source)
        if len(rows) > before:
            notes.understand("Instance", len(rows) - before, answer.source)


def _native(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The machine as CVM would list it; empty of one that is not native, or has no address yet."""
    native, address = row.get("Native"), row.get("LanIP")
    if not isinstance(native, Mapping) or not isinstance(address, str) or not address:
        return {}
    return {
        "InstanceId": text_of(native.get("InstanceId")) or name,
        "InstanceName": name,
        "PrivateIpAddresses": [address],
        "SecurityGroupIds": native.get("SecurityGroupIDs"),
        "VirtualPrivateCloud": {"VpcId": native.get("VpcId")},
    }


def _add_addresses(rows: Rows, answers: Iterable[Answer], notes: Notes) -> None:
    """The EIPs that are bound to a load balancer are addresses of it, which its own call does not tell."""
    balancers = rows.by_id()
    for answer in cloud_answers(answers, "vpc", "DescribeAddresses"):
        bound = 0
        for _, row in identified(answer, "AddressSet", "AddressId"):
            balancer, address = balancers.get(text_of(row.get("InstanceId"))), text_of(row.get("AddressIp"))
            if balancer is not None and row.get("AddressStatus") == "BIND" and is_address(address):
                vips = texts_in(balancer.get("LoadBalancerVips"))
                bound += address not in vips
                balancer["LoadBalancerVips"] = list(dict.fromkeys((*vips, address)))
        if bound:
            notes.understand("Address", bound, answer.source)
        elif answer.pages:
            notes.understand("DescribeAddresses", len(answer.pages), answer.source, is_used=False)


def _lost(rows: int, count: int) -> Message:
    return Message(
        "{rows} of {total} were read: a page is missing, or a right shows some of them only", rows=rows, total=count
    )


def _kind(part: str) -> Kind:
    return LISTS[part] if part in LISTS else BY_ID[part][0]


def _question(answer: Answer) -> str:
    """What was asked, which is the same for every page."""
    asked = answer.ask.request if isinstance(answer.ask, CloudCall) else {}
    return str({name: value for name, value in asked.items() if name not in ("Offset", "Limit")})


def _groups(answers: Iterable[Answer], notes: Notes) -> Mapping[str, Any]:
    """The rule lists by their groups, which only the request names; see naming.py for files without one."""
    rows = Rows("SecurityGroup", notes)
    for answer in cloud_answers(answers, "vpc", "DescribeSecurityGroupPolicies"):
        name = answer.ask.request.get("SecurityGroupId") if isinstance(answer.ask, CloudCall) else None
        for page in answer.pages:
            listed = page.get("SecurityGroupPolicySet")
            if not isinstance(name, str) or not name:
                why = Message("{source} does not say which group its rules are of", source=called(answer.source))
                notes.lack("security_groups", why)
            elif isinstance(listed, Mapping):
                group = notes.keep.object(SECURITY_GROUP, {"SecurityGroupPolicySet": listed})
                rows.add(name, group, answer.source, listed.get("Version"))
                notes.understand("SecurityGroup", 1, answer.source)
    return rows.by_id()
