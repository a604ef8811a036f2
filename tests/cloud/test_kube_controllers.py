"""The controllers' effects, on the document and in what the engine makes of it."""

import copy
import json
from typing import Any

import pytest
import yaml
from kubernetes_cluster import IDS, Cluster, bare_lab

from drilllib.cloud.kube.controllers import order
from drilllib.core.drills import variants
from drilllib.core.drills.default_lab import CLB_GROUP, CLIENT, NODE_GROUP, POD_GROUP, SERVICE, default_lab, policy
from drilllib.core.drills.faults import FAULTS
from drilllib.core.drills.variants import set_ingress
from drilllib.core.snapshot.annotations import LOAD_BALANCER_ID, SPECIFIED_PROTOCOL
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.deploy import manifests

QUESTION = Question(client=CLIENT, service=SERVICE)
SHOP = "/api/v1/namespaces/shop"
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"
NEC = "/apis/networking.tke.cloud.tencent.com/v1/nodeeniconfigs"
MERGE = "application/merge-patch+json"


def manifest(name: str, **given: str) -> dict[str, Any]:
    return yaml.safe_load(manifests.render(manifests.settle(None, IDS | given))[name])


def deployed(service: str = "service-http.yaml", **cluster: Any) -> Cluster:
    """A bare lab after the project's manifests were applied."""
    document = bare_lab()
    document["cluster"] |= cluster
    made = Cluster(document)
    made.done("POST", "/api/v1/namespaces", manifest("namespace.yaml"))
    made.done("POST", DEPLOYMENTS, manifest("deployment.yaml"))
    made.done("POST", f"{SHOP}/services", manifest(service))
    return made


def answer(cluster: Cluster) -> Any:
    return trace(cluster.state.snapshot(), QUESTION)


def events(cluster: Cluster, reason: str) -> list[str]:
    return [each["message"] for each in cluster.items("Event") if each["reason"] == reason]


def shop_pods(cluster: Cluster) -> list[dict[str, Any]]:
    return [pod for pod in cluster.items("Pod") if pod["metadata"]["namespace"] == "shop"]


def patch_service(cluster: Cluster, **annotations: str | None) -> None:
    names = {"groups": "security-groups", "direct": "direct-access", "protocol": "specify-protocol"}
    names |= {"pass_to": "pass-to-target"}
    given = {f"service.cloud.tencent.com/{names[key]}": value for key, value in annotations.items()}
    cluster.done("PATCH", f"{SHOP}/services/web", {"metadata": {"annotations": given}}, content_type=MERGE)


# A snapshot that is loaded


@pytest.mark.parametrize("listener", ["HTTP", "TCP"])
@pytest.mark.parametrize("fault", FAULTS)
def test_loading_a_lab_changes_no_answer(fault: str, listener: str) -> None:
    """The controllers must find every drill as it should be, or they would repair what the learner is to find."""
    document = default_lab(listener=listener)
    FAULTS[fault].inject(document)
    before = trace(Snapshot(document), QUESTION).to_dict() if fault != "udp" else None

    cluster = Cluster(document)

    loaded = cluster.document()
    for part in ("load_balancers", "listeners", "network_interfaces", "instances", "security_groups"):
        assert loaded[part] == document[part]
    if before:
        assert answer(cluster).to_dict() == before


@pytest.mark.parametrize("variant", [variants.over_ipv6, variants.other_port, variants.pass_to_target])
def test_loading_a_variant_changes_no_binding(variant: Any) -> None:
    """Other families, ports and switches too."""
    document = default_lab()
    variant(document)

    loaded = Cluster(document).document()

    for part in ("load_balancers", "listeners", "network_interfaces"):
        assert loaded[part] == document[part]


def test_what_a_snapshot_lacks_is_filled_in() -> None:
    """Every object has what clients rely on."""
    for item in Cluster(default_lab()).document()["kubernetes"]:
        assert item["metadata"]["uid"]
        assert item["metadata"]["creationTimestamp"]
        assert int(item["metadata"]["resourceVersion"]) > 0


def test_a_settled_document_stays_as_it_is() -> None:
    """Idempotent: a write that changes nothing gives no object a new number."""
    cluster = deployed()
    before = cluster.document()

    with cluster.state.writing():
        pass

    assert cluster.document() == before


# The Service and its CLB


