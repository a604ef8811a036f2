"""
Words to write a case with: ``lab(second_target, ingress(NODE_GROUP, "DROP ALL 0.0.0.0/0 ALL"), listener="TCP")``.

A *change* takes the default lab's document and alters it in place; those that need an argument return one.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from drilllib.core.answers import Question, Trace
from drilllib.core.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, POD_GROUP, SERVICE, VIP, default_lab
from drilllib.core.evidence import Hop, Symptom
from drilllib.core.semantics import DOCUMENTED, Semantics
from drilllib.core.topology import Snapshot
from drilllib.core.trace import trace

Document = dict[str, Any]
Change = Callable[[Document], None]

LISTENERS = ("HTTP", "TCP")
EVERYTHING = "ALL 0.0.0.0/0 ALL"

# What a client meets when nobody answers, and when somebody says no, at each kind of listener.
SILENCE = {"HTTP": "504 after 4 s", "TCP": "connect_timeout"}
REFUSAL = {"HTTP": "502", "TCP": "refused"}


def lab(*changes: Change, listener: str = "HTTP", semantics: Semantics = DOCUMENTED) -> Snapshot:
    """The default lab with *changes* made in turn."""
    document = default_lab(listener=listener, semantics=semantics)
    for change in changes:
        change(document)
    return Snapshot(document)


def ask(snapshot: Snapshot, **question: Any) -> Trace:
    """The default client's question about the default Service, but for what *question* says."""
    who = {} if "vip" in question else {"service": SERVICE}
    return trace(snapshot, Question(**{"client": CLIENT, **who, **question}))


def said(symptom: Symptom | None) -> str:
    """A symptom in short: ``connect_timeout``, ``refused``, ``200``, ``504 after 4 s``."""
    if symptom is None:
        return "?"
    what = symptom.kind if symptom.status is None else str(symptom.status)
    return f"{what} after {symptom.seconds:g} s" if symptom.seconds else what


def fate(answer: Trace) -> str:
    """Verdict and every symptom, the worst first: ``intermittent: connect_timeout, 200``."""
    return f"{answer.verdict}: {', '.join(map(said, answer.symptoms))}"


def health(answer: Trace) -> list[str]:
    """The predicted health of each target."""
    return [each.predicted for each in answer.health]


def blocked_at(answer: Trace) -> list[tuple[str, str]]:
    """Hop and reason of every blocker that shows at once, in order."""
    return [(each.hop, each.reason) for each in answer.blockers if not each.hypothetical]


def hop(answer: Trace, name: str, path: int = 0) -> Hop:
    """The hop called clb, node or pod on one of the answer's paths."""
    return next(each for each in answer.paths[path].hops if each.hop == name)


# Groups


def rules(*lines: str) -> list[Document]:
    """``ACCEPT TCP 203.0.113.0/24 80`` as the API writes it; the peer may be the id of a group or a template."""
    split = [line.split() for line in lines]
    return [
        {
            "PolicyIndex": index,
            "Protocol": protocol,
            "Port": port,
            **_peer(peer),
            "Action": action,
        }
        for index, (action, protocol, peer, port) in enumerate(split)
    ]


def _peer(text: str) -> Document:
    kind = text.split("-")[0]
    if kind in ("ipm", "ipmg"):
        return {"AddressTemplate": {"AddressId" if kind == "ipm" else "AddressGroupId": text}}
    return {"SecurityGroupId" if kind == "sg" else "CidrBlock": text}


def ingress(group: str, *lines: str) -> Change:
    """The group's ingress list is exactly these lines."""
    return _list(group, "Ingress", lines)


def egress(group: str, *lines: str) -> Change:
    """The group's egress list is exactly these lines."""
    return _list(group, "Egress", lines)


