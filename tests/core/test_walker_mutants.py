"""
An engine broken on purpose is caught by the walker.

Each mistake is made by showing the engine a changed snapshot or question, as if it had misread the one that the walker
sees, or by changing its answer.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy

import pytest
from walker_cases import cases_with
from walker_comparison import FEATURES, difference, engine

from tests.thorough import thorough

pytestmark = thorough

Change = Callable[[dict, dict], object]  # what it returns is not looked at


def objects(document: dict, kind: str) -> list[dict]:
    return [item for item in document.get("kubernetes") or [] if item["kind"] == kind]


def listeners(document: dict) -> Iterator[dict]:
    for found in (document.get("listeners") or {}).values():
        yield from found


def rules_and_listeners(document: dict) -> Iterator[dict]:
    """Whatever has targets and a health check of its own."""
    for listener in listeners(document):
        yield from listener["Rules"] or [listener]


def targets(document: dict) -> Iterator[dict]:
    for holder in rules_and_listeners(document):
        yield from holder.get("Targets") or ()


def health_checks(document: dict) -> Iterator[dict]:
    for listener in listeners(document):
        yield from (
            holder["HealthCheck"] for holder in (listener, *(listener["Rules"] or ())) if holder.get("HealthCheck")
        )


def statuses(document: dict) -> Iterator[dict]:
    for balancer in document.get("target_health") or []:
        for listener in balancer["Listeners"]:
            for rule in listener["Rules"]:
                yield from rule["Targets"]


def endpoints(document: dict) -> Iterator[dict]:
    for piece in objects(document, "EndpointSlice"):
        yield from piece.get("endpoints") or ()


def part(name: str) -> Callable[[dict], list[dict]]:
    return lambda document: document.get(name) or []


def kind(name: str) -> Callable[[dict], list[dict]]:
    return lambda document: objects(document, name)


def cluster(document: dict) -> list[dict]:
    return [document["cluster"]] if document.get("cluster") else []


def pod_specs(document: dict) -> list[dict]:
    return [pod["spec"] for pod in objects(document, "Pod")]


def templates(document: dict) -> Iterator[dict]:
    for name in ("address_templates", "address_template_groups", "service_templates", "service_template_groups"):
        yield from (document.get(name) or {}).values()


def specs(document: dict) -> list[dict]:
    return [service["spec"] for service in objects(document, "Service")]


def policy_sets(document: dict) -> Iterator[dict]:
    for group in (document.get("security_groups") or {}).values():
        if group.get("SecurityGroupPolicySet"):
            yield group["SecurityGroupPolicySet"]


def containers(document: dict) -> Iterator[dict]:
    for pod in objects(document, "Pod"):
        yield from pod["spec"]["containers"]


def forwarding(document: dict) -> Iterator[dict]:
    for listener in listeners(document):
        yield from listener["Rules"] or ()


def setting(find: Callable, field: str, value: object) -> Change:
    """Every thing found has a field set."""
    return lambda document, _: [item.update({field: value}) for item in find(document)]


def losing(find: Callable, field: str) -> Change:
    """Every thing found has lost a field."""
    return lambda document, _: [item.pop(field, None) for item in find(document)]


def replacing(find: Callable, field: str, old: object, new: object) -> Change:
    """A field's one value is taken for another."""
    return lambda document, _: [item.update({field: new}) for item in find(document) if item.get(field) == old]


def turning(find: Callable, field: str) -> Change:
    """A list is read backwards."""

    def change(document: dict, _: dict) -> None:
        for item in find(document):
            if item.get(field):
                item[field] = item[field][::-1]

    return change


def without(name: str, kind_lost: str) -> Change:
    """Objects of one kind are not seen."""
    return lambda document, _: document.update({name: [i for i in document.get(name) or [] if i["kind"] != kind_lost]})


def semantics(**switches: object) -> Change:
    """A switch of the engine's behaviour."""
    return lambda document, _: document.update({"semantics": switches})


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
        spec["ports"] = spec["ports"][:1]


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


def super_nodes_are_nodes(document: dict, _: dict) -> None:
    for item in [*endpoints(document), *pod_specs(document)]:
        if (item.get("nodeName") or "").startswith("eklet-"):
            item["nodeName"] = "node-9"


def nobody_is_inside(document: dict, question: dict) -> None:
    """A neighbour of nodes and pods asks in their place."""
    if question["client"].startswith(("10.0.1.", "10.0.2.", "2001:db8:1:", "2001:db8:2:")):
        question["client"] = "10.0.3.1" if "." in question["client"] else "2001:db8:3::1"


def namesakes_are_ours(document: dict, _: dict) -> None:
    for piece in objects(document, "EndpointSlice"):
        piece["metadata"]["namespace"] = "shop"


def setting_is_inherit(document: dict, _: dict) -> None:
    if (document.get("cluster") or {}).get("eniipamd"):
        document["cluster"]["eniipamd"] = {"enableSecurityGroups": True, "securityGroups": []}


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