@pytest.mark.parametrize("listener", ["http", "tcp"])
def test_the_applied_manifests_make_the_lab_of_the_course(listener: str) -> None:
    """What a learner deploys is what the lessons explain: 200 over the front node to the pod on the back node."""
    cluster = deployed(f"service-{listener}.yaml")

    found = answer(cluster).to_dict()

    assert found["verdict"] == "reachable"
    assert [hop["name"] for hop in found["paths"][0]["hops"]][1] == "node-a"
    assert found["paths"][0]["hops"][2]["address"] == "10.0.36.2"
    balancer = cluster.document()["load_balancers"][0]
    assert (balancer["SecureGroups"], balancer["LoadBalancerVips"]) == ([CLB_GROUP], ["192.0.2.10"])


def test_the_pods_group_decides_about_the_pod() -> None:
    """The whole way is in the document: closing group 3 shows as in the drill."""
    cluster = deployed()
    with cluster.state.writing() as document:
        set_ingress(document, POD_GROUP, policy("DROP", "ALL", "0.0.0.0/0", "ALL"))

    found = answer(cluster).to_dict()

    assert (found["verdict"], found["symptom"]["status"]) == ("unreachable", 504)
    assert found["blockers"][0]["hop"] == "pod"


def test_deleting_leaves_nothing_behind() -> None:
    """No CLB that costs money, no interface, no endpoint."""
    cluster = deployed()
    cluster.done("DELETE", f"{SHOP}/services/web")
    cluster.done("DELETE", f"{DEPLOYMENTS}/web")

    document = cluster.document()
    assert (document["load_balancers"], document["listeners"], document["network_interfaces"]) == ([], {}, [])
    left = {each["metadata"]["name"] for each in document["kubernetes"] if each["metadata"].get("namespace") == "shop"}
    assert {name for name in left if "." not in name} == set()  # Events have a dot in their names
    assert document["cloud"]["balancers"] == {}


def test_deleting_the_namespace_leaves_nothing_behind_either() -> None:
    """The controllers follow that too."""
    cluster = deployed()
    cluster.done("DELETE", "/api/v1/namespaces/shop")

    document = cluster.document()
    assert (document["load_balancers"], document["network_interfaces"]) == ([], [])
    assert all(each["metadata"].get("namespace") != "shop" for each in document["kubernetes"])


def test_an_orphaned_replica_set_keeps_its_pods() -> None:
    """`kubectl delete --cascade=orphan`."""
    cluster = deployed()
    cluster.done("DELETE", f"{DEPLOYMENTS}/web", {"propagationPolicy": "Orphan"})

    assert len(shop_pods(cluster)) == 1


def existing(cluster: Cluster, tags: list[dict[str, str]] | None = None) -> None:
    own = {"ListenerId": "lbl-other001", "Protocol": "TCP", "Port": 443, "Rules": None, "Targets": []}
    with cluster.state.writing() as document:
        balancer = {"LoadBalancerId": "lb-byhand01", "LoadBalancerVips": ["192.0.2.77"], "Tags": tags or []}
        document["load_balancers"].append(balancer)
        document["listeners"]["lb-byhand01"] = [own]


def test_an_existing_clb_outlives_the_service() -> None:
    """It was not made by the controller; only the listeners are its."""
    cluster = deployed()
    existing(cluster)
    annotations = {"service.kubernetes.io/tke-existed-lbid": "lb-byhand01"}
    cluster.done("PATCH", f"{SHOP}/services/web", {"metadata": {"annotations": annotations}}, content_type=MERGE)

    document = cluster.document()
    assert [each["LoadBalancerId"] for each in document["load_balancers"]] == ["lb-byhand01"]
    assert [each["Port"] for each in document["listeners"]["lb-byhand01"]] == [443, 80]
    service = cluster.done("GET", f"{SHOP}/services/web")
    assert service["status"]["loadBalancer"]["ingress"][0]["ip"] == "192.0.2.77"
    assert service["metadata"]["annotations"][LOAD_BALANCER_ID] == "lb-byhand01"

    cluster.done("DELETE", f"{SHOP}/services/web")
    assert [each["Port"] for each in cluster.document()["listeners"]["lb-byhand01"]] == [443]


