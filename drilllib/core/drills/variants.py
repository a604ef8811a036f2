"""Ways in which a real Service differs from the default lab: each changes a lab's document in place."""

from collections.abc import Iterator
from typing import Any

from drilllib.core.drills.default_lab import CLB_GROUP, EVERYTHING, NODE_GROUP, POD_GROUP, policy
from drilllib.core.snapshot.annotations import DIRECT_ACCESS, PASS_TO_TARGET, SPECIFIED_PROTOCOL

IPV6_CLIENT, IPV6_CLIENTS, IPV6_VIP = "2001:db8:cafe::10", "2001:db8:cafe::/64", "2001:db8::10"
_IPV6_OF_NODE = {"ins-nodea001": "2001:db8:35::11", "ins-nodeb001": "2001:db8:35::12"}
_IPV6_POD, _IPV6_NODES = "2001:db8:36::12", "2001:db8:35::/64"

Document = dict[str, Any]


def direct_access(document: Document) -> None:
    """The CLB's target is the pod; group 3 admits the clients, and group 2 has no say any more."""
    _annotations(document)[DIRECT_ACCESS] = "true"
    pod = {"Type": "ENI", "InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.36.12"], "Port": 80, "Weight": 10}
    for place in _with_targets(document):
        place["Targets"] = [pod]
    clients = _ingress(document, CLB_GROUP)[0]["CidrBlock"]
    set_ingress(document, POD_GROUP, policy("ACCEPT", "TCP", clients, "80"))


def pass_to_target(document: Document) -> None:
    """Targets admit the CLB's traffic unasked; only group 1 decides who may come in through it."""
    _annotations(document)[PASS_TO_TARGET] = "true"
    document["load_balancers"][0]["LoadBalancerPassToTarget"] = True


def local_policy(document: Document) -> None:
    """Nodes forward to pods of their own only, and keep the client's address."""
    _of_kind(document, "Service")["spec"]["externalTrafficPolicy"] = "Local"


def other_port(document: Document) -> None:
    """The pod listens on 8080 only, and the Service still sends to 80."""
    document["semantics"]["containers_declare_all_ports"] = True
    _of_kind(document, "Pod")["spec"]["containers"][0]["ports"][0]["containerPort"] = 8080


def closed_egress(document: Document) -> None:
    """Somebody has separated the networks: the nodes' group lets nothing out to the pods' subnet."""
    rules = (policy("DROP", "TCP", "10.0.36.0/24", "ALL"), EVERYTHING)
    numbered = [{**each, "PolicyIndex": index} for index, each in enumerate(rules)]
    document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Egress"] = numbered


def not_ready(document: Document) -> None:
    """The pod runs and listens, but fails its readiness probe: the Service has no ready endpoint."""
    endpoint = _of_kind(document, "EndpointSlice")["endpoints"][0]
    endpoint["conditions"] = {"ready": False, "serving": False, "terminating": False}


def over_udp(document: Document) -> None:
    """The Service, its listener, its pod and all three groups speak UDP."""
    listener = document["listeners"]["lb-lab00001"][0]
    place = next(_with_targets(document))
    listener |= {"Protocol": "UDP", "Targets": place["Targets"], "Rules": None}
    _annotations(document).pop(SPECIFIED_PROTOCOL, None)
    for port in (*_of_kind(document, "Service")["spec"]["ports"], *_of_kind(document, "EndpointSlice")["ports"]):
        port["protocol"] = "UDP"
    _of_kind(document, "Pod")["spec"]["containers"][0]["ports"][0]["protocol"] = "UDP"
    for group_id in (CLB_GROUP, NODE_GROUP, POD_GROUP):
        set_ingress(document, group_id, *({**rule, "Protocol": "UDP"} for rule in _ingress(document, group_id)))


def over_ipv6(document: Document) -> None:
    """The VIP, the nodes and the pod have IPv6 addresses, and groups 1 and 3 admit them. Group 2 is not asked."""
    balancer = document["load_balancers"][0]
    balancer |= {"LoadBalancerVips": [IPV6_VIP], "AddressIPVersion": "ipv6", "LoadBalancerPassToTarget": True}
    for instance in document["instances"]:
        instance["IPv6Addresses"] = [_IPV6_OF_NODE[instance["InstanceId"]]]
    document["network_interfaces"][0]["Ipv6AddressSet"] = [{"Address": _IPV6_POD}]
    for place in _with_targets(document):
        place.update({"Domain": IPV6_VIP} if "Domain" in place else {})
        place["Targets"] = [
            {**each, "PrivateIpAddresses": [_IPV6_OF_NODE[each["InstanceId"]]]} for each in place["Targets"]
        ]
    _of_kind(document, "Service")["status"]["loadBalancer"]["ingress"] = [{"ip": IPV6_VIP}]
    _of_kind(document, "Pod")["status"] |= {"podIP": _IPV6_POD}
    endpoints = _of_kind(document, "EndpointSlice")
    endpoints["addressType"] = "IPv6"
    endpoints["endpoints"][0]["addresses"] = [_IPV6_POD]
    for group_id, peer in ((CLB_GROUP, IPV6_CLIENTS), (POD_GROUP, _IPV6_NODES)):
        set_ingress(document, group_id, _over_ipv6(_ingress(document, group_id)[0], peer))
    for group in document["security_groups"].values():
        egress = group["SecurityGroupPolicySet"]["Egress"]
        egress.append({**_over_ipv6(egress[0], "::/0"), "PolicyIndex": len(egress)})


def add_group(document: Document, group_id: str) -> None:
    """A new group that lets everything out and nothing in, unless the lab has one of that id."""
    rules = {"Version": "1", "Ingress": [], "Egress": [{"PolicyIndex": 0, **EVERYTHING}]}
    group = {"SecurityGroupName": group_id, "SecurityGroupPolicySet": rules}
    document["security_groups"].setdefault(group_id, group)


def set_ingress(document: Document, group_id: str, *policies: Document) -> None:
    """Make these the group's ingress list, numbered from the top."""
    numbered = [{**each, "PolicyIndex": index} for index, each in enumerate(policies)]
    document["security_groups"][group_id]["SecurityGroupPolicySet"]["Ingress"] = numbered


def _ingress(document: Document, group_id: str) -> list[Document]:
    policies: list[Document] = document["security_groups"][group_id]["SecurityGroupPolicySet"]["Ingress"]
    return policies


def _over_ipv6(rule: Document, peer: str) -> Document:
    return {**{name: value for name, value in rule.items() if name != "CidrBlock"}, "Ipv6CidrBlock": peer}


def _with_targets(document: Document) -> Iterator[Document]:
    """The places that hold targets: the listener at layer 4, its forwarding rules at layer 7."""
    for listener in document["listeners"]["lb-lab00001"]:
        yield from listener["Rules"] or [listener]


def _annotations(document: Document) -> dict[str, str]:
    annotations: dict[str, str] = _of_kind(document, "Service")["metadata"]["annotations"]
    return annotations


def _of_kind(document: Document, kind: str) -> Document:
    return next(item for item in document["kubernetes"] if item["kind"] == kind)
