"""
Small random clusters, each asked by one of its own nodes or pods; wilder about them than worlds.py, and calmer else.

Nearly everything is told, so that most answers are definite; each thing left untold is rare and by itself. The universe
of addresses is that of worlds_rules.py, so that rules meet packets.
"""

from dataclasses import dataclass
from random import Random

from worlds_draws import Draws
from worlds_insiders_kubernetes import HOST, InsidersMaker
from worlds_rules import GROUPS, NODES, PODS, Rules

KINDS = ("Service", "Pod", "EndpointSlice", "Node", "NetworkPolicy")


@dataclass(frozen=True)
class World:
    """A snapshot document with a question about it, both plain."""

    seed: int
    document: dict
    question: dict


def world(seed: int) -> World:
    """The world of a seed; the same on every run."""
    maker = Maker(Random(f"insiders {seed}"))
    return World(seed, maker.document(), maker.question)


class Maker(InsidersMaker):
    """Draws one world: the cluster, then its load balancer, then who asks."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.rules = Rules(Draws(random, frozenset({"names"} if self.chance(0.2) else ())), six=False)
        self.internal = self.chance(0.92)
        self.question: dict = {}

    def document(self) -> dict:
        """The whole snapshot; the question follows from it."""
        document = {
            "schema": "drilllib/snapshot/1",
            "cluster": self.cluster(),
            "load_balancers": [self.balancer()],
            "listeners": {"lb-0": [self.listener(port) for port in self.ports]},
            "target_health": None,
            "instances": [self.instance(node) for node in self.nodes if not self.chance(0.03)],
            "network_interfaces": self.interfaces(),
            "subnets": self.subnets(),
            "security_groups": {name: self.rules.group() for name in GROUPS},
            **self.rules.templates(),
            "kubernetes": self.objects(),
            "complete": {"kubernetes": [kind for kind in KINDS if not self.chance(0.02)]},
            "semantics": {"profile": "documented", "containers_declare_all_ports": self.chance(0.4)},
        }
        if self.chance(0.4):
            document["target_health"] = self.health(document["listeners"]["lb-0"])
        self.ask()
        return document

    def ask(self) -> None:
        """One of the nodes, or of the pods, by one of its addresses."""
        version = 6 if self.six else 4
        node, pod = self.random.choice(self.nodes), self.random.choice(list(self.place))
        client = NODES[version][node] if self.chance(0.45) else self.address(pod, version)
        if node in self.second and not self.six and self.chance(0.3):
            client = f"10.0.1.{node + 101}"
        self.question |= {"client": client, "port": self.random.choice(self.ports), "host": HOST, "path": "/"}
        self.question |= {"vip": self.vip} if self.chance(0.7) else {"service": "shop/svc-0"}

    # The cloud.

    def cluster(self) -> dict:
        """kube-proxy's mode, mostly told; shared interfaces, mostly."""
        modes = (
            {"Ipvs": False},
            {"Ipvs": False},
            {"Ipvs": True},
            {"KubeProxyMode": "iptables"},
            {"KubeProxyMode": "ipvs"},
        )
        odd = ({}, {"Ipvs": True, "KubeProxyMode": "kube-proxy-bpf"}, {"Ipvs": False, "KubeProxyMode": "ipvs"})
        settings = self.random.choice((*modes * 12, {"KubeProxyMode": "ipvs"}, *odd))
        kind = "tke-direct-eni" if self.chance(0.1) else "tke-route-eni"
        told = {"VpcCniType": kind} if self.chance(0.97) else {}
        enforced = self.random.choice((True, False, False, False))
        return {
            "NetworkType": "VPC-CNI",
            **told,
            "ClusterNetworkSettings": settings,
            "networkpolicy": {"enforced": enforced},
        }

    def some_groups(self) -> list[str]:
        """The groups of one interface."""
        return self.random.sample(GROUPS, self.random.choice((0, 1, 1, 1, 2)))

    def balancer(self) -> dict:
        """Mostly a private one."""
        found = {
            "LoadBalancerId": "lb-0",
            "LoadBalancerVips": [self.vip],
            "LoadBalancerType": "INTERNAL" if self.internal else "OPEN",
            "SecureGroups": self.some_groups() if self.chance(0.4) else [],
            "LoadBalancerPassToTarget": self.random.choice((True, True, False, None)),
        }
        if self.six:
            found |= {"AddressIPVersion": "IPV6"}
        if self.chance(0.08):
            found |= {"SnatPro": True, "SnatIps": [{"Ip": "10.0.5.1"}]}
        return found

    def listener(self, port: int) -> dict:
        """At layer 4 or 7, with nodes, pods or both behind it."""
        protocol = self.random.choice(("TCP", "TCP", "TCP", "HTTP", "HTTP", "HTTPS", "UDP"))
        found = {"ListenerId": f"lbl-{port}", "Protocol": protocol, "Port": port, "HealthCheck": self.health_check()}
        targets = self.targets(port)
        if protocol in ("HTTP", "HTTPS"):
            rule = {"LocationId": "loc-1", "Domain": HOST, "Url": "/", "Targets": targets}
            if self.chance(0.05):
                rule["RewriteTarget"] = {"TargetListenerId": "lbl-80", "TargetLocationId": "loc-1"}
            return {**found, "KeepaliveEnable": self.random.choice((0, 0, 0, 1, None)), "Rules": [rule]}
        return {**found, "Targets": targets, "SessionExpireTime": self.random.choice((0, 0, 0, 60))}

    def health_check(self) -> dict:
        """On or off, from the VIP or from the range of probes."""
        found = {"HealthSwitch": self.random.choice((1, 1, 0)), "SourceIpType": self.random.choice((0, 1, 1))}
        return found if self.chance(0.75) else {"HealthSwitch": 1}

    def targets(self, port: int) -> list[dict]:
        """Nodes by instance, by address or by both; pods."""
        found = []
        for node in self.nodes:
            if self.chance(0.65):
                found.append({"Type": "CVM", "Port": 30000 + port, "Weight": 10, **self.named(node)})
        for pod in self.place:
            if self.chance(0.2):
                address = self.address(pod, 6 if self.six else 4)
                found.append({"Type": "ENI", "Port": 8000 + port, "Weight": 10, "PrivateIpAddresses": [address]})
        for target in found:
            if self.chance(0.05):
                target["Weight"] = self.random.choice((0, None))
        return found

    def named(self, node: int) -> dict:
        """How a target means a node."""
        addresses = [NODES[6 if self.six else 4][node]]
        if node in self.second and not self.six and self.chance(0.5):
            addresses = [f"10.0.1.{node + 101}"]
        both = {"InstanceId": f"ins-{node}", "PrivateIpAddresses": addresses}
        return both if self.six or self.chance(0.85) else {"PrivateIpAddresses": addresses}

    def instance(self, node: int) -> dict:
        """One machine, mostly running, with one address or two."""
        addresses = [NODES[4][node]]
        if node in self.second:
            addresses.insert(self.random.randint(0, 1), f"10.0.1.{node + 101}")
        return {
            "InstanceId": f"ins-{node}",
            "InstanceName": f"machine-{node}",
            "InstanceState": self.random.choice(("RUNNING",) * 30 + ("STOPPED", "STARTING", None)),
            "PrivateIpAddresses": addresses,
            "IPv6Addresses": [NODES[6][node]] if self.six else None,
            "SecurityGroupIds": self.some_groups() if self.chance(0.97) else None,
        }

    def interfaces(self) -> list[dict]:
        """One shared interface a node, with an address of its own."""
        found = []
        for node in self.nodes:
            pods = [pod for pod in self.place if self.place[pod] == node and pod not in self.host_pods]
            if not pods or self.chance(0.04):
                continue
            is_told = self.chance(0.85)
            own = [{"PrivateIpAddress": f"10.0.2.{250 + node}", "Primary": True}] if is_told else []
            six = [{"Address": f"2001:db8:2::25{node}", "Primary": True}] if is_told else []
            item = {
                "NetworkInterfaceId": f"eni-{node}",
                "PrivateIpAddressSet": [*own, *({"PrivateIpAddress": PODS[4][pod]} for pod in pods)],
                "Ipv6AddressSet": [*six, *({"Address": PODS[6][pod]} for pod in pods)] if self.six else [],
                "GroupSet": self.some_groups() if self.chance(0.97) else None,
            }
            found.append({**item, "EniType": 2} if self.chance(0.06) else item)
        return found

    def subnets(self) -> list[dict]:
        """Those of nodes and pods; a network ACL around either is rare."""
        blocks = (("10.0.1.0/24", "2001:db8:1::/64"), ("10.0.2.0/24", "2001:db8:2::/64"))
        guarded = self.random.choice(((None, None),) * 30 + (("acl-1", None), (None, "acl-1")))
        return [
            {"SubnetId": f"subnet-{number}", "CidrBlock": four, "Ipv6CidrBlock": six, "NetworkAclId": acl}
            for number, ((four, six), acl) in enumerate(zip(blocks, guarded, strict=True))
        ]

    def health(self, listeners: list[dict]) -> list[dict]:
        """What the CLB sees of most targets."""
        found = []
        for listener in listeners:
            holders = listener.get("Rules") or [listener]
            rules = [{"LocationId": item.get("LocationId"), "Targets": self.seen(item["Targets"])} for item in holders]
            found.append({"ListenerId": listener["ListenerId"], "Rules": rules})
        return [{"LoadBalancerId": "lb-0", "Listeners": found}]

    def seen(self, targets: list[dict]) -> list[dict]:
        """Alive, mostly."""
        states = ("Alive", "Alive", "Alive", "Dead", "Unknown", "Close")
        return [
            {
                "TargetId": item.get("InstanceId"),
                "IP": (item.get("PrivateIpAddresses") or [None])[0],
                "Port": item["Port"],
                "HealthStatusDetail": self.random.choice(states),
            }
            for item in targets
            if self.chance(0.9)
        ]
