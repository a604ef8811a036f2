"""`drill lint` as a terminal, a script and a pipeline see it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drilllib.cli import main
from drilllib.core.drills.faults import FAULTS
from tests.thorough import how_many

OPEN_80 = {"Protocol": "TCP", "Port": "80", "CidrBlock": "203.0.113.0/24", "Action": "ACCEPT"}
DROP_ALL = {"Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0", "Action": "DROP"}
OPEN_ALL = {**DROP_ALL, "Action": "ACCEPT"}
SHADOWED = [OPEN_80, {**OPEN_80, "CidrBlock": "203.0.113.7"}]
HOST_BITS = [{**OPEN_80, "CidrBlock": "203.0.113.7/24"}]


@pytest.fixture
def group(tmp_path: Path):
    """Write a group with these ingress rules, and return the file's name."""

    def write(*ingress: dict, name: str = "sg-node.json") -> str:
        path = tmp_path / name
        path.write_text(json.dumps({"Version": "1", "Ingress": list(ingress), "Egress": []}))
        return str(path)

    return write


@pytest.fixture
def snapshot(tmp_path: Path, capsys: pytest.CaptureFixture):
    """Write an example, and return the snapshot's name."""

    def write(fault: str) -> str:
        assert main(["example", fault, str(tmp_path / fault)]) == 0
        capsys.readouterr()
        return str(tmp_path / fault / "snapshot.json")

    return write


@pytest.mark.parametrize(
    ("rules", "fail_on", "status"),
    [
        ([OPEN_80], None, 0),
        ([DROP_ALL, OPEN_80], None, 1),
        (SHADOWED, None, 1),
        (HOST_BITS, None, 0),
        (HOST_BITS, "info", 1),
        (SHADOWED, "error", 0),
        ([DROP_ALL, OPEN_80], "error", 1),
        ([DROP_ALL, OPEN_80], "never", 0),
        ([OPEN_80], "info", 0),
    ],
)
def test_the_exit_status_is_what_a_pipeline_asks_for(
    rules: list[dict], fail_on: str | None, status: int, group
) -> None:
    assert main(["lint", group(*rules), *(["--fail-on", fail_on] if fail_on else [])]) == status


@pytest.mark.parametrize(("fault", "status"), [("healthy", 0), ("group-1", 1), ("group-2", 1), ("original-drill", 1)])
def test_a_snapshot_is_known_by_its_schema(fault: str, status: int, snapshot, capsys) -> None:
    assert main(["lint", snapshot(fault), "--lang", "en"]) == status
    assert capsys.readouterr().out


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_example_is_answered_in_both_languages(fault: str, language: str, snapshot, capsys) -> None:
    assert main(["lint", snapshot(fault), "--lang", language, "--fail-on", "never"]) == 0
    assert "{" not in capsys.readouterr().out


def test_the_groups_of_an_example_are_linted_file_by_file(snapshot, capsys) -> None:
    """The example writes them besides the snapshot."""
    node = Path(snapshot("group-2")).parent / "sg-node0001.json"

    assert main(["lint", str(node), "--lang", "en"]) == 1
    assert "ACCEPT_CANCELLED  sg-node0001 ingress[3]" in capsys.readouterr().out


def test_json_has_exactly_the_promised_fields_and_english_sentences(group, capsys) -> None:
    assert main(["lint", group(DROP_ALL, OPEN_80), "--json", "--lang", "zh"]) == 1

    assert json.loads(capsys.readouterr().out) == {
        "schema": "drilllib/lint/1",
        "findings": [
            {
                "code": "ACCEPT_CANCELLED",
                "severity": "error",
                "group": "sg-node",
                "direction": "ingress",
                "policy_index": 1,
                "covered_by": [{"group": "sg-node", "policy_index": 0}],
                "evidence": "admits nobody: all of it is dropped above, by ingress[0] DROP ALL 0.0.0.0/0 ALL",
                "remedy": "Move it above ingress[0], or delete it.",
            }
        ],
    }


