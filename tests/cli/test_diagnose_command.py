"""`drill diagnose` as one types it: what it says, what it returns, and what it makes of bad input."""

import errno
import json
import re
import socket
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from drilllib.cli import main
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import open_fault

CLIENT = "203.0.113.10"


@pytest.fixture
def snapshot(tmp_path: Path):
    def write(fault: str, **changes: object) -> str:
        document = {**open_fault(fault).to_dict(), **changes}
        path = tmp_path / "snapshot.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(("fault", "status"), [("healthy", 0), ("group-2", 1), ("local-policy", 1)])
def test_the_exit_status_is_that_of_trace(snapshot, fault: str, status: int, capsys: pytest.CaptureFixture) -> None:
    for command in ("diagnose", "trace"):
        assert main([command, snapshot(fault), "--from", CLIENT, "--lang", "en"]) == status
    assert "shop/web 192.0.2.10:80" in capsys.readouterr().out


def test_what_is_not_known_is_status_3(snapshot, capsys: pytest.CaptureFixture) -> None:
    groups = default_lab()["security_groups"]
    del groups["sg-pod00001"]

    assert main(["diagnose", snapshot("healthy", security_groups=groups), "--from", CLIENT, "--lang", "en"]) == 3
    assert "look next  $ tccli vpc DescribeSecurityGroupPolicies" in capsys.readouterr().out


def test_all_services_are_a_table_and_a_gate(snapshot, capsys: pytest.CaptureFixture) -> None:
    assert main(["diagnose", snapshot("group-1"), "--all", "--from", CLIENT, "--lang", "en"]) == 1

    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("SERVICE")
    assert second.split()[:4] == ["shop/web", "192.0.2.10:80", CLIENT, "unreachable"]


def test_json_is_one_document_or_several(snapshot, capsys: pytest.CaptureFixture) -> None:
    path = snapshot("group-1")
    main(["diagnose", path, "--from", CLIENT, "--json"])
    one = json.loads(capsys.readouterr().out)
    main(["diagnose", path, "--from", CLIENT, "--json", "--all"])
    several = json.loads(capsys.readouterr().out)

    assert one["schema"] == "drilllib/diagnosis/1"
    assert one["clients"][0]["stops_at"]["reason"] == "NO_RULE_MATCHED"
    assert several == {"schema": "drilllib/diagnoses/1", "diagnoses": [one]}


def test_other_addresses_and_an_odd_type_are_told_in_json_and_in_the_table(
    snapshot, capsys: pytest.CaptureFixture
) -> None:
    document = open_fault("group-2").to_dict()
    service = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    service["status"]["loadBalancer"]["ingress"].append({"ip": "192.0.2.20"})
    service["spec"]["type"] = "NodePort"
    service["metadata"].setdefault("annotations", {})["service.kubernetes.io/loadbalance-id"] = "lb-lab00001"
    path = snapshot("group-2", kubernetes=document["kubernetes"])
    told = []
    for flags in (["--json", "--service", "shop/web"], ["--all"], ["--all", "--json"]):
        assert main(["diagnose", path, "--from", CLIENT, "--lang", "en", *flags]) == 1
        told.append(capsys.readouterr().out)
    one, several = json.loads(told[0]), json.loads(told[2])

    Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs/diagnosis.schema.json").read_text())).validate(
        one
    )
    assert (one["other_vips"], one["odd_type"]) == (["192.0.2.20"], "NodePort")
    assert several["diagnoses"] == [one]
    assert "shop/web: the Service is of type NodePort" in told[1]
    assert "shop/web: other addresses of the Service, not asked about: 192.0.2.20" in told[1]


def test_a_page_is_written_and_nothing_else_is_overwritten(
    snapshot, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path, page = snapshot("group-2"), tmp_path / "ticket.html"
    for _ in range(2):  # a page of ours is replaced
        assert main(["diagnose", path, "--from", CLIENT, "--html", str(page)]) == 1
    before = Path(path).read_bytes()

    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    (made,) = re.findall(r"<p>([^<]*drill \d[^<]*)</p>", page.read_text(encoding="utf-8"))
    assert Path(path).name in made
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC[+-]\d{4}", made)
    assert main(["diagnose", path, "--from", CLIENT, "--html", path, "--lang", "en"]) == 2
    assert "exists and is no HTML page" in capsys.readouterr().err
    assert Path(path).read_bytes() == before


def test_a_request_that_cannot_be_sent_hides_no_answer(
    snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def unreachable(*_: object) -> None:
        raise OSError(errno.EHOSTUNREACH, "No route to host")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    assert main(["diagnose", snapshot("group-2"), "--from", CLIENT, "--observe", "--lang", "en"]) == 1

    shown = capsys.readouterr()
    assert "sg-node0001" in shown.out
    assert "No request can be sent to '192.0.2.10' from here: No route to host" in shown.err


def test_a_real_request_is_held_against_the_prediction(
    snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def nobody(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", nobody)
    main(["diagnose", snapshot("group-1"), "--from", CLIENT, "--observe", "--lang", "en"])
    assert "connect timeout, as predicted" in capsys.readouterr().out
    main(["diagnose", snapshot("healthy"), "--from", CLIENT, "--observe", "--json"])
    document = json.loads(capsys.readouterr().out)
    schema = json.loads((Path(__file__).parents[2] / "docs/diagnosis.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)
    found = document["observation"]
    assert not found["agrees"]
    assert "LAYER7_KEEPS_CLIENT_ADDRESS" in found["suspects"]


def test_watching_tells_what_changed_and_ends_with_ctrl_c(
    snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """A file that cannot be read for a while is told, and watched on."""
    path = snapshot("original-drill")
    texts = [Path(path).read_text(), "{", json.dumps(open_fault("healthy").to_dict())]

    def look_again(seconds: float) -> None:
        assert seconds == 5
        if not texts:
            raise KeyboardInterrupt
        Path(path).write_text(texts.pop(0), encoding="utf-8")

    monkeypatch.setattr(time, "sleep", look_again)
    assert main(["diagnose", path, "--from", CLIENT, "--watch", "5", "--lang", "en"]) == 130

    shown = capsys.readouterr()
    told = [line.partition("  ")[2] for line in shown.out.splitlines() if re.match(r"\d\d:\d\d:\d\d  ", line)]
    first = shown.out[: shown.out.index(told[0])].splitlines()
    assert first[0].startswith("shop/web 192.0.2.10:80: unreachable")
    assert len(first) <= 11  # the first screen, so that it stays in sight, and how the first change begins
    assert told[0] == f"shop/web, {CLIENT}: unreachable -> reachable"
    assert told[1].startswith(f"shop/web, {CLIENT}: stopped at CLB lb-lab00001")
    assert len(shown.err.splitlines()) == 2  # the broken file, and that it was interrupted
    assert "drill diagnose: interrupted" in shown.err


def test_a_service_that_is_read_now_is_named_in_its_own_place(capsys: pytest.CaptureFixture) -> None:
    assert main(["diagnose", "web", "--service", "shop/web", "--from", CLIENT, "--lang", "en"]) == 2
    assert "'web' is no snapshot file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "web"], "The client is 'web'"),
        (["--from", "203.0.113.10,"], "--from has an empty address"),
        (["--from", CLIENT, "--service", "shop/wbe"], "no Service 'shop/wbe'"),
        (["--from", CLIENT, "--port", "70000"], "70000"),
    ],
)
def test_bad_input_is_one_line(snapshot, arguments: list[str], said: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["diagnose", snapshot("healthy"), *arguments, "--lang", "en"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
