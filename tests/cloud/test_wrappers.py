"""The wrappers of the clients: they work on the local cloud, and nothing leads them anywhere else."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell import wrappers
from drilllib.core.drills.faults import open_fault
from tests.waits import PATIENCE_S, wait_until

needs_kubectl = pytest.mark.skipif(wrappers.find_program("kubectl") is None, reason="kubectl is not installed")
needs_tccli = pytest.mark.skipif(wrappers.find_program("tccli") is None, reason="tccli is not installed: make tccli")


class Elsewhere:
    """A port of 127.0.0.1 that stands for everything outside: *heard* is how often anybody came."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.heard = self.listening.getsockname()[1], 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Elsewhere]:
    """A caller whose proxies, keys and configurations all lead elsewhere."""
    made = Elsewhere()
    url = f"http://127.0.0.1:{made.port}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, url)
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "AKIDofTheUser")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "keyOfTheUser")
    (tmp_path / ".tccli").mkdir()
    configuration = {"_sys_param": {"output": "json", "region": "ap-beijing"}, "vpc": {"endpoint": url}}
    (tmp_path / ".tccli" / "default.configure").write_text(json.dumps(configuration))
    (tmp_path / ".tccli" / "default.credential").write_text('{"secretId": "AKIDofTheUser", "secretKey": "x"}')
    cluster = {"name": "real", "cluster": {"server": url}}
    kubeconfig = {"apiVersion": "v1", "kind": "Config", "current-context": "real", "clusters": [cluster]}
    kubeconfig["contexts"] = [{"name": "real", "context": {"cluster": "real", "user": ""}}]
    (tmp_path / "kubeconfig").write_text(json.dumps(kubeconfig))
    (tmp_path / ".curlrc").write_text(f'proxy = "{url}"\n')
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("HOME", str(tmp_path))
    yield made
    made.listening.close()


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(open_fault("group-2").to_dict()) as made:
        yield made


@needs_kubectl
def test_kubectl_asks_this_cloud_whatever_the_caller_has(elsewhere: Elsewhere, cloud: LocalCloud) -> None:
    assert cloud.run("kubectl get nodes -o name").out.split() == ["node/node-a", "node/node-b"]
    assert cloud.run("kubectl -nshop get service -o name").out.split() == ["service/web"]
    assert elsewhere.heard == 0


