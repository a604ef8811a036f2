"""
What a saved answer is an answer to, told by what stands in it: `recognised`.

Answers of tccli or of an SDK have a list under a name of its own, with or without the `Response` around it; kubectl
prints objects and Lists of them. Where the request stands beside the answer, or an id in the file's name, it is taken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead, Refusal, RefusalKind
from drilllib.core.capture.commands import file_name
from drilllib.core.capture.kinds import resource_of
from drilllib.core.capture.paging import loss
from drilllib.core.capture.sources import base_name, called
from drilllib.errors import InvalidInputError

_CLB, _CVM, _VPC = ("clb", "2018-03-17"), ("cvm", "2017-03-12"), ("vpc", "2017-03-12")
_TKE, _TKE_2022 = ("tke", "2018-05-25"), ("tke", "2022-05-01")
_CALLS = {  # by the key of the list in the answer; the first that is there tells
    "LoadBalancerSet": (*_CLB, "DescribeLoadBalancers"),
    "LoadBalancers": (*_CLB, "DescribeTargetHealth"),
    "TargetGroupSet": (*_CLB, "DescribeTargetGroups"),
    "TargetGroupInstanceSet": (*_CLB, "DescribeTargetGroupInstances"),
    "NetworkInterfaceSet": (*_VPC, "DescribeNetworkInterfaces"),
    "SecurityGroupPolicySet": (*_VPC, "DescribeSecurityGroupPolicies"),
    "SecurityGroupSet": (*_VPC, "DescribeSecurityGroups"),
    "AddressTemplateSet": (*_VPC, "DescribeAddressTemplates"),
    "AddressTemplateGroupSet": (*_VPC, "DescribeAddressTemplateGroups"),
    "ServiceTemplateSet": (*_VPC, "DescribeServiceTemplates"),
    "ServiceTemplateGroupSet": (*_VPC, "DescribeServiceTemplateGroups"),
    "SubnetSet": (*_VPC, "DescribeSubnets"),
    "NetworkAclSet": (*_VPC, "DescribeNetworkAcls"),
    "NetworkAclQuintupleSet": (*_VPC, "DescribeNetworkAclQuintupleEntries"),
    "AddressSet": (*_VPC, "DescribeAddresses"),
    "Clusters": (*_TKE, "DescribeClusters"),
    "Addons": (*_TKE, "DescribeAddon"),
    "RegionInstanceSet": (*_TKE, "DescribeRegions"),
    "NodePools": (*_TKE_2022, "DescribeNodePools"),
}
_OF_TARGETS = {"ListenerId", "Protocol", "Port", "EndPort", "Rules", "Targets"}
_ID = re.compile(r"(?<![a-z0-9])(sg|lb)-[a-z0-9]{4,32}(?![a-z0-9])")
_OF_ID = {"DescribeSecurityGroupPolicies": ("sg", "SecurityGroupId")}
_OF_ID |= dict.fromkeys(("DescribeListeners", "DescribeTargets"), ("lb", "LoadBalancerId"))
_GRANT = re.compile(r"\(([a-z]+:[A-Za-z]+)\)")
_FORBIDDEN = re.compile(r"Unauthorized|CamNoAuth|NoAuth|RBACForbidden|OperationDenied|AuthFailure")
_CODE = re.compile(r"[A-Za-z]+(?:\.[A-Za-z]+)*")
_ABSENT = re.compile(r"NotFound|NotExist")
EMPTY_FILE = "EmptyFile"  # the code of a file in which nothing stands
EMPTY_LIST = "EmptyList"  # the code of a List without items, which tells nothing
SNAPSHOT = "Snapshot"  # the code of a file that is no answer but a snapshot
NARROWED = "Narrowed"  # the code of an answer whose request asked for a part of the one thing that it is of
_WHOLE = {"LoadBalancerId", "SecurityGroupId", "Offset", "Limit"}  # what a request for the whole of one may say
_OF_EVERY_CALL = re.compile(
    r"(?i)action|version|region|timestamp|nonce|requestclient|language|x-tc-|.*(secret|sign|tok)"
)
_NOTHING: Mapping[str, Any] = {}


def recognised(document: Any, source: str) -> Iterator[Answer]:
    """
    The answers in one document of a file called *source*.

    Raises:
        InvalidInputError: It is an answer of nothing that is known here.
    """
    if not isinstance(document, Mapping):
        raise _unknown(source)
    if str(document.get("schema")).startswith("drilllib/snapshot"):  # of the last time, as *.json names it
        yield Answer(None, refusal=Refusal(RefusalKind.FAILED, SNAPSHOT), source=source)
        return
    request = _parameters(_inside(document, "request", _NOTHING))
    answer = _inside(document, "response", document)
    if isinstance(error := answer.get("Error"), Mapping):
        yield Answer(_call(document, answer, request, source), refusal=_refusal(error), source=source)
    elif isinstance(answer.get("kind"), str):
        yield from _kubernetes(answer, source)
    elif (call := _call(document, answer, request, source)) and _is_narrowed(call):
        yield Answer(None, refusal=Refusal(RefusalKind.FAILED, NARROWED), source=source)
    elif call:
        yield Answer(call, (answer,), source=source, whole=_is_whole(call, answer, request, source))
    else:
        raise _unknown(source)


def _inside(document: Mapping[str, Any], name: str, otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object under a name in either spelling."""
    found = (document.get(each) for each in (name.capitalize(), name))
    return next((each for each in found if isinstance(each, Mapping)), otherwise)


