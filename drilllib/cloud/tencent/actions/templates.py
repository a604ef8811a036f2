"""Parameter templates, to be read only. API: VPC 2017-03-12; the document maps each id to its object."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.tencent.actions.filters import field, filled, filtered, page
from drilllib.cloud.tencent.actions.groups import VPC
from drilllib.cloud.tencent.call import Call, action
from drilllib.cloud.tencent.schema import FILTERS, LEFT_OUT

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
