"""A cluster under the names of a world of practice: what plays the same part in both has the world's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from drilllib.core.drills.default_lab import CLIENT, CLIENT_BLOCK
from drilllib.core.drills.worlds.world import World
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.labs.live.names import Names, Words
from drilllib.labs.live.roles import groups_of, names_of

_CLIENTS = (CLIENT, CLIENT_BLOCK)  # the lesson's own, which is nobody here
NEAR = 16  # prefix: blocks of clients that are no wider move with the client's own address


@dataclass(frozen=True)
class WorldNames(Names):
    """The names of a world, and by which *semantics* it is read: a log cannot say others."""

    semantics: Mapping[str, Any] | None = None

    def shown_document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A captured document under the world's names, to be read as the world is."""
        return {**super().shown_document(document), "semantics": self.semantics}


def names_of_world(document: Mapping[str, Any], service: str, world: World, client: str, groups: Words) -> WorldNames:
    """
    The names for a captured *document* of *service*, as *world* has them.

    *client* is the address that really asks; "" is that of the ticket. *groups* says which group plays which part.
    """
    theirs, asked = world.snapshot.to_dict(), str(world.question.service)
    mine, parts = names_of(document, service, groups=groups), names_of(theirs, asked)
    words = _joined({real: part for real, part in mine.words.items() if part not in _CLIENTS}, _turned(parts.words))
    words |= _client_words(world, client or world.question.client)
    objects = {kind: _joined(each, _turned(parts.objects[kind])) for kind, each in mine.objects.items()}
    ports = _joined(mine.ports, _turned(parts.ports))
    semantics, vips = theirs.get("semantics"), _vips(document) | _vips(theirs)
    return WorldNames(words, objects, ports, service, asked, no_peers=vips, semantics=semantics)


def as_in_a_cluster(world: World) -> Snapshot:
    """
    The world as a cluster can be it: without groups that are bound to nothing, which no packet asks, and with an add-on
    that gives the pods of the Service the groups that they have.
    """
    document = world.snapshot.to_dict()
    bound = world.snapshot.bound_groups()
    named = {group for each in bound.values() for group in each or ()}
    cluster, pods = document["cluster"], groups_of(document, str(world.question.service))["pod"]
    setting = {**(cluster.get("eniipamd") or {}), "enableSecurityGroups": True, "securityGroups": [pods]}
    kept = {name: each for name, each in document["security_groups"].items() if name in named}
    return world.snapshot.with_parts(security_groups=kept, cluster={**cluster, "eniipamd": setting})


def _vips(document: Mapping[str, Any]) -> frozenset[str]:
    """The addresses of load balancers: nothing comes from them, as health checks have an address of their own."""
    return frozenset(vip for each in document["load_balancers"] for vip in each.get("LoadBalancerVips") or ())


def _joined(first: Words, second: Words) -> dict[str, str]:
    return {real: second[part] for real, part in first.items() if part in second}


def _turned(words: Words) -> dict[str, str]:
    """The other way round; of a node, which has two names, the first, which is that of its object."""
    return {shown: real for real, shown in reversed([*words.items()])}


def _client_words(world: World, client: str) -> dict[str, str]:
    """
    The address that asks, and the blocks of the world's rules near the ticket's client, moved as that is.

    What is inside one of the blocks, and what is not, stays so: each bit in which the two addresses differ is turned.
    """
    shown = IPv4Address(world.question.client)
    turned = int(shown) ^ int(IPv4Address(client))
    near = IPv4Network(f"{shown}/{NEAR}", strict=False)
    found = {client: str(shown)}
    for block in _blocks(world):
        if block.subnet_of(near):
            real = IPv4Network((int(block.network_address) ^ turned & int(block.netmask), block.prefixlen))
            first, second = (str(each).removesuffix("/32") for each in (real, block))
            found[first] = second
    return found


def _blocks(world: World) -> set[IPv4Network]:
    """The blocks that rules of the world name, and those whose clients it is meant for."""
    groups = [group for each in (world.snapshot, world.reference) for group in each.groups.values()]
    rules = [rule for group in groups for side in Direction for rule in group.rules(side) or ()]
    named = [str(rule.policy.get("CidrBlock") or "") for rule in rules]
    return {IPv4Network(each, strict=False) for each in (*named, *world.served) if "." in each}
