"""Random security groups and templates over a small universe of addresses and ports, so that rules meet packets."""

from random import Random

CLIENTS = {4: ("203.0.113.10", "203.0.113.200", "10.0.3.1", "100.64.3.1"), 6: ("2001:db8:3::1", "2001:db8:3::2")}
NODES = {4: ("10.0.1.1", "10.0.1.2", "10.0.1.3"), 6: ("2001:db8:1::1", "2001:db8:1::2", "2001:db8:1::3")}
PODS = {4: ("10.0.2.1", "10.0.2.2", "10.0.2.3"), 6: ("2001:db8:2::1", "2001:db8:2::2", "2001:db8:2::3")}
SNAT = {4: ("10.0.5.1", "10.0.5.2"), 6: ("2001:db8:5::1", "2001:db8:5::2")}
VIPS = {4: ("192.0.2.10", "192.0.2.20", "10.0.4.1"), 6: ("2001:db8:4::1", "2001:db8:4::2")}
GROUPS = ("sg-1", "sg-2", "sg-3", "sg-4", "sg-5", "sg-6")
LISTENER_PORTS, NODE_PORTS, POD_PORTS = (80, 81), (30080, 30081, 30082), (8080, 8081)

BLOCKS = {
    4: (
        *("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/8", "203.0.113.0/24", "203.0.113.128/25", "203.0.113.10"),
        *("10.0.0.0/8", "10.0.1.0/24", "10.0.1.1", "10.0.1.2/31", "10.0.2.0/30", "10.0.2.1/32", "10.0.3.1"),
        *("10.0.5.0/24", "10.0.5.1", "100.64.0.0/10", "100.127.0.0/16", "100.127.128.0/17", "100.127.0.0/17"),
        *("192.0.2.0/24", "192.0.2.10", "128.0.0.0/1"),
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


class Rules:
    """Draws rules, groups and templates; *names* says whether rules may name groups and templates."""

    def __init__(self, random: Random, *, names: bool, six: bool) -> None:
        self.random = random
        self.names = names
        self.six = six

    def peer(self, version: int) -> dict:
        """One peer: a block, or sometimes a name."""
        kind = self.random.random() if self.names else 1.0
        if kind < 0.10:
            return {"SecurityGroupId": self.random.choice((*GROUPS, *("sg-other",) * 3))}
        if kind < 0.16:
            return {"AddressTemplate": {"AddressId": self.random.choice(("ipm-1", "ipm-2", "ipm-3"))}}
        if kind < 0.19:
            return {"AddressTemplate": {"AddressId": "", "AddressGroupId": self.random.choice(("ipmg-1", "ipmg-2"))}}
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
            rules = [dict(rule) for rule in EVERYTHING]
        elif kind < open_share + 0.08:
            rules = []
        else:
            rules = [self.rule() for _ in range(self.random.randint(1, 4))]
            rules += [dict(rule) for rule in EVERYTHING] if self.random.random() < 0.45 else []
        return self.numbered(rules)

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
        lists = {"Ingress": self.listed(0.4), "Egress": self.listed(0.65)}
        return {"SecurityGroupName": "g", "SecurityGroupPolicySet": {"Version": "1", **lists}}

    def some(self, items: tuple[str, ...]) -> list[str]:
        """A few of the items in any order, at times none."""
        return self.random.sample(items, self.random.randint(0, 3))

    def templates(self) -> dict:
        """All four kinds of templates; the third of each kind and the second group's member are not in the snapshot."""
        addresses = {"ipm-1": self.some(ADDRESSES_IN_TEMPLATES), "ipm-2": self.some(ADDRESSES_IN_TEMPLATES)}
        services = {"ppm-1": self.some(SERVICES_IN_TEMPLATES), "ppm-2": self.some(SERVICES_IN_TEMPLATES)}
        return {
            "address_templates": {key: self.spelled("Address", value) for key, value in addresses.items()},
            "address_template_groups": {
                "ipmg-1": {"AddressTemplateIdSet": ["ipm-1", "ipm-2"]},
                "ipmg-2": {"AddressTemplateIdSet": self.random.choice((["ipm-2", "ipm-3"], ["ipm-2"], []))},
            },
            "service_templates": {key: self.spelled("Service", value) for key, value in services.items()},
            "service_template_groups": {
                "ppmg-1": {"ServiceTemplateIdSet": ["ppm-1", "ppm-2"]},
                "ppmg-2": {"ServiceTemplateIdSet": self.random.choice((["ppm-2", "ppm-3"], ["ppm-2"], []))},
            },
        }

    def spelled(self, field: str, texts: list[str]) -> dict:
        """A template in one of the API's two spellings."""
        if self.random.random() < 0.5:
            return {f"{field}Set": texts}
        return {f"{field}ExtraSet": [{field: text} for text in texts]}