def test_services_that_share_a_clb_each_keep_their_own_listeners() -> None:
    """Found with only `loadbalance-id`, none has made it: TKE gives nobody else a CLB that it made [TKE-SVC]."""
    document = default_lab()
    (web,) = (each for each in document["kubernetes"] if each["kind"] == "Service")
    other = copy.deepcopy(web)
    other["metadata"]["name"], other["spec"]["ports"][0]["port"] = "api", 81
    other["spec"]["ports"][0]["nodePort"] += 1
    other["metadata"]["annotations"].pop(SPECIFIED_PROTOCOL)
    document["kubernetes"].append(other)
    (balancer,) = (each["LoadBalancerId"] for each in document["load_balancers"])
    (listener,) = document["listeners"][balancer]
    document["listeners"][balancer].append(
        {**copy.deepcopy(listener), "ListenerId": "lbl-other001", "Port": 81, "Protocol": "TCP"}
    )
    cluster = Cluster(document)

    def ports() -> dict[int, str]:
        return {each["Port"]: each["ListenerId"] for each in cluster.document()["listeners"][balancer]}

    assert ports() == {80: listener["ListenerId"], 81: "lbl-other001"}
    cluster.done("DELETE", f"{SHOP}/services/web")
    assert ports() == {81: "lbl-other001"}
    cluster.done("DELETE", f"{SHOP}/services/api")
    assert [each["LoadBalancerId"] for each in cluster.document()["load_balancers"]] == [balancer]


@pytest.mark.parametrize(
    ("annotations", "why"),
    [
        ({"groups": "sg-missing1"}, "the security group sg-missing1 does not exist"),
        ({"groups": "sg-clb00001,sg-node0001,sg-pod00001,sg-a,sg-b,sg-c"}, "does not exist"),
        ({"protocol": "{"}, "is not JSON"),
        ({"protocol": '{"80":{"protocol":["SPDY"]}}'}, "names a protocol other than"),
        ({"protocol": '{"80":["HTTP"]}'}, "is not JSON of the documented form"),
    ],
)
def test_what_cannot_be_had_is_said_and_changes_nothing(annotations: dict[str, str], why: str) -> None:
    """An Event, once, and the CLB stays at work."""
    cluster = deployed()
    before = cluster.document()["listeners"]

    patch_service(cluster, **annotations)
    patch_service(cluster, **annotations)

    failed = [each for each in cluster.items("Event") if each["reason"] == "SyncLoadBalancerFailed"]
    assert why in failed[0]["message"]
    assert (len(failed), failed[0]["count"], failed[0]["type"]) == (1, 1, "Warning")
    assert cluster.document()["listeners"] == before


def test_annotations_change_the_clb() -> None:
    """Groups in the order given, pass-to-target, layer 4 and hosts; a hand's edit of the groups is put back."""
    cluster = deployed()
    patch_service(cluster, groups=f"{NODE_GROUP},{CLB_GROUP}", pass_to="true")
    with cluster.state.writing() as document:
        document["load_balancers"][0]["SecureGroups"] = []
    balancer = cluster.document()["load_balancers"][0]
    assert (balancer["SecureGroups"], balancer["LoadBalancerPassToTarget"]) == ([NODE_GROUP, CLB_GROUP], True)

    patch_service(cluster, protocol='{"80":{"protocol":["HTTP"],"hosts":{"a.example":{},"b.example":{}}}}')
    (listener,) = next(iter(cluster.document()["listeners"].values()))
    assert [rule["Domain"] for rule in listener["Rules"]] == ["a.example", "b.example"]

    patch_service(cluster, protocol=None)
    (listener,) = next(iter(cluster.document()["listeners"].values()))
    assert (listener["Protocol"], listener["Targets"][0]["Port"]) == ("TCP", 30713)


def test_direct_access_and_its_switch() -> None:
    """The annotation decides; without it the cluster's switch does, which lies in a ConfigMap."""
    cluster = deployed()

    def kinds() -> set[str]:
        (listener,) = next(iter(cluster.document()["listeners"].values()))
        return {target["Type"] for target in listener["Rules"][0]["Targets"]}

    assert kinds() == {"CVM"}
    patch_service(cluster, direct="true")
    assert kinds() == {"ENI"}
    patch_service(cluster, direct=None)
    assert kinds() == {"ENI"}
    path = "/api/v1/namespaces/kube-system/configmaps/tke-service-controller-config"
    cluster.done("PATCH", path, {"data": {"EnableDefaultDirectAccess": "false"}}, content_type=MERGE)
    assert kinds() == {"CVM"}


def test_a_service_that_is_no_longer_a_load_balancer_loses_its_clb() -> None:
    """And its NodePorts."""
    cluster = deployed()
    cluster.done("PATCH", f"{SHOP}/services/web", {"spec": {"type": "ClusterIP"}}, content_type=MERGE)

    service = cluster.done("GET", f"{SHOP}/services/web")
    assert cluster.document()["load_balancers"] == []
    assert "nodePort" not in service["spec"]["ports"][0]
    assert service["status"] == {"loadBalancer": {}}


