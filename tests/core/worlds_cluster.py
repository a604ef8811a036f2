"""Random nodes, pods, interfaces and Services for worlds.py; see there."""

from random import Random

from worlds_rules import GROUPS, LISTENER_PORTS, NODE_PORTS, NODES, POD_PORTS, PODS, Rules


class ClusterMaker:
    """Draws the cluster's half of a world: nodes, pods, interfaces, groups, Services."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        self.random = random
        self.features = features
        self.used: set[str] = {"names"} & features
        self.six = self.may("ipv6", 0.3)
        self.rules = Rules(random, names="names" in features, six=self.six)
        self.nodes = list(range(random.choice((1, 2, 2, 3, 3))))
        self.pods = list(range(random.choice((0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3))))
        self.pod_nodes = [random.choice(self.nodes) for _ in self.pods]
        self.services = self.make_services()

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.random.random() < share

    def may(self, feature: str, share: float) -> bool:
        """True in that share of all cases, if the feature is on."""
        met = self.chance(share) and feature in self.features
        self.used |= {feature} if met else set()
        return met

    def versions(self) -> tuple[int, ...]:
        """The families of the cluster."""
        return (4, 6) if self.six else (4,)

    def cluster(self) -> dict:
        """Network and interface mode, and the add-on's setting for pod interfaces."""
        settings = (
            *({"enableSecurityGroups": False}, {"enableSecurityGroups": True, "securityGroups": []}),
            *({"enableSecurityGroups": True, "securityGroups": self.some_groups()}, None),
        )
        cluster = {"eniipamd": self.random.choice(settings)}
        if self.chance(0.5):
            cluster |= {"NetworkType": "VPC-CNI", "VpcCniType": "tke-route-eni"}
        if self.may("exclusive", 0.2):
            cluster["VpcCniType"] = "tke-direct-eni"
        if self.may("not modelled", 0.02):
            cluster |= self.random.choice(({"NetworkType": "GR"}, {"VpcCniType": "tke-other-eni"}))
        return cluster

    # Groups.

    def groups(self) -> dict:
        """The groups' rules; now and then a group, or a list of it, was not read."""
        groups = {name: self.rules.group() for name in GROUPS}
        if self.may("unread", 0.12):
            name = self.random.choice(GROUPS)
            lost = self.random.choice(("group", "set", "Ingress", "Egress"))
            if lost == "group":
                del groups[name]
            elif lost == "set":
                del groups[name]["SecurityGroupPolicySet"]
            else:
                del groups[name]["SecurityGroupPolicySet"][lost]
        return groups

    def some_groups(self) -> list[str]:
        """The groups of one interface, in any order; now and then the last is one that was never read."""
        chosen = self.random.sample(GROUPS, self.random.choice((0, 1, 1, 1, 2, 3)))
        return [*chosen, "sg-other"] if chosen and self.may("unread", 0.04) else chosen

    # Nodes, pods and their interfaces.

    def instance(self, number: int) -> dict:
        """One node's instance."""
        addresses = [NODES[4][number]]
        if self.chance(0.1):
            addresses.insert(self.random.randint(0, 1), f"10.0.1.{number + 101}")
        instance = {
            "InstanceId": f"ins-{number}",
            "InstanceName": f"node-{number}" if self.chance(0.8) else f"cvm-{number}",
            "PrivateIpAddresses": addresses,
            "SecurityGroupIds": self.some_groups(),
        }
        if self.six:
            instance["IPv6Addresses"] = [NODES[6][number]]
        if self.may("unread", 0.03):
            del instance[self.random.choice(("SecurityGroupIds", "InstanceName"))]
        return instance

    def interfaces(self) -> list[dict]:
        """The pods' interfaces: one a node shared by its pods, or one each."""
        found = []
        for number in self.nodes:
            pods = [pod for pod in self.pods if self.pod_nodes[pod] == number]
            for carried in [pods] if self.chance(0.6) else [[pod] for pod in pods]:
                if carried and not self.may("unread", 0.2):
                    found.append(self.interface(len(found), carried))
        return found

    def interface(self, number: int, pods: list[int]) -> dict:
        """One interface with the addresses of some pods."""
        interface = {
            "NetworkInterfaceId": f"eni-{number}",
            "PrivateIpAddressSet": [{"PrivateIpAddress": PODS[4][pod]} for pod in pods],
            "GroupSet": self.some_groups(),
        }
        if self.six:
            interface["Ipv6AddressSet"] = [{"Address": PODS[6][pod]} for pod in pods]
        if self.may("trunk", 0.15):
            interface["EniType"] = 2
        if self.may("unread", 0.03):
            del interface["GroupSet"]
        return interface

    # Kubernetes.

    def kubernetes(self) -> list[dict]:
        """All objects."""
        nodes = [self.node(number) for number in self.nodes if not self.may("unread", 0.06)]
        pods = [self.pod(number) for number in self.pods]
        slices = [piece for service in self.services for piece in self.slices(service)]
        found = [*nodes, *pods, *slices, *self.services]
        if self.may("policy", 0.25):
            found.append(self.policy())
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
        """One pod; what its containers declare is now and then less than what Services ask for."""
        protocols = ("TCP", "UDP") if "udp" in self.features else ("TCP",)
        declared = [{"containerPort": port, "protocol": protocol} for port in POD_PORTS for protocol in protocols]
        if self.chance(0.15):
            declared = self.random.sample(declared, self.random.randint(0, len(declared) - 1))
        for port in declared:
            if port["protocol"] == "TCP" and self.chance(0.5):
                del port["protocol"]
        addresses = [{"ip": PODS[version][number]} for version in self.versions()]
        return {
            "kind": "Pod",
            "metadata": {"namespace": "shop", "name": f"pod-{number}", "labels": {"app": "web", "pod": str(number)}},
            "spec": {
                "nodeName": f"node-{self.pod_nodes[number]}",
                "containers": [{"name": "a", "ports": declared[:2]}, {"name": "b", "ports": declared[2:]}],
            },
            "status": {"podIP": addresses[0]["ip"], "podIPs": addresses},
        }

    def policy(self) -> dict:
        """A policy that binds groups to some pods."""
        labels = self.random.choice(({"app": "web"}, {"pod": "0"}, {"pod": "1", "app": "web"}, {"pod": "none"}))
        selector = {"podSelector": {"matchLabels": labels}}
        if self.chance(0.15):
            selector = {"serviceAccountSelector": {"matchLabels": labels}}
        return {
            "kind": "SecurityGroupPolicy",
            "metadata": {"namespace": self.random.choice(("shop", "shop", "other")), "name": "policy"},
            "spec": {**selector, "securityGroups": {"groupIds": ["sg-1"]}},
        }

    def make_services(self) -> list[dict]:
        """One to three Services; ports are named where there are two."""
        numbers = self.random.sample(NODE_PORTS, self.random.choice((1, 1, 2, 3)))
        services = []
        while numbers:
            taken, numbers = (numbers[:2], numbers[2:]) if self.chance(0.3) else (numbers[:1], numbers[1:])
            services.append(self.service(f"svc-{len(services)}", taken))
        return services

    def service(self, name: str, node_ports: list[int]) -> dict:
        """One Service with a port for each of its NodePorts."""
        ports = []
        for number, node_port in enumerate(node_ports):
            port = {"port": LISTENER_PORTS[number], "nodePort": node_port, "targetPort": self.random.choice(POD_PORTS)}
            port["protocol"] = "UDP" if self.may("udp", 0.35) else "TCP"
            if len(node_ports) > 1:
                port["name"] = f"port-{number}"
            if port["protocol"] == "TCP" and self.chance(0.3):
                del port["protocol"]
            ports.append(port)
        spec = {"type": "LoadBalancer", "ports": ports}
        if not self.chance(0.3):
            spec["externalTrafficPolicy"] = "Local" if self.may("local", 0.45) else "Cluster"
        return {
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": name, "annotations": {}},
            "spec": spec,
            "status": {"loadBalancer": {"ingress": []}},
        }

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
        name, ports = service["metadata"]["name"], []
        for port in service["spec"]["ports"]:
            served = {"port": port["targetPort"], "protocol": port.get("protocol", "TCP")}
            if "name" in port or self.chance(0.3):
                served["name"] = port.get("name", "")
            ports.append(served)
        return {
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

    def endpoint(self, pod: int, version: int) -> dict:
        """One endpoint; conditions say ready, not ready, or nothing."""
        return {
            "addresses": [PODS[version][pod]],
            "conditions": self.random.choice(({"ready": True}, {"ready": True, "serving": True}, {}))
            if self.chance(0.92)
            else {"ready": False},
            "nodeName": f"node-{self.pod_nodes[pod]}",
            "targetRef": {"kind": "Pod", "namespace": "shop", "name": f"pod-{pod}"},
        }
