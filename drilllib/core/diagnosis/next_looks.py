"""The next look worth taking: a missing fact as the read-only command that would tell it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from drilllib.core.diagnosis.unknowns import alone
from drilllib.core.facts import Fact, FactCode
from drilllib.core.fix.calls import command_of
from drilllib.core.fix.steps import Call, Kubectl, Tccli, object_words
from drilllib.core.snapshot.kubernetes import SERVICE_NAME
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message
from drilllib.quoting import Option, line_to_paste

Values = Mapping[str, str]
_YAML = (Option("-o"), "yaml")
_FILTERS = MappingProxyType(  # the prefix of an id, and what lists the addresses or ports behind it
    {
        "sg-": ("DescribeNetworkInterfaces", "groups.security-group-id"),
        "ipm-": ("DescribeAddressTemplates", "address-template-id"),
        "ipmg-": ("DescribeAddressTemplateGroups", "address-template-group-id"),
        "ppm-": ("DescribeServiceTemplates", "service-template-id"),
        "ppmg-": ("DescribeServiceTemplateGroups", "service-template-group-id"),
    }
)
_RESOURCES = MappingProxyType(
    {
        "lb-": ("clb", "DescribeLoadBalancers", "LoadBalancerIds"),
        "ins-": ("cvm", "DescribeInstances", "InstanceIds"),
        "eni-": ("vpc", "DescribeNetworkInterfaces", "NetworkInterfaceIds"),
    }
)
_ID = re.compile(r"\b(lb-|ins-|eni-)\w+")


@dataclass(frozen=True, slots=True)
class Look:
    """A read-only command, which changes nothing and reveals no secret, and the missing facts that it tells."""

    command: Call | Kubectl | Tccli
    tells: tuple[Fact, ...] = ()

    def line(self, snapshot: Snapshot) -> str | Message:
        """The command for a shell, or a comment in its place where a name in it cannot be pasted."""
        made = self.command
        return line_to_paste(command_of(snapshot, made) if isinstance(made, Call) else made.line)

    def to_dict(self, snapshot: Snapshot) -> dict[str, Any]:
        """The command as a line, and the facts in English."""
        return {"command": str(self.line(snapshot)), "tells": list(map(str, self.tells))}


def look_for(snapshot: Snapshot, gap: Fact, service: str | None = None) -> Look | None:
    """The command that tells *gap*, met by a request to *service* (NAMESPACE/NAME); None where no single read does."""
    first = next(_flat(alone(gap)))
    values = {name: value for name, value in first.values if isinstance(value, str)}
    if "/" not in values.get("service", "/"):
        values["service"] = service if service and service.endswith(f"/{values['service']}") else ""
    for codes, make in _TABLE:
        if first.code in codes:
            made = make(snapshot, values)
            return Look(made, (gap,)) if made else None
    return None


def _flat(gap: Fact) -> Iterator[Fact]:
    """The facts that are missing together, one by one."""
    if gap.code is not FactCode.SEVERAL:
        yield gap
        return
    for _, inner in gap.values:
        if isinstance(inner, Fact):
            yield from _flat(alone(inner))


def _filtered(action: str, name: str, value: str, service: str = "vpc") -> Call:
    return Call(action, {"Filters": [{"Name": name, "Values": [value]}]}, service)


def _rules(_: Snapshot, values: Values) -> Call:
    return Call("DescribeSecurityGroupPolicies", {"SecurityGroupId": values["group"]})


def _members(_: Snapshot, values: Values) -> Call | None:
    name = values["name"]
    found = next((each for prefix, each in _FILTERS.items() if name.startswith(prefix)), None)
    return _filtered(*found, name) if found else None


def _resource(_: Snapshot, values: Values) -> Call | None:
    name = _ID.search(values["resource"])
    if name is None:
        return None
    service, action, parameter = _RESOURCES[name[1]]
    return Call(action, {parameter: [name[0]]}, service)


def _node_groups(snapshot: Snapshot, values: Values) -> Call | Kubectl:
    known = next((node.instance_id for node in snapshot.nodes if values["node"] in (node.label, node.name)), None)
    if known and known.startswith("ins-"):
        return Call("DescribeInstances", {"InstanceIds": [known]}, "cvm")
    return Kubectl(("get", "node", values["node"], *_YAML))


def _pod_interface(snapshot: Snapshot, values: Values) -> Call | Kubectl:
    name = values.get("pod", "")
    own = next((str(each) for each, pod in snapshot.kubernetes.pods_by_address.items() if pod == name), None)
    address = values.get("address") or own
    return _filtered("DescribeNetworkInterfaces", "address-ip", address) if address else _pod(snapshot, values)


def _balancer(_: Snapshot, values: Values) -> Call:
    return Call("DescribeLoadBalancers", {"LoadBalancerIds": [values["balancer"]]}, "clb")


def _eip(_: Snapshot, values: Values) -> Call:
    return _filtered("DescribeAddresses", "instance-id", values["balancer"])


def _of_listener(action: str, name: str = "LoadBalancerId") -> Callable[[Snapshot, Values], Call | None]:
    """What reads a load balancer's listeners, their targets or health, of whatever the fact names of them."""

    def made(snapshot: Snapshot, values: Values) -> Call | None:
        listener = values.get("listener", "")
        known = [each.balancer_id for each in snapshot.load_balancers]
        owners = [each for each in known if any(listener == one.listener_id for one in snapshot.listeners(each) or ())]
        found = values.get("balancer") or next(iter(owners or known), None)
        return Call(action, {name: [found] if name.endswith("s") else found}, "clb") if found else None

    return made