def _parameters(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a request says, but for what every call has, keys and signatures among it, and what it leaves open."""
    said = {str(name): value for name, value in request.items() if value is not None and value not in ("", [], {})}
    return {name: value for name, value in said.items() if not _OF_EVERY_CALL.match(name)}


def _is_narrowed(call: CloudCall) -> bool:
    """Did it ask for some listeners, targets or rules only? Then its answer says nothing of the others."""
    return call.action in _OF_ID and not call.request.keys() <= _WHOLE


def _is_whole(call: CloudCall, answer: Mapping[str, Any], request: Mapping[str, Any], source: str) -> bool:
    """Are these all listeners of the load balancer, since it was asked for them, as the request or the name tells?"""
    is_told = bool(request) or base_name(source) == file_name(call)
    return call.action == "DescribeListeners" and is_told and loss(call, (answer,)) is None


def _unknown(source: str) -> InvalidInputError:
    return InvalidInputError(
        "{source} is no answer that is known here",
        remedy="Give what kubectl get -o json or -o yaml, tccli or an SDK prints, unchanged",
        source=called(source),
    )


def _call(
    document: Mapping[str, Any], answer: Mapping[str, Any], request: Mapping[str, Any], source: str
) -> CloudCall | None:
    """The call that the answer is of, with what is known of its request; None for no call that is known."""
    found = _told(answer) or _named(document.get("Action") or document.get("action") or source)
    if found is None:
        return None
    known = dict(request) or _asked(found[2], source)
    return CloudCall.of(*found, **known)


def _told(answer: Mapping[str, Any]) -> tuple[str, str, str] | None:
    for key, call in _CALLS.items():
        if key in answer:
            return call
    if "Listeners" in answer:
        return (*_CLB, "DescribeTargets" if _is_of_targets(answer) else "DescribeListeners")
    if "InstanceSet" in answer:
        return _of_machines(answer["InstanceSet"])
    return (*_TKE, "DescribeAddonValues") if {"Values", "DefaultValues"} <= answer.keys() else None


def _is_of_targets(answer: Mapping[str, Any]) -> bool:
    """DescribeTargets says of a listener little but its targets, and does not count them."""
    listed = answer.get("Listeners")
    rows = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    have_targets = any("Targets" in each for row in rows for each in (row, *_rules(row)))
    return have_targets and all(each.keys() <= _OF_TARGETS for each in rows) if rows else "TotalCount" not in answer


def _rules(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rules = row.get("Rules")
    return [each for each in rules if isinstance(each, Mapping)] if isinstance(rules, list) else []


def _of_machines(rows: Any) -> tuple[str, str, str]:
    """CVM and both versions of TKE list machines under one name; TKE's have a role in the cluster."""
    first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) else {}
    if "InstanceRole" not in first:
        return (*_CVM, "DescribeInstances")
    return (*(_TKE_2022 if {"Regular", "Native"} & first.keys() else _TKE), "DescribeClusterInstances")


