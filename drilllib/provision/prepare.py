"""Before anything is made: may it be, can it be, and where. Only reads."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from drilllib.core.capture.asks import CloudCall, KubernetesRead
from drilllib.core.capture.calls import NAMESPACES, NODES, SERVICES, TKE, VPC
from drilllib.core.drills.default_lab import CLIENT_BLOCK
from drilllib.errors import LabStateError, UnknownNameError, quoted
from drilllib.guard import marks
from drilllib.guard.consent import require_consent
from drilllib.provision import inventory
from drilllib.provision.clients import PAGE, Clients, RefusedError
from drilllib.provision.parts import DEPLOYMENTS
from drilllib.provision.site import Site, require_block, require_namespace
from drilllib.provision.starts import Start, of_fault
from drilllib.provision.worlds import of_drill

INSTANCE_TYPES = ("SA2.MEDIUM2",)
NAMESPACE, HOURS, MOST_HOURS = "shop", 4, 72
GROUPS = len(marks.ROLES)


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What the user says; empty is not said. A *drill* of practice with its *seed* wins over *fault* and *listener*.

    *whole_cluster* lets group 3 onto the pods of other nodes.
    """

    cluster: str = ""
    drill: str = ""
    seed: int = 1
    fault: str = "original-drill"
    listener: str = "HTTP"
    hours: int = HOURS
    clients: tuple[str, ...] = (CLIENT_BLOCK,)
    subnets: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = INSTANCE_TYPES
    namespace: str = NAMESPACE
    whole_cluster: bool = False


def prepared(clients: Clients, wish: Wish, now: datetime | None = None) -> Site:
    """
    Where and how the drill that is wished for would be made.

    Raises:
        NoConsentError: Nobody has allowed drills in the cluster; nothing else was looked at then.
        LabStateError: Another drill is up in the cluster, or one is overdue.
        DrillError: Something stands in its place, is used up, or is not allowed.
    """
    start = of_drill(wish.drill, wish.seed) if wish.drill else of_fault(wish.fault, wish.listener)
    require_namespace(wish.namespace)
    blocks = tuple(dict.fromkeys(map(require_block, wish.clients)))
    moment = now or datetime.now(UTC)
    cluster = _cluster(clients, wish.cluster)
    name = str(cluster["ClusterId"])
    require_consent(clients.ask, name)
    require_alone(clients, moment)
    nodes = clients.objects(NODES)
    _require_same_cluster(clients, name, nodes)
    _require_room(clients, wish.namespace, start)
    before = inventory.setting(clients, name)
    if nodes and not wish.whole_cluster:
        raise LabStateError(
            "Group 3 is set for a whole cluster, and {cluster} has {count} nodes that are not the drill's",
            remedy="Add --whole-cluster if their pods may have it too, or use a cluster for drills only",
            cluster=name,
            count=len(nodes),
        )
    subnets = _subnets(clients, cluster, wish.subnets)
    return Site(
        drill=marks.new_id(),
        cluster=name,
        region=clients.region,
        until=moment + timedelta(hours=wish.hours),
        start=start,
        clients=blocks,
        subnets=tuple(str(each["SubnetId"]) for each in subnets),
        node_blocks=tuple(str(each["CidrBlock"]) for each in subnets),
        instance_types=wish.instance_types,
        namespace=wish.namespace,
        setting=before,
    )


def _cluster(clients: Clients, wanted: str) -> dict[str, Any]:
    """The cluster that is meant: the named one, or the only one there is."""
    every = inventory.clusters(clients)
    found = [each for each in every if wanted in ("", each.get("ClusterId"))]
    if len(found) != 1:
        raise UnknownNameError(
            "There is no cluster {name} in {region}" if wanted else "There is not one cluster in {region}, but {count}",
            remedy="Name one with --cluster: {known}",
            name=quoted(wanted),
            region=clients.region,
            count=len(found),
            known=", ".join(str(each.get("ClusterId")) for each in every) or "none",
        )
    kind = _network_of(found[0])
    if kind not in ("", "VPC-CNI"):
        raise LabStateError(
            "The network of {cluster} is {kind}, and group 3 is bound to pods of VPC-CNI only",
            remedy="Use a cluster in VPC-CNI mode",
            cluster=str(found[0]["ClusterId"]),
            kind=quoted(kind),
        )
    return found[0]


def _network_of(cluster: Mapping[str, Any]) -> str:
    """The kind of the cluster's network; "" where it is not told."""
    try:
        told = json.loads(cluster.get("Property") or "{}")
    except ValueError:
        return ""
    return str(told.get("NetworkType") or "") if isinstance(told, dict) else ""


