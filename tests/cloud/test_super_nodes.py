"""Pools of super nodes, as the Terraform provider handles them, and the pods on their nodes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from kubernetes_cluster import Cluster

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import CLIENT, CLIENT_BLOCK, NODE_GROUP, POD_GROUP, default_lab, policy
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from tests.cloud.helpers import KEYS, ask, refusal_of

CLUSTER, SUBNET = "cls-lab00001", "subnet-pods0001"
ANNOTATION = "eks.tke.cloud.tencent.com/security-group-id"
DIRECT = {"service.cloud.tencent.com/direct-access": "true"}


class Both:
    """Both APIs over one state."""

    def __init__(self) -> None:
        self.cluster = Cluster(default_lab(), now=lambda: datetime.now(UTC))
        self.api = TencentApi(self.cluster.state, KEYS)

    def tke(self, action: str, **params: Any) -> dict[str, Any]:
        return ask(self.api, "tke", action, {"ClusterId": CLUSTER, **params}, version="2018-05-25")

    def refused(self, action: str, **params: Any) -> str:
        given = {"ClusterId": CLUSTER, **params}
        return refusal_of(self.api, "tke", action, given, version="2018-05-25")

    def pool(self, *nodes: str, **more: Any) -> str:
        """As the provider sends it: no list that is empty."""
        wanted = [{"DisplayName": name, "SubnetId": SUBNET} for name in nodes]
        labels = [{"Name": "drill", "Value": "super"}]
        params = {"Name": "super", "Labels": labels, "VirtualNodes": wanted, **more}
        return self.tke("CreateClusterVirtualNodePool", **params)["NodePoolId"]

    def read(self) -> list[dict[str, Any]]:
        return self.tke("DescribeClusterVirtualNodePools")["NodePoolSet"]

    def nodes(self) -> list[dict[str, Any]]:
        return [each for each in self.cluster.items("Node") if each["metadata"]["name"].startswith("eklet-")]

    def pods(self) -> list[dict[str, Any]]:
        return [each for each in self.cluster.items("Pod") if each["metadata"]["labels"].get("app") == "direct"]

    def deploy(self, replicas: int = 1, **annotations: str) -> None:
        """A Deployment for super nodes, and its Service with direct access."""
        labels = {"app": "direct"}
        container = {"name": "web", "image": "nginx", "ports": [{"containerPort": 80}]}
        spec = {"nodeSelector": {"drill": "super"}, "containers": [container]}
        template = {"metadata": {"labels": labels, "annotations": annotations}, "spec": spec}
        wanted = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
        self.cluster.done("POST", "/apis/apps/v1/namespaces/shop/deployments", made("Deployment", "apps/v1", wanted))
        ports = [{"port": 80, "targetPort": 80}]
        service = {"type": "LoadBalancer", "selector": labels, "ports": ports}
        self.cluster.done("POST", "/api/v1/namespaces/shop/services", made("Service", "v1", service, **DIRECT))

    def verdict(self) -> tuple[str, str | None]:
        found = trace(self.cluster.state.snapshot(), Question(client=CLIENT, service="shop/direct"))
        return found.verdict, found.reason


def made(kind: str, version: str, spec: dict[str, Any], **annotations: str) -> dict[str, Any]:
    metadata = {"name": "direct", "namespace": "shop", "annotations": annotations}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


@pytest.fixture
def both() -> Both:
    return Both()


def test_terraform_makes_a_pool_reads_it_changes_it_and_destroys_it(both: Both) -> None:
    """tencentcloud_kubernetes_serverless_node_pool: there at once and `normal`; in the end an empty list."""
    taint = {"Key": "k", "Value": "v", "Effect": "NoSchedule"}
    pool_id = both.pool("one", "two", SecurityGroupIds=[POD_GROUP], Taints=[taint])
    (read,) = both.read()
    assert (read["NodePoolId"], read["Name"], read["LifeState"]) == (pool_id, "super", "normal")
    assert (read["Labels"], read["Taints"]) == ([{"Name": "drill", "Value": "super"}], [taint])

    both.tke("ModifyClusterVirtualNodePool", NodePoolId=pool_id, Name="new", Labels=[{"Name": "a", "Value": "b"}])
    (read,) = both.read()
    assert (read["Name"], read["Labels"], read["Taints"]) == ("new", [{"Name": "a", "Value": "b"}], [taint])
    assert [each["metadata"]["labels"].get("drill") for each in both.nodes()] == [None, None]
    assert {each["metadata"]["labels"]["a"] for each in both.nodes()} == {"b"}

    both.tke("DeleteClusterVirtualNodePool", NodePoolIds=[pool_id], Force=True)
    assert both.tke("DescribeClusterVirtualNodePools")["NodePoolSet"] == []
    assert both.nodes() == []


def test_its_nodes_have_names_and_addresses_and_no_instance(both: Both) -> None:
    """So no CLB sends to their NodePorts, and no NodeENIConfig is theirs."""
    both.pool("one", "two")
    names = [each["metadata"]["name"] for each in both.nodes()]
    addresses = {each["status"]["addresses"][0]["address"] for each in both.nodes()}

    assert [name.startswith(f"eklet-{SUBNET}-") for name in names] == [True, True]
    assert [each["Name"] for each in both.tke("DescribeClusterVirtualNode")["Nodes"]] == names
    assert len(addresses) == 2
    assert len(both.cluster.document()["instances"]) == 2
    assert sorted(each["metadata"]["name"] for each in both.cluster.items("NodeENIConfig")) == ["node-a", "node-b"]


def of_pods(both: Both) -> list[tuple[str, list[str]]]:
    """The address and the groups of each interface of a pod on a super node."""
    addresses = [each["status"]["podIP"] for each in both.pods()]
    items = both.cluster.document()["network_interfaces"]
    found = {entry["PrivateIpAddress"]: item["GroupSet"] for item in items for entry in item["PrivateIpAddressSet"]}
    return [(each, found[each]) for each in addresses]


def test_each_pod_has_an_interface_with_the_groups_of_the_pool(both: Both) -> None:
    both.pool("one", SecurityGroupIds=[POD_GROUP, NODE_GROUP])
    both.deploy(replicas=2)

    assert {each["spec"]["nodeName"][:6] for each in both.pods()} == {"eklet-"}
    assert [groups for _, groups in of_pods(both)] == [[POD_GROUP, NODE_GROUP]] * 2
    assert len({address for address, _ in of_pods(both)}) == 2
    assert all(address.startswith("10.0.36.") for address, _ in of_pods(both))


@pytest.mark.parametrize(("rule", "expected"), [(CLIENT_BLOCK, "reachable"), ("198.51.100.0/24", "unreachable")])
def test_an_annotation_of_the_pod_wins_and_its_group_decides(both: Both, rule: str, expected: str) -> None:
    """Direct access: the pod's own group sees the client."""
    both.pool("one", SecurityGroupIds=[NODE_GROUP])
    with both.cluster.state.writing() as document:
        policies = document["security_groups"][POD_GROUP]["SecurityGroupPolicySet"]
        policies["Ingress"] = [{"PolicyIndex": 0, **policy("ACCEPT", "TCP", rule, "80")}]
    both.deploy(**{ANNOTATION: POD_GROUP})

    assert [groups for _, groups in of_pods(both)] == [[POD_GROUP]]
    assert both.verdict()[0] == expected


