"""Changes to the default lab for what section 10 of docs/model.md says of clients inside, sentence by sentence."""

from changes import Change, Document, the_listener
from changes_cluster import endpoint_slice, objects, service

NODE_A, NODE_B, POD = "10.0.35.11", "10.0.35.12", "10.0.36.12"


def node(letter: str, **fields: object) -> Change:
    """Fields of one of the two instances."""

    def change(document: Document) -> None:
        document["instances"]["ab".index(letter)] |= fields

    return change


def condition_of(letter: str, kind: str, status: str) -> Change:
    """One condition of a Node object."""

    def change(document: Document) -> None:
        item = next(each for each in objects(document, "Node") if each["metadata"]["name"] == f"node-{letter}")
        item["status"]["conditions"] = [{"type": kind, "status": status}]

    return change


def spec(**fields: object) -> Change:
    """Fields of the Service's `spec`."""
    return lambda document: service(document)["spec"].update(fields)


def status(*entries: Document) -> Change:
    """What the Service's status says of its load balancer."""
    return lambda document: service(document).update(status={"loadBalancer": {"ingress": list(entries)}})


def status_unread(document: Document) -> None:
    service(document)["status"] = {"loadBalancer": {}}


def ports_unread(document: Document) -> None:
    """Of a Service that has another address."""
    other = {**service(document), "metadata": {"name": "other", "namespace": "shop"}, "spec": {"type": "LoadBalancer"}}
    other["status"] = {"loadBalancer": {"ingress": [{"ip": "10.0.40.77"}]}}
    document["kubernetes"].append(other)


def services_incomplete(document: Document) -> None:
    document["complete"]["kubernetes"].remove("Service")


def annotated(value: str) -> Change:
    def change(document: Document) -> None:
        service(document)["metadata"]["annotations"]["service.cloud.tencent.com/prevent-loopback"] = value

    return change


def listener(**fields: object) -> Change:
    """Fields of the listener that is asked."""
    return lambda document: the_listener(document).update(fields)


def pod(place: str = "spec", **fields: object) -> Change:
    """Fields of web-1."""
    return lambda document: next(objects(document, "Pod"))[place].update(fields)


def on_a_super_node(document: Document) -> None:
    """web-1, which asks."""
    pod(nodeName="eklet-1")(document)
    endpoint_slice(document)["endpoints"][0]["nodeName"] = "eklet-1"


def host_of_nobody(document: Document) -> None:
    """A Pod that names no node tells the address of its host."""
    metadata, told = {"namespace": "shop", "name": "nowhere"}, {"hostIP": "10.0.35.77", "podIP": "10.0.36.77"}
    document["kubernetes"].append({"kind": "Pod", "metadata": metadata, "spec": {}, "status": told})


def twin(document: Document) -> None:
    """Another Pod has web-1's address."""
    item = next(objects(document, "Pod"))
    document["kubernetes"].append({**item, "metadata": {**item["metadata"], "name": "twin"}})


def trunk(document: Document) -> None:
    document["network_interfaces"][0]["EniType"] = 2


def selected(document: Document) -> None:
    """A SecurityGroupPolicy selects all pods."""
    wanted = {"podSelector": {}, "securityGroups": {"groupIds": []}}
    metadata = {"namespace": "shop", "name": "all"}
    document["kubernetes"].append({"kind": "SecurityGroupPolicy", "metadata": metadata, "spec": wanted})


def guarded(subnet: int) -> Change:
    """A network ACL around the nodes (0) or the pods (1)."""

    def change(document: Document) -> None:
        document["subnets"][subnet]["NetworkAclId"] = "acl-1"

    return change


def second_address(letter: str, *, is_target: bool) -> Change:
    """A node with an address that is not the one its target, if it is one, is registered by."""

    def change(document: Document) -> None:
        instance = document["instances"]["ab".index(letter)]
        instance["PrivateIpAddresses"] = [*instance["PrivateIpAddresses"], "10.0.35.66"]
        if is_target:
            for holder in the_listener(document).get("Rules") or [the_listener(document)]:
                holder["Targets"][0]["PrivateIpAddresses"] = ["10.0.35.66"]

    return change


def primary_known(document: Document) -> None:
    """The interface that carries web-1 has an address of its own."""
    entries = document["network_interfaces"][0]["PrivateIpAddressSet"]
    entries.insert(0, {"PrivateIpAddress": "10.0.36.2", "Primary": True})


def policies(enforced: bool | None, **wanted: object) -> Change:
    """One NetworkPolicy over all pods, with all that there are read."""

    def change(document: Document) -> None:
        document["cluster"]["networkpolicy"] = {"enforced": enforced}
        metadata = {"namespace": "shop", "name": "policy"}
        item = {"kind": "NetworkPolicy", "metadata": metadata, "spec": {"podSelector": {}, **wanted}}
        document["kubernetes"].append(item)

    return change


def calico(document: Document) -> None:
    """A policy of another kind."""
    metadata = {"namespace": "shop", "name": "out"}
    document["kubernetes"].append(
        {"apiVersion": "crd.projectcalico.org/v1", "kind": "NetworkPolicy", "metadata": metadata}
    )


def perhaps_other_policies(document: Document) -> None:
    document["complete"]["kubernetes"].remove("NetworkPolicy")


SNAT_PRO = {"SnatPro": True, "SnatIps": [{"Ip": "10.0.40.20"}]}
