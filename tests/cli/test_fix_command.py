"""`drill fix` as one types it: what it says, what it returns, and what it makes of bad input."""

import json
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.drills import faults
from drilllib.core.drills.networks import two_workloads
from drilllib.core.rules.policies import numbered, rule_from_text

CLIENTS = "203.0.113.0/24"


@pytest.fixture
def snapshot(tmp_path: Path):
    def write(fault: str, **changes: object) -> str:
        document = {**faults.open_fault(fault).to_dict(), **changes}
        path = tmp_path / "snapshot.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("fault", "status"),
    [("healthy", 0), ("original-drill", 0), ("group-2", 0), ("same-node", 0), ("local-policy", 1)],
)
def test_the_exit_status(snapshot, fault: str, status: int, capsys: pytest.CaptureFixture) -> None:
    assert main(["fix", snapshot(fault), "--from", "203.0.113.0/24", "--lang", "en"]) == status

    said = capsys.readouterr().out
    assert ("No change of security groups" in said) == (status == 1)
    assert ("Nothing has to change" in said) == (fault in ("healthy", "same-node"))


def test_a_missing_fact_is_named(snapshot, capsys: pytest.CaptureFixture) -> None:
    groups = faults.open_fault("group-2").to_dict()["security_groups"]
    del groups["sg-node0001"]
    assert main(["fix", snapshot("group-2", security_groups=groups), "--from", "203.0.113.0/24", "--lang", "en"]) == 3

    assert "the ingress rules of sg-node0001" in capsys.readouterr().out


