"""What an answer would need to know and the snapshot does not say: a code with named values, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Union

from drilllib.errors import Message

Value = Union[str, "Fact"]


class FactCode(StrEnum):
    """
    What is missing, by the sentence that says so in English; the catalogues of views/locale have it in other languages.

    Codes are never renamed, only added.
    """

    # of rules
    INGRESS_RULES = "the ingress rules of {group}"
    EGRESS_RULES = "the egress rules of {group}"
    MEMBERS = "the members of {name} ({rule})"
    MEMBERS_OF_BOTH = "the members of {name} and {service} ({rule})"
    ONE_OF_BLOCKS = "which address of {blocks}"
    # of bindings
    GROUPS = "groups of {resource}"
    GROUPS_OF_RESOURCE = "the groups of {resource}"
    GROUPS_OF_INTERFACE = "groups of the interface of {pod}"
    GROUPS_OF_NODE = "groups of the node {node}"
    GROUPS_ON_SUPER_NODE = "groups of {pod} on the super node {node}"
    GROUP_POLICY_APPLIES = "whether SecurityGroupPolicy {policy} applies to {pod}"
    GROUPS_APPLY_TO_EIP = "whether the groups of {balancer}, a private one, apply to traffic through its EIP"
    # of the load balancer
    PART = "{part}"
    BALANCER = "the load balancer and its VIP"
    LISTENERS = "listeners of {balancer}"
    TARGETS = "targets of {listener}"
    HEALTH = "health of {target}"
    VIP = "the VIP of {balancer}"
    SNAT_IPS = "SnatIps of {balancer}"
    KEEPALIVE_IPV6 = "which IPv6 addresses a keep-alive listener uses"
    IPV4_OF_CLIENT = "which IPv4 address stands for an IPv6 client"
    # of forwarding rules
    HOST_OF_SEVERAL = "which of {names} takes host {host}"
    HOST_MATCHES = "whether host {host} matches {expression}"
    PATH_MATCHES = "whether path {path} matches {expression}"
    UNMATCHED_REQUEST = "what the CLB does with host {host} and path {path} (its rules: {rules})"
    # of the cluster
    KUBERNETES_OBJECTS = "kubernetes objects"
    ENDPOINT_SLICES = "EndpointSlices of {service}"
    NODE_AT = "which node {node} is"
    NODE_ADDRESS = "the IPv{family} address of {node}"
    POD_AT = "which pod has the address {address}"
    POD_FROM_ITS_NODE = "whether {pod} is reached through its interface from its own node"
    # what is not modelled
    CLIENT_IN_CLUSTER = "how a client inside the cluster reaches the VIP"
    CLASSIC_BALANCER = "how a classic load balancer forwards"
    PORT_RANGE = "how a listener with a port range behaves"
    LISTENER_PROTOCOL = "how a {protocol} listener behaves"
    TARGET_TYPE = "how a target of type {type} is reached"
    IPV6_TARGET = "how an IPv6 target of an IPv4 VIP is reached"
    POD_NETWORK = "how pods are reached in the network {network}"
    ENI_MODE = "how interfaces behave in the mode {mode}"
    FIELD_VALUE = "what {field} {value} of {object} does"
    FIELD_UNKNOWN = "what the unknown field {field} of {object} does (take it out where it does not matter)"
    # of a lab of real packets
    TARGET = "how target {target} is reached"
    POD_ON_NODE_NETWORK = "how to build {pod}, a pod on its node's own network"
    # of a change
    ADMITTED = "which addresses {resource} has to admit"
    INTERFACE = "{interface} of {owner}"
    SEVERAL = "{first}, {second}"
    AND_MORE = "{fact} (and of {count} more like it)"


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One missing fact; `fact` makes it.

    *values* are pairs of a name in the sentence and what stands there: a text, or a fact itself.
    """

    code: FactCode
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """The sentence in English, as JSON has it."""
        return str(self.message)

    @property
    def message(self) -> Message:
        """The sentence, to be translated; an error has it among its values."""
        named = {name: value.message if isinstance(value, Fact) else value for name, value in self.values}
        return Message(self.code, **named)


def fact(code: FactCode, **values: object) -> Fact:
    """The fact of that code; a value that is no fact stands in it as text."""
    pairs = ((name, value if isinstance(value, Fact) else str(value)) for name, value in values.items())
    return Fact(code, tuple(pairs))


def rules_of(group: str | None, direction: str) -> Fact:
    """A group's rules of one direction, ingress or egress."""
    return fact(FactCode[f"{direction.upper()}_RULES"], group=group)


def several(facts: Iterable[Fact]) -> Fact:
    """
    Facts of which all are missing at one place, as one.

    Raises:
        TypeError: There is none.
    """
    return reduce(lambda first, second: fact(FactCode.SEVERAL, first=first, second=second), facts)
