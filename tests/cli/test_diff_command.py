"""`drill diff` as a terminal sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drilllib.cli import main
from drilllib.core.drills.default_lab import default_lab, policy
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.networks import two_workloads

Write = Callable[[str, Any], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document as JSON, and return the file's name."""

    def written(name: str, document: Any) -> str:
        (tmp_path / name).write_text(json.dumps(document))
        return str(tmp_path / name)

    return written


def group(*ingress: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "1", "Ingress": list(ingress), "Egress": []}


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "shop/web 192.0.2.10:80 TCP",
                "  - 203.0.113.0/24: always -> never",
                "ins-nodea001, ins-nodeb001 ingress",
                "  + TCP 203.0.113.0/24 80",
                "  + TCP 192.0.2.10/32 30713",
                "  - TCP 203.0.113.0/24 30713",
                "+ accepted or reachable now, - no longer, ? not known before or after",
            ],
        ),
        (
            "zh",
            [
                "shop/web 192.0.2.10:80 TCP",
                "  - 203.0.113.0/24：始终可达 -> 不可达",
                "ins-nodea001, ins-nodeb001 入站",
                "  + TCP 203.0.113.0/24 80",
                "  + TCP 192.0.2.10/32 30713",
                "  - TCP 203.0.113.0/24 30713",
                "+ 新放通或变为可达，- 不再放通或不再可达，? 变更前或变更后无法判定",
            ],
        ),
    ],
)
def test_a_fault_is_told_as_what_it_costs(language: str, lines: list[str], write: Write, capsys) -> None:
    before, after = write("before.json", default_lab()), write("after.json", open_fault("group-2").to_dict())
    assert main(["diff", before, after, "--lang", language]) == 1
    assert capsys.readouterr().out.splitlines() == lines


def test_the_same_moment_twice_is_no_difference(write: Write, capsys) -> None:
    lab = write("lab.json", default_lab())
    assert main(["diff", lab, lab, "--lang", "en"]) == 0
    assert capsys.readouterr().out == "No difference.\n"


