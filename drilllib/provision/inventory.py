"""What carries the mark of a drill, in the cloud and in the cluster; and how the add-on is set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.calls import NAMESPACES, TKE, TKE_2022, VPC, add_on
from drilllib.core.capture.cluster_part import decoded, setting_of
from drilllib.guard import marks
from drilllib.provision.clients import PAGE, Clients, RefusedError
from drilllib.provision.parts import ADD_ON, Kind


@dataclass(frozen=True, slots=True)
class Found:
    """
    Something with the mark of *drill*: its *name* and *id* (a uid in the cluster), *since* when, *until* when.

    *is_kept* says that it must never be removed: a default group.
    """

    kind: Kind
    name: str
    id: str
    drill: str
    until: datetime | None
    since: str
    role: str = ""
    before: str = ""
    cluster: str = ""
    is_kept: bool = False


def groups(clients: Clients) -> list[Found]:
    """The groups with the mark of any drill, in the region. Raises RefusedError."""
    marked = [{"Name": "tag-key", "Values": [marks.DRILL]}]
    rows = clients.rows(
        lambda offset: CloudCall.of(
            *VPC, "DescribeSecurityGroups", Filters=marked, Limit=str(PAGE), Offset=str(offset)
        ),
        "SecurityGroupSet",
    )
    return [_group(each, tags) for each in rows if marks.is_marked(tags := marks.tags_of(each.get("TagSet")))]


def _group(row: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    return Found(
        Kind.GROUP,
        str(row.get("SecurityGroupName") or ""),
        str(row["SecurityGroupId"]),
        tags[marks.DRILL],
        marks.moment_of(tags.get(marks.UNTIL, "")),
        str(row.get("CreatedTime") or ""),
        role=tags.get(marks.PART, ""),
        before=tags.get(marks.BEFORE, ""),
        is_kept=bool(row.get("IsDefault")),
    )


def count_groups(clients: Clients) -> int:
    """How many groups there are in the region. Raises RefusedError."""
    return int(clients.page(CloudCall.of(*VPC, "DescribeSecurityGroups", Limit="1")).get("TotalCount") or 0)


def pools(clients: Clients, cluster: str) -> list[Found]:
    """The node pools of a cluster with the mark of any drill. Raises RefusedError."""
    return [found for each in _pool_rows(clients, cluster) if (found := _pool(each, cluster)) is not None]


def pool_ids(clients: Clients, cluster: str) -> set[str]:
    """The ids of all node pools of a cluster, whatever marks they have. Raises RefusedError."""
    return {str(each["NodePoolId"]) for each in _pool_rows(clients, cluster)}


def _pool_rows(clients: Clients, cluster: str) -> list[dict[str, Any]]:
    return clients.rows(
        lambda offset: CloudCall.of(*TKE_2022, "DescribeNodePools", ClusterId=cluster, Limit=PAGE, Offset=offset),
        "NodePools",
    )


def _pool(row: Mapping[str, Any], cluster: str) -> Found | None:
    tags = marks.pool_tags(row)
    if not marks.is_marked(tags):
        return None
    until, since = marks.moment_of(tags.get(marks.UNTIL, "")), str(row.get("CreatedAt") or "")
    name, number = str(row.get("Name") or ""), str(row["NodePoolId"])
    return Found(Kind.POOL, name, number, tags[marks.DRILL], until, since, cluster=cluster)


def namespaces(clients: Clients) -> list[Found]:
    """The namespaces with the mark of any drill. Raises RefusedError."""
    return [_namespace(each) for each in clients.objects(NAMESPACES) if marks.is_marked(marks.labels_of(each))]


def _namespace(item: Mapping[str, Any]) -> Found:
    labels, metadata = marks.labels_of(item), item["metadata"]
    until, since = marks.moment_of(labels.get(marks.UNTIL, "")), str(metadata.get("creationTimestamp") or "")
    return Found(Kind.NAMESPACE, metadata["name"], str(metadata.get("uid") or ""), labels[marks.DRILL], until, since)


def clusters(clients: Clients) -> list[dict[str, Any]]:
    """The clusters of the region. Raises RefusedError."""
    return clients.rows(lambda offset: CloudCall.of(*TKE, "DescribeClusters", Limit=PAGE, Offset=offset), "Clusters")


def everything(clients: Clients) -> Iterator[Found]:
    """Whatever has the mark of a drill, in all clusters of the region. Raises RefusedError."""
    yield from groups(clients)
    for each in clusters(clients):
        yield from pools(clients, str(each["ClusterId"]))
    yield from namespaces(clients)


def setting(clients: Clients, cluster: str) -> tuple[str, ...] | None:
    """
    The add-on's list of groups for interfaces of pods; None where it is off.

    Raises:
        RefusedError: It is not told, or its values have another shape than the documented one.
    """
    for row in clients.page(add_on(cluster, ADD_ON)).get("Addons") or ():
        found = setting_of(decoded(row.get("RawValues")))
        if row.get("AddonName") == ADD_ON and found is not None:
            return tuple(found["securityGroups"]) if found["enableSecurityGroups"] else None
    raise RefusedError(
        "The setting of the add-on {name} in {cluster} cannot be read",
        remedy="Add-ons older than v3.5.0 are set by hand: see the commands of drill render",
        name=ADD_ON,
        cluster=cluster,
    )