def test_pods_go_with_their_pool_and_only_by_force(both: Both) -> None:
    pool_id = both.pool("one", SecurityGroupIds=[POD_GROUP])
    both.deploy()
    assert both.refused("DeleteClusterVirtualNodePool", NodePoolIds=[pool_id]) == "OperationDenied"

    both.tke("DeleteClusterVirtualNodePool", NodePoolIds=[pool_id], Force=True)
    assert [each["status"]["phase"] for each in both.pods()] == ["Pending"]
    assert len(both.cluster.document()["network_interfaces"]) == 1


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("CreateClusterVirtualNodePool", {"Name": "x"}, "InvalidParameter.Param"),
        ("CreateClusterVirtualNodePool", {"Name": "x", "SubnetIds": ["subnet-none0000"]}, "InvalidParameter.Param"),
        ("CreateClusterVirtualNodePool", {"Name": "x", "SubnetIds": [SUBNET], "OS": "windows"}, "UnsupportedOperation"),
        (
            "CreateClusterVirtualNodePool",
            {"Name": "x", "SubnetIds": [SUBNET], "SecurityGroupIds": ["sg-none0000"]},
            "InvalidParameter.Param",
        ),
        ("ModifyClusterVirtualNodePool", {"NodePoolId": "np-none0000", "Name": "x"}, "ResourceNotFound"),
        ("DeleteClusterVirtualNodePool", {"NodePoolIds": ["np-none0000"]}, "ResourceNotFound"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    both: Both, action: str, params: dict[str, Any], code: str
) -> None:
    before = both.cluster.document()

    assert both.refused(action, **params) == code
    assert both.cluster.document() == before


def test_a_protected_pool_stays_and_a_change_has_to_change_something(both: Both) -> None:
    pool_id = both.pool("one", DeletionProtection=True)

    assert both.refused("ModifyClusterVirtualNodePool", NodePoolId=pool_id) == "InvalidParameter.Param"
    assert both.refused("DeleteClusterVirtualNodePool", NodePoolIds=[pool_id], Force=True) == "OperationDenied"
