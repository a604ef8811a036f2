"""Mistakes that an engine might make in reading a snapshot; more are in walker_misreadings_new.py."""

from collections.abc import Callable

from walker_mistakes import (
    BALANCERS,
    INSTANCES,
    INTERFACES,
    Change,
    cluster,
    containers,
    defaulting,
    endpoints,
    forwarding,
    health_checks,
    listeners,
    losing,
    objects,
    pod_specs,
    policy_sets,
    replacing,
    rules_and_listeners,
    semantics,
    setting,
    specs,
    statuses,
    targets,
    templates,
    turning,
    without,
)


def first_target_only(document: dict, _: dict) -> None:
    for holder in rules_and_listeners(document):
        holder["Targets"] = holder["Targets"][:1] if holder.get("Targets") else None


def first_endpoint_only(document: dict, _: dict) -> None:
    for piece in objects(document, "EndpointSlice"):
        piece["endpoints"] = (piece.get("endpoints") or [])[:1]


def egress_is_open(document: dict, _: dict) -> None:
    for policy_set in policy_sets(document):
        policy_set["Egress"] = [{"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0"}]


def directions_are_swapped(document: dict, _: dict) -> None:
    for policy_set in policy_sets(document):
        lists = {"Ingress": policy_set.pop("Egress", None), "Egress": policy_set.pop("Ingress", None)}
        policy_set.update({name: found for name, found in lists.items() if found is not None})


def unread_lists_are_empty(document: dict, _: dict) -> None:
    for policy_set in policy_sets(document):
        policy_set.setdefault("Ingress", [])
        policy_set.setdefault("Egress", [])


def ports_on_any_protocol(document: dict, _: dict) -> None:
    for container in containers(document):
        both = [{**port, "protocol": name} for port in container.get("ports") or () for name in ("TCP", "UDP")]
        container["ports"] = both


def service_ports_by_number_only(document: dict, _: dict) -> None:
    for piece in objects(document, "EndpointSlice"):
        ports = piece.get("ports") or []
        piece["ports"] = [{**port, "name": ports[0].get("name", "")} for port in ports]


def every_node_port_is_first(document: dict, _: dict) -> None:
    for spec in specs(document):
        spec["ports"] = (spec.get("ports") or [])[:1]


def nobody_is_on_the_node(document: dict, _: dict) -> None:
    for endpoint in endpoints(document):
        endpoint["nodeName"] = "elsewhere"


def last_address_first(document: dict, _: dict) -> None:
    for instance in document.get("instances") or []:
        instance["PrivateIpAddresses"] = instance["PrivateIpAddresses"][::-1]


def unread_targets_are_none(document: dict, _: dict) -> None:
    for holder in rules_and_listeners(document):
        holder["Targets"] = holder.get("Targets") or []


def bare_templates_are_empty(document: dict, _: dict) -> None:
    for template in templates(document):
        if not any(template.values()):
            template.update(AddressSet=[], AddressTemplateIdSet=[], ServiceSet=[], ServiceTemplateIdSet=[])


def nobody_is_inside(document: dict, question: dict) -> None:
    """A neighbour of nodes and pods asks in their place."""
    if question["client"].startswith(("10.0.1.", "10.0.2.", "2001:db8:1:", "2001:db8:2:")):
        question["client"] = "10.0.3.1" if "." in question["client"] else "2001:db8:3::1"


def namesakes_are_ours(document: dict, _: dict) -> None:
    for piece in objects(document, "EndpointSlice"):
        piece["metadata"]["namespace"] = "shop"


def health_of_another_rule(document: dict, _: dict) -> None:
    for balancer in document.get("target_health") or []:
        for listener in balancer["Listeners"]:
            for number, rule in enumerate(listener["Rules"]):
                rule["LocationId"] = listener["Rules"][number - 1]["LocationId"]


def clients_are_neighbours(_: dict, question: dict) -> None:
    """The last bit of the client's address is lost."""
    head, dot, tail = question["client"].rpartition("." if "." in question["client"] else ":")
    question["client"] = f"{head}{dot}{int(tail) + 1}"


def hosts_are_not_looked_at(document: dict, question: dict) -> None:
    for rule in forwarding(document):
        rule.pop("Domains", None)
        rule["Domain"] = "any.test"
    question["host"] = "any.test"


def first_vip_of_any(document: dict, _: dict) -> None:
    for balancer in document["load_balancers"]:
        balancer.pop("AddressIPv6", None)


def snat_addresses(find: Callable[[list], list]) -> Change:
    def change(document: dict, _: dict) -> None:
        for balancer in document["load_balancers"]:
            if balancer.get("SnatIps"):
                balancer["SnatIps"] = find(balancer["SnatIps"])

    return change