def test_backends_are_all_nodes_but_those_not_ready() -> None:
    """Cordoned nodes are included; the label annotation narrows [TKE-SVC]."""
    cluster = deployed()
    annotation = {"service.kubernetes.io/qcloud-loadbalancer-backends-label": None}
    cluster.done("PATCH", f"{SHOP}/services/web", {"metadata": {"annotations": annotation}}, content_type=MERGE)
    cluster.done("PATCH", "/api/v1/nodes/node-a", {"spec": {"unschedulable": True}}, content_type=MERGE)

    def instances() -> list[str]:
        (listener,) = next(iter(cluster.document()["listeners"].values()))
        return [target["InstanceId"] for target in listener["Rules"][0]["Targets"]]

    assert instances() == ["ins-nodea001", "ins-nodeb001"]
    down = {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
    cluster.done("PATCH", "/api/v1/nodes/node-b/status", down, content_type=MERGE)
    assert instances() == ["ins-nodea001"]
    (item,) = cluster.items("EndpointSlice")
    assert item["endpoints"][0]["conditions"]["ready"] is False


# Pods, nodes and interfaces


def test_a_pod_that_fits_no_node_waits_and_says_why() -> None:
    """The upstream drill's nodeSelector names a node's name as an instance type: exactly that."""
    cluster = Cluster(bare_lab())
    cluster.done("POST", "/api/v1/namespaces", manifest("namespace.yaml"))
    cluster.done("POST", DEPLOYMENTS, manifest("deployment.yaml", back_label="nowhere"))

    (pod,) = shop_pods(cluster)
    assert (pod["status"]["phase"], pod["status"]["conditions"][0]["reason"]) == ("Pending", "Unschedulable")
    expected = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. no new claims"
    assert [each.startswith(expected) for each in events(cluster, "FailedScheduling")] == [True]

    cluster.done("PATCH", "/api/v1/nodes/node-a", {"metadata": {"labels": {"drill": "nowhere"}}}, content_type=MERGE)
    (pod,) = shop_pods(cluster)
    assert (pod["status"]["phase"], pod["spec"]["nodeName"]) == ("Running", "node-a")


def test_pods_follow_the_nodes_of_the_other_side() -> None:
    """A node pool of the Tencent side adds an instance and a Node, and takes one away again."""
    cluster = deployed()
    with cluster.state.writing() as document:
        document["kubernetes"] = [each for each in document["kubernetes"] if each["metadata"]["name"] != "node-b"]
        document["instances"] = document["instances"][:1]
    assert [pod["status"]["phase"] for pod in cluster.items("Pod") if pod["metadata"]["namespace"] == "shop"] == [
        "Pending"
    ]
    assert cluster.document()["network_interfaces"] == []

    with cluster.state.writing() as document:
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-c", "labels": {"drill": "back"}}}
        node["status"] = {"addresses": [{"type": "InternalIP", "address": "10.0.35.13"}]}
        document["kubernetes"].append(node)
        instance = {"InstanceId": "ins-nodec001", "InstanceName": "node-c", "PrivateIpAddresses": ["10.0.35.13"]}
        document["instances"].append({**instance, "SecurityGroupIds": [NODE_GROUP]})

    (interface,) = cluster.document()["network_interfaces"]
    assert interface["Attachment"] == {"InstanceId": "ins-nodec001"}
    assert answer(cluster).to_dict()["verdict"] == "reachable"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"enableSecurityGroups": False}, []),
        ({"enableSecurityGroups": True, "securityGroups": []}, [NODE_GROUP]),
        ({"enableSecurityGroups": True, "securityGroups": [POD_GROUP, CLB_GROUP]}, [POD_GROUP, CLB_GROUP]),
        (None, []),
    ],
)
def test_the_setting_decides_the_groups_of_new_interfaces(setting: Any, expected: list[str]) -> None:
    """Off: none; on with an empty list: the node's; on with a list: that list, in its order [ENI-SG]."""
    cluster = deployed(eniipamd=setting)

    (interface,) = cluster.document()["network_interfaces"]
    assert interface["GroupSet"] == expected


