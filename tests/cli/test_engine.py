"""`drill decide`, `drill trace` and `drill example` as a terminal sees them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.crowds import crowd
from drilllib.cli import main
from drilllib.core.drills.faults import FAULTS
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.views.picture import graphviz
from tests.thorough import how_many
from tests.waits import PATIENCE_S

OPEN_80 = {"Protocol": "TCP", "Port": "80", "CidrBlock": "203.0.113.0/24", "Action": "ACCEPT"}


@pytest.fixture
def group(tmp_path: Path):
    """Write a group with these ingress rules, and return the file's name."""

    def write(*ingress: dict, name: str = "sg-node.json") -> str:
        path = tmp_path / name
        path.write_text(json.dumps({"Version": "1", "Ingress": list(ingress), "Egress": []}))
        return str(path)

    return write


@pytest.fixture
def lab(tmp_path: Path, capsys: pytest.CaptureFixture) -> Path:
    """The files of the example group-2."""
    assert main(["example", "group-2", str(tmp_path / "lab")]) == 0
    capsys.readouterr()
    return tmp_path / "lab"


@pytest.mark.parametrize(
    ("rule", "status", "words"),
    [
        (OPEN_80, 0, "ACCEPT: sg-node ingress[0] ACCEPT TCP 203.0.113.0/24 80"),
        ({**OPEN_80, "Action": "DROP"}, 1, "DROP: sg-node ingress[0]"),
        ({**OPEN_80, "Port": "81"}, 1, "DROP: no rule matched"),
        (
            {**OPEN_80, "CidrBlock": "", "AddressTemplate": {"AddressId": "ipm-peer"}},
            3,
            "UNDETERMINED: depends on the members of ipm-",
        ),
    ],
)
def test_the_exit_status_says_what_was_decided(rule, status, words, group, capsys) -> None:
    """Gates and scripts read the status, people the line."""
    assert main(["decide", group(rule), "--from", "203.0.113.7", "--port", "80"]) == status
    assert words in capsys.readouterr().out


def test_decide_as_json_has_the_promised_fields(group, capsys) -> None:
    main(["decide", group(OPEN_80), "--from", "203.0.113.7", "--port", "80", "--json"])

    assert json.loads(capsys.readouterr().out) == {
        "action": "ACCEPT",
        "group": "sg-node",
        "direction": "ingress",
        "policy_index": 0,
        "assumptions": [],
    }


NAMES_A_GROUP = {**OPEN_80, "CidrBlock": "", "SecurityGroupId": "sg-peer"}


@pytest.mark.parametrize(
    ("members", "status"),
    [("sg-peer=10.0.35.0/24", 0), ("sg-peer=10.0.0.1,10.0.35.7", 0), ("sg-peer=10.1.0.0/16", 1), ("sg-peer=", 1)],
)
def test_given_members_settle_a_rule_that_names_a_group(members: str, status: int, group, capsys) -> None:
    """Whoever knows who is in the group need not live with undetermined."""
    asked = ["decide", group(NAMES_A_GROUP), "--from", "10.0.35.7", "--port", "80"]

    assert main(asked) == 3
    assert main([*asked, "--members", members]) == status
    assert main([*asked, "--members", "sg-other=0.0.0.0/0"]) == 3


