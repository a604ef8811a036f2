"""
Three small clusters, plain documents, for connections from any source to any door: shared and exclusive interfaces, and
GlobalRouter. Everything is open until a situation gives a group other rules.

    node-a 10.0.1.1 (sg-node-a)         node-b 10.0.1.2 (sg-node-b)
      shop/a and shop/near (sg-pod-a)     shop/b 8080, kube-system/dns 53 (sg-pod-b)
    super nodes eklet-s with shop/s (sg-super-s), eklet-t with shop/t (sg-super-t)
    a database 10.0.9.5 outside the cluster, in its VPC (sg-db)
    Services shop/web (public CLB 192.0.2.10:80 -> node-a:30080 -> shop/b) and kube-system/kube-dns

Under GlobalRouter pods have addresses of 172.17.0.0/16 and no interface.
"""

from copy import deepcopy

NODES = {"node-a": "10.0.1.1", "node-b": "10.0.1.2"}
SUPER_NODES = {"eklet-s": "10.0.3.1", "eklet-t": "10.0.3.2"}
PLACES = {"shop/a": "node-a", "shop/near": "node-a", "shop/b": "node-b", "kube-system/dns": "node-b"}
SUPER_PODS = {"shop/s": ("eklet-s", "10.0.3.11", "sg-super-s"), "shop/t": ("eklet-t", "10.0.3.12", "sg-super-t")}
IN_VPC = {"shop/a": "10.0.2.1", "shop/near": "10.0.2.3", "shop/b": "10.0.2.2", "kube-system/dns": "10.0.2.53"}
IN_ROUTES = {
    "shop/a": "172.17.0.2",
    "shop/near": "172.17.0.3",
    "shop/b": "172.17.1.2",
    "kube-system/dns": "172.17.1.53",
}
GROUPS = ("sg-clb", "sg-node-a", "sg-node-b", "sg-pod-a", "sg-pod-b", "sg-super-s", "sg-super-t", "sg-db", "sg-other")
OPEN = ("ACCEPT ALL ALL 0.0.0.0/0",)
KINDS = ("Service", "Pod", "EndpointSlice", "Node", "NetworkPolicy")
CLIENT, DATABASE, ELSEWHERE = "203.0.113.10", "10.0.9.5", "198.51.100.7"
PUBLIC, PRIVATE, WEB, DNS = "192.0.2.10", "10.0.4.30", "172.16.60.200", "172.16.0.10"


def rule(line: str) -> dict:
    """``ACCEPT TCP 80 10.0.0.0/8``, the peer a block or ``sg-...``."""
    action, protocol, port, peer = line.split()
    named = {"SecurityGroupId": peer} if peer.startswith("sg-") else {"CidrBlock": peer}
    return {"Action": action, "Protocol": protocol, "Port": port, **named}


def group(ingress: tuple[str, ...] = OPEN, egress: tuple[str, ...] = OPEN) -> dict:
    """A security group as DescribeSecurityGroupPolicies answers."""
    lists = {
        name: [{"PolicyIndex": place, **rule(line)} for place, line in enumerate(lines)]
        for name, lines in (("Ingress", ingress), ("Egress", egress))
    }
    return {"SecurityGroupPolicySet": {"Version": "1", **lists}}


def scene(network: str = "shared", rules: dict[str, dict] | None = None) -> dict:
    """The cluster of a network: shared, exclusive or global-router; *rules*: group -> {"in": lines, "out": lines}."""
    given = rules or {}
    groups = {name: group(given.get(name, {}).get("in", OPEN), given.get(name, {}).get("out", OPEN)) for name in GROUPS}
    return {
        "schema": "drilllib/snapshot/1",
        "cluster": cluster(network),
        "load_balancers": [balancer()],
        "listeners": {"lb-0": [listener("TCP", [node_target("node-a")])]},
        "target_health": None,
        "instances": [*map(instance, NODES), database()],
        "network_interfaces": interfaces(network),
        "subnets": [subnet("10.0.1.0/24"), subnet("10.0.2.0/24"), subnet("10.0.3.0/24"), subnet("10.0.9.0/24")],
        "security_groups": groups,
        "kubernetes": objects(network),
        "complete": {"kubernetes": list(KINDS)},
    }


