"""The default lab with changes, for test_walker_plain.py."""

from collections.abc import Callable

from drilllib.core.drills.default_lab import default_lab

CLIENT = "203.0.113.10"
NODE, POD = "sg-node0001", "sg-pod00001"


def lab(listener: str = "HTTP", *changes: Callable[[dict], object]) -> dict:
    document = default_lab(listener="TCP" if listener == "UDP" else listener)
    if listener == "UDP":
        replace_everywhere(document, {"TCP": "UDP"})
        objects(document, "Pod")[0]["spec"]["containers"][0]["ports"][0]["protocol"] = "UDP"
    for change in changes:
        change(document)
    return document


def replace_everywhere(part: object, words: dict[str, str]) -> None:
    """Exchange words wherever they are a whole value."""
    for key, value in list(part.items() if isinstance(part, dict) else enumerate(part)):
        if isinstance(value, dict | list):
            replace_everywhere(value, words)
        elif isinstance(value, str) and value in words:
            part[key] = words[value]


def objects(document: dict, kind: str) -> list[dict]:
    return [item for item in document["kubernetes"] if item["kind"] == kind]


def listener(document: dict) -> dict:
    return document["listeners"]["lb-lab00001"][0]


def targets(document: dict) -> list[dict]:
    return (listener(document)["Rules"] or [listener(document)])[0]["Targets"]


def policy(action: str, peer: str, protocol: str = "ALL") -> dict:
    field = "Ipv6CidrBlock" if ":" in peer else "CidrBlock"
    return {"Action": action, "Protocol": protocol, "Port": "ALL", field: peer}


def admit(group: str, *rules: dict) -> Callable[[dict], object]:
    """A group whose ingress rules are these."""
    return lambda document: document["security_groups"][group]["SecurityGroupPolicySet"].update(Ingress=list(rules))


def balancer(**fields: object) -> Callable[[dict], object]:
    return lambda document: document["load_balancers"][0].update(fields)


def checked(**fields: object) -> Callable[[dict], object]:
    return lambda document: listener(document)["HealthCheck"].update(fields)


def local(document: dict) -> None:
    """The pod runs on the target, and the Service keeps the client's address."""
    objects(document, "Service")[0]["spec"]["externalTrafficPolicy"] = "Local"
    objects(document, "EndpointSlice")[0]["endpoints"][0]["nodeName"] = "node-a"
    objects(document, "Pod")[0]["spec"]["nodeName"] = "node-a"


def direct(document: dict) -> None:
    """The pod itself is the target."""
    targets(document)[:] = [{"Type": "ENI", "PrivateIpAddresses": ["10.0.36.12"], "Port": 80, "Weight": 10}]


def stale(document: dict) -> None:
    """The target is a pod's address that only an interface has."""
    direct(document)
    targets(document)[0]["PrivateIpAddresses"] = [GONE]
    document["network_interfaces"][0]["PrivateIpAddressSet"].append({"PrivateIpAddress": GONE})


def mode(name: str) -> Callable[[dict], object]:
    return lambda document: document["cluster"].update(VpcCniType=name)


def trunk(document: dict) -> None:
    document["network_interfaces"][0]["EniType"] = 2


def selected(document: dict) -> None:
    """A SecurityGroupPolicy selects the pod."""
    spec = {"podSelector": {"matchLabels": {"app": "web"}}}
    document["kubernetes"].append(
        {"kind": "SecurityGroupPolicy", "metadata": {"namespace": "shop", "name": "policy"}, "spec": spec}
    )


def unread_interfaces(document: dict) -> None:
    document["network_interfaces"] = None


def unread_pod(document: dict) -> None:
    document["kubernetes"].remove(objects(document, "Pod")[0])


def unread_targets(document: dict) -> None:
    (listener(document)["Rules"] or [listener(document)])[0]["Targets"] = None


def on_node(endpoint: str | None, pod: str | None) -> Callable[[dict], object]:
    """Where the EndpointSlice and the Pod say that the pod runs."""

    def change(document: dict) -> None:
        objects(document, "EndpointSlice")[0]["endpoints"][0]["nodeName"] = endpoint
        objects(document, "Pod")[0]["spec"]["nodeName"] = pod

    return change


def at(address: str) -> Callable[[dict], object]:
    """The pod has another address."""

    def change(document: dict) -> None:
        objects(document, "EndpointSlice")[0]["endpoints"][0]["addresses"] = [address]
        objects(document, "Pod")[0]["status"]["podIP"] = address

    return change


def bare_template(document: dict) -> None:
    """Group 2 admits a template that lists nothing it could be known by."""
    document["address_templates"] = {"ipm-bare": {"AddressTemplateName": "bare"}}
    rule = {"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "AddressTemplate": {"AddressId": "ipm-bare"}}
    admit(NODE, rule)(document)


def no_kubernetes(document: dict) -> None:
    document["kubernetes"] = None


def no_endpoints(document: dict) -> None:
    objects(document, "EndpointSlice")[0]["endpoints"] = []


def six(document: dict) -> None:
    """The VIP is IPv6 and the target IPv4 (NAT64)."""
    document["load_balancers"][0] |= {"LoadBalancerVips": [], "AddressIPv6": "2001:db8::10"}
    document["security_groups"]["sg-clb00001"]["SecurityGroupPolicySet"]["Ingress"] = [policy("ACCEPT", "::/0")]


ANY, CLOSED = admit(NODE, policy("ACCEPT", "0.0.0.0/0")), admit(NODE)
POD_ANY, POD_CLOSED = admit(POD, policy("ACCEPT", "0.0.0.0/0")), admit(POD)
NODE_A, NODE_B, GONE = "10.0.35.11", "10.0.35.12", "10.0.36.99"
KEEP_ALIVE = admit(NODE, policy("ACCEPT", "100.127.0.0/16"))
SNAT = balancer(SnatPro=True, SnatIps=[{"Ip": "10.0.5.1"}, {"Ip": "10.0.5.2"}, {"Ip": "2001:db8::5"}])
