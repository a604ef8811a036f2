"""Random Nodes, Services and EndpointSlices for worlds.py; see there."""

from random import Random

from worlds_pods import PodMaker
from worlds_rules import LISTENER_PORTS, NODE_PORTS, NODES, POD_PORTS

READY = ({"ready": True}, {"ready": True, "serving": True}, {"ready": None}, {})
NOT_READY = ({"ready": False}, {"ready": False, "serving": True, "terminating": True})
GOING = (
    *({"ready": False, "serving": True, "terminating": True}, {"ready": False, "serving": True, "terminating": True}),
    *({"ready": False, "serving": False, "terminating": True}, {"ready": False, "serving": False, "terminating": True}),
    *({"ready": False, "serving": None, "terminating": True}, {"ready": False, "serving": True, "terminating": None}),
    *({"ready": False}, {"ready": False, "serving": True}, {"ready": False, "serving": False, "terminating": False}),
)
VERSIONS = ("v1.24.4-tke.5", "1.26.1", "v1.30.0-tke.2", "v1.25.13", "1.22.5")
ZONES = ("100001", "100002")
TOPOLOGY = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")


class KubernetesMaker(PodMaker):
    """Draws nodes, Services with their EndpointSlices, and what else there is beside pods."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        super().__init__(random, features)
        self.health_ports: list[int] = []
        self.claimed = False
        self.enforced = self.may("enforced", 0.18)
        self.services = self.make_services()

    def kubernetes(self) -> list[dict]:
        """All objects."""
        named = [number for number in self.nodes if number not in self.nameless]
        nodes = [self.node(number) for number in named if not self.may("unread", 0.04)]
        pods = [self.pod(number) for number in self.pods if not self.may("pods not read", 0.05)]
        slices = [piece for service in self.services for piece in self.slices(service)]
        found = [*nodes, *pods, *slices, *self.services]
        if self.may("policy", 0.25):
            found.append(self.policy())
        if self.may("NetworkPolicy", 0.75 if self.enforced else 0.05):
            found += self.network_policies()
        if self.may("namesakes", 0.1):
            found += [in_another_namespace(item) for item in [*pods, *slices, *self.services]]
        found += [self.agent(number) for number in named if self.may("host listener", 0.14)]
        if self.may("hidden Services", 0.08):
            found.append(self.hidden_service())
        self.random.shuffle(found)
        return found

    def node(self, number: int) -> dict:
        """One node."""
        addresses = [{"type": "InternalIP", "address": NODES[version][number]} for version in self.versions()]
        node = {
            "kind": "Node",
            "metadata": {"name": f"node-{number}", "labels": {"topology.kubernetes.io/zone": ZONES[number % 2]}},
            "status": {
                "addresses": [*addresses, {"type": "Hostname", "address": f"node-{number}"}],
                "conditions": [{"type": "Ready", "status": self.random.choice(("True", "True", "True", "False"))}],
            },
        }
        if self.may("lost nodes", 0.02):
            lost = ({"type": "Ready", "status": "Unknown"}, {"type": "NetworkUnavailable", "status": "True"})
            node["status"]["conditions"] = [self.random.choice(lost)]
        elif self.chance(0.1):
            node["status"]["conditions"].append({"type": "NetworkUnavailable", "status": "False"})
        if self.chance(0.1):
            self.lose(node["metadata"], "labels")
        if self.may("addresses to come", 0.025):
            node["status"]["addresses"] = []
        if self.may("versions", 0.15):
            fields = self.random.choice((("kubeletVersion",), ("kubeletVersion", "kubeProxyVersion")))
            node["status"]["nodeInfo"] = {field: self.random.choice(VERSIONS) for field in fields}
        return node

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
        spec = {"type": "LoadBalancer", "ports": ports, **self.service_switches()}
        annotations = {}
        if self.may("hints", 0.1):
            kind = self.random.choice(("annotation", "annotation", "field", "neither", "off"))
            spec |= {"trafficDistribution": "PreferClose"} if kind == "field" else {}
            modes = {"annotation": ("Auto", "auto", "AUTO"), "off": ("Disabled", "")}.get(kind, ())
            annotations |= {self.random.choice(TOPOLOGY): self.random.choice(modes)} if modes else {}
        return {
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": name, "annotations": annotations},
            "spec": spec,
            "status": {"loadBalancer": {"ingress": []}},
        }

    def service_switches(self) -> dict:
        """Where endpoints may be, whether clients stay with one, and the port of the node's own health check."""
        spec = {"externalTrafficPolicy": "Local" if self.may("local", 0.4) else "Cluster"}
        if spec["externalTrafficPolicy"] == "Local" and self.chance(0.75) and "healthCheckNodePort" in self.features:
            spec["healthCheckNodePort"] = 32100 + len(self.health_ports)
            self.health_ports.append(spec["healthCheckNodePort"])
        if self.may("no policy field", 0.03):
            self.lose(spec, "externalTrafficPolicy")
            spec |= {"externalTrafficPolicy": ""} if self.chance(0.2) else {}
        if self.may("external addresses", 0.03):
            self.claimed = True
            spec["externalIPs"] = self.random.sample([NODES[4][number] for number in self.nodes], 1)
        if self.may("affinity", 0.1):
            spec["sessionAffinity"] = "ClientIP"
        elif self.chance(0.5):
            spec["sessionAffinity"] = "None"
        return spec

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

    def hidden_service(self) -> dict:
        """Another Service, which has no NodePort, or may have one; or only an EndpointSlice that names it."""
        spec = self.random.choice(
            (
                *({"type": "ClusterIP", "ports": [{"port": 80}]}, {"type": "ClusterIP", "ports": None}),
                *({"type": "ExternalName"}, {"type": "NodePort", "ports": [{"port": 80}]}),
                *({"type": "LoadBalancer", "ports": [{"port": 80}], "allocateLoadBalancerNodePorts": False},),
                *(
                    {"type": "NodePort", "ports": None},
                    {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30500}]},
                ),
                *({"type": "LoadBalancer"}, None, None),
            )
        )
        if spec is None:
            labels = {"kubernetes.io/service-name": "hidden"}
            metadata = {"namespace": "other", "name": "hidden-1", "labels": labels}
            return {"kind": "EndpointSlice", "metadata": metadata, "addressType": "IPv4", "ports": [], "endpoints": []}
        return {"kind": "Service", "metadata": {"namespace": "other", "name": "hidden"}, "spec": dict(spec)}

    # EndpointSlices.

    def slices(self, service: dict) -> list[dict]:
        """A Service's EndpointSlices, one or two a family; none if they were not read."""
        if self.may("unread", 0.04):
            return []
        chosen = [pod for pod in self.pods if self.chance(0.93)]
        conditions, hints = GOING if self.may("terminating", 0.06) else READY, self.kind_of_hints(service)
        found = []
        for version in self.versions():
            cut = self.random.randint(0, len(chosen)) if self.chance(0.2) else len(chosen)
            for part in [chosen[:cut], chosen[cut:]] if cut < len(chosen) else [chosen]:
                if not (version == 6 and self.chance(0.1)):
                    endpoints = [self.endpoint(pod, version, conditions, hints) for pod in part]
                    found.append(self.slice(service, version, endpoints))
        return found

    def kind_of_hints(self, service: dict) -> str | None:
        """What the hints of a Service's endpoints name; mostly it has none."""
        annotations, spec = service["metadata"]["annotations"], service["spec"]
        asked = spec.get("trafficDistribution") or any(annotations.get(name) for name in TOPOLOGY)
        if not (asked or self.may("hints", 0.01)):
            return None
        return self.random.choice(("zones", "zones", "nodes", "both"))

    def slice(self, service: dict, version: int, endpoints: list[dict]) -> dict:
        """One EndpointSlice."""
        name = service["metadata"]["name"]
        ports = [self.served(port) for port in service["spec"]["ports"] if not self.is_left_out(port)]
        labels = {"kubernetes.io/service-name": name}
        piece = {
            "kind": "EndpointSlice",
            "metadata": {
                "namespace": "shop",
                "name": f"{name}-{version}-{self.random.randrange(10**6)}",
                "labels": labels,
            },
            "addressType": f"IPv{version}",
            "ports": ports if not self.chance(0.02) else [],
            "endpoints": endpoints,
        }
        places = [(piece, "ports"), (piece, "endpoints"), *([(ports[0], "port")] if ports else [])]
        if self.may("slices half read", 0.02):
            item, field = self.random.choice(places)
            del item[field]
        elif self.may("null slices", 0.04):
            item, field = self.random.choice(places)
            item[field] = None
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

    def endpoint(self, pod: int, version: int, conditions: tuple, hints: str | None) -> dict:
        """One endpoint; conditions say ready, not ready, or nothing."""
        endpoint = {
            "addresses": [self.address(pod, version)],
            "conditions": dict(self.random.choice(conditions if self.chance(0.92) else NOT_READY)),
            "nodeName": self.place(pod),
            "targetRef": {"kind": "Pod", "namespace": "shop", "name": f"pod-{pod}"},
        }
        if self.may("ready and not serving", 0.01):
            endpoint["conditions"] = {"ready": self.random.choice((True, None)), "serving": False}
        if hints and not self.chance(0.1):
            endpoint["hints"] = self.hints(pod, hints)
        if self.is_nameless(pod) or self.may("no node name", 0.08):
            self.lose(endpoint, "nodeName")
        if pod in self.unreferenced:
            self.lose(endpoint, "targetRef")
        if self.chance(0.03):
            self.lose(endpoint, "conditions")
        return endpoint

    def hints(self, pod: int, kind: str) -> dict:
        """The zone of the pod, or another; its node, or another."""
        zone = ZONES[self.pod_nodes[pod] % 2] if self.chance(0.8) else self.random.choice(ZONES)
        node = f"node-{self.pod_nodes[pod]}" if self.chance(0.8) else f"node-{self.random.choice(self.nodes)}"
        every = {"forZones": [{"name": zone}], "forNodes": [{"name": node}]}
        return (
            every
            if kind == "both"
            else {"forZones": every["forZones"]}
            if kind == "zones"
            else {"forNodes": every["forNodes"]}
        )


def in_another_namespace(item: dict) -> dict:
    """An object of the same name that has nothing to do with the question."""
    found = {**item, "metadata": {**item["metadata"], "namespace": "other"}}
    if item["kind"] == "Pod":
        addresses = [{"ip": "10.0.9.9"}]
        found |= {"spec": {**item["spec"], "containers": []}, "status": {"podIP": "10.0.9.9", "podIPs": addresses}}
    elif item["kind"] == "Service":
        ports = [{**port, "nodePort": 31000 + number} for number, port in enumerate(item["spec"]["ports"])]
        found |= {"spec": {**item["spec"], "ports": ports}, "status": {"loadBalancer": {}}}
        found["spec"].pop("healthCheckNodePort", None)
    else:
        found["endpoints"] = [
            {"addresses": ["10.0.9.9"], "nodeName": "node-0", "conditions": {"ready": True}}
            for _ in item.get("endpoints") or []
        ][:1]
    return found
