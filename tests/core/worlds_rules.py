"""Random security groups and templates over a small universe of addresses and ports, so that rules meet packets."""

from worlds_draws import Draws

CLIENTS = {4: ("203.0.113.10", "203.0.113.200", "10.0.3.1", "100.64.3.1"), 6: ("2001:db8:3::1", "2001:db8:3::2")}
NODES = {4: ("10.0.1.1", "10.0.1.2", "10.0.1.3"), 6: ("2001:db8:1::1", "2001:db8:1::2", "2001:db8:1::3")}
PODS = {4: ("10.0.2.1", "10.0.2.2", "10.0.2.3"), 6: ("2001:db8:2::1", "2001:db8:2::2", "2001:db8:2::3")}
GONE = {4: "10.0.2.4", 6: "2001:db8:2::4"}  # a pod that is registered still
SNAT = {4: ("10.0.5.1", "10.0.5.2"), 6: ("2001:db8:5::1", "2001:db8:5::2")}
VIPS = {4: ("192.0.2.10", "192.0.2.20", "10.0.4.1"), 6: ("2001:db8:4::1", "2001:db8:4::2")}
GROUPS = ("sg-1", "sg-2", "sg-3", "sg-4", "sg-5", "sg-6")
LISTENER_PORTS, NODE_PORTS, POD_PORTS = (80, 81), (30080, 30081, 30082), (8080, 8081)

