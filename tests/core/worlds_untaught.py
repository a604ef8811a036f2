"""
What docs/model.md decides and the walker has not learned yet, taken out of random worlds again.

Whoever teaches the walker adds the feature's name to one of the sets of worlds.py, which switches it on.
"""

import json
from collections.abc import Callable, Iterator


def without_untaught(document: dict, question: dict, features: frozenset[str]) -> None:
    """Undo in a world, in place, what is not among *features*."""
    for name, undo in UNTAUGHT.items():
        if name not in features:
            undo(document, question)


def clients_nearby(document: dict, question: dict) -> None:
    """Private clients that may be nodes or pods not read, and machines that are no Nodes, are made public."""
    objects = json.dumps([item for kind in ("Node", "Pod") for item in _objects(document, kind)])
    machines = [document.get(part) for part in ("instances", "network_interfaces")]
    others = json.dumps([*machines, *_objects(document, "EndpointSlice")])
    client, told = question["client"], (document.get("complete") or {}).get("kubernetes") or []
    addresses = all((each.get("status") or {}).get("addresses") for each in _objects(document, "Node"))
    every = document.get("kubernetes") == [] or ({"Node", "Pod"} <= {*told} and addresses)
    shown = f'"{client}"'
    if client.startswith(("10.", "100.64.")) and shown not in objects and (every == (shown in others)):
        question["client"] = "203.0.113.10"
    if client.startswith(("2001:db8:1:", "2001:db8:2:")) and shown not in objects and not every:
        question["client"] = "2001:db8:3::1"


def targets_no_nodes(document: dict, _: dict) -> None:
    """Where a target has the address of no Node object, no Node object was read."""
    named = {each["address"] for node in _objects(document, "Node") for each in node["status"]["addresses"]}
    own = {item["InstanceId"]: set(_addresses(item)) for item in document.get("instances") or []}
    targets = [each for found in _target_lists(document) for each in found if _is_cvm(each)]
    asked = [own.get(it.get("InstanceId")) or set(it.get("PrivateIpAddresses") or []) for it in targets]
    if all(found & named for found in asked):
        return
    document["kubernetes"] = [it for it in document.get("kubernetes") or [] if it["kind"] != "Node"] or None


def mode_not_read(document: dict, _: dict) -> None:
    """A cluster that does not say how interfaces are attached shares them."""
    cluster = document.get("cluster") or {}
    if not cluster.get("VpcCniType") and "VpcCniType" not in (cluster.get("Property") or ""):
        document["cluster"] = {**cluster, "VpcCniType": "tke-route-eni"}


def no_sign_of_an_eip(document: dict, question: dict) -> None:
    """A private CLB that is asked from outside has a public VIP, which says that an EIP is bound."""
    if ":" in question["client"] or question["client"].startswith("10."):
        return
    for each in document.get("load_balancers") or []:
        if each.get("LoadBalancerType") == "INTERNAL" and each.get("LoadBalancerVips"):
            each["LoadBalancerVips"].append("192.0.2.250")
        elif each.get("LoadBalancerType") == "INTERNAL":
            each["LoadBalancerType"] = "OPEN"


def ports_of_processes(document: dict, _: dict) -> None:
    """Where a node is asked for a port outside of the NodePort range, Pods are not known to be complete."""
    holders = [each for found in (document.get("listeners") or {}).values() for each in found]
    holders += [rule for each in holders for rule in each.get("Rules") or []]
    asked = [(each.get("HealthCheck") or {}).get("CheckPort") for each in holders]
    asked += [each["Port"] for found in _target_lists(document) for each in found]
    if any(port and not 30000 <= port <= 32767 for port in asked):
        claims = document.get("complete") or {}
        claims["kubernetes"] = [each for each in claims.get("kubernetes") or [] if each != "Pod"]


def alive_against_drops(document: dict, _: dict) -> None:
    """Nodes that are seen Alive at a NodePort under Cluster, whose pods' groups may drop, are not said to be probed."""
    services = [each["spec"] for each in _objects(document, "Service")]
    spread = (each for each in services if each.get("externalTrafficPolicy") != "Local")
    ports = {port.get("nodePort") for spec in spread for port in spec.get("ports") or []}
    for entry in _health_entries(document):
        if entry.get("HealthStatusDetail") == "Alive" and entry["Port"] in ports:
            entry["HealthStatusDetail"] = "Close"


def nodes_gone(document: dict, _: dict) -> None:
    """Nodes are not known to be complete."""
    claims = document.get("complete") or {}
    claims["kubernetes"] = [each for each in claims.get("kubernetes") or [] if each != "Node"]


def targets_elsewhere(document: dict, _: dict) -> None:
    """Targets whose address is not their instance's have its first one."""
    own = {item["InstanceId"]: _addresses(item) for item in document.get("instances") or []}
    for target in (each for found in _target_lists(document) for each in found if _is_cvm(each)):
        known, told = own.get(target.get("InstanceId")), target.get("PrivateIpAddresses")
        if known and told and told[0] not in known:
            target["PrivateIpAddresses"] = [known[0]]


def _health_entries(document: dict) -> Iterator[dict]:
    for balancer in document.get("target_health") or []:
        for listener in balancer["Listeners"]:
            for rule in listener.get("Rules") or []:
                yield from rule.get("Targets") or []


def _addresses(instance: dict) -> list[str]:
    return [*(instance.get("PrivateIpAddresses") or []), *(instance.get("IPv6Addresses") or [])]


def one_socket(document: dict, _: dict) -> None:
    """Of Pods that share an address only the first is there; ports are not all declared where others may be."""
    if "Pod" not in ((document.get("complete") or {}).get("kubernetes") or []):
        (document.get("semantics") or {}).pop("containers_declare_all_ports", None)
    taken = set()
    for pod in [*_objects(document, "Pod")]:
        status = pod.get("status") or {}
        own = {each.get("ip") for each in status.get("podIPs") or []} | {status.get("podIP")} - {None}
        if own & taken:
            document["kubernetes"].remove(pod)
        taken |= own


def _is_cvm(target: dict) -> bool:
    return (target.get("Type") or "").upper() == "CVM"


def _objects(document: dict, kind: str) -> Iterator[dict]:
    return (item for item in document.get("kubernetes") or [] if item["kind"] == kind)


def _target_lists(document: dict) -> Iterator[list]:
    for listener in (each for found in (document.get("listeners") or {}).values() for each in found):
        for holder in (listener, *(listener.get("Rules") or [])):
            if holder.get("Targets"):
                yield holder["Targets"]


UNTAUGHT: dict[str, Callable[[dict, dict], None]] = {
    "targets no nodes": targets_no_nodes,
    "mode not read": mode_not_read,
    "ports of processes": ports_of_processes,
    "nodes gone": nodes_gone,
    "Alive against drops": alive_against_drops,
    "targets elsewhere": targets_elsewhere,
    "one socket": one_socket,
    "clients nearby": clients_nearby,  # after those that take a claim away
    "no sign of an EIP": no_sign_of_an_eip,  # after those that change a client
}
