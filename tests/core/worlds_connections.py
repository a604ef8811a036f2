"""
Small random clusters of several networks, each with a connection from some source to some door.

Made on top of worlds_insiders.py: shared and exclusive interfaces, GlobalRouter, super nodes, ClusterIPs, machines of
the VPC that are no nodes. Two thirds are calm: everything is told, so that answers are definite.
"""

import json
from random import Random

from worlds_insiders import KINDS, World
from worlds_insiders import Maker as InsidersMaker
from worlds_rules import NODES, PODS

SHARED, EXCLUSIVE, UNTOLD, ROUTED = "shared", "exclusive", "untold", "GlobalRouter"
NETWORKS = (*(SHARED,) * 5, *(EXCLUSIVE,) * 2, UNTOLD, *(ROUTED,) * 4)
CLUSTER_IPS = ("172.16.0.1", "172.16.0.2")
SECOND_IPS = ("2001:db8:60::1", "2001:db8:60::2")
DATABASE, STRAY, GONE = "10.0.9.5", "10.0.9.6", "10.0.2.4"
WORLD, CLIENT = "198.51.100.7", "203.0.113.10"
BLOCKS = (
    *("172.17.0.0/16", "172.17.0.0/24", "172.17.0.2", "172.17.1.2", "172.17.1.0/24", "172.17.2.0/24", "172.16.0.0/16"),
    *("10.0.9.0/24", "10.0.9.5", "198.51.100.0/24", "198.51.100.7", "203.0.113.0/24", "10.0.1.0/24", "10.0.2.0/24"),
    *("10.0.1.1", "10.0.1.2", "10.0.2.1", "10.0.2.2", "10.0.0.0/8"),
)
SERVICES = (
    *({"Protocol": "ALL", "Port": "ALL"}, {"Protocol": "TCP", "Port": "8080"}, {"Protocol": "TCP", "Port": "ALL"}),
    *({"Protocol": "TCP", "Port": "30080"}, {"Protocol": "UDP", "Port": "ALL"}, {"Protocol": "TCP", "Port": "3306"}),
)
POD_DOORS = (*(8080,) * 7, 8081, 9090)
NODE_DOORS = (*(30080,) * 6, 30081, 30082, 8080, 8081, 22)
OUT_DOORS = (3306, 443, 80, 8080, 25, 139)


def world(seed: int) -> World:
    """The world of a seed; the same on every run."""
    maker = Maker(Random(f"connections {seed}"))
    return World(seed, maker.document(), maker.question)


def calm(document: dict) -> None:
    """Machines run, pods are ready, all was read, and no policy holds."""
    for item in document["instances"]:
        item["InstanceState"] = "RUNNING"
        item["SecurityGroupIds"] = item["SecurityGroupIds"] or []
    for item in document["network_interfaces"]:
        item["GroupSet"] = item["GroupSet"] or []
        item.pop("EniType", None)
    for item in document["subnets"]:
        item["NetworkAclId"] = None
    kinds = ("NetworkPolicy", "SecurityGroupPolicy")
    document["kubernetes"] = [item for item in document["kubernetes"] if item["kind"] not in kinds]
    document["complete"] = {"kubernetes": list(KINDS)}
    document["cluster"]["networkpolicy"] = {"enforced": False}
    document["semantics"]["containers_declare_all_ports"] = True
    for item in document["kubernetes"]:
        for condition in (item.get("status") or {}).get("conditions") or []:
            condition["status"] = "True"
        if item["kind"] == "Pod" and not item["spec"]["containers"][0]["ports"]:
            item["spec"]["containers"][0]["ports"] = [{"containerPort": 8080}]


