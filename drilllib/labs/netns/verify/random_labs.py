"""
Random whole labs for real packets: topologies grown from the default lab, each with several sets of rules.

The same seed and number always give the same case. Cases of one topology differ in rules, bindings and questions only,
so that one lab plays them all. About half of the requests reach a pod.
"""

import copy
from dataclasses import dataclass, replace
from random import Random

from drilllib.core.drills.default_lab import BALANCER, NODE_PORT, SERVICE, default_lab
from drilllib.core.snapshot.semantics import DOCUMENTED, ORIGINAL, Semantics
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.labs.netns.verify.random_clusters import NODES, PODS, VIPS, ClusterDraws, Document, Pod
from drilllib.labs.netns.verify.random_rules import (
    ADDRESS_TEMPLATE_GROUPS,
    ADDRESS_TEMPLATES,
    SERVICE_TEMPLATES,
    Packets,
    RuleDraws,
)

RULE_SETS = 5  # cases of one topology
CLIENTS = {
    4: ("203.0.113.10", "203.0.113.10", "203.0.113.77", "198.51.100.20", "192.0.2.200"),
    6: ("2001:db8:cafe::10", "2001:db8:cafe::10", "2001:db8:beef::7"),
}
SNAT = {4: "10.0.4.7", 6: "2001:db8:4::7"}
HOSTS = ("shop.example.com", "shop.example.com", "www.example.com", "shop.test", "other.test")
OTHER_PORT = 30999  # no Service has it
TIERS = ("clb", "node", "pod")
GROUPS = {tier: [f"sg-{tier}0001", f"sg-{tier}0002"] for tier in TIERS}
STRICT = "sg-node0003"  # so that of two nodes sometimes only one lets a request in
GROUPS["node"].append(STRICT)


@dataclass(frozen=True, slots=True)
class Case:
    """One question on one snapshot. *features* name what is special about it."""

    seed: int
    number: int
    snapshot: Snapshot
    question: Question
    features: frozenset[str]

    @property
    def name(self) -> str:
        """The text that draws it again."""
        return f"{self.seed}/{self.number}"


def cases_of(seed: int, topology: int) -> list[Case]:
    """The cases of one topology: those with the numbers from RULE_SETS times *topology* on."""
    maker = _Topology(Random(f"{seed}/{topology}"))
    return [maker.case(seed, RULE_SETS * topology + place) for place in range(RULE_SETS)]


