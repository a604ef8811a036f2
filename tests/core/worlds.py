"""
Small random snapshots with a question each, made so that every branch of docs/model.md is met often.

A world follows from its seed and from the set of features it may use, so that what is not built yet can be left out.
"""

from dataclasses import dataclass
from random import Random

from worlds_cluster import ClusterMaker
from worlds_rules import CLIENTS, NODE_PORTS, NODES, POD_PORTS, PODS, SNAT, VIPS

BASIC = frozenset({"layer 4", "layer 7", "keep-alive", "pass to target", "names", "unread", "observed", "local"})
LATER = frozenset(
    {
        *("udp", "ipv6", "nat64", "eni targets", "SnatPro", "exclusive", "trunk", "policy", "CheckPort", "internal"),
        *("domain name", "hosts", "paths", "unnamed", "not modelled", "inside"),
    }
)
EVERY = BASIC | LATER

UNREAD_PARTS = ("listeners", "instances", "network_interfaces", "security_groups", "kubernetes", "address_templates")
LISTENERS = (("TCP", "layer 4"), ("TCP", "layer 4"), ("HTTP", "layer 7"), ("HTTPS", "layer 7"), ("HTTP", "layer 7"))
STATUS = ("Alive", "Alive", "Dead", "Dead", "Unknown", "Close")
HOSTS = (
    *("shop.example.com", "SHOP.test", "*.example.com", "*.com", "shop.example.*", "shop.*", "other.example.com"),
    "~^shop",
)
ASKED_HOSTS = ("shop.example.com", "Shop.Example.com", "www.shop.example.com", "a.example.com", "shop.test", "x.test")
PLAIN_PATHS = ("/", "/a", "/a/b")
PATHS = ("/", "/a", "/a/b", "=/a", "^~/a", "^~/a/b", "~ ^/a", "~* b$")
ASKED_PATHS = ("/", "/a", "/a/b", "/a/b/c", "/other")


@dataclass(frozen=True)
class World:
    """A snapshot document and a question about it, both plain, and the features that were used in making them."""

    seed: int
    document: dict
    question: dict
    used: frozenset[str]


def world(seed: int, features: frozenset[str] = EVERY) -> World:
    """The world of a seed; the same on every run."""
    maker = Maker(Random(seed), features)
    document = maker.document()
    question = maker.question(document)
    return World(seed, document, question, frozenset(maker.used))