def test_two_groups_are_compared_in_both_directions(write: Write, capsys) -> None:
    opened = policy("ACCEPT", "TCP", "203.0.113.0/24", "80")
    shut = write("sg-old.json", group())
    both = write("sg-new.json", {"Version": "2", "Ingress": [opened], "Egress": [opened]})
    assert main(["diff", shut, both, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)

    assert told["schema"] == "drilllib/diff/1"
    assert [(each["direction"], each["gained"][0]["source"]) for each in told["accepted"]] == [
        ("ingress", "203.0.113.0/24"),
        ("egress", "203.0.113.0/24"),
    ]
    main(["diff", shut, both, "--lang", "en"])
    assert "sg-old -> sg-new egress\n  + TCP 203.0.113.0/24 80\n" in capsys.readouterr().out


def test_what_nobody_knows_is_marked_with_both_ends(write: Write, capsys) -> None:
    by_name = write("a.json", group({"Protocol": "TCP", "Port": "80", "SecurityGroupId": "sg-x", "Action": "ACCEPT"}))
    by_block = write("b.json", group(policy("ACCEPT", "TCP", "10.0.0.0/8", "80")))
    main(["diff", by_name, by_block, "--lang", "en"])
    assert "  ? TCP 10.0.0.0/8 80: UNDETERMINED -> ACCEPT" in capsys.readouterr().out

    assert main(["diff", by_name, by_block, "--members", "sg-x=10.0.0.0/8"]) == 0


@pytest.mark.parametrize(
    ("language", "fact", "rest"),
    [
        ("en", "Not known: the ingress rules of sg-node0001", "everything else: DROP -> UNDETERMINED"),
        ("zh", "未知：sg-node0001 的入站规则", "其余流量：DROP -> UNDETERMINED"),
    ],
)
def test_the_missing_fact_is_named_and_the_rest_is_one_line(
    language: str, fact: str, rest: str, write: Write, capsys
) -> None:
    """Else a group that was not read leaves thirty lines and no word about why."""
    before, after = default_lab(), default_lab()
    del after["security_groups"]["sg-node0001"]
    names = write("before.json", before), write("after.json", after)
    assert main(["diff", *names, "--lang", language]) == 1
    said = capsys.readouterr().out

    part = said[said.index("ins-nodea001, ins-nodeb001") :].splitlines()
    assert part[2:4] == [f"  ? {rest}", f"  {fact}"]
    assert len(said.splitlines()) < 14
    main(["diff", *names, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["accepted"][0]["gaps"] == ["the ingress rules of sg-node0001"]
    assert "the ingress rules of sg-node0001" in told["services"][0]["gaps"]
    assert len(told["accepted"][0]["other"]) > 20


def test_everything_else_is_not_said_where_something_stays_as_it_was(write: Write, capsys) -> None:
    """The words would be wrong of the flows that fare as before."""
    many = [policy("ACCEPT", "TCP", f"10.0.{2 * n}.0/24", "80") for n in range(9)]
    names = write("a.json", group()), write("b.json", group(*many))
    main(["diff", *names, "--lang", "en"])
    assert "everything else" not in capsys.readouterr().out


def test_resources_of_one_side_are_named(write: Write, capsys) -> None:
    after = default_lab()
    after["instances"].pop()
    names = write("before.json", default_lab()), write("after.json", after)
    main(["diff", *names, "--lang", "en"])
    assert "only before: ins-nodeb001" in capsys.readouterr().out
    main(["diff", *reversed(names), "--lang", "en"])
    assert "only after: ins-nodeb001" in capsys.readouterr().out


def test_a_long_list_is_cut_and_says_so(write: Write, capsys) -> None:
    """Hundreds of lines would bury the few that matter; --json has them all."""
    many = [policy("ACCEPT", "TCP", f"10.0.{2 * n}.0/24", "80") for n in range(30)]
    names = write("a.json", group()), write("b.json", group(*many))
    main(["diff", *names, "--lang", "en"])
    text = capsys.readouterr().out
    assert text.count("  + ") == 20
    assert "    and 10 more; --json has all" in text


def test_a_snapshot_and_a_group_are_not_compared(write: Write, capsys) -> None:
    lab, saved = write("lab.json", default_lab()), write("sg.json", group())
    assert main(["diff", lab, saved]) == 2
    error = capsys.readouterr().err
    assert "is a snapshot and " in error
    assert error.endswith("is a security group. Give two snapshots or two security groups.\n")
    assert main(["diff", lab, lab, "--members", "sg-x=10.0.0.0/8"]) == 2
    assert "--members was given. Leave --members out" in capsys.readouterr().err


def test_connections_inside_are_compared_where_they_are_asked_for(write, capsys: pytest.CaptureFixture) -> None:
    document = two_workloads()
    before = write("before.json", document)
    document["security_groups"]["sg-mysql001"]["SecurityGroupPolicySet"]["Ingress"] = []
    after = write("after.json", document)
    one = ["--to", "pod/db/mysql-0", "--port", "3306"]

    assert main(["diff", before, after, *one, "--lang", "en"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "to TCP pod/db/mysql-0:3306"
    assert "  - node/node-a, pod/shop/web-1: always -> never" in lines
    assert main(["diff", after, before, "--workloads", "--lang", "zh"]) == 1
    assert "访问 TCP svc/db/mysql:3306" in capsys.readouterr().out
    assert main(["diff", before, after, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["doors"] == []


@pytest.mark.parametrize("given", [["--port", "3306"], ["--workloads", "--protocol", "TCP"]])
def test_a_port_without_a_door_is_refused(write, given: list[str], capsys: pytest.CaptureFixture) -> None:
    snapshot = write("before.json", two_workloads())

    assert main(["diff", snapshot, snapshot, *given, "--lang", "en"]) == 2
    assert f"{given[-2]} was given without --to" in capsys.readouterr().err
