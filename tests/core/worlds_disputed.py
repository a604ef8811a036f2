"""
What the engine answers otherwise than docs/model.md says, as far as it is known, taken out of random worlds.

Each function goes when the engine is right.
"""


def without_disputed(document: dict) -> None:
    """Undo in a world, in place, what engine and walker are known to differ about."""
    nameless_targets_beside_nameless_hosts(document)
    machines_of_other_vpcs_that_are_off(document)
    undeclared_ports_of_alive_targets(document)
    machines_that_are_off_by_address_only(document)


def nameless_targets_beside_nameless_hosts(document: dict) -> None:
    """A Pod on its node's ports that names no node, and a target that nobody calls one: the engine takes it for one."""
    objects = document.get("kubernetes") or []
    hosts = [item for item in objects if item["kind"] == "Pod" and is_on_a_nodes_port(item)]
    if all(item["spec"].get("nodeName") for item in hosts):
        return
    nodes = [item for item in objects if item["kind"] == "Node"]
    named = {entry["address"] for node in nodes for entry in node["status"]["addresses"]}
    own = {item["InstanceId"]: item["PrivateIpAddresses"] for item in document.get("instances") or []}
    for listener in (item for found in (document.get("listeners") or {}).values() for item in found):
        for holder in (listener, *(listener.get("Rules") or [])):
            holder["Targets"] = holder.get("Targets") and [
                item
                for item in holder["Targets"]
                if (item.get("Type") or "").upper() != "CVM"
                or {*(item.get("PrivateIpAddresses") or []), *own.get(item.get("InstanceId"), [])} & named
            ]


def is_on_a_nodes_port(pod: dict) -> bool:
    """Whether a Pod has its node's network, or a port of it."""
    ports = [port for container in pod["spec"].get("containers") or [] for port in container.get("ports") or []]
    return bool(pod["spec"].get("hostNetwork") or any(port.get("hostPort") for port in ports))


def machines_of_other_vpcs_that_are_off(document: dict) -> None:
    """An instance in another VPC than the cluster's is none of its machines: the engine looks at its state."""
    instances = document.get("instances") or []
    if len({(item.get("VirtualPrivateCloud") or {}).get("VpcId") for item in instances} - {None}) > 1 or (
        ((document.get("cluster") or {}).get("ClusterNetworkSettings") or {}).get("VpcId")
    ):
        for item in instances:
            item["InstanceState"] = "RUNNING"


def undeclared_ports_of_alive_targets(document: dict) -> None:
    """Pods that declare nothing, under the switch, before groups that an Alive target contradicts: groups are kept."""
    switches, objects = document.get("semantics") or {}, document.get("kubernetes") or []
    pods = [item for item in objects if item["kind"] == "Pod" and declares_something(item)]
    known = {entry["ip"] for item in pods for entry in item["status"].get("podIPs") or []}
    known |= {item["status"].get("podIP") for item in pods}
    pieces = [item for item in objects if item["kind"] == "EndpointSlice"]
    ends = {text for piece in pieces for entry in piece.get("endpoints") or [] for text in entry["addresses"]}
    if document.get("target_health") and ends - known:
        switches.pop("containers_declare_all_ports", None)


def declares_something(pod: dict) -> bool:
    """Whether any container has ports."""
    return any(container.get("ports") for container in pod["spec"].get("containers") or [])


def machines_that_are_off_by_address_only(document: dict) -> None:
    """A target that names no instance, and a machine that is off at its address: whether a pod there answers."""
    holders = [item for found in (document.get("listeners") or {}).values() for item in found]
    holders += [rule for item in holders for rule in item.get("Rules") or []]
    targets = [item for holder in holders for item in holder.get("Targets") or [] if not item.get("InstanceId")]
    asked = {text for item in targets for text in item.get("PrivateIpAddresses") or []}
    for item in document.get("instances") or []:
        if asked & {*item["PrivateIpAddresses"], *(item.get("IPv6Addresses") or [])}:
            item["InstanceState"] = "RUNNING"
