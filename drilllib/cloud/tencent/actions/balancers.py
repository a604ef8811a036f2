"""Load balancers (CLB), and the groups bound to them. API: CLB 2018-03-17; part `load_balancers` of the document."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from drilllib.cloud.tencent.actions import networks
from drilllib.cloud.tencent.actions.filters import filled, filtered, page
from drilllib.cloud.tencent.actions.ids import is_id, require_few, require_groups
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import ApiError, malformed, missing, not_found
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT
from drilllib.core.rules.quotas import GROUPS_PER_INTERFACE

CLB = ("clb", "2018-03-17")
BALANCERS_PER_CALL = 20
TASKS_REMEMBERED = 1000
_BALANCER = {
    "LoadBalancerName": "",
    "LoadBalancerType": "OPEN",
    "Forward": 1,
    "Domain": "",
    "LoadBalancerVips": [],
    "Status": 1,
    "CreateTime": "2026-01-01 00:00:00",
    "StatusTime": "2026-01-01 00:00:00",
    "ProjectId": 0,
    "OpenBgp": 0,
    "Snat": False,
    "Isolation": 0,
    "Log": "",
    "SubnetId": "",
    "Tags": [],
    "SecureGroups": [],
    "AnycastZone": "",
    "AddressIPVersion": "ipv4",
    "NumericalVpcId": 0,
    "VipIsp": "BGP",
    "MasterZone": None,
    "BackupZoneSet": None,
    "IsolatedTime": None,
    "ExpireTime": None,
    "ChargeType": "POSTPAID_BY_HOUR",
    "NetworkAttributes": None,
    "PrepaidAttributes": None,
    "LogSetId": "",
    "LogTopicId": "",
    "AddressIPv6": None,
    "ExtraInfo": None,
    "IsDDos": False,
    "ConfigId": "",
    "LoadBalancerPassToTarget": False,
    "IPv6Mode": None,
    "SnatPro": False,
    "SnatIps": [],
    "SlaType": "",
    "IsBlock": False,
    "IsBlockTime": "",
    "LocalBgp": False,
    "ClusterTag": None,
    "MixIpTarget": False,
    "Zones": None,
    "NfvInfo": None,
    "HealthLogSetId": "",
    "HealthLogTopicId": "",
    "ClusterIds": None,
    "AttributeFlags": [],
    "LoadBalancerDomain": "",
    "Egress": "",
    "Exclusive": None,
    "TargetCount": 0,
    "AssociateEndpoint": "",
}
_WAYS = ("Domain", "BackendPublicIps", "OrderBy", "OrderType", "SearchKey", "ProjectId", "MasterZone")


def balancer_of(document: Document, balancer_id: str) -> dict[str, Any]:
    """The CLB with that id. Raises ApiError where it is malformed or unknown."""
    if not is_id("lb", balancer_id):
        raise malformed("LoadBalancerId", balancer_id, "InvalidParameter.FormatError")
    for item in document.get("load_balancers") or ():
        if item["LoadBalancerId"] == balancer_id:
            found: dict[str, Any] = item
            return found
    raise not_found("load balancer", balancer_id, "InvalidParameter.LBIdNotFound")


def backends(document: Document, balancer_id: str) -> list[dict[str, Any]]:
    """Every target of every listener and forwarding rule of a CLB."""
    listeners = (document.get("listeners") or {}).get(balancer_id) or ()
    places = [place for item in listeners for place in (item, *(item.get("Rules") or ()))]
    return [target for place in places for target in place.get("Targets") or ()]


@action(
    *CLB,
    "DescribeLoadBalancers",
    {
        "LoadBalancerIds?": [str],
        "LoadBalancerType?": str,
        "Forward?": int,
        "LoadBalancerName?": str,
        "LoadBalancerVips?": [str],
        "BackendPrivateIps?": [str],
        "VpcId?": str,
        "SecurityGroup?": str,
        "WithRs?": int,
        "Filters?": FILTERS,
        "Offset?": int,
        "Limit?": int,
        "AdditionalFields?": LEFT_OUT,
        **{f"{name}?": LEFT_OUT for name in _WAYS},
    },
)
def describe(call: Call) -> Mapping[str, Any]:
    """CLBs, the newest first; what is asked for and not there is left out."""
    require_few("LoadBalancerIds", call.params.get("LoadBalancerIds") or [], BALANCERS_PER_CALL)
    every = [_shown(call.document, item) for item in call.document.get("load_balancers") or ()]
    every.sort(key=lambda item: item["CreateTime"], reverse=True)
    found = [item for item in every if _is_asked_for(call, item)]
    found = filtered(call, found, {}, lambda item: [(tag["TagKey"], tag["TagValue"]) for tag in item["Tags"]])
    return {"LoadBalancerSet": page(call, found), "TotalCount": len(found)}


def _is_asked_for(call: Call, item: Mapping[str, Any]) -> bool:
    targets = backends(call.document, item["LoadBalancerId"])
    addresses = {address for target in targets for address in target.get("PrivateIpAddresses") or ()}
    tests: dict[str, Callable[[Any], bool]] = {
        "LoadBalancerIds": lambda ids: item["LoadBalancerId"] in ids,
        "LoadBalancerType": lambda kind: item["LoadBalancerType"] == kind,
        "Forward": lambda number: number == -1 or item["Forward"] == number,
        "LoadBalancerName": lambda name: name in item["LoadBalancerName"],
        "LoadBalancerVips": lambda vips: bool(set(vips) & set(item["LoadBalancerVips"])),
        "BackendPrivateIps": lambda ips: bool(set(ips) & addresses),
        "VpcId": lambda vpc: item["VpcId"] == vpc,
        "SecurityGroup": lambda group: group in item["SecureGroups"],
        "WithRs": lambda number: number == -1 or bool(targets) == bool(number),
    }
    given = (name for name in tests if call.params.get(name) not in (None, []))
    return all(tests[name](call.params[name]) for name in given)


def _shown(document: Document, item: Mapping[str, Any]) -> dict[str, Any]:
    vpc = networks.vpc_id(document)
    region = {"Region": document.get("region") or "", "VpcId": vpc, "NumericalVpcId": 0}
    domain = item.get("LoadBalancerDomain") or ""
    return filled(item, {"VpcId": vpc, "TargetRegionInfo": region, **_BALANCER, "Domain": domain})


def task(call: Call, ids: Sequence[str]) -> Mapping[str, Any]:
    """The answer of a change that goes on behind it: its request id is the id of the task."""
    tasks = call.services.tasks
    tasks[call.request_id] = (call.services.now() + timedelta(seconds=call.services.task_seconds), list(ids))
    while len(tasks) > TASKS_REMEMBERED:
        del tasks[next(iter(tasks))]
    return {}


@action(*CLB, "DescribeTaskStatus", {"TaskId?": str, "DealName?": LEFT_OUT})
def task_status(call: Call) -> Mapping[str, Any]:
    """Is a task done: 0 yes, 2 not yet. Tasks are forgotten when the cloud restarts."""
    if "TaskId" not in call.params:
        raise missing("TaskId")
    if call.params["TaskId"] not in call.services.tasks:
        raise not_found("task", call.params["TaskId"], "InvalidParameter")
    done, ids = call.services.tasks[call.params["TaskId"]]
    running = call.services.now() < done
    return {"Status": 2 if running else 0, "LoadBalancerIds": ids, "Message": None}


def _require_groups(call: Call, groups: Sequence[str]) -> None:
    require_groups(call.document, groups, "SecurityGroups", "InvalidParameter.FormatError", "InvalidParameterValue")


def _require_room(groups: Sequence[str]) -> None:
    if len(groups) > GROUPS_PER_INTERFACE:
        raise ApiError("LimitExceeded", f"{len(groups)} groups are more than {GROUPS_PER_INTERFACE} at one CLB.")


@action(*CLB, "SetLoadBalancerSecurityGroups", {"LoadBalancerId": str, "SecurityGroups?": [str]}, writes=True)
def set_groups(call: Call) -> Mapping[str, Any]:
    """Exactly these groups in this order; without a list, none."""
    item = balancer_of(call.document, call.params["LoadBalancerId"])
    groups = list(dict.fromkeys(call.params.get("SecurityGroups") or ()))
    _require_groups(call, groups)
    _require_room(groups)
    item["SecureGroups"] = groups
    return task(call, [item["LoadBalancerId"]])


@action(
    *CLB,
    "SetSecurityGroupForLoadbalancers",
    {"SecurityGroup": str, "OperationType": str, "LoadBalancerIds": [str]},
    writes=True,
)
def set_for_several(call: Call) -> Mapping[str, Any]:
    """Add a group to several CLBs (ADD), or remove it (DEL)."""
    group, ids = call.params["SecurityGroup"], call.params["LoadBalancerIds"]
    if call.params["OperationType"] not in ("ADD", "DEL"):
        raise ApiError("InvalidParameterValue", "`OperationType` has to be ADD or DEL.")
    require_few("LoadBalancerIds", ids, BALANCERS_PER_CALL, "InvalidParameterValue.Length")
    _require_groups(call, [group])
    items = [balancer_of(call.document, each) for each in dict.fromkeys(ids)]
    adds = call.params["OperationType"] == "ADD"
    new = [_with(item.get("SecureGroups") or [], group) if adds else _without(item, group) for item in items]
    for groups in new:
        _require_room(groups)
    for item, groups in zip(items, new, strict=True):
        item["SecureGroups"] = groups
    return task(call, ids)


def _with(groups: Sequence[str], group: str) -> list[str]:
    return list(dict.fromkeys([*groups, group]))


def _without(item: Mapping[str, Any], group: str) -> list[str]:
    return [each for each in item.get("SecureGroups") or () if each != group]


_LEFT_OUT = ("TargetRegionInfo", "InternetChargeInfo", "SwitchFlag", "SnatPro", "ModifyClassicDomain")


@action(
    *CLB,
    "ModifyLoadBalancerAttributes",
    {
        "LoadBalancerId": str,
        "LoadBalancerName?": str,
        "LoadBalancerPassToTarget?": bool,
        "DeleteProtect?": bool,
        **{f"{name}?": LEFT_OUT for name in (*_LEFT_OUT, "AssociateEndpoint")},
    },
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """Name, pass-to-target and deletion protection; what is absent stays as it is."""
    item = balancer_of(call.document, call.params["LoadBalancerId"])
    if set(call.params) == {"LoadBalancerId"}:
        raise missing("LoadBalancerPassToTarget")
    item.update({name: call.params[name] for name in _PLAIN if name in call.params})
    if "DeleteProtect" in call.params:
        flags = [each for each in item.get("AttributeFlags") or () if each != "DeleteProtect"]
        item["AttributeFlags"] = [*flags, "DeleteProtect"] if call.params["DeleteProtect"] else flags
    return {"DealName": None, **task(call, [item["LoadBalancerId"]])}


_PLAIN = ("LoadBalancerName", "LoadBalancerPassToTarget")


@action(*CLB, "DescribeLBOperateProtect", {"LoadBalancerIds": [str]})
def protection(call: Call) -> Mapping[str, Any]:
    """No CLB here is protected from changes; no action of the vendor's protects one."""
    require_few("LoadBalancerIds", call.params["LoadBalancerIds"], BALANCERS_PER_CALL)
    nobody = {"ProtectState": False, "OperatorUin": None, "Description": None, "ModifyTime": None}
    ids = (balancer_of(call.document, each)["LoadBalancerId"] for each in call.params["LoadBalancerIds"])
    return {"LoadBalancerSet": [{"LoadBalancerId": each, **nobody} for each in ids]}
