"""
Small random snapshots with a question each, made so that every branch of docs/model.md is met often.

A world follows from its seed and from the set of features it may use, so that what is not built yet can be left out.
"""

from dataclasses import dataclass
from random import Random

from worlds_clb import NAMING, BalancerMaker
from worlds_inside import FEATURE, put_client_inside
from worlds_rules import CLIENTS, GONE, NODES

BASIC = frozenset({"layer 4", "layer 7", "keep-alive", "pass to target", "names", "unread", "observed", "local"})
LATER = frozenset(
    {
        *("udp", "ipv6", "nat64", "eni targets", "SnatPro", "exclusive", "trunk", "policy", "CheckPort", "internal"),
        *("domain name", "hosts", "paths", "unnamed", "not modelled", "inside", "clients inside"),
    }
)
# Half-read and unusual snapshots.
ODD = frozenset(
    {
        *("targets not read", "bare templates", "no node name", "pods not read", "host network", "super nodes"),
        *("stale targets", "null", "two VIPs", "no reference", "no NodePort", "half a target", "primary interfaces"),
        *("namesakes", "shared ports", "no rules", "two addresses", "port names"),
    }
)
# What real answers of the APIs have, and lack.
REAL = frozenset(
    {
        *("no policy field", "no weight", "no type", "no keep-alive", "no pass to target", "no probe source"),
        *("no health switch", "no domain", "no URL", "no Service ports", "not complete", "declare all", "redirect"),
        *("Snat", "stopped", "changing state", "no state", "network ACL", "host listener", "host port", "no hostIP"),
        *("hidden Services", "slices half read", "terminating", "versions", "hints", "two host pods", "NetworkPolicy"),
        *("sidecars", "container probes", "no ports declared", "HTTP checks", "healthCheckNodePort", "affinity"),
        *("session", "node names", "gone CLB", "null slices", "enforced", "not enforced"),
        *("pods not ready", "readiness gates", "container statuses", "ready and not serving"),
        *(
            "VPCs",
            "nameless nodes",
            "addresses to come",
            "Property",
            "spellings of health",
            "lost nodes",
            "external addresses",
            "instance elsewhere",
            "partial",
        ),
    }
)
EVERY = BASIC | LATER | ODD | REAL

UNREAD_PARTS = (
    *("listeners", "instances", "network_interfaces", "security_groups", "kubernetes", "kubernetes", "cluster"),
    *("address_templates", "address_template_groups", "service_templates", "service_template_groups", "target_health"),
)
STATUS = ("Alive", "Alive", "Dead", "Dead", "Unknown", "Close")
ASKED_HOSTS = ("shop.example.com", "Shop.Example.com", "www.shop.example.com", "a.example.com", "shop.test", "x.test")
KINDS = ("Service", "Pod", "EndpointSlice", "Node")
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
    maker.forget_ports()
    maker.forget_a_balancer()
    if "partial" in features and Random(f"partial {seed}").random() < 0.2:
        document["partial"] = {"listeners": ["lb-0"]}
        maker.used.add("partial")
    if FEATURE in features and put_client_inside(document, question, seed):
        maker.used |= {FEATURE, "inside"}
    return World(seed, document, question, frozenset(maker.used))