class Maker(ClusterMaker):
    """Draws one world: the cluster, then load balancers with listeners and targets, then a question."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        super().__init__(random, features)
        self.balancers = self.make_balancers()

    def document(self) -> dict:
        """The whole snapshot."""
        document = {
            "schema": "drilllib/snapshot/1",
            "cluster": self.cluster(),
            "load_balancers": self.balancers,
            "listeners": {item["LoadBalancerId"]: self.listeners(item) for item in self.balancers},
            "target_health": None,
            "instances": [self.instance(number) for number in self.nodes if not self.may("unread", 0.02)],
            "network_interfaces": self.interfaces(),
            "security_groups": self.groups(),
            **self.rules.templates(),
            "kubernetes": self.kubernetes(),
        }
        if self.may("observed", 0.35):
            document["target_health"] = self.health(document["listeners"])
        if self.may("unread", 0.05):
            unread = self.random.choice(UNREAD_PARTS)
            if unread != "kubernetes" or all(self.vips(item) for item in self.balancers):
                document[unread] = None
        return document

    # Load balancers, listeners, targets.

    def make_balancers(self) -> list[dict]:
        """One or two load balancers; each Service is on one, and says so in one of three ways."""
        balancers = [self.balancer(number) for number in range(self.random.choice((1, 1, 2)))]
        for service in self.services:
            balancer = self.random.choice(balancers)
            annotations = service["metadata"]["annotations"]
            way = self.random.random()
            if way < 0.4:
                annotations["service.kubernetes.io/loadbalance-id"] = balancer["LoadBalancerId"]
            if way < 0.1 or way > 0.7:
                annotations["service.kubernetes.io/tke-existed-lbid"] = balancer["LoadBalancerId"]
            vips = self.vips(balancer)
            shown = {"ip": vips[0]} if vips else {"hostname": balancer["LoadBalancerDomain"]}
            service["status"]["loadBalancer"]["ingress"] = [shown]
        return balancers

    def balancer(self, number: int) -> dict:
        """One load balancer."""
        internal = self.may("internal", 0.2)
        balancer = {
            "LoadBalancerId": f"lb-{number}",
            "LoadBalancerType": "INTERNAL" if internal else "OPEN",
            "LoadBalancerVips": ["10.0.4.1" if internal and not number else VIPS[4][number]],
            "AddressIPVersion": "ipv4",
            "Forward": 0 if self.may("not modelled", 0.02) else 1,
            "SecureGroups": self.some_groups() if self.chance(0.8) else [],
        }
        if self.six and not internal and self.chance(0.6):
            balancer |= self.random.choice(
                (
                    {"LoadBalancerVips": [], "AddressIPv6": VIPS[6][number], "AddressIPVersion": "ipv6"},
                    {"LoadBalancerVips": [VIPS[6][number]], "AddressIPVersion": "ipv6"},
                    {"AddressIPv6": VIPS[6][number]},
                )
            )
        elif self.may("domain name", 0.15):
            balancer |= {"LoadBalancerVips": [], "LoadBalancerDomain": f"lb-{number}.example.com"}
        if self.may("pass to target", 0.25):
            balancer["LoadBalancerPassToTarget"] = True
        elif self.chance(0.5):
            balancer["LoadBalancerPassToTarget"] = False
        if self.may("SnatPro", 0.2):
            balancer["SnatPro"] = True
            own = [{"Ip": address} for version in self.versions() for address in SNAT[version]]
            balancer |= {} if self.chance(0.3) else {"SnatIps": own if self.chance(0.7) else own[::2]}
        if self.may("unread", 0.03):
            del balancer["SecureGroups"]
        return balancer

    def listeners(self, balancer: dict) -> list[dict]:
        """A listener for each port of each Service that this load balancer carries."""
        found = []
        for service in self.services:
            if not self.carries(balancer, service):
                continue
            for port in service["spec"]["ports"]:
                transport = port.get("protocol", "TCP")
                if not any((item["Port"], transport) == (port["port"], self.transport(item)) for item in found):
                    found.append(self.listener(f"lbl-{balancer['LoadBalancerId']}-{len(found)}", port, balancer))
        return found

    @staticmethod
    def vips(balancer: dict) -> list[str]:
        """All fixed addresses of a load balancer."""
        return [vip for vip in [*balancer["LoadBalancerVips"], balancer.get("AddressIPv6")] if vip]

    @staticmethod
    def carries(balancer: dict, service: dict) -> bool:
        """Whether a Service is on this load balancer: what its annotations say goes before its status."""
        named, shown = service["metadata"]["annotations"], service["status"]["loadBalancer"]["ingress"][0]
        if named:
            return balancer["LoadBalancerId"] in named.values()
        return (
            shown["ip"] in Maker.vips(balancer)
            if "ip" in shown
            else shown["hostname"] == balancer.get("LoadBalancerDomain")
        )

    @staticmethod
    def transport(listener: dict) -> str:
        """TCP or UDP."""
        return "UDP" if listener["Protocol"] in ("UDP", "QUIC") else "TCP"

    def listener(self, name: str, port: dict, balancer: dict) -> dict:
        """One listener with its targets."""
        protocol, feature = self.random.choice([kind for kind in LISTENERS if kind[1] in self.features])
        if port.get("protocol", "TCP") == "UDP":
            protocol, feature = "UDP", "udp"
        self.used.add(feature)
        if self.may("not modelled", 0.02):
            protocol = "TCP_SSL" if protocol != "UDP" else "QUIC"
        listener = {"ListenerId": name, "Protocol": protocol, "Port": port["port"], "HealthCheck": self.health_check()}
        if self.may("not modelled", 0.02):
            listener["EndPort"] = port["port"] + 10
        if protocol not in ("HTTP", "HTTPS"):
            return {**listener, "Rules": None, "Targets": self.targets(port, balancer)}
        if self.may("keep-alive", 0.25):
            listener["KeepaliveEnable"] = 1
        return {**listener, "Rules": self.forwarding_rules(port, balancer)}

    def forwarding_rules(self, port: dict, balancer: dict) -> list[dict]:
        """Mostly the one rule that fits; else several hosts and paths, of all kinds that are on."""
        hosts = self.random.sample(HOSTS, self.random.randint(1, 3)) if self.may("hosts", 0.5) else HOSTS[:1]
        found = []
        for host in hosts:
            every = PATHS if self.may("paths", 0.5) else PLAIN_PATHS
            for path in self.random.sample(every, self.random.randint(1, 3)) if self.chance(0.4) else ["/"]:
                rule = {"LocationId": f"loc-{len(found)}", "Url": path, **self.domains(host)}
                if self.chance(0.15):
                    rule["HealthCheck"] = self.health_check()
                found.append({**rule, "Targets": self.targets(port, balancer)})
        if self.may("hosts", 0.5):
            self.random.choice(found)["DefaultServer"] = True
        return found

    def domains(self, host: str) -> dict:
        """A rule's domain, or its several domains."""
        if self.may("hosts", 0.2) and not any(sign in host for sign in "*~"):
            return {"Domain": host, "Domains": [host, f"www.{host}"]}
        return {"Domain": host}

    def health_check(self) -> dict | None:
        """On or off, from the VIP or from 100.64.0.0/10, or not said."""
        check = {"HealthSwitch": 0 if self.chance(0.1) else 1}
        check |= self.random.choice(({"SourceIpType": 1}, {"SourceIpType": 0}, {"SourceIpType": 0}, {}))
        if self.may("CheckPort", 0.2):
            check["CheckPort"] = self.random.choice((*NODE_PORTS, *POD_PORTS))
        return None if self.chance(0.05) else check

    def targets(self, port: dict, balancer: dict) -> list[dict]:
        """Nodes or pods, or both; of the family of the load balancer, or of the other where that is on."""
        version = 6 if balancer["AddressIPVersion"] == "ipv6" else 4
        if (version == 6 and self.may("nat64", 0.4)) or (self.six and version == 4 and self.may("not modelled", 0.05)):
            version = 10 - version
        every = []
        direct = bool(self.pods) and self.may("eni targets", 0.35)
        mixed = direct and self.chance(0.15)
        if not direct or mixed:
            every += [self.node_target(number, port, version) for number in self.nodes]
        if direct:
            every += [self.pod_target(number, port, version) for number in self.pods]
        self.random.shuffle(every)
        return every[: self.random.choice((1, 2, 2, 3, 3, 4))] if self.chance(0.97) else []

    def weighted(self, target: dict) -> dict:
        """A target with a weight, with none said, or with 0."""
        weight = self.random.choice((None, 10, 10, 10, 20, 0 if self.chance(0.5) else 1))
        return target if weight is None else {**target, "Weight": weight}

    def node_target(self, number: int, port: dict, version: int) -> dict:
        """A node, at times with a NodePort that is another Service's or nobody's."""
        chosen = port["nodePort"] if self.chance(0.88) else self.random.choice((*NODE_PORTS, 30999))
        target = {"Type": self.random.choice(("CVM", "CVM", "cvm")), "InstanceId": f"ins-{number}", "Port": chosen}
        if self.chance(0.1):
            del target["Type"]
        if self.may("not modelled", 0.02):
            target["Type"] = "CCN"
        return self.weighted({**target, "PrivateIpAddresses": [NODES[version][number]]})

    def pod_target(self, number: int, port: dict, version: int) -> dict:
        """A pod."""
        chosen = port["targetPort"] if self.chance(0.9) else self.random.choice(POD_PORTS)
        return self.weighted({"Type": "ENI", "PrivateIpAddresses": [PODS[version][number]], "Port": chosen})

    def health(self, listeners: dict) -> list[dict]:
        """What the CLB reports: for most targets, found by instance or by address."""
        return [
            {
                "LoadBalancerId": name,
                "Listeners": [
                    {
                        "ListenerId": listener["ListenerId"],
                        "Rules": [
                            {
                                "LocationId": rule.get("LocationId"),
                                "Targets": [self.status(target) for target in rule["Targets"] if self.chance(0.9)],
                            }
                            for rule in listener["Rules"] or [listener]
                        ],
                    }
                    for listener in found
                ],
            }
            for name, found in listeners.items()
        ]

    def status(self, target: dict) -> dict:
        """One target's observed health."""
        found = {"Port": target["Port"], "HealthStatusDetail": self.random.choice(STATUS)}
        address = (target.get("PrivateIpAddresses") or [None])[0]
        if "InstanceId" in target and self.chance(0.7):
            found["TargetId"] = target["InstanceId"]
            return found if self.chance(0.5) else {**found, "IP": address}
        return {**found, "IP": address}

    # The question.

    def question(self, document: dict) -> dict:
        """Ask one Service, or one VIP, from a client of a family that is served."""
        service = self.random.choice(self.services)
        balancer = next(item for item in self.balancers if self.carries(item, service))
        vips = self.vips(balancer)
        vip = self.random.choice(vips) if vips else None
        version = 6 if vip and ":" in vip else 4
        port = self.random.choice(service["spec"]["ports"])
        question = {
            "client": NODES[version][0] if self.may("inside", 0.02) else self.random.choice(CLIENTS[version]),
            "port": port["port"],
            "protocol": port.get("protocol", "TCP"),
            "host": self.random.choice(ASKED_HOSTS if "hosts" in self.features else ASKED_HOSTS[:2]),
            "path": self.random.choice(ASKED_PATHS),
        }
        by_vip = vip and (document["kubernetes"] is None or self.chance(0.4))
        question |= {"vip": vip} if by_vip else {"service": f"shop/{service['metadata']['name']}"}
        if not vips and self.chance(0.3):
            question |= {"vip": balancer["LoadBalancerDomain"], "service": None}
        if self.chance(0.03):
            question |= self.random.choice(({"port": 82}, {"protocol": "UDP"}))
        listeners = (document["listeners"] or {}).get(balancer["LoadBalancerId"], [])
        self.leave_unsaid(question, service, listeners)
        return question

    def leave_unsaid(self, question: dict, service: dict, listeners: list[dict]) -> None:
        """Leave out host, port or protocol where that leaves one thing to ask."""
        asked = (question["port"], question["protocol"])
        listening = [(item["Port"], self.transport(item)) for item in listeners]
        own = [pair for pair in listening if pair in self.pairs(service)]
        if question["port"] in {port for port, _ in listening} and self.may("unnamed", 0.2):
            question["protocol"] = None
        if asked in own and len(own if question.get("service") else listening) == 1 and self.may("unnamed", 0.3):
            question["port"] = None
        if self.chance(0.1):
            question["host"] = None

    @staticmethod
    def pairs(service: dict) -> list[tuple[int, str]]:
        """A Service's ports with their protocols."""
        return [(port["port"], port.get("protocol", "TCP")) for port in service["spec"]["ports"]]
