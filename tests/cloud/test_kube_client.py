"""The official Python client against the cluster on localhost: typed objects, watch, conflicts, and many at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from kubernetes_cluster import TOKEN, Cluster, bare_lab

from drilllib.cloud.kube.server import KubeServer
from drilllib.core.drills.default_lab import default_lab

kubernetes = pytest.importorskip("kubernetes")
pytest.importorskip("trustme")
CLIENTS = 50


@pytest.fixture
def served(tmp_path: Path) -> Iterator[SimpleNamespace]:
    cluster = Cluster(default_lab())
    server = KubeServer(cluster.api, {TOKEN: "tester"})
    (tmp_path / "config").write_text(server.kubeconfig(TOKEN), encoding="utf-8")
    client = kubernetes.config.new_client_from_config(str(tmp_path / "config"))
    core, apps = kubernetes.client.CoreV1Api(client), kubernetes.client.AppsV1Api(client)
    yield SimpleNamespace(cluster=cluster, client=client, core=core, apps=apps, server=server)
    server.close()


def test_typed_objects(served: SimpleNamespace) -> None:
    """What the live lab reads, it can read here."""
    service = served.core.read_namespaced_service("web", "shop")
    assert (service.spec.ports[0].node_port, service.status.load_balancer.ingress[0].ip) == (30713, "192.0.2.10")

    slices = kubernetes.client.DiscoveryV1Api(served.client).list_namespaced_endpoint_slice("shop")
    assert slices.items[0].endpoints[0].addresses == ["10.0.36.12"]

    configs = kubernetes.client.CustomObjectsApi(served.client)
    found = configs.list_cluster_custom_object("networking.tke.cloud.tencent.com", "v1", "nodeeniconfigs")
    assert [each["metadata"]["name"] for each in found["items"]] == ["node-a", "node-b"]


def test_create_patch_replace_delete(served: SimpleNamespace) -> None:
    """A Deployment's whole life."""
    container = {"name": "c", "image": "nginx:1.27"}
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container]}}
    body = {"metadata": {"name": "x"}, "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template}}
    made = served.apps.create_namespaced_deployment("shop", {"kind": "Deployment", "apiVersion": "apps/v1", **body})
    assert made.status.available_replicas == 1

    patched = served.apps.patch_namespaced_deployment("x", "shop", {"spec": {"replicas": 3}})
    assert (patched.status.available_replicas, patched.metadata.generation) == (3, 2)

    patched.spec.replicas = 0
    assert served.apps.replace_namespaced_deployment("x", "shop", patched).status.replicas is None

    served.apps.delete_namespaced_deployment("x", "shop")
    assert served.apps.list_namespaced_deployment("shop").items == []
    assert served.core.list_namespaced_pod("shop", label_selector="app=x").items == []


def test_an_old_object_is_refused(served: SimpleNamespace) -> None:
    """A lost update would be a lesson about the wrong thing."""
    service = served.core.read_namespaced_service("web", "shop")
    served.core.patch_namespaced_service("web", "shop", {"metadata": {"labels": {"a": "b"}}})

    with pytest.raises(kubernetes.client.ApiException) as caught:
        served.core.replace_namespaced_service("web", "shop", service)

    assert (caught.value.status, caught.value.reason) == (409, "Conflict")


def test_watch(served: SimpleNamespace) -> None:
    """Changes arrive in order, objects that a selector lets go of as deleted, and the stream ends in time."""
    start = served.core.list_namespaced_pod("shop").metadata.resource_version
    for labels in ({"a": "b"}, {"a": "c"}):
        served.core.patch_namespaced_pod("web-1", "shop", {"metadata": {"labels": labels}})
    served.core.delete_namespaced_pod("web-1", "shop")

    def seen(**query: str) -> list[tuple[str, str]]:
        stream = kubernetes.watch.Watch().stream(
            served.core.list_namespaced_pod, "shop", resource_version=start, timeout_seconds=1, **query
        )
        return [(event["type"], event["object"].metadata.labels["a"]) for event in stream]

    assert seen() == [("MODIFIED", "b"), ("MODIFIED", "c"), ("DELETED", "c")]
    assert seen(label_selector="a=b") == [("ADDED", "b"), ("DELETED", "b")]


@pytest.mark.parametrize("token", ["wrong", "", TOKEN[:-1], TOKEN + "x"])
def test_a_wrong_token(served: SimpleNamespace, tmp_path: Path, token: str) -> None:
    """The token is checked, and the answer is a Status."""
    (tmp_path / "wrong").write_text(served.server.kubeconfig(token), encoding="utf-8")
    client = kubernetes.config.new_client_from_config(str(tmp_path / "wrong"))

    with pytest.raises(kubernetes.client.ApiException) as caught:
        kubernetes.client.CoreV1Api(client).list_node()

    assert caught.value.status == 401
    assert '"reason": "Unauthorized"' in caught.value.body


def test_fifty_clients_at_once(served: SimpleNamespace) -> None:
    """Each edit is there in the end, and every one got a number of its own."""
    gate = threading.Barrier(CLIENTS)

    def edit(number: int) -> list[int]:
        gate.wait()
        versions = []
        for step in range(2):
            body = {"metadata": {"labels": {f"client-{number}-{step}": "here"}}}
            answer = served.core.patch_namespaced_service("web", "shop", body)
            versions.append(int(answer.metadata.resource_version))
        return versions

    with ThreadPoolExecutor(CLIENTS) as pool:
        numbered = list(pool.map(edit, range(CLIENTS)))

    labels = served.core.read_namespaced_service("web", "shop").metadata.labels
    assert len(labels) == 2 * CLIENTS
    assert len({each for versions in numbered for each in versions}) == 2 * CLIENTS
    assert all(first < second for first, second in numbered)


def test_counted_edits_are_not_lost(served: SimpleNamespace) -> None:
    """Read, add one, replace, and again after a conflict: the way of every careful client."""
    served.core.create_namespaced_config_map("shop", {"metadata": {"name": "count"}, "data": {"n": "0"}})

    def count(_: int) -> int:
        for conflicts in range(1000):
            item = served.core.read_namespaced_config_map("count", "shop")
            item.data["n"] = str(int(item.data["n"]) + 1)
            try:
                served.core.replace_namespaced_config_map("count", "shop", item)
            except kubernetes.client.ApiException as error:
                if error.status != 409:
                    raise
            else:
                return conflicts
        raise AssertionError("never let in")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(24)))

    assert served.core.read_namespaced_config_map("count", "shop").data["n"] == "24"


def test_a_server_started_again_counts_on(tmp_path: Path) -> None:
    """A client that watches across a restart must not take an old number for a new one."""
    file = tmp_path / "state.json"
    first = Cluster(bare_lab(), file=file)
    first.done("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    before = first.done("GET", "/api/v1/namespaces")["metadata"]["resourceVersion"]

    again = Cluster(first.document(), file=file)

    after = again.done("GET", "/api/v1/namespaces")["metadata"]["resourceVersion"]
    assert int(after) >= int(before)
    made = again.done("POST", "/api/v1/namespaces", {"metadata": {"name": "other"}})
    assert int(made["metadata"]["resourceVersion"]) > int(before)
    assert again.call("GET", "/api/v1/pods", watch="true", resourceVersion=str(int(before) - 1))[0] == 410
