"""
Whom the NetworkPolicies of a pod let in (section 6 of docs/model.md, "NetworkPolicies").

Everything is asked of one address at a time. An answer is True, False, or None where nobody knows.

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from collections.abc import Iterable
from ipaddress import ip_network

from reference import Address, parsed_address, parsed_network
from walker_cluster import Document, addresses_of_pod, is_complete_for, is_node, is_on_host_network, objects
from walker_listening import containers_of
from walker_packets import Packet
from walker_pods import Pod
from walker_selectors import all_of, fits

PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
PROBES = ip_network("100.64.0.0/10")
NOBODY_KNOWS = None


def enforced(document: Document) -> bool | None:
    """Whether an add-on makes policies hold; None: not read."""
    return ((document.get("cluster") or {}).get("networkpolicy") or {}).get("enforced")


def lets_in(document: Document, pod: Pod, packet: Packet, *, only_without_ports: bool = False) -> bool | None:
    """Whether a pod's policies let a packet in: all addresses that it may come from have to fare alike."""
    if enforced(document) is False:
        return True
    policies = [(item, selects(item, pod)) for item in objects(document, "NetworkPolicy")]
    policies = [(item, chosen) for item, chosen in policies if chosen is not False and is_about_ingress(item)]
    is_told = is_complete_for(document, "NetworkPolicy", pod.namespace)
    if not policies and is_told:
        return True
    found = set()
    for source in kinds_of_sources(document, policies, packet):
        rules = [
            (any_rule(document, item, pod, source, packet, only_without_ports), chosen) for item, chosen in policies
        ]
        found.add(together(rules, is_told=is_told))
    return found.pop() if len(found) == 1 else NOBODY_KNOWS


def together(answers: list[tuple[bool | None, bool | None]], *, is_told: bool) -> bool | None:
    """What one address meets, by each policy's answer and whether the policy selects the pod for certain."""
    certain = [answer for answer, chosen in answers if chosen is True]
    if True in certain:
        return True
    if not is_told:
        return NOBODY_KNOWS
    if not certain:
        return True if all(answer is True for answer, _ in answers) else NOBODY_KNOWS
    return False if all(answer is False for answer, _ in answers) else NOBODY_KNOWS


# One policy.


def is_about_ingress(policy: dict) -> bool:
    """By its policyTypes, or by default."""
    types = (policy.get("spec") or {}).get("policyTypes")
    return not types or "Ingress" in types


def selects(policy: dict, pod: Pod) -> bool | None:
    """Whether a policy is about a pod."""
    if policy["metadata"]["namespace"] != pod.namespace:
        return False
    selector = (policy.get("spec") or {}).get("podSelector")
    if selector is None:
        return NOBODY_KNOWS
    return fits(selector, None if pod.object is None else labels_of(pod.object))


def labels_of(item: dict) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def any_rule(
    document: Document, policy: dict, pod: Pod, source: Address, packet: Packet, only_without_ports: bool
) -> bool | None:
    """Whether a rule of one policy lets in one address, on the packet's port."""
    if not policy.get("spec"):
        return NOBODY_KNOWS
    rules = policy["spec"].get("ingress") or []
    return any_of(
        all_of([is_about_port(rule, pod, packet), names(document, policy, rule, source)])
        for rule in rules
        if not (only_without_ports and rule.get("ports"))
    )


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of several holds."""
    found = set(answers)
    return True if True in found else NOBODY_KNOWS if None in found else False


# Ports.


def is_about_port(rule: dict, pod: Pod, packet: Packet) -> bool | None:
    """Whether a rule is about the pod's port."""
    ports = rule.get("ports") or []
    return any_of(means_port(item, pod, packet) for item in ports) if ports else True


def means_port(item: dict, pod: Pod, packet: Packet) -> bool | None:
    """One entry: any port, a number, a range, or the name that a running container gives the port."""
    if (item.get("protocol") or "TCP") != packet.protocol:
        return False
    first = item.get("port")
    if first is None:
        return True
    if isinstance(first, int):
        return first <= packet.port <= (item.get("endPort") or first)
    return NOBODY_KNOWS if pod.object is None else first in names_of_port(pod.object, packet)


def names_of_port(pod: dict, packet: Packet) -> set[str]:
    """What a Pod's running containers call a port."""
    every = [port for container in containers_of(pod) for port in container.get("ports") or []]
    asked = packet.protocol, packet.port
    return {port.get("name") for port in every if (port.get("protocol") or "TCP", port["containerPort"]) == asked}


# Peers.


def names(document: Document, policy: dict, rule: dict, source: Address) -> bool | None:
    """Whether a rule names an address among its peers."""
    peers = rule.get("from") or []
    return any_of(is_peer(document, policy, peer, source) for peer in peers) if peers else True


