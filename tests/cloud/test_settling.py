"""What the controllers have to look at after a write: nothing where nothing follows, and no pod is changed in place."""

import copy
from typing import Any

import pytest

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.lab import FollowingLab
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.call import ACTIONS
from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, VIP, default_lab, policy
from drilllib.core.snapshot.snapshot import Snapshot
from tests.cloud.helpers import KEYS, ask
from tests.cloud.kubernetes_cluster import Cluster, Untouched
from tests.cloud.test_conformance import EVERY, furnished, rules

SYSTEM_DEPLOYMENTS = "/apis/apps/v1/namespaces/kube-system/deployments"
SHOP, MERGE = "/api/v1/namespaces/shop", "application/merge-patch+json"
DROP = policy("DROP", "ALL", "0.0.0.0/0", "ALL")
SETTLED = [each for each in EVERY if ACTIONS[each[:3]].settled]


@pytest.mark.parametrize(("service", "version", "action", "params"), SETTLED, ids=[each[2] for each in SETTLED])
def test_nothing_follows_from_an_action_that_says_so(
    service: str, version: str, action: str, params: dict[str, Any]
) -> None:
    """No controller runs after it; were they run, they would find the document as they left it."""
    state = CloudState(furnished(), seed=1)
    KubeApi(state)
    ask(TencentApi(state, KEYS), service, action, params, version=version)
    before = copy.deepcopy(state.snapshot().to_dict())

    with state.writing():
        pass

    assert state.snapshot().to_dict() == before


@pytest.mark.parametrize(("service", "version", "action", "params"), EVERY, ids=[each[2] for each in EVERY])
def test_controllers_run_after_a_write_unless_it_says_so(
    service: str, version: str, action: str, params: dict[str, Any]
) -> None:
    """Whatever else writes may leave them something to do."""
    state, ran = CloudState(furnished(), seed=1), []
    state.settle_with(lambda _: ran.append(True))
    known = ACTIONS[service, version, action]

    ask(TencentApi(state, KEYS, kubeconfig=lambda: "kind: Config"), service, action, params, version=version)

    assert len(ran) == (known.writes and not known.settled)


def test_a_simulated_lab_reads_the_state_when_it_is_asked_and_not_at_every_change() -> None:
    """Reading a cloud of 1,000 pods costs more than a rule; what is asked after a change meets the change."""
    state, readings = CloudState(default_lab(), seed=1), []

    def latest() -> Snapshot:
        readings.append(True)
        return state.snapshot()

    lab = FollowingLab(latest, real=False, slowness=1.0)
    state.follow(lab.follow)
    api = TencentApi(state, KEYS)
    assert lab.ask(VIP).symptom.status == 200
    for group in (CLB_GROUP, NODE_GROUP):
        ask(api, "vpc", "CreateSecurityGroupPolicies", rules({**DROP, "PolicyIndex": 0}) | {"SecurityGroupId": group})

    assert len(readings) == 1
    assert lab.ask(VIP).symptom.status is None
    assert len(readings) == 2


@pytest.mark.parametrize(
    ("path", "name"), [("/api/v1/namespaces/default/services", "kubernetes"), (SYSTEM_DEPLOYMENTS, "tke-eni-ipamd")]
)
def test_what_every_cluster_has_comes_back(path: str, name: str) -> None:
    """At once, and anew: the add-on's workload with a pod that runs."""
    cluster = Cluster(default_lab())
    before = cluster.done("GET", f"{path}/{name}")["metadata"]["uid"]
    cluster.done("DELETE", f"{path}/{name}")

    assert cluster.done("GET", f"{path}/{name}")["metadata"]["uid"] != before
    pods = [pod for pod in cluster.items("Pod") if pod["metadata"]["namespace"] == "kube-system"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"]


def test_a_replica_set_is_what_its_deployment_wants() -> None:
    """Whoever scales or deletes it by hand is corrected."""
    cluster, sets = Cluster(default_lab()), "/apis/apps/v1/namespaces/kube-system/replicasets"
    (owned,) = cluster.items("ReplicaSet")
    path = f"{sets}/{owned['metadata']['name']}"

    cluster.done("PATCH", path, {"spec": {"replicas": 3}}, content_type=MERGE)
    assert [each["spec"]["replicas"] for each in cluster.items("ReplicaSet")] == [1]
    cluster.done("DELETE", path)
    assert [each["metadata"]["uid"] == owned["metadata"]["uid"] for each in cluster.items("ReplicaSet")] == [False]


def test_pods_that_wait_are_never_changed_in_place() -> None:
    """A pod says anew why it waits, finds no address, runs, and loses its owner; `Cluster` looks at each step."""
    lab = default_lab()
    lab["subnets"][-1]["CidrBlock"] = "10.0.36.7/32"  # no address for another pod
    cluster, node = Cluster(lab), "/api/v1/nodes/node-b"
    containers = [{"name": "web", "image": "nginx:1"}]
    cluster.done("PATCH", f"{node}/status", _ready("False"), content_type=MERGE)
    for name, where in (("placed", {"nodeName": "node-b"}), ("waiting", {"nodeSelector": {"no": "node"}})):
        spec = {"containers": containers, **where}
        cluster.done("POST", f"{SHOP}/pods", {"metadata": {"name": name}, "spec": spec})

    def statuses() -> list[dict[str, Any]]:
        return [pod["status"] for pod in cluster.items("Pod") if pod["metadata"]["name"] in ("placed", "waiting")]

    before = statuses()
    cluster.done("PATCH", f"{node}/status", _ready("True"), content_type=MERGE)
    between = statuses()
    shared = Untouched(cluster.state)
    with cluster.state.writing() as document:
        document["subnets"][-1]["CidrBlock"] = "10.0.36.0/24"
    (owner,) = cluster.items("ReplicaSet")
    sets = "/apis/apps/v1/namespaces/kube-system/replicasets"
    cluster.done("DELETE", f"{sets}/{owner['metadata']['name']}", {"propagationPolicy": "Orphan"})

    assert [each["phase"] for each in (*before, *between, *statuses())] == [*["Pending"] * 4, "Running", "Pending"]
    assert "reason" not in before[0]
    assert between[0]["reason"] == "ContainerCreating"
    assert before[1]["conditions"][0]["message"] != between[1]["conditions"][0]["message"]
    assert not shared.changed()
    assert [pod["metadata"].get("ownerReferences") for pod in cluster.items("Pod")].count([]) == 1


def _ready(word: str) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": "Ready", "status": word}]}}