def cluster(network: str) -> dict:
    """What TKE says of the cluster; kube-proxy by iptables, no NetworkPolicies."""
    if network == "global-router":
        kind = {"NetworkType": "GR"}
    else:
        kind = {
            "NetworkType": "VPC-CNI",
            "VpcCniType": {"shared": "tke-route-eni", "exclusive": "tke-direct-eni"}[network],
        }
    settings = {"Ipvs": False}
    if network == "global-router":
        settings["ClusterCIDR"] = "172.17.0.0/16"
    return {**kind, "ClusterNetworkSettings": settings, "networkpolicy": {"enforced": False}}


def balancer() -> dict:
    """The public one; its group is bound, and open."""
    return {
        "LoadBalancerId": "lb-0",
        "LoadBalancerType": "OPEN",
        "LoadBalancerVips": [PUBLIC],
        "SecureGroups": ["sg-clb"],
        "LoadBalancerPassToTarget": False,
    }


def listener(protocol: str, targets: list[dict]) -> dict:
    """On port 80, health checks off."""
    found = {"ListenerId": "lbl-0", "Protocol": protocol, "Port": 80, "HealthCheck": {"HealthSwitch": 0}}
    if protocol == "TCP":
        return {**found, "Targets": targets}
    rules = [{"LocationId": "loc-0", "Domain": "shop.example.com", "Url": "/", "DefaultServer": True}]
    return {**found, "KeepaliveEnable": 0, "Rules": [{**rules[0], "Targets": targets}]}


def node_target(name: str) -> dict:
    """A node, by its NodePort."""
    number = f"ins-{name[-1]}"
    return {
        "Type": "CVM",
        "InstanceId": number,
        "PrivateIpAddresses": [NODES[name]],
        "Port": 30080,
        "Weight": 10,
    }


def pod_target(network: str, name: str) -> dict:
    """A pod, by its own port."""
    kind = "GLOBALROUTE" if network == "global-router" else "ENI"
    return {"Type": kind, "PrivateIpAddresses": [address(network, name)], "Port": 8080, "Weight": 10}


def instance(name: str) -> dict:
    """The machine of a node."""
    return {
        "InstanceId": f"ins-{name[-1]}",
        "InstanceState": "RUNNING",
        "PrivateIpAddresses": [NODES[name]],
        "PublicIpAddresses": [f"203.0.113.20{'ab'.index(name[-1])}"],
        "SecurityGroupIds": [f"sg-{name}"],
    }


def database() -> dict:
    """A machine of the VPC that is no node."""
    return {
        "InstanceId": "ins-db",
        "InstanceState": "RUNNING",
        "PrivateIpAddresses": [DATABASE],
        "SecurityGroupIds": ["sg-db"],
    }


def address(network: str, name: str) -> str:
    """A pod's."""
    if name in SUPER_PODS:
        return SUPER_PODS[name][1]
    return (IN_ROUTES if network == "global-router" else IN_VPC)[name]


def interface(number: str, groups: list[str], addresses: list[str], own: str | None = None) -> dict:
    """One secondary interface, with an address of its own where pods share it."""
    first = [{"PrivateIpAddress": own, "Primary": True}] if own else []
    carried = [{"PrivateIpAddress": text, "Primary": not own} for text in addresses]
    return {"NetworkInterfaceId": number, "GroupSet": groups, "PrivateIpAddressSet": [*first, *carried]}


def interfaces(network: str) -> list[dict]:
    """Those of pods: one a node, or one a pod; those of super nodes' pods are always their own."""
    found = [interface(f"eni-{name[-1]}", [group], [text]) for name, (_, text, group) in SUPER_PODS.items()]
    if network == "shared":
        for letter, own in (("a", "10.0.2.251"), ("b", "10.0.2.252")):
            carried = [IN_VPC[name] for name, place in PLACES.items() if place == f"node-{letter}"]
            found.append(interface(f"eni-{letter}", [f"sg-pod-{letter}"], carried, own))
    if network == "exclusive":
        for number, (name, place) in enumerate(PLACES.items()):
            found.append(interface(f"eni-{number}", [f"sg-pod-{place[-1]}"], [IN_VPC[name]]))
    return found


