"""Random policies about pods, and Namespaces, for worlds.py; see there."""

from worlds_draws import Draws

PEER_BLOCKS = (
    *("0.0.0.0/0", "0.0.0.0/0", "203.0.113.0/24", "10.0.1.0/24", "100.64.0.0/10", "::/0", "10.0.0.0/8"),
    *("10.0.1.1/32", "10.0.5.0/24", "192.0.2.0/24", "203.0.113.10/32", "2001:db8::/32", "2001:db8:1::/64"),
)
EXCEPTIONS = {"0.0.0.0/0": ("10.0.1.0/24", "203.0.113.128/25", "192.0.2.10/32"), "::/0": ("2001:db8:3::1/128",)}
LABELS = ({"app": "web"}, {"pod": "0"}, {"pod": "1", "app": "web"}, {"pod": "none"})
EXPRESSIONS = (
    {"key": "app", "operator": "DoesNotExist"},
    {"key": "app", "operator": "Exists"},
    {"key": "pod", "operator": "In", "values": ["0", "2"]},
    {"key": "pod", "operator": "NotIn", "values": ["0"]},
)
UNHEARD_OF = {"key": "app", "operator": "Gt", "values": ["1"]}
PEERS = (
    *({"podSelector": {}}, {"podSelector": {"matchLabels": {"app": "web"}}}, {"namespaceSelector": {}}, {}),
    *({"namespaceSelector": {"matchLabels": {"team": "shop"}}}, {"podSelector": None, "namespaceSelector": {}}),
    {"podSelector": {"matchLabels": {"app": "web"}}, "namespaceSelector": {"matchLabels": {"team": "shop"}}},
)
POLICY_PORTS = (
    *({"protocol": "TCP", "port": 8080}, {"port": 8080}, {"protocol": "UDP"}, {"port": 8000, "endPort": 8080}),
    *({"protocol": "TCP"}, {"port": "web"}, {"protocol": "UDP", "port": 8081}, {"port": 8000, "endPort": 9000}),
    *({"port": "p-0"}, {"protocol": "TCP", "port": "p-1"}, {"port": None}),
)


class PolicyMaker(Draws):
    """Draws policies that select pods by their labels."""

    def policy(self) -> dict:
        """A policy that binds groups to some pods."""
        selector = {"podSelector": self.selector()}
        if self.chance(0.1):
            labels = self.random.choice(LABELS)
            selector = {"serviceAccountSelector": {"matchLabels": labels}}
        return {
            "kind": "SecurityGroupPolicy",
            "metadata": {"namespace": self.random.choice(("shop", "shop", "other")), "name": "policy"},
            "spec": {**selector, "securityGroups": {"groupIds": ["sg-1"]}},
        }

    def selector(self) -> dict:
        """Labels, expressions, both or everything."""
        kind = self.random.random()
        if kind < 0.1:
            return {}
        if kind < 0.3:
            return {"matchExpressions": [dict(self.random.choice(EXPRESSIONS))]}
        selector = {"matchLabels": dict(self.random.choice(LABELS))}
        return selector if kind < 0.85 else {**selector, "matchExpressions": [dict(self.random.choice(EXPRESSIONS))]}

    def network_policies(self) -> list[dict]:
        """Policies about what may come in, mostly for the namespace of the pods, and the Namespaces."""
        found = [self.network_policy(number) for number in range(self.random.choice((1, 1, 1, 2, 2, 3)))]
        for name in ("shop", "other", "kube-system"):
            if self.chance(0.7):
                labels = {"labels": {"team": "shop"} if name == "shop" else {}} if self.chance(0.8) else {}
                found.append({"kind": "Namespace", "metadata": {"name": name, **labels}})
        return found

    def network_policy(self, number: int) -> dict:
        """A policy about what may come in, or about what may go out."""
        spec = {"podSelector": self.selector() if self.chance(0.7) else {}, "policyTypes": ["Ingress"]}
        kind = self.random.random()
        if kind < 0.2:
            spec["policyTypes"] = self.random.choice((["Egress"], ["Ingress", "Egress"]))
        elif kind < 0.4:
            self.lose(spec, "policyTypes")
        if self.chance(0.85):
            spec["ingress"] = [self.ingress_rule() for _ in range(self.random.choice((1, 1, 2)))]
        elif self.chance(0.5):
            spec["ingress"] = self.random.choice(([], None))
        if self.chance(0.05):
            spec["podSelector"] = {"matchExpressions": [dict(UNHEARD_OF)]}
        elif self.chance(0.03):
            self.lose(spec, "podSelector")
        elif self.chance(0.03):
            spec = self.random.choice(({}, None))
        namespace = self.random.choice(("shop", "shop", "shop", "shop", "other"))
        return {"kind": "NetworkPolicy", "metadata": {"namespace": namespace, "name": f"np-{number}"}, "spec": spec}

    def ingress_rule(self) -> dict:
        """Peers and ports, each of which may be left out."""
        rule = {}
        if self.chance(0.75):
            rule["from"] = [self.peer() for _ in range(self.random.choice((1, 1, 2)))]
        if self.chance(0.4):
            rule["ports"] = [dict(self.random.choice(POLICY_PORTS)) for _ in range(self.random.choice((1, 1, 2)))]
        for field in ("from", "ports"):
            if field not in rule and self.chance(0.2):
                rule[field] = self.random.choice(([], None))
        return rule

    def peer(self) -> dict:
        """A block, or pods."""
        if self.chance(0.65):
            return dict(self.random.choice(PEERS))
        block = {"cidr": self.random.choice(PEER_BLOCKS)}
        if block["cidr"] in EXCEPTIONS and self.chance(0.6):
            block["except"] = [self.random.choice(EXCEPTIONS[block["cidr"]])]
        return {"ipBlock": block}
