"""The real kubectl against the cluster on localhost, compared with what it printed when a person last looked at it."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kubernetes_cluster import TOKEN, Cluster, Kubectl, bare_lab, is_kubectl_of_the_golden_files, manifests

from drilllib.cloud.kube.server import KubeServer
from drilllib.core.capture.permissions import all_asks, policy
from drilllib.core.drills.default_lab import default_lab
from tests.waits import PATIENCE_S

pytest.importorskip("trustme")
pytestmark = pytest.mark.skipif(not is_kubectl_of_the_golden_files(), reason="kubectl 1.37 is not on this machine")
Golden = Callable[[str, str], None]


@pytest.fixture
def open_kubectl(tmp_path: Path) -> Iterator[Callable[[dict], Kubectl]]:
    servers = []

    def opened(document: dict) -> Kubectl:
        server = KubeServer(Cluster(document).api, {TOKEN: "tester"})
        servers.append(server)
        kubectl = Kubectl(server, tmp_path)
        manifests(kubectl.folder)
        return kubectl

    yield opened
    for server in servers:
        server.close()


@pytest.fixture
def lab(open_kubectl: Callable[[dict], Kubectl]) -> Kubectl:
    """Kubectl on the default lab."""
    return open_kubectl(default_lab())


@pytest.fixture
def bare(open_kubectl: Callable[[dict], Kubectl]) -> Kubectl:
    """Kubectl on a cluster where nothing was deployed yet."""
    return open_kubectl(bare_lab())


def test_get(lab: Kubectl, golden: Golden) -> None:
    """Every kind, in the forms that people ask for."""
    shown = lab.session(
        "kubectl get service -o wide",
        "kubectl get nodes",
        "kubectl get nodes -o wide -l drill=front",
        "kubectl get nodes -L drill",
        "kubectl get all -A",
        "kubectl get pods -o wide -n shop",
        "kubectl get deploy,rs -n kube-system -o wide",
        "kubectl get endpointslices,ns,cm,nec -A",
        "kubectl get svc -A --sort-by=.spec.clusterIP",
        "kubectl get events -n kube-system --sort-by=.involvedObject.kind",
        "kubectl get svc web -o yaml",
        "kubectl get nec node-b -o yaml",
        "kubectl get svc web -o json",
        "kubectl get nodes -o name",
        "kubectl get pods -A --field-selector spec.nodeName=node-b -o name",
        "kubectl get pods -l 'app in (web, other),!tier' -o name",
        "kubectl get svc web -o 'jsonpath={.status.loadBalancer.ingress[0].ip}'",
        "kubectl get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP",
        "kubectl get svc nope",
        "kubectl get pods -n nowhere",
        "kubectl api-resources",
    )

    golden("kube/get.txt", shown)


def test_roles_are_refused_in_words(bare: Kubectl) -> None:
    """The line that docs/capture.md shows; the server has no RBAC, and says so itself."""
    rights = policy(all_asks("shop", "web"))
    (bare.folder / "roles.yaml").write_text(rights.rbac_text, encoding="utf-8")
    said = bare.run("kubectl apply -f - < roles.yaml", status=1)

    assert "who has the token may do everything; the local cloud does not serve it" in said
    assert "error validating" not in said
    assert "rbac" not in bare.run("kubectl api-resources")


def test_apply(bare: Kubectl, golden: Golden) -> None:
    """The project's own manifests: new, unchanged, tried, compared, changed, taken away."""
    shown = bare.session(
        "kubectl apply -f service-http.yaml",
        "kubectl apply -f namespace.yaml",
        "kubectl apply -f deployment.yaml -f service-http.yaml --dry-run=server",
        "kubectl get all",
        "kubectl apply -f deployment.yaml -f service-http.yaml",
        "kubectl apply -f deployment.yaml -f service-http.yaml",
        "kubectl get deploy,rs,pods,svc,endpointslices -o wide",
        "kubectl apply -f service-tcp.yaml --dry-run=client",
        "kubectl apply -f service-tcp.yaml --dry-run=server",
        "kubectl diff -f service-tcp.yaml",
        "kubectl get svc web -o yaml | grep specify",
        "kubectl apply -f service-tcp.yaml",
        "kubectl get svc web -o yaml",
        "sed -i 's/port: 80/port: 8080/; s/1.27/1.28/' service-tcp.yaml deployment.yaml",
        "kubectl apply -f service-tcp.yaml -f deployment.yaml",
        "kubectl get svc,deploy -o wide",
        "kubectl delete -f service-tcp.yaml -f deployment.yaml",
        "kubectl get all,endpointslices",
        "kubectl delete -f namespace.yaml",
        "kubectl get ns",
    )

    golden("kube/apply.txt", shown)


def test_describe(bare: Kubectl, golden: Golden) -> None:
    """What people read first when something is wrong, Events included."""
    bare.run("kubectl apply -f namespace.yaml && kubectl apply -f deployment.yaml -f service-http.yaml")
    shown = bare.session(
        "kubectl describe svc web",
        "kubectl describe deploy web",
        "kubectl describe pod -l app=web",
        "kubectl describe node node-b",
    )

    golden("kube/describe.txt", shown)


