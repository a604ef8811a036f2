"""
Changes to nodes and pods, and parts that were not read.

A *change* takes the default lab's document and alters it in place; those that need an argument return one.
"""

from collections.abc import Iterator
from copy import deepcopy

from changes import Change, Document

from drilllib.core.drills.default_lab import POD_GROUP

NODE_B_GROUP = "sg-nodeb001"


def node_groups(letter: str, *groups: str) -> Change:
    """The groups of one node's primary interface."""

    def change(document: Document) -> None:
        document["instances"]["ab".index(letter)]["SecurityGroupIds"] = list(groups)

    return change


def eni_groups(*groups: str, node: str = "ab") -> Change:
    """The groups of the pods' interfaces on these nodes, as the API returns them."""
    instances = [f"ins-node{letter}001" for letter in node]

    def change(document: Document) -> None:
        for interface in document["network_interfaces"]:
            if interface["Attachment"]["InstanceId"] in instances:
                interface["GroupSet"] = list(groups)

    return change


def eni_unread(enabled: bool = True, listed: tuple[str, ...] = (POD_GROUP,)) -> Change:
    """No interface was read: only the add-on's setting tells the pod's groups."""

    def change(document: Document) -> None:
        del document["network_interfaces"]
        document["cluster"]["eniipamd"] = {"enableSecurityGroups": enabled, "securityGroups": list(listed)}

    return change


def objects(document: Document, kind: str) -> Iterator[Document]:
    return (item for item in document["kubernetes"] if item["kind"] == kind)


def service(document: Document) -> Document:
    return next(objects(document, "Service"))


def endpoint_slice(document: Document) -> Document:
    return next(objects(document, "EndpointSlice"))


def local_policy(document: Document) -> None:
    service(document)["spec"]["externalTrafficPolicy"] = "Local"


def no_endpoint_slice(document: Document) -> None:
    document["kubernetes"].remove(endpoint_slice(document))


def udp_on_the_same_node_port(document: Document) -> None:
    ports = service(document)["spec"]["ports"]
    ports.append({**ports[0], "name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53})


def no_endpoints(document: Document) -> None:
    endpoint_slice(document)["endpoints"].clear()


def wrong_target_port(document: Document) -> None:
    """The Service names 8080, and the container declares 80, which is all it listens on."""
    document["semantics"]["containers_declare_all_ports"] = True
    service(document)["spec"]["ports"][0]["targetPort"] = 8080
    endpoint_slice(document)["ports"][0]["port"] = 8080


def pod_on_node_a(document: Document) -> None:
    """The only pod runs where the CLB sends: same addresses, the other node."""
    next(objects(document, "Pod"))["spec"]["nodeName"] = "node-a"
    endpoint_slice(document)["endpoints"][0]["nodeName"] = "node-a"
    document["network_interfaces"][0]["Attachment"]["InstanceId"] = "ins-nodea001"


def second_pod(document: Document) -> None:
    """web-2 on node-a, on an interface of its own with the pods' group."""
    pod, endpoint = (deepcopy(item) for item in (next(objects(document, "Pod")), _endpoints(document)[0]))
    interface = deepcopy(document["network_interfaces"][0])
    pod["metadata"]["name"] = endpoint["targetRef"]["name"] = "web-2"
    pod["spec"]["nodeName"] = endpoint["nodeName"] = "node-a"
    pod["status"]["podIP"] = "10.0.36.11"
    endpoint["addresses"] = ["10.0.36.11"]
    interface |= {"NetworkInterfaceId": "eni-podsa001", "Attachment": {"InstanceId": "ins-nodea001"}}
    interface["PrivateIpAddressSet"] = [{"PrivateIpAddress": "10.0.36.11"}]
    document["kubernetes"].append(pod)
    document["network_interfaces"].append(interface)
    _endpoints(document).append(endpoint)


def _endpoints(document: Document) -> list[Document]:
    return endpoint_slice(document)["endpoints"]


def cluster(**fields: object) -> Change:
    """Fields of the cluster."""
    return lambda document: document["cluster"].update(fields)


# What was not read


def unread(*parts: str) -> Change:
    """These parts of the snapshot are absent."""

    def change(document: Document) -> None:
        for part in parts:
            del document[part]

    return change


def group_unread(group: str) -> Change:
    """The group is bound, and its rules were not read."""

    def change(document: Document) -> None:
        del document["security_groups"][group]

    return change


def instance_unread(letter: str) -> Change:
    def change(document: Document) -> None:
        del document["instances"]["ab".index(letter)]

    return change