def _list(group: str, name: str, lines: tuple[str, ...]) -> Change:
    def change(document: Document) -> None:
        empty = {"SecurityGroupPolicySet": {"Version": "1", "Ingress": [], "Egress": rules(f"ACCEPT {EVERYTHING}")}}
        policy_set = document["security_groups"].setdefault(group, empty)["SecurityGroupPolicySet"]
        policy_set[name] = rules(*lines)

    return change


def closed(*groups: str) -> Change:
    """These groups let nothing in."""
    return together(*(ingress(group) for group in groups))


def together(*changes: Change) -> Change:
    """Several changes as one."""

    def change(document: Document) -> None:
        for each in changes:
            each(document)

    return change


group_1_closed = closed(CLB_GROUP)
group_2_closed = closed(NODE_GROUP)
group_3_closed = closed(POD_GROUP)


# The CLB


def clb_groups(*groups: str) -> Change:
    def change(document: Document) -> None:
        document["load_balancers"][0]["SecureGroups"] = list(groups)

    return change


def pass_to_target(document: Document) -> None:
    document["load_balancers"][0]["LoadBalancerPassToTarget"] = True


def the_listener(document: Document) -> Document:
    return document["listeners"]["lb-lab00001"][0]


def targets(document: Document) -> list[Document]:
    """The target list of the only forwarding rule, or of the layer-4 listener."""
    listener = the_listener(document)
    return (listener.get("Rules") or [listener])[0]["Targets"]


def no_listener(document: Document) -> None:
    document["listeners"]["lb-lab00001"] = []


def no_targets(document: Document) -> None:
    targets(document).clear()


def second_target(document: Document) -> None:
    """node-b is registered too: the pod's own node."""
    first = targets(document)[0]
    targets(document).append({**first, "InstanceId": "ins-nodeb001", "PrivateIpAddresses": ["10.0.35.12"]})


def first_target_gone(document: Document) -> None:
    del targets(document)[0]


def second_vip(document: Document) -> None:
    document["load_balancers"][0]["LoadBalancerVips"].append("192.0.2.11")


def weight(target: int, value: int) -> Change:
    def change(document: Document) -> None:
        targets(document)[target]["Weight"] = value

    return change


def target_port(port: int) -> Change:
    def change(document: Document) -> None:
        targets(document)[0]["Port"] = port

    return change


def keepalive(document: Document) -> None:
    the_listener(document)["KeepaliveEnable"] = 1


def health_check_off(document: Document) -> None:
    the_listener(document)["HealthCheck"]["HealthSwitch"] = 0


def probes_from_vip(document: Document) -> None:
    the_listener(document)["HealthCheck"]["SourceIpType"] = 0


def probe_source_unread(document: Document) -> None:
    del the_listener(document)["HealthCheck"]["SourceIpType"]


def second_host(name: str, *changed_targets: Document) -> Change:
    """One more forwarding rule, for host *name*."""

    def change(document: Document) -> None:
        extra = {"LocationId": "loc-lab00002", "Domain": name, "Url": "/", "Targets": deepcopy(list(changed_targets))}
        the_listener(document)["Rules"].append(extra)

    return change


def observed(*details: str, location: str = "loc-lab00001", domain: str = VIP) -> Change:
    """What DescribeTargetHealth says, one word a target."""

    def change(document: Document) -> None:
        entries = [
            {
                "IP": target["PrivateIpAddresses"][0],
                "Port": target["Port"],
                "TargetId": target["InstanceId"],
                "HealthStatus": detail == "Alive",
                "HealthStatusDetail": detail,
            }
            for target, detail in zip(targets(document), details, strict=True)
        ]
        if document["target_health"] is None:
            listeners = [{"ListenerId": "lbl-lab00001", "Rules": []}]
            document["target_health"] = [{"LoadBalancerId": "lb-lab00001", "Listeners": listeners}]
        known = document["target_health"][0]["Listeners"][0]["Rules"]
        known.append({"LocationId": location, "Domain": domain, "Url": "/", "Targets": entries})

    return change


# Nodes and pods


