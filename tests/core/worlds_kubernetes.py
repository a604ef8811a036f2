"""Random Kubernetes objects for worlds.py; see there."""

from random import Random

from worlds_draws import Draws
from worlds_rules import LISTENER_PORTS, NODE_PORTS, NODES, POD_PORTS, PODS

READY = ({"ready": True}, {"ready": True, "serving": True}, {"ready": None}, {})
NOT_READY = ({"ready": False}, {"ready": False, "serving": True, "terminating": True})


class KubernetesMaker(Draws):
    """Draws nodes, pods, Services with their EndpointSlices, and policies."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        super().__init__(random, features)
        self.six = self.may("ipv6", 0.35)
        self.nodes = list(range(random.choice((1, 2, 2, 3, 3))))
        self.pods = list(range(random.choice((0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3))))
        self.pod_nodes = [random.choice(self.nodes) for _ in self.pods]
        self.super_pods = {pod for pod in self.pods if self.may("super nodes", 0.06)}
        self.host_pods = self.pods_on_their_nodes_network()
        self.unreferenced = {pod for pod in self.pods if self.may("no reference", 0.04)}
        self.services = self.make_services()

    def versions(self) -> tuple[int, ...]:
        """The families of the cluster."""
        return (4, 6) if self.six else (4,)

    def pods_on_their_nodes_network(self) -> set[int]:
        """At most one a node, or they would share their ports."""
        found = {self.pod_nodes[pod]: pod for pod in self.pods if self.may("host network", 0.07)}
        return set(found.values()) - self.super_pods

    def place(self, pod: int) -> str:
        """The name of a pod's node."""
        return "eklet-subnet-1" if pod in self.super_pods else f"node-{self.pod_nodes[pod]}"

    def address(self, pod: int, version: int) -> str:
        """A pod's address: its own, or that of its node."""
        return NODES[version][self.pod_nodes[pod]] if pod in self.host_pods else PODS[version][pod]

    def kubernetes(self) -> list[dict]:
        """All objects."""
        nodes = [self.node(number) for number in self.nodes if not self.may("unread", 0.06)]
        pods = [self.pod(number) for number in self.pods if not self.may("pods not read", 0.05)]
        slices = [piece for service in self.services for piece in self.slices(service)]
        found = [*nodes, *pods, *slices, *self.services]
        if self.may("policy", 0.25):
            found.append(self.policy())
        if self.may("namesakes", 0.1):
            found += [in_another_namespace(item) for item in [*pods, *slices, *self.services]]
        self.random.shuffle(found)
        return found

    def node(self, number: int) -> dict:
        """One node."""
        addresses = [{"type": "InternalIP", "address": NODES[version][number]} for version in self.versions()]
        return {
            "kind": "Node",
            "metadata": {"name": f"node-{number}"},
            "status": {
                "addresses": [*addresses, {"type": "Hostname", "address": f"node-{number}"}],
                "conditions": [{"type": "Ready", "status": self.random.choice(("True", "True", "True", "False"))}],
            },
        }

    def pod(self, number: int) -> dict:
        """One pod."""
        addresses = [{"ip": self.address(number, version)} for version in self.versions()]
        pod = {
            "kind": "Pod",
            "metadata": {"namespace": "shop", "name": f"pod-{number}", "labels": {"app": "web", "pod": str(number)}},
            "spec": {"nodeName": self.place(number), "containers": self.containers()},
            "status": {"podIP": addresses[0]["ip"], "podIPs": addresses},
        }
        if self.may("no node name", 0.08):
            self.lose(pod["spec"], "nodeName")
        if len(addresses) == 1 and self.chance(0.2):
            self.lose(pod["status"], "podIPs", "podIP")
        if self.chance(0.03):
            self.lose(pod["metadata"], "labels")
        return pod

    def containers(self) -> list[dict]:
        """What they declare is now and then less than what Services ask for."""
        protocols = ("TCP", "UDP") if "udp" in self.features else ("TCP",)
        declared = [{"containerPort": port, "protocol": protocol} for port in POD_PORTS for protocol in protocols]
        if self.chance(0.15):
            declared = self.random.sample(declared, self.random.randint(0, len(declared) - 1))
        for port in declared:
            if port["protocol"] == "TCP" and self.chance(0.5):
                del port["protocol"]
        containers = [{"name": "a", "ports": declared[:2]}, {"name": "b", "ports": declared[2:]}]
        if not declared[2:]:
            self.lose(containers[1], "ports")
        return containers

    def policy(self) -> dict:
        """A policy that binds groups to some pods."""
        labels = self.random.choice(({"app": "web"}, {"pod": "0"}, {"pod": "1", "app": "web"}, {"pod": "none"}))
        selector = {"podSelector": {"matchLabels": labels}}
        if self.chance(0.2):
            selector = self.random.choice(({"serviceAccountSelector": {"matchLabels": labels}}, {"podSelector": {}}))
        elif self.chance(0.1):
            selector["podSelector"]["matchExpressions"] = [{"key": "app", "operator": "DoesNotExist"}]
        return {
            "kind": "SecurityGroupPolicy",
            "metadata": {"namespace": self.random.choice(("shop", "shop", "other")), "name": "policy"},
            "spec": {**selector, "securityGroups": {"groupIds": ["sg-1"]}},
        }

    # Services.

    def make_services(self) -> list[dict]:
        """One to three Services; ports are named where there are two."""
        numbers = self.random.sample(NODE_PORTS, self.random.choice((1, 1, 2, 3)))
        services = []
        while numbers:
            taken, numbers = (numbers[:2], numbers[2:]) if self.chance(0.3) else (numbers[:1], numbers[1:])
            services.append(self.service(f"svc-{len(services)}", taken))
        if self.may("shared ports", 0.1):
            self.share_ports(services)
        return services

    def share_ports(self, services: list[dict]) -> None:
        """TCP and UDP may have one number: as NodePort, and within a Service as its port."""
        every = [port for service in services for port in service["spec"]["ports"]]
        tcp, udp = ([port for port in every if port.get("protocol", "TCP") == name] for name in ("TCP", "UDP"))
        for one, other in zip(tcp, udp, strict=False):
            other["nodePort"] = one.get("nodePort")
        for ports in (service["spec"]["ports"] for service in services):
            if len({port.get("protocol", "TCP") for port in ports}) == 2:
                ports[1]["port"] = ports[0]["port"]

    def service(self, name: str, node_ports: list[int]) -> dict:
        """One Service with a port for each of its NodePorts."""
        ports = [self.service_port(number, node_port) for number, node_port in enumerate(node_ports)]
        if len(ports) > 1:
            ports = [{**port, "name": f"port-{number}"} for number, port in enumerate(ports)]
        spec = {"type": "LoadBalancer", "ports": ports}
        if not self.chance(0.3):
            spec["externalTrafficPolicy"] = "Local" if self.may("local", 0.45) else "Cluster"
        return {
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": name, "annotations": {}},
            "spec": spec,
            "status": {"loadBalancer": {"ingress": []}},
        }

    def service_port(self, number: int, node_port: int) -> dict:
        """One port of a Service; without a NodePort where pods are the targets."""
        port = {"port": LISTENER_PORTS[number], "nodePort": node_port, "targetPort": self.random.choice(POD_PORTS)}
        if self.may("port names", 0.08):
            port["targetPort"] = "web"
        port["protocol"] = "UDP" if self.may("udp", 0.35) else "TCP"
        if port["protocol"] == "TCP" and self.chance(0.3):
            del port["protocol"]
        if self.may("no NodePort", 0.03):
            self.lose(port, "nodePort")
        return port

    def slices(self, service: dict) -> list[dict]:
        """A Service's EndpointSlices, one or two a family; none if they were not read."""
        if self.may("unread", 0.04):
            return []
        chosen = [pod for pod in self.pods if self.chance(0.93)]
        found = []
        for version in self.versions():
            cut = self.random.randint(0, len(chosen)) if self.chance(0.2) else len(chosen)
            parts = [chosen[:cut], chosen[cut:]] if cut < len(chosen) else [chosen]
            found += [self.slice(service, version, part) for part in parts if not (version == 6 and self.chance(0.1))]
        return found

    def slice(self, service: dict, version: int, pods: list[int]) -> dict:
        """One EndpointSlice."""
        name = service["metadata"]["name"]
        ports = [self.served(port) for port in service["spec"]["ports"] if not self.is_left_out(port)]
        piece = {
            "kind": "EndpointSlice",
            "metadata": {
                "namespace": "shop",
                "name": f"{name}-{version}-{self.random.randrange(10**6)}",
                "labels": {"kubernetes.io/service-name": name},
            },
            "addressType": f"IPv{version}",
            "ports": ports if not self.chance(0.02) else [],
            "endpoints": [self.endpoint(pod, version) for pod in pods],
        }
        for field in ("ports", "endpoints"):
            if not piece[field]:
                self.lose(piece, field)
        return piece

    def is_left_out(self, port: dict) -> bool:
        """No pod declares the name in targetPort."""
        return port["targetPort"] == "web" and self.chance(0.6)

    def served(self, port: dict) -> dict:
        """One port of an EndpointSlice, at times under another name than the Service's."""
        named = port["targetPort"] == "web"
        number = self.random.choice(POD_PORTS) if named else port["targetPort"]
        served = {"port": number, "protocol": port.get("protocol", "TCP")}
        if "name" in port or self.chance(0.3):
            served["name"] = port.get("name", "")
        if self.may("port names", 0.04):
            served["name"] = "renamed"
        return served

    def endpoint(self, pod: int, version: int) -> dict:
        """One endpoint; conditions say ready, not ready, or nothing."""
        endpoint = {
            "addresses": [self.address(pod, version)],
            "conditions": dict(self.random.choice(READY if self.chance(0.92) else NOT_READY)),
            "nodeName": self.place(pod),
            "targetRef": {"kind": "Pod", "namespace": "shop", "name": f"pod-{pod}"},
        }
        if self.may("no node name", 0.08):
            self.lose(endpoint, "nodeName")
        if pod in self.unreferenced:
            self.lose(endpoint, "targetRef")
        if self.chance(0.03):
            self.lose(endpoint, "conditions")
        return endpoint


def in_another_namespace(item: dict) -> dict:
    """An object of the same name that has nothing to do with the question."""
    found = {**item, "metadata": {**item["metadata"], "namespace": "other"}}
    if item["kind"] == "Pod":
        addresses = [{"ip": "10.0.9.9"}]
        found |= {"spec": {**item["spec"], "containers": []}, "status": {"podIP": "10.0.9.9", "podIPs": addresses}}
    elif item["kind"] == "Service":
        ports = [{**port, "nodePort": 31000 + number} for number, port in enumerate(item["spec"]["ports"])]
        found |= {"spec": {**item["spec"], "ports": ports}, "status": {"loadBalancer": {}}}
    else:
        found["endpoints"] = [
            {"addresses": ["10.0.9.9"], "nodeName": "node-0", "conditions": {"ready": True}}
            for _ in item.get("endpoints") or []
        ][:1]
    return found
