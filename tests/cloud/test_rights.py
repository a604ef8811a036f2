"""Who has not the right to a call is refused, in the vendor's and in Kubernetes' words; the rest goes on."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.rbac import Rights
from drilllib.cloud.kube.requests import Request
from drilllib.cloud.local import LocalCloud
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.cam import UIN, Policy
from drilllib.core.drills.default_lab import default_lab
from tests.cloud.helpers import RefusedError, ask, new_api, opened, post, refusal_of, served, signed

RULES = ("vpc", "DescribeSecurityGroupPolicies", {"SecurityGroupId": "sg-node0001"})
GROUPS = ("vpc", "DescribeSecurityGroups")
CORE = {"apiGroups": [""], "verbs": ["get", "list"]}
ROLES = [
    {"kind": "Role", "metadata": {"name": "r", "namespace": "shop"}, "rules": [{**CORE, "resources": ["pods"]}]},
    {
        "kind": "Role",
        "metadata": {"name": "r", "namespace": "kube-system"},
        "rules": [{**CORE, "resources": ["configmaps"], "resourceNames": ["tke-service-controller-config"]}],
    },
    {"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": [{**CORE, "resources": ["nodes"], "verbs": ["list"]}]},
    {"kind": "ConfigMap", "metadata": {"name": "not-a-role"}},
]


def test_a_right_is_taken_by_the_name_that_cam_has_for_it() -> None:
    """Rule lists belong to VPC's API and to CVM's rights, and are spelled otherwise there; the account is named."""
    api = new_api()
    api.faults.set("denied", "cvm:DescribeSecurityGroupPolicys", times=None)

    with pytest.raises(
        RefusedError, match=r"\(cvm:DescribeSecurityGroupPolicys\)\nresource \(qcs::cvm:gz:uin/"
    ) as said:
        ask(api, *RULES)
    assert UIN in str(said.value)
    assert refusal_of(api, *GROUPS) == ""


def test_the_tke_service_refuses_by_a_code_of_its_own() -> None:
    api = new_api()
    api.faults.set("denied", "tke:DescribeClusters", times=None)

    assert refusal_of(api, "tke", "DescribeClusters", version="2018-05-25") == "UnauthorizedOperation.CamNoAuth"


def test_a_policy_allows_what_it_names_and_nothing_else() -> None:
    api = new_api()
    statement = {"effect": "allow", "resource": ["*"], "action": ["cvm:DescribeSecurityGroup*", "vpc:DescribeSubnetEx"]}
    denied = {"effect": "deny", "resource": ["*"], "action": ["cvm:DescribeSecurityGroups"]}
    api.rights = Policy.of({"version": "2.0", "statement": [statement, denied]})

    allowed = [(*RULES, {}), ("vpc", "DescribeSubnets", {}, {})]
    refused = [(*GROUPS, {}, {}), ("cvm", "DescribeInstances", {}, {}), ("vpc", "CreateSecurityGroup", {}, {})]
    assert {refusal_of(api, *each[:3]) for each in allowed} == {""}
    assert {refusal_of(api, *each[:3]) for each in refused} == {"UnauthorizedOperation"}


def test_a_policy_that_is_not_modelled_is_no_policy() -> None:
    """A resource or a condition passed over would let in more than the policy does."""
    statement = {"effect": "allow", "resource": ["qcs::cvm:gz::sg/sg-x"], "action": ["*"]}

    with pytest.raises(ValueError, match="every resource"):
        Policy.of({"version": "2.0", "statement": [statement]})


@pytest.fixture
def kube() -> KubeApi:
    return KubeApi(CloudState(default_lab()))


def code(kube: KubeApi, path: str, method: str = "GET") -> int:
    return kube.handle(Request(method, path, user="somebody")).code


def test_roles_allow_what_their_rules_name(kube: KubeApi) -> None:
    """A Role in its namespace only; names for no list; a ClusterRole everywhere; no verb besides."""
    kube.rights = Rights(ROLES)

    allowed = ["/api/v1/namespaces/shop/pods", "/api/v1/namespaces/shop/pods/web-1", "/api/v1/nodes"]
    allowed += ["/api/v1/namespaces/kube-system/configmaps/tke-service-controller-config"]
    refused = ["/api/v1/pods", "/api/v1/namespaces/default/pods", "/api/v1/nodes/node-a", "/api/v1/services"]
    refused += ["/api/v1/namespaces/kube-system/configmaps", "/apis/networking.k8s.io/v1/networkpolicies"]
    assert {path: code(kube, path) for path in allowed} == dict.fromkeys(allowed, 200)
    assert {path: code(kube, path) for path in refused} == dict.fromkeys(refused, 403)
    assert code(kube, "/api/v1/namespaces/shop/pods/web-1", "DELETE") == 403


def test_kubernetes_refuses_in_its_own_words(kube: KubeApi) -> None:
    """Word for word as the API server's authorizer, with the user as TKE calls one."""
    kube.faults.set("denied", "kubernetes list pods", times=None)
    response = kube.handle(Request("GET", "/api/v1/namespaces/shop/pods", user="somebody"))

    said = f'pods is forbidden: User "{UIN}-1735689600" cannot list resource "pods" in API group ""'
    assert f'{said} in the namespace "shop"' in response.body.decode().replace('\\"', '"')
    assert code(kube, "/api/v1/namespaces/shop/pods/web-1") == 200
    assert code(kube, "/api/v1/nodes") == 200


