"""Random Pods for worlds.py; see there."""

from random import Random

from worlds_policies import PolicyMaker
from worlds_rules import NODE_PORTS, NODES, POD_PORTS, PODS

STATES = (
    *({"running": {"startedAt": "2026-01-01T00:00:00Z"}}, {"running": {}}, {"waiting": {"reason": "CrashLoopBackOff"}}),
    *({"terminated": {"exitCode": 1}}, {"waiting": {}}),
)


class PodMaker(PolicyMaker):
    """Draws pods, and what their containers declare."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        super().__init__(random, features)
        self.six = self.may("ipv6", 0.35)
        self.nodes = list(range(random.choice((1, 2, 2, 3, 3))))
        self.pods = list(range(random.choice((0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3))))
        self.pod_nodes = [random.choice(self.nodes) for _ in self.pods]
        self.super_pods = {pod for pod in self.pods if self.may("super nodes", 0.06)}
        self.nameless = (
            {random.choice(self.nodes)} if len(self.nodes) > 1 and self.may("nameless nodes", 0.05) else set()
        )
        self.host_pods = self.pods_on_their_nodes_network()
        unreferenced = {pod for pod in self.pods if self.may("no reference", 0.04)}
        self.unreferenced = unreferenced - self.host_pods if len(self.host_pods) > 1 else unreferenced

    def versions(self) -> tuple[int, ...]:
        """The families of the cluster."""
        return (4, 6) if self.six else (4,)

    def pods_on_their_nodes_network(self) -> set[int]:
        """Mostly at most one a node, for they share their ports."""
        every = {pod for pod in self.pods if self.may("host network", 0.5 if self.is_nameless(pod) else 0.07)}
        if self.pods and self.may("two host pods", 0.03):
            there = [pod for pod in self.pods if self.pod_nodes[pod] == self.pod_nodes[0]]
            return set(there[:2]) - self.super_pods
        return set({self.pod_nodes[pod]: pod for pod in sorted(every)}.values()) - self.super_pods

    def is_nameless(self, pod: int) -> bool:
        """Whether a pod is on a machine that nobody calls a node."""
        return self.pod_nodes[pod] in self.nameless

    def place(self, pod: int) -> str:
        """The name of a pod's node."""
        return "eklet-subnet-1" if pod in self.super_pods else f"node-{self.pod_nodes[pod]}"

    def address(self, pod: int, version: int) -> str:
        """A pod's address: its own, or that of its node."""
        return NODES[version][self.pod_nodes[pod]] if pod in self.host_pods else PODS[version][pod]

    def pod(self, number: int) -> dict:
        """One pod."""
        addresses = [{"ip": self.address(number, version)} for version in self.versions()]
        pod = {
            "kind": "Pod",
            "metadata": {"namespace": "shop", "name": f"pod-{number}", "labels": {"app": "web", "pod": str(number)}},
            "spec": {"nodeName": self.place(number), "containers": self.containers(number)},
            "status": {"podIP": addresses[0]["ip"], "podIPs": addresses, **self.where(number)},
        }
        if number in self.host_pods:
            pod["spec"]["hostNetwork"] = True
        if self.is_nameless(number) or self.may("no node name", 0.08):
            self.lose(pod["spec"], "nodeName")
        if len(addresses) == 1 and self.chance(0.2):
            self.lose(pod["status"], "podIPs", "podIP")
        if self.chance(0.03):
            self.lose(pod["metadata"], "labels")
        self.add_containers(pod)
        if self.may("readiness gates", 0.03):
            pod["spec"]["readinessGates"] = [{"conditionType": "cloud.tencent.com/load-balancer-backendgroup-ready"}]
            pod["status"]["conditions"] = [
                {"type": "ContainersReady", "status": self.random.choice(("True", "True", "False"))},
                {"type": "Ready", "status": self.random.choice(("False", "False", "True"))},
            ]
        if self.may("container statuses", 0.05):
            self.add_states(pod)
        return pod

    def add_states(self, pod: dict) -> None:
        """What the containers do, mostly that they run; of some, or all, nobody says."""
        kinds = STATES[:2] if self.chance(0.6) else STATES[2:] if self.chance(0.5) else STATES
        for kind, listed in (("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")):
            names = [container["name"] for container in pod["spec"].get(kind) or []]
            shown = [{"name": name, "state": dict(self.random.choice(kinds))} for name in names if self.chance(0.9)]
            for item in shown:
                if self.chance(0.05):
                    self.lose(item, "state")
            pod["status"][listed] = shown

    def where(self, number: int) -> dict:
        """The address of a pod's node, and whether the pod is ready."""
        host = "10.0.9.50" if number in self.super_pods else NODES[4][self.pod_nodes[number]]
        ready = self.random.choice(("False", "Unknown")) if self.may("pods not ready", 0.05) else "True"
        status = {"hostIP": host, "conditions": [{"type": "Ready", "status": ready}]}
        if self.may("no hostIP", 0.2):
            self.lose(status, "hostIP")
        if self.chance(0.1):
            self.lose(status, "conditions")
        return status

    def agent(self, number: int) -> dict:
        """A pod on a node's network that no Service knows, and that listens on a port of its own."""
        address = {"podIP": NODES[4][number], "hostIP": NODES[4][number]}
        port = {"containerPort": self.random.choice((30999, 30999, 9999, 80, *NODE_PORTS))}
        ready = {"conditions": [{"type": "Ready", "status": "True"}]}
        container = {"name": "agent", "ports": [port] if self.chance(0.8) else []}
        if self.chance(0.3):
            container = {"name": "agent", "readinessProbe": {"tcpSocket": {"port": port["containerPort"]}}}
        pod = {
            "kind": "Pod",
            "metadata": {"namespace": "kube-system", "name": f"agent-{number}", "labels": {"app": "agent"}},
            "spec": {"nodeName": f"node-{number}", "hostNetwork": True, "containers": [container]},
            "status": address | ready,
        }
        if self.chance(0.3):
            del pod["status"]["hostIP"]
        # nodeName stays until the engine tells one without it from a machine without a name
        if self.may("pods not ready", 0.05):
            pod["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
        if self.may("container statuses", 0.05):
            self.add_states(pod)
        return pod

    # Containers.

    def containers(self, number: int) -> list[dict]:
        """
        What they declare is now and then less than what Services ask for, or nothing.

        Pods on one node's network share its ports.
        """
        protocols = ("TCP", "UDP") if "udp" in self.features else ("TCP",)
        declared = [{"containerPort": port, "protocol": protocol} for port in POD_PORTS for protocol in protocols]
        if self.chance(0.2):
            declared = self.random.sample(declared, self.random.randint(0, len(declared) - 1))
        if self.may("no ports declared", 0.05):
            declared = []
        if number in self.host_pods and len(self.host_pods) > 1:
            own = POD_PORTS[sorted(self.host_pods).index(number) % len(POD_PORTS)]
            declared = [{"containerPort": own, "protocol": protocol} for protocol in protocols]
        for port in declared:
            if port["protocol"] == "TCP" and self.chance(0.5):
                del port["protocol"]
        if declared and self.may("host port", 0.03):
            declared[0]["hostPort"] = self.random.choice((30999, *NODE_PORTS))
        if self.chance(0.35):
            self.name_ports(declared)
        containers = [{"name": "a", "ports": declared[:2]}, {"name": "b", "ports": declared[2:]}]
        if not declared[2:]:
            self.lose(containers[1], "ports")
        return containers

    def add_containers(self, pod: dict) -> None:
        """Init containers, of which some run on, and probes."""
        if self.may("sidecars", 0.1):
            ports = [{"containerPort": port} for port in POD_PORTS if self.chance(0.7)]
            pod["spec"]["initContainers"] = [{"name": "first", "ports": ports}]
            if self.chance(0.6):
                pod["spec"]["initContainers"][0]["restartPolicy"] = "Always"
        if self.may("container probes", 0.15):
            container = self.random.choice(pod["spec"]["containers"])
            self.random.choice((self.probe_by_number, self.probe_by_name))(container)

    def probe_by_number(self, container: dict) -> None:
        """A probe of one of the ports that Services ask for."""
        kind = self.random.choice(("readinessProbe", "livenessProbe", "startupProbe"))
        how = self.random.choice(("httpGet", "tcpSocket", "grpc"))
        container[kind] = {how: {"port": self.random.choice(POD_PORTS)}}

    def probe_by_name(self, container: dict) -> None:
        """A probe of a port by its name, which is at times another container's or nobody's."""
        self.name_ports(container.get("ports") or [])
        container["readinessProbe"] = {"httpGet": {"port": self.random.choice(("p-0", "p-1", "p-9")), "path": "/"}}

    @staticmethod
    def name_ports(ports: list[dict]) -> None:
        """Each has a name."""
        for number, port in enumerate(ports):
            port["name"] = f"p-{number}"
