"""`drill diagnose` and `kubectl drill` over the wire: what is read now is answered as the lab's own snapshot is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")
pytest.importorskip("tencentcloud", reason="the vendor's SDK is not installed")

from drilllib.cli import kubectl_drill, main
from drilllib.clients.overrides import NAME, with_context
from drilllib.cloud.local import LocalCloud
from drilllib.core.diagnosis.diagnose import diagnose_services
from drilllib.core.drills.worlds.make import make_world
from drilllib.errors import DrillError, InvalidInputError
from drilllib.practice.library import drill

WORLD = make_world(drill("clb-source"), 1, 2)  # two Services, each with a load balancer of its own
SERVICE = str(WORLD.question.service)
CLIENT = WORLD.question.client


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(WORLD.snapshot.to_dict()) as made:
        yield made


@pytest.fixture
def here(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LocalCloud:
    """The environment of a shell of the cloud, for commands in this process."""
    variables = {
        "KUBECONFIG": str(cloud.home / "kubeconfig"),
        "HOME": str(tmp_path),
        "TENCENTCLOUD_ENDPOINT": f"http://127.0.0.1:{cloud.access.api_port}",
        "TENCENTCLOUD_SECRET_ID": cloud.access.secret_id,
        "TENCENTCLOUD_SECRET_KEY": cloud.access.secret_key,
        "TENCENTCLOUD_REGION": str(WORLD.snapshot.region),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return cloud


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def facts(document: dict[str, Any]) -> list[Any]:
    """What has to be the same, however it was read: who fares how, where it stops, and how it is repaired."""
    clients = [(each["client"], each["verdict"], each["reason"], each["blockers"]) for each in document["clients"]]
    return [document["question"]["service"], clients, document["repair"]["changes"], document["repair"]["works"]]


def test_a_service_is_diagnosed_as_its_snapshot_is(
    here: LocalCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    namespace, _, name = SERVICE.partition("/")
    status = main(["diagnose", f"svc/{name}", "-n", namespace, "--from", CLIENT, "--json"])
    live = said(capsys)
    kept = tmp_path / "lab.json"
    kept.write_text(json.dumps(here.state.snapshot().to_dict()), encoding="utf-8")

    assert main(["diagnose", str(kept), "--service", SERVICE, "--from", CLIENT, "--json"]) == status == 1
    assert facts(live) == facts(said(capsys))
    assert kubectl_drill.main([f"svc/{name}", "-n", namespace, "--from", CLIENT, "-o", "json"]) == status
    assert facts(said(capsys)) == facts(live)


def test_a_url_leads_to_the_service_at_its_address(here: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    vip, port = str(diagnosed_vip()), WORLD.question.port or diagnosed_port()
    for words in ([f"http://{vip}:{port}/"], [vip, "--port", str(port)]):
        main(["diagnose", *words, "--from", CLIENT, "--json"])

        assert said(capsys)["question"]["service"] == SERVICE


def diagnosed_vip() -> str | None:
    return _found().question.vip


def diagnosed_port() -> int | None:
    return _found().question.port


def _found() -> Any:
    every = diagnose_services(WORLD.snapshot, [CLIENT])
    return next(each for each in every if each.question.service == SERVICE)


def test_all_services_of_the_cluster_are_told_as_those_of_its_snapshot(
    here: LocalCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """What they have in common is read once; the table is the same as that of the lab's snapshot."""
    for command in (["diagnose", "-A"], ["diagnose", "--all", "-n", SERVICE.partition("/")[0]]):
        assert main([*command, "--from", CLIENT, "--json"]) == 1
        found = {each["question"]["service"]: each["clients"][0]["blockers"] for each in said(capsys)["diagnoses"]}
        wanted = {each.question.service: each.clients[0] for each in diagnose_services(here.state.snapshot(), [CLIENT])}
        assert len(found) == 2
        assert found == {name: [one.to_dict() for one in each.answer.blockers] for name, each in wanted.items()}


def test_a_page_goes_to_standard_output(here: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert kubectl_drill.main([SERVICE, "--from", CLIENT, "-o", "html"]) == 1

    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert page.endswith("</html>\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["web", "-n", "nowhere", "--from", CLIENT], "There is no Service 'web' in the namespace 'nowhere'"),
        (["-A", "web", "--from", CLIENT], "--all is about every Service, and 'web' names one"),
        (["--from", CLIENT], "Nothing was named"),
        (["web", "--from", CLIENT, "--context", "other"], "The kubeconfig has no context 'other'"),
        (["web", "--from", CLIENT, "--as-group", "viewers"], "--as-group was given without --as"),
        (["web", "--from", CLIENT, "--request-timeout", "soon"], "--request-timeout is 'soon'"),
        (["--all", "-n", "nowhere", "--from", CLIENT], "No LoadBalancer Service can be read in nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_who_speaks(
    here: LocalCloud, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kubectl_drill.main([*arguments, "--lang", "en"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"kubectl drill: {words}")


@pytest.mark.parametrize(("text", "expected"), [("30s", 30), ("2m", 120), ("1h", 3600), ("500ms", 0.5), ("7", 7)])
def test_a_duration_is_read_as_kubectl_reads_it(text: str, expected: float) -> None:
    assert kubectl_drill.seconds(text) == expected


def test_a_cluster_and_a_user_are_put_before_the_kubeconfig(here: LocalCloud) -> None:
    """The user's own file is not touched, and what is made holds names alone."""
    before = (here.home / "kubeconfig").read_bytes()
    own = {"kubeconfig": "", "context": "", "user": ""}
    with with_context({"KUBECONFIG": str(here.home / "kubeconfig")}, cluster="other", **own) as files:
        made, _, original = files.partition(":")
        (context,) = json.loads(Path(made).read_text(encoding="utf-8"))["contexts"]
        assert (context["name"], context["context"]["cluster"], original) == (
            NAME,
            "other",
            str(here.home / "kubeconfig"),
        )
        assert set(context["context"]) <= {"cluster", "user", "namespace"}

    assert not Path(made).exists()
    assert (here.home / "kubeconfig").read_bytes() == before


def test_a_cluster_of_the_kubeconfig_is_asked(here: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    """The same cluster by its name; one that is not there is one line."""
    name = "drill"
    assert kubectl_drill.main([SERVICE, "--from", CLIENT, "--cluster", name, "-o", "json"]) == 1
    assert said(capsys)["question"]["service"] == SERVICE
    assert kubectl_drill.main([SERVICE, "--from", CLIENT, "--cluster", "gone", "--lang", "en"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_kubectl_is_offered_the_flags(capsys: pytest.CaptureFixture[str]) -> None:
    kubectl_drill.complete(["web", "--names"])
    assert capsys.readouterr().out.splitlines() == ["--namespace", ":4"]
    kubectl_drill.complete(["web", "-o", ""])
    assert capsys.readouterr().out.splitlines() == ["text", "json", "html", ":4"]


def test_help_shows_how_kubectl_calls_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        kubectl_drill.main(["--help"])

    shown = capsys.readouterr().out
    assert shown.startswith("usage: kubectl drill ")
    assert "--request-timeout TIME" in shown


def test_errors_are_those_of_the_house() -> None:
    with pytest.raises(DrillError), with_context({}, kubeconfig="/nowhere", context="", cluster="x", user=""):
        pass
    with pytest.raises(InvalidInputError):
        kubectl_drill.seconds("-1s")
