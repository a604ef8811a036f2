"""The Kubernetes reader against the local cluster's API: objects as they are, every failure a refusal."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")
pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.clients import kubernetes_api
from drilllib.clients.kubernetes_api import Cluster, KubernetesReader, find_cluster, path_of
from drilllib.clients.parallel import Until
from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.state import CloudState
from drilllib.core.capture.asks import KubernetesRead, RefusalKind
from drilllib.core.drills.default_lab import default_lab
from drilllib.errors import DrillError, InvalidInputError, UnknownNameError
from tests.clients.stubs import TOKEN, Stub
from tests.waits import PATIENCE_S

WEB = KubernetesRead("", "v1", "services", "Service", "shop", "web")
PODS = KubernetesRead("", "v1", "pods", "Pod", "shop")
NODES = KubernetesRead("", "v1", "nodes", "Node")
CONFIGS = KubernetesRead("networking.tke.cloud.tencent.com", "v1", "nodeeniconfigs", "NodeENIConfig")
NO_KIND = KubernetesRead("no.such.example", "v1", "things", "Thing", "shop")


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = KubeServer(KubeApi(CloudState(default_lab())), {TOKEN: "tester"})
    path = tmp_path_factory.mktemp("kube") / "config"
    path.write_text(server.kubeconfig(TOKEN, namespace="shop"))
    yield str(path)
    server.close()


@pytest.fixture
def reader(kubeconfig: str) -> KubernetesReader:
    return KubernetesReader(find_cluster({"KUBECONFIG": kubeconfig}), Until(PATIENCE_S))


def at(address: str) -> KubernetesReader:
    """A reader of a server that is no Kubernetes."""
    from kubernetes import client

    configuration = client.Configuration(host=f"http://{address}", api_key={"authorization": f"Bearer {TOKEN}"})
    configuration.proxy = None
    made = KubernetesReader(Cluster(f"http://{address}", "stub", "default", configuration), Until(PATIENCE_S))
    made._backoff = type(made._backoff)(Until(PATIENCE_S), first_wait_s=0.001)
    return made


@pytest.mark.parametrize(("read", "found"), [(PODS, "web-1"), (NODES, "node-a"), (CONFIGS, "node-a")])
def test_a_list(reader: KubernetesReader, read: KubernetesRead, found: str) -> None:
    answer = reader(read)

    assert answer.whole
    assert found in [each["metadata"]["name"] for each in answer.pages[0]["items"]]


def test_an_object_is_the_json_that_the_server_has(reader: KubernetesReader) -> None:
    """The typed client would say cluster_ip, and drop what its version does not know."""
    (page,) = reader(WEB).pages

    assert (page["kind"], page["spec"]["ports"][0]["nodePort"]) == ("Service", 30713)


def test_a_long_list_comes_in_pages(reader: KubernetesReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_api, "PAGE", 1)
    answer = reader(NODES)

    assert [each["metadata"]["name"] for page in answer.pages for each in page["items"]] == ["node-a", "node-b"]
    assert (reader.calls, answer.whole) == (2, True)


@pytest.mark.parametrize("read", [NO_KIND, KubernetesRead("", "v1", "services", "Service", "shop", "nope")])
def test_what_is_not_there_is_absent(reader: KubernetesReader, read: KubernetesRead) -> None:
    answer = reader(read)

    assert answer.refusal is not None
    assert answer.refusal.kind is RefusalKind.ABSENT


def test_a_name_cannot_lead_to_another_path() -> None:
    read = KubernetesRead("", "v1", "pods", "Pod", "../../secrets", "a/b?c")

    assert path_of(read) == "/api/v1/namespaces/..%2F..%2Fsecrets/pods/a%2Fb%3Fc"


def test_a_refusal_names_the_right_and_hides_the_user() -> None:
    """On TKE the user's name is the account's number."""
    status = {
        "kind": "Status",
        "message": 'nodes is forbidden: User "100012345678-1700000000" cannot list',
        "code": 403,
    }
    with Stub(lambda *_: (403, "application/json", json.dumps(status).encode())) as stub:
        read = at(stub.address)
        read._permission = lambda ask: "get, list nodes"
        answer = read(NODES)

    assert answer.refusal is not None
    assert (answer.refusal.kind, answer.refusal.permission) == (RefusalKind.FORBIDDEN, "get, list nodes")
    assert answer.refusal.message == "nodes is forbidden: User *** cannot list"
    assert len(stub.heard) == 1
    assert TOKEN not in repr(answer) + repr(read.cluster)


def test_a_list_that_has_expired_is_started_again() -> None:
    """What was read before belongs to another moment."""
    gone = iter([True, False])

    def answer(path: str, _: Any) -> tuple[int, str, bytes]:
        if "continue=" not in path:
            return 200, "application/json", b'{"items": [], "metadata": {"continue": "next"}}'
        if next(gone):
            return 410, "application/json", b'{"message": "too old"}'
        return 200, "application/json", b'{"items": [], "metadata": {}}'

    with Stub(answer) as stub:
        found = at(stub.address)(NODES)

    assert (len(found.pages), found.whole, len(stub.heard)) == (2, True, 4)


@pytest.mark.parametrize(("status", "asked"), [(429, 5), (503, 5), (400, 1)])
def test_a_busy_server_is_asked_again(status: int, asked: int) -> None:
    with Stub(lambda *_: (status, "application/json", b"{}")) as stub:
        answer = at(stub.address)(NODES)

    assert answer.refusal is not None
    assert (answer.refusal.kind, len(stub.heard)) == (RefusalKind.FAILED, asked)


def test_a_redirection_is_not_followed() -> None:
    """The token would go along."""
    other = Stub(lambda *_: (200, "application/json", b"{}"))
    with other, Stub(lambda *_: (302, "text/html", f"http://{other.address}/".encode())) as stub:
        answer = at(stub.address)(NODES)

    assert answer.refusal is not None
    assert other.heard == []


def test_nobody_there() -> None:
    answer = at("127.0.0.1:9")(NODES)

    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.message) == (
        "Unreachable",
        "ConnectionRefusedError: Connection refused",
    )


def changed(kubeconfig: str, folder: Path, *, insecure: bool) -> KubernetesReader:
    """A reader by a kubeconfig that does not know the server's certificate, and may say that it need not."""
    document = json.loads(Path(kubeconfig).read_text())
    cluster = document["clusters"][0]["cluster"]
    del cluster["certificate-authority-data"]
    cluster |= {"insecure-skip-tls-verify": True} if insecure else {}
    (folder / "config").write_text(json.dumps(document))
    return KubernetesReader(find_cluster({"KUBECONFIG": str(folder / "config")}), Until(PATIENCE_S))


