"""The API without a socket, and the socket without a client: patches, selectors, pages, refusals, garbage."""

import copy
import json
import random
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kubernetes_cluster import TOKEN, Cluster

from drilllib.cloud.kube.kinds import BY_NAME, VERBS
from drilllib.cloud.kube.patches import JSON_PATCH, MERGE, STRATEGIC, merged, patched
from drilllib.cloud.kube.requests import LARGEST_BODY, Request
from drilllib.cloud.kube.selectors import field_test, label_test
from drilllib.cloud.kube.server import KubeServer
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError
from tests.thorough import how_many
from tests.waits import PATIENCE_S

SERVICES = "/api/v1/namespaces/shop/services"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    """For tests that change nothing."""
    return Cluster(default_lab())


# Patches


SERVICE = {
    "spec": {"ports": [{"port": 80, "nodePort": 30713}, {"port": 443, "nodePort": 30714}], "selector": {"a": "b"}}
}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"ports": [{"port": 80, "nodePort": 30800}]}, [(80, 30800), (443, 30714)]),
        ({"ports": [{"port": 8080}]}, [(80, 30713), (443, 30714), (8080, None)]),
        ({"ports": [{"port": 80, "$patch": "delete"}]}, [(443, 30714)]),
        ({"ports": [{"$patch": "replace"}, {"port": 1}]}, [(1, None)]),
        ({"$setElementOrder/ports": [{"port": 443}, {"port": 80}]}, [(443, 30714), (80, 30713)]),
        ({"ports": [{"port": 80, "nodePort": None}]}, [(80, None), (443, 30714)]),
    ],
)
def test_strategic_merge_of_service_ports(patch: dict[str, Any], expected: list[tuple[int, int | None]]) -> None:
    """Ports are told apart by their number [Kubernetes, patchMergeKey]."""
    item = patched(BY_NAME["Service"], SERVICE, {"spec": patch}, STRATEGIC)

    assert [(port["port"], port.get("nodePort")) for port in item["spec"]["ports"]] == expected
    assert SERVICE["spec"]["ports"][0] == {"port": 80, "nodePort": 30713}  # the object itself stays as it was


def test_strategic_merge_of_containers() -> None:
    """Containers and variables by name, container ports by number, and one strategy in the place of another."""
    container = {"name": "web", "image": "a", "env": [{"name": "A", "value": "1"}], "ports": [{"containerPort": 80}]}
    spec = {
        "template": {"spec": {"containers": [container]}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {}},
    }
    change = {"name": "web", "env": [{"name": "B", "value": "2"}], "ports": [{"containerPort": 81}]}
    patch = {"template": {"spec": {"containers": [change, {"name": "side", "image": "b"}]}}}
    patch["strategy"] = {"$retainKeys": ["type"], "type": "Recreate"}

    item = patched(BY_NAME["Deployment"], {"spec": spec}, {"spec": patch}, STRATEGIC)

    web, side = item["spec"]["template"]["spec"]["containers"]
    assert [each["name"] for each in web["env"]] == ["A", "B"]
    assert [each["containerPort"] for each in web["ports"]] == [80, 81]
    assert (web["image"], side["image"]) == ("a", "b")
    assert item["spec"]["strategy"] == {"type": "Recreate"}


def test_lists_of_an_endpoint_slice_are_replaced() -> None:
    """They have no merge key; a merged one would keep endpoints that are gone."""
    item = patched(BY_NAME["EndpointSlice"], {"ports": [{"port": 1}]}, {"ports": [{"port": 2}]}, STRATEGIC)

    assert item == {"ports": [{"port": 2}]}


def test_merge_patch_and_json_patch() -> None:
    """RFC 7386 and RFC 6902."""
    assert merged({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": {"e": None}}}) == {"a": {"c": 2, "d": {}}}
    steps = [{"op": "test", "path": "/a/0", "value": 1}, {"op": "add", "path": "/a/-", "value": 3}]
    steps += [{"op": "remove", "path": "/a/0"}, {"op": "replace", "path": "/b~1c", "value": "x"}]
    assert patched(BY_NAME["Pod"], {"a": [1, 2], "b/c": ""}, steps, JSON_PATCH) == {"a": [2, 3], "b/c": "x"}


# Reading


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a==b,c!=d", {"a": "b", "c": "e"}, True),
        ("c!=d", {}, True),
        ("a in (b, c)", {"a": "c"}, True),
        ("a notin (b,c)", {"a": "c"}, False),
        ("a,!b", {"a": ""}, True),
        ("a,!b", {"a": "", "b": ""}, False),
        ("", {}, True),
    ],
)
def test_label_selectors(selector: str, labels: dict[str, str], expected: bool) -> None:
    """As kubectl sends them."""
    assert label_test(selector)({"metadata": {"labels": labels}}) == expected