@needs_kubectl
@pytest.mark.parametrize("variable", ["EDITOR", "KUBE_EDITOR"])
def test_kubectl_edit_starts_the_callers_editor(
    variable: str, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else of the caller's reaches it."""
    monkeypatch.delenv("KUBE_EDITOR", raising=False)
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv(variable, "sed -i s/None/ClientIP/")

    said = cloud.run("kubectl -n shop edit service web")
    assert said.out == "service/web edited\n"
    assert cloud.run("kubectl -n shop get service web -o jsonpath={.spec.sessionAffinity}").out == "ClientIP"


@needs_tccli
def test_tccli_asks_this_cloud_whatever_the_caller_has(elsewhere: Elsewhere, cloud: LocalCloud) -> None:
    said = cloud.run("tccli vpc DescribeSecurityGroups --filter 'SecurityGroupSet[].SecurityGroupId'")

    assert json.loads(said.out) == ["sg-clb00001", "sg-node0001", "sg-pod00001"]
    assert elsewhere.heard == 0


@pytest.mark.parametrize(
    "command",
    [
        "kubectl --server=https://192.0.2.1 get nodes",
        "kubectl get nodes --kubeconfig=/root/.kube/config",
        "kubectl --context real get nodes",
        "kubectl -shttp://192.0.2.1 get nodes",
        "kubectl get nodes -Ashttp://192.0.2.1",
        "tccli vpc DescribeSecurityGroups --endpoint vpc.tencentcloudapi.com",
        "tccli configure set region ap-beijing",
        "tccli vpc DescribeSecurityGroups --profile default",
    ],
)
def test_options_that_lead_elsewhere_are_refused(command: str, cloud: LocalCloud) -> None:
    if wrappers.find_program(command.split()[0]) is None:
        pytest.skip(f"{command.split()[0]} is not installed")
    said = cloud.run(command)

    assert (said.code, said.out) == (2, "")
    assert "works on the local cloud only, and refuses" in said.err


def test_without_tccli_a_stand_in_makes_the_same_calls(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(cloud, monkeypatch)
    said = cloud.run("tccli vpc DescribeSecurityGroupPolicies --region ap-guangzhou --SecurityGroupId sg-pod00001")
    elsewhere = cloud.run("tccli vpc DescribeSecurityGroupPolicies --region ap-beijing --SecurityGroupId sg-pod00001")
    refused = cloud.run("tccli vpc DescribeSecurityGroupPolicies --SecurityGroupId sg-none0000")

    assert json.loads(said.out)["SecurityGroupPolicySet"]["Version"] == "1"
    assert "stand-in" in said.err
    assert "code:UnsupportedRegion" in elsewhere.err
    assert refused.code == 255
    assert "code:ResourceNotFound" in refused.err
    assert cloud.run("tccli vpc").code == 252


def test_clients_ask_the_clouds_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalCloud({**open_fault("group-2").to_dict(), "region": "ap-singapore"}) as cloud:
        stand_in(cloud, monkeypatch)
        said = cloud.run("tccli vpc DescribeSecurityGroups --filter TotalCount")
        ours = json.loads(Path(cloud.home, "clients.json").read_text())["drill"]["variables"]

    assert (said.out, ours["TENCENTCLOUD_REGION"]) == ("3\n", "ap-singapore")


def stand_in(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on tccli is not installed."""
    found = wrappers.find_program
    monkeypatch.setattr(wrappers, "find_program", lambda name: None if name == "tccli" else found(name))
    wrappers.write_tools(cloud.home, cloud.access, real=False)


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("SecurityGroupSet[].SecurityGroupId", ["sg-clb00001", "sg-node0001", "sg-pod00001"]),
        (
            "SecurityGroupSet[?SecurityGroupId=='sg-node0001'].[SecurityGroupId, IsDefault] | [0]",
            ["sg-node0001", False],
        ),
        ("{all: TotalCount, first: SecurityGroupSet[0].SecurityGroupId}", {"all": 3, "first": "sg-clb00001"}),
        ("length(SecurityGroupSet)", 3),
    ],
)
def test_the_stand_in_filters_as_tccli_does(
    expression: str, chosen: object, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = f'tccli vpc DescribeSecurityGroups --filter "{expression}"'
    real = cloud.run(typed).out if wrappers.find_program("tccli") else None
    stand_in(cloud, monkeypatch)
    said = cloud.run(typed)

    assert json.loads(said.out) == chosen
    assert real in (None, said.out)
    assert cloud.run("tccli vpc DescribeSecurityGroups --filter Nothing").out == ""


@pytest.mark.parametrize("expression", ["SecurityGroupSet[", "nothing(@)", "length(TotalCount)"])
def test_a_filter_that_is_none_is_one_line(expression: str, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(cloud, monkeypatch)
    said = cloud.run(f"tccli vpc DescribeSecurityGroups --filter '{expression}'")

    assert (said.code, said.out) == (255, "")
    assert "tccli: the value of --filter: " in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("DescribeSecurityGroups --Limit=1", 0, '"SecurityGroupId": "sg-clb00001"'),
        ("DescribeNetworkInterfaces --Limit 1", 0, '"TotalCount": 1'),
        ("CreateSecurityGroup --GroupName 123 --GroupDescription true", 0, '"SecurityGroupName": "123"'),
        ("DescribeSecurityGroups --SecurityGroupIds '[\"sg-clb00001\"'", 255, "--SecurityGroupIds is no JSON: Exp"),
        ("DescribeSecurityGroups --SecurityGroupIds sg-clb00001", 255, "--SecurityGroupIds is no JSON: Exp"),
        ("DescribeSecurityGroups --Colour red", 255, "code:UnknownParameter"),
        ("DescribeNothing --Colour red", 255, "code:InvalidAction"),
        ("DescribeSecurityGroups --Limit", 252, "usage: tccli SERVICE ACTION"),
        ("DescribeSecurityGroups Limit 1", 252, "usage: tccli SERVICE ACTION"),
    ],
)
def test_the_stand_in_reads_values_by_the_types_of_the_action(
    typed: str, code: int, told: str, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(cloud, monkeypatch)
    said = cloud.run(f"tccli vpc {typed}")

    assert (said.code, told in said.out + said.err) == (code, True), said.out + said.err
    assert "Traceback" not in said.err


def test_where_packets_are_simulated_curl_is_too(elsewhere: Elsewhere, cloud: LocalCloud) -> None:
    assert cloud.run("curl -I http://192.0.2.10").out.startswith("HTTP/1.1 504 Gateway Time-out")
    assert cloud.run("curl -I http://198.51.100.77").code == 2
    assert cloud.run("curl -X POST http://192.0.2.10").code == 2
    assert cloud.run("curl -I http://192.0.2.10:99999").err.startswith("curl: (3) URL rejected: Port out of range")
    assert "port 443" in cloud.run("curl -I https://192.0.2.10").err
    assert elsewhere.heard == 0


def test_nothing_is_left_of_a_closed_cloud() -> None:
    before = threading.active_count()
    cloud = LocalCloud(open_fault("healthy").to_dict())
    home, port = cloud.home, cloud.access.api_port
    assert oct(os.stat(home).st_mode)[-3:] == "700"

    cloud.close()
    cloud.close()

    assert not home.exists()
    with pytest.raises(OSError, match=r"refused|reset"):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    assert wait_until(lambda: threading.active_count() <= before + 1)