def test_the_original_drill_is_repaired_in_three_edits(snapshot, capsys: pytest.CaptureFixture) -> None:
    assert main(["fix", snapshot("original-drill"), "--from", "203.0.113.0/24", "--json"]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == "drilllib/fix/1"
    assert [(each["group"], each["edit"], each["policy_index"]) for each in answer["changes"]] == [
        ("sg-clb00001", "insert", 2),
        ("sg-node0001", "insert", 0),
        ("sg-pod00001", "insert", 0),
    ]
    assert [each["rule"]["CidrBlock"] for each in answer["changes"]] == ["203.0.113.0/24"] * 2 + ["10.0.35.0/24"]
    (beside,) = answer["collateral"]
    assert (beside["interface"], beside["source"], beside["ports"]) == ("ins-nodeb001", "203.0.113.0/24", "30713")
    assert len(answer["api"]) == len(answer["tccli"]) == 3
    assert {"assumptions", "changes", "collateral"} <= set(answer)


def test_the_nodes_can_be_named(snapshot, capsys: pytest.CaptureFixture) -> None:
    told = ["--from", "203.0.113.0/24", "--nodes", "10.0.32.0/20", "--json"]
    assert main(["fix", snapshot("group-3"), *told]) == 0

    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert change["rule"]["CidrBlock"] == "10.0.32.0/20"


def test_what_programs_read_is_in_english(snapshot, capsys: pytest.CaptureFixture) -> None:
    """Else it would depend on the locale of whoever runs it."""
    assert main(["fix", snapshot("original-drill"), "--from", CLIENTS, "--json", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_text_has_every_kind_of_step(snapshot, language: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["fix", snapshot("group-1"), "--from", "203.0.113.0/24", "--lang", language]) == 0

    said = capsys.readouterr().out
    assert "tccli vpc CreateSecurityGroupPolicies --region ap-guangzhou" in said
    assert 'cidr_block = "203.0.113.0/24"' in said
    assert ("控制台：" if language == "zh" else "console:") in said


@pytest.fixture
def fixed(snapshot, capsys: pytest.CaptureFixture):
    """What is said of the healthy lab with these rules on the node."""

    def ask(*lines: str, clients: str = CLIENTS, options: tuple[str, ...] = ("--lang", "en")) -> str:
        groups = faults.open_fault("healthy").to_dict()["security_groups"]
        groups["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"] = numbered(tuple(map(rule_from_text, lines)))
        groups["sg-clb00001"]["SecurityGroupPolicySet"]["Ingress"] = numbered(
            (rule_from_text("ACCEPT TCP 0.0.0.0/0 80"),)
        )
        assert main(["fix", snapshot("healthy", security_groups=groups), "--from", clients, *options]) == 0
        return capsys.readouterr().out

    return ask


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_numbered_steps_are_in_the_order_of_the_commands(fixed, language: str) -> None:
    """The API refuses the new rule while its double is in the list, and an index above a new rule would move."""
    lines = "DROP ALL 0.0.0.0/0 ALL", f"ACCEPT TCP {CLIENTS} 30713", "ACCEPT ALL 0.0.0.0/0 ALL"
    said = fixed(*lines, options=("--lang", language))
    said = said.split("or instead" if language == "en" else "也可以这样改")[0]

    steps = [line.split(". ", 1)[1] for line in said.splitlines() if line.startswith(("  1. ", "  2. "))]
    shown = said.replace("VPC > Security groups", "console").replace("私有网络 > 安全组", "console")
    assert steps == [line.removeprefix("  console > ") for line in shown.splitlines() if "  console > " in line]
    assert len(steps) == 2
    assert ("delete" if language == "en" else "删除") in steps[0]


def test_a_block_of_a_few_does_not_hide_behind_the_default_deny_of_the_others(fixed) -> None:
    """What stops them names both, and the change says that the block ends."""
    drop = "DROP TCP 203.0.113.64/26 30713"
    said = fixed(drop, "ACCEPT TCP 203.0.113.0/25 30713", "DROP ALL 0.0.0.0/0 ALL")

    stopping = said.split("what stops them:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split(" by ")[1] for line in stopping] == [
        f"sg-node0001 ingress[0] {drop}",
        "sg-node0001 ingress[2] DROP ALL 0.0.0.0/0 ALL",
    ]
    best, *others = said.split("or instead")
    ends = f"this takes the effect from sg-node0001 ingress[0] {drop} for 203.0.113.64/26"
    assert ends in best
    assert not any(ends in each for each in others if f"replace index 0, {drop}" in each)
    assert "effect from sg-node0001 ingress[2]" not in said


@pytest.mark.parametrize(
    ("clients", "told"),
    [
        ("8.0.0.0/7", {"sg-node0001 ingress"}),
        ("8.0.0.0/8", set()),
        ("8.0.0.0/8,16.0.0.0/7", {"sg-node0001 ingress"}),
    ],
)
def test_what_is_asked_for_wider_than_a_slash_8_is_said_to_open_the_group(fixed, clients: str, told: set) -> None:
    said = fixed(f"ACCEPT TCP {CLIENTS} 30713", clients=clients)

    warned = {line.split(" opens ")[0] for line in said.splitlines() if "to the world" in line}
    assert warned == told


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--from", "203.0.113.0/33"], "A block of --from is '203.0.113.0/33'"),
        (["--from", "203.0.113.0/24,"], "--from has an empty block"),
        (["--from", "2001:db8::/64"], "No client of 192.0.2.10 is in 2001:db8::/64"),
        (["--from", "203.0.113.0/24,2001:db8::/64"], "No client of 192.0.2.10 is in 2001:db8::/64"),
        (["--from", "203.0.113.0/24,10.0.35.11"], "No client of 192.0.2.10 is in 10.0.35.11/32"),
        (["--from", "203.0.113.5/2"], "is '203.0.113.5/2', which is inside 192.0.0.0/2. Write 192.0.0.0/2"),
        (["--from", "203.0.113.0/24", "--nodes", "10.0.35.11/24"], "which is inside 10.0.35.0/24"),
        (["--from", "203.0.113.0/255.255.255.0"], "A block of --from is '203.0.113.0/255.255.255.0'"),
        (["--from", "203.0.113.0/24", "--nodes", "x"], "A block of --nodes is 'x'"),
        (["--from", "203.0.113.0/24", "--service", "a/b"], "no Service 'a/b'"),
        (["--from", "203.0.113.0/24", "--port", "0"], "The port is 0"),
    ],
)
def test_bad_input_is_one_line(snapshot, given: list[str], message: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["fix", snapshot("group-2"), *given]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert said.err.count("\n") == 1


def test_a_subnet_that_cannot_be_read_is_one_line(snapshot, capsys: pytest.CaptureFixture) -> None:
    broken = snapshot("group-3", subnets=[{"SubnetId": "subnet-1", "CidrBlock": "10.0.0.0/99"}])
    assert main(["fix", broken, "--from", "203.0.113.0/24"]) == 2

    assert "A subnet in the snapshot is '10.0.0.0/99'" in capsys.readouterr().err


def test_a_line_that_a_terminal_would_cut_is_in_the_json_only(snapshot, capsys: pytest.CaptureFixture) -> None:
    """A hundred blocks of clients make a call of ten thousand characters."""
    groups = faults.open_fault("group-2").to_dict()["security_groups"]
    groups["sg-clb00001"]["SecurityGroupPolicySet"]["Ingress"] = []
    asked = ["fix", snapshot("group-2", security_groups=groups)]
    asked += [word for number in range(100) for word in ("--from", f"198.51.{number}.0/31")]
    main([*asked, "--json"])
    lines = json.loads(capsys.readouterr().out)["tccli"]
    main([*asked, "--lang", "en"])
    said = capsys.readouterr().out

    long = [line for line in lines if len(line) > 4_000]
    assert long
    assert all(line not in said for line in long)
    assert said.count("# This command is not printed: it has more than the 4000 bytes") == len(long)
    assert max(map(len, said.split("\n"))) < 4_095


def closed_database(tmp_path: Path) -> str:
    document = two_workloads()
    document["security_groups"]["sg-mysql001"]["SecurityGroupPolicySet"]["Ingress"] = []
    path = tmp_path / "two.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_a_connection_is_repaired_on_the_end_that_drops_it(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    asked = ["fix", closed_database(tmp_path), "--from", "pod/shop/web-1", "--to", "svc/db/mysql"]

    assert main([*asked, "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "pod/shop/web-1 -> TCP svc/db/mysql:3306"
    assert "  1. sg-mysql001 ingress: add at the bottom: ACCEPT TCP 10.0.36.11 3306" in lines
    assert main([*asked, "--lang", "zh"]) == 0
    assert "规则写的是当前的地址" in capsys.readouterr().out
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["question"]["door"], told["works"]) == ("drilllib/fix/1", "svc/db/mysql", True)
    assert [each["group"] for each in told["changes"]] == ["sg-mysql001"]
    assert (told["before"]["verdict"], told["after"]["verdict"]) == ("unreachable", "reachable")


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (["--to", "pod/db/mysql-0", "--port", "80"], 3, "Whether it is enough is not known"),
        (["--to", "pod/db/mysql-0", "--vip", "192.0.2.1"], 2, "--to and --vip do not go together"),
        (["--to", "pod/db/mysql-0", "--port", "3306", "--from", "node/node-a"], 2, "--from was given 2 times"),
        (["--to", "pod/db/none", "--port", "3306"], 2, "has no Pod"),
    ],
)
def test_what_cannot_be_repaired_for_a_connection(
    tmp_path: Path, given: list[str], status: int, words: str, capsys: pytest.CaptureFixture
) -> None:
    assert main(["fix", closed_database(tmp_path), "--from", "pod/shop/web-1", *given, "--lang", "en"]) == status
    assert words in "".join(capsys.readouterr())


def test_a_connection_is_asked_of_a_snapshot_alone(capsys: pytest.CaptureFixture) -> None:
    assert main(["fix", "web", "--from", "pod/shop/web-1", "--to", "svc/db/mysql", "--lang", "en"]) == 2
    assert "--to asks about a snapshot" in capsys.readouterr().err
