"""The cloud's region, by the labels of a cluster's nodes and what else tells it, and load balancers in another one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.known import Known, inside, text_of
from drilllib.core.capture.leads import leads
from drilllib.core.capture.paging import rows

_ZONE = re.compile(r"([a-z]+(?:-[a-z]+)+)-[0-9]{1,3}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")

# What nodes' labels call a region [`Alias` of tke DescribeRegions]; a name that is not here has to be given.
ALIASES = {
    "gz": "ap-guangzhou",
    "sh": "ap-shanghai",
    "bj": "ap-beijing",
    "cd": "ap-chengdu",
    "cq": "ap-chongqing",
    "nj": "ap-nanjing",
    "hk": "ap-hongkong",
    "sg": "ap-singapore",
    "th": "ap-bangkok",
    "kr": "ap-seoul",
    "jp": "ap-tokyo",
    "jkt": "ap-jakarta",
    "use": "na-ashburn",
    "usw": "na-siliconvalley",
    "de": "eu-frankfurt",
    "sao": "sa-saopaulo",
    "shjr": "ap-shanghai-fsi",
    "szjr": "ap-shenzhen-fsi",
    "bjjr": "ap-beijing-fsi",
}


def region_of_node(labels: Mapping[str, object]) -> str:
    """
    The region that a Node's labels tell, such as ``ap-guangzhou``; "" where they do not.

    The disk driver's label has the zone by its name; the region's own labels have an alias (``gz``), as TKE writes it.
    """
    zone = str(labels.get("topology.com.tencent.cloud.csi.cbs/zone", ""))
    if re.fullmatch(r"[a-z]{2}-[a-z-]+-\d+", zone):
        return zone.rpartition("-")[0]
    keys = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
    told = next((str(labels[key]) for key in keys if labels.get(key)), "")
    return ALIASES.get(told, told if re.fullmatch(r"[a-z]{2}-[a-z-]+", told) else "")


def told_region(known: Known, wanted: Wanted) -> str:
    """The region of the cluster: as it was said, else by machines, interfaces, nodes or a balancer's targets; or ""."""
    return wanted.region or next(_regions(known), "")


def regions_of_balancers(known: Known, wanted: Wanted) -> dict[str, str]:
    """
    The load balancers, by id, of which it is told that they are in another region than the cluster.

    Told by the region that they were asked for in, by the annotation of a cross-region binding, or by their own zone.
    """
    home, found = told_region(known, wanted), dict[str, str]()
    for call, answer in known.calls("DescribeLoadBalancers"):
        for row in rows("DescribeLoadBalancers", answer.pages):
            name = text_of(row.get("LoadBalancerId"))
            found[name] = (call.region if call else "") or next(_own_region(row), "")
    found |= {name: each.region for each in leads(known, wanted) if each.region for name in each.ids}
    return {name: region for name, region in sorted(found.items()) if name and region and region != home}


def _own_region(row: Any) -> Iterator[str]:
    """The region of a load balancer's own zone, which private ones do not tell."""
    told = text_of(inside(row, "MasterZone", "ZoneRegion"))
    yield from [told] if _REGION.fullmatch(told) else []
    yield from _region(inside(row, "MasterZone", "Zone"))


def _regions(known: Known) -> Iterator[str]:
    """By the zones of machines and interfaces, else by the nodes' labels or that of a balancer's targets."""
    for row in known.rows("DescribeInstances"):
        yield from _region(inside(row, "Placement", "Zone"))
    for row in known.rows("DescribeNetworkInterfaces"):
        yield from _region(row.get("Zone"))
    for node in known.objects("Node"):
        labels = node["metadata"].get("labels")
        told = region_of_node(labels) if isinstance(labels, dict) else ""
        yield from [told] if told else []
    for row in known.rows("DescribeLoadBalancers"):
        told = inside(row, "TargetRegionInfo", "Region")
        if isinstance(told, str) and told:
            yield told
        yield from _region(inside(row, "MasterZone", "Zone"))


def _region(zone: Any) -> Iterator[str]:
    """The region of a zone, as ap-guangzhou of ap-guangzhou-3."""
    found = _ZONE.fullmatch(zone) if isinstance(zone, str) else None
    if found:
        yield found[1]