@pytest.mark.parametrize(
    ("kind", "details", "expected"), [("throttled", {}, 429), ("server_error", {"status": 502}, 502)]
)
def test_faults_of_one_namespace_leave_the_others_alone(
    kube: KubeApi, kind: str, details: dict[str, Any], expected: int
) -> None:
    kube.faults.set(kind, "kubernetes list shop/pods", **details)

    assert code(kube, "/api/v1/namespaces/default/pods") == 200
    assert code(kube, "/api/v1/namespaces/shop/pods") == expected
    assert code(kube, "/api/v1/namespaces/shop/pods") == 200


def test_a_fault_of_every_call_is_one_of_tencent_clouds() -> None:
    """`drill cloud fault slow` says nothing of kubectl."""
    kube, api = KubeApi(CloudState(default_lab())), new_api()
    for each in (kube, api):
        each.faults.set("denied", times=None)

    assert code(kube, "/api/v1/nodes") == 200
    assert refusal_of(api, *GROUPS) == "UnauthorizedOperation"


def test_a_proxys_page_and_half_an_answer() -> None:
    """What no error of the vendor's tells: HTML with status 200, and a body shorter than it said."""
    api = new_api()
    with served(api) as server:
        api.faults.set("page", "DescribeSecurityGroups")
        page = post(server.port, signed(*GROUPS, {}))
        assert (page.status, page.headers["Content-Type"], page.data[:9]) == (200, "text/html", b"<!DOCTYPE")
        api.faults.set("cut", "DescribeSecurityGroups")
        with pytest.raises(http.client.IncompleteRead):
            post(server.port, signed(*GROUPS, {}))
        assert "SecurityGroupSet" in opened(post(server.port, signed(*GROUPS, {})).data)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as made:
        yield made


def test_faults_of_kubernetes_are_set_through_the_same_door(cloud: LocalCloud) -> None:
    """`drill cloud fault denied 'kubernetes list nodes'` reaches the API server, by the one list of faults."""
    from drilllib.cloud.shell.tccli import call

    wanted = {"Kind": "denied", "Action": "kubernetes list nodes", "Times": 0}
    assert "Error" not in call(cloud.home, "drill", "2026-01-01", "SetFault", wanted)
    assert code(cloud.kube, "/api/v1/nodes") == 403


def test_our_own_command_finds_this_cloud_without_flags(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and endpoint are in the wrapper alone: what else is started in the shell has none, as before."""
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "keyOfTheUser")
    monkeypatch.setenv("TENCENTCLOUD_ENDPOINT", "http://192.0.2.1")
    shown = Path(cloud.home, "clients.json").read_text(encoding="utf-8")

    assert cloud.run("drill --version").out.startswith("drill ")
    assert f'"TENCENTCLOUD_ENDPOINT": "http://127.0.0.1:{cloud.access.api_port}"' in shown
    assert "keyOfTheUser" not in shown
    assert cloud.run("env | grep TENCENT").out == ""
    assert "refuses --kubeconfig" in cloud.run("drill capture web --kubeconfig=/root/.kube/config").err
