"""The objects on the default lab's path, by the name of their table, and a value put into one of their fields."""

from collections.abc import Callable, Iterator
from typing import Any

from changes import BALANCER, Document, targets, the_listener
from changes_cluster import endpoint_slice, objects, service

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP
from drilllib.core.snapshot.ledger.clb import CLB_KINDS
from drilllib.core.snapshot.ledger.cloud import CLOUD_KINDS
from drilllib.core.snapshot.ledger.kubernetes import KUBERNETES_KINDS
from drilllib.core.snapshot.ledger.tables import Fine, steps

KINDS = {kind.name: kind for kind in (*CLB_KINDS, *CLOUD_KINDS, *KUBERNETES_KINDS)}


def network_policy(document: Document) -> Document:
    """A new one that lets everything in to the lab's pod."""
    metadata = {"name": "open", "namespace": "shop"}
    policy = {"kind": "NetworkPolicy", "metadata": metadata, "spec": {"podSelector": {}, "ingress": [{}]}}
    document["kubernetes"].append(policy)
    return policy


# The object, and what answers call it.
PLACES: dict[str, tuple[Callable[[Document], Document], str]] = {
    "Cluster": (lambda document: document["cluster"], "cls-lab00001"),
    "LoadBalancer": (lambda document: document["load_balancers"][0], BALANCER),
    "Listener": (lambda document: document["listeners"][BALANCER][0], "lbl-lab00001"),
    "RuleOutput": (lambda document: the_listener(document)["Rules"][0], "loc-lab00001"),
    "Backend": (lambda document: targets(document)[0], "ins-nodea001:30713"),
    "HealthCheck": (lambda document: the_listener(document)["HealthCheck"], "loc-lab00001"),
    "Instance": (lambda document: document["instances"][0], "ins-nodea001"),
    "NetworkInterface": (lambda document: document["network_interfaces"][0], "eni-podsb001"),
    "Subnet": (lambda document: document["subnets"][0], "subnet-nodes001"),
    "SecurityGroup": (lambda document: document["security_groups"][NODE_GROUP], NODE_GROUP),
    "SecurityGroupPolicy": (
        lambda document: document["security_groups"][CLB_GROUP]["SecurityGroupPolicySet"]["Ingress"][0],
        f"{CLB_GROUP} ingress[0]",
    ),
    "Service": (service, "Service shop/web"),
    "EndpointSlice": (endpoint_slice, "EndpointSlice shop/web-1"),
    "Node": (lambda document: next(objects(document, "Node")), "Node node-a"),
    "NetworkPolicy": (network_policy, "NetworkPolicy shop/open"),
    "Pod": (lambda document: next(objects(document, "Pod")), "Pod shop/web-1"),
}
NOT_ON_THE_PATH = {
    *("ListenerHealth", "TargetHealth", "SecurityGroupPolicy (pods)", "NodeENIConfig", "Namespace"),
    *("AddressTemplate", "AddressTemplateGroup", "ServiceTemplate", "ServiceTemplateGroup"),
}


def limits() -> Iterator[tuple[str, str, Fine]]:
    """Every field that is fine for some values only: the name of its table, its path, its values."""
    for name in PLACES:
        for path, values in KINDS[name].fine.items():
            yield name, path, values


def odd(values: Fine) -> Any:
    """A value that is not fine, of the type of those that are named."""
    first = values.values[0] if values.values else "odd"
    if values.others:
        return first
    if isinstance(first, bool):
        return not first
    return 99 if isinstance(first, int) else "odd"


def put(item: Document, path: str, value: Any) -> None:
    """*value* at that path of the object; what is missing on the way is made."""
    *above, last = steps(path)
    lists = {step.split("[")[0] for step in path.split(".") if step.endswith("[]")}
    for step in above:
        below = item.get(step) or ([{}] if step in lists else {})
        item[step] = below
        item = below[0] if isinstance(below, list) else below
    item[last] = value
