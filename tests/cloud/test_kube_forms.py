"""The forms of requests and answers that clients other than `kubectl apply` use, and what is never written."""

import base64
import contextlib
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_cluster import TOKEN, Cluster, bare_lab

from drilllib.cloud.kube import protobuf, types
from drilllib.cloud.kube.errors import KubeError
from drilllib.cloud.kube.kinds import KINDS
from drilllib.cloud.kube.requests import Request
from drilllib.cloud.kube.server import KubeServer
from drilllib.core.drills.default_lab import default_lab

RECORDED = Path(__file__).parent / "recorded"
SERVICES = "/api/v1/namespaces/shop/services"
DEPLOYMENT = "/apis/apps/v1/namespaces/kube-system/deployments/tke-eni-ipamd"
MERGE = "application/merge-patch+json"


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(default_lab())


def test_a_dry_run_that_only_the_body_of_a_delete_names_deletes_nothing(cluster: Cluster) -> None:
    """`kubectl delete --dry-run=server` says so in its DeleteOptions; as JSON, and as protobuf of typed clients."""
    before = json.dumps(cluster.document())
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]}
    unknown = _field(1, _field(1, b"v1") + _field(2, b"DeleteOptions")) + _field(2, _field(5, b"All"))

    assert cluster.call("DELETE", f"{SERVICES}/web", options)[0] == 200
    body = protobuf.MAGIC + unknown
    assert cluster.call("DELETE", f"{SERVICES}/web", body, content_type=protobuf.CONTENT_TYPE)[0] == 200
    assert cluster.call("DELETE", f"{SERVICES}/web", options | {"dryRun": ["Some"]})[0] == 400
    assert (
        cluster.call("PATCH", f"{DEPLOYMENT}/scale", {"spec": {"replicas": 2}}, content_type=MERGE, dryRun="All")[0]
        == 200
    )

    assert json.dumps(cluster.document()) == before


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def test_protobuf_is_read_as_json_has_it() -> None:
    """A Deployment as `kubectl create deployment d --image=nginx --replicas=0 --port=80` sends it, field by field."""
    port = bytes([2 << 3, 0, 3 << 3, 80])
    container = _field(1, b"nginx") + _field(2, b"nginx:1") + _field(6, port) + _field(8, b"") + _field(14, b"")
    template = _field(1, _field(11, _field(1, b"app") + _field(2, b"d"))) + _field(2, _field(2, container))
    spec = bytes([1 << 3, 0]) + _field(2, _field(1, _field(1, b"app") + _field(2, b"d"))) + _field(3, template)
    raw = _field(1, _field(1, b"d") + _field(2, b"")) + _field(2, spec) + _field(3, bytes([1 << 3, 0]))
    body = protobuf.MAGIC + _field(1, _field(1, b"apps/v1") + _field(2, b"Deployment")) + _field(2, raw)

    item = protobuf.read_object(body)

    assert (item["kind"], item["metadata"], item["status"]) == ("Deployment", {"name": "d"}, {})
    assert (item["spec"]["replicas"], item["spec"]["selector"]) == (0, {"matchLabels": {"app": "d"}})
    found = item["spec"]["template"]["spec"]["containers"]
    assert found == [{"name": "nginx", "image": "nginx:1", "ports": [{"containerPort": 80}], "resources": {}}]
    for length in range(len(body)):  # cut anywhere it is an object or an error, never a traceback
        with contextlib.suppress(KubeError):
            protobuf.read_object(body[:length])


def test_what_kubectl_sends_as_protobuf_is_read() -> None:
    """The bytes that the real client sent: a Namespace, a Deployment, an autoscaler and a review."""
    lines = map(json.loads, (RECORDED / "kubectl-requests.jsonl").read_text(encoding="utf-8").splitlines())
    bodies = [base64.b64decode(line["base64"]) for line in lines if "base64" in line]
    items = [protobuf.read_object(body) for body in bodies if body.startswith(protobuf.MAGIC)]

    found = {item["kind"]: item for item in items}
    assert len(items) == 6
    assert found["Namespace"]["metadata"] == {"name": "other"}
    deployment = found["Deployment"]["spec"]
    assert (deployment["replicas"], deployment["selector"]) == (1, {"matchLabels": {"app": "d2"}})
    assert deployment["template"]["spec"]["containers"] == [{"name": "nginx", "image": "nginx", "resources": {}}]
    spec = found["HorizontalPodAutoscaler"]["spec"]
    assert spec["scaleTargetRef"] == {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"}
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 2)
    attributes = found["SelfSubjectAccessReview"]["spec"]["resourceAttributes"]
    assert attributes == {"namespace": "shop", "verb": "get", "resource": "pods"}