def node_groups(letter: str, *groups: str) -> Change:
    """The groups of one node's primary interface."""

    def change(document: Document) -> None:
        document["instances"]["ab".index(letter)]["SecurityGroupIds"] = list(groups)

    return change


def eni_groups(*groups: str, node: str = "ab") -> Change:
    """The groups of the pods' interfaces on these nodes, as the API returns them."""
    instances = [f"ins-node{letter}001" for letter in node]

    def change(document: Document) -> None:
        for interface in document["network_interfaces"]:
            if interface["Attachment"]["InstanceId"] in instances:
                interface["GroupSet"] = list(groups)

    return change


def eni_unread(enabled: bool = True, listed: tuple[str, ...] = (POD_GROUP,)) -> Change:
    """No interface was read: only the add-on's setting tells the pod's groups."""

    def change(document: Document) -> None:
        del document["network_interfaces"]
        document["cluster"]["eniipamd"] = {"enableSecurityGroups": enabled, "securityGroups": list(listed)}

    return change


def objects(document: Document, kind: str) -> Iterator[Document]:
    return (item for item in document["kubernetes"] if item["kind"] == kind)


def service(document: Document) -> Document:
    return next(objects(document, "Service"))


def endpoint_slice(document: Document) -> Document:
    return next(objects(document, "EndpointSlice"))


def local_policy(document: Document) -> None:
    service(document)["spec"]["externalTrafficPolicy"] = "Local"


def no_endpoint_slice(document: Document) -> None:
    document["kubernetes"].remove(endpoint_slice(document))


def udp_on_the_same_node_port(document: Document) -> None:
    ports = service(document)["spec"]["ports"]
    ports.append({**ports[0], "name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53})


def no_endpoints(document: Document) -> None:
    endpoint_slice(document)["endpoints"].clear()


def wrong_target_port(document: Document) -> None:
    """The Service names 8080, and the container declares 80."""
    service(document)["spec"]["ports"][0]["targetPort"] = 8080
    endpoint_slice(document)["ports"][0]["port"] = 8080


def pod_on_node_a(document: Document) -> None:
    """The only pod runs where the CLB sends: same addresses, the other node."""
    next(objects(document, "Pod"))["spec"]["nodeName"] = "node-a"
    endpoint_slice(document)["endpoints"][0]["nodeName"] = "node-a"
    document["network_interfaces"][0]["Attachment"]["InstanceId"] = "ins-nodea001"


def second_pod(document: Document) -> None:
    """web-2 on node-a, on an interface of its own with the pods' group."""
    pod, endpoint = (deepcopy(item) for item in (next(objects(document, "Pod")), _endpoints(document)[0]))
    interface = deepcopy(document["network_interfaces"][0])
    pod["metadata"]["name"] = endpoint["targetRef"]["name"] = "web-2"
    pod["spec"]["nodeName"] = endpoint["nodeName"] = "node-a"
    pod["status"]["podIP"] = "10.0.36.11"
    endpoint["addresses"] = ["10.0.36.11"]
    interface |= {"NetworkInterfaceId": "eni-podsa001", "Attachment": {"InstanceId": "ins-nodea001"}}
    interface["PrivateIpAddressSet"] = [{"PrivateIpAddress": "10.0.36.11"}]
    document["kubernetes"].append(pod)
    document["network_interfaces"].append(interface)
    _endpoints(document).append(endpoint)


def _endpoints(document: Document) -> list[Document]:
    return endpoint_slice(document)["endpoints"]


# What was not read


def unread(*parts: str) -> Change:
    """These parts of the snapshot are absent."""

    def change(document: Document) -> None:
        for part in parts:
            del document[part]

    return change


def group_unread(group: str) -> Change:
    """The group is bound, and its rules were not read."""

    def change(document: Document) -> None:
        del document["security_groups"][group]

    return change


def instance_unread(letter: str) -> Change:
    def change(document: Document) -> None:
        del document["instances"]["ab".index(letter)]

    return change