def test_a_server_with_another_certificate_is_told_at_once(kubeconfig: str, tmp_path: Path) -> None:
    """Trying again does not change a certificate."""
    reader = changed(kubeconfig, tmp_path, insecure=False)
    answer = reader(NODES)

    assert answer.refusal is not None
    assert answer.refusal.message.startswith("SSLCertVerificationError")
    assert reader.calls == 1


def test_a_kubeconfig_that_asks_for_no_certificate_is_obeyed_in_silence(
    kubeconfig: str, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    """As by kubectl; the warning would come with every request."""
    assert changed(kubeconfig, tmp_path, insecure=True)(NODES).whole
    assert [each for each in recwarn if "Unverified" in str(each.message)] == []


def test_the_namespace_and_the_context_are_kubectls(kubeconfig: str) -> None:
    found = find_cluster({"KUBECONFIG": f"/nonexistent{os.pathsep}{kubeconfig}"})

    assert (found.namespace, found.context) == ("shop", "drill")


def test_an_unknown_context_is_told_with_those_that_are(kubeconfig: str) -> None:
    with pytest.raises(UnknownNameError, match=r"no context 'prod'\. It has: drill"):
        find_cluster({"KUBECONFIG": kubeconfig}, context="prod")


def test_no_kubeconfig() -> None:
    with pytest.raises(InvalidInputError, match="There is no kubeconfig"):
        find_cluster({"KUBECONFIG": "/nonexistent"})


@pytest.mark.parametrize("text", [f"token: {TOKEN}: [", f'{{"token": "{TOKEN}"}}', "", f"- {TOKEN}"])
def test_a_kubeconfig_that_cannot_be_used_is_told_without_what_stands_in_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)

    with pytest.raises(DrillError) as caught:
        find_cluster({"KUBECONFIG": str(tmp_path / "config")})

    assert "cannot be used" in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_cluster_is_read_as_somebody_else() -> None:
    """Kubectl's --as and --as-group: each group has a header of its own."""
    stub = Stub(lambda path, headers: (200, "application/json", b'{"kind": "PodList", "items": []}'))
    with stub:
        made = at(stub.address)
        made._impersonated = [("Impersonate-User", "bob"), ("Impersonate-Group", "viewers")]
        assert made(PODS).whole
    (_, headers), *_ = stub.heard
    assert (headers["Impersonate-User"], headers["Impersonate-Group"]) == ("bob", "viewers")
