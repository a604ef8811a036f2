"""
Tags of groups, subnets, interfaces, instances and CLBs. API: tag 2018-08-13.

There is one store, the object itself, so that tags given when a group was made are read back here.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.actions.filters import page
from drilllib.cloud.tencent.actions.ids import require_few
from drilllib.cloud.tencent.call import Call, Document, action
from drilllib.cloud.tencent.errors import ApiError

TAG = ("tag", "2018-08-13")
IDS_PER_CALL = 50
# By service and prefix of a resource: the part of the document, its id, its list of tags, and their two names.
_KINDS = {
    ("cvm", "sg"): ("security_groups", "SecurityGroupId", "TagSet", ("Key", "Value")),
    ("vpc", "subnet"): ("subnets", "SubnetId", "TagSet", ("Key", "Value")),
    ("cvm", "eni"): ("network_interfaces", "NetworkInterfaceId", "TagSet", ("Key", "Value")),
    ("cvm", "instance"): ("instances", "InstanceId", "Tags", ("Key", "Value")),
    ("clb", "clb"): ("load_balancers", "LoadBalancerId", "Tags", ("TagKey", "TagValue")),
}
_RESOURCE = re.compile(r"qcs:[^:]*:([a-z]+):([a-z0-9-]*):[^:]*:([a-z]+)/([a-z0-9-]+)")


def _objects(document: Document, service: str, prefix: str) -> dict[str, dict[str, Any]]:
    """The objects of one kind that can have tags, by id. Raises ApiError where there is no such kind."""
    if service not in {known for known, _ in _KINDS}:
        raise ApiError("InvalidParameterValue.ServiceTypeInvalid", f"The service type `{service}` is not valid.")
    if (service, prefix) not in _KINDS:
        raise ApiError("InvalidParameterValue.ResourcePrefixInvalid", f"The resource prefix `{prefix}` is not valid.")
    part, id_name, _, _ = _KINDS[service, prefix]
    found = document.get(part) or {}
    return found if isinstance(found, dict) else {item[id_name]: item for item in found}


def _tags(item: Mapping[str, Any], kind: tuple[str, str]) -> dict[str, str]:
    _, _, listed, (key, value) = _KINDS[kind]
    return {tag[key]: tag.get(value) or "" for tag in item.get(listed) or ()}


@action(
    *TAG,
    "ModifyResourceTags",
    {
        "Resource": str,
        "ReplaceTags?": [{"TagKey": str, "TagValue?": str, "Category?": str}],
        "DeleteTags?": [{"TagKey": str}],
    },
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """Set some tags of a resource and take others away; a tag that is not there may be taken away."""
    match = _RESOURCE.fullmatch(call.params["Resource"])
    if match is None:
        raise ApiError("InvalidParameterValue.ResourceDescriptionError", "`Resource` is no six-part description.")
    service, region, prefix, resource_id = match.groups()
    if region and call.document.get("region") not in (None, region):
        raise ApiError("InvalidParameterValue.RegionInvalid", f"The region `{region}` is not served here.")
    objects = _objects(call.document, service, prefix)
    if resource_id not in objects:
        raise ApiError("InvalidParameterValue.ResourceIdInvalid", f"The resource `{resource_id}` does not exist.")
    new = {tag["TagKey"]: tag.get("TagValue", "") for tag in call.params.get("ReplaceTags") or ()}
    gone = {tag["TagKey"] for tag in call.params.get("DeleteTags") or ()}
    if gone & set(new):
        raise ApiError("InvalidParameterValue.DeleteTagsParamError", "A tag is to be set and to be deleted.")
    _keep(objects[resource_id], (service, prefix), new, gone)
    return {}


def _keep(item: dict[str, Any], kind: tuple[str, str], new: Mapping[str, str], gone: set[str]) -> None:
    _, _, listed, (key, value) = _KINDS[kind]
    tags = {name: text for name, text in {**_tags(item, kind), **new}.items() if name not in gone}
    item[listed] = [{key: name, value: text} for name, text in tags.items()]


@action(
    *TAG,
    "DescribeResourceTagsByResourceIds",
    {
        "ServiceType": str,
        "ResourcePrefix": str,
        "ResourceIds": [str],
        "ResourceRegion": str,
        "Offset?": int,
        "Limit?": int,
        "Category?": str,
    },
)
def describe(call: Call) -> Mapping[str, Any]:
    """The tags of resources of one kind, a row each; of a resource that is not there, none."""
    kind = call.params["ServiceType"], call.params["ResourcePrefix"]
    require_few("ResourceIds", call.params["ResourceIds"], IDS_PER_CALL, "LimitExceeded.ResourceNumPerRequest")
    objects = _objects(call.document, *kind)
    rows = [
        _row(kind[0], resource_id, key, value)
        for resource_id in dict.fromkeys(call.params["ResourceIds"])
        for key, value in _tags(objects.get(resource_id, {}), kind).items()
    ]
    limits = {"Offset": call.params.get("Offset", 0), "Limit": call.params.get("Limit", 15)}
    return {"TotalCount": len(rows), **limits, "Tags": page(call, rows, default=15)}


def _row(service: str, resource_id: str, key: str, value: str) -> dict[str, str]:
    sums = (hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in (key, value))
    return {
        "TagKey": key,
        "TagValue": value,
        "ResourceId": resource_id,
        **dict(zip(("TagKeyMd5", "TagValueMd5"), sums, strict=True)),
        "ServiceType": service,
        "Category": "Custom",
    }
