"""`drill fix --apply`, `drill changes` and `drill rollback` of a local cloud over sockets, with the vendor's SDK."""

import io
import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cli import changes, guarded, journals, live, main
from drilllib.cloud.local import LocalCloud
from drilllib.cloud.tencent.cam import Policy
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.guard.journal import Journal, utc_now
from drilllib.guard.journals import listing
from tests.guard.guarding import plain_state

FIX = ["fix", "web", "-n", "shop", "--from", "203.0.113.0/24", "--lang", "en"]
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A lab in which a client is stopped at the node."""
    with LocalCloud(open_fault("group-2").to_dict()) as made:
        yield made


@pytest.fixture
def run(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture) -> Run:
    """Runs a command with the keys of that cloud and journals of this test alone."""
    told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
    for name, value in {**told, "XDG_STATE_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)

    def started(*words: str) -> tuple[int, str]:
        status = main(list(words))
        said = capsys.readouterr()
        return status, said.out + said.err

    return started


def verdict(cloud: LocalCloud) -> str:
    return trace(cloud.state.snapshot(), Question(client=CLIENT, service=SERVICE)).verdict


def test_nothing_is_written_without_apply(cloud: LocalCloud, run: Run) -> None:
    before = plain_state(cloud.state)
    status, told = run(*FIX)

    assert status == 0
    assert "- [2] DROP ALL 0.0.0.0/0 ALL" in told
    assert "+ 203.0.113.0/24: never -> always" in told
    assert "Nothing was written" in told
    assert plain_state(cloud.state) == before


def test_it_is_written_and_seen_and_taken_back(cloud: LocalCloud, run: Run) -> None:
    """Also where the rules have notes, of which a capture keeps none."""
    with cloud.state.writing(settled=True) as document:
        policies = document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"]
        policies[0] = {**policies[0], "PolicyDescription": "ask operations first"}
    before = plain_state(cloud.state)
    status, told = run(*FIX, "--apply", "--yes")
    assert (status, verdict(cloud)) == (0, "reachable"), told
    assert "every client that was named gets through" in told

    assert "sg-node0001 ingress" in run("changes", "--lang", "en")[1]
    status, told = run("rollback", "--lang", "en")
    assert (status, plain_state(cloud.state)) == (0, before), told
    assert "Nothing that was written is still there" in run("changes", "--lang", "en")[1]


def test_old_journals_that_cannot_be_used_are_told_and_stop_no_write(
    cloud: LocalCloud, run: Run, tmp_path: Any
) -> None:
    """One is broken, one is due and in use by another run: `fix --apply` tells both, writes, and ends as an error."""
    before, folder = plain_state(cloud.state), tmp_path / "drilllib" / "changes"
    broken = folder / "20260101-000000-aaaaaa.jsonl"
    with Journal.create(folder, "fix", subject="shop/web", until="2026-01-01T00:00:00Z") as due:
        due.intent("rules", group="sg-node0001", direction="ingress", region="", before=[], after=[])
        broken.write_text("garbage\n", encoding="utf-8")
        status, told = run(*FIX, "--apply", "--yes")
        assert (status, verdict(cloud)) == (2, "reachable"), told
        assert broken.name in told
        assert "in use by another run" in told
        assert f"Also open of shop/web, from before: {due.id}" in told
        due.failed(1)
        due.close("test")
    assert run("ls", "--lang", "en")[0] == 2
    named = next(each.id for each in listing(folder).entries if each.is_open)
    status, told = run("rollback", named, "--lang", "en")
    assert (status, plain_state(cloud.state)) == (2, before), told


def test_what_is_due_stands_beside_the_answer_for_programs(
    cloud: LocalCloud, run: Run, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal.create(tmp_path / "drilllib" / "changes", "fix", until="2026-01-01T00:00:00Z") as due:
        due.done(due.intent("rules", group="sg-node0001", direction="ingress", region="", before=[], after=[]))
    assert main([*FIX, "--apply", "--yes", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["applied"]["works"]
    assert json.loads(said.out)["applied"]["also_open"] == []
    assert due.id in said.err
    assert run("rollback")[0] == 0


@pytest.mark.parametrize(("typed", "written"), [(b"y\n", True), (b"n\n", False), (b"", False), (b"y\xff\n", False)])
def test_a_person_is_asked(
    cloud: LocalCloud, run: Run, monkeypatch: pytest.MonkeyPatch, typed: bytes, written: bool
) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    before = plain_state(cloud.state)
    monkeypatch.setattr("sys.stdin", Terminal(io.BytesIO(typed), encoding="utf-8"))
    status, told = run(*FIX, "--apply")
    assert "[y/N]" in told
    assert (status, plain_state(cloud.state) != before) == (0 if written else 1, written)
    if written:
        run("rollback")
    assert plain_state(cloud.state) == before


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ([], "Nobody can be asked"),
        (["--yes", "--via", "tools"], "Leave out --via tools"),
        (["--for", "2h"], "Nobody can be asked"),
    ],
)
def test_what_cannot_be_decided_is_refused(cloud: LocalCloud, run: Run, more: list[str], why: str) -> None:
    before = plain_state(cloud.state)
    status, told = run(*FIX, "--apply", *more)
    assert (status, plain_state(cloud.state)) == (2, before)
    assert why in told


def test_a_group_that_something_else_has_is_changed_only_where_that_is_said(cloud: LocalCloud, run: Run) -> None:
    """A machine of nobody's cluster has the nodes' group, and another CLB: neither is on the way to the Service."""
    before = plain_state(cloud.state)
    kept = _with_another_balancer(cloud)
    try:
        status, told = run(*FIX, "--apply", "--yes")
        assert status == 2
        assert "--also" in told
        status, told = run(*FIX, "--apply", "--yes", "--also", "sg-node0001")
        assert status == 0, told
        run("rollback")
    finally:
        kept()
    assert plain_state(cloud.state) == before


def _with_another_balancer(cloud: LocalCloud) -> Callable[[], None]:
    """Another CLB in the account has the group; gives what removes it again."""
    row = {"LoadBalancerId": "lb-other001", "SecureGroups": ["sg-node0001"], "LoadBalancerVips": ["192.0.2.99"]}
    with cloud.state.writing(settled=True) as document:
        document["load_balancers"].append({**document["load_balancers"][0], **row, "Tags": []})

    def gone() -> None:
        with cloud.state.writing(settled=True) as document:
            document["load_balancers"].pop()

    return gone


def test_a_template_that_was_read_is_no_opening_to_the_world(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deny that goes stands above a rule of a template that holds one small block, which the plan knows."""
    document = open_fault("group-2").to_dict()
    policies = document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"]
    template = {"Protocol": "TCP", "Port": "8443", "AddressTemplate": {"AddressId": "ipm-small001"}, "Action": "ACCEPT"}
    policies.append({**template, "PolicyDescription": "", "PolicyIndex": len(policies)})
    document["address_templates"]["ipm-small001"] = {
        "AddressTemplateId": "ipm-small001",
        "AddressTemplateName": "small",
        "AddressSet": ["10.9.0.0/24"],
    }
    with LocalCloud(document) as cloud:
        told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        before = plain_state(cloud.state)
        status, said = run(*FIX, "--apply", "--yes")
        assert (status, verdict(cloud)) == (0, "reachable"), said
        assert run("rollback")[0] == 0
        assert plain_state(cloud.state) == before