class Maker(BalancerMaker):
    """Draws one world: the cluster, then load balancers with listeners and targets, then a question."""

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
            "subnets": self.subnets(),
            "security_groups": self.groups(),
            **self.rules.templates(),
            "kubernetes": self.kubernetes(),
            **self.claims(),
        }
        if self.may("observed", 0.45):
            document["target_health"] = self.health(document["listeners"])
        if self.may("unread", 0.08):
            self.lose_a_part(document)
        self.give_addresses_back(document)
        return document

    def claims(self) -> dict:
        """Of which objects all are here, and whether containers declare every port."""
        policies = ["NetworkPolicy" if self.chance(0.7) else "shop/NetworkPolicy"] if self.chance(0.95) else []
        kinds = [kind for kind in KINDS if not (kind == "Pod" and self.enforced and self.chance(0.7))]
        claims = {"complete": {"kubernetes": [*self.random.sample(kinds, len(kinds)), *policies]}}
        if self.may("not complete", 0.2):
            every = (*KINDS, "shop/Service", "shop/Pod", "NetworkPolicy", "shop/NetworkPolicy")
            some = self.random.sample(every, self.random.randint(0, 5))
            claims = self.random.choice(({"complete": {"kubernetes": some}}, {"complete": {}}, {}, {"complete": None}))
        if self.may("declare all", 0.5):
            claims["semantics"] = {"profile": "documented", "containers_declare_all_ports": True}
        return claims

    def forget_ports(self) -> None:
        """The ports of a Service were not read; the question names what it asks for, or does not."""
        if self.may("no Service ports", 0.06):
            self.lose(self.random.choice(self.services)["spec"], "ports")

    def forget_a_balancer(self) -> None:
        """A Service carries the id of a CLB that is not here."""
        if self.may("gone CLB", 0.03):
            annotations, key = self.random.choice(self.services)["metadata"]["annotations"], self.random.choice(NAMING)
            annotations[key] = "lb-gone"

    def lose_a_part(self, document: dict) -> None:
        """One part was not read at all; what the question has to name stays."""
        if document["listeners"] and self.chance(0.1):
            del document["listeners"][self.random.choice(self.balancers)["LoadBalancerId"]]
            return
        part = self.random.choice(UNREAD_PARTS)
        if part == "kubernetes" and not all(self.vips(item) for item in self.balancers):
            return
        self.lose(document, part)
        if part == "kubernetes" and self.chance(0.3):
            document[part] = []

    def give_addresses_back(self, document: dict) -> None:
        """A target of which neither instance nor address is known cannot be read."""
        read = {instance["InstanceId"] for instance in document.get("instances") or []}
        for target, address in self.halves:
            if target.get("InstanceId") not in read:
                target["PrivateIpAddresses"] = [address]

    # What the CLB sees.

    def health(self, listeners: dict) -> list[dict]:
        """What the CLB reports: for most targets, found by instance or by address."""
        return [
            {
                "LoadBalancerId": name,
                "Listeners": [
                    {
                        "ListenerId": listener["ListenerId"],
                        "Rules": [self.health_of(rule) for rule in listener["Rules"] or [listener]],
                    }
                    for listener in found
                ],
            }
            for name, found in listeners.items()
        ]

    def health_of(self, holder: dict) -> dict:
        """One forwarding rule, or one listener of layer 4."""
        targets = [self.status(target) for target in holder.get("Targets") or [] if self.chance(0.9)]
        if targets and self.chance(0.1):
            known = self.random.choice(targets)
            targets.insert(0, {**known, "TargetId": "ins-old", "HealthStatusDetail": self.random.choice(STATUS)})
        return {"LocationId": holder.get("LocationId"), "Targets": targets}

    def status(self, target: dict) -> dict:
        """One target's observed health."""
        found = {"Port": target["Port"], "HealthStatusDetail": self.random.choice(STATUS)}
        if self.may("spellings of health", 0.08):
            self.spell(found)
        address = (target.get("PrivateIpAddresses") or [None])[0]
        if self.chance(0.02):
            self.lose(found, "HealthStatusDetail")
        if target.get("InstanceId") and self.chance(0.7):
            found["TargetId"] = target["InstanceId"]
            return found if self.chance(0.5) else {**found, "IP": address}
        return {**found, "IP": address}

    def spell(self, found: dict) -> None:
        """The health in an older field, or in a truth value only."""
        detail = found.pop("HealthStatusDetail")
        if self.chance(0.3):
            found["HealthStatusDetail"] = self.random.choice((None, ""))
        if self.chance(0.4):
            found["HealthStatusDetial"] = detail
        found["HealthStatus"] = detail == "Alive"

    # The question.

    def question(self, document: dict) -> dict:
        """Ask one Service, or one VIP, from a client of a family that is served."""
        service = self.random.choice(self.services)
        balancer = next(item for item in self.balancers if self.carries(item, service))
        vips = self.vips(balancer)
        vip = self.random.choice(vips) if vips else None
        port = self.random.choice(service["spec"]["ports"])
        question = {
            "client": self.client(document, 6 if ":" in (vip or "") or (not vip and self.is_six(balancer)) else 4),
            "port": port["port"],
            "protocol": port.get("protocol", "TCP"),
            "host": self.random.choice(ASKED_HOSTS if "hosts" in self.features else ASKED_HOSTS[:2]),
            "path": self.random.choice(ASKED_PATHS),
        }
        by_vip = vip and (not document.get("kubernetes") or self.chance(0.7 if len(vips) > 1 else 0.4))
        question |= {"vip": vip} if by_vip else {"service": f"shop/{service['metadata']['name']}"}
        if not vips and self.chance(0.3):
            question |= {"vip": balancer["LoadBalancerDomain"], "service": None}
        if self.chance(0.03):
            question |= self.random.choice(({"port": 82}, {"protocol": "UDP"}))
        listeners = (document.get("listeners") or {}).get(balancer["LoadBalancerId"], [])
        self.leave_unsaid(question, service, listeners)
        return question

    def client(self, document: dict, version: int) -> str:
        """Somebody outside, or now and then a node, mostly one that was not read, a pod, or a pod that is gone."""
        if not self.may("inside", 0.06):
            return self.random.choice(CLIENTS[version])
        read = {instance["InstanceId"] for instance in document.get("instances") or []}
        unread = [node for node in self.nodes if f"ins-{node}" not in read]
        nodes, pods = (
            [NODES[version][node] for node in unread * 3 + self.nodes],
            [self.address(pod, version) for pod in self.pods],
        )
        return self.random.choice([*nodes, *pods, GONE[version]])

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