BALANCERS, INSTANCES, INTERFACES = part("load_balancers"), part("instances"), part("network_interfaces")

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
    "the setting goes before the interface": (None, losing(INTERFACES, "GroupSet")),
    "the setting is not looked at": (None, losing(cluster, "eniipamd")),
    "the setting always inherits": (None, setting_is_inherit),
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
    "keep-alive is not looked at": ("keep-alive", losing(listeners, "KeepaliveEnable")),
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
    "super nodes are like others": ("super nodes", super_nodes_are_nodes),
    "the Pod is not asked for its node": ("no node name", losing(pod_specs, "nodeName")),
    "the EndpointSlice is not asked for the node": ("no node name", losing(endpoints, "nodeName")),
    "no client is inside": ("inside", nobody_is_inside),
    "other namespaces count": ("namesakes", namesakes_are_ours),
    "weights are not looked at": (None, losing(targets, "Weight")),
    "no weight is 0": (
        None,
        lambda document, _: [target.setdefault("Weight", 0) for target in targets(document)],
    ),
    "observed health is not looked at": ("observed", lambda document, _: document.update(target_health=None)),
    "Unknown is Alive": ("observed", replacing(statuses, "HealthStatusDetail", "Unknown", "Alive")),
    "Unknown is Dead": ("observed", replacing(statuses, "HealthStatusDetail", "Unknown", "Dead")),
    "Close is Dead": ("observed", replacing(statuses, "HealthStatusDetail", "Close", "Dead")),
    "Dead is Alive": ("observed", replacing(statuses, "HealthStatusDetail", "Dead", "Alive")),
    "health of another rule": ("observed", health_of_another_rule),
    "health is found by instance only": ("observed", losing(statuses, "IP")),
    "probes are always on": (None, setting(health_checks, "HealthSwitch", 1)),
    "probes come from 100.64": (None, losing(health_checks, "SourceIpType")),
    "probes come from the VIP where not said": (
        None,
        lambda document, _: [check.setdefault("SourceIpType", 0) for check in health_checks(document)],
    ),
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


def catching(asked: Callable[[dict, dict], dict], feature: str | None = None) -> int | None:
    """The first case in which the walker disagrees with a broken engine, and with the sound one does not."""
    for case in cases_with(frozenset({feature} if feature else ())):
        if difference(case.document, case.question, asked) and not difference(case.document, case.question):
            return case.seed
    return None


def misreading(change: Change) -> Callable[[dict, dict], dict]:
    """The engine, shown a snapshot or a question with one change."""

    def asked(document: dict, question: dict) -> dict:
        document, question = deepcopy(document), dict(question)
        change(document, question)
        return engine(document, question)

    return asked


def misanswering(change: Callable[[dict], object]) -> Callable[[dict, dict], dict]:
    """The engine with one change in its answer."""

    def asked(document: dict, question: dict) -> dict:
        answer = engine(document, question)
        change(answer)
        return answer

    return asked


@pytest.mark.parametrize(
    ("feature", "change"),
    [pytest.param(*pair, id=name) for name, pair in MISREADINGS.items() if pair[0] in {None, *FEATURES}],
)
def test_an_engine_that_misreads_its_snapshot_is_caught(feature: str | None, change: Change) -> None:
    """A comparison that never fails proves nothing, so each likely mistake is made once."""
    assert catching(misreading(change), feature) is not None


MISANSWERS: dict[str, Callable[[dict], object]] = {
    "nothing is hypothetical": lambda answer: [item.update(hypothetical=False) for item in answer["blockers"]],
    "everything is hypothetical": lambda answer: [item.update(hypothetical=True) for item in answer["blockers"]],
    "the last blocker is lost": lambda answer: answer.update(blockers=answer["blockers"][:-1]),
    "the best symptom is lost": lambda answer: answer.update(symptoms=answer["symptoms"][:1]),
    "the index starts at one": lambda answer: [
        item.update(policy_index=item["policy_index"] + 1)
        for item in answer["blockers"]
        if item["policy_index"] is not None
    ],
    "intermittent is unreachable": lambda answer: answer.update(
        verdict="unreachable" if answer["verdict"] == "intermittent" else answer["verdict"]
    ),
    "undetermined is intermittent": lambda answer: answer.update(
        verdict="intermittent" if answer["verdict"] == "undetermined" else answer["verdict"]
    ),
    "Unknown is predicted Dead": lambda answer: [
        item.update(predicted="Dead") for item in answer["health"] if item["predicted"] == "Unknown"
    ],
}


@pytest.mark.parametrize("change", MISANSWERS.values(), ids=MISANSWERS)
def test_an_engine_that_gives_a_wrong_answer_is_caught(change: Callable[[dict], object]) -> None:
    """Every part of the answer that is compared can make the comparison fail."""
    assert catching(misanswering(change)) is not None
