"""What an answer would need to know and the snapshot does not say: a code with named values, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
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
    INTERFACE_OF_SEVERAL = "which of {names} is the interface with {address} in the cluster's VPC"
    GROUPS_OF_NODE = "groups of the node {node}"
    GROUPS_ON_SUPER_NODE = "groups of {pod} on the super node {node}"
    GROUP_POLICY_APPLIES = "whether SecurityGroupPolicy {policy} applies to {pod}"
    CARRIER_FILTER = "whether a carrier on the way filters port {port}"
    GROUPS_APPLY_TO_EIP = "whether the groups of {balancer}, a private one, apply to traffic through its EIP"
    EIP_OF_BALANCER = "whether an EIP is bound to {balancer}, a private one"
    # of the load balancer
    PART = "{part}"
    BALANCER_OF_SERVICE = "which load balancer {service} has: neither its annotations nor its status name one"
    BALANCER_NAMED = "the load balancer {balancer} of {service}"
    BALANCER_OF_SEVERAL = "which of {names} is meant, which have the VIP or the name {vip}"
    LISTENERS = "listeners of {balancer}"
    TARGETS = "targets of {listener}"
    HEALTH = "health of {target}"
    VIP = "the VIP of {balancer}"
    SNAT_IPS = "SnatIps of {balancer}"
    KEEPALIVE_IPV6 = "which IPv6 addresses a keep-alive listener uses"
    IPV4_OF_CLIENT = "which IPv4 address stands for an IPv6 client"
    PASS_TO_TARGET = "LoadBalancerPassToTarget of {balancer}"
    KEEPALIVE = "KeepaliveEnable of {listener}"
    PROBE_SOURCE = "where the health checks of {listener} come from (SourceIpType)"
    TARGET_ADDRESS = "where {target} is: {instance} does not have the address {address}"
    TARGET_KIND = "the type of the target {target}"
    TARGET_WEIGHT = "the weight of {target}"
    TARGET_OF_CLIENT = "which target {listener} keeps {client} with (SessionExpireTime)"
    ALIVE_TARGET = "why the CLB sees {target} Alive"
    DEAD_TARGET = "why the CLB sees {target} Dead"
    # of forwarding rules
    RULE_HOST = "the host of forwarding rule {rule}"
    RULE_PATH = "the path of forwarding rule {rule}"
    HOST_OF_SEVERAL = "which of {names} takes host {host}"
    HOST_MATCHES = "whether host {host} matches {expression}"
    PATH_MATCHES = "whether path {path} matches {expression}"
    UNMATCHED_REQUEST = "what the CLB does with host {host} and path {path} (its rules: {rules})"
    # of the cluster
    CLIENT_PLACE = "whether the client is a node or a pod of the cluster"
    KUBERNETES_OBJECTS = "kubernetes objects"
    ENDPOINT_SLICES = "EndpointSlices of {service}"
    SERVICE_PORTS = "the ports of {service}"
    ENDPOINT_CONDITIONS = "which endpoints of {service} are serving and terminating"
    ENDPOINT_PORT = "which port the endpoints of {service} have"
    TRAFFIC_POLICY = "externalTrafficPolicy of {service}"
    TERMINATING = "whether this kube-proxy, older than 1.26, uses endpoints of {service} that terminate"
    TOPOLOGY_HINTS = "whether kube-proxy on {node} follows the topology hints of {service}"
    ENDPOINT_OF_CLIENT = "which endpoint of {service} a client stays with (sessionAffinity)"
    PORT_OWNER = "what listens on {transport} port {port} of {node}"
    HOST_PORT = "whether {node} forwards its port {port} to {pod} (hostPort)"
    PORT_UNDECLARED = "whether {pod} listens on {transport} port {port}, which its containers do not declare"
    POD_NOT_RUNNING = "what answers in {pod}, none of whose containers runs"
    POD_NOT_READY = "whether {pod} answers, which is not ready"
    NODE_OF_POD = "the node of {pod}"
    NETWORK_POLICY = "whether NetworkPolicy {policy} is enforced for {pod}"
    NETWORK_POLICIES = "which other NetworkPolicies select {pod}"
    UNREAD_POLICIES = "whether a NetworkPolicy keeps requests from {pod} (their list was not read)"
    POLICY_SELECTS = "whether NetworkPolicy {policy} selects {pod}"
    POLICY_ADMITS = "whether NetworkPolicy {policy} lets {address} in to {pod}"
    POLICY_BEFORE_SNAT = "whether NetworkPolicy {policy} of {pod} sees {address} or its own node's address"
    NODE_AT = "which node {node} is"
    NODE_OF_CLUSTER = "whether {node} is a node of the cluster (no Node object has its address)"
    NODE_CONDITION = "whether {node} is up, whose condition is {condition}"
    NODE_GONE = "what became of {node}, the node of {pod}, which no Node object is"
    NODE_ADDRESS = "the IPv{family} address of {node}"
    POD_AT = "which pod has the address {address}"
    POD_ATTACHMENT = "whether {pod} shares its interface (VpcCniType of the cluster)"
    POD_FROM_ITS_NODE = "whether {pod} is reached through its interface from its own node"
    # of connections to other doors than a VIP
    CLUSTER_IP = "the ClusterIP of {service}"
    DOOR_PLACE = "whether {address} is a node or a pod of the cluster"
    DOOR_SERVICE = "whether kube-proxy takes {address} for an address of a Service"
    OUTSIDE_DOOR = "how packets get to {address}, and what answers there"
    PUBLIC_ADDRESS = "whether {name} has a public address"
    SERVICE_PORT = "what becomes of packets to {transport} port {port} of {service}, which has no such port"
    # what is not modelled
    NETWORK_OF_POD = "how {pod} is attached, which asks for an interface of its own (its annotation {annotation})"
    SUPER_NODE_ITSELF = "what the super node {node} itself asks or answers"
    CLIENT_IN_CLUSTER = "how a client inside the cluster reaches the VIP"
    CLIENT_PORT = "what answers a client inside the cluster on port {port} of {vip}, which has no listener"
    CLIENT_OF_SEVERAL = "which of the pods with the address {address} asks"
    CLIENT_IS_OFF = "how {client} asks, whose machine is switched off"
    CLIENT_EGRESS = "whether the groups of {client} let out what it sends to {vip}"
    EGRESS_POLICY = "whether NetworkPolicy {policy} lets {pod} send"
    EGRESS_OBJECT = "what {object} lets {pod} send"
    SOURCE_RANGES = "whether kube-proxy lets in {client}, which loadBalancerSourceRanges of {service} do not have"
    KUBE_PROXY_MODE = "which mode kube-proxy runs in (ClusterNetworkSettings.Ipvs)"
    KUBE_PROXY_VIPS = "which Services have the VIP {vip} (status.loadBalancer)"
    KUBE_PROXY_ANSWERS = "whether kube-proxy itself answers for {vip}, of {service}"
    POD_PAST_KUBE_PROXY = "whether what {pod} sends passes kube-proxy on its node"
    POD_UNDER_LOCAL = "whether kube-proxy takes {pod} for a pod of the cluster (externalTrafficPolicy of {service})"
    SOURCE_OF_POD = "from which address of its node {pod} gets to {service}"
    SOURCE_AT_VIP = "from which public address {client} comes to {vip}"
    TLS_OF_SERVICE = "whether {service} speaks TLS itself, which the CLB would have ended"
    TARGET_MAY_LOOP = "whether packets of {client} come back from {target}, which is on its node or may be"
    TARGET_IS_CLIENT = "whether {balancer} sends to {target}, which has the client's own address"
    CLASSIC_BALANCER = "how a classic load balancer forwards"
    PORT_RANGE = "how a listener with a port range behaves"
    LISTENER_PROTOCOL = "how a {protocol} listener behaves"
    TARGET_OF_OTHER_VPC = "how {balancer} of {vpc} reaches {target} of {other}"
    TARGET_TYPE = "how a target of type {type} is reached"
    IPV6_TARGET = "how an IPv6 target of an IPv4 VIP is reached"
    POD_NETWORK = "how pods are reached in the network {network}"
    ENI_MODE = "how interfaces behave in the mode {mode}"
    FIELD_VALUE = "what {field} {value} of {object} does"
    FIELD_ELSEWHERE = "what {field} {value} of {object} does (see {call})"
    OBJECT_UNKNOWN = "what {object} lets in to {pod}"
    FIELD_UNKNOWN = "what the unknown field {field} of {object} does (take it out where it does not matter)"
    # of a lab of real packets
    TARGET = "how target {target} is reached"
    POD_ON_NODE_NETWORK = "how to build {pod}, a pod on its node's own network"
    # of a change
    ADMITTED = "which addresses {resource} has to admit"
    SEVERAL = "{first}, {second}"
    AND_MORE = "{fact} (and of {count} more like it)"


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One missing fact, or whatever else a code with named values says; `fact` makes it.

    *values* are pairs of a name in the sentence and what stands there: a text, or a fact itself.
    """

    code: StrEnum
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        """The sentence in English, as JSON has it."""
        return str(self.message)

    @property
    def message(self) -> Message:
        """The sentence, to be translated; an error has it among its values."""
        named = {name: value.message if isinstance(value, Fact) else value for name, value in self.values}
        return Message(self.code, **named)

    @property
    def why(self) -> str:
        """Why it is missing, in English: because nobody read it, or because what was read is not understood."""
        first = self.values[0][1] if self.code is FactCode.SEVERAL else self
        code = first.code if isinstance(first, Fact) else self.code
        return "not understood" if code in _NOT_UNDERSTOOD else "not in the snapshot"


_NOT_UNDERSTOOD = (FactCode.FIELD_VALUE, FactCode.FIELD_ELSEWHERE, FactCode.FIELD_UNKNOWN, FactCode.OBJECT_UNKNOWN)


def fact(code: StrEnum, **values: object) -> Fact:
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
    level = list(facts)
    if not level:
        raise TypeError("several() of no fact")
    while len(level) > 1:  # in pairs: however many there are, few stand in each other
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [*(fact(FactCode.SEVERAL, first=a, second=b) for a, b in pairs), *level[len(level) // 2 * 2 :]]
    return level[0]
