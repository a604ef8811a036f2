"""Objects as the APIs return them, with every field, give the answers that the short ones of the labs give."""

import pytest
from builders import ask, lab
from changes import Change, group_1_closed, group_2_closed, group_3_closed
from changes_cluster import local_policy, objects, pod_on_node_a
from full_objects import FULL, full
from ledger_models import sdk_fields
from tencentcloud.clb.v20180317 import models as clb
from tencentcloud.cvm.v20170312 import models as cvm
from tencentcloud.tke.v20180525 import models as tke
from tencentcloud.vpc.v20170312 import models as vpc

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