def test_field_selectors() -> None:
    """Equal, unequal, and of nested fields."""
    pod = {"metadata": {"name": "x"}, "spec": {"nodeName": "n"}, "status": {"phase": "Running"}}
    assert field_test("spec.nodeName=n,status.phase!=Failed")(pod)
    assert not field_test("metadata.name==y")(pod)


def test_pages_hold_every_object_once(cluster: Cluster) -> None:
    """`limit` and `continue`, as kubectl's chunks use them."""
    names, token = [], ""
    while True:
        query = {"limit": "2", **({"continue": token} if token else {})}
        page = cluster.done("GET", "/api/v1/events", **query)
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    everything = cluster.done("GET", "/api/v1/events")["items"]
    assert names == [item["metadata"]["name"] for item in everything]
    assert len(names) > 3


def test_aggregated_discovery_echoes_the_version(cluster: Cluster) -> None:
    """Kubectl 1.27 asks for v2beta1 only, and breaks on v2."""
    for version in ("v2", "v2beta1"):
        kind = f"g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
        response = cluster.api.handle(Request("GET", "/apis", {}, {"accept": f"application/json;{kind}"}, b"", "u"))
        assert kind in response.content_type
        assert json.loads(response.body)["apiVersion"] == f"apidiscovery.k8s.io/{version}"


def test_every_kind_has_its_table(cluster: Cluster) -> None:
    """Without one, kubectl shows NAME and AGE."""
    for kind in BY_NAME.values():
        path = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        found = cluster.done("GET", f"{path}/{kind.plural}", accept=TABLE)
        assert found["kind"] == "Table"
        assert all(len(row["cells"]) == len(found["columnDefinitions"]) for row in found["rows"])
        assert found["rows"] or kind.verbs != VERBS or kind.name == "HorizontalPodAutoscaler"


# Refusing


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/secrets", 404),
        ("GET", "/api/v1/namespaces/shop/nodes", 404),
        ("GET", "/api/v1/pods/web-1", 404),
        ("GET", "/api/v1/namespaces/shop/pods/web-1/exec", 405),
        ("POST", "/api/v1/namespaces/shop/pods/web-1/eviction", 405),
        ("DELETE", "/api/v1/namespaces/shop/pods", 405),
        ("POST", "/apis/apps/v1/namespaces/shop/deployments/web/scale", 405),
        ("POST", "/apis/apps/v1/namespaces/shop/daemonsets", 405),
        ("PUT", "/api/v1/namespaces/shop/endpoints/web", 405),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 405),
        ("OPTIONS", "/api/v1/pods", 405),
        ("POST", "/api/v1/pods", 405),
    ],
)
def test_what_is_left_out_says_so(cluster: Cluster, method: str, path: str, code: int) -> None:
    """Never silence, never a success that is none."""
    found, status = cluster.call(method, path, {})

    assert (found, status["kind"], status["code"]) == (code, "Status", code)
    assert status["message"]


def test_nobody_is_let_in_without_a_user(cluster: Cluster) -> None:
    """Not even to the version."""
    response = cluster.api.handle(Request("GET", "/version"))

    assert response.code == 401


def service(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}], **spec}}


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (service(externalTraficPolicy="Local"), 400, 'unknown field "spec.externalTraficPolicy"'),
        ({**service(), "specs": {}}, 400, 'unknown field "specs"'),
        (
            service(ports=[{"port": "80"}]),
            400,
            "cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
        ),
        (service(selector={"a": 1}), 400, "Go struct field ServiceSpec.spec.selector.a of type string"),
        (service(ports=[{"port": 70000}]), 422, "must be between 1 and 65535"),
        (service(type="NodePort", ports=[{"port": 80, "nodePort": 80}]), 422, "not in the valid range"),
        (service(type="NodePort", ports=[{"port": 80, "nodePort": 30713}]), 422, "already allocated"),
        (service(clusterIP="172.16.60.200"), 422, "already allocated"),
        (service(ports=[{"port": 80}, {"port": 81}]), 422, "spec.ports[0].name: Required value"),
        (service(ports=[]), 422, "spec.ports: Required value"),
        (service(type="Balancer"), 422, 'Unsupported value: "Balancer": supported values: "ClusterIP", "Ext'),
        ({**service(), "metadata": {"name": "Web"}}, 422, "metadata.name"),
        ({**service(), "metadata": {"name": "x", "namespace": "other"}}, 400, "namespace"),
        ({**service(), "metadata": {}}, 422, "name or generateName is required"),
        ({**service(), "metadata": {"name": "web"}}, 409, 'services "web" already exists'),
        ({**service(), "kind": "Pod"}, 400, "the kind in the data"),
        ([], 400, "no object"),
        (b"{", 400, "no JSON"),
        (b"[" * 5000 + b"]" * 5000, 400, ""),
        (b'{"metadata": {"name": NaN}}', 400, "no JSON"),
    ],
)
def test_services_that_mean_nothing(cluster: Cluster, body: Any, code: int, words: str) -> None:
    """The message names the field."""
    found, status = cluster.call("POST", SERVICES, body)

    assert (found, words in status["message"]) == (code, True), status
    assert status["status"] == "Failure"