def _named(text: Any) -> tuple[str, str, str] | None:
    """The call that a text names, of an answer that lists nothing."""
    found = (*_CALLS.values(), (*_CLB, "DescribeListeners"), (*_CLB, "DescribeTargets"), (*_CVM, "DescribeInstances"))
    words = re.findall(r"Describe[A-Za-z]+", text) if isinstance(text, str) else []
    return next((each for each in found if each[2] in words), None)


def _asked(action: str, source: str) -> dict[str, str]:
    """The id in the file's name, of a call whose answer does not say what it is of; of two, neither."""
    if action not in _OF_ID:
        return {}
    prefix, parameter = _OF_ID[action]
    names = {found[0] for found in _ID.finditer(base_name(source)) if found[1] == prefix}
    return {parameter: names.pop()} if len(names) == 1 else {}


def _refusal(error: Mapping[str, Any]) -> Refusal:
    """Why a saved answer is an error. Its message names the account, so that only the right it asks for is taken."""
    code, message = _code(error.get("Code")), str(error.get("Message"))
    permission = _GRANT.search(message)
    if _FORBIDDEN.search(code) or permission:
        return Refusal(RefusalKind.FORBIDDEN, code, permission[1] if permission else "")
    return Refusal(RefusalKind.ABSENT if _ABSENT.search(code) else RefusalKind.FAILED, code)


def _code(told: Any) -> str:
    """The words of a code, as APIs write them: nothing else, such as an account's number, is taken."""
    found = _CODE.match(told) if isinstance(told, str) else None
    return found[0] if found else "?"


def is_error(document: Any) -> bool:
    """Is it an error of the vendor's API in the place of an answer?"""
    answer = _inside(document, "response", document) if isinstance(document, Mapping) else _NOTHING
    return isinstance(answer.get("Error"), Mapping)


def _kubernetes(page: Mapping[str, Any], source: str) -> Iterator[Answer]:
    """Objects by their kinds. A List without items tells nothing: a kubectl that is refused prints one."""
    if page["kind"] == "Status":
        reason = _code(page.get("reason"))
        kind = {"Forbidden": RefusalKind.FORBIDDEN, "NotFound": RefusalKind.ABSENT}.get(reason, RefusalKind.FAILED)
        yield Answer(None, refusal=Refusal(kind, reason), source=source)
        return
    items = page.get("items")
    if page["kind"].endswith("List") and not isinstance(items, list):
        raise _unknown(source)
    if items == []:
        yield Answer(None, refusal=Refusal(RefusalKind.FAILED, EMPTY_LIST), source=source)
    found: dict[KubernetesRead, list[Any]] = {}
    for item in _flat(items) if isinstance(items, list) else (page,):
        found.setdefault(resource_of(item, page, source), []).append(item)
    for ask, objects in found.items():
        if "items" in page:
            yield Answer(_of_one_namespace(ask, objects), ({**page, "items": objects},), source=source)
        else:
            yield Answer(
                replace(ask, namespace=_text(page, "namespace"), name=_text(page, "name")), (page,), source=source
            )


def _of_one_namespace(ask: KubernetesRead, objects: list[Any]) -> KubernetesRead:
    """The list of the namespace that all objects are of; of all namespaces where they are of several, or of none."""
    names = {_text(each, "namespace") for each in objects}
    return replace(ask, namespace=names.pop() if len(names) == 1 else "")


def _text(item: Any, name: str) -> str:
    """A text in an object's metadata; empty where there is none."""
    metadata = item.get("metadata") if isinstance(item, Mapping) else None
    found = metadata.get(name) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) else ""


def _flat(items: list[Any]) -> Iterator[Any]:
    """The items, those of a List among them in its place."""
    for item in items:
        if isinstance(item, Mapping) and item.get("kind") == "List" and isinstance(item.get("items"), list):
            yield from _flat(item["items"])
        else:
            yield item