def test_answers_in_yaml_and_of_metadata_alone(cluster: Cluster) -> None:
    """As the header Accept asks, the first that is served where none weighs more."""
    plain = cluster.done("GET", f"{SERVICES}/web")
    response = cluster.api.handle(Request("GET", f"{SERVICES}/web", {}, {"accept": "application/yaml"}, user="x"))
    assert (response.content_type, yaml.safe_load(response.body)) == ("application/yaml", plain)

    partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    expected = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": plain["metadata"]}
    assert cluster.done("GET", f"{SERVICES}/web", accept=partial) == expected
    found = cluster.done("GET", SERVICES, accept=partial.replace("Metadata;", "MetadataList;"))
    assert (found["kind"], found["items"]) == ("PartialObjectMetadataList", [expected])
    weighed = "application/json;q=0.1, application/yaml;q=0.9"
    assert cluster.api.handle(Request("GET", SERVICES, {}, {"accept": weighed}, user="x")).content_type.endswith("yaml")


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/vnd.kubernetes.protobuf", "application/json;as=Chair;g=x;v=v1", "application/json;q=0"],
)
def test_a_form_that_is_not_served_is_not_acceptable(cluster: Cluster, accept: str) -> None:
    """406, before anything is written."""
    body = {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}}
    code, status = cluster.call("POST", SERVICES, body, accept=accept)

    assert (code, status["reason"], len(cluster.items("Service"))) == (406, "NotAcceptable", 2)


def test_a_manifest_may_be_sent_as_yaml(cluster: Cluster) -> None:
    """And an alias, by which a small text becomes a large one, is refused."""
    manifest = b"metadata: {name: x}\ndata:\n  a: b\n"
    path = "/api/v1/namespaces/shop/configmaps"
    assert cluster.done("POST", path, manifest, content_type="application/yaml")["data"] == {"a": "b"}
    assert cluster.call("POST", path, b"a: &x [1]\nb: *x\n", content_type="application/yaml")[0] == 400


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/livez", "/readyz/", "/readyz/ping", "/version/"])
def test_the_server_says_how_it_is(cluster: Cluster, path: str) -> None:
    """With and without the slash that some clients send."""
    response = cluster.api.handle(Request("GET", path, user="x"))

    assert (response.code, response.body == b"ok" or json.loads(response.body)["minor"] == "32") == (200, True)
    verbose = cluster.api.handle(Request("GET", "/readyz", {"verbose": ""}, user="x")).body.decode()
    assert verbose.endswith("readyz check passed\n")
    assert "[+]ping ok" in verbose


def test_a_scale_is_read_put_and_patched(cluster: Cluster) -> None:
    """A Scale of autoscaling/v1, whichever way; what is too large or no number is refused."""
    scale = cluster.done("GET", f"{DEPLOYMENT}/scale")
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == (
        "Scale",
        {"replicas": 1},
        "k8s-app=tke-eni-ipamd",
    )
    assert cluster.done("PUT", f"{DEPLOYMENT}/scale", scale | {"spec": {"replicas": 3}})["spec"] == {"replicas": 3}
    assert cluster.call("PUT", f"{DEPLOYMENT}/scale", scale)[0] == 409
    step = [{"op": "replace", "path": "/spec/replicas", "value": 2}]
    done = cluster.done("PATCH", f"{DEPLOYMENT}/scale", step, content_type="application/json-patch+json")
    assert (done["status"]["replicas"], cluster.done("GET", DEPLOYMENT)["spec"]["replicas"]) == (2, 2)
    for replicas, code in ((-1, 422), (51, 422), ("2", 400), (True, 400), (1 << 40, 400)):
        patch = {"spec": {"replicas": replicas}}
        assert cluster.call("PATCH", f"{DEPLOYMENT}/scale", patch, content_type=MERGE)[0] == code


def test_who_has_the_token_may_do_everything(cluster: Cluster) -> None:
    """The three reviews of oneself; nothing of them is kept."""
    before = json.dumps(cluster.document())
    for group, name, field, value in (
        ("authorization", "SelfSubjectAccessReview", "allowed", True),
        ("authorization", "SelfSubjectRulesReview", "incomplete", False),
        ("authentication", "SelfSubjectReview", "userInfo", {"username": "tester"}),
    ):
        path = f"/apis/{group}.k8s.io/v1/{name.lower()}s"
        answer = cluster.done("POST", path, {"kind": name, "spec": {}})["status"][field]
        assert value.items() <= answer.items() if isinstance(value, dict) else answer == value
    assert json.dumps(cluster.document()) == before