def test_a_public_address_is_no_member_and_decide_says_what_it_assumed(group, capsys) -> None:
    """As `drill trace` does; several files are one list, which is assumed too."""
    asked = ["decide", group(NAMES_A_GROUP), group(OPEN_80, name="sg-b.json"), "--port", "80", "--from"]

    assert main([*asked, "198.51.100.7"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "DROP: no rule matched"
    assert [line.split(":")[0].strip() for line in said[2:]] == ["GROUPS_ARE_ONE_LIST", "PUBLIC_ADDRESS_IS_NO_MEMBER"]
    assert main([*asked, "10.0.35.7", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["assumptions"] == ["GROUPS_ARE_ONE_LIST"]


@pytest.mark.parametrize("members", ["sg-peer", "=10.0.0.0/8", "sg-peer=10.0.0.0/99", "sg peer=10.0.0.1"])
def test_members_that_cannot_be_read_are_refused(members: str, group, capsys) -> None:
    asked = ["decide", group(NAMES_A_GROUP), "--from", "203.0.113.7", "--port", "80", "--members", members]

    assert main(asked) == 2
    one_line(capsys)


@pytest.mark.parametrize("envelope", ["bare", "field", "response"])
def test_the_apis_answer_is_read_in_every_wrapping(envelope: str, tmp_path: Path, capsys) -> None:
    """People save what the console, tccli or the SDK gave them."""
    document = {"Ingress": [OPEN_80], "Egress": []}
    if envelope != "bare":
        document = {"SecurityGroupPolicySet": document, "RequestId": "r"}
    if envelope == "response":
        document = {"Response": document}
    (tmp_path / "g.json").write_text(json.dumps(document))

    assert main(["decide", str(tmp_path / "g.json"), "--from", "203.0.113.7", "--port", "80"]) == 0


def test_several_files_are_read_in_their_order(group, capsys) -> None:
    """A DROP in an earlier group beats an ACCEPT in a later one."""
    first, second = group({**OPEN_80, "Action": "DROP"}, name="sg-a.json"), group(OPEN_80, name="sg-b.json")

    assert main(["decide", first, second, "--from", "203.0.113.7", "--port", "80"]) == 1
    assert main(["decide", second, first, "--from", "203.0.113.7", "--port", "80"]) == 0


def test_flows_are_answered_line_by_line(group, tmp_path: Path, capsys) -> None:
    """The status is about the run, not about the answers."""
    lines = [{"from": "203.0.113.7", "protocol": "TCP", "port": 80}, {"to": "10.0.0.1", "protocol": "ICMP"}]
    flows = tmp_path / "flows.jsonl"
    flows.write_text("\n".join(map(json.dumps, lines)) + "\n\n")

    assert main(["decide", group(OPEN_80), "--flows", str(flows)]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["action"], each["direction"]) for each in answers] == [("ACCEPT", "ingress"), ("DROP", "egress")]


MALFORMED_FLOWS = ["[]", "{", '{"from": "x"}', '{"port": 80}', '{"from": "203.0.113.7", "to": "10.0.0.1", "port": 80}']


@pytest.mark.parametrize(
    "line", [*MALFORMED_FLOWS, '{"from": "203.0.113.7", "port": 70000}', '{"from": 7, "porrt": 1}']
)
def test_a_bad_flow_is_named_by_its_line(line: str, group, tmp_path: Path, capsys) -> None:
    flows = tmp_path / "flows.jsonl"
    flows.write_text('{"from": "203.0.113.7", "port": 80}\n' + line)

    assert main(["decide", group(OPEN_80), "--flows", str(flows)]) == 2
    assert "line 2 of" in one_line(capsys)


MALFORMED_RULES = {
    "bad block": {**OPEN_80, "CidrBlock": "203.0.113.0/33"},
    "port 70000": {**OPEN_80, "Port": "70000"},
    "backward range": {**OPEN_80, "Port": "90-80"},
    "unknown protocol": {**OPEN_80, "Protocol": "TPC"},
    "ICMP with a port": {**OPEN_80, "Protocol": "ICMP"},
    "no peer": {**OPEN_80, "CidrBlock": ""},
}


@pytest.mark.parametrize("rule", MALFORMED_RULES.values(), ids=MALFORMED_RULES)
def test_a_malformed_rule_is_named_by_its_place(rule: dict, group, capsys) -> None:
    """With 500 rules in a file, "invalid rule" alone would be no help."""
    assert main(["decide", group(OPEN_80, rule), "--from", "203.0.113.7", "--port", "80"]) == 2
    assert "sg-node ingress[1]" in one_line(capsys)


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b'{"Ingress": [', b"\xff\xfe", b"[]", b"null", b"[" * 100_000, b"9" * 10_000, b'{"Ingress": 3}'],
)
def test_a_file_that_is_no_group_ends_in_one_line(content: bytes, tmp_path: Path, capsys) -> None:
    (tmp_path / "g.json").write_bytes(content)

    assert main(["decide", str(tmp_path / "g.json"), "--from", "203.0.113.7", "--port", "80"]) == 2
    assert len(one_line(capsys)) < 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", "missing.json", "--from", "203.0.113.7", "--port", "80"],
        ["decide", ".", "--from", "203.0.113.7", "--port", "80"],
        ["trace", "missing.json"],
        ["example", "no-such", "somewhere"],
        ["example"],
        ["run", "-p", "nonsense"],
        ["run", "no-such"],
        ["course", "no-such"],
    ],
)
def test_a_mistake_on_the_command_line_ends_in_one_line(arguments, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(arguments) == 2
    assert one_line(capsys).startswith(f"drill {arguments[0]}: ")
    assert list(tmp_path.iterdir()) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["Ingress", "schema", "x"]) | st.text(), inner),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=how_many(40, thorough=150))
