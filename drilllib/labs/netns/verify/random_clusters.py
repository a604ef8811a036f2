"""Random clusters for random topologies: nodes, pods on them, their interfaces, one Service."""

import copy
from dataclasses import dataclass
from random import Random
from typing import Any

from drilllib.core.drills.default_lab import NODE_PORT, VIP
from drilllib.core.snapshot.interfaces import EXCLUSIVE_ENI, SHARED_ENI, TRUNK

Document = dict[str, Any]

VIPS = {4: VIP, 6: "2001:db8::10"}
NODES, PODS = {4: "10.0.35.1{}", 6: "2001:db8:35::1{}"}, {4: "10.0.36.1{}", 6: "2001:db8:36::1{}"}


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod: where it runs, the interface that carries it, and what is wrong with it."""

    number: int
    node: int
    interface: str
    trunk: bool
    ready: bool
    declares: int | None  # the port of its container

    def address(self, family: int) -> str:
        return PODS[family].format(self.number)


class ClusterDraws:
    """
    Draws one cluster. *listener* is the protocol of the CLB's listener, *family* that of its VIP, *behind* that of its
    targets; every pod and node has IPv4, and IPv6 besides where the VIP has.
    """

    def __init__(self, random: Random) -> None:
        self._random, self._features = random, set[str]()
        self.listener = random.choice(("HTTP", "HTTP", "HTTP", "HTTPS", "TCP", "TCP", "UDP", "UDP"))
        self.transport = "UDP" if self.listener == "UDP" else "TCP"
        self.family = 6 if self._may("IPv6", 0.15) else 4
        self.behind = 4 if self.family == 6 and self._may("IPv4 targets of an IPv6 VIP", 0.2) else self.family
        self.nodes = range(1, random.choice((1, 2, 2, 3, 3)) + 1)
        self.pods = self._pods()

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _may(self, feature: str, share: float) -> bool:
        """Does the topology have the feature? If so, that is noted."""
        has = self._chance(share)
        self._features |= {feature} if has else set()
        return has

    def _pods(self) -> list[Pod]:
        self.mode = EXCLUSIVE_ENI if self._may("exclusive interfaces", 0.2) else SHARED_ENI
        self.port = self._random.choice((80, 80, 8080))
        together = self.mode == SHARED_ENI and self._may("pods that may share an interface", 0.6)
        return [self._pod(number, together) for number in range(1, self._random.choice((1, 1, 2, 2, 3)) + 1)]

    def _pod(self, number: int, together: bool) -> Pod:
        node = self._random.choice(self.nodes)
        trunk = not together and self._may("trunk", 0.06)
        declares = None if self._may("no declared port", 0.05) else self.port
        if self._may("pod does not listen", 0.14):
            declares = 9000
        interface = f"eni-node{node}001" if together else f"eni-pod{number}001"
        return Pod(number, node, interface, trunk, not self._may("not ready", 0.1), declares)

    def _instance(self, number: int) -> Document:
        own = {"PrivateIpAddresses": [NODES[4].format(number)]}
        own |= {"IPv6Addresses": [NODES[6].format(number)]} if self.family == 6 else {}
        return {"InstanceId": f"ins-node{number}001", "InstanceName": f"node-{number}", **own}

    def _interfaces(self) -> list[Document]:
        """The interfaces, each with the addresses of its pods."""
        found: dict[str, Document] = {}
        for pod in self.pods:
            kind = {"EniType": TRUNK} if pod.trunk else {}
            attached = {"Attachment": {"InstanceId": f"ins-node{pod.node}001"}, "Primary": False, **kind}
            own = {"NetworkInterfaceId": pod.interface, **attached, "PrivateIpAddressSet": [], "Ipv6AddressSet": []}
            item = found.setdefault(pod.interface, own)
            item["PrivateIpAddressSet"].append({"PrivateIpAddress": pod.address(4)})
            item["Ipv6AddressSet"] += [{"Address": pod.address(6)}] if self.family == 6 else []
        return list(found.values())

    def _objects(self, models: dict[str, Document]) -> list[Document]:
        """The Service, its pods and the nodes, in the manner of the default lab's."""
        service = copy.deepcopy(models["Service"])
        service["spec"]["ports"] = [
            {"port": 80, "protocol": self.transport, "targetPort": self.port, "nodePort": NODE_PORT}
        ]
        service["spec"]["externalTrafficPolicy"] = "Local" if self._may("Local", 0.3) else "Cluster"
        service["status"]["loadBalancer"]["ingress"] = [{"ip": VIPS[self.family]}]
        entries = [] if self._may("no endpoints", 0.08) else [self._endpoint(pod) for pod in self.pods]
        ports = [{"port": self.port, "protocol": self.transport}]
        listed = {"addressType": f"IPv{self.behind}", "ports": ports, "endpoints": entries}
        pods = [self._pod_object(copy.deepcopy(models["Pod"]), pod) for pod in self.pods]
        return [service, *map(self._node_object, self.nodes), *pods, {**models["EndpointSlice"], **listed}]

    def _node_object(self, number: int) -> Document:
        addresses = [{"type": "InternalIP", "address": NODES[4].format(number)}]
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"node-{number}"},
            "status": {"addresses": addresses},
        }

    def _pod_object(self, item: Document, pod: Pod) -> Document:
        item["metadata"]["name"] = f"web-{pod.number}"
        ports = [{"containerPort": pod.declares, "protocol": self.transport}] if pod.declares else []
        item["spec"] = {"nodeName": f"node-{pod.node}", "containers": [{"name": "web", "ports": ports}]}
        addresses = [pod.address(4), *([pod.address(6)] if self.family == 6 else [])]
        item["status"] = {"podIP": addresses[0], "podIPs": [{"ip": each} for each in addresses]}
        return item

    def _endpoint(self, pod: Pod) -> Document:
        reference = {"kind": "Pod", "name": f"web-{pod.number}", "namespace": "shop"}
        place = {"addresses": [pod.address(self.behind)], "nodeName": f"node-{pod.node}"}
        return {**place, "conditions": {"ready": pod.ready}, "targetRef": reference}
