"""
What the worlds leave out because engine and walker disagree about it; see DISPUTED.

Each function takes one combination out of a finished snapshot. When a dispute is settled, its name leaves DISPUTED, and
the function goes.
"""

from collections.abc import Iterator

from worlds_rules import NODES


def no_direct_access_without_kubernetes(document: dict) -> None:
    """Where no Kubernetes object was read there are no pods among the targets."""
    if document.get("kubernetes") is None:
        for holder in holders(document):
            holder["Targets"] = [target for target in holder["Targets"] if not is_pod(target)]


def pods_among_the_targets_say_their_node(document: dict) -> None:
    """A Pod that is a target says where it runs, if its endpoint does."""
    direct = {address for holder in holders(document) for target in holder["Targets"] for address in pod_in(target)}
    for pod in objects(document, "Pod"):
        own = addresses_of(pod)
        named = [
            item["nodeName"] for item in endpoints(document) if item.get("nodeName") and own & {*item["addresses"]}
        ]
        if own & direct and named and not pod["spec"].get("nodeName"):
            pod["spec"]["nodeName"] = named[0]


def endpoints_refer_to_their_pods(document: dict) -> None:
    """An endpoint refers to the Pod that has its address, if that was read."""
    for pod in objects(document, "Pod"):
        for endpoint in endpoints(document):
            if addresses_of(pod) & {*endpoint["addresses"]} and not endpoint.get("targetRef"):
                names = {name: pod["metadata"][name] for name in ("namespace", "name")}
                endpoint["targetRef"] = {"kind": "Pod", **names}


def nodes_with_endpoints_of_their_own_are_instances(document: dict) -> None:
    """A node is not read where it has an endpoint at its own address and no instance."""
    known = {text for item in document.get("instances") or [] for text in instance_addresses(item)}
    lonely = {text for endpoint in endpoints(document) for text in endpoint["addresses"]} - known
    for node in list(objects(document, "Node")):
        if lonely & {entry["address"] for entry in node["status"]["addresses"]}:
            document["kubernetes"].remove(node)


def slices_agree_where_a_pod_runs(document: dict) -> None:
    """If one endpoint names an address's node, all of that address do."""
    named = {
        text: item["nodeName"] for item in endpoints(document) if item.get("nodeName") for text in item["addresses"]
    }
    for endpoint in endpoints(document):
        if not endpoint.get("nodeName") and endpoint["addresses"][0] in named:
            endpoint["nodeName"] = named[endpoint["addresses"][0]]


# The combination's name as a feature, and what takes it out.
DISPUTED = {
    "direct without kubernetes": no_direct_access_without_kubernetes,
    "only endpoints name nodes": pods_among_the_targets_say_their_node,
    "pods by address": endpoints_refer_to_their_pods,
    "nodes without instances": nodes_with_endpoints_of_their_own_are_instances,
    "one slice names the node": slices_agree_where_a_pod_runs,
}


def leave_out(document: dict, features: frozenset[str]) -> None:
    """Take out what is not among the features."""
    for name, taken_out in DISPUTED.items():
        if name not in features:
            taken_out(document)


# Looking things up.


def objects(document: dict, kind: str) -> list[dict]:
    """All Kubernetes objects of a kind."""
    return [item for item in document.get("kubernetes") or [] if item["kind"] == kind]


def endpoints(document: dict) -> Iterator[dict]:
    """All endpoints."""
    for piece in objects(document, "EndpointSlice"):
        yield from piece.get("endpoints") or []


def holders(document: dict) -> Iterator[dict]:
    """Every listener and forwarding rule whose targets were read."""
    for listeners in (document.get("listeners") or {}).values():
        for listener in listeners:
            yield from (item for item in (listener, *(listener["Rules"] or ())) if item.get("Targets"))


def is_pod(target: dict) -> bool:
    """Whether a target is a pod."""
    return (target.get("Type") or "CVM").upper() == "ENI"


def pod_in(target: dict) -> list[str]:
    """The addresses of a target that is a pod."""
    return target["PrivateIpAddresses"] if is_pod(target) else []


def addresses_of(pod: dict) -> set[str]:
    """The addresses of a Pod."""
    status = pod["status"]
    texts = [status.get("podIP"), *(entry["ip"] for entry in status.get("podIPs") or ())]
    return {text for text in texts if text}


def instance_addresses(instance: dict) -> list[str]:
    """The addresses of an instance."""
    return [*instance["PrivateIpAddresses"], *(instance.get("IPv6Addresses") or ())]


def interface_addresses(interface: dict) -> list[str]:
    """The addresses of an interface."""
    four = [entry["PrivateIpAddress"] for entry in interface["PrivateIpAddressSet"]]
    return four + [entry["Address"] for entry in interface.get("Ipv6AddressSet") or ()]


def number_of(address: str) -> int:
    """Which node has an address."""
    return next(texts.index(address) for texts in NODES.values() if address in texts)
