"""Objects as the APIs return them, with every field, give the answers that the short ones of the labs give."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import ask, lab
from changes import Change, Document, group_1_closed, group_2_closed, group_3_closed
from changes_cluster import local_policy, objects, pod_on_node_a
from ledger_models import sdk_fields
from tencentcloud.clb.v20180317 import models as clb
from tencentcloud.cvm.v20170312 import models as cvm
from tencentcloud.tke.v20180525 import models as tke
from tencentcloud.vpc.v20170312 import models as vpc

FULL: dict[str, Any] = json.loads((Path(__file__).parent / "full_objects.json").read_text(encoding="utf-8"))
MODELS = {
    "LoadBalancer": clb.LoadBalancer,
    "Listener": clb.Listener,
    "RuleOutput": clb.RuleOutput,
    "Backend": clb.Backend,
    "HealthCheck": clb.HealthCheck,
    "Instance": cvm.Instance,
    "NetworkInterface": vpc.NetworkInterface,
    "Subnet": vpc.Subnet,
    "SecurityGroup": vpc.SecurityGroup,
    "SecurityGroupPolicy": vpc.SecurityGroupPolicy,
    "Cluster": tke.Cluster,
}


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


@pytest.mark.parametrize("kind", MODELS)
def test_a_full_object_has_every_field_of_its_model(kind: str) -> None:
    """Else the comparison below would leave out what the vendor added."""
    assert set(FULL[kind]) == set(sdk_fields(MODELS[kind]))


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize(
    "changes",
    [
        (),
        (group_1_closed,),
        (group_2_closed,),
        (group_3_closed,),
        (local_policy, pod_on_node_a),
    ],
    ids=["healthy", "group 1", "group 2", "group 3", "Local"],
)
def test_full_objects_give_the_answer_of_short_ones(changes: tuple[Change, ...], listener: str) -> None:
    """No field of an object at work is a doubt, and none changes what is answered."""
    short = ask(lab(*changes, listener=listener))
    long = ask(lab(*changes, full, listener=listener))

    assert long.gaps == ()
    assert long.to_dict() == short.to_dict()


def test_the_objects_are_made_full() -> None:
    """A merge that does nothing would compare a lab with itself."""
    document = lab(full).to_dict()

    assert document["load_balancers"][0]["AttributeFlags"]
    assert document["instances"][0]["InstanceState"] == "RUNNING"
    assert document["listeners"]["lb-lab00001"][0]["Rules"][0]["Targets"][0]["Zone"]
    assert next(objects(document, "Pod"))["spec"]["containers"][0]["image"]
    assert document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"][0]["ModifyTime"]