def test_an_opening_whose_time_is_up_is_closed_by_the_next_command_that_writes(
    cloud: LocalCloud, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = plain_state(cloud.state)
    assert run(*FIX, "--apply", "--yes", "--for", "1h")[0] == 0
    assert "until" in run("changes", "--lang", "en")[1]
    for module in (guarded, journals, changes):
        monkeypatch.setattr(module, "utc_now", lambda: utc_now() + timedelta(hours=2))
    for reading in (["changes", "--lang", "en"], FIX, ["diagnose", *FIX[1:]]):
        live._remind.cache_clear()
        assert "what it opened is still open: drill rollback" in run(*reading)[1], reading
    status, told = run(*FIX, "--apply", "--yes", "--for", "1h")

    assert status == 0, told
    assert "is up" in told
    assert "taken back" in told
    run("rollback")
    assert plain_state(cloud.state) == before


def test_no_key_is_in_a_journal(cloud: LocalCloud, run: Run) -> None:
    run(*FIX, "--apply", "--yes")
    files = [*(Path(os.environ["XDG_STATE_HOME"]) / "drilllib" / "changes").glob("*.jsonl")]
    texts = "".join(each.read_text(encoding="utf-8") for each in files)
    run("rollback")

    assert "sg-node0001" in texts
    assert [each for each in (cloud.access.secret_id, cloud.access.secret_key) if each in texts] == []
    assert [oct(each.stat().st_mode & 0o777) for each in files] == ["0o600"]


def test_the_printed_rights_are_enough_to_write_and_each_is_missed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With CAM's policy as it is printed, and nothing else, it is written and taken back; without writing, not."""
    reads, writes = (
        json.loads(run("capture", "web", "-n", "shop", "--print-policy", "--only", "cam", *more)[1])
        for more in ([], ["--writes"])
    )
    for granted, status in ((writes, 0), (reads, 2)):
        with LocalCloud(open_fault("group-2").to_dict()) as cloud:
            told = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
            for name, value in {**told, "XDG_STATE_HOME": str(tmp_path)}.items():
                monkeypatch.setenv(name, value)
            cloud.tencent.rights = Policy.of(granted)
            before = plain_state(cloud.state)
            found, said = run(*FIX, "--apply", "--yes")
            assert found == status, said
            if status == 0:
                assert run("rollback")[0] == 0
            else:
                assert "Grant cvm:DescribeSecurityGroups" in said
            assert plain_state(cloud.state) == before


def test_a_change_that_shall_stay_is_closed(cloud: LocalCloud, run: Run) -> None:
    before = plain_state(cloud.state)
    run(*FIX, "--apply", "--yes")
    name = run("changes")[1].split()[0]
    assert run("changes", "--keep", name, "--lang", "en") == (0, run("changes", "--lang", "en")[1])
    assert "Nothing that was written is still there" in run("changes", "--lang", "en")[1]
    assert run("rollback", name)[0] == 0, "it can still be taken back by name"
    assert plain_state(cloud.state) == before
