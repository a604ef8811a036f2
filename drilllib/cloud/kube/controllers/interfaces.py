"""
tke-eni-ipamd: the secondary interfaces that carry the pods' addresses, and their groups. Sources: ENI-SG, ENI-SH.

The groups of a node's interfaces stand in its NodeENIConfig. They are settled when the feature is turned on, and later
changes of the add-on's list reach new nodes only; the interfaces always follow the NodeENIConfig (strong sync).
"""

from typing import Any

from drilllib.cloud.kube.controllers.events import report
from drilllib.cloud.kube.controllers.pods import pod_subnet
from drilllib.cloud.kube.controllers.super_nodes import groups_of, is_super, subnet_of
from drilllib.cloud.kube.controllers.system import IPAMD, eni_configs
from drilllib.cloud.kube.kinds import NODE, POD
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    annotate,
    annotations_of,
    cloud_part,
    name_of,
    node_address,
    of_kind,
)
from drilllib.core.snapshot.interfaces import EXCLUSIVE_ENI

SYNC = "tke.cloud.tencent.com/need-sync-security-groups"
DISABLE = "tke.cloud.tencent.com/disable-node-eni-security-groups"

Interface = dict[str, Any]


def adopt_interfaces(document: Document, tools: Tools) -> None:
    """What a snapshot's interfaces have is what their nodes' NodeENIConfig says."""
    setting = _setting(document)
    for name, config in eni_configs(document, tools).items():
        read = [each["GroupSet"] for each in _of_node(document, name) if each.get("GroupSet") is not None]
        if read and setting and setting.get("enableSecurityGroups") and "securityGroups" not in config["spec"]:
            config["spec"]["securityGroups"] = list(read[0])


def interfaces(document: Document, tools: Tools) -> None:
    """Give every pod's address an interface of its node, take away those of pods that are gone, and bind the groups."""
    configs = eni_configs(document, tools)
    for node in of_kind(document, NODE):
        if name_of(node) in configs:
            _settle_groups(document, node, configs[name_of(node)])
    _release(document)
    carried = {address for item in document.get("network_interfaces") or () for address in addresses_of(item)}
    for pod in _on_interfaces(document):
        if (address := pod["status"]["podIP"]) not in carried:
            _carry(document, tools, pod, configs)
            carried.add(address)
    for name, config in configs.items():
        if "securityGroups" in config["spec"]:
            for item in _of_node(document, name):
                _bind(document, tools, item, config)


def by_address(document: Document) -> dict[str, Interface]:
    """The interfaces by their addresses; of two with one address the first."""
    items = document.get("network_interfaces") or ()
    return {address: item for item in reversed(items) for address in addresses_of(item)}


def instance_of(document: Document, node: Object) -> dict[str, Any] | None:
    """The CVM instance of a Node: the one with its address."""
    address = node_address(node)
    return next((each for each in document.get("instances") or () if address in each["PrivateIpAddresses"]), None)


def _setting(document: Document) -> dict[str, Any] | None:
    return (document.get("cluster") or {}).get("eniipamd")


def _settle_groups(document: Document, node: Object, config: Object) -> None:
    """Write the groups into the NodeENIConfig when the feature was turned on or off, or when a sync is asked for."""
    setting, spec = _setting(document), config.setdefault("spec", {})
    disabled = annotations_of(node).get(DISABLE) == "yes"
    if not setting or not setting.get("enableSecurityGroups") or disabled:
        if spec.pop("securityGroups", None) is not None:
            for item in _of_node(document, name_of(node)):
                item["GroupSet"] = []
        return
    asked = annotations_of(node).get(SYNC) == "true"
    if "securityGroups" not in spec or asked:
        instance = instance_of(document, node) or {}
        spec["securityGroups"] = list(setting.get("securityGroups") or instance.get("SecurityGroupIds") or ())
    if asked:
        annotate(node, SYNC, None)