def test_logs(lab: Kubectl, golden: Golden) -> None:
    """The original drill's way to the pod interfaces' groups, character for character."""
    query = """grep "Event"|grep "security groups from"|awk '{print $24}'"""
    query += """|awk -F'[' '{print $2}'|awk -F']' '{print $1}'"""
    shown = lab.session(
        f"kubectl logs -n kube-system deploy/tke-eni-ipamd | {query}",
        "kubectl logs -n kube-system deploy/tke-eni-ipamd",
        "kubectl logs -n kube-system deploy/tke-eni-ipamd --tail=1 -f",
        "kubectl logs web-1",
        "kubectl logs web-1 -c nope",
        "kubectl logs web-1 --previous",
        "kubectl logs nope",
    )

    golden("kube/logs.txt", shown)


def test_changes(lab: Kubectl, golden: Golden) -> None:
    """The small edits of a drill."""
    shown = lab.session(
        "kubectl label pod web-1 tier=front",
        "kubectl label pod web-1 tier=back",
        "kubectl get pods --show-labels",
        "kubectl annotate svc web service.cloud.tencent.com/pass-to-target=true",
        "kubectl annotate svc web service.cloud.tencent.com/pass-to-target-",
        """kubectl patch svc web -p '{"spec":{"externalTrafficPolicy":"Local"}}'""",
        """kubectl patch svc web --type=merge -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'""",
        """kubectl patch svc web --type=json -p '[{"op":"replace","path":"/spec/ports/0/nodePort","value":30800}]'""",
        """kubectl patch nec node-b --type=merge -p '{"spec":{"securityGroups":["sg-node0001"]}}'""",
        """kubectl patch nec node-b -p '{"spec":{"securityGroups":[]}}'""",
        "kubectl get svc web",
        "kubectl cordon node-b",
        "kubectl get nodes",
        "kubectl drain node-a",
        "kubectl delete pod web-1",
        "kubectl delete pod web-1",
        "kubectl delete ns kube-system",
    )

    golden("kube/changes.txt", shown)


def test_rollout(bare: Kubectl, golden: Golden) -> None:
    """A new template replaces the pods; one that fits no node leaves the old ones at work."""
    bare.run("kubectl apply -f namespace.yaml && kubectl apply -f deployment.yaml")
    shown = bare.session(
        "kubectl rollout status deploy/web",
        "kubectl wait --for=condition=Available deploy/web --timeout=60s",
        "kubectl wait --for=condition=Ready pod -l app=web --timeout=60s",
        "kubectl wait --for=delete pod/gone --timeout=60s",
        "kubectl set image deploy/web web=nginx:1.28",
        "kubectl rollout status deploy/web",
        "kubectl rollout history deploy/web",
        "kubectl get rs",
        """kubectl patch deploy web -p '{"spec":{"template":{"spec":{"nodeSelector":{"drill":"nowhere"}}}}}'""",
        "kubectl rollout status deploy/web --timeout=1s",
        "kubectl get pods -o wide",
        "kubectl get events --field-selector reason=FailedScheduling",
        "kubectl rollout undo deploy/web",
        "kubectl rollout status deploy/web",
        "kubectl get pods",
        "kubectl wait --for=condition=Available deploy/nope --timeout=1s",
    )

    golden("kube/rollout.txt", shown)


def test_refusals(lab: Kubectl, golden: Golden) -> None:
    """Every refusal says what it is; what is left out never pretends."""
    (lab.folder / "misspelt.yaml").write_text(
        (lab.folder / "service-tcp.yaml").read_text(encoding="utf-8").replace("externalTraffic", "externalTrafic"),
        encoding="utf-8",
    )
    shown = lab.session(
        "kubectl get svc web -o yaml > old.yaml && kubectl label svc web a=b",
        "kubectl replace -f old.yaml 2>&1 | sed 's/file .*//'",
        "kubectl apply -f misspelt.yaml",
        "sed 's/port: 80/port: http/' service-tcp.yaml > typed.yaml; kubectl apply -f typed.yaml",
        "sed 's/30713/80/' service-tcp.yaml > port.yaml; kubectl apply -f port.yaml",
        "sed 's/name: web/name: other/' service-tcp.yaml > other.yaml; kubectl apply -f other.yaml",
        "kubectl get secret",
        "kubectl exec web-1 -- ls",
        "kubectl apply --server-side -f service-tcp.yaml",
        "kubectl scale deploy/tke-eni-ipamd -n kube-system --replicas=2",
        "kubectl create namespace other",
        "kubectl auth can-i get pods",
        "kubectl top nodes",
        "kubectl get pods --token=wrong",
        """sed 's/"token": ".*"//' ../config > anonymous; kubectl get pods --kubeconfig=anonymous""",
    )

    golden("kube/refusals.txt", shown)


def test_a_watch_shows_the_change(lab: Kubectl, golden: Golden) -> None:
    """`get -w` prints a line at each change, with the columns of the first."""
    command = ["sh", "-c", "kubectl get svc web -w -o wide"]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=lab.folder, env=lab.environment)
    assert watching.stdout
    patience = threading.Timer(PATIENCE_S, watching.kill)
    patience.start()
    lines = [watching.stdout.readline(), watching.stdout.readline()]
    lab.run("""kubectl patch svc web -p '{"spec":{"ports":[{"port":80,"nodePort":30800}]}}'""")
    lines.append(watching.stdout.readline())  # also where kubectl asks for the watch only now
    patience.cancel()
    watching.terminate()
    watching.wait(PATIENCE_S)

    golden("kube/watch.txt", "".join(lines).rstrip())
