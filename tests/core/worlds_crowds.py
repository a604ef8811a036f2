"""Worlds whose nodes and pods come in many copies, most of them alike, some nearly; made from those of worlds.py."""

import copy
from random import Random

from worlds import World

NODE_BLOCK, POD_BLOCK = "10.0.1.", "10.0.3."


def crowded(made: World, copies: int = 3) -> World:
    """*made* with copies of its instances, pods and targets, each changed a little with some chance."""
    random, document = Random(made.seed), copy.deepcopy(made.document)
    for number in range(copies):
        _copy(random, document, number)
    if random.random() < 0.5:
        _tell_apart(random, document)
    return World(made.seed, document, made.question, made.used)


def _copy(random: Random, document: dict, number: int) -> None:
    """One copy of a node with its targets, or of a pod."""
    if random.random() < 0.6:
        _another_node(random, document, number)
    else:
        _another_pod(random, document, number)


def _tell_apart(random: Random, document: dict) -> None:
    """One rule about one address on top of a list: what stood alike may not any more."""
    policy_sets = [group.get("SecurityGroupPolicySet") for group in (document.get("security_groups") or {}).values()]
    lists = [each[way] for each in policy_sets if each for way in ("Ingress", "Egress") if each.get(way)]
    addresses = [each for item in document.get("instances") or () for each in item["PrivateIpAddresses"]]
    endpoints = (each for item in document.get("kubernetes") or () for each in item.get("endpoints") or ())
    addresses += [address for each in endpoints for address in each["addresses"] if ":" not in address]
    for rules in lists if addresses else ():
        if all("PolicyIndex" not in rule for rule in rules):
            peer, action = random.choice(addresses), random.choice(("ACCEPT", "DROP"))
            rules.insert(0, {"Action": action, "Protocol": "ALL", "CidrBlock": f"{peer}/32", "Port": "ALL"})


def _another_node(random: Random, document: dict, number: int) -> None:
    instances = document.get("instances") or []
    if not instances:
        return
    old = random.choice(instances)
    address = f"{random.choice((NODE_BLOCK, '10.0.99.', '10.9.9.'))}{200 + number}"
    new = {**copy.deepcopy(old), "InstanceId": f"ins-copy{number}", "PrivateIpAddresses": [address]}
    new["InstanceName"] = f"copy-{number}"
    new.pop("IPv6Addresses", None)
    if random.random() < 0.15:
        new["SecurityGroupIds"] = None
    instances.append(new)
    _node_object(random, document, number, address)
    for holder in _holders(document):
        for target in [each for each in holder["Targets"] if each.get("InstanceId") == old["InstanceId"]]:
            if ":" not in ((target.get("PrivateIpAddresses") or [""])[0]):
                holder["Targets"].append({**target, "InstanceId": new["InstanceId"], "PrivateIpAddresses": [address]})


def _node_object(random: Random, document: dict, number: int, address: str) -> None:
    ready = "True" if random.random() < 0.8 else "False"
    status = {"addresses": [{"type": "InternalIP", "address": address}]}
    status["conditions"] = [{"type": "Ready", "status": ready}]
    if document.get("kubernetes") and random.random() < 0.9:
        item = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"copy-{number}"}, "status": status}
        document["kubernetes"].append(item)


def _holders(document: dict) -> list[dict]:
    """Everything that lists targets."""
    listeners = [item for items in (document.get("listeners") or {}).values() for item in items]
    holders = [each for item in listeners for each in (item, *(item.get("Rules") or ()))]
    return [each for each in holders if each.get("Targets")]


def _another_pod(random: Random, document: dict, number: int) -> None:
    """One more endpoint like another, on the same node or another, with an interface like the other's or none."""
    slices = [item for item in document.get("kubernetes") or () if item["kind"] == "EndpointSlice"]
    slices = [item for item in slices if item.get("addressType") != "IPv6" and item.get("endpoints")]
    if not slices:
        return
    item = random.choice(slices)
    old = random.choice(item["endpoints"])
    if not old["addresses"] or ":" in old["addresses"][0]:
        return
    address = f"{random.choice((POD_BLOCK, '10.8.8.'))}{200 + number}"
    new = {**copy.deepcopy(old), "addresses": [address], "targetRef": {"kind": "Pod", "name": f"copy-{number}"}}
    nodes = [each["InstanceName"] for each in document.get("instances") or () if each.get("InstanceName")]
    if nodes and random.random() < 0.7:
        new["nodeName"] = random.choice(nodes)
    item["endpoints"].append(new)
    for interface in list(document.get("network_interfaces") or ()):
        if any(each.get("PrivateIpAddress") == old["addresses"][0] for each in interface["PrivateIpAddressSet"]):
            mine = {**copy.deepcopy(interface), "PrivateIpAddressSet": [{"PrivateIpAddress": address}]}
            document["network_interfaces"].append({**mine, "NetworkInterfaceId": f"eni-copy{number}"})
