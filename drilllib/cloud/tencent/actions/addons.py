"""
The add-on eniipamd, whose setting puts groups on the interfaces of pods; and networkpolicy, to be read, where the
document says that NetworkPolicies are enforced. API: TKE 2018-05-25.

What the setting does [ENI-SG]: switched on, the interfaces that are there get its list, or with an empty list the
groups of their node's instance; a list that is changed later reaches new nodes only. Switched off, they are left
without groups (inferred). The setting stands in `cluster.eniipamd` of the document, and what of it was set by a request
in the part `addons`: RawValues is what a user set, and Terraform takes a default among it for a change.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.actions.clusters import TKE, require_cluster
from drilllib.cloud.tencent.actions.ids import require_few, require_groups
from drilllib.cloud.tencent.call import Call, Document, action, part
from drilllib.cloud.tencent.errors import ApiError, left_out, not_found
from drilllib.core.rules.quotas import GROUPS_PER_INTERFACE

NAME, VERSION = "eniipamd", "3.5.8"
POLICIES, POLICIES_VERSION = "networkpolicy", "1.0.1"
OFF = {"enableSecurityGroups": False, "securityGroups": []}
_TYPES = {"enableSecurityGroups": bool, "securityGroups": list}
Setting = dict[str, Any]


def _require_addon(call: Call, *others: str) -> None:
    """Raises ApiError where the cluster or the add-on is not the one there is, and none of *others*."""
    require_cluster(call)
    if call.params.get("AddonName", NAME) not in (NAME, *others):
        raise not_found("add-on", call.params["AddonName"])


def _setting(document: Document) -> Setting | None:
    return (document.get("cluster") or {}).get("eniipamd")


def _values(setting: Mapping[str, Any] | None) -> str:
    """The setting where it stands among the add-on's values; "" where there is none."""
    return json.dumps({"vpcCni": {"securityGroups": setting}}) if setting else ""


def _set(document: Document) -> Setting:
    """What of the setting was set: by requests, or by whoever made the snapshot."""
    setting = _setting(document)
    as_read = {} if setting in (None, OFF) else dict(setting or {})
    return dict((document.get("addons") or {}).get(NAME, as_read))


@action(*TKE, "DescribeAddon", {"ClusterId": str, "AddonName?": str})
def describe(call: Call) -> Mapping[str, Any]:
    """The add-on, or all there are, with the values that were set in base64."""
    installed = _installed(call.document)
    _require_addon(call, *installed)
    wanted = [call.params["AddonName"]] if "AddonName" in call.params else list(installed)
    made = {"Phase": "Succeeded", "Reason": "", "CreateTime": "2026-01-01T00:00:00Z"}
    return {"Addons": [{"AddonName": name, **installed[name], **made} for name in wanted]}


def _installed(document: Document) -> dict[str, dict[str, str]]:
    """The add-ons there are, with their versions and values."""
    text = base64.b64encode(_values(_set(document)).encode()).decode()
    found = {NAME: {"AddonVersion": VERSION, "RawValues": text}}
    enforced = ((document.get("cluster") or {}).get("networkpolicy") or {}).get("enforced")
    return found | ({POLICIES: {"AddonVersion": POLICIES_VERSION, "RawValues": "e30="}} if enforced else {})


@action(*TKE, "DescribeAddonValues", {"ClusterId": str, "AddonName": str})
def describe_values(call: Call) -> Mapping[str, Any]:
    """The values as JSON text: those that were set over the defaults, and the defaults."""
    _require_addon(call)
    return {"Values": _values({**OFF, **(_setting(call.document) or {})}), "DefaultValues": _values(OFF)}


@action(
    *TKE,
    "UpdateAddon",
    {
        "ClusterId": str,
        "AddonName": str,
        "AddonVersion?": str,
        "RawValues?": str,
        "UpdateStrategy?": str,
        "DryRun?": bool,
    },
    writes=True,
)
def update(call: Call) -> Mapping[str, Any]:
    """Change the setting: merge keeps what is not sent, replace goes back to the default for it."""
    _require_addon(call)
    if call.params.get("AddonVersion", VERSION) != VERSION:
        raise left_out(f"another version of the add-on than {VERSION}")
    strategy = call.params.get("UpdateStrategy", "merge")
    if strategy not in ("merge", "replace"):
        raise ApiError("InvalidParameter.Param", "`UpdateStrategy` has to be merge or replace.")
    sent, before = _sent(call), {**OFF, **(_setting(call.document) or {})}
    kept, was_set = (before, _set(call.document)) if strategy == "merge" else (OFF, {})
    after = {**kept, **sent}
    if not call.params.get("DryRun"):
        _take_effect(call.document, before, after)
        call.document["cluster"]["eniipamd"] = after
        part(call.document, "addons", dict)[NAME] = {**was_set, **sent}
    return {}


def _sent(call: Call) -> Setting:
    """The setting in RawValues. Raises ApiError where it cannot be read, or sets anything else."""
    try:
        text = base64.b64decode(call.params.get("RawValues", ""), validate=True)
        values = json.loads(text or "{}")
    except (ValueError, binascii.Error, RecursionError):
        raise ApiError("InvalidParameter.Param", "`RawValues` is no JSON in base64.") from None
    found = _only(_only(values, "vpcCni"), "securityGroups")
    for name, value in found.items():
        if name not in _TYPES or not isinstance(value, _TYPES[name]):
            raise left_out(f"the add-on's value vpcCni.securityGroups.{name}, or its type")
    groups = found.get("securityGroups", [])
    if not all(isinstance(each, str) for each in groups):
        raise ApiError("InvalidParameter.Param", "`securityGroups` is no list of ids.")
    require_few("securityGroups", groups, GROUPS_PER_INTERFACE, "InvalidParameter.Param")
    require_groups(call.document, groups, "securityGroups", "InvalidParameter.Param", "InvalidParameter.Param")
    return found


def _only(values: Any, name: str) -> dict[str, Any]:
    """The object called *name*; nothing else may stand beside it."""
    if not isinstance(values, dict) or not isinstance(values.get(name, {}), dict):
        raise ApiError("InvalidParameter.Param", f"`RawValues` has no object {name}.")
    found: dict[str, Any] = values.get(name, {})
    others = sorted(set(values) - {name})
    if others:
        raise left_out(f"the add-on's value {others[0]}")
    return found


def _take_effect(document: Document, before: Setting, after: Setting) -> None:
    """Put groups on the pods' interfaces when the setting goes on, take them off when it goes off."""
    if before["enableSecurityGroups"] == after["enableSecurityGroups"]:
        return
    of_node = {item["InstanceId"]: item.get("SecurityGroupIds") or [] for item in document.get("instances") or ()}
    for item in document.get("network_interfaces") or ():
        owner = (item.get("Attachment") or {}).get("InstanceId")
        if not item.get("Primary") and owner in of_node:
            own = after["securityGroups"] or of_node[owner]
            item["GroupSet"] = list(own) if after["enableSecurityGroups"] else []
