"""The two ends of a connection: who asks, and which door of the cluster is meant."""

from collections.abc import Sequence
from typing import NamedTuple

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import Address, parse_address, parse_client
from drilllib.core.snapshot.interfaces import SUPER_NODE
from drilllib.core.snapshot.resources import Node
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.inside import Insider, insider_at
from drilllib.errors import InvalidInputError, Message, UnknownNameError, quoted

_SERVICE, _NODE, _POD = "svc/", "node/", "pod/"


class Door(NamedTuple):
    """
    What a connection is for: a Service by its ClusterIP, a node, or what else has the *address*.

    *vip*: it is the VIP of a load balancer. *is_pod*: a pod has it. Of neither kind: it is outside.
    """

    address: Address
    service: Service | None = None
    node: Node | None = None
    is_pod: bool = False
    vip: bool = False

    @property
    def is_inside(self) -> bool:
        """Is it a part of the cluster?"""
        return self.service is not None or self.node is not None or self.is_pod


class NotToldError(Exception):
    """Internal: who asks, or what is asked, cannot be told. *gap* is the fact that is missing."""

    def __init__(self, gap: Fact) -> None:
        super().__init__(str(gap))
        self.gap = gap


def addresses_of(snapshot: Snapshot, text: str) -> Sequence[Address]:
    """
    Every address of a source or a door.

    Raises:
        InvalidInputError: The text is no address, or what it names has none.
        UnknownNameError: What it names is not in the snapshot.
        NotToldError: The ClusterIP of a Service was not read.
    """
    if text.startswith(_SERVICE):
        return _cluster_ips(snapshot.service(text.removeprefix(_SERVICE)))
    if text.startswith(_NODE):
        found = _node_named(snapshot, text.removeprefix(_NODE)).addresses
    elif text.startswith(_POD):
        found = _pod_named(snapshot, text.removeprefix(_POD))
    else:
        return (_written(text),)
    if not found:
        raise InvalidInputError("{name} has no address in the snapshot", remedy="Ask about another", name=quoted(text))
    return found


def _written(text: str) -> Address:
    """An address as it is written; what is of no form that an end may have is told all of them."""
    try:
        return parse_address(text, Message("The source or the door"))
    except InvalidInputError:
        raise InvalidInputError(
            "The source or the door is {text}",
            remedy="Write an address, node/NAME or pod/NAMESPACE/NAME, or for a door also svc/NAMESPACE/NAME",
            text=quoted(text),
        ) from None


def addresses_from(snapshot: Snapshot, source: str) -> Sequence[Address]:
    """
    Every address that a source may ask from; a pod on its node's network asks from the node's.

    Raises:
        InvalidInputError, UnknownNameError: As `addresses_of`; also where it is a Service, which asks nothing.
    """
    if source.startswith(_SERVICE):
        return (_written(source),)
    found = addresses_of(snapshot, source)
    if not source.startswith(_POD):
        return found
    insider = insider_at(snapshot, found[0])
    if isinstance(insider, Fact) or insider.pod:
        return found
    return tuple(dict.fromkeys((*insider.node.addresses, *found)))


def _cluster_ips(service: Service) -> tuple[Address, ...]:
    if service.cluster_addresses:
        return service.cluster_addresses
    if service.cluster_ip is None and service.type != "ExternalName":
        raise NotToldError(fact(FactCode.CLUSTER_IP, service=service.name))
    raise InvalidInputError(
        "Service {service} has no ClusterIP", remedy="Ask one of its pods: pod/NAMESPACE/NAME", service=service.name
    )


def _node_named(snapshot: Snapshot, name: str) -> Node:
    """The node called so in Kubernetes, or the machine with that instance id."""
    instance = snapshot.node_of_instance(name)
    named = snapshot.kubernetes.names_by_address.values()
    if instance is None and name not in named and name not in snapshot.kubernetes.nodes:
        raise UnknownNameError(
            "The snapshot has no node {name}",
            remedy="It has {known}",
            name=quoted(name),
            known=", ".join(sorted(set(named))) or Message("none"),
        )
    return instance or snapshot.interfaces.node_called(name)


def _pod_named(snapshot: Snapshot, name: str) -> tuple[Address, ...]:
    wanted = name if "/" in name else f"default/{name}"
    pod = snapshot.kubernetes.pods.get(wanted)
    if pod is None:
        raise UnknownNameError(
            "The snapshot has no Pod {name}",
            remedy="Name one as pod/NAMESPACE/NAME, as `kubectl get pods -A` lists them",
            name=quoted(wanted),
        )
    return pod.addresses


def both_ends(snapshot: Snapshot, source: str, door: str) -> tuple[Address, Address]:
    """
    The addresses that a connection is between: the first of the family that both ends have, IPv4 before IPv6.

    Raises:
        InvalidInputError, UnknownNameError, NotToldError: As `addresses_of`; also where they have no family in common.
    """
    ours, theirs = addresses_from(snapshot, source), addresses_of(snapshot, door)
    for family in (4, 6):
        pair = [next((each for each in every if each.version == family), None) for every in (ours, theirs)]
        if pair[0] is not None and pair[1] is not None:
            return pair[0], pair[1]
    raise InvalidInputError(
        "{source} and {door} have no address of one family",
        remedy="Ask between two IPv4 or two IPv6 addresses",
        source=quoted(source),
        door=quoted(door),
    )


def insider_of(snapshot: Snapshot, text: str, address: Address) -> Insider | None:
    """
    The node or pod that asks; None for a source outside.

    Raises:
        InvalidInputError: No packet comes from that address.
        NotToldError: Nobody knows whether it is one, or which.
    """
    if not text.startswith((_NODE, _POD)):
        parse_client(text)
        insiders = snapshot.insiders
        if address not in insiders.certain:
            if address in insiders.addresses or insiders.may_be(address):
                raise NotToldError(fact(FactCode.CLIENT_PLACE))
            return None
    found = insider_at(snapshot, address)
    if isinstance(found, Fact):
        raise NotToldError(found)
    if found.pod is None:
        _require_machine(found.node)
    return found


def door_at(snapshot: Snapshot, text: str, address: Address) -> Door:
    """
    Which door that is.

    Raises:
        NotToldError: Several pods have the address, or it is a super node's.
    """
    if text.startswith(_SERVICE):
        return Door(address, service=snapshot.service(text.removeprefix(_SERVICE)))
    if not text.startswith((_NODE, _POD)):
        if snapshot.balancers_at([address], []):
            return Door(address, vip=True)
        services = [each for each in snapshot.kubernetes.services if address in each.cluster_addresses]
        if len(services) == 1:
            return Door(address, service=services[0])
    pods, interfaces = snapshot.kubernetes.pods_at.get(address, []), snapshot.interfaces
    is_host = address in snapshot.kubernetes.hosts or any(each.host_network for each in pods)
    if text.startswith(_NODE) or _is_node(snapshot, address) or is_host:
        node = interfaces.node_at(address)
        _require_machine(node)
        return Door(address, node=node)
    if len(pods) > 1:
        raise NotToldError(fact(FactCode.POD_AT, address=address))
    return Door(address, is_pod=bool(pods))


def _is_node(snapshot: Snapshot, address: Address) -> bool:
    """A machine that is no Node is outside, unless it is named."""
    return snapshot.interfaces.is_node(address) and snapshot.interfaces.node_name_at(address) is not None


def _require_machine(node: Node) -> None:
    """Of a super node only its pods stand for anything [SUPER]."""
    if (node.name or "").startswith(SUPER_NODE):
        raise NotToldError(fact(FactCode.SUPER_NODE_ITSELF, node=node.name))
