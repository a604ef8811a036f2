"""
The part `cluster`: DescribeClusters' object, what the add-ons are set to, and the controller's switches.

The values of an add-on that have another shape than the documented one are not read, never taken for false.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall, Wanted
from drilllib.core.capture.assembly import Notes
from drilllib.core.capture.known import Known
from drilllib.core.capture.kubernetes_part import objects
from drilllib.core.capture.machine_calls import cluster_id
from drilllib.core.capture.merge import Rows
from drilllib.core.capture.pages import cloud_answers, identified, listed
from drilllib.core.snapshot.kinds import kind_of
from drilllib.errors import Message

_ENIIPAMD, _NETWORK_POLICY = "eniipamd", "networkpolicy"
_PHASES = ("Succeeded", "Running")  # of an add-on that is installed; both occur
_CONTROLLER = ("kube-system", "tke-service-controller-config")
_SWITCH = "EnableDefaultDirectAccess"


def cluster_part(answers: Sequence[Answer], wanted: Wanted, notes: Notes) -> dict[str, Any]:
    """The part `cluster`, where anything was read of it."""
    found = {**_cluster(answers, wanted, notes)}
    if (setting := _eniipamd(answers, notes)) is not None:
        found["eniipamd"] = setting
    if _enforces(answers, notes):
        found["networkpolicy"] = {"enforced": True}
    if (switches := _controller(answers, notes)) is not None:
        found["controller_config"] = switches
    return {"cluster": found} if found else {}


def _cluster(answers: Sequence[Answer], wanted: Wanted, notes: Notes) -> dict[str, Any]:
    """The cluster that is wanted, or the only one."""
    rows = Rows("Cluster", notes)
    for answer in cloud_answers(answers, "tke", "DescribeClusters"):
        before = len(rows)
        for name, row in identified(answer, "Clusters", "ClusterId"):
            rows.add(name, notes.keep.cluster(row), answer.source)
        notes.understand("Cluster", len(rows) - before, answer.source)
    known, ours = rows.by_id(), cluster_id(Known(answers), wanted)
    if ours in known:
        return known[ours]
    if known:
        notes.lack("cluster", Message("{names} were read: say which cluster it is", names=", ".join(known)))
    return {}


def _eniipamd(answers: Sequence[Answer], notes: Notes) -> dict[str, Any] | None:
    """Which groups the add-on binds to interfaces of pods; what is in force wins over what was set."""
    in_force = [setting_of(each) for each in _values(answers, _ENIIPAMD, notes)]
    was_set = [setting_of(decoded(row.get("RawValues"))) for row in _addons(answers, _ENIIPAMD, notes)]
    known = [each for each in (*in_force, *was_set) if each is not None]
    if not known and (in_force or was_set):
        notes.lack("cluster.eniipamd", Message("the values of {name} have a shape that is not known", name=_ENIIPAMD))
    return known[0] if known else None


def _enforces(answers: Sequence[Answer], notes: Notes) -> bool:
    """Is the add-on that enforces NetworkPolicies installed [TKE-NP]? That it is not says nothing of others."""
    return any(row.get("Phase") in _PHASES for row in _addons(answers, _NETWORK_POLICY, notes))


def _addons(answers: Iterable[Answer], name: str, notes: Notes) -> Iterator[Mapping[str, Any]]:
    for answer in cloud_answers(answers, "tke", "DescribeAddon"):
        for row in listed(answer, "Addons"):
            if row.get("AddonName") == name:
                notes.understand("Addon", 1, answer.source)
                yield row


def _values(answers: Iterable[Answer], name: str, notes: Notes) -> Iterator[Any]:
    """The values in force; an answer does not name its add-on, and is told by the request or by what it sets."""
    for answer in cloud_answers(answers, "tke", "DescribeAddonValues"):
        asked = answer.ask.request.get("AddonName") if isinstance(answer.ask, CloudCall) else None
        for page in answer.pages:
            values = _parsed(page.get("Values"))
            if asked == name or (asked is None and isinstance(values, dict) and "vpcCni" in values):
                notes.understand("AddonValues", 1, answer.source)
                yield values


def setting_of(values: Any) -> dict[str, Any] | None:
    """What the values say of groups, by defaults where they leave it out; None of another shape [ENI-SG]."""
    inner = values.get("vpcCni", {}) if isinstance(values, dict) else None
    told = inner.get("securityGroups", {}) if isinstance(inner, dict) else None
    if not isinstance(told, dict) or (values and "vpcCni" not in values):
        return None
    enabled, groups = told.get("enableSecurityGroups", False), told.get("securityGroups", [])
    is_known = isinstance(enabled, bool) and isinstance(groups, list) and all(isinstance(each, str) for each in groups)
    return {"enableSecurityGroups": enabled, "securityGroups": list(groups)} if is_known else None


def decoded(text: Any) -> Any:
    """The JSON in base64, an object without fields where nothing was set; None where it cannot be read."""
    try:
        return _parsed(base64.b64decode(text, validate=True).decode() or "{}") if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _controller(answers: Iterable[Answer], notes: Notes) -> dict[str, Any] | None:
    """The switches of the Service controller in its ConfigMap; None where that was not read [TKE-SW]."""
    for answer, item in objects(answers):
        metadata = item.get("metadata") or {}
        if kind_of(item) == "ConfigMap" and (metadata.get("namespace"), metadata.get("name")) == _CONTROLLER:
            notes.understand("ConfigMap", 0, answer.source)  # it is counted among the objects
            data = item.get("data") or {}
            if not isinstance(data, Mapping):
                return None  # which is no ConfigMap
            told = data.get(_SWITCH)
            return {_SWITCH: told} if isinstance(told, str) else {}
    return None
