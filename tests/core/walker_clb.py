"""
Which load balancer a question asks, and which listener and forwarding rule answer (section 1 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from walker_cluster import Document, family, objects, same_name

BALANCER_ANNOTATIONS = ("service.kubernetes.io/loadbalance-id", "service.kubernetes.io/tke-existed-lbid")


def vips_of(balancer: dict) -> list[str]:
    """Every fixed address of a load balancer, in the order in which the API gives them."""
    listed = list(balancer.get("LoadBalancerVips") or [])
    six = balancer.get("AddressIPv6")
    return listed + ([six] if six and six not in listed else [])


def service_asked(document: Document, question: dict) -> dict | None:
    """The Service that the question names; None when it names a VIP."""
    if not question.get("service"):
        return None
    namespace, name = question["service"].split("/")
    return next(item for item in objects(document, "Service") if same_name(item, namespace, name))


def only(found: Iterable[dict]) -> dict | None:
    """The one load balancer that was found; of several nobody knows which is meant."""
    every = list(found)
    return every[0] if len(every) == 1 else None


def balancer_asked(document: Document, question: dict) -> dict | None:
    """By VIP, else by the id that the Service carries (None: there is none with it), else by the Service's status."""
    balancers = document["load_balancers"]
    if question.get("vip"):
        return only(item for item in balancers if question["vip"] in [*vips_of(item), item.get("LoadBalancerDomain")])
    service = service_asked(document, question)
    annotations = service["metadata"].get("annotations") or {}
    for key in BALANCER_ANNOTATIONS:
        if annotations.get(key):
            return next((item for item in balancers if item["LoadBalancerId"] == annotations[key]), None)
    shown = service["status"]["loadBalancer"]["ingress"][0]
    return only(
        item
        for item in balancers
        if shown.get("ip") in vips_of(item) or (shown.get("hostname") or "-") == item.get("LoadBalancerDomain")
    )


def vip_asked(balancer: dict, question: dict) -> str | None:
    """The VIP of the question, else the first of the client's family; None for a CLB that has only a domain name."""
    if question.get("vip") in vips_of(balancer):
        return question["vip"]
    fitting = [vip for vip in vips_of(balancer) if family(vip) == family(question["client"])]
    return fitting[0] if fitting else None


def transport(listener: dict) -> str:
    """What a listener's protocol travels in."""
    return "UDP" if listener["Protocol"] in ("UDP", "QUIC") else "TCP"


def is_layer7(listener: dict) -> bool:
    """Whether the CLB itself answers."""
    return listener["Protocol"] in ("HTTP", "HTTPS")


def lacks_ports(document: Document, question: dict) -> bool:
    """Whether a question names no port, and the Service's were not read."""
    service = None if question.get("port") else service_asked(document, question)
    return service is not None and service["spec"].get("ports") is None


def own_listeners(service: dict, listeners: list[dict]) -> list[dict]:
    """The listeners on the Service's own ports."""
    own = {(port["port"], port.get("protocol", "TCP")) for port in service["spec"]["ports"]}
    return [item for item in listeners if (item["Port"], transport(item)) in own]


def listener_asked(document: Document, question: dict, listeners: list[dict]) -> dict | None:
    """
    The listener on the port, for the protocol named; where none is named TCP goes before UDP.

    Without a port it is the one on a port of the Service, or the CLB's only one.
    """
    if not question.get("port"):
        service = service_asked(document, question)
        (listener,) = own_listeners(service, listeners) if service else listeners
        return listener
    port = question["port"]
    on_port = [item for item in listeners if item["Port"] <= port <= (item.get("EndPort") or item["Port"])]
    for protocol in (question["protocol"],) if question.get("protocol") else ("TCP", "UDP"):
        for listener in on_port:
            if transport(listener) == protocol:
                return listener
    return None


def hosts_of(rule: dict) -> list[str]:
    """The domains of a forwarding rule in lower case; none where they were not read."""
    return [host.lower() for host in rule.get("Domains") or [rule.get("Domain")] if host]


def rules_with(rules: list[dict], hosts: list[str]) -> list[dict]:
    """The rules that have one of the domains."""
    return [rule for rule in rules if set(hosts) & set(hosts_of(rule))]


def rules_for_host(rules: list[dict], host: str) -> list[dict]:
    """
    Exact name, ``*.suffix``, ``prefix.*``, default domain.

    Nothing where two names of one kind fit, or where none fits and a regular expression might.
    """
    host = host.lower()
    every = {name for rule in rules for name in hosts_of(rule)}
    suffixes = {name for name in every if name.startswith("*.") and host.endswith(name[1:])}
    prefixes = {name for name in every if name.endswith(".*") and host.startswith(name[:-1])}
    for names in (every & {host}, suffixes, prefixes):
        if names:
            return rules_with(rules, list(names)) if len(names) == 1 else []
    if any(name.startswith("~") for name in every):
        return []
    return rules_with(rules, [name for rule in rules if rule.get("DefaultServer") for name in hosts_of(rule)])


def rule_for_path(rules: list[dict], path: str) -> dict | None:
    """``=`` wins, then the longest ``^~``, then the longest plain path unless a regular expression might match."""
    urls = {rule.get("Url"): rule for rule in rules}
    if any(not url for url in urls):
        return None
    if "=" + path in urls:
        return urls["=" + path]
    strong = [url for url in urls if url.startswith("^~") and path.startswith(url[2:])]
    if strong:
        return urls[max(strong, key=len)]
    if any(url.startswith("~") for url in urls):
        return None
    plain = [url for url in urls if path.startswith(url)]
    return urls[max(plain, key=len)] if plain else None


def forwarding_rule(listener: dict, host: str, path: str) -> dict | None:
    """The forwarding rule that a request meets; None where there is none or it is not decided."""
    rules = listener.get("Rules") or []
    return rule_for_path(rules_for_host(rules, host), path) if all(map(hosts_of, rules)) else None


@dataclass(frozen=True)
class Asked:
    """
    A question that has found its listener, and the forwarding rule if the listener has such.

    *vip* is None for a CLB that is asked by its domain name. *insider* is a client inside whose packets come to it.
    """

    document: Document
    client: str
    balancer: dict
    vip: str | None
    listener: dict
    rule: dict | None = None
    insider: object | None = None

    @property
    def version(self) -> int:
        """The family in which the client and the CLB speak."""
        return family(self.vip or self.client)

    @property
    def place(self) -> tuple[str, str]:
        """The CLB as a hop."""
        return "clb", self.balancer["LoadBalancerId"]

    @property
    def protocol(self) -> str:
        """TCP or UDP."""
        return transport(self.listener)

    @property
    def targets(self) -> list[dict]:
        """All targets in order, also those that take no requests."""
        return self.holder.get("Targets") or []

    @property
    def are_targets_read(self) -> bool:
        """An empty list is known to be empty."""
        return self.holder.get("Targets") is not None

    @property
    def holder(self) -> dict:
        """Where the targets are listed."""
        return self.rule or self.listener
