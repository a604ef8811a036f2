"""What the situations change in the cluster of connection_scenes.py besides rules."""

from connection_scenes import NODES, PRIVATE, SUPER_NODES, endpoints, interface
from connection_truths import Change


def private(document: dict) -> None:
    """The CLB is a private one."""
    document["load_balancers"][0] |= {"LoadBalancerType": "INTERNAL", "LoadBalancerVips": [PRIVATE]}
    web(document)["status"]["loadBalancer"]["ingress"] = [{"ip": PRIVATE}]


def ipvs(document: dict) -> None:
    """kube-proxy by ipvs."""
    document["cluster"]["ClusterNetworkSettings"]["Ipvs"] = True


def web(document: dict) -> dict:
    """The Service shop/web."""
    found = [item for item in document["kubernetes"] if item["kind"] == "Service"]
    return next(item for item in found if item["metadata"]["name"] == "web")


def local(document: dict) -> None:
    """shop/web takes local endpoints only."""
    web(document)["spec"]["externalTrafficPolicy"] = "Local"


def no_endpoints(document: dict) -> None:
    """Nothing is behind shop/web."""
    for item in document["kubernetes"]:
        if item["kind"] == "EndpointSlice" and item["metadata"]["name"] == "web":
            item["endpoints"] = []


def near_behind(document: dict) -> None:
    """shop/near is behind shop/web, on node-a."""
    network = "global-router" if document["cluster"]["NetworkType"] == "GR" else "shared"
    ports = [{"name": "", "port": 8080, "protocol": "TCP"}]
    for place, item in enumerate(document["kubernetes"]):
        if item["kind"] == "EndpointSlice" and item["metadata"]["name"] == "web":
            document["kubernetes"][place] = endpoints("shop/web", ports, network, ["shop/near"])


def policy_lets_in_nobody(document: dict) -> None:
    """A NetworkPolicy that holds, for every pod of the namespace shop: nobody may come in."""
    spec = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []}
    item = {"kind": "NetworkPolicy", "metadata": {"namespace": "shop", "name": "closed"}, "spec": spec}
    document["kubernetes"].append(item)
    document["cluster"]["networkpolicy"] = {"enforced": True}


def web_unnumbered(document: dict) -> None:
    """The ClusterIP of shop/web was not read."""
    del web(document)["spec"]["clusterIP"], web(document)["spec"]["clusterIPs"]


def dual_stack(document: dict) -> None:
    """shop/a has an IPv6 address, too."""
    pods = [item for item in document["kubernetes"] if item["kind"] == "Pod"]
    next(item for item in pods if item["metadata"]["name"] == "a")["status"]["podIPs"].append({"ip": "2001:db8:2::1"})
    found = next(item for item in document["network_interfaces"] if item["NetworkInterfaceId"] == "eni-a")
    found["Ipv6AddressSet"] = [{"Address": "2001:db8:2::1", "Primary": False}]


def headless(document: dict) -> None:
    """No Service has a ClusterIP."""
    for item in document["kubernetes"]:
        if item["kind"] == "Service":
            item["spec"] |= {"clusterIP": "None", "clusterIPs": ["None"]}


def second_untold(document: dict) -> None:
    """Of no Service all ClusterIPs were read."""
    for item in document["kubernetes"]:
        if item["kind"] == "Service":
            item["spec"].pop("clusterIPs", None)


def second_cluster_ip(address: str) -> Change:
    """shop/web has an IPv6 ClusterIP, too."""

    def change(document: dict) -> None:
        web(document)["spec"]["clusterIPs"].append(address)

    return change


def external_ip(address: str) -> Change:
    """shop/web has the address among its externalIPs."""

    def change(document: dict) -> None:
        web(document)["spec"]["externalIPs"] = [address]

    return change


def services_unread(document: dict) -> None:
    """There may be Services that were not read."""
    document["complete"]["kubernetes"].remove("Service")


def pods_unread(document: dict) -> None:
    """There may be Pods that were not read."""
    document["complete"]["kubernetes"].remove("Pod")


def asks_for_an_interface(document: dict) -> None:
    """shop/b asks for an interface of its own."""
    pods = [item for item in document["kubernetes"] if item["kind"] == "Pod"]
    found = next(item for item in pods if item["metadata"]["name"] == "b")
    found["metadata"]["annotations"] = {"tke.cloud.tencent.com/networks": "tke-route-eni"}


def acl(block: str) -> Change:
    """A network ACL filters the subnet."""

    def change(document: dict) -> None:
        for item in document["subnets"]:
            item["NetworkAclId"] = "acl-0" if item["CidrBlock"] == block else item["NetworkAclId"]

    return change


def without_group(document: dict) -> None:
    """The interface of the pods of node-b has no group, as with the add-on's feature off."""
    for item in document["network_interfaces"]:
        item["GroupSet"] = [] if item["NetworkInterfaceId"] == "eni-b" else item["GroupSet"]


def groups_of_b(*names: str) -> Change:
    """The groups of the interface of the pods of node-b, in order."""

    def change(document: dict) -> None:
        for item in document["network_interfaces"]:
            item["GroupSet"] = list(names) if item["NetworkInterfaceId"] == "eni-b" else item["GroupSet"]

    return change


def interface_unread(document: dict) -> None:
    """The interfaces of the pods of node-b were not read."""
    found = document["network_interfaces"]
    document["network_interfaces"] = [item for item in found if item["NetworkInterfaceId"] != "eni-b"]


def host_network(document: dict) -> None:
    """shop/b is on its node's network."""
    for item in document["kubernetes"]:
        if item["kind"] == "Pod" and item["metadata"]["name"] == "b":
            item["spec"]["hostNetwork"] = True
            item["status"] |= {"podIP": NODES["node-b"], "podIPs": [{"ip": NODES["node-b"]}]}
    item = next(item for item in document["network_interfaces"] if item["NetworkInterfaceId"] == "eni-b")
    item |= interface("eni-b", ["sg-pod-b"], ["10.0.2.53"], "10.0.2.252")


def second_address(document: dict) -> None:
    """The machine of node-b has another address before the one that its Node and its Pods tell."""
    document["instances"][1]["PrivateIpAddresses"] = ["10.0.1.102", NODES["node-b"]]


def switched_off(document: dict) -> None:
    """The machine of node-b is stopped."""
    document["instances"][1]["InstanceState"] = "STOPPED"


def by_annotation(document: dict) -> None:
    """The interface of shop/t was not read; its workload names a group for it."""
    found = document["network_interfaces"]
    document["network_interfaces"] = [item for item in found if item["NetworkInterfaceId"] != "eni-t"]
    for item in document["kubernetes"]:
        if item["kind"] == "Pod" and item["metadata"]["name"] == "t":
            item["metadata"]["annotations"] = {"eks.tke.cloud.tencent.com/security-group-id": "sg-other"}


def one_super_node(document: dict) -> None:
    """shop/t is on the super node of shop/s."""
    for item in document["kubernetes"]:
        if item["kind"] == "Pod" and item["metadata"]["name"] == "t":
            item["spec"]["nodeName"] = "eklet-s"
            item["status"]["hostIP"] = SUPER_NODES["eklet-s"]
