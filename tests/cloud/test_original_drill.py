"""
The original drill, command by command, with the real kubectl, tccli, SDK and curl; on real packets where those can be.

What its Terraform sends is sent by the SDK here: the provider cannot be installed from the package registries.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")
pytest.importorskip("trustme", reason="trustme is not installed")

from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.tke.v20220501 import models as tke
from tencentcloud.vpc.v20170312 import models as vpc

from drilllib import CloudLesson
from drilllib.cloud.shell.wrappers import find_program
from drilllib.cloud.tencent.actions.addons import OFF
from drilllib.labs.netns.sandbox import why_not
from drilllib.lesson.labs import SPEED

IPAMD = (
    """kubectl logs -n kube-system deploy/tke-eni-ipamd | grep "Event"|grep "security groups from"|awk '{print $24}'"""
    """|awk -F'[' '{print $2}'|awk -F']' '{print $1}'"""
)
NO_KUBECTL = pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")
pytestmark = NO_KUBECTL


class Drill:
    """The drill's steps. *commands* are typed; what Terraform does is asked of the SDK."""

    def __init__(self, lesson: CloudLesson) -> None:
        self.lesson, self.vpc, self.tke = lesson, lesson.client("vpc"), lesson.client("tke")

    def typed(self, command: str) -> str:
        """What a command printed; it has to succeed."""
        said = self.lesson.cloud.run(command)
        assert said.code == 0, f"{command}\n{said.out}{said.err}"
        return said.out

    def curl(self) -> str:
        """The first line of what curl -I says."""
        said = self.lesson.cloud.run("curl -sSI http://192.0.2.10")
        return (said.out + said.err).splitlines()[0].strip()

    def send(self, client: Any, request: Any, action: str, **parameters: Any) -> Any:
        request.from_json_string(json.dumps(parameters))
        return getattr(client, action)(request)

    def group(self, name: str, *ingress: dict[str, str]) -> str:
        egress = [{"Action": "ACCEPT", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "Port": "ALL"}]
        policies = {"Ingress": ingress, "Egress": egress}
        details = {"GroupName": name, "GroupDescription": "drill", "SecurityGroupPolicySet": policies}
        request = vpc.CreateSecurityGroupWithPoliciesRequest()
        answer = self.send(self.vpc, request, "CreateSecurityGroupWithPolicies", **details)
        return answer.SecurityGroup.SecurityGroupId

    def pool(self, name: str, group: str) -> str:
        native = {"Scaling": {"MinReplicas": 1, "MaxReplicas": 1}, "Replicas": 1, "MachineType": "NativeCVM"}
        native |= {"SubnetIds": ["subnet-nodes001"], "SecurityGroupIds": [group]}
        native |= {"InstanceChargeType": "POSTPAID_BY_HOUR", "InstanceTypes": ["S5.MEDIUM4"]}
        details = {"ClusterId": "cls-lab00001", "Name": name, "Type": "Native", "Native": native}
        details["Labels"] = [{"Name": "drill", "Value": name}]
        return self.send(self.tke, tke.CreateNodePoolRequest(), "CreateNodePool", **details).NodePoolId

    def add_on(self, values: str) -> None:
        """The setting of eniipamd, as `drill render` prints it."""
        encoded = f"\"$(base64 < {values} | tr -d '\\n')\""
        self.typed(f"tccli tke UpdateAddon --ClusterId cls-lab00001 --AddonName eniipamd --RawValues {encoded}")

    def open_group(self, group: str, peer: str, port: str, **place: int) -> None:
        """By tccli, as one types it."""
        rule = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": peer, "Port": port, **place}
        policies = json.dumps({"Ingress": [rule]})
        said = self.typed(
            f"tccli vpc CreateSecurityGroupPolicies --SecurityGroupId {group} --SecurityGroupPolicySet '{policies}'"
        )
        assert list(json.loads(said)) == ["RequestId"]