BLOCKS = {
    4: (
        *("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/8", "203.0.113.0/24", "203.0.113.128/25", "203.0.113.10"),
        *("10.0.0.0/8", "10.0.1.0/24", "10.0.1.1", "10.0.1.2/31", "10.0.2.0/30", "10.0.2.1/32", "10.0.3.1"),
        *("10.0.5.0/24", "10.0.5.1", "100.64.0.0/10", "100.127.0.0/16", "100.127.128.0/17", "100.127.0.0/17"),
        *("192.0.2.0/24", "192.0.2.10", "192.0.2.0/25", "128.0.0.0/1"),
    ),
    6: (
        *("::/0", "::/0", "2001:db8::/32", "2001:db8:1::/64", "2001:DB8:1::1", "2001:db8:1::2/127", "2001:db8:2::/64"),
        *("2001:db8:2::1/128", "2001:db8:3::/64", "2001:db8:3::1", "2001:db8:4::/64", "2001:db8:5::1", "8000::/1"),
    ),
}
PORTS = (
    *("80", "80,81", "81", "8080", "8080-8081", "8081", "30080", "30000-32767", "30080,30081", "30082", "1-65535"),
    *("80,8080,30080", "ALL", "all", "", None),
)
ADDRESSES_IN_TEMPLATES = (
    *("203.0.113.10", "203.0.113.0-203.0.113.99", "10.0.1.1-10.0.1.2", "10.0.1.0/30", "10.0.2.2", "10.0.3.0/24"),
    *("100.127.0.0-100.127.200.0", "192.0.2.10", "10.0.5.1", "2001:db8:1::/64", "2001:db8:3::1-2001:db8:3::1"),
)
SERVICES_IN_TEMPLATES = (
    *("TCP:80", "TCP:80,8080", "TCP:30000-32767", "TCP:ALL", "UDP:80-81", "UDP:30080", "UDP:ALL", "ICMP", "ALL"),
    *("TCP:8080", "TCP:8080-8081"),
)
EVERYTHING = (
    {"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0"},
    {"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "Ipv6CidrBlock": "::/0"},
)


PING = {"Action": "ACCEPT", "Protocol": "ICMP", "Port": "ALL", "CidrBlock": "0.0.0.0/0"}


class Rules:
    """Draws rules, groups and templates; rules may name groups and templates where the feature "names" is on."""

    def __init__(self, draws: Draws, *, six: bool) -> None:
        self.random = draws.random
        self.draws = draws
        self.names = "names" in draws.features
        self.six = six

    def peer(self, version: int) -> dict:
        """One peer: a block, or sometimes a name."""
        kind = self.random.random() if self.names else 0.5
        if kind < (0.10 if version == 4 else 0.20):
            return {"SecurityGroupId": self.random.choice((*GROUPS, "sg-other", "sg-other", "100012345678/sg-other"))}
        if kind > 0.97:
            return {"AddressTemplate": {"AddressId": "", "AddressGroupId": self.random.choice(("ipmg-1", "ipmg-2"))}}
        if kind > 0.91:
            return {"AddressTemplate": {"AddressId": self.random.choice(("ipm-1", "ipm-2", "ipm-3"))}}
        return {"CidrBlock" if version == 4 else "Ipv6CidrBlock": self.random.choice(BLOCKS[version])}

    def service(self, version: int) -> dict:
        """A protocol and ports, or sometimes a template."""
        kind = self.random.random()
        if self.names and kind < 0.06:
            return {"ServiceTemplate": {"ServiceId": self.random.choice(("ppm-1", "ppm-2", "ppm-3"))}}
        if self.names and kind < 0.09:
            return {"ServiceTemplate": {"ServiceGroupId": self.random.choice(("ppmg-1", "ppmg-2"))}}
        protocol = self.random.choice(("TCP", "TCP", "tcp", "UDP", "UDP", "ICMP", "ALL", "ALL", "all"))
        if protocol == "ICMP" and version == 6:
            protocol = "ICMPV6"
        ports = PORTS if protocol.upper() in ("TCP", "UDP") else ("ALL", "", None)
        return {"Protocol": protocol, "Port": self.random.choice(ports)}

    def rule(self) -> dict:
        """One rule, twice as often in favour as against."""
        version = 6 if self.six and self.random.random() < 0.5 else 4
        action = self.random.choice(("ACCEPT", "ACCEPT", "accept", "ACCEPT", "DROP", "drop"))
        return {"Action": action, **self.peer(version), **self.service(version)}

    def listed(self, open_share: float) -> list[dict]:
        """One direction of a group: everything allowed, nothing, or a few rules above either end."""
        kind = self.random.random()
        if kind < open_share:
            rules = self.everything()
        elif kind < open_share + 0.08:
            rules = []
        elif kind < open_share + (0.2 if "udp" in self.draws.used else 0.09):
            rules = [dict(PING)]
        else:
            rules = [self.rule() for _ in range(self.random.randint(1, 4))]
            rules += self.everything() if self.random.random() < 0.55 else []
        return self.numbered(rules)

    def everything(self) -> list[dict]:
        """Rules that admit everybody, at times of one family only."""
        rules = [dict(rule) for rule in EVERYTHING]
        return [self.random.choice(rules)] if self.six and self.random.random() < 0.25 else rules

    def numbered(self, rules: list[dict]) -> list[dict]:
        """Numbered from the top, not at all, or listed in another order than numbered."""
        kind = self.random.random()
        if kind < 0.3:
            return rules
        rules = [{"PolicyIndex": number, **rule} for number, rule in enumerate(rules)]
        if kind < 0.5:
            self.random.shuffle(rules)
        return rules

    def group(self) -> dict:
        """One security group."""
        lists = {"Ingress": self.listed(0.5), "Egress": self.listed(0.65)}
        return {"SecurityGroupName": "g", "SecurityGroupPolicySet": {"Version": "1", **lists}}

    def some(self, items: tuple[str, ...]) -> list[str]:
        """A few of the items in any order, at times none."""
        return self.random.sample(items, self.random.randint(0, 3))

    def templates(self) -> dict:
        """All four kinds of templates; the third of each kind and the second group's member are not in the snapshot."""
        found = {}
        for kind, field, prefix, texts in (
            ("address", "Address", "ipm", ADDRESSES_IN_TEMPLATES),
            ("service", "Service", "ppm", SERVICES_IN_TEMPLATES),
        ):
            names, id_list = [f"{prefix}-{number}" for number in (1, 2, 3)], f"{field}TemplateIdSet"
            listed = names[:2], self.random.choice((names[1:], names[1:2], []))
            found[f"{kind}_templates"] = {name: self.spelled(field, self.some(texts)) for name in names[:2]}
            found[f"{kind}_template_groups"] = {
                f"{prefix}g-{number}": self.bare({id_list: members}) for number, members in enumerate(listed, 1)
            }
        return found

    def spelled(self, field: str, texts: list[str]) -> dict:
        """A template in one of the API's two spellings, or in both."""
        plain, extra = {f"{field}Set": texts}, {f"{field}ExtraSet": [{field: text} for text in texts]}
        return self.bare(self.random.choice((plain, extra, plain | extra, plain | {f"{field}ExtraSet": None})))

    def bare(self, template: dict) -> dict:
        """A template, or a group of them, at times without what it lists."""
        return self.random.choice(({}, dict.fromkeys(template))) if self.draws.may("bare templates", 0.06) else template