def _release(document: Document) -> None:
    """Take back the addresses that pods had, and detach the interfaces that carry none any more."""
    current = [pod["status"]["podIP"] for pod in _on_interfaces(document)]
    gone = set(cloud_part(document, "pod_addresses", [])) - set(current)
    document["cloud"]["pod_addresses"] = current
    kept = []
    for item in document.get("network_interfaces") or ():
        left = [each for each in item["PrivateIpAddressSet"] if each["PrivateIpAddress"] not in gone]
        emptied = len(left) < len(item["PrivateIpAddressSet"]) and all(each.get("Primary") for each in left)
        item["PrivateIpAddressSet"] = left
        kept += [] if emptied and not item.get("Primary") else [item]
    if "network_interfaces" in document and document["network_interfaces"] is not None:
        document["network_interfaces"] = kept


def _carry(document: Document, tools: Tools, pod: Object, configs: dict[str, Object]) -> None:
    """Put the pod's address on an interface of its node: one that its pods share, or one of its own."""
    name, address = pod["spec"]["nodeName"], {"PrivateIpAddress": pod["status"]["podIP"], "Primary": False}
    exclusive = is_super(name) or (document.get("cluster") or {}).get("VpcCniType") == EXCLUSIVE_ENI
    shared = [] if exclusive else _of_node(document, name)
    if shared:
        shared[0]["PrivateIpAddressSet"].append(address)
        return
    node = next(each for each in of_kind(document, NODE) if name_of(each) == name)
    instance, subnet = instance_of(document, node) or {}, subnet_of(document, name) or pod_subnet(document) or {}
    item: Interface = {"NetworkInterfaceId": tools.new_id("eni", 8), "NetworkInterfaceName": f"tke-{name}"}
    item |= {"Primary": False, "EniType": 0, "State": "AVAILABLE", "SubnetId": subnet.get("SubnetId") or ""}
    item |= {"Attachment": {"InstanceId": instance.get("InstanceId") or ""}, "PrivateIpAddressSet": [address]}
    settled = configs[name]["spec"].get("securityGroups") if name in configs else groups_of(document, pod)
    item["GroupSet"] = list(settled or ())
    if document.get("network_interfaces") is None:
        document["network_interfaces"] = []
    document["network_interfaces"].append(item)
    report(document, tools, node, "AttachedENI", f"Attached {item['NetworkInterfaceId']} for pods", IPAMD)


def _bind(document: Document, tools: Tools, item: Interface, config: Object) -> None:
    wanted = list(config["spec"].get("securityGroups") or ())
    if item.get("GroupSet") != wanted:
        item["GroupSet"] = wanted
        message = f"{item['NetworkInterfaceId']} now has the security groups {','.join(wanted) or 'none'}"
        report(document, tools, config, "SyncedSecurityGroups", message, IPAMD)


def _of_node(document: Document, name: str) -> list[Interface]:
    """The secondary interfaces of a node."""
    node = next(each for each in of_kind(document, NODE) if name_of(each) == name)
    instance = instance_of(document, node)
    items = document.get("network_interfaces") or ()
    owner = instance and instance["InstanceId"]
    return [each for each in items if owner and _owner(each) == owner and not each.get("Primary")]


def _owner(item: Interface) -> str | None:
    return (item.get("Attachment") or {}).get("InstanceId")


def addresses_of(item: Interface) -> list[str]:
    """The private addresses that an interface carries."""
    found = [each["PrivateIpAddress"] for each in item["PrivateIpAddressSet"]]
    return found + [each["Address"] for each in item.get("Ipv6AddressSet") or ()]


def _on_interfaces(document: Document) -> list[Object]:
    """The pods with an address of their own: placed, and not on their node's network."""
    nodes = {node_address(node): name_of(node) for node in of_kind(document, NODE)}
    placed = [pod for pod in of_kind(document, POD) if (pod.get("status") or {}).get("podIP")]
    own = [pod for pod in placed if not pod["spec"].get("hostNetwork") and pod["status"]["podIP"] not in nodes]
    return [pod for pod in own if pod["spec"].get("nodeName") in nodes.values()]