def test_json_without_findings_is_an_empty_list(group, capsys) -> None:
    assert main(["lint", group(OPEN_80), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": "drilllib/lint/1", "findings": []}


def test_json_of_a_finding_about_a_whole_group_has_nulls(group, capsys) -> None:
    rules = [
        {"Action": "ACCEPT", "Protocol": "TCP", "Port": "80", "SecurityGroupId": f"sg-{each}"} for each in range(8)
    ]

    main(["lint", group(*rules), "--json"])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["code"], finding["direction"], finding["policy_index"]) == ("QUOTA_NEAR", None, None)
    assert finding["covered_by"] == []


def test_several_files_are_one_list_in_their_order(group, capsys) -> None:
    old, new = group({**DROP_ALL, "Protocol": "TCP"}, name="sg-old.json"), group(OPEN_80, name="sg-new.json")

    assert main(["lint", old, new, "--lang", "en"]) == 1
    assert "ACCEPT_CANCELLED  sg-new ingress[0]" in capsys.readouterr().out
    assert main(["lint", new, old]) == 0


def test_given_members_count(group, capsys) -> None:
    named = {**OPEN_80, "CidrBlock": "", "SecurityGroupId": "sg-peer", "Action": "DROP"}
    rules = group(named, OPEN_80)

    assert main(["lint", rules]) == 0
    assert main(["lint", rules, "--members", "sg-peer=203.0.0.0/16"]) == 1
    capsys.readouterr()
    assert main(["lint", rules, "--members", "sg-peer=", "--lang", "en"]) == 1
    assert "RULE_MATCHES_NOTHING" in capsys.readouterr().out


def test_a_group_from_standard_input(monkeypatch: pytest.MonkeyPatch, group, capsys) -> None:
    with open(group(DROP_ALL, OPEN_80), encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        assert main(["lint", "-", "--lang", "en"]) == 1
    assert "stdin ingress[1]" in capsys.readouterr().out


BAD = {
    "empty": "",
    "no JSON": "{",
    "a number": "7",
    "no lists": "{}",
    "an error": '{"Response": {"Error": {"Code": "ResourceNotFound"}}}',
    "a bad rule": '{"Ingress": [{"Action": "ACCEPT"}]}',
    "another snapshot": '{"schema": "drilllib/snapshot/9"}',
    "a broken snapshot": '{"schema": "drilllib/snapshot/1", "security_groups": []}',
    "a bad rule in a snapshot": '{"schema": "drilllib/snapshot/1", "security_groups": '
    '{"sg-a": {"SecurityGroupPolicySet": {"Ingress": [{}]}}}}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_line(text: str, tmp_path: Path, capsys) -> None:
    (tmp_path / "bad.json").write_text(text)

    assert main(["lint", str(tmp_path / "bad.json")]) == 2
    one_line(capsys)


def test_files_that_do_not_go_together_are_one_clear_line(group, snapshot, capsys) -> None:
    lab = snapshot("healthy")

    assert main(["lint", lab, group(OPEN_80)]) == 2
    assert "one of them a snapshot" in one_line(capsys)
    assert main(["lint", lab, "--members", "sg-a=10.0.0.1"]) == 2
    one_line(capsys)
    assert main(["lint", group(OPEN_80), group(OPEN_80)]) == 2
    assert "Two groups are called 'sg-node'" in one_line(capsys)
    assert main(["lint", "nowhere.json"]) == 2
    one_line(capsys)


def test_too_much_to_tell_is_one_clear_line(group, capsys) -> None:
    """Thousands of hosts with 5,000 ports each, below one DROP for all of them."""
    rules = [
        {**OPEN_80, "Port": f"{each % 60000 + 1}-{each % 60000 + 5000}", "CidrBlock": _host(each)}
        for each in range(how_many(4_000, thorough=12_000, long=20_000))
    ]

    assert main(["lint", group(DROP_ALL, *rules)]) == 2
    assert "too many ways" in one_line(capsys)


def _host(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def test_an_unknown_severity_is_wrong_usage(group, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["lint", group(OPEN_80), "--fail-on", "fatal"])
    assert stop.value.code == 2


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("Ingress", "Egress", "Action", "CidrBlock", "schema", "kubernetes")), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@settings(max_examples=how_many(30, thorough=60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents, is_snapshot=st.booleans())
def test_no_document_is_a_traceback(document: object, is_snapshot: bool, tmp_path: Path, capsys) -> None:
    whole = {"schema": "drilllib/snapshot/1", "security_groups": {"sg-a": {"SecurityGroupPolicySet": document}}}
    (tmp_path / "any.json").write_text(json.dumps(whole if is_snapshot else document))

    assert main(["lint", str(tmp_path / "any.json")]) in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().err


def one_line(capsys: pytest.CaptureFixture) -> str:
    """What was said on standard error: one line, and nothing else anywhere."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("drill lint: ")
    assert captured.err.count("\n") == 1
    return captured.err


def test_input_without_an_end_is_refused(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read up to a limit, and no further."""
    monkeypatch.setattr("drilllib.files.LARGEST", 1 << 20)
    with open("/dev/zero", "rb") as endless:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=endless))
        assert main(["lint", "-"]) == 2

    assert capsys.readouterr().err == (
        "drill lint: '-' has more than 1 MiB. Give the one answer of the API, or one snapshot.\n"
    )