class _Topology(ClusterDraws):
    """Draws one topology, then rules for it as often as asked."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._draws = RuleDraws(random, [name for names in GROUPS.values() for name in names])
        self._document = self._made()

    def case(self, seed: int, number: int) -> Case:
        """New rules, bindings and a new question."""
        client = self._random.choice(CLIENTS[self.family])
        document = self._with_rules(copy.deepcopy(self._document), client)
        special = {"another client"} if client != CLIENTS[self.family][0] else set()
        question = self._question(client, special)
        return Case(seed, number, Snapshot(document), question, frozenset(self._features | special))

    def _made(self) -> Document:
        switches = self._may("original semantics", 0.08)
        semantics: Semantics = replace(ORIGINAL, tcp_listener_answers_504=False) if switches else DOCUMENTED
        told = all(pod.declares for pod in self.pods)
        semantics = replace(semantics, containers_declare_all_ports=told)  # as the lab makes its pods
        document = default_lab(listener="HTTP", semantics=semantics)
        document["cluster"]["VpcCniType"] = self.mode
        document["instances"] = [self._instance(number) for number in self.nodes]
        document["network_interfaces"] = self._interfaces()
        document["address_templates"], document["service_templates"] = ADDRESS_TEMPLATES, SERVICE_TEMPLATES
        document["address_template_groups"] = ADDRESS_TEMPLATE_GROUPS
        document["kubernetes"] = self._objects({item["kind"]: item for item in document["kubernetes"]})
        self._balance(document)
        return document

    # The load balancer

    def _balance(self, document: Document) -> None:
        self.snat = self._may("SnatPro", 0.1)
        balancer = {
            "LoadBalancerId": BALANCER,
            "LoadBalancerVips": [VIPS[self.family]],
            "AddressIPVersion": f"ipv{self.family}",
            "LoadBalancerType": "INTERNAL" if self._may("private CLB", 0.05) else "OPEN",
            "LoadBalancerPassToTarget": self._may("pass to target", 0.15) or self.family == 6,
            "SnatPro": self.snat,
            "SnatIps": [{"Ip": SNAT[self.behind]}] if self.snat else [],
        }
        document["load_balancers"], document["listeners"] = [balancer], {BALANCER: [self._listener()]}

    def _listener(self) -> Document:
        self.keepalive = self.listener.startswith("HTTP") and self._may("keep-alive", 0.15)
        common = {"ListenerId": "lbl-lab00001", "Protocol": self.listener, "Port": 80}
        common |= {"KeepaliveEnable": int(self.keepalive), "HealthCheck": self._health_check()}
        if not self.listener.startswith("HTTP"):
            return {**common, "Rules": None, "Targets": self._targets()}
        places = [(VIPS[self.family], "/")]
        if self._may("forwarding rules", 0.35):
            hosts = self._random.sample(("shop.example.com", "*.example.com", "shop.*"), 2)
            places += [(host, path) for host in hosts for path in self._random.choice((("/",), ("/", "/a"), ("=/a",)))]
        rules = [
            {"LocationId": f"loc-{place}", "Domain": host, "Url": path, "Targets": self._targets()}
            for place, (host, path) in enumerate(places)
        ]
        return {**common, "Rules": rules}

    def _health_check(self) -> Document:
        source = 0 if self._may("probes from the VIP", 0.45) else 1
        check = {"HealthSwitch": 0 if self._may("no health checks", 0.15) else 1, "SourceIpType": source}
        if self._may("CheckPort", 0.08):
            check["CheckPort"] = self._random.choice((NODE_PORT, OTHER_PORT, self.port))
        return check

    def _targets(self) -> list[Document]:
        if self._may("no targets", 0.04):
            return []
        direct = self._may("direct access", 0.25)
        mixed = direct and self._may("nodes and pods as targets", 0.3)
        pods = [self._pod_target(pod) for pod in self._random.sample(self.pods, min(len(self.pods), 2))]
        count = self._random.choice((1, 2, 2, 3))
        nodes = [self._node_target(each) for each in self._random.sample(self.nodes, min(len(self.nodes), count))]
        return [*(pods if direct else []), *(nodes if mixed or not direct else [])]

    def _weight(self) -> int:
        return 0 if self._may("weight 0", 0.08) else self._random.choice((10, 10, 10, 20))

    def _node_target(self, number: int) -> Document:
        port = OTHER_PORT if self._may("wrong NodePort", 0.06) else NODE_PORT
        place = {"InstanceId": f"ins-node{number}001", "PrivateIpAddresses": [NODES[self.behind].format(number)]}
        return {"Type": "CVM", **place, "Port": port, "Weight": self._weight()}

    def _pod_target(self, pod: Pod) -> Document:
        place = {"InstanceId": f"ins-node{pod.node}001", "PrivateIpAddresses": [pod.address(self.behind)]}
        return {"Type": "ENI", **place, "Port": self.port, "Weight": self._weight()}

    # Rules, bindings, questions

    def _with_rules(self, document: Document, client: str) -> Document:
        """Draw every group's lists anew, and what is bound where."""
        document["load_balancers"][0]["SecureGroups"] = self._bound("clb")
        for instance in document["instances"]:
            instance["SecurityGroupIds"] = self._bound("node")
        for item in document["network_interfaces"]:
            item["GroupSet"] = self._bound("pod")
        document["security_groups"] = {
            name: self._group(name, self._coming(tier, client)) for tier in TIERS for name in GROUPS[tier]
        }
        return document

    def _bound(self, tier: str) -> list[str]:
        if self._chance(0.06):
            return []
        groups = GROUPS[tier] if self._chance(0.94) else GROUPS[self._random.choice(TIERS)]
        return self._random.sample(groups, self._random.choice((1, 1, 2)))

    def _coming(self, tier: str, client: str) -> Packets:
        """What comes to the interfaces of a tier, more or less."""
        at_target = [SNAT[self.behind]] if self.snat else ["100.127.0.0/16"] if self.keepalive else [client]
        at_target += [VIPS[self.family]] if self._chance(0.7) else []  # probes
        if tier == "clb":
            return Packets([client, client], self.transport, [80])
        nodes = [NODES[self.behind].format(number) for number in self.nodes]
        if tier == "node":
            return Packets(at_target, self.transport, [NODE_PORT])
        return Packets([*at_target, *nodes], self.transport, [self.port])

    def _group(self, name: str, packets: Packets) -> Document:
        leaving = Packets([PODS[self.behind].format(1)], self.transport, [self.port])
        kindness = 0.3 if name == STRICT else 0.9
        rules = {"Ingress": self._draws.ingress(packets, kindness), "Egress": self._draws.egress(leaving)}
        return {"SecurityGroupName": name, "SecurityGroupPolicySet": {"Version": "1", **rules}}

    def _question(self, client: str, special: set[str]) -> Question:
        question = Question(client=client, service=SERVICE)
        if self._chance(0.04):
            special.add("no listener")
            return replace(question, port=81, protocol=self.transport)
        if "forwarding rules" in self._features and self._chance(0.7):
            return replace(question, host=self._random.choice(HOSTS), path=self._random.choice(("/", "/a", "/a/b")))
        return question
