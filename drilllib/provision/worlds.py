"""
A drill of practice in a cluster of the user's: the rules that the groups of its world have at each place on the path.

Only worlds of one TCP Service whose way is client, load balancer, node, pod on another node, and in which only groups
are wrong, by rules that name blocks: the rest is more than three groups can be made to say.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import CauseKind, World
from drilllib.core.snapshot.annotations import DIRECT_ACCESS
from drilllib.errors import InvalidInputError, LabStateError, quoted
from drilllib.practice.library import drill as drill_named
from drilllib.provision.starts import DIRECTIONS, Lists, Ports, Start, without_places

LEVEL = 1
PLAYED = ("clb-source", "node-source", "odd-node", "pod-source", "rule-order", "wrong-port")  # whole, by an attempt
EVERYWHERE = "0.0.0.0/0"
SEEDS_AHEAD = 40  # that are looked at for the next one which can be made
Document = Mapping[str, Any]


class _UnfitError(Exception):
    """The world is not one of those."""


def of_drill(name: str, seed: int) -> Start:
    """
    The start of a drill of practice with its seed, at the first level.

    Raises:
        UnknownNameError: There is no such drill.
        InvalidInputError: Its world cannot be made in a cluster; the remedy names a seed that can, if one is near.
    """
    found = _start(name, seed)
    if found is not None:
        return found
    near = next((each for each in range(seed + 1, seed + SEEDS_AHEAD) if _start(name, each) is not None), None)
    raise InvalidInputError(
        "The drill {name} with seed {seed} is more than rules of three groups",
        remedy="Use --seed {near}" if near is not None else "Use another drill",
        name=quoted(name),
        seed=seed,
        near=near,
    )


def require_of_cluster(world: World) -> None:
    """
    Do nothing where a cluster that `drill up --drill` makes can be the world: its places have one group each.

    Raises:
        LabStateError: It cannot be; the message names drills that can.
    """
    try:
        start_of(world, world.drill)
        places = {groups for groups in world.snapshot.bound_groups().values() if groups}
        _require(world.level == LEVEL and all(len(groups) == 1 for groups in places))
    except (_UnfitError, KeyError, IndexError, ValueError):
        raise LabStateError(
            "A cluster has only what rules of three groups make, at level {level}, of some seeds of {drills}",
            remedy="Name one of those",
            level=LEVEL,
            drills=", ".join(PLAYED),
        ) from None


def _start(name: str, seed: int) -> Start | None:
    world = make_world(drill_named(name), seed, LEVEL)
    try:
        return start_of(world, f"{name} --seed {seed}")
    except (_UnfitError, KeyError, IndexError, ValueError):
        return None


def start_of(world: World, name: str) -> Start:
    """The start of a world. Raises _UnfitError, KeyError, IndexError or ValueError where it is none of those."""
    document = world.snapshot.to_dict()
    _require({each.kind for each in world.causes} == {CauseKind.GROUP})
    service = _only(_of_kind(document, "Service"))
    port, balancer = _only(service["spec"]["ports"]), _only(document["load_balancers"])
    listener = _only(document["listeners"][balancer["LoadBalancerId"]])
    _require(service["spec"].get("externalTrafficPolicy", "Cluster") == "Cluster")
    _require(service["metadata"].get("annotations", {}).get(DIRECT_ACCESS) == "false")
    _require(not balancer.get("LoadBalancerPassToTarget") and listener["Protocol"] in ("HTTP", "TCP"))
    _require(port["protocol"] == "TCP" and isinstance(port["targetPort"], int) and world.question.port == port["port"])
    front, interface = _way(document, listener)
    _require((listener.get("HealthCheck") or {}).get("SourceIpType", 1) == 1)  # by the CLB's own address: a setting
    _require(interface["GroupSet"] != front["SecurityGroupIds"])  # inherited: a setting of the add-on
    groups = {"clb": balancer["SecureGroups"], "node": front["SecurityGroupIds"], "pod": interface["GroupSet"]}
    lists = {role: _joined(document, ids) for role, ids in groups.items()}
    ports = Ports(port["port"], port["nodePort"], port["targetPort"])
    blocks = _blocks(lists, front["PrivateIpAddresses"][0])
    tickets = {language: ticket["text"] for language, ticket in world.ticket.items()}
    vip = _only(balancer["LoadBalancerVips"])
    service, client = str(world.question.service), str(world.question.client)
    return Start(name, listener["Protocol"], lists, blocks, ports, tickets, service, vip, client)


def _require(fits: bool) -> None:
    if not fits:
        raise _UnfitError


def _only(every: list[Any]) -> Any:
    _require(len(every) == 1)
    return every[0]


def _of_kind(document: Document, kind: str) -> list[Any]:
    return [each for each in document["kubernetes"] if each["kind"] == kind]


def _way(document: Document, listener: Document) -> tuple[Any, Any]:
    """The node that the load balancer sends to, and the interface of the pod, which is on the other node."""
    targets = listener.get("Targets") or _only(listener.get("Rules") or [])["Targets"]
    target, interface, pod = _only(targets), _only(document["network_interfaces"]), _only(_of_kind(document, "Pod"))
    front = _only([each for each in document["instances"] if each["InstanceId"] == target["InstanceId"]])
    back = _only([each for each in document["instances"] if each is not front])
    _require(interface["Attachment"]["InstanceId"] == back["InstanceId"] and target.get("Weight", 10) > 0)
    _require(front["SecurityGroupIds"] == back["SecurityGroupIds"] and pod["status"].get("phase") == "Running")
    return front, interface


def _joined(document: Document, groups: Iterable[str]) -> Lists:
    """The lists of groups bound at one place as one: the first rule that matches decides in both."""
    found: Lists = {direction: [] for direction in DIRECTIONS}
    for group in groups:
        lists = without_places(document["security_groups"][group]["SecurityGroupPolicySet"])
        for direction, rules in lists.items():
            for rule in rules:
                _require("CidrBlock" in rule and "ServiceTemplate" not in rule)
                _require(direction == "Ingress" or rule["CidrBlock"] == EVERYWHERE)  # where pods are is another matter
                found[direction] += [] if _plain(rule) in map(_plain, found[direction]) else [rule]
    _require(any(found.values()))
    return found


def _plain(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule without its note."""
    return {name: value for name, value in rule.items() if name != "PolicyDescription"}


def _blocks(lists: Mapping[str, Lists], node: str) -> dict[str, str]:
    """The blocks that stand for the nodes: those with the front node's address and no more than a network of theirs."""
    named = {rule["CidrBlock"] for each in lists.values() for rules in each.values() for rule in rules}
    networks = {block: IPv4Network(block, strict=False) for block in named}
    return {
        block: "nodes"
        for block, network in networks.items()
        if IPv4Address(node) in network and network.prefixlen >= _NODES_PREFIX
    }


_NODES_PREFIX = 20  # a wider block, such as 10.0.0.0/8, is left as it is
