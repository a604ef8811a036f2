"""
Pages of an answer: the next one, and what says that rows are missing.

No call offers a consistent view over its pages: rows may be made and removed while they are read. So an answer whose
counts do not agree is not whole, and never proves that something is not there.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.capture.asks import CloudCall

LONGEST_PAGE = 100
MOST_PAGES = 200  # of one answer; nothing that a capture asks for is that long
# How Offset and Limit are written; a call that is not here gives all at once.
PAGED: Mapping[str, type[int] | type[str]] = {
    "DescribeLoadBalancers": int,
    "DescribeInstances": int,
    "DescribeClusterInstances": int,
    "DescribeNetworkInterfaces": int,
    "DescribeAddresses": int,
    "DescribeClusters": int,
    "DescribeSubnets": str,
    "DescribeAddressTemplates": str,
    "DescribeAddressTemplateGroups": str,
    "DescribeServiceTemplates": str,
    "DescribeServiceTemplateGroups": str,
}
# What an answer lists, and what each row is known by.
ROWS: Mapping[str, tuple[str, str]] = {
    "DescribeLoadBalancers": ("LoadBalancerSet", "LoadBalancerId"),
    "DescribeListeners": ("Listeners", "ListenerId"),
    "DescribeTargets": ("Listeners", "ListenerId"),
    "DescribeTargetHealth": ("LoadBalancers", "LoadBalancerId"),
    "DescribeInstances": ("InstanceSet", "InstanceId"),
    "DescribeClusterInstances": ("InstanceSet", "InstanceId"),
    "DescribeNetworkInterfaces": ("NetworkInterfaceSet", "NetworkInterfaceId"),
    "DescribeAddresses": ("AddressSet", "AddressId"),
    "DescribeClusters": ("Clusters", "ClusterId"),
    "DescribeAddon": ("Addons", "AddonName"),
    "DescribeSubnets": ("SubnetSet", "SubnetId"),
    "DescribeAddressTemplates": ("AddressTemplateSet", "AddressTemplateId"),
    "DescribeAddressTemplateGroups": ("AddressTemplateGroupSet", "AddressTemplateGroupId"),
    "DescribeServiceTemplates": ("ServiceTemplateSet", "ServiceTemplateId"),
    "DescribeServiceTemplateGroups": ("ServiceTemplateGroupSet", "ServiceTemplateGroupId"),
}
_ASKED_BY = ("LoadBalancerIds", "InstanceIds", "ClusterIds")
_ASKED_BY_FILTER = (
    *("address-template-id", "address-template-group-id", "service-template-id", "service-template-group-id"),
)
Pages = Sequence[Mapping[str, Any]]


def rows(action: str, pages: Pages) -> Iterator[Mapping[str, Any]]:
    """What the pages of an answer list; nothing where a page is not of the call's shape."""
    name = ROWS[action][0] if action in ROWS else ""
    for page in pages:
        listed = page.get(name)
        yield from (each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, Mapping))


def next_page(call: CloudCall, pages: Pages) -> CloudCall | None:
    """
    The call for the page after *pages*, all those of *call* so far; None where there is no more.

    It goes on while fewer rows came than the answer counts in all, and ends at an empty page, whatever that counts. A
    full last page is followed by one more where the answer has no count, or one that is too small for it.
    """
    kind = PAGED.get(call.action)
    if kind is None or not pages or len(pages) >= MOST_PAGES:
        return None
    last, read = len(list(rows(call.action, pages[-1:]))), len(list(rows(call.action, pages)))
    total = _number(pages[-1].get("TotalCount"))
    agrees = read == total or (last < _limit(call) and read > (total or 0))
    if not last or (agrees if total is not None else last < _limit(call)):
        return None
    changed = {**call.request, "Offset": kind(_start(call) + read)}
    return CloudCall(call.service, call.version, call.action, json.dumps(changed, sort_keys=True), call.region)


@dataclass(frozen=True, slots=True)
class Loss:
    """
    What an answer lacks: *counted* rows were said to be there (None: not said), *read* different ones came.

    *missing* are ids that were asked for and did not come: deleted, in another region, or hidden by a right that is
    limited by tags. *errors*: a part of the answer failed, says the answer itself.
    """

    counted: int | None
    read: int
    missing: tuple[str, ...] = ()
    errors: int = 0


def loss(call: CloudCall, pages: Pages) -> Loss | None:
    """What is missing of the answer to *call* with all its pages; None where its counts agree."""
    name = ROWS[call.action][1] if call.action in ROWS else ""
    ids = [str(each.get(name)) for each in rows(call.action, pages)]
    told = {_number(page.get("TotalCount")) for page in pages if "TotalCount" in page}
    hidden = {_number(page.get("RealCount")) for page in pages if "RealCount" in page}
    counted = max((each for each in told | hidden if each is not None), default=None)
    read, errors = len(set(ids)), sum(len(each) for page in pages if isinstance(each := page.get("Errors"), list))
    missing = tuple(each for each in asked_ids(call) if each not in ids)
    is_short = counted is not None and read < counted
    return Loss(counted, read, missing, errors) if is_short or len(told) > 1 or missing or errors else None


def asked_ids(call: CloudCall) -> tuple[str, ...]:
    """The ids of rows that a call asks for; empty where it asks by something else."""
    request = call.request
    listed = [each for name in _ASKED_BY for each in request.get(name) or ()]
    for each in request.get("Filters") or ():
        listed += each["Values"] if each["Name"] in _ASKED_BY_FILTER else ()
    return tuple(listed)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _limit(call: CloudCall) -> int:
    return int(call.request.get("Limit") or 20)


def _start(call: CloudCall) -> int:
    return int(call.request.get("Offset") or 0)