def test_dry_runs_keep_nothing(cluster: Cluster) -> None:
    """Of no verb."""
    before = json.dumps(cluster.document())

    assert cluster.call("POST", SERVICES, service(), dryRun="All")[0] == 201
    patch = {"spec": {"type": "ClusterIP"}}
    assert cluster.call("PATCH", f"{SERVICES}/web", patch, content_type=MERGE, dryRun="All")[0] == 200
    assert cluster.call("DELETE", f"{SERVICES}/web", dryRun="All")[0] == 200
    assert cluster.call("DELETE", f"{SERVICES}/web", dryRun="Some")[0] == 400

    assert json.dumps(cluster.document()) == before


@pytest.mark.parametrize("part", ["resourceVersion", "uid"])
def test_preconditions(cluster: Cluster, part: str) -> None:
    """Another incarnation of the object is another object."""
    body = {"metadata": {part: "999999"}}
    assert cluster.call("PATCH", f"{SERVICES}/web", body, content_type=MERGE)[0] == 409
    assert cluster.call("DELETE", f"{SERVICES}/web", {"preconditions": {part: "999999"}})[0] == 409


def test_a_status_of_its_own_and_a_selector_that_stays() -> None:
    """A client cannot write a Service's status by the way, nor change what a Deployment owns."""
    cluster = Cluster(default_lab())
    patch = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.99"}]}}}
    item = cluster.done("PATCH", f"{SERVICES}/web", patch, content_type=MERGE)
    assert item["status"]["loadBalancer"]["ingress"][0]["ip"] == "192.0.2.10"

    path = "/apis/apps/v1/namespaces/kube-system/deployments/tke-eni-ipamd"
    selector = {"spec": {"selector": {"matchLabels": {"pod-template-hash": "x"}}}}
    assert cluster.call("PATCH", path, selector, content_type=MERGE)[0] == 422


def test_a_snapshot_that_cannot_be_read_is_refused() -> None:
    """At once, with its place, and not at the first `kubectl get`."""
    document = default_lab()
    document["kubernetes"].append({"kind": "Deployment", "metadata": {"name": "x"}, "spec": {"replicas": "two"}})

    with pytest.raises(InvalidInputError, match=r"spec\.replicas"):
        Cluster(document)


# Garbage

WORDS = ["api", "apis", "v1", "pods", "namespaces", "x", "log"]
ODD = (None, True, 0, -1, 1 << 40, 3.5, "", "x", "10.0.0.1", [], {}, [{}], [None], ["x"], [[]], {"x": "y"}, {"a": {}})
ADDED = ("ownerReferences", "labels", "annotations", "conditions", "containerStatuses", "loadBalancer", "addresses")
ADDED += ("containers", "ports", "selector", "template", "replicas", "nodeSelector", "type", "clusterIP", "podIP")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything inside a value."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from places(inner, (*path, name))