def test_later_changes_of_the_list_reach_a_node_only_when_asked() -> None:
    """The trap of the add-on: the list changed, and nothing happened [ENI-SG]."""
    cluster = deployed()

    def groups() -> list[str]:
        return cluster.document()["network_interfaces"][0]["GroupSet"]

    with cluster.state.writing() as document:
        document["cluster"]["eniipamd"]["securityGroups"] = [NODE_GROUP]
    assert groups() == [POD_GROUP]
    sync = {"metadata": {"annotations": {"tke.cloud.tencent.com/need-sync-security-groups": "true"}}}
    cluster.done("PATCH", "/api/v1/nodes/node-b", sync, content_type=MERGE)
    assert groups() == [NODE_GROUP]
    assert cluster.done("GET", "/api/v1/nodes/node-b")["metadata"]["annotations"] == {}  # done, so removed


def test_the_node_eni_config_acts_at_once_and_wins_over_a_hand() -> None:
    """Editing nec is the documented way; an edit of the interface itself is put back [ENI-LOG]."""
    cluster = deployed()
    cluster.done("PATCH", f"{NEC}/node-b", {"spec": {"securityGroups": [NODE_GROUP]}}, content_type=MERGE)
    with cluster.state.writing() as document:
        document["network_interfaces"][0]["GroupSet"] = []

    assert cluster.document()["network_interfaces"][0]["GroupSet"] == [NODE_GROUP]


def test_exclusive_interfaces() -> None:
    """In the mode tke-direct-eni every pod has an interface of its own; else a node's pods share one."""
    for mode, count in (("tke-direct-eni", 3), ("tke-route-eni", 1)):
        cluster = deployed(VpcCniType=mode)
        cluster.done("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"replicas": 3}}, content_type=MERGE)
        assert len(cluster.document()["network_interfaces"]) == count


def test_a_full_subnet_keeps_pods_waiting() -> None:
    """Eight addresses less the network's, the broadcast's and the gateway's."""
    document = bare_lab()
    document["subnets"][1]["CidrBlock"] = "10.0.36.0/29"
    cluster = Cluster(document)
    cluster.done("POST", "/api/v1/namespaces", manifest("namespace.yaml"))
    cluster.done("POST", DEPLOYMENTS, manifest("deployment.yaml"))
    cluster.done("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"replicas": 7}}, content_type=MERGE)

    status = cluster.done("GET", f"{DEPLOYMENTS}/web")["status"]
    assert (status["replicas"], status["availableReplicas"]) == (7, 5)
    assert events(cluster, "FailedCreatePodSandBox")


def test_node_ports_and_addresses_are_given_once() -> None:
    """Sixty Services, no number twice; explicit ones are honoured."""
    cluster = deployed()
    for number in range(60):
        spec = {"type": "NodePort", "ports": [{"port": 80}]}
        cluster.done("POST", f"{SHOP}/services", {"metadata": {"name": f"s-{number}"}, "spec": spec})

    services = cluster.items("Service")
    ports = [port["nodePort"] for each in services for port in each["spec"]["ports"] if port.get("nodePort")]
    assert len(set(ports)) == len(ports) == 61
    assert all(30000 <= port <= 32767 for port in ports)
    addresses = [each["spec"]["clusterIP"] for each in services]
    assert len(set(addresses)) == len(addresses)


def test_a_failing_controller_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours must not leave half a cluster behind, or a traceback in the answer."""
    cluster = deployed()
    before = json.dumps(cluster.document())

    def fail(*_: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(order, "CONTROLLERS", (*order.CONTROLLERS, order.Controller(fail)))
    code, status = cluster.call("DELETE", f"{SHOP}/services/web")

    assert (code, status["reason"]) == (500, "InternalError")
    assert "planted" not in status["message"]
    assert json.dumps(cluster.document()) == before


def test_a_failing_controller_leaves_the_other_sides_write_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the controllers had done by then is not half done; the next write does all of it."""
    cluster = deployed()

    def lose_a_node() -> None:
        with cluster.state.writing() as document:
            document["kubernetes"] = [each for each in document["kubernetes"] if each["metadata"]["name"] != "node-b"]

    with monkeypatch.context() as planted:
        failing = order.Controller(lambda *_: {}["planted"])
        planted.setattr(order, "CONTROLLERS", (*order.CONTROLLERS, failing))
        with pytest.raises(KeyError):
            lose_a_node()
    assert len(cluster.document()["network_interfaces"]) == 1

    cluster.done("POST", "/api/v1/namespaces", {"metadata": {"name": "unrelated"}})
    assert cluster.document()["network_interfaces"] == []