@pytest.fixture(params=["netns", "simulated"])
def drill(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drill]:
    if request.param == "netns" and why_not():
        pytest.skip(f"no real packets here: {why_not()}")
    monkeypatch.setenv(SPEED, "0.1")
    lesson = CloudLesson(lab=request.param)
    yield Drill(lesson)
    lesson.close()


def test_a_bare_cloud_is_a_new_cluster(drill: Drill) -> None:
    """No group that Terraform's could be confused with, nothing on the pods' interfaces, and kubectl in `default`."""
    described = json.loads(drill.typed("tccli tke DescribeAddon --ClusterId cls-lab00001 --AddonName eniipamd"))
    values = drill.typed("tccli tke DescribeAddonValues --ClusterId cls-lab00001 --AddonName eniipamd")

    assert json.loads(drill.typed("tccli vpc DescribeSecurityGroups"))["SecurityGroupSet"] == []
    assert described["Addons"][0]["RawValues"] == ""
    assert json.loads(json.loads(values)["Values"]) == {"vpcCni": {"securityGroups": OFF}}
    assert drill.typed("kubectl config view --minify -o jsonpath={..namespace}") == "default"


def test_the_original_drill_from_terraform_to_clean_up(drill: Drill) -> None:
    ssh = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": "0.0.0.0/0", "Port": "22"}
    probes = {"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": "100.64.0.0/10", "Port": "80"}
    clb = drill.group("drill-clb", ssh, probes)
    node = drill.group("drill-node", {"Action": "DROP", "Protocol": "ALL", "CidrBlock": "0.0.0.0/0", "Port": "ALL"})
    pod = drill.group("drill-pod")
    pools = [drill.pool(name, node) for name in ("front", "back")]
    assert drill.typed("kubectl get nodes").count(" Ready ") == 2

    drill.lesson.render(clb_security_group=clb, node_security_group=node, pod_security_group=pod)
    drill.add_on("eniipamd.json")
    manifests = ("namespace.yaml", "deployment.yaml", "service-http.yaml")
    for name in manifests:
        assert drill.typed(f"kubectl apply -f {name}").endswith(" created\n")
    assert "successfully rolled out" in drill.typed("kubectl -n shop rollout status deployment/web")
    assert " 192.0.2.10 " in drill.typed("kubectl -n shop get service -o wide")
    assert drill.lesson.cloud.following.problem is None

    assert drill.curl().startswith("curl: (")
    drill.open_group(clb, "203.0.113.0/24", "80")
    assert drill.curl() == "HTTP/1.1 504 Gateway Time-out"
    drill.open_group(node, "203.0.113.0/24", "30713", PolicyIndex=0)
    assert drill.curl() == "HTTP/1.1 504 Gateway Time-out"
    assert drill.typed(IPAMD).strip() == pod
    drill.open_group(pod, "10.0.35.0/24", "80")
    assert drill.curl() == "HTTP/1.1 200 OK"

    with pytest.raises(TencentCloudSDKException, match="ResourceInUse"):
        drill.send(drill.vpc, vpc.DeleteSecurityGroupRequest(), "DeleteSecurityGroup", SecurityGroupId=clb)
    for name in reversed(manifests):
        assert "deleted" in drill.typed(f"kubectl delete -f {name}")
    drill.add_on("eniipamd-off.json")
    for pool in pools:
        place = {"ClusterId": "cls-lab00001", "NodePoolId": pool}
        drill.send(drill.tke, tke.DeleteNodePoolRequest(), "DeleteNodePool", **place)
    for group in (clb, node, pod):
        drill.send(drill.vpc, vpc.DeleteSecurityGroupRequest(), "DeleteSecurityGroup", SecurityGroupId=group)

    left = drill.lesson.snapshot().to_dict()
    parts = ("load_balancers", "instances", "network_interfaces", "security_groups")
    assert [name for name in parts if left[name]] == []
    assert {each["metadata"]["namespace"] for each in left["kubernetes"] if each["kind"] == "Pod"} == {"kube-system"}
