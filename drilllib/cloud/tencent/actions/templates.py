"""Parameter templates, read; an address template gets other members. VPC 2017-03-12; by id in the document."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions.filters import field, filled, filtered, page
from drilllib.cloud.tencent.actions.groups import VPC
from drilllib.cloud.tencent.call import Call, action
from drilllib.cloud.tencent.errors import malformed, not_found
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT
from drilllib.core.rules.members import address_range
from drilllib.errors import InvalidRuleError

_SHAPE = {
    "Filters?": FILTERS,
    "Offset?": str,
    "Limit?": str,
    **dict.fromkeys(("NeedMemberInfo?", "OrderField?", "OrderDirection?"), LEFT_OUT),
    **dict.fromkeys(("MemberOrderField?", "MemberOrderDirection?"), LEFT_OUT),
}
# By the vendor's object: the part of the document, how its filters begin, and its lists.
_KINDS = {
    "AddressTemplate": ("address_templates", "address-template", ("AddressSet", "AddressExtraSet")),
    "AddressTemplateGroup": (
        *("address_template_groups", "address-template-group"),
        ("AddressTemplateIdSet", "AddressTemplateSet"),
    ),
    "ServiceTemplate": ("service_templates", "service-template", ("ServiceSet", "ServiceExtraSet")),
    "ServiceTemplateGroup": (
        *("service_template_groups", "service-template-group"),
        ("ServiceTemplateIdSet", "ServiceTemplateSet"),
    ),
}


def _description(kind: str) -> Callable[[Call], Mapping[str, Any]]:
    """The action that lists one kind of templates."""
    part, word, lists = _KINDS[kind]
    filters = {f"{word}-name": field(f"{kind}Name"), f"{word}-id": field(f"{kind}Id")}

    def describe(call: Call) -> Mapping[str, Any]:
        every = []
        for name, template in (call.document.get(part) or {}).items():
            texts = {f"{kind}Id": name, f"{kind}Name": "", "CreatedTime": "", "UpdatedTime": ""}
            every.append(filled(template, {**texts, **{each: [] for each in (*lists, "TagSet")}}))
        found = filtered(call, every, filters)
        return {"TotalCount": len(found), f"{kind}Set": page(call, found)}

    return describe


for _kind in _KINDS:
    action(*VPC, f"Describe{_kind}s", _SHAPE)(_description(_kind))


@action(
    *VPC,
    "ModifyAddressTemplateAttribute",
    {
        "AddressTemplateId": str,
        "AddressTemplateName?": str,
        "Addresses?": [str],
        "AddressesExtra?": [{"Address": str, "Description?": str, "UpdatedTime?": LEFT_OUT}],
    },
    writes=True,
)
def modify(call: Call) -> Mapping[str, Any]:
    """Exactly these members, with notes (`AddressesExtra`) or without; what is not given stays."""
    templates, name = call.document.get("address_templates") or {}, call.params["AddressTemplateId"]
    if name not in templates:
        raise not_found("address template", name)
    members = [*call.params.get("Addresses", ()), *(each["Address"] for each in call.params.get("AddressesExtra", ()))]
    for each in members:
        _require_member(each)
    found = {**templates[name]}
    if members:
        extra = {"AddressExtraSet": call.params["AddressesExtra"]} if "AddressesExtra" in call.params else {}
        found = {key: value for key, value in found.items() if key != "AddressExtraSet"}
        found |= {"AddressSet": members, **extra}
    if "AddressTemplateName" in call.params:
        found["AddressTemplateName"] = call.params["AddressTemplateName"]
    templates[name] = found
    return {}


def _require_member(text: str) -> None:
    """Raises ApiError where it is no address, block or range."""
    try:
        address_range(text, "Addresses")
    except InvalidRuleError:
        raise malformed("Addresses", text) from None
