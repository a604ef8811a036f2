"""The Kubernetes objects of small random clusters that are asked from inside; see worlds_insiders.py."""

from random import Random

from worlds_rules import NODES, PODS

SERVICE = "kubernetes.io/service-name"
NAMING = "service.kubernetes.io/loadbalance-id"
PREVENTS = "service.cloud.tencent.com/prevent-loopback"
HOST = "shop.example.com"


class InsidersMaker:
    """Draws nodes, pods, Services and EndpointSlices; what is drawn first is where everything is."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.six = self.chance(0.1)
        self.nodes = range(random.choice((1, 2, 3, 3)))
        self.place = {pod: random.choice(self.nodes) for pod in range(random.choice((1, 2, 3, 3)))}
        self.host_pods = set(random.sample(list(self.place), 1)) if self.chance(0.4) else set()
        self.second = {node for node in self.nodes if self.chance(0.2)}
        self.ports = [80, 81][: random.choice((1, 1, 2))]
        self.vip = "2001:db8:4::1" if self.six else "10.0.4.30"

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.random.random() < share

    def address(self, pod: int, version: int) -> str:
        """Its own, or its node's."""
        return NODES[version][self.place[pod]] if pod in self.host_pods else PODS[version][pod]

    def objects(self) -> list[dict]:
        """In any order."""
        nodes = [self.node(number) for number in self.nodes if not self.chance(0.03)]
        pods = [self.pod(number) for number in self.place if not self.chance(0.03)]
        services = [self.service(number, port) for number, port in enumerate(self.ports)]
        slices = [self.slice(number, port) for number, port in enumerate(self.ports) if not self.chance(0.02)]
        found = [*nodes, *pods, *services, *slices]
        if self.chance(0.15):
            found.append(self.policy())
        if self.chance(0.05):
            spec = {"podSelector": {"matchLabels": {"app": "web"}}, "securityGroupIds": ["sg-1"]}
            metadata = {"namespace": "shop", "name": "sgp"}
            found.append({"kind": "SecurityGroupPolicy", "metadata": metadata, "spec": spec})
        self.random.shuffle(found)
        return found

    def node(self, number: int) -> dict:
        """One Node, ready or not, mostly with a zone."""
        addresses = [{"type": "InternalIP", "address": NODES[4][number]}]
        if number in self.second and self.chance(0.5):
            addresses.append({"type": "InternalIP", "address": f"10.0.1.{number + 101}"})
        if self.six:
            addresses.append({"type": "InternalIP", "address": NODES[6][number]})
        addresses.append({"type": "Hostname", "address": f"node-{number}"})
        ready = self.random.choice(("True",) * 30 + ("False", "Unknown"))
        labels = {"topology.kubernetes.io/zone": f"zone-{number % 2}"} if self.chance(0.9) else {}
        return {
            "kind": "Node",
            "metadata": {"name": self.name(number), "labels": labels},
            "status": {"addresses": addresses, "conditions": [{"type": "Ready", "status": ready}]},
        }

    def name(self, node: int) -> str:
        """Kubernetes' name of a node; the last of three may be a super node."""
        return "eklet-2" if node == 2 and len(self.place) == 1 else f"node-{node}"

    def pod(self, number: int) -> dict:
        """One pod that declares its port, mostly."""
        node, version = self.place[number], 6 if self.six else 4
        port = {"containerPort": self.random.choice((8080, 8080, 8080, 8081))}
        spec = {"nodeName": self.name(node), "containers": [{"name": "c", "ports": [port] if self.chance(0.8) else []}]}
        if number in self.host_pods:
            spec["hostNetwork"] = True
        if self.chance(0.02):
            del spec["nodeName"]
        ready = self.random.choice(("True",) * 15 + ("False",))
        status = {
            "podIP": self.address(number, version),
            "podIPs": [{"ip": self.address(number, each)} for each in ((6, 4) if self.six else (4,))],
            "hostIP": NODES[4][node],
            "conditions": [{"type": "Ready", "status": ready}],
        }
        labels = {"app": self.random.choice(("web", "web", "db"))}
        metadata = {"namespace": "shop", "name": f"pod-{number}", "labels": labels}
        return {"kind": "Pod", "metadata": metadata, "spec": spec, "status": status}

    def service(self, number: int, port: int) -> dict:
        """One Service, which has the VIP in its status, or none, or another."""
        spec = {
            "type": "LoadBalancer",
            "ports": [{"port": port, "nodePort": 30000 + port, "targetPort": 8080}],
            "externalTrafficPolicy": self.random.choice(("Cluster", "Cluster", "Cluster", "Local")),
            "sessionAffinity": self.random.choice(("None", "None", "ClientIP")),
        }
        if self.chance(0.15):
            spec["ports"][0]["protocol"] = "UDP"
        if self.chance(0.04):
            spec["ports"][0].pop("nodePort")
        if self.chance(0.02):
            spec["externalIPs"] = [self.vip]
        if self.chance(0.08):
            blocks = ("10.0.1.0/24", "10.0.2.0/24", "10.0.2.1/32", "2001:db8:1::/64", "203.0.113.0/24")
            spec["loadBalancerSourceRanges"] = self.random.sample(blocks, self.random.choice((0, 1, 2)))
        annotations = {NAMING: "lb-0"}
        if self.chance(0.05):
            annotations[PREVENTS] = "true"
        if self.chance(0.1):
            annotations["service.kubernetes.io/topology-mode"] = "Auto"
        metadata = {"namespace": "shop", "name": f"svc-{number}", "annotations": annotations}
        return {"kind": "Service", "metadata": metadata, "spec": spec, "status": {"loadBalancer": self.ingress()}}

    def ingress(self) -> dict:
        """Mostly the VIP, or nothing."""
        entry = {"ip": self.vip}
        if self.chance(0.06):
            entry["ipMode"] = self.random.choice(("VIP", "Proxy"))
        odd = ({}, {"ingress": [{"hostname": HOST}]}, {"ingress": [{"ip": "10.0.4.99"}]}, {"ingress": [{}]})
        return self.random.choice(({"ingress": [entry]},) * 12 + ({"ingress": []},) * 5 + odd)

    def slice(self, number: int, port: int) -> dict:
        """Some of the pods, ready or not."""
        hinted = self.chance(0.1)
        endpoints = [self.endpoint(pod, hinted=hinted) for pod in self.place if self.chance(0.75)]
        metadata = {"namespace": "shop", "name": f"slice-{number}", "labels": {SERVICE: f"svc-{number}"}}
        family = "IPv6" if self.six else "IPv4"
        protocol = {"protocol": "TCP"} if self.chance(0.5) else {}
        ports = [{"port": self.random.choice((8080, 8080, 8080, 8000 + port)), **protocol}]
        found = {"kind": "EndpointSlice", "metadata": metadata, "addressType": family}
        return {**found, "ports": ports, "endpoints": endpoints}

    def endpoint(self, pod: int, *, hinted: bool) -> dict:
        """One of them."""
        found = {
            "addresses": [self.address(pod, 6 if self.six else 4)],
            "nodeName": self.name(self.place[pod]),
            "targetRef": {"kind": "Pod", "namespace": "shop", "name": f"pod-{pod}"},
            "conditions": self.random.choice(
                ({"ready": True},) * 12 + ({"ready": False}, {"ready": False, "serving": True, "terminating": True})
            ),
        }
        if self.chance(0.03):
            del found["nodeName"]
        if hinted:
            found["hints"] = {"forZones": [{"name": f"zone-{self.random.choice((0, 1))}"}]}
        return found

    def policy(self) -> dict:
        """One NetworkPolicy over some of the pods."""
        nodes, pods = {"ipBlock": {"cidr": "10.0.1.0/24"}}, {"ipBlock": {"cidr": "10.0.2.0/24"}}
        one = {"ipBlock": {"cidr": self.random.choice((*NODES[4], *PODS[4])) + "/32"}}
        peers = self.random.choice(([nodes], [pods], [nodes, pods], [one], [{"podSelector": {}}], []))
        ports = self.random.choice((None, [{"port": 8080}], [{"port": 8081}]))
        rule = {"from": peers, "ports": ports} if peers else {"ports": ports}
        spec = {
            "podSelector": self.random.choice(({}, {"matchLabels": {"app": "web"}})),
            "policyTypes": ["Ingress"],
            "ingress": self.random.choice(([rule], [rule], [])),
        }
        if self.chance(0.4):
            spec["policyTypes"] = self.random.choice((["Egress"], ["Ingress", "Egress"], None, []))
            spec["egress"] = self.random.choice((None, [], [{}], [{"to": [], "ports": None}], [{"to": [nodes]}]))
        metadata = {"namespace": "shop", "name": "policy"}
        return {"kind": "NetworkPolicy", "metadata": metadata, "spec": spec if self.chance(0.95) else None}