def is_peer(document: Document, policy: dict, peer: dict, source: Address) -> bool | None:
    """One peer: a block without its exceptions, or pods."""
    block = peer.get("ipBlock")
    if block is not None:
        excepted = [parsed_network(text) for text in block.get("except") or []]
        return source in parsed_network(block["cidr"]) and not any(source in item for item in excepted)
    if peer.get("podSelector") is None and peer.get("namespaceSelector") is None:
        return NOBODY_KNOWS
    if is_no_pods(document, source):
        return False
    having = [item for item in objects(document, "Pod") if source in parsed(addresses_of_pod(item))]
    if having:
        named = {names_pod(document, policy, peer, item) for item in having if not is_on_host_network(item)}
        return False if named <= {False} else True if named == {True} else NOBODY_KNOWS
    return False if is_surely_no_pod(document, policy, peer, source) else NOBODY_KNOWS


def parsed(texts: Iterable[str]) -> set[Address]:
    return {parsed_address(text) for text in texts}


def is_no_pods(document: Document, source: Address) -> bool:
    """Whether an address is a node's, or one of a CLB's own."""
    balancers = document.get("load_balancers") or []
    own = [text for item in balancers for text in [*(item.get("LoadBalancerVips") or []), item.get("AddressIPv6")]]
    own += [entry["Ip"] for item in balancers for entry in item.get("SnatIps") or []]
    return source in parsed(filter(None, own)) or is_node(document, str(source))


def names_pod(document: Document, policy: dict, peer: dict, pod: dict) -> bool | None:
    """Whether a peer means a Pod: by its namespace, and by its labels."""
    namespace, selector = pod["metadata"]["namespace"], peer.get("podSelector")
    wanted = peer.get("namespaceSelector")
    there = (
        namespace == policy["metadata"]["namespace"]
        if wanted is None
        else fits(wanted, labels_of_namespace(document, namespace))
    )
    return all_of([there, True if selector is None else fits(selector, labels_of(pod))])


def labels_of_namespace(document: Document, name: str) -> dict[str, str] | None:
    """None where the Namespace was not read."""
    found = [item for item in objects(document, "Namespace") if item["metadata"]["name"] == name]
    return labels_of(found[0]) if found else None


def is_surely_no_pod(document: Document, policy: dict, peer: dict, source: Address) -> bool:
    """Whether an address that no Pod has is that of none which was not read either."""
    namespace = policy["metadata"]["namespace"] if peer.get("namespaceSelector") is None else None
    if is_complete_for(document, "Pod", namespace):
        return True
    return source.version == 4 and (source in PROBES or not any(source in block for block in PRIVATE))


# Addresses that policies may tell apart.


def kinds_of_sources(document: Document, policies: list[tuple[dict, bool | None]], packet: Packet) -> list[Address]:
    """One address of each stretch in which all are treated alike, out of all that the packet may come from."""
    spans = [(block[0], block[-1]) for block in (PROBES, *PRIVATE)]
    spans += [(block[0], block[-1]) for policy, _ in policies for block in blocks_of(policy)]
    spans += [(address, address) for address in known_addresses(document)]
    found = []
    for first, last in packet.ranges:
        starts = {begin for begin, _ in spans} | {end + 1 for _, end in spans if not is_last(end)}
        found += [first, *(start for start in starts if start.version == first.version and first < start <= last)]
    return found


def is_last(address: Address) -> bool:
    """Whether no address comes after it."""
    return int(address) == 2**address.max_prefixlen - 1


def blocks_of(policy: dict) -> list:
    """All blocks that a policy names, exceptions among them."""
    rules = (policy.get("spec") or {}).get("ingress") or []
    blocks = [peer["ipBlock"] for rule in rules for peer in rule.get("from") or [] if peer.get("ipBlock")]
    return [parsed_network(text) for block in blocks for text in [block["cidr"], *(block.get("except") or [])]]


def known_addresses(document: Document) -> set[Address]:
    """Every address that a peer may be asked about by itself."""
    balancers = document.get("load_balancers") or []
    texts = {text for item in objects(document, "Pod") for text in addresses_of_pod(item)}
    texts |= {item["status"]["hostIP"] for item in objects(document, "Pod") if item["status"].get("hostIP")}
    for node in objects(document, "Node"):
        texts |= {entry["address"] for entry in node["status"]["addresses"] if entry["type"] != "Hostname"}
    for instance in document.get("instances") or []:
        texts |= {*instance["PrivateIpAddresses"], *(instance.get("IPv6Addresses") or [])}
    for item in balancers:
        texts |= {*(item.get("LoadBalancerVips") or []), *filter(None, [item.get("AddressIPv6")])}
        texts |= {entry["Ip"] for entry in item.get("SnatIps") or []}
    return parsed(texts)