# Each mistake with the feature without which it cannot show; None: always.
MISREADINGS: dict[str, tuple[str | None, Change]] = {
    "pods see the client under Cluster": (None, semantics(cluster_policy_hides_client=False)),
    "local pods are behind their interface": (None, semantics(local_delivery_skips_pod_eni=False)),
    "layer 4 answers 504": ("layer 4", semantics(tcp_listener_answers_504=True)),
    "dropped is 502": ("layer 7", semantics(dropped_status=502)),
    "the CLB waits longer": ("layer 7", semantics(connect_timeout_s=5.0)),
    "the CLB's groups are read backwards": (None, turning(BALANCERS, "SecureGroups")),
    "a node's groups are read backwards": (None, turning(INSTANCES, "SecurityGroupIds")),
    "an interface's groups are read backwards": (None, turning(INTERFACES, "GroupSet")),
    "the CLB has no groups": (None, setting(BALANCERS, "SecureGroups", [])),
    "nodes have no groups": (None, setting(INSTANCES, "SecurityGroupIds", [])),
    "interfaces have no groups": (None, setting(INTERFACES, "GroupSet", [])),
    "interfaces are not looked at": (None, lambda document, _: document.update(network_interfaces=[])),
    "directions are swapped": (None, directions_are_swapped),
    "egress is not asked": (None, egress_is_open),
    "unread lists are empty": ("unread", unread_lists_are_empty),
    "unread groups of the CLB are none": (
        "unread",
        lambda document, _: [item.setdefault("SecureGroups", []) for item in document["load_balancers"]],
    ),
    "the neighbour's address": (None, clients_are_neighbours),
    "pass-to-target is not looked at": ("pass to target", setting(BALANCERS, "LoadBalancerPassToTarget", False)),
    "pass-to-target is always on": (None, setting(BALANCERS, "LoadBalancerPassToTarget", True)),
    "keep-alive is not looked at": ("keep-alive", setting(listeners, "KeepaliveEnable", 0)),
    "keep-alive is always on": ("keep-alive", setting(listeners, "KeepaliveEnable", 1)),
    "Local is Cluster": ("local", replacing(specs, "externalTrafficPolicy", "Local", "Cluster")),
    "Cluster is Local": ("local", setting(specs, "externalTrafficPolicy", "Local")),
    "endpoints are always ready": (None, setting(endpoints, "conditions", {})),
    "endpoints are never here": (None, nobody_is_on_the_node),
    "only the first endpoint": (None, first_endpoint_only),
    "only the first target": (None, first_target_only),
    "EndpointSlices are not seen": (None, without("kubernetes", "EndpointSlice")),
    "Nodes are not seen": (None, without("kubernetes", "Node")),
    "Pods are not seen": (None, without("kubernetes", "Pod")),
    "pods listen on everything": (None, setting(containers, "ports", [])),
    "port names are not looked at": (None, service_ports_by_number_only),
    "a Service's first port only": (None, every_node_port_is_first),
    "a node answers from its last address": ("two addresses", last_address_first),
    "targets that were not read are none": ("targets not read", unread_targets_are_none),
    "templates without a list are empty": ("bare templates", bare_templates_are_empty),
    "the Pod is not asked for its node": ("no node name", losing(pod_specs, "nodeName")),
    "the EndpointSlice is not asked for the node": ("no node name", losing(endpoints, "nodeName")),
    "no client is inside": ("inside", nobody_is_inside),
    "other namespaces count": ("namesakes", namesakes_are_ours),
    "weights are not looked at": (None, replacing(targets, "Weight", 0, 10)),
    "no weight is 0": ("no weight", defaulting(targets, "Weight", 0)),
    "observed health is not looked at": ("observed", lambda document, _: document.update(target_health=None)),
    "Unknown is Alive": ("observed", replacing(statuses, "HealthStatusDetail", "Unknown", "Alive")),
    "Unknown is Dead": ("observed", replacing(statuses, "HealthStatusDetail", "Unknown", "Dead")),
    "Close is Dead": ("observed", replacing(statuses, "HealthStatusDetail", "Close", "Dead")),
    "Dead is Alive": ("observed", replacing(statuses, "HealthStatusDetail", "Dead", "Alive")),
    "health of another rule": ("observed", health_of_another_rule),
    "health is found by instance only": ("observed", losing(statuses, "IP")),
    "probes are always on": (None, setting(health_checks, "HealthSwitch", 1)),
    "probes come from 100.64": (None, setting(health_checks, "SourceIpType", 1)),
    "probes come from the VIP where not said": ("no probe source", defaulting(health_checks, "SourceIpType", 0)),
    "a rule's own health check is not looked at": ("layer 7", losing(forwarding, "HealthCheck")),
    "the first forwarding rule": ("layer 7", lambda _, question: question.update(path="/")),
    "CheckPort is not looked at": ("CheckPort", losing(health_checks, "CheckPort")),
    "a pod declares for both protocols": ("udp", ports_on_any_protocol),
    "SnatPro is not looked at": ("SnatPro", setting(BALANCERS, "SnatPro", False)),
    "SnatPro uses one address": ("SnatPro", snat_addresses(lambda addresses: addresses[:1])),
    "SnatPro uses any address": ("SnatPro", losing(BALANCERS, "SnatIps")),
    "private is public": ("internal", setting(BALANCERS, "LoadBalancerType", "OPEN")),
    "public is private": ("internal", setting(BALANCERS, "LoadBalancerType", "INTERNAL")),
    "exclusive is shared": ("exclusive", losing(cluster, "VpcCniType")),
    "shared is exclusive": ("exclusive", setting(cluster, "VpcCniType", "tke-direct-eni")),
    "trunks are not looked at": ("trunk", losing(INTERFACES, "EniType")),
    "policies are not looked at": ("policy", without("kubernetes", "SecurityGroupPolicy")),
    "policies of any namespace count": (
        "policy",
        lambda document, _: (
            [item["metadata"].update(namespace="shop") for item in objects(document, "SecurityGroupPolicy")]
        ),
    ),
    "pods are nodes": ("eni targets", replacing(targets, "Type", "ENI", "CCN")),
    "hosts are not looked at": ("hosts", hosts_are_not_looked_at),
    "no default domain": ("hosts", losing(forwarding, "DefaultServer")),
    "only the first domain": ("hosts", losing(forwarding, "Domains")),
    "paths are not looked at": ("paths", lambda _, question: question.update(path="/other")),
    "classic is not looked at": ("not modelled", losing(BALANCERS, "Forward")),
    "port ranges are not looked at": ("not modelled", losing(listeners, "EndPort")),
    "the network is not looked at": ("not modelled", losing(cluster, "NetworkType")),
    "other targets are nodes": ("not modelled", replacing(targets, "Type", "CCN", "CVM")),
}
