"""More changes of the default lab, for test_walker_plain_real.py: what real answers of the APIs have, and lack."""

from collections.abc import Callable

from walker_labs import NODE_B, listener, policy, targets
from walker_labs import objects as every

READY = [{"type": "Ready", "status": "True"}]
GOING = {"ready": False, "serving": True, "terminating": True}
EXACT = {"semantics": {"containers_declare_all_ports": True}}


def with_fields(kind: str, path: str, **fields: object) -> Callable[[dict], object]:
    """The first object of a kind has other fields under ``spec``, ``status`` or ``metadata``."""
    return lambda document: every(document, kind)[0][path].update(fields)


def without(kind: str, path: str, field: str) -> Callable[[dict], object]:
    return lambda document: [item[path].pop(field, None) for item in every(document, kind)]


def target(**fields: object) -> Callable[[dict], object]:
    return lambda document: targets(document)[0].update(fields)


def unsaid(field: str) -> Callable[[dict], object]:
    return lambda document: targets(document)[0].pop(field)


def listens(**fields: object) -> Callable[[dict], object]:
    return lambda document: listener(document).update(fields)


def rule(**fields: object) -> Callable[[dict], object]:
    return lambda document: listener(document)["Rules"][0].update(fields)


def part(**fields: object) -> Callable[[dict], object]:
    return lambda document: document.update(fields)


def state(name: str | None, number: int = 0) -> Callable[[dict], object]:
    return lambda document: document["instances"][number].update(InstanceState=name)


def seen(status: str) -> Callable[[dict], object]:
    """The CLB reports this of the target, whose address is asked for."""

    def change(document: dict) -> None:
        address = targets(document)[0]["PrivateIpAddresses"][0]
        reported = {"IP": address, "Port": targets(document)[0]["Port"], "HealthStatusDetail": status}
        shown = [{"ListenerId": "lbl-lab00001", "Rules": [{"LocationId": "loc-lab00001", "Targets": [reported]}]}]
        document["target_health"] = [{"LoadBalancerId": "lb-lab00001", "Listeners": shown}]

    return change


def declared(*ports: dict, **fields: object) -> Callable[[dict], object]:
    """What the pod's one container declares."""
    return lambda document: every(document, "Pod")[0]["spec"].update(containers=[{"ports": list(ports), **fields}])


def endpoint(**fields: object) -> Callable[[dict], object]:
    return lambda document: every(document, "EndpointSlice")[0]["endpoints"][0].update(fields)


def network_policy(*rules: dict, **spec: object) -> Callable[[dict], object]:
    """A policy about all pods of the namespace."""
    metadata = {"namespace": "shop", "name": "np"}
    found = {"kind": "NetworkPolicy", "metadata": metadata, "spec": {"podSelector": {}, "ingress": list(rules), **spec}}
    return lambda document: document["kubernetes"].append(found)


def agent(port: int, **status: object) -> Callable[[dict], object]:
    """A pod on node-a's own network that no Service knows."""
    spec = {"hostNetwork": True, "containers": [{"ports": [{"containerPort": port}]}]}
    pod = {"kind": "Pod", "metadata": {"namespace": "kube-system", "name": "agent"}, "spec": spec, "status": status}
    return lambda document: document["kubernetes"].append(pod)


def acl(block: str) -> Callable[[dict], object]:
    return part(subnets=[{"SubnetId": "subnet-a", "CidrBlock": block, "NetworkAclId": "acl-1"}])


def from_block(text: str, **fields: object) -> dict:
    return {"from": [{"ipBlock": {"cidr": text, **fields}}]}


def second_target(document: dict) -> None:
    """node-b, whose group drops the client."""
    targets(document).append({**targets(document)[0], "InstanceId": "ins-nodeb001", "PrivateIpAddresses": [NODE_B]})
    document["security_groups"]["sg-other"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    document["instances"][1]["SecurityGroupIds"] = ["sg-other"]


def second_endpoint(document: dict) -> None:
    """A pod on node-b whose group drops what comes from node-a."""
    piece = every(document, "EndpointSlice")[0]
    piece["endpoints"].append({"addresses": ["10.0.36.13"], "nodeName": "node-b"})
    document["security_groups"]["sg-other"] = {"SecurityGroupPolicySet": {"Ingress": [policy("DROP", "0.0.0.0/0")]}}
    interface = {"NetworkInterfaceId": "eni-2", "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.36.13"}]}
    document["network_interfaces"].append({**interface, "GroupSet": ["sg-other"]})