class Maker(InsidersMaker):
    """Draws one world: network, cluster, load balancer, then who asks whom."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.network = random.choice(NETWORKS)
        if self.network == ROUTED:
            self.six = False
        self.six = self.six and self.chance(0.4)
        self.vip = "2001:db8:4::1" if self.six else "10.0.4.30"
        self.super = {number for number in self.nodes if number and self.chance(0.25)}
        self.host_pods -= {pod for pod, place in self.place.items() if place in self.super}

    def document(self) -> dict:
        """The whole snapshot; the question follows from it."""
        found = super().document()
        supers = {f"ins-{number}" for number in self.super}
        found["instances"] = [item for item in found["instances"] if item["InstanceId"] not in supers]
        self.add_machines(found)
        self.add_public_addresses(found)
        for item in found["security_groups"].values():
            self.redraw_peers(item["SecurityGroupPolicySet"])
        if self.chance(0.67):
            calm(found)
        self.question = self.ask_whom(found)
        return found

    def ask(self) -> None:
        """The question is drawn last here."""

    # The cluster.

    def address(self, pod: int, version: int) -> str:
        """Its own, in its node's block under GlobalRouter, or its node's."""
        if self.network == ROUTED and pod not in self.host_pods and self.place[pod] not in self.super:
            return f"172.17.{self.place[pod]}.{pod + 2}"
        return super().address(pod, version)

    def name(self, node: int) -> str:
        """Kubernetes' name of a node."""
        return f"eklet-{node}" if node in self.super else f"node-{node}"

    def cluster(self) -> dict:
        """The network, at the top or in the text of Property."""
        found = super().cluster()
        if self.network == SHARED:
            network = {"NetworkType": "VPC-CNI", "VpcCniType": "tke-route-eni"}
        elif self.network == EXCLUSIVE:
            network = {"NetworkType": "VPC-CNI", "VpcCniType": "tke-direct-eni"}
        elif self.network == UNTOLD:
            network = {"NetworkType": "VPC-CNI"}
        else:
            network = {"NetworkType": self.random.choice(("GR", "GlobalRouter"))}
        kept = {key: value for key, value in found.items() if key not in ("NetworkType", "VpcCniType")}
        return {**kept, "Property": json.dumps(network)} if self.chance(0.15) else {**kept, **network}

    def interfaces(self) -> list[dict]:
        """Shared ones, those of exclusive pods, and those of pods on super nodes."""
        shared = super().interfaces() if self.network in (SHARED, UNTOLD) else []
        alone = {pod for pod, place in self.place.items() if place in self.super} - self.host_pods
        if self.network in (EXCLUSIVE, UNTOLD):
            alone |= {pod for pod in self.place if self.network == EXCLUSIVE or self.chance(0.3)} - self.host_pods
        taken = {PODS[4][pod] for pod in alone}
        for item in shared:
            listed = item["PrivateIpAddressSet"]
            item["PrivateIpAddressSet"] = [entry for entry in listed if entry["PrivateIpAddress"] not in taken]
            six = {PODS[6][pod] for pod in alone}
            item["Ipv6AddressSet"] = [entry for entry in item["Ipv6AddressSet"] if entry["Address"] not in six]
        return shared + [self.interface(pod) for pod in sorted(alone) if not self.chance(0.04)]

    def interface(self, pod: int) -> dict:
        """The interface of one pod."""
        return {
            "NetworkInterfaceId": f"eni-pod-{pod}",
            "PrivateIpAddressSet": [{"PrivateIpAddress": PODS[4][pod], "Primary": True}],
            "Ipv6AddressSet": [{"Address": PODS[6][pod], "Primary": True}] if self.six else [],
            "GroupSet": self.some_groups() if self.chance(0.97) else None,
        }

    def pod(self, number: int) -> dict:
        """At times its workload asks for another network."""
        found = super().pod(number)
        if self.network == ROUTED and self.chance(0.05):
            networks = self.random.choice(("tke-route-eni", "tke-direct-eni"))
            found["metadata"]["annotations"] = {"tke.cloud.tencent.com/networks": networks}
        return found

    def targets(self, port: int) -> list[dict]:
        """Under GlobalRouter a pod is a target by its route."""
        found = super().targets(port)
        for target in found:
            if target["Type"] == "ENI" and target["PrivateIpAddresses"][0].startswith("172.17."):
                target["Type"] = "GLOBALROUTE"
        return [item for item in found if not self.is_super_target(item)]

    def is_super_target(self, target: dict) -> bool:
        """Super nodes have no ports, so none is a target."""
        addresses = target.get("PrivateIpAddresses") or []
        return target["Type"] == "CVM" and bool({NODES[4][number] for number in self.super} & {*addresses})

    def service(self, number: int, port: int) -> dict:
        """One Service, with a ClusterIP, of endpoints anywhere or on the asking node."""
        found = super().service(number, port)
        found["spec"]["clusterIP"] = CLUSTER_IPS[number]
        if found["spec"]["ports"][0].get("protocol") == "UDP" and self.chance(0.7):
            found["spec"]["ports"][0]["protocol"] = "TCP"
        if self.chance(0.03):
            found["spec"]["clusterIP"] = self.random.choice((None, ""))
        if self.chance(0.3):
            found["spec"]["internalTrafficPolicy"] = self.random.choice(("Cluster", "Local", "Local", None))
        self.tell_all_addresses(found, number)
        return found

    def tell_all_addresses(self, service: dict, number: int) -> None:
        """At times clusterIPs are told as well, of one family or of both; drawn apart from the rest of the world."""
        apart, first = Random(repr(service)), CLUSTER_IPS[number]
        both = [first, f"2001:db8:60::{number + 1}"]
        if apart.random() < 0.5 and (service["spec"]["clusterIP"] or apart.random() < 0.3):
            service["spec"]["clusterIPs"] = apart.choice(([first], both, None))

    # What is no part of it.

    def add_machines(self, document: dict) -> None:
        """A database in the VPC, and an interface of nobody."""
        document["subnets"].append({"SubnetId": "subnet-9", "CidrBlock": "10.0.9.0/24", "NetworkAclId": None})
        if self.chance(0.7):
            machine = {"InstanceId": "ins-db", "InstanceState": "RUNNING", "PrivateIpAddresses": [DATABASE]}
            groups = self.some_groups() if self.chance(0.95) else None
            document["instances"].append({**machine, "SecurityGroupIds": groups})
        if self.chance(0.1):
            addresses = [{"PrivateIpAddress": STRAY, "Primary": True}]
            item = {"NetworkInterfaceId": "eni-stray", "PrivateIpAddressSet": addresses, "GroupSet": self.some_groups()}
            document["network_interfaces"].append(item)

    def add_public_addresses(self, document: dict) -> None:
        """Of some machines and some pods' interfaces."""
        for number, item in enumerate(document["instances"]):
            if self.chance(0.7):
                item["PublicIpAddresses"] = [f"203.0.113.{210 + number}"] if self.chance(0.9) else []
        entries = [entry for item in document["network_interfaces"] for entry in item["PrivateIpAddressSet"]]
        for number, entry in enumerate(entries):
            if self.chance(0.3):
                entry["PublicIpAddress"] = f"203.0.113.{230 + number}"

    def redraw_peers(self, lists: dict) -> None:
        """Some rules name the addresses that only these worlds have, and the ports that are asked."""
        for name in ("Ingress", "Egress"):
            for rule in lists[name]:
                if "CidrBlock" in rule and not rule["CidrBlock"].startswith("0.0.0.0") and self.chance(0.6):
                    rule["CidrBlock"] = self.random.choice(BLOCKS)
            if self.chance(0.55) and lists[name]:
                first = {"Action": self.random.choice(("DROP", "ACCEPT")), "CidrBlock": self.random.choice(BLOCKS)}
                service = self.random.choice(SERVICES)
                rest = [] if self.chance(0.4) else [{**rule, "PolicyIndex": None} for rule in lists[name]]
                lists[name] = [{**first, **service}, *rest]

    # Who asks whom.

    def ask_whom(self, document: dict) -> dict:
        """A source, a door, a port and a protocol that can be answered."""
        door, ports = self.random.choice(self.doors(document))
        protocol = "UDP" if self.chance(0.1) else "TCP"
        here = json.dumps([item for item in document["kubernetes"] if item["kind"] in ("Node", "Pod")])
        sources = [self.source(document) for _ in range(20)]
        inside = self.pod_names(document) or self.node_names(document)
        source = next((text for text in sources if self.can_meet(text, door, here)), (*inside, CLIENT)[0])
        return {"source": source, "door": door, "port": self.random.choice(ports), "protocol": protocol}

    def can_meet(self, source: str, door: str, here: str) -> bool:
        """Whether one end is here, and both have addresses of one family: the VIP may be IPv6, the rest has IPv4."""
        if source == door and self.chance(0.9):
            return False
        if ":" in door:
            return source.startswith(("node/", "pod/"))
        is_known = "/" in door or door in (*CLUSTER_IPS, self.vip)
        return is_known or "/" in source or any(f'"{text}"' in here for text in (source, door))

    def source(self, document: dict) -> str:
        """A node, a pod, or an address of either, or of neither."""
        kind = self.random.random()
        if kind < 0.35 and (nodes := self.node_names(document)):
            return self.random.choice(nodes)
        if kind < 0.85 and (pods := self.pod_names(document)):
            return self.random.choice(pods)
        return self.random.choice((CLIENT, CLIENT, CLIENT, DATABASE, DATABASE, GONE, NODES[4][0], self.address(0, 4)))

    def doors(self, document: dict) -> list[tuple[str, tuple[int, ...]]]:
        """Each kind of door about as often, with the ports that are asked there."""
        services = [f"svc/shop/svc-{number}" for number in range(len(self.ports))]
        pods, nodes = self.pod_names(document), self.node_names(document)
        every = [(name, POD_DOORS) for name in pods[:2]] * 3
        every += [(name, NODE_DOORS) for name in nodes[:2]] * 2
        known = [item for item in document["kubernetes"] if item["kind"] == "Service" and item["spec"]["clusterIP"]]
        ips = [item["spec"]["clusterIP"] for item in known]
        every += [(name, (*self.ports * 4, 82)) for name in [*services, *ips[:1]]] * 2
        every += [(text, tuple(self.ports)) for text in SECOND_IPS if self.six and text in json.dumps(known)][:1]
        every += [(self.random.choice((WORLD, WORLD, DATABASE, DATABASE, STRAY, GONE)), OUT_DOORS)] * 2
        every += [(NODES[4][0], NODE_DOORS), (self.address(0, 4), POD_DOORS), (self.vip, tuple(self.ports))]
        every += [(self.vip, tuple(self.ports))] * (3 if self.network == ROUTED else 0)
        return every

    def node_names(self, document: dict) -> list[str]:
        """Nodes by name, and by their instances' ids."""
        found = [f"node/{item['metadata']['name']}" for item in document["kubernetes"] if item["kind"] == "Node"]
        ids = [f"node/{item['InstanceId']}" for item in document["instances"] if item["InstanceId"] != "ins-db"]
        return self.random.sample(found, len(found)) + (self.random.sample(ids, len(ids)) if self.chance(0.2) else [])

    def pod_names(self, document: dict) -> list[str]:
        """Pods by name."""
        found = [item["metadata"] for item in document["kubernetes"] if item["kind"] == "Pod"]
        return [f"pod/{item['namespace']}/{item['name']}" for item in self.random.sample(found, len(found))]