def spoilt(item: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The object with one part replaced by something odd, or something odd added."""
    item = copy.deepcopy(item)
    path = chance.choice(list(places(item))[1:])
    parent = item
    for step in path[:-1]:
        parent = parent[step]
    name = chance.choice(ADDED) if isinstance(parent, dict) and chance.random() < 0.3 else path[-1]
    parent[name] = copy.deepcopy(chance.choice(ODD))
    return item


@pytest.mark.parametrize("seed", range(how_many(1, thorough=2, long=4)))
def test_spoilt_objects_never_break_the_cluster(seed: int) -> None:
    """Whatever is written, the answer is an object or a Status, every list still answers, and the lab can be read."""
    cluster, chance, codes = Cluster(default_lab()), random.Random(seed), set()
    for number in range(100):
        before = chance.choice(cluster.document()["kubernetes"])
        kind = BY_NAME[before["kind"]]
        root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
        place = f"/namespaces/{before['metadata'].get('namespace')}" if kind.namespaced else ""
        end = chance.choice(["", "", f"/{before['metadata']['name']}", f"/{before['metadata']['name']}/status"])
        body = copy.deepcopy(before)
        body["metadata"].pop("resourceVersion")
        body["metadata"] |= {} if end else {"name": f"new-{number}"}

        method = "PUT" if end else "POST"
        code, answer = cluster.call(method, f"{root}{place}/{kind.plural}{end}", spoilt(body, chance))

        assert code != 500, answer
        codes.add(code)
        for each in BY_NAME.values():
            root = f"/apis/{each.group}/{each.version}" if each.group else f"/api/{each.version}"
            assert cluster.done("GET", f"{root}/{each.plural}", accept=TABLE)["kind"] == "Table"
        Snapshot(cluster.document())
    assert {200, 201, 400} <= codes


FUZZED = Cluster(default_lab())


@settings(max_examples=how_many(80, thorough=200))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "BREW"]),
    path=st.text(max_size=30) | st.lists(st.sampled_from(WORDS)).map("/".join),
    query=st.dictionaries(
        st.sampled_from(["watch", "limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "dryRun"]),
        st.text(max_size=12),
    ),
    body=st.binary(max_size=30),
)
def test_fuzzed_requests_get_a_status(method: str, path: str, query: dict[str, str], body: bytes) -> None:
    """Never a traceback, never an internal error."""
    response = FUZZED.api.handle(Request(method, f"/{path}", {**query, "timeoutSeconds": "0"}, {}, body, "u"))

    assert response.code != 500
    assert b"Traceback" not in response.body


# The socket


@pytest.fixture
def server() -> Iterator[KubeServer]:
    pytest.importorskip("trustme")
    served = KubeServer(Cluster(default_lab()).api, {TOKEN: "tester"})
    yield served
    served.close()


LAST = f"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()


def raw(server: KubeServer, data: bytes, *, tls: bool = True) -> bytes:
    """What the server answers to these bytes until it hangs up, as it does after refusals and `LAST` requests."""
    found = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as plain:
        connection = plain
        if tls:
            context = ssl.create_default_context(cadata=server.authority.decode())
            connection = context.wrap_socket(plain, server_hostname="127.0.0.1")
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                found += piece
        except (ConnectionError, ssl.SSLError):
            pass
    return found


def test_oversized_and_broken_requests(server: KubeServer) -> None:
    """Refused before they are read; the server stays up."""
    head = f"POST {SERVICES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
    too_large = raw(server, f"{head}Content-Length: {LARGEST_BODY + 1}\r\n\r\n".encode())
    assert b" 413 " in too_large.splitlines()[0]
    assert b"RequestEntityTooLarge" in too_large
    for line in ("Transfer-Encoding: chunked", "Content-Length: -1", "Content-Length: many"):
        assert b" 411 " in raw(server, f"{head}{line}\r\n\r\n".encode()).splitlines()[0]
    noise = random.Random(1)
    for _ in range(20):
        assert b"Traceback" not in raw(server, noise.randbytes(200) + b"\r\n\r\n")
        raw(server, noise.randbytes(50), tls=False)
    answer = raw(server, LAST)
    assert b" 200 " in answer.splitlines()[0]


def test_a_silent_client_keeps_nobody_out(server: KubeServer) -> None:
    """The handshake is its own thread's affair."""
    with socket.create_connection(("127.0.0.1", server.port)):
        answer = raw(server, LAST)

    assert b" 200 " in answer.splitlines()[0]


def test_only_this_machine_is_served(server: KubeServer) -> None:
    """A drill is nobody else's business."""
    assert server.url.startswith("https://127.0.0.1:")


def test_the_state_is_saved_with_what_the_controllers_made(tmp_path: Path) -> None:
    """The other side's write included: what follows from it is in the same file."""
    cluster = Cluster(default_lab(), file=tmp_path / "state.json")
    with cluster.state.writing() as document:
        document["kubernetes"] = [item for item in document["kubernetes"] if item["metadata"]["name"] != "node-b"]

    saved = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    assert saved == cluster.document()
    assert saved["network_interfaces"] == []
