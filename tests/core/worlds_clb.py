"""Random load balancers, listeners and targets for worlds.py; see there."""

from random import Random

from worlds_cluster import ClusterMaker
from worlds_draws import without_twins
from worlds_rules import GONE, NODE_PORTS, NODES, POD_PORTS, SNAT, VIPS

LISTENERS = (("TCP", "layer 4"), ("TCP", "layer 4"), ("HTTP", "layer 7"), ("HTTPS", "layer 7"), ("HTTP", "layer 7"))
HOSTS = (
    *("shop.example.com", "SHOP.test", "*.example.com", "*.com", "shop.example.*", "shop.*", "other.example.com"),
    "~^shop",
)
NAMING = ("service.kubernetes.io/loadbalance-id", "service.kubernetes.io/tke-existed-lbid")
PLAIN_PATHS = ("/", "/a", "/a/b")
PATHS = ("/", "/a", "/a/b", "=/a", "^~/a", "^~/a/b", "~ ^/a", "~* b$")


class BalancerMaker(ClusterMaker):
    """Draws load balancers with listeners, forwarding rules and targets."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        super().__init__(random, features)
        self.halves: list[tuple[dict, str]] = []  # targets that are known by their instance only, and the address
        self.balancers = self.make_balancers()

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
                other = self.random.choice(balancers) if way < 0.1 else balancer
                annotations["service.kubernetes.io/tke-existed-lbid"] = other["LoadBalancerId"]
            vips = self.vips(balancer)
            shown = {"ip": vips[0]} if vips else {"hostname": balancer["LoadBalancerDomain"]}
            service["status"]["loadBalancer"]["ingress"] = [shown]
        return balancers

    def balancer(self, number: int) -> dict:
        """One load balancer."""
        internal = self.may("internal", 0.13)
        balancer = {
            "LoadBalancerId": f"lb-{number}",
            "LoadBalancerType": "INTERNAL" if internal else "OPEN",
            "LoadBalancerVips": ["10.0.4.1" if internal and not number else VIPS[4][number]],
            "AddressIPVersion": "ipv4",
            "Forward": 0 if self.may("not modelled", 0.02) else 1,
            "SecureGroups": self.some_groups() if self.chance(0.8) else [],
        }
        balancer |= self.other_addresses(number, internal)
        balancer |= self.switches()
        if not internal and self.chance(0.1):
            self.lose(balancer, "LoadBalancerType")
        if balancer["Forward"] and self.chance(0.05):
            self.lose(balancer, "Forward")
        if balancer["AddressIPVersion"] == "ipv4" and self.chance(0.05):
            self.lose(balancer, "AddressIPVersion")
        if not balancer["LoadBalancerVips"] and self.chance(0.3):
            self.lose(balancer, "LoadBalancerVips")
        if self.vpcs and self.chance(0.8):
            balancer["VpcId"] = self.vpc()
            if self.chance(0.35):
                balancer["TargetRegionInfo"] = {
                    "Region": "ap-guangzhou",
                    "VpcId": self.random.choice(("vpc-1", "vpc-2", "", None)),
                }
        if self.may("unread", 0.03):
            self.lose(balancer, "SecureGroups")
        if self.may("Snat", 0.02):
            balancer["Snat"] = True
        elif self.chance(0.1):
            balancer["Snat"] = False
        return balancer

    def other_addresses(self, number: int, internal: bool) -> dict:
        """IPv6 besides IPv4 or in its place, a second VIP, or a domain name in the place of all of them."""
        six = {"LoadBalancerVips": [], "AddressIPv6": VIPS[6][number], "AddressIPVersion": "ipv6"}
        if self.six and not internal and self.chance(0.6):
            both = {"AddressIPv6": VIPS[6][number]}
            listed = {**six, "LoadBalancerVips": [VIPS[6][number]], "AddressIPv6": None}
            return self.random.choice((six, listed, both, both))
        if self.may("domain name", 0.15):
            version = "ipv6" if self.six and not internal and self.chance(0.3) else "ipv4"
            name = f"lb-{number}.example.com"
            return {"LoadBalancerVips": [], "LoadBalancerDomain": name, "AddressIPVersion": version}
        if self.may("two VIPs", 0.25):
            return {"LoadBalancerVips": self.random.sample((VIPS[4][number], f"10.0.4.{20 + number}"), 2)}
        return {}

    def switches(self) -> dict:
        """Pass-to-target and SnatPro."""
        switches = {"LoadBalancerPassToTarget": self.may("pass to target", 0.25)}
        if self.may("no pass to target", 0.05):
            self.lose(switches, "LoadBalancerPassToTarget")
        if self.may("SnatPro", 0.2):
            switches["SnatPro"] = True
            own = [{"Ip": address} for version in self.versions() for address in SNAT[version]]
            switches["SnatIps"] = own if self.chance(0.7) else own[::2]
            if self.chance(0.3):
                self.lose(switches, "SnatIps")
        return switches

    @staticmethod
    def vips(balancer: dict) -> list[str]:
        """All fixed addresses of a load balancer."""
        return [vip for vip in [*(balancer.get("LoadBalancerVips") or ()), balancer.get("AddressIPv6")] if vip]

    @classmethod
    def carries(cls, balancer: dict, service: dict) -> bool:
        """Whether a Service is on this load balancer: what its annotations say goes before its status."""
        annotations, shown = service["metadata"]["annotations"], service["status"]["loadBalancer"]["ingress"][0]
        named = [annotations[key] for key in NAMING if annotations.get(key)]
        if named:
            return balancer["LoadBalancerId"] == named[0]
        if "ip" in shown:
            return shown["ip"] in cls.vips(balancer)
        return shown["hostname"] == balancer.get("LoadBalancerDomain")

    @staticmethod
    def is_six(balancer: dict) -> bool:
        """Whether a load balancer's own addresses are IPv6."""
        return balancer.get("AddressIPVersion") == "ipv6"

    # Listeners.

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
        listener |= self.listener_switches()
        if protocol not in ("HTTP", "HTTPS"):
            return self.with_targets({**listener, "Rules": None}, port, balancer)
        listener["Rules"] = self.forwarding_rules(port, balancer)
        if self.may("no domain", 0.09):
            rule = self.random.choice(listener["Rules"])
            rule.pop("Domains", None)
            self.lose(rule, "Domain")
        return {**listener, "Rules": self.random.choice(([], None))} if self.may("no rules", 0.08) else listener

    def listener_switches(self) -> dict:
        """Keep-alive towards targets, and clients that stay with a target."""
        switches = {"KeepaliveEnable": 1 if self.may("keep-alive", 0.25) else 0}
        if self.may("no keep-alive", 0.1):
            self.lose(switches, "KeepaliveEnable")
        if self.may("session", 0.1):
            switches["SessionExpireTime"] = 300
        elif self.chance(0.3):
            switches["SessionExpireTime"] = 0
        return switches

    def forwarding_rules(self, port: dict, balancer: dict) -> list[dict]:
        """Mostly the one rule that fits; else several hosts and paths, of all kinds that are on."""
        hosts = self.random.sample(HOSTS, self.random.randint(1, 3)) if self.may("hosts", 0.3) else HOSTS[:1]
        found = []
        for host in hosts:
            every = PATHS if self.may("paths", 0.4) else PLAIN_PATHS
            for path in self.random.sample(every, self.random.randint(1, 3)) if self.chance(0.4) else ["/"]:
                rule = {"LocationId": f"loc-{len(found)}", "Url": path, **self.domains(host)}
                if self.may("no URL", 0.04):
                    self.lose(rule, "Url")
                if self.may("redirect", 0.04):
                    rule["RewriteTarget"] = self.redirection()
                if self.chance(0.15):
                    rule["HealthCheck"] = self.health_check()
                found.append(self.with_targets(rule, port, balancer))
        if self.may("hosts", 0.6):
            self.random.choice(found)["DefaultServer"] = True
        return found

    def redirection(self) -> dict | None:
        """Where a rule sends its clients; at times nowhere."""
        target = {"TargetListenerId": "lbl-other", "TargetLocationId": "loc-other", "RewriteCode": 302}
        if self.chance(0.4):
            self.lose(target, "RewriteCode")
        return target if self.chance(0.85) else self.random.choice((None, {}, {"TargetListenerId": None}))

    def domains(self, host: str) -> dict:
        """A rule's domain, or its several domains."""
        if self.may("hosts", 0.2) and not any(sign in host for sign in "*~"):
            return {"Domain": host, "Domains": [host, f"www.{host}"]}
        return {"Domain": host}

    def health_check(self) -> dict | None:
        """On or off, from the VIP or from 100.64.0.0/10, or not said."""
        check = {"HealthSwitch": 0 if self.chance(0.1) else 1, "SourceIpType": self.random.choice((1, 0, 0))}
        if self.may("no probe source", 0.08):
            self.lose(check, "SourceIpType")
        if self.may("no health switch", 0.04):
            self.lose(check, "HealthSwitch")
        if self.may("CheckPort", 0.2):
            check["CheckPort"] = self.random.choice((*NODE_PORTS, *POD_PORTS, 30999))
        if self.health_ports and self.may("healthCheckNodePort", 0.45):
            check["CheckPort"] = self.random.choice(self.health_ports)
        if self.may("HTTP checks", 0.6 if check.get("CheckPort") in self.health_ports else 0.2):
            check |= self.wanted_answers()
        whole = not self.chance(0.02)
        self.used |= set() if whole else {"no probe source", "no health switch"} & self.features
        return check if whole or not {"no probe source", "no health switch"} <= self.features else None

    def wanted_answers(self) -> dict:
        """How probes ask and which answers they want; one of the two may not have been read."""
        check = {
            "CheckType": self.random.choice(("TCP", "HTTP", "HTTP", "HTTP", "HTTPS", "GRPC", "CUSTOM")),
            "HttpCode": self.random.choice((1, 2, 2, 4, 16, 18, 31)),
        }
        if self.chance(0.5):
            self.lose(check, "CheckType", "HttpCode", "HttpCode")
        return check

    # Targets.

    def with_targets(self, holder: dict, port: dict, balancer: dict) -> dict:
        """A listener or forwarding rule with its targets, which may not have been read."""
        holder["Targets"] = self.targets(port, balancer)
        if self.may("targets not read", 0.03):
            self.lose(holder, "Targets")
        return holder

    def targets(self, port: dict, balancer: dict) -> list[dict]:
        """Nodes or pods, or both; of the family of the load balancer, or of the other where that is on."""
        version = 6 if self.is_six(balancer) else 4
        if (version == 6 and self.may("nat64", 0.5)) or (self.six and version == 4 and self.may("not modelled", 0.05)):
            version = 10 - version
        every = []
        direct = bool(self.pods) and self.may("eni targets", 0.35)
        mixed = direct and self.chance(0.15)
        if not direct or mixed:
            every += [self.node_target(number, port, version) for number in self.nodes]
        if direct:
            every += [self.pod_target(self.address(number, version), port) for number in self.pods]
            every += [self.pod_target(GONE[version], port)] if self.may("stale targets", 0.1) else []
        every = without_twins(every)
        self.random.shuffle(every)
        return every[: self.random.choice((1, 2, 2, 3, 3, 4))] if self.chance(0.97) else []

    def weighted(self, target: dict) -> dict:
        """A target with a weight, with none said, or with 0."""
        target["Weight"] = self.random.choice((10, 10, 10, 10, 20, 0 if self.chance(0.5) else 1))
        if self.may("no weight", 0.02):
            self.lose(target, "Weight")
        return target

    def node_target(self, number: int, port: dict, version: int) -> dict:
        """A node, at times with a NodePort that is another Service's or nobody's."""
        own = port.get("nodePort") or 30999
        if self.claimed and self.chance(0.5):
            own = port["port"]
        target = {
            "Type": self.random.choice(("CVM", "CVM", "cvm")),
            "InstanceId": f"ins-{number}",
            "Port": own if self.chance(0.86) else self.random.choice((*NODE_PORTS, 30999, 30999, 9999, 80)),
            "PrivateIpAddresses": [NODES[version][number]],
        }
        if self.may("no type", 0.015):
            self.lose(target, "Type")
        if self.may("not modelled", 0.02):
            target["Type"] = "CCN"
        if self.may("instance elsewhere", 0.015):
            target["PrivateIpAddresses"] = [NODES[version][(number + 1) % 3]]
        elif self.may("half a target", 0.03):
            self.lose(target, "InstanceId", "PrivateIpAddresses")
            self.halves.append((target, NODES[version][number]))
        return self.weighted(target)

    def pod_target(self, address: str, port: dict) -> dict:
        """A pod."""
        numbered = isinstance(port["targetPort"], int) and self.chance(0.9)
        chosen = port["targetPort"] if numbered else self.random.choice(POD_PORTS)
        kind = self.random.choice(("ENI", "ENI", "eni"))
        return self.weighted({"Type": kind, "PrivateIpAddresses": [address], "Port": chosen})
