"""The objects of a lab with every field that the APIs return; full_objects.json has them."""

import json
from pathlib import Path
from typing import Any

Document = dict[str, Any]
FULL: Document = json.loads((Path(__file__).parent / "full_objects.json").read_text(encoding="utf-8"))


def merged(full: Any, short: Any) -> Any:
    """*short* with what *full* has besides, all the way down; the items of a list all get what the first has."""
    if isinstance(full, dict) and isinstance(short, dict):
        return {**full, **{key: merged(full.get(key), value) for key, value in short.items()}}
    if isinstance(full, list) and isinstance(short, list) and full and isinstance(full[0], dict):
        return [merged(full[0], each) for each in short]
    return full if short is None and full is not None else short


def full(document: Document) -> None:
    """Every object of the lab with every field."""
    document["cluster"] = merged(FULL["Cluster"], document["cluster"])
    for part, kind in (
        ("load_balancers", "LoadBalancer"),
        ("instances", "Instance"),
        ("network_interfaces", "NetworkInterface"),
        ("subnets", "Subnet"),
    ):
        document[part] = [merged(FULL[kind], each) for each in document[part]]
    for name, group in document["security_groups"].items():
        rules = group["SecurityGroupPolicySet"]
        rules |= {
            way: [merged(FULL["SecurityGroupPolicy"], each) for each in rules[way]] for way in ("Ingress", "Egress")
        }
        rules["PolicyStatistics"] = {"IngressIPv4TotalCount": len(rules["Ingress"])}
        document["security_groups"][name] = merged(FULL["SecurityGroup"], group) | {"RequestId": "b0e9e810-01cc"}
    document["listeners"] = {name: [listener(each) for each in found] for name, found in document["listeners"].items()}
    for item in document["kubernetes"]:
        item.update(kubernetes(item))


def listener(item: Document) -> Document:
    found = merged(FULL["Listener"], item)
    probe = {**FULL["HealthCheck"], **item["HealthCheck"]}
    found["HealthCheck"] = probe | {"CheckType": "TCP"} if item["Protocol"] == "TCP" else probe
    for holder in (found, *(found["Rules"] or ())):
        if holder.get("Targets"):
            holder["Targets"] = [merged(FULL["Backend"], each) for each in holder["Targets"]]
    found["Rules"] = [merged(FULL["RuleOutput"], each) for each in found["Rules"] or ()] or None
    return found


def kubernetes(item: Document) -> Document:
    known = {name: value for name, value in FULL[item["kind"]].items() if name in ("metadata", "spec", "status")}
    found: Document = merged(known, item)
    if item["kind"] == "Pod":
        found["spec"]["containers"] = [merged(FULL["Pod"]["container"], each) for each in item["spec"]["containers"]]
    if item["kind"] == "EndpointSlice":
        found["endpoints"] = [merged(FULL["EndpointSlice"]["endpoint"], each) for each in item["endpoints"]]
    return found
