"""What plays which part in a drill: the names of a captured cluster, told from what stands where."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import Any

from drilllib.core.drills import default_lab as lesson
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.labs.live.names import Names, Words

Item = Mapping[str, Any]
PARTS = {"clb": lesson.CLB_GROUP, "node": lesson.NODE_GROUP, "pod": lesson.POD_GROUP}
CLUSTER_IP = "172.16.60.200"
POD_SUBNET = "10.0.36.0/24"
_LETTERS = "abcdefgh"


def names_of(
    document: Item,
    service: str,
    *,
    client: str = "",
    shown_client: str = lesson.CLIENT,
    groups: Words | None = None,
) -> Names:
    """
    The names for a captured *document* of *service* (`NAMESPACE/NAME`).

    *client* is the address that really asks; "" is the lesson's own, *shown_client*. *groups* says which group plays
    which part (clb, node, pod), where that is another one than what is bound.
    """
    cluster = _Cluster(document, service)
    found = [*cluster.balancers(), *cluster.addresses(), *cluster.machines(), *cluster.pods(), *cluster.subnets()]
    found += [(each, PARTS[part]) for part, each in {**cluster.groups(), **(groups or {})}.items()]
    found += _client_words(client or shown_client, shown_client)
    lettered = list(zip(_LETTERS, cluster.nodes, strict=False))
    nodes = {each: f"node-{x}" for x, (item, machine) in lettered for each in (_name(item), machine["InstanceId"])}
    objects = {"Node": nodes, "Pod": _counted(cluster.own_pods), "EndpointSlice": _counted(cluster.slices)}
    return Names(_one_to_one(found), objects, cluster.ports(), service, lesson.SERVICE)


def groups_of(document: Item, service: str) -> dict[str, str]:
    """The group of each part (clb, node, pod): the one that is bound last, below those that somebody put before it."""
    return _Cluster(document, service).groups()


def own_resources(document: Item, service: str) -> set[str]:
    """What of the cluster a drill may bind groups to: its load balancers, its nodes, and the interfaces on them."""
    machines = {str(each["InstanceId"]) for _, each in _Cluster(document, service).nodes}
    interfaces = {
        str(each["NetworkInterfaceId"])
        for each in document.get("network_interfaces") or ()
        if (each.get("Attachment") or {}).get("InstanceId") in machines
    }
    return machines | interfaces | {str(each["LoadBalancerId"]) for each in document.get("load_balancers") or ()}


def _counted(items: Sequence[Item]) -> dict[str, str]:
    return {_name(each): f"web-{place}" for place, each in enumerate(items, 1)}


def _one_to_one(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Of what would have two names, or of two that would have one, the first."""
    found: dict[str, str] = {}
    for real, shown in pairs:
        if real and real not in found and shown not in found.values():
            found[real] = shown
    return found


def _client_words(client: str, shown: str) -> list[tuple[str, str]]:
    block, own = (str(ip_network(f"{each}/24", strict=False)) for each in (client, shown))
    return [(client, shown), (block, own)]