def test_the_openapi_of_every_kind_can_be_followed(cluster: Cluster) -> None:
    """Each group's document has its kinds' schemas, and every reference in it leads somewhere."""
    places = cluster.done("GET", "/openapi/v3")["paths"]
    documents = {place: cluster.done("GET", f"/openapi/v3/{place}") for place in places}
    kinds: set[str] = set()
    for document in documents.values():
        schemas = document["components"]["schemas"]
        references = [text for text in _texts(document) if text.startswith("#/components/schemas/")]
        assert {each.rpartition("/")[2] for each in references} <= schemas.keys()
        kinds |= {gvk["kind"] for each in schemas.values() for gvk in each.get("x-kubernetes-group-version-kind", ())}
    assert {kind.name for kind in KINDS} <= kinds
    spec = documents["api/v1"]["components"]["schemas"]["io.k8s.api.core.v1.Service"]["properties"]["spec"]
    assert spec["description"]
    assert [*spec["allOf"][0]] == ["$ref"]  # OpenAPI 3 ignores what stands beside a $ref
    swagger = cluster.done("GET", "/openapi/v2")
    assert {text.rpartition("/")[2] for text in _texts(swagger) if text.startswith("#/def")} <= swagger[
        "definitions"
    ].keys()


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def test_every_reference_among_the_types_leads_somewhere() -> None:
    """The data file is whole."""
    known = types.definitions()
    assert len(known) > 200
    assert all(name.startswith("io.k8s.") for name in known)


def test_what_a_snapshot_leaves_out_has_kubernetes_defaults() -> None:
    """On the Service and the Pod of the default lab."""
    cluster = Cluster(default_lab())
    service = cluster.done("GET", f"{SERVICES}/web")["spec"]
    pod = cluster.done("GET", "/api/v1/namespaces/shop/pods/web-1")["spec"]

    assert (service["sessionAffinity"], service["internalTrafficPolicy"], service["clusterIPs"]) == (
        "None",
        "Cluster",
        [service["clusterIP"]],
    )
    assert [each["key"] for each in pod["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]
    assert (pod["dnsPolicy"], pod["restartPolicy"], pod["priority"]) == ("ClusterFirst", "Always", 0)


def test_affinity_by_address_has_a_timeout_and_without_it_there_is_none(cluster: Cluster) -> None:
    """Source: Kubernetes, pkg/apis/core/v1/defaults.go, SetDefaults_Service."""
    path, spec = "/api/v1/namespaces/shop/services/web", []
    for value in ("ClientIP", "None"):
        change = {"spec": {"sessionAffinity": value}}
        spec.append(cluster.done("PATCH", path, change, content_type="application/merge-patch+json")["spec"])

    assert spec[0]["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}
    assert "sessionAffinityConfig" not in spec[1]


def test_a_null_in_a_list_is_an_empty_item(cluster: Cluster) -> None:
    """As Go reads it, and so it lacks what an item needs."""
    body = {"metadata": {"name": "x"}, "spec": {"ports": [None]}}
    code, status = cluster.call("POST", SERVICES, body)

    assert (code, status["details"]["causes"][0]["field"]) == (422, "spec.ports[0].port")


def test_endpoints_are_made_of_the_slices(cluster: Cluster) -> None:
    """With Kubernetes' warning that they are old."""
    answer = cluster.api.handle(Request("GET", "/api/v1/namespaces/shop/endpoints/web", user="x"))

    assert json.loads(answer.body)["subsets"][0]["addresses"][0]["targetRef"]["name"] == "web-1"
    assert answer.headers["Warning"].startswith("299 - ")


def test_a_paused_deployment_waits_with_its_new_template(cluster: Cluster) -> None:
    """It still scales; the new ReplicaSet comes when it is resumed."""
    image = {"template": {"spec": {"containers": [{"name": "tke-eni-ipamd", "image": "x:1"}]}}}
    strategic = "application/strategic-merge-patch+json"
    cluster.done("PATCH", DEPLOYMENT, {"spec": {"paused": True, **image}}, content_type=strategic)
    assert len(cluster.items("ReplicaSet")) == 1
    cluster.done("PATCH", DEPLOYMENT, {"spec": {"paused": False}}, content_type=strategic)
    assert len(cluster.items("ReplicaSet")) == 2


@pytest.mark.parametrize(
    "line", ["GET http://[::1 HTTP/1.1", "GET nonsense HTTP/1.1", "GET http://other.example HTTP/1.1"]
)
def test_a_request_line_without_a_path_is_a_bad_request(line: str) -> None:
    """A Status, and not a broken connection."""
    pytest.importorskip("trustme")
    server = KubeServer(Cluster(bare_lab()).api, {TOKEN: "tester"})
    context = ssl.create_default_context(cadata=server.authority.decode())
    with context.wrap_socket(
        socket.create_connection(("127.0.0.1", server.port)), server_hostname="127.0.0.1"
    ) as line_:
        line_.sendall(f"{line}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line_.recv(4096), b""))
    server.close()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["reason"] == "BadRequest"