@given(content=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@pytest.mark.parametrize("command", ["decide", "trace"])
def test_garbage_never_ends_in_a_traceback(command: str, content: bytes, tmp_path: Path, capsys) -> None:
    """Whatever a file holds, the answer is a status and at most one line of complaint."""
    (tmp_path / "garbage").write_bytes(content)
    arguments = ["--from", "203.0.113.7", "--port", "80"]

    status = main([command, str(tmp_path / "garbage"), *arguments])

    assert status in (0, 1, 2, 3)
    assert len(capsys.readouterr().err.splitlines()) == (1 if status == 2 else 0)


def run_in_a_gigabyte(*arguments: str) -> subprocess.CompletedProcess:
    """`drill` with no more address space than that, and given up as hung after two minutes."""
    resource = pytest.importorskip("resource", reason="this system cannot limit a process's memory")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    command = [sys.executable, "-m", "drilllib", *arguments]
    return subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to the limit on address space")
def test_a_hundred_thousand_rules_are_answered_in_bounded_memory(tmp_path: Path) -> None:
    """An export of a whole account must not bring the machine down."""
    many = how_many(30_000, thorough=60_000, long=100_000)
    rules = [{**OPEN_80, "CidrBlock": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"} for n in range(many)]
    (tmp_path / "big.json").write_text(json.dumps({"Ingress": [*rules, OPEN_80], "Egress": []}))

    result = run_in_a_gigabyte("decide", str(tmp_path / "big.json"), "--from", "203.0.113.7", "--port", "80")

    assert (result.returncode, result.stderr) == (0, "")
    assert f"ingress[{many}]" in result.stdout


@pytest.mark.parametrize(("fault", "status"), [("healthy", 0), ("group-1", 1), ("group-2", 1), ("group-3", 1)])
def test_trace_speaks_json_and_statuses(fault: str, status: int, tmp_path: Path, capsys) -> None:
    """The JSON is the library's own answer, nothing else."""
    main(["example", fault, str(tmp_path)])
    capsys.readouterr()

    assert main(["trace", str(tmp_path / "snapshot.json"), "--service", "shop/web", "--json"]) == status
    snapshot = Snapshot(json.loads((tmp_path / "snapshot.json").read_text()))
    expected = trace(snapshot, Question(client="203.0.113.10", service="shop/web"))
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(expected.to_dict()))


def test_requests_that_fail_now_and_then_are_no_success(tmp_path: Path, capsys) -> None:
    """A gate must not pass on luck."""
    main(["example", "healthy", str(tmp_path), "--listener", "TCP"])
    document = json.loads((tmp_path / "snapshot.json").read_text())
    listener = document["listeners"]["lb-lab00001"][0]
    other = {"InstanceId": "ins-nodeb001", "PrivateIpAddresses": document["instances"][1]["PrivateIpAddresses"]}
    listener["Targets"].append({**listener["Targets"][0], **other})
    document["security_groups"]["sg-shut"] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    document["instances"][1]["SecurityGroupIds"] = ["sg-shut"]
    (tmp_path / "snapshot.json").write_text(json.dumps(document))

    assert main(["trace", str(tmp_path / "snapshot.json"), "--lang", "en"]) == 1
    assert "intermittent" in capsys.readouterr().out


def test_trace_of_a_snapshot_with_a_gap_is_undetermined(lab: Path, capsys) -> None:
    document = json.loads((lab / "snapshot.json").read_text())
    del document["security_groups"]["sg-node0001"]
    (lab / "snapshot.json").write_text(json.dumps(document))

    assert main(["trace", str(lab / "snapshot.json")]) == 3


def test_trace_takes_other_semantics_and_languages(lab: Path, capsys) -> None:
    main(["trace", str(lab / "snapshot.json"), "--semantics", "original", "--lang", "zh"])
    assert "NODE_ADDRESS_REACHES_POD_AS_CLIENT: 即使是 Cluster 策略" in capsys.readouterr().out


@pytest.mark.skipif(graphviz.renderer() is None, reason="no Graphviz renderer on this machine")
def test_trace_draws_into_a_file(lab: Path, capsys) -> None:
    main(["trace", str(lab / "snapshot.json"), "--svg", str(lab / "path.svg")])
    assert (lab / "path.svg").read_text().startswith("<svg")


def test_a_picture_never_replaces_anything_but_a_picture(lab: Path, capsys) -> None:
    """`--svg lab/snapshot.json` is a slip, and the snapshot may be all there is of last night's outage."""
    before = (lab / "snapshot.json").read_text()

    assert main(["trace", str(lab / "snapshot.json"), "--svg", str(lab / "snapshot.json")]) == 2
    assert (lab / "snapshot.json").read_text() == before
    assert "DROP" in capsys.readouterr().out


def test_without_the_example_labs_the_client_has_to_be_named(lab: Path, capsys) -> None:
    """A made-up client would get a made-up verdict."""
    text = (lab / "snapshot.json").read_text().replace("lb-lab00001", "lb-1a2b3c4d")
    (lab / "snapshot.json").write_text(text)

    assert main(["trace", str(lab / "snapshot.json")]) == 2
    assert "--from" in one_line(capsys)
    assert main(["trace", str(lab / "snapshot.json"), "--from", "203.0.113.10"]) == 1


def test_a_group_given_for_a_snapshot_is_recognised(lab: Path, capsys) -> None:
    assert main(["trace", str(lab / "sg-node0001.json")]) == 2
    assert "drill decide" in one_line(capsys)


def test_an_api_error_saved_as_a_group_is_recognised(tmp_path: Path, capsys) -> None:
    """The API reports errors with status 200."""
    (tmp_path / "g.json").write_text('{"Response": {"Error": {"Code": "ResourceNotFound"}, "RequestId": "r"}}')

    assert main(["decide", str(tmp_path / "g.json"), "--from", "203.0.113.7", "--port", "80"]) == 2
    assert "ResourceNotFound" in one_line(capsys)


def test_a_bug_is_not_mistaken_for_a_verdict(lab: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """Python's own status for a crash, 1, would read as unreachable."""
    monkeypatch.setattr("drilllib.cli.trace.trace", lambda *_: 1 / 0)

    assert main(["trace", str(lab / "snapshot.json")]) == 70
    assert "a bug in drilllib" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--vip", "192.0.2.10", "--service", "shop/web"], ["--path", "x"], ["--from", "::"]]
)
def test_a_question_without_sense_is_refused(arguments: list[str], lab: Path, capsys) -> None:
    assert main(["trace", str(lab / "snapshot.json"), *arguments]) == 2
    one_line(capsys)


def test_udp_is_answered_in_words(lab: Path, capsys) -> None:
    assert main(["trace", str(lab / "snapshot.json"), "--protocol", "UDP", "--lang", "en"]) == 1
    assert "no answer" in capsys.readouterr().out


def test_an_unwritable_picture_is_one_line(lab: Path, capsys) -> None:
    assert main(["trace", str(lab / "snapshot.json"), "--svg", str(lab / "no" / "path.svg")]) == 2
    one_line(capsys)


def test_an_unknown_service_lists_those_that_are_there(lab: Path, capsys) -> None:
    assert main(["trace", str(lab / "snapshot.json"), "--service", "shop/wep"]) == 2
    assert "shop/web" in one_line(capsys)


def test_an_example_never_overwrites_what_was_edited(lab: Path, capsys) -> None:
    (lab / "sg-node0001.json").write_text("mine")

    assert main(["example", "group-3", str(lab)]) == 2
    assert "nothing was written" in one_line(capsys)
    assert (lab / "sg-node0001.json").read_text() == "mine"


def test_every_example_is_listed(capsys) -> None:
    main(["example", "--list"])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [*FAULTS, *SCENARIOS]


def test_a_reader_that_goes_away_is_no_error(lab: Path) -> None:
    """`drill trace ... | head -1` is how people look at things."""
    command = f"{sys.executable} -m drilllib trace {lab / 'snapshot.json'} --json | head -1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (result.stdout, result.stderr) == ("{\n", "")


def one_line(capsys: pytest.CaptureFixture) -> str:
    """The one line that was written to standard error."""
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("name", FAULTS)
def test_the_decision_an_example_suggests_agrees_with_the_trace(name: str, tmp_path: Path, capsys) -> None:
    """Two commands that are printed side by side must not contradict each other."""
    main(["example", name, str(tmp_path / "lab")])
    suggested = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    traced, decided = (main(words[1:]) for words in suggested)

    assert decided in (0, 1)
    assert decided == traced or name == "local-policy"  # there the cause is no security group


def test_a_snapshot_given_to_decide_points_to_trace(lab: Path, capsys) -> None:
    assert main(["decide", str(lab / "snapshot.json"), "--from", "203.0.113.10", "--port", "80"]) == 2
    assert "Ask drill trace about it" in capsys.readouterr().err


def test_success_at_another_service_is_not_success(lab: Path, capsys) -> None:
    """A gate that asks for shop/api must not pass because shop/web answers on its port."""
    document = json.loads((lab / "snapshot.json").read_text())
    web = next(item for item in document["kubernetes"] if item["kind"] == "Service")
    ports = [{**web["spec"]["ports"][0], "nodePort": 30999}]
    document["kubernetes"].append({**web, "metadata": {**web["metadata"], "name": "api"}, "spec": {"ports": ports}})
    document["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"] = [
        {"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0"}
    ]
    path = lab / "two.json"
    path.write_text(json.dumps(document))

    assert main(["trace", str(path), "--service", "shop/web", "--lang", "en"]) == 0
    assert main(["trace", str(path), "--service", "shop/api", "--lang", "en"]) == 1
    assert "port 80 does not lead to shop/api but to shop/web" in capsys.readouterr().out


def test_a_service_of_another_type_is_named(lab: Path, capsys) -> None:
    """Nodeport and ClusterIP Services have no load balancer; nobody should look for a typing error."""
    document = json.loads((lab / "snapshot.json").read_text())
    next(item for item in document["kubernetes"] if item["kind"] == "Service")["spec"]["type"] = "NodePort"
    path = lab / "none.json"
    path.write_text(json.dumps(document))

    assert main(["trace", str(path)]) == 2
    assert "of another type: shop/web" in capsys.readouterr().err


def test_what_is_not_asked_and_not_used_is_said_where_it_happens(tmp_path: Path, capsys) -> None:
    """Blocked paths under 'every request succeeds' send people in circles."""
    main(["example", "same-node", str(tmp_path / "lab")])
    main(["trace", str(tmp_path / "lab" / "snapshot.json"), "--lang", "en"])
    printed = capsys.readouterr().out

    assert "security group 3 is not asked (LOCAL_DELIVERY_SKIPS_POD_ENI)" in printed
    main(["example", "group-3", str(tmp_path / "dead")])
    main(["trace", str(tmp_path / "dead" / "snapshot.json"), "--lang", "en"])
    assert "every target is Dead, so the CLB uses all of them" in capsys.readouterr().out


def test_trace_tells_every_path_where_it_is_asked_to(tmp_path, capsys) -> None:
    """Targets that no check tells apart are one path, unless somebody wants to see each."""
    (tmp_path / "many.json").write_text(json.dumps(crowd(4, 3, causes=1)))
    asked = ["trace", str(tmp_path / "many.json"), "--service", "shop/web", "--from", "203.0.113.10"]

    main([*asked, "--json"])
    few = json.loads(capsys.readouterr().out)["paths"]
    main([*asked, "--json", "--all"])
    every = json.loads(capsys.readouterr().out)["paths"]
    main([*asked, "--all"])
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("path ")]

    assert sum(path.get("count", 1) for path in few) == len(every) == len(told) == 12
    assert len(few) < 12