def subnet(block: str) -> dict:
    """Without a network ACL."""
    return {"SubnetId": f"subnet-{block}", "CidrBlock": block, "NetworkAclId": ""}


# Kubernetes.


def objects(network: str) -> list[dict]:
    """Nodes, pods, two Services with their endpoints."""
    nodes = [node(name, text) for name, text in (NODES | SUPER_NODES).items()]
    if network == "global-router":
        for item, block in zip(nodes, ("172.17.0.0/24", "172.17.1.0/24"), strict=False):
            item["spec"] = {"podCIDR": block}
    places = PLACES | {name: place for name, (place, _, _) in SUPER_PODS.items()}
    pods = [pod(name, place, address(network, name)) for name, place in places.items()]
    web = service("shop/web", WEB, [{"port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"}], PUBLIC)
    both = [{"name": kind.lower(), "port": 53, "targetPort": 53, "protocol": kind} for kind in ("UDP", "TCP")]
    dns = service("kube-system/kube-dns", DNS, both)
    slices = [
        endpoints("shop/web", [{"name": "", "port": 8080, "protocol": "TCP"}], network, ["shop/b"]),
        endpoints("kube-system/kube-dns", [{**each, "port": 53} for each in names(both)], network, ["kube-system/dns"]),
    ]
    return deepcopy([*nodes, *pods, web, dns, *slices])


def names(ports: list[dict]) -> list[dict]:
    """The name and the protocol of each port of a Service."""
    return [{"name": item["name"], "protocol": item["protocol"]} for item in ports]


def metadata(name: str) -> dict:
    """Of ``namespace/name``."""
    namespace, short = name.split("/")
    return {"namespace": namespace, "name": short}


def node(name: str, text: str) -> dict:
    """A Node that is ready."""
    status = {
        "addresses": [{"type": "InternalIP", "address": text}, {"type": "Hostname", "address": name}],
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    return {"kind": "Node", "metadata": {"name": name}, "status": status}


def pod(name: str, place: str, text: str) -> dict:
    """A pod that is ready and declares its ports."""
    ports = [{"containerPort": 8080, "protocol": "TCP"}]
    if name == "kube-system/dns":
        ports = [{"containerPort": 53, "protocol": kind} for kind in ("UDP", "TCP")]
    status = {
        "phase": "Running",
        "podIP": text,
        "podIPs": [{"ip": text}],
        "hostIP": (NODES | SUPER_NODES)[place],
        "conditions": [{"type": "Ready", "status": "True"}],
    }
    labels = {"app": name.split("/")[1]}
    spec = {"nodeName": place, "containers": [{"name": "c", "ports": ports}]}
    return {"kind": "Pod", "metadata": {**metadata(name), "labels": labels}, "spec": spec, "status": status}


def service(name: str, address: str, ports: list[dict], vip: str | None = None) -> dict:
    """With a VIP where a CLB has it."""
    spec = {"type": "LoadBalancer" if vip else "ClusterIP", "clusterIP": address, "clusterIPs": [address]}
    spec |= {"ports": ports, "externalTrafficPolicy": "Cluster"} if vip else {"ports": ports}
    found = {"kind": "Service", "metadata": metadata(name), "spec": spec}
    if vip:
        found["metadata"]["annotations"] = {"service.kubernetes.io/loadbalance-id": "lb-0"}
        found["status"] = {"loadBalancer": {"ingress": [{"ip": vip}]}}
    return found


def endpoints(name: str, ports: list[dict], network: str, pods: list[str]) -> dict:
    """The one EndpointSlice of a Service."""
    found = [
        {
            "addresses": [address(network, each)],
            "nodeName": PLACES[each],
            "targetRef": {"kind": "Pod", **metadata(each)},
            "conditions": {"ready": True, "serving": True, "terminating": False},
        }
        for each in pods
    ]
    labels = {"kubernetes.io/service-name": name.split("/")[1]}
    about = {**metadata(name), "labels": labels}
    return {"kind": "EndpointSlice", "metadata": about, "addressType": "IPv4", "ports": ports, "endpoints": found}