class _Cluster:
    """A captured document, as the parts of a drill. What is not there has no name."""

    def __init__(self, document: Item, service: str) -> None:
        self._document, (self._namespace, _, self._name) = document, service.partition("/")
        self.slices = sorted(filter(self._is_own, self._objects("EndpointSlice")), key=_name)
        self.own_pods = sorted(self._pods_of_service(), key=_name)
        self.nodes = self._nodes()

    def _objects(self, kind: str) -> list[Item]:
        return [each for each in self._document.get("kubernetes") or () if each.get("kind") == kind]

    def _pods_of_service(self) -> Iterator[Item]:
        endpoints = [endpoint for each in self.slices for endpoint in each.get("endpoints") or ()]
        named = {(each.get("targetRef") or {}).get("name") for each in endpoints}
        yield from (each for each in self._objects("Pod") if _name(each) in named and self._is_here(each))

    def _is_here(self, item: Item) -> bool:
        return bool(item["metadata"].get("namespace") == self._namespace)

    def _is_own(self, item: Item) -> bool:
        return self._is_here(item) and (item["metadata"].get("labels") or {}).get(SERVICE_NAME) == self._name

    def _nodes(self) -> list[tuple[Item, Item]]:
        """Nodes with their instances: first one that the CLB sends to, then one with a pod, then the others."""
        instances = {each: item for item in self._document.get("instances") or () for each in _addresses(item)}
        joined = [
            (node, instances[each]) for node in self._objects("Node") for each in _internal(node) if each in instances
        ]
        targets, with_pods = self._targets(), {each["spec"].get("nodeName") for each in self.own_pods}
        joined.sort(
            key=lambda pair: (pair[1]["InstanceId"] not in targets, _name(pair[0]) in with_pods, _name(pair[0]))
        )
        return joined[:1] + sorted(joined[1:], key=lambda pair: _name(pair[0]) not in with_pods)

    def _listeners(self) -> list[Item]:
        return [each for listed in (self._document.get("listeners") or {}).values() for each in listed or ()]

    def _targets(self) -> set[str]:
        """The machines that the CLB sends to; where it sends to pods, none."""
        places = [place for each in self._listeners() for place in (each, *(each.get("Rules") or ()))]
        targets = [target for place in places for target in place.get("Targets") or ()]
        return {str(each.get("InstanceId")) for each in targets if each.get("Type") != "ENI"}

    def balancers(self) -> Iterator[tuple[str, str]]:
        """The CLB, its address, its listener and forwarding rule; the cluster and its VPC."""
        for each in list(self._document.get("load_balancers") or ())[:1]:
            yield each["LoadBalancerId"], lesson.BALANCER
            yield from ((vip, lesson.VIP) for vip in (each.get("LoadBalancerVips") or ())[:1])
            yield str(each.get("VpcId") or ""), "vpc-lab00001"
        for each in self._listeners()[:1]:
            yield each["ListenerId"], "lbl-lab00001"
            yield from ((str(rule.get("LocationId") or ""), "loc-lab00001") for rule in (each.get("Rules") or ())[:1])
        yield str((self._document.get("cluster") or {}).get("ClusterId") or ""), "cls-lab00001"

    def addresses(self) -> Iterator[tuple[str, str]]:
        """The Service's address inside the cluster, where that was read."""
        for each in self._services():
            yield str(each["spec"].get("clusterIP") or ""), CLUSTER_IP

    def _services(self) -> list[Item]:
        return [each for each in self._objects("Service") if self._is_here(each) and _name(each) == self._name]

    def machines(self) -> Iterator[tuple[str, str]]:
        """Instances, and their addresses."""
        for place, (letter, (_, instance)) in enumerate(zip(_LETTERS, self.nodes, strict=False), 11):
            yield instance["InstanceId"], f"ins-node{letter}001"
            yield from ((each, f"10.0.35.{place}") for each in _addresses(instance)[:1])

    def pods(self) -> Iterator[tuple[str, str]]:
        """Addresses of pods, and the interfaces that carry them."""
        interfaces = {
            str(each.get("PrivateIpAddress")): item["NetworkInterfaceId"]
            for item in self._document.get("network_interfaces") or ()
            for each in item.get("PrivateIpAddressSet") or ()
        }
        for place, pod in enumerate(self.own_pods, 1):
            address = str(pod["status"].get("podIP") or "")
            yield address, f"10.0.36.{11 + place}"
            yield interfaces.get(address, ""), f"eni-podsb{place:03}"

    def subnets(self) -> Iterator[tuple[str, str]]:
        """The subnets of the nodes and of the pods."""
        nodes = [each for _, instance in self.nodes for each in _addresses(instance)[:1]]
        pods = [str(each["status"].get("podIP") or "") for each in self.own_pods]
        shown = ((nodes, "subnet-nodes001", lesson.NODE_SUBNET), (pods, "subnet-pods0001", POD_SUBNET))
        for addresses, name, block in shown:
            for each in self._document.get("subnets") or ():
                if any(_is_in(address, str(each.get("CidrBlock") or "")) for address in addresses):
                    yield each["SubnetId"], name
                    yield each["CidrBlock"], block

    def groups(self) -> dict[str, str]:
        """See `groups_of`."""
        balancers = [each.get("SecureGroups") or () for each in self._document.get("load_balancers") or ()]
        machines = [instance.get("SecurityGroupIds") or () for _, instance in self.nodes]
        own = {name for name, _ in self.pods()}
        interfaces = self._document.get("network_interfaces") or ()
        pods = [each.get("GroupSet") or () for each in interfaces if each["NetworkInterfaceId"] in own]
        pods += [((self._document.get("cluster") or {}).get("eniipamd") or {}).get("securityGroups") or ()]
        found = {"clb": balancers, "node": machines, "pod": pods}
        return {part: listed[-1] for part, lists in found.items() for listed in [_first(lists)] if listed}

    def ports(self) -> dict[str, str]:
        """The NodePort of the Service's first port."""
        ports = [port for each in self._services() for port in each["spec"].get("ports") or () if port.get("nodePort")]
        return {str(each["nodePort"]): str(lesson.NODE_PORT) for each in ports[:1]}


def _first(lists: Collection[Any]) -> Any:
    return next((each for each in lists if each), ())


def _name(item: Item) -> str:
    return str(item["metadata"]["name"])


def _addresses(instance: Item) -> list[str]:
    return list(instance.get("PrivateIpAddresses") or ())


def _internal(node: Item) -> Iterator[str]:
    listed = (node.get("status") or {}).get("addresses") or ()
    yield from (each["address"] for each in listed if each.get("type") == "InternalIP")


def _is_in(address: str, block: str) -> bool:
    with suppress(ValueError):
        return ip_address(address) in ip_network(block)
    return False
