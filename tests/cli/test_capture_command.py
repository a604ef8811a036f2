"""`drill capture` over the wire: a local cloud's Service becomes a snapshot; what cannot be is one line or a gap."""

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")
pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")

from drilllib import Question, Snapshot, capture, load, trace
from drilllib.cli import main
from drilllib.cloud.local import LocalCloud
from drilllib.core.drills.default_lab import CLIENT
from drilllib.core.drills.faults import open_fault
from tests.thorough import thorough

PASSWORD = "plantedPasswordOfAPod"  # in a pod's environment: the field trial's snapshot had one
ASKED = Question(client=CLIENT, service="shop/web")


def planted() -> dict[str, Any]:
    """A lab whose pods have a secret where real ones have it."""
    document = open_fault("group-2").to_dict()
    for each in document["kubernetes"]:
        if each["kind"] == "Pod":
            each["spec"].setdefault("containers", [{"name": "web", "image": "nginx"}])
            each["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": PASSWORD}]
            each["metadata"].setdefault("annotations", {})["example.com/token"] = PASSWORD
    return document


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(planted()) as made:
        yield made


@pytest.fixture
def here(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalCloud]:
    """The environment of a shell of the cloud, for commands in this process."""
    variables = {"KUBECONFIG": str(cloud.home / "kubeconfig"), "HOME": str(tmp_path), "DRILL_METADATA_URL": ""}
    variables["TENCENTCLOUD_ENDPOINT"] = f"http://127.0.0.1:{cloud.access.api_port}"
    variables["TENCENTCLOUD_SECRET_ID"] = cloud.access.secret_id
    variables["TENCENTCLOUD_SECRET_KEY"] = cloud.access.secret_key
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("TENCENTCLOUD_TOKEN", "TENCENTCLOUD_REGION", "TCCLI_PROFILE", "TENCENTCLOUD_DOMAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("drilllib.clients.failures.FIRST_WAIT_S", 0.001)
    yield cloud
    cloud.faults.clear()


def test_a_service_becomes_a_snapshot_with_the_labs_answer(here: LocalCloud) -> None:
    assert main(["capture", "web", "-n", "shop", "--out", "web.json"]) == 0

    found, lab = trace(load("web.json"), ASKED), trace(here.state.snapshot(), ASKED)
    assert (found.verdict, found.blockers) == (lab.verdict, lab.blockers)


@pytest.mark.parametrize("subject", ["svc/web", "shop/web", "service/shop/web"])
def test_names_as_kubectl_has_them(here: LocalCloud, subject: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", subject, "-n", "shop", "--out", "-"]) == 0

    assert Snapshot(json.loads(capsys.readouterr().out)).service("shop/web")


def test_a_url_leads_to_the_service_at_its_address(here: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", "http://192.0.2.10/path", "--out", "web.json", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["wanted"]["service"] == "shop/web"


def test_python_reads_the_same(here: LocalCloud) -> None:
    main(["capture", "web", "-n", "shop", "--out", "web.json"])
    found = capture("web", namespace="shop")

    assert found.snapshot.to_dict() == load("web.json").to_dict()
    assert not [each for each in (PASSWORD, here.access.secret_key) if each in repr(found)]
    with pytest.raises(TypeError, match="secret_key"):
        capture("web", secret_key="k")


def test_a_planted_secret_is_in_no_output_and_in_no_file(
    here: LocalCloud, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """With every call refused as well, whose errors are written too."""
    token = here.kubeconfig.partition('"token": "')[2].partition('"')[0]
    hidden = (PASSWORD, here.access.secret_id, here.access.secret_key, token)
    caplog.set_level(logging.DEBUG)
    said = ""
    for kind in (None, "denied", "server_error"):
        if kind:
            here.faults.set(kind, times=None)
        for option in ([], ["--anonymize"], ["--json"]):
            main(["capture", "web", "-n", "shop", "--out", "web.json", "--timeout", "2", *option])
            shown = capsys.readouterr()
            said += shown.out + shown.err + Path("web.json").read_text()

    assert all(hidden)
    assert not [each for each in hidden if each in said]
    ours = "".join(each.getMessage() for each in caplog.records if each.name.startswith("drilllib"))
    assert not [each for each in hidden if each in ours]


def test_a_refused_call_is_a_gap_that_names_the_permission(
    here: LocalCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    here.faults.set("denied", "DescribeInstances", times=None)

    assert main(["capture", "web", "-n", "shop", "--out", "web.json"]) == 3
    assert "cvm:DescribeInstances" in capsys.readouterr().out
    assert trace(load("web.json"), ASKED).verdict.value == "undetermined"


def test_anonymized_has_no_name_or_id_of_ours_and_the_same_verdict(here: LocalCloud) -> None:
    assert main(["capture", "web", "-n", "shop", "--out", "web.json", "--anonymize"]) == 0

    text, found = Path("web.json").read_text(), load("web.json")
    assert not [name for name in ("shop", "sg-node0001", "lb-lab00001", "192.0.2.10", "ins-nodea001") if name in text]
    services = [each["metadata"] for each in found.to_dict()["kubernetes"] if each["kind"] == "Service"]
    (name,) = (f"{each['namespace']}/{each['name']}" for each in services if each["name"] != "kubernetes")
    assert trace(found, Question(client=CLIENT, service=name)).verdict.value == "unreachable"


def test_the_sender_is_told_how_the_anonymous_snapshot_is_asked(
    here: LocalCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--anonymize", "--from", CLIENT, "--replaced", "names.json"]
    assert main(["capture", "web", "-n", "shop", "--out", "web.json", *options]) == 0

    told = capsys.readouterr().out
    command = next(line for line in told.splitlines() if line.startswith("  $ drill diagnose"))
    main([*command.split()[2:], "--json"])
    (found,) = json.loads(capsys.readouterr().out)["clients"]
    assert found["trace"]["reason"] == trace(here.state.snapshot(), ASKED).reason
    listed = json.loads(Path("names.json").read_text())["replaced"]
    assert listed["shop"] in command
    assert f"{listed.get(CLIENT, CLIENT)} in it" in told
    assert Path("names.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["diagnose", "trace", "fix"])
def test_an_anonymous_snapshot_answers_nothing_about_a_real_address(
    here: LocalCloud, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    main(["capture", "web", "-n", "shop", "--out", "web.json", "--anonymize"])
    (name,) = (each for each in load("web.json").service_names() if not each.endswith("/kubernetes"))
    capsys.readouterr()

    assert main([command, "web.json", "--service", name, "--from", "81.70.3.4"]) == 2
    assert "anonymous, and 81.70.3.4 is no public address of it" in capsys.readouterr().err


def test_what_was_replaced_is_written_over_no_other_file(here: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.json").write_text("{}")
    words = ["capture", "web", "-n", "shop", "--out", "web.json", "--replaced", "mine.json"]

    assert main(words) == 2
    assert main([*words, "--anonymize"]) == 2
    assert Path("mine.json").read_text() == "{}"
    assert not Path("web.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["wob", "-n", "shop"], "There is no Service 'wob' in the namespace 'shop'. There are: web"),
        (["web", "--context", "prod"], "no context 'prod'. It has: drill"),
        (["lb-0000none"], "There is no load balancer 'lb-0000none'"),
        (["http://198.51.100.77/"], "Neither a Service nor a load balancer"),
        (["a/b/c/d"], "'a/b/c/d' names no Service"),
        (
            ["web", "-n", "shpo"],
            "There is no Service 'web' in the namespace 'shpo'. There is one in the namespace: shop",
        ),
        (["deployment/web", "-n", "shop"], "'deployment/web' names no Service"),
        (["shop/web", "-n", "default"], "'shop/web' is in the namespace 'shop', and -n says 'default'"),
        (["shop/web", "--cluster", "cls-wrong"], "There is no cluster 'cls-wrong' that can be read here"),
        (["ftp://x"], "'ftp://x' is no URL"),
        (["web", "--kubeconfig", "nowhere"], "There is no kubeconfig 'nowhere'"),
        (["web", "--profile", "prod"], "profile 'prod' has no keys"),
    ],
)
def test_what_is_wrong_is_one_line(
    here: LocalCloud, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["capture", *words, "--out", "web.json"]) == 2

    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not Path("web.json").exists()


def test_without_keys_the_places_that_were_looked_at_are_named(
    here: LocalCloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENCENTCLOUD_SECRET_ID")

    assert main(["capture", "web", "-n", "shop", "--out", "web.json"]) == 2
    assert "TENCENTCLOUD_SECRET_ID not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "TENCENTCLOUD_ENDPOINT",
            "http://127.0.0.1:9",
            "The API of Tencent Cloud does not answer: ConnectionRefusedError",
        ),
        ("TENCENTCLOUD_SECRET_KEY", "wrong", "does not accept the keys from environment: AuthFailure.SignatureFailure"),
    ],
)
def test_a_cloud_that_does_not_answer_or_does_not_know_us(
    here: LocalCloud,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(variable, value)

    assert main(["capture", "web", "-n", "shop", "--out", "web.json"]) == 2
    assert said in capsys.readouterr().err


def test_an_api_server_that_does_not_answer(
    here: LocalCloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kubeconfig = json.loads(here.kubeconfig)
    kubeconfig["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    (tmp_path / "config").write_text(json.dumps(kubeconfig))

    assert main(["capture", "web", "--kubeconfig", "config", "--out", "web.json"]) == 2
    assert "https://127.0.0.1:9 of the context 'drill' does not answer" in capsys.readouterr().err


def test_a_server_that_takes_connections_and_never_answers_is_one_line(
    here: LocalCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """A VPN that swallows packets: nothing was read, so nothing is written."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        found = yaml.safe_load((here.home / "kubeconfig").read_text())
        found["clusters"][0]["cluster"]["server"] = address
        Path("config").write_text(yaml.safe_dump(found))
        words = ["--kubeconfig", "config", "--timeout", "1", "--out", "web.json"]

        assert main(["capture", "web", "-n", "shop", *words]) == 2
    assert f"{address} of the context 'drill' does not answer: the time was up" in capsys.readouterr().err
    assert not Path("web.json").exists()


@pytest.mark.parametrize("text", ['{"mine": 1}', "#!/bin/sh", None])
def test_a_file_that_is_no_snapshot_is_not_replaced(
    here: LocalCloud, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON, something else, or (None) a folder."""
    Path("notes").mkdir() if text is None else Path("notes").write_text(text)

    assert main(["capture", "web", "-n", "shop", "--out", "notes"]) == 2
    said = "'notes' exists and is no snapshot. Name another file; it was not changed.\n"
    assert capsys.readouterr().err.endswith(said)
    assert text is None or Path("notes").read_text() == text


def test_a_terminal_sees_how_far_it_is_and_a_pipe_does_not(
    here: LocalCloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["capture", "web", "-n", "shop", "--out", "web.json"])
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    main(["capture", "web", "-n", "shop", "--out", "web.json"])
    said = capsys.readouterr().err
    assert "round 2: 1 of" in said
    assert said.endswith("\r")
    assert [each.name for each in Path().iterdir()] == ["web.json"]


def test_an_interrupt_is_one_line(here: LocalCloud) -> None:
    """Slow answers keep nobody waiting who has pressed Ctrl-C; nothing half written is left."""
    here.faults.set("slow", times=None, seconds=60)
    code = (
        "import signal, threading, os; from drilllib.cli import main; import drilllib.clients.capture\n"
        "from drilllib.clients import sdk; first = sdk.SdkReader._attempt\n"
        "def interrupted(self, call):\n"
        "    os.kill(os.getpid(), signal.SIGINT); return first(self, call)\n"
        "sdk.SdkReader._attempt = interrupted\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "raise SystemExit(main(['capture', 'web', '-n', 'shop', '--out', 'web.json']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)

    assert (done.returncode, done.stderr) == (130, "drill capture: interrupted\n")
    assert list(Path().iterdir()) == []


def test_the_policy_is_printed_and_nothing_is_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")

    assert main(["capture", "web", "-n", "shop", "--print-policy"]) == 0
    said = capsys.readouterr().out
    assert '"clb:DescribeLoadBalancers"' in said
    assert 'kind: "Role"' in said
    assert "secrets" not in said


def told(path: Path) -> Any:
    """What a snapshot says, without the nulls: tccli prints one for each field that an answer does not have."""

    def given(each: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in each.items() if value is not None}

    return json.loads(path.read_text(), object_hook=given)


@thorough
def test_the_users_own_tools_find_the_same(here: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is handed to the program."""
    assert main(["capture", "web", "-n", "shop", "--out", "sdk.json"]) == 0
    for name in ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_ENDPOINT"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", here.environment["PATH"])

    assert main(["capture", "web", "-n", "shop", "--via", "tools", "--out", "tools.json"]) == 0
    assert told(Path("tools.json")) == told(Path("sdk.json"))


def test_each_half_of_the_policy_is_a_document_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON for the console, YAML for kubectl; each role has a command that binds it."""
    assert main(["capture", "web", "-n", "shop", "--print-policy", "--only", "cam"]) == 0
    assert json.loads(capsys.readouterr().out)["statement"]
    assert main(["capture", "web", "-n", "shop", "--print-policy", "--only", "rbac", "--lang", "zh"]) == 0
    text = capsys.readouterr().out

    roles = [*yaml.safe_load_all(text)]
    assert [each["kind"] for each in roles] == ["ClusterRole", "Role", "Role"]
    bound = [line.split()[3] for line in text.splitlines() if line.startswith("# kubectl create")]
    assert bound == ["clusterrolebinding", "rolebinding", "rolebinding"][: len(bound)]
    assert len(bound) == len(roles)
    assert "rolebinding drill-capture --namespace shop --role drill-capture --user NAME" in text
    assert "绑定" in text
    assert main(["capture", "web", "--out", "web.json", "--only", "cam"]) == 2