def _service(_: Snapshot, values: Values) -> Kubectl | None:
    name = values["service"]
    return Kubectl((*object_words(name), "get", "service", name.partition("/")[2], *_YAML)) if name else None


def _slices(_: Snapshot, values: Values) -> Kubectl | None:
    name = values["service"]
    selected = (Option("-l"), f"{SERVICE_NAME}={name.partition('/')[2]}")
    return Kubectl((*object_words(name), "get", "endpointslices", *selected, *_YAML)) if name else None


def _pod(_: Snapshot, values: Values) -> Kubectl:
    name = values.get("pod", "")
    if "/" not in name:
        return Kubectl(("get", "pods", Option("-A"), *_YAML))
    return Kubectl((*object_words(name), "get", "pod", name.partition("/")[2], *_YAML))


def _policies(_: Snapshot, values: Values) -> Kubectl:
    namespace = (values.get("pod") or "/").partition("/")[0]
    where = (Option("-n"), namespace) if namespace else (Option("-A"),)
    return Kubectl((*where, "get", "networkpolicies", *_YAML))


def _listed(*kinds: str) -> Callable[[Snapshot, Values], Kubectl]:
    where = () if kinds == ("nodes",) else (Option("-A"),)  # a node is in no namespace
    look = Kubectl(("get", ",".join(kinds), *where, *_YAML))
    return lambda _, __: look


def _part(_: Snapshot, values: Values) -> Kubectl | None:
    """A whole part of the snapshot: of the cluster what each path needs, of the cloud nothing that one call reads."""
    return _listed(*_EVERY)(_, values) if values["part"] == "kubernetes" else None


def _cluster(snapshot: Snapshot, _: Values) -> Call | None:
    """What the cluster's settings say: how pods are attached, how kube-proxy works."""
    found = _cluster_id(snapshot)
    return Call("DescribeClusters", {"ClusterIds": [found]}, "tke") if found else None


def _policy_add_on(snapshot: Snapshot, _: Values) -> Call | None:
    """Whether somebody enforces NetworkPolicies; by its name always, for without it passwords come along."""
    found = _cluster_id(snapshot)
    return Call("DescribeAddon", {"ClusterId": found, "AddonName": "networkpolicy"}, "tke") if found else None


def _cluster_id(snapshot: Snapshot) -> str:
    settings = snapshot.part("cluster")
    found = settings.get("ClusterId") if isinstance(settings, dict) else None
    return found if isinstance(found, str) else ""


def _pod_groups(_: Snapshot, __: Values) -> Kubectl:
    return Kubectl(("get", "securitygrouppolicies.networking.tke.cloud.tencent.com", Option("-A"), *_YAML))


_EVERY = ("services", "endpointslices", "pods", "nodes")
_C = FactCode
_TABLE: tuple[tuple[tuple[FactCode, ...], Callable[[Snapshot, Values], Call | Kubectl | None]], ...] = (
    ((_C.INGRESS_RULES, _C.EGRESS_RULES), _rules),
    ((_C.MEMBERS, _C.MEMBERS_OF_BOTH), _members),
    ((_C.GROUPS, _C.GROUPS_OF_RESOURCE), _resource),
    ((_C.GROUPS_OF_NODE,), _node_groups),
    ((_C.GROUPS_OF_INTERFACE, _C.INTERFACE_OF_SEVERAL), _pod_interface),
    ((_C.BALANCER_NAMED, _C.VIP, _C.SNAT_IPS, _C.PASS_TO_TARGET, _C.CLASSIC_BALANCER), _balancer),
    ((_C.EIP_OF_BALANCER,), _eip),
    ((_C.LISTENERS, _C.KEEPALIVE, _C.PROBE_SOURCE, _C.RULE_HOST, _C.RULE_PATH), _of_listener("DescribeListeners")),
    ((_C.TARGETS, _C.TARGET_KIND, _C.TARGET_WEIGHT, _C.TARGET_ADDRESS), _of_listener("DescribeTargets")),
    (
        (_C.HEALTH, _C.ALIVE_TARGET, _C.DEAD_TARGET),
        _of_listener("DescribeTargetHealth", "LoadBalancerIds"),
    ),
    ((_C.BALANCER_OF_SERVICE, _C.SERVICE_PORTS, _C.TRAFFIC_POLICY), _service),
    ((_C.ENDPOINT_SLICES, _C.ENDPOINT_CONDITIONS, _C.ENDPOINT_PORT), _slices),
    ((_C.NODE_OF_POD, _C.HOST_PORT, _C.POD_NOT_RUNNING, _C.POD_NOT_READY, _C.PORT_UNDECLARED), _pod),
    ((_C.GROUPS_ON_SUPER_NODE, _C.POD_AT), _pod),
    ((_C.NETWORK_POLICIES, _C.UNREAD_POLICIES, _C.POLICY_SELECTS, _C.POLICY_ADMITS), _policies),
    ((_C.NETWORK_POLICY,), _policy_add_on),
    ((_C.POD_ATTACHMENT, _C.POD_NETWORK, _C.ENI_MODE, _C.KUBE_PROXY_MODE), _cluster),
    ((_C.GROUP_POLICY_APPLIES,), _pod_groups),
    ((_C.PORT_OWNER, _C.KUBE_PROXY_VIPS), _listed("services", "pods")),
    ((_C.NODE_OF_CLUSTER, _C.NODE_GONE, _C.NODE_AT, _C.NODE_CONDITION), _listed("nodes")),
    ((_C.NODE_ADDRESS, _C.CLIENT_PLACE), _listed("nodes", "pods")),
    ((_C.PART,), _part),
    ((_C.KUBERNETES_OBJECTS,), _listed(*_EVERY)),
)
