"""Random instances, interfaces and groups for worlds.py; see there."""

import json
from random import Random

from worlds_kubernetes import VERSIONS, KubernetesMaker
from worlds_rules import GONE, GROUPS, NODES, PODS, Rules


class ClusterMaker(KubernetesMaker):
    """Draws what the cloud says of the cluster: network, groups, instances, interfaces."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        super().__init__(random, features)
        self.rules = Rules(self, six=self.six)
        self.node_groups = [self.some_groups() for _ in self.nodes]
        self.vpcs = self.may("VPCs", 0.1)

    def cluster(self) -> dict:
        """Network and interface mode, and the add-on's setting for pod interfaces."""
        settings = (
            *({"enableSecurityGroups": False}, {"enableSecurityGroups": True, "securityGroups": []}),
            *({"enableSecurityGroups": True, "securityGroups": self.some_groups()}, None),
        )
        cluster = {"eniipamd": self.random.choice(settings)}
        if cluster["eniipamd"] is None or self.chance(0.03):
            self.lose(cluster, "eniipamd")
        if self.chance(0.85):
            cluster |= {"NetworkType": "VPC-CNI", "VpcCniType": "tke-route-eni"}
        if self.may("exclusive", 0.25):
            cluster["VpcCniType"] = "tke-direct-eni"
        if self.may("versions", 0.15):
            cluster["ClusterVersion"] = self.random.choice(VERSIONS)
        if self.enforced:
            cluster["networkpolicy"] = {"enforced": True}
        elif self.may("not enforced", 0.03):
            cluster["networkpolicy"] = {"enforced": False}
        elif self.chance(0.03):
            cluster["networkpolicy"] = self.random.choice((None, {}, {"enforced": None}))
        if self.may("Property", 0.08):
            self.move_into_property(cluster)
        if self.may("not modelled", 0.02):
            cluster |= self.random.choice(({"NetworkType": "GR"}, {"VpcCniType": "tke-other-eni"}))
        return {**cluster, **self.network_settings()}

    def network_settings(self) -> dict:
        """The cluster's VPC, where it tells one."""
        if not self.vpcs or self.chance(0.5):
            return {}
        return {"ClusterNetworkSettings": {"VpcId": self.vpc() if self.chance(0.9) else ""}}

    def vpc(self) -> str:
        """Mostly the one, now and then another."""
        return "vpc-1" if self.chance(0.94) else "vpc-2"

    def move_into_property(self, cluster: dict) -> None:
        """Kind of network and of interfaces as the API tells them, in a text; now and then one that cannot be read."""
        fields = {name: cluster.pop(name) for name in ("NetworkType", "VpcCniType") if name in cluster}
        if self.chance(0.1):
            fields = self.random.choice(({"NetworkType": "GR"}, {"NetworkType": "VPC-CNI"}, {}))
        cluster["Property"] = json.dumps(fields)
        if self.chance(0.1):
            cluster["Property"] = self.random.choice(("[]", "not JSON", "", None))
            cluster |= {"NetworkType": "VPC-CNI"} if self.chance(0.5) else {}

    # Groups.

    def groups(self) -> dict:
        """The groups' rules; now and then a group, or a list of it, was not read."""
        groups = {name: self.rules.group() for name in GROUPS}
        if self.may("unread", 0.12):
            name = self.random.choice(GROUPS)
            lost = self.random.choice(("group", "set", "Ingress", "Egress"))
            if lost == "group":
                del groups[name]
            elif lost == "set":
                self.lose(groups[name], "SecurityGroupPolicySet")
            else:
                del groups[name]["SecurityGroupPolicySet"][lost]
        return groups

    def some_groups(self) -> list[str]:
        """The groups of one interface, in any order; now and then the last is one that was never read."""
        chosen = self.random.sample(GROUPS, self.random.choice((0, 1, 1, 1, 2, 3)))
        return [*chosen, "sg-other"] if chosen and self.may("unread", 0.04) else chosen

    # Nodes and interfaces.

    def instance(self, number: int) -> dict:
        """One node's instance."""
        addresses = [NODES[4][number]]
        if self.may("two addresses", 0.1):
            addresses.insert(self.random.randint(0, 1), f"10.0.1.{number + 101}")
        instance = {
            "InstanceId": f"ins-{number}",
            "InstanceName": f"cvm-{number}" if self.may("node names", 0.4) else f"node-{number}",
            "InstanceState": self.state(),
            "PrivateIpAddresses": addresses,
            "SecurityGroupIds": self.node_groups[number],
        }
        if self.six:
            instance["IPv6Addresses"] = [NODES[6][number]]
        if self.vpcs and self.chance(0.8):
            instance["VirtualPrivateCloud"] = {"VpcId": self.vpc()}
        if self.may("no state", 0.08):
            self.lose(instance, "InstanceState")
        if self.may("unread", 0.06):
            self.lose(instance, "SecurityGroupIds", "SecurityGroupIds", "InstanceName")
        return instance

    def state(self) -> str:
        """Mostly running."""
        if self.may("stopped", 0.05):
            return self.random.choice(("STOPPED", "STOPPED", "SHUTDOWN", "LAUNCH_FAILED", "TERMINATED"))
        return (
            self.random.choice(("STARTING", "REBOOTING", "PENDING")) if self.may("changing state", 0.02) else "RUNNING"
        )

    def subnets(self) -> list[dict] | None:
        """The subnets of nodes and pods, now and then with a network ACL; not all of them, at times none."""
        found = []
        for number, kind in enumerate((NODES, PODS)):
            subnet = {"SubnetId": f"subnet-{number}", "CidrBlock": f"{kind[4][0].rpartition('.')[0]}.0/24"}
            if self.six:
                subnet["Ipv6CidrBlock"] = f"2001:db8:{number + 1}::/64"
            if self.may("network ACL", 0.03):
                subnet["NetworkAclId"] = "acl-1"
            elif self.chance(0.3):
                subnet["NetworkAclId"] = self.random.choice(("", None))
            found.append(subnet)
        kept = found if self.chance(0.9) else found[:1]
        return kept if any(item.get("NetworkAclId") for item in kept) or self.chance(0.5) else None

    def interfaces(self) -> list[dict]:
        """The pods' interfaces: one a node shared by its pods, or one each; at times the nodes' own, too."""
        found = []
        for number in self.nodes:
            pods = [pod for pod in self.pods if self.pod_nodes[pod] == number and self.has_interface_there(pod)]
            for carried in [pods] if self.chance(0.6) else [[pod] for pod in pods]:
                if carried and not self.may("unread", 0.08):
                    found.append(self.interface(len(found), [self.pod_addresses(pod) for pod in carried]))
                    if self.chance(0.3):
                        found[-1]["Attachment"] = {"InstanceId": f"ins-{number}"}
        for pod in sorted(self.super_pods):
            if self.chance(0.3):
                found.append(self.interface(len(found), [self.pod_addresses(pod)]))
        if self.vpcs and self.pods and self.chance(0.3):
            found.append(self.interface(len(found), [self.pod_addresses(self.random.choice(self.pods))]))
        if self.may("stale targets", 0.15):
            found.append(self.interface(len(found), [GONE]))
        if self.may("primary interfaces", 0.1):
            found += [self.primary(number) for number in self.nodes]
        return found

    def has_interface_there(self, pod: int) -> bool:
        """Whether a pod is behind an interface of its node."""
        return pod not in self.super_pods | self.host_pods

    def pod_addresses(self, pod: int) -> dict[int, str]:
        """One of each family."""
        return {version: PODS[version][pod] for version in (4, 6)}

    def interface(self, number: int, carried: list[dict[int, str]]) -> dict:
        """One interface with the addresses of some pods."""
        interface = {
            "NetworkInterfaceId": f"eni-{number}",
            "PrivateIpAddressSet": [{"PrivateIpAddress": addresses[4]} for addresses in carried],
            "GroupSet": self.some_groups(),
        }
        if self.six:
            interface["Ipv6AddressSet"] = [{"Address": addresses[6]} for addresses in carried]
        if self.vpcs and self.chance(0.8):
            interface["VpcId"] = self.vpc()
        if self.may("trunk", 0.2):
            interface["EniType"] = 2
        if self.may("unread", 0.05):
            self.lose(interface, "GroupSet")
        return interface

    def primary(self, number: int) -> dict:
        """The interface of a node, with the node's groups."""
        interface = {
            "NetworkInterfaceId": f"eni-node-{number}",
            "PrivateIpAddressSet": [{"PrivateIpAddress": NODES[4][number]}],
            "GroupSet": self.node_groups[number],
        }
        return {**interface, "Ipv6AddressSet": [{"Address": NODES[6][number]}]} if self.six else interface
