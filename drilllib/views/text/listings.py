"""Listings made from a snapshot: kubectl's tables, and the cloud's resources. A snapshot has no times."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drilllib.core.rules.addresses import at
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import columns, padded


def kubectl_get_nodes(snapshot: Snapshot, language: str) -> str:
    """What ``kubectl get nodes`` prints with the columns NAME, STATUS, INTERNAL-IP and the label DRILL."""
    rows = [("NAME", "STATUS", "INTERNAL-IP", "DRILL")]
    for item in snapshot.kubernetes.of_kind("Node"):
        name, status = item["metadata"]["name"], item.get("status") or {}
        address = next((each["address"] for each in status.get("addresses") or ()), "<none>")
        state = "NotReady" if name in snapshot.kubernetes.nodes_not_ready else "Ready"
        label = (item["metadata"].get("labels") or {}).get("drill", "")
        rows.append((name, state, address, label))
    return _simulated(rows, language)


def kubectl_get_pods(snapshot: Snapshot, namespace: str, language: str) -> str:
    """What ``kubectl get pods -n NAMESPACE -o custom-columns=...`` prints: name, phase, address and node."""
    rows: list[tuple[str, ...]] = [("NAME", "STATUS", "IP", "NODE")]
    for item in snapshot.kubernetes.of_kind("Pod"):
        space, name = object_name(item).split("/")
        status, spec = item.get("status") or {}, item.get("spec") or {}
        if space == namespace:
            facts = (status.get("phase"), status.get("podIP"), spec.get("nodeName"))
            rows.append((name, *(each or "<none>" for each in facts)))
    return _simulated(rows, language)


def kubectl_get_service(snapshot: Snapshot, namespace: str, language: str) -> str:
    """What ``kubectl get service -n NAMESPACE -o wide`` prints; the age of an object without a timestamp is unknown."""
    rows = [("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR")]
    for item in snapshot.kubernetes.of_kind("Service"):
        if object_name(item).split("/")[0] != namespace:
            continue
        spec = item["spec"]
        entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
        external = ",".join(entry.get("ip") or entry.get("hostname") or "" for entry in entries) or "<none>"
        selector = ",".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items()) or "<none>"
        ports = ",".join(_port_text(port) for port in spec.get("ports") or ())
        kind, address = spec.get("type", "ClusterIP"), spec.get("clusterIP", "None")
        rows.append((item["metadata"]["name"], kind, address, external, ports, "<unknown>", selector))
    return _simulated(rows, language)


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
    return terminal_text((*(line or "<none>" for line in lines), say(language, "log_format")))


def load_balancers(snapshot: Snapshot, language: str) -> str:
    """Each CLB: id and VIP, listeners with their targets, groups in order."""
    rows = [("LOAD BALANCER", "VIP", "LISTENER", "TARGETS", "SECURITY GROUPS")]
    for balancer in snapshot.load_balancers:
        vips = ",".join(map(str, balancer.vips)) or balancer.domain
        for whole in snapshot.listeners(balancer.balancer_id) or ():
            unread = any(each.targets is None for each in whole.by_rule)
            targets = [at(each.address or "?", each.port) for part in whole.by_rule for each in part.targets or ()]
            listener = f"{whole.protocol}:{whole.port}"
            rows.append(
                (balancer.balancer_id, vips, listener, _listed(None if unread else targets), _listed(balancer.groups))
            )
    return _simulated(rows, language)


def interfaces(snapshot: Snapshot, language: str) -> str:
    """Every interface with its groups in order: the nodes' primary ones, and those that carry pods."""
    rows = [("INTERFACE", "OF", "ADDRESS", "SECURITY GROUPS")]
    names: dict[str | None, str] = {node.instance_id: node.label for node in snapshot.nodes}
    for node in snapshot.nodes:
        addresses = ",".join(map(str, node.addresses))
        rows.append(("primary", node.label, addresses, _listed(node.groups)))
    for item in snapshot.to_dict().get("network_interfaces") or ():
        owner = names.get((item.get("Attachment") or {}).get("InstanceId"), "<none>")
        addresses = ",".join(entry["PrivateIpAddress"] for entry in item.get("PrivateIpAddressSet") or ())
        rows.append((item["NetworkInterfaceId"], owner, addresses, _listed(item.get("GroupSet"))))
    return _simulated(rows, language)


def _listed(items: Sequence[str] | None) -> str:
    """As in kubectl, <none> for an empty list; <unknown> for one that was not read."""
    return "<unknown>" if items is None else ",".join(items) or "<none>"


def _simulated(rows: Sequence[Sequence[str]], language: str) -> str:
    return terminal_text((*_table(rows), say(language, "simulated")))


def _table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(columns(row[column]) for row in shown) for column in range(len(rows[0]))]
    for row in shown:
        yield "   ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
