"""A reader that answers a capture's asks from a snapshot's document, and counts: a second reading of the API."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind, Wanted
from drilllib.core.capture.paging import next_page
from drilllib.core.capture.plan import needed

Document = Mapping[str, Any]
Row = Mapping[str, Any]
MOST_ROUNDS = 30
WEB = Wanted(service="shop/web")


@dataclass
class Reader:
    """Answers from *document*; *refused* says what it may not read. *rounds* and *calls*, pages too, are counted."""

    document: Document
    refused: Callable[[Ask], bool] = lambda ask: False
    rounds: list[tuple[Ask, ...]] = field(default_factory=list)
    calls: list[Ask] = field(default_factory=list)

    def read(self, ask: Ask) -> Answer:
        if self.refused(ask):
            self.calls.append(ask)
            return Answer(ask, refusal=Refusal(RefusalKind.FORBIDDEN, "UnauthorizedOperation"))
        return self._kubernetes(ask) if isinstance(ask, KubernetesRead) else self._cloud(ask)

    def _kubernetes(self, ask: KubernetesRead) -> Answer:
        self.calls.append(ask)
        items = [each for each in self.document["kubernetes"] if each["kind"] == ask.kind]
        if ask.namespace:
            items = [each for each in items if each["metadata"].get("namespace") == ask.namespace]
        if not ask.name:
            bare = [{name: each[name] for name in each if name not in ("kind", "apiVersion")} for each in items]
            return Answer(ask, ({"kind": f"{ask.kind}List", "items": bare},), whole=True)
        named = tuple(each for each in items if each["metadata"]["name"] == ask.name)
        absent = None if named else Refusal(RefusalKind.ABSENT, "NotFound")
        return Answer(ask, named, absent, whole=bool(named))

    def _cloud(self, call: CloudCall) -> Answer:
        group = call.request.get("SecurityGroupId")
        if group is not None and group not in self.document["security_groups"]:
            self.calls.append(call)
            return Answer(call, refusal=Refusal(RefusalKind.ABSENT, "ResourceNotFound"))
        pages: list[Mapping[str, Any]] = []
        asked: CloudCall | None = call
        while asked is not None:
            self.calls.append(asked)
            pages.append(page_of(self.document, asked))
            asked = next_page(call, pages)
        return Answer(call, tuple(pages), whole=True)


def capture(reader: Reader, wanted: Wanted) -> list[Answer]:
    """All answers, by the loop that whoever reads plays."""
    answers: list[Answer] = []
    while asks := needed(answers, wanted):
        reader.rounds.append(asks)
        assert len(reader.rounds) <= MOST_ROUNDS, asks
        answers += map(reader.read, asks)
    return answers


def captured(document: dict[str, Any], wanted: Wanted = WEB) -> Reader:
    reader = Reader(document)
    capture(reader, wanted)
    return reader


def asked(reader: Reader, action: str) -> list[dict[str, Any]]:
    return [each.request for each in reader.calls if isinstance(each, CloudCall) and each.action == action]


def page_of(document: Document, call: CloudCall) -> dict[str, Any]:
    """One page of an answer, as the vendor's texts have it."""
    request = call.request
    if call.action == "DescribeSecurityGroupPolicies":
        return {
            "SecurityGroupPolicySet": document["security_groups"][request["SecurityGroupId"]]["SecurityGroupPolicySet"]
        }
    if call.action in ("DescribeListeners", "DescribeTargets"):
        listeners = document["listeners"].get(request["LoadBalancerId"], [])
        return {"Listeners": listeners, "TotalCount": len(listeners)}
    if call.action == "DescribeAddon":
        return {"Addons": [{"AddonName": request["AddonName"], "RawValues": "e30=", "Phase": "Succeeded"}]}
    name, rows = rows_of(document, call.action)
    found = [row for row in rows if fits(row, call)]
    start, limit = int(request.get("Offset", 0)), int(request.get("Limit", 20))
    assert limit <= 100, call
    return {name: found[start : start + limit], "TotalCount": len(found)}


def rows_of(document: Document, action: str) -> tuple[str, list[Row]]:
    """What an action lists, and under which name."""
    cluster = document.get("cluster") or {}
    by_id = {"DescribeAddressTemplates": "address_templates", "DescribeServiceTemplates": "service_templates"}
    by_id |= {f"{key[:-1]}Groups": f"{part[:-1]}_groups" for key, part in by_id.items()}
    if action in by_id:
        name = action.removeprefix("Describe")[:-1]
        return f"{name}Set", [{f"{name}Id": key, **row} for key, row in (document.get(by_id[action]) or {}).items()]
    return {
        "DescribeLoadBalancers": ("LoadBalancerSet", document["load_balancers"]),
        "DescribeTargetHealth": ("LoadBalancers", document.get("target_health") or []),
        "DescribeInstances": ("InstanceSet", document["instances"]),
        "DescribeNetworkInterfaces": ("NetworkInterfaceSet", document["network_interfaces"]),
        "DescribeSubnets": ("SubnetSet", document.get("subnets") or []),
        "DescribeAddresses": ("AddressSet", document.get("addresses") or []),
        "DescribeClusters": ("Clusters", [cluster] if cluster else []),
        "DescribeClusterInstances": ("InstanceSet", document.get("native_machines") or []),
    }[action]


def fits(row: Row, call: CloudCall) -> bool:
    """Does a row pass the ids and all the filters of a call?"""
    request = call.request
    ids = {each for name in ("LoadBalancerIds", "InstanceIds", "ClusterIds") for each in request.get(name, ())}
    known = {row.get(name) for name in ("LoadBalancerId", "InstanceId", "ClusterId")}
    if ids and not ids & known:
        return False
    vips = request.get("LoadBalancerVips")
    if vips and not set(vips) & set(row["LoadBalancerVips"]):
        return False
    assert all(len(each["Values"]) <= (5 if call.service == "cvm" else 100) for each in request.get("Filters", ()))
    return all(passes(row, each["Name"], each["Values"], request["Filters"]) for each in request.get("Filters", ()))


def passes(row: Row, name: str, values: list[str], filters: Iterable[Mapping[str, Any]]) -> bool:
    """One filter: a value alone of address-ip is the end of an address, unless ip-exact-match says otherwise."""
    if name == "ip-exact-match":
        return True
    if name == "address-ip":
        exact = len(values) > 1 or any(each["Name"] == "ip-exact-match" for each in filters)
        texts = [each["PrivateIpAddress"] for each in row["PrivateIpAddressSet"]]
        return any(text == value or (not exact and text.endswith(value)) for text in texts for value in values)
    if name.startswith("tag:"):
        return any(f"tag:{each['TagKey']}" == name and each["TagValue"] in values for each in row.get("Tags") or ())
    found = {
        "vpc-id": row.get("VpcId")
        or (row.get("VirtualPrivateCloud") or {}).get("VpcId")
        or (row.get("ClusterNetworkSettings") or {}).get("VpcId")
        or VPC,
        "address-ipv6": [each["Address"] for each in row.get("Ipv6AddressSet") or ()],
        "groups.security-group-id": row.get("GroupSet"),
        "instance-id": row.get("InstanceId"),
        "InstanceType": "Native",
        "private-ip-address": row.get("PrivateIpAddresses"),
        "security-group-id": row.get("SecurityGroupIds"),
        **{
            f"{kind}-template{tail}-id": row.get(f"{kind.title()}Template{tail.strip('-').title()}Id")
            for kind in ("address", "service")
            for tail in ("", "-group")
        },
    }[name]
    return bool(set(found if isinstance(found, list) else [found]) & set(values))


VPC = "vpc-lab00001"
