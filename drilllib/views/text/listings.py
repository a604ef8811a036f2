"""Listings made from a snapshot: kubectl's tables, and the cloud's resources. A snapshot has no times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.core.rules.addresses import at
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import Entry, table

NONE, UNKNOWN = "<none>", "<unknown>"


@dataclass(frozen=True, slots=True)
class Listing:
    """The *rows* under their *columns*, and the command that prints them, or what they are."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Entry]]


def listing_text(listing: Listing, language: str) -> str:
    """The rows in columns, and a line that says that nobody asked a real cluster."""
    rows = [listing.columns, *([_joined(each) for each in row] for row in listing.rows)]
    return terminal_text((*table(rows), say(language, "simulated")))


def _joined(entry: Entry) -> str:
    """As kubectl writes a list."""
    return entry if isinstance(entry, str) else ",".join(entry) or NONE


def kubectl_get_nodes(snapshot: Snapshot) -> Listing:
    """What ``kubectl get nodes`` prints with the columns NAME, STATUS, INTERNAL-IP and the label DRILL."""
    rows = []
    for item in snapshot.kubernetes.of_kind("Node"):
        name, status = item["metadata"]["name"], item.get("status") or {}
        address = next((each["address"] for each in status.get("addresses") or ()), NONE)
        state = "NotReady" if name in snapshot.kubernetes.nodes_not_ready else "Ready"
        label = (item["metadata"].get("labels") or {}).get("drill", "")
        rows.append((name, state, address, label))
    return Listing("kubectl get nodes -L drill", ("NAME", "STATUS", "INTERNAL-IP", "DRILL"), rows)


def kubectl_get_pods(snapshot: Snapshot, namespace: str) -> Listing:
    """What ``kubectl get pods -n NAMESPACE -o custom-columns=...`` prints: name, phase, address and node."""
    rows: list[tuple[str, ...]] = []
    for item in snapshot.kubernetes.of_kind("Pod"):
        space, _, name = object_name(item).partition("/")
        status, spec = item.get("status") or {}, item.get("spec") or {}
        if space == namespace:
            facts = (status.get("phase"), status.get("podIP"), spec.get("nodeName"))
            rows.append((name, *(each or NONE for each in facts)))
    return Listing(f"kubectl get pods -n {namespace}", ("NAME", "STATUS", "IP", "NODE"), rows)


def kubectl_get_service(snapshot: Snapshot, namespace: str) -> Listing:
    """What ``kubectl get service -n NAMESPACE -o wide`` prints; the age of an object without a timestamp is unknown."""
    rows: list[Sequence[Entry]] = []
    for item in snapshot.kubernetes.of_kind("Service"):
        if object_name(item).partition("/")[0] != namespace:
            continue
        spec = item["spec"]
        entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
        external = tuple(entry.get("ip") or entry.get("hostname") or "" for entry in entries)
        selector = tuple(f"{key}={value}" for key, value in (spec.get("selector") or {}).items())
        ports = tuple(_port_text(port) for port in spec.get("ports") or ()) or ""
        kind, address = spec.get("type", "ClusterIP"), spec.get("clusterIP", "None")
        rows.append((item["metadata"]["name"], kind, address, external, ports, UNKNOWN, selector))
    titles = ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR")
    return Listing(f"kubectl get service -n {namespace} -o wide", titles, rows)


def _port_text(port: Mapping[str, Any]) -> str:
    node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node_port}/{port.get('protocol', 'TCP')}"


def ipamd_log(snapshot: Snapshot, language: str) -> str:
    """
    What the original drill's query of the tke-eni-ipamd log prints: a line with the groups of each pod interface.

    No public sample of such a line exists; only the group ids come from the snapshot.
    """
    items = (item for item in snapshot.to_dict().get("network_interfaces") or () if not item.get("Primary"))
    lines = [",".join(item.get("GroupSet") or ()) for item in items]
    return terminal_text((*(line or NONE for line in lines), say(language, "log_format")))


def load_balancers(snapshot: Snapshot, language: str) -> Listing:
    """Each CLB: id and VIP, listeners with their targets, groups in order."""
    rows: list[Sequence[Entry]] = []
    for balancer in snapshot.load_balancers:
        vips = tuple(map(str, balancer.vips)) or balancer.domain
        for whole in snapshot.listeners(balancer.balancer_id) or ():
            unread = any(each.targets is None for each in whole.by_rule)
            targets = [at(each.address or "?", each.port) for part in whole.by_rule for each in part.targets or ()]
            listener = f"{whole.protocol}:{whole.port}"
            rows.append(
                (balancer.balancer_id, vips, listener, _listed(None if unread else targets), _listed(balancer.groups))
            )
    titles = ("LOAD BALANCER", "VIP", "LISTENER", "TARGETS", "SECURITY GROUPS")
    return Listing(say(language, "rich_balancers"), titles, rows)


def interfaces(snapshot: Snapshot, language: str) -> Listing:
    """Every interface with its groups in order: the nodes' primary ones, and those that carry pods."""
    rows: list[Sequence[Entry]] = []
    names: dict[str | None, str] = {node.instance_id: node.label for node in snapshot.nodes}
    for node in snapshot.nodes:
        addresses = tuple(map(str, node.addresses)) or ""
        rows.append(("primary", node.label, addresses, _listed(node.groups)))
    for item in snapshot.to_dict().get("network_interfaces") or ():
        owner = names.get((item.get("Attachment") or {}).get("InstanceId"), NONE)
        addresses = tuple(entry["PrivateIpAddress"] for entry in item.get("PrivateIpAddressSet") or ()) or ""
        rows.append((item["NetworkInterfaceId"], owner, addresses, _listed(item.get("GroupSet"))))
    return Listing(say(language, "rich_interfaces"), ("INTERFACE", "OF", "ADDRESS", "SECURITY GROUPS"), rows)


def _listed(items: Sequence[str] | None) -> Entry:
    """The list, empty ones too; <unknown> for one that was not read."""
    return UNKNOWN if items is None else tuple(items)