def require_alone(clients: Clients, now: datetime) -> None:
    """
    One drill at a time: the add-on has one list, and two drills would take each other's for their own.

    Raises:
        LabStateError: Something has the mark of a drill.
    """
    for each in inventory.everything(clients):
        is_late = each.until is not None and each.until < now
        raise LabStateError(
            "The drill {drill} is still there, and should be gone since {until} UTC"
            if is_late
            else "The drill {drill} is up",
            remedy="Remove it first: drill down {drill}",
            drill=each.drill,
            until=f"{each.until:%Y-%m-%d %H:%M}" if each.until else "",
        )


def _require_same_cluster(clients: Clients, cluster: str, nodes: Iterable[Mapping[str, Any]]) -> None:
    """The kubeconfig's cluster is the one that the cloud knows by that id: they have a node in common."""
    here = {address for node in nodes for address in _addresses(node)}
    rows = clients.rows(
        lambda offset: CloudCall.of(
            *TKE, "DescribeClusterInstances", ClusterId=cluster, InstanceRole="ALL", Limit=PAGE, Offset=offset
        ),
        "InstanceSet",
    )
    there = {str(each.get("LanIP")) for each in rows}
    if here and there and not here & there:
        raise RefusedError(
            "The kubeconfig leads to another cluster than {cluster}: they have no node in common",
            remedy="Look at --context and --cluster",
            cluster=cluster,
        )


def _addresses(node: Mapping[str, Any]) -> list[str]:
    listed = (node.get("status") or {}).get("addresses") or ()
    return [str(each.get("address")) for each in listed if each.get("type") == "InternalIP"]


def _require_room(clients: Clients, namespace: str, start: Start) -> None:
    """Nothing of somebody else's is where the drill's things would be, and all of it may be made."""
    place = KubernetesRead("", "v1", "namespaces", "Namespace", name=namespace)
    if clients.get(place) is not None:
        raise LabStateError(
            "The namespace {name} is there, and is not the drill's",
            remedy="Name another one with --namespace",
            name=quoted(namespace),
        )
    _require_port(clients.objects(SERVICES), start.ports.node)
    for kind in (NAMESPACES, DEPLOYMENTS, SERVICES):
        for verb in ("create", "delete"):
            if not clients.kubernetes.may(verb, kind):
                raise RefusedError(
                    "{what} is not allowed",
                    remedy="Grant {right}; drill up --print-policy prints all that is needed",
                    what=f"{verb} {kind.resource}",
                    right=f"{verb} {kind.resource}",
                )
    _require_quota(clients)


def _require_port(services: Iterable[Mapping[str, Any]], wanted: int) -> None:
    for each in services:
        if any(port.get("nodePort") == wanted for port in (each.get("spec") or {}).get("ports") or ()):
            raise LabStateError(
                "The NodePort {port} is taken by the Service {name}",
                remedy="The drill's rules are about that port: use a cluster in which it is free",
                port=wanted,
                name=f"{each['metadata'].get('namespace')}/{each['metadata']['name']}",
            )


def _require_quota(clients: Clients) -> None:
    limits = clients.page(CloudCall.of(*VPC, "DescribeSecurityGroupLimits")).get("SecurityGroupLimitSet") or {}
    most, count = int(limits.get("SecurityGroupLimit") or 0), inventory.count_groups(clients)
    if most and count + GROUPS > most:
        raise LabStateError(
            "There are {count} security groups of at most {most}, and the drill needs {more}",
            remedy="Delete some that nobody uses, or ask the vendor for more",
            count=count,
            most=most,
            more=GROUPS,
        )


def _subnets(clients: Clients, cluster: Mapping[str, Any], wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    """The subnets for the nodes: the named ones, or the only one that is not the pods'."""
    network = cluster.get("ClusterNetworkSettings") or {}
    place = [{"Name": "vpc-id", "Values": [str(network.get("VpcId") or "")]}]
    rows = clients.rows(
        lambda offset: CloudCall.of(*VPC, "DescribeSubnets", Filters=place, Limit=str(PAGE), Offset=str(offset)),
        "SubnetSet",
    )
    every = {str(each["SubnetId"]): each for each in rows if _is_ipv4(each)}
    names = wanted or [name for name in every if name not in (network.get("Subnets") or ())]
    if (not wanted and len(names) != 1) or any(name not in every for name in names):
        raise UnknownNameError(
            "The subnet of the drill's nodes is not known" if not wanted else "There is no subnet {name} in the VPC",
            remedy="Name one with --subnet: {known}",
            name=", ".join(quoted(name) for name in names if name not in every),
            known=", ".join(f"{name} ({each['CidrBlock']})" for name, each in every.items()) or "none",
        )
    return [every[name] for name in names]


def _is_ipv4(subnet: Mapping[str, Any]) -> bool:
    try:
        return ip_address(str(subnet.get("CidrBlock")).partition("/")[0]).version == 4
    except ValueError:
        return False
