"""`drill check` as a terminal sees it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drilllib.cli import main
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.networks import two_workloads

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "expectations.yaml"
SHOP = {"service": "shop/web", "from": ["203.0.113.0/24"]}
Write = Callable[[str, Any], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text, or a document as JSON, and return the file's name."""

    def written(name: str, content: Any) -> str:
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return str(tmp_path / name)

    return written


def expectations(*items: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "drilllib/expectations/1", "expectations": list(items)}


def test_the_example_in_the_documents_holds_in_the_healthy_lab(write: Write, capsys) -> None:
    pytest.importorskip("yaml")
    assert main(["check", write("lab.json", default_lab()), str(EXAMPLE), "--lang", "en"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "of 4: holds 4, FAILS 0, undetermined 0"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "FAILS         1. open to clients",
                "                 203.0.113.10 to shop/web 192.0.2.10:80 TCP: unreachable: no request succeeds  "
                "[TARGET_GROUP_DROPPED: the target node's security group drops it]",
                "                 NodePort node-a (security group 2): ingress TCP from 203.0.113.10, port 30713: "
                "DROP by sg-node0001 ingress[2] DROP ALL 0.0.0.0/0 ALL",
                "FAILS         2. forbid sg-node0001 TCP 80 from 0.0.0.0/0",
                "                 ingress TCP from 203.0.113.10, port 80: ACCEPT by sg-node0001 ingress[0] "
                "ACCEPT TCP 203.0.113.0/24 80",
                "of 2: holds 0, FAILS 2, undetermined 0",
            ],
        ),
        (
            "zh",
            [
                "不成立    1. open to clients",
                "             203.0.113.10 访问 shop/web 192.0.2.10:80 TCP，不可达：所有请求都失败  "
                "[TARGET_GROUP_DROPPED: 被后端节点的安全组丢弃]",
                "             NodePort node-a（安全组 2）：入站 TCP 来自 203.0.113.10，端口 30713："
                "DROP，命中 sg-node0001 ingress[2] DROP ALL 0.0.0.0/0 ALL",
                "不成立    2. forbid sg-node0001 TCP 80 from 0.0.0.0/0",
                "             入站 TCP 来自 203.0.113.10，端口 80：ACCEPT，命中 "
                "sg-node0001 ingress[0] ACCEPT TCP 203.0.113.0/24 80",
                "共 2 条：成立 0，不成立 2，无法判定 0",
            ],
        ),
    ],
)
def test_what_fails_shows_a_case_and_its_rule(language: str, lines: list[str], write: Write, capsys) -> None:
    asked = {"group": "sg-node0001", "protocol": "TCP", "ports": 80, "from": ["0.0.0.0/0"]}
    wanted = write("e.json", expectations({"name": "open to clients", "allow": SHOP}, {"forbid": asked}))
    lab = write("lab.json", open_fault("group-2").to_dict())
    assert main(["check", lab, wanted, "--lang", language]) == 1
    assert capsys.readouterr().out.splitlines() == lines


def test_json_has_the_same_and_every_source(write: Write, capsys) -> None:
    wanted = write("e.json", expectations({"allow": SHOP}))
    assert main(["check", write("lab.json", open_fault("group-2").to_dict()), wanted, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)

    assert told["schema"] == "drilllib/check/1"
    assert (told["holds"], told["fails"], told["undetermined"]) == (0, 1, 0)
    (case,) = told["expectations"][0]["counterexamples"]
    assert case["sources"] == ["203.0.113.0/24"]
    assert case["example"]["client"] == "203.0.113.10"
    assert case["example"]["verdict"] == "unreachable"
    assert case["example"]["blocker"]["group"] == "sg-node0001"


@pytest.mark.parametrize(
    ("unread", "asked", "status"),
    [
        (False, [{"allow": SHOP}], 0),
        (True, [{"allow": SHOP}], 3),
        (True, [{"allow": SHOP}, {"allow": {**SHOP, "from": ["198.51.100.1"]}}], 1),
        (False, [{"forbid": SHOP}], 1),
    ],
    ids=["all hold", "one cannot be told", "one fails besides", "fails"],
)
def test_the_exit_status_tells_failed_from_unknown(unread: bool, asked: list, status: int, write: Write) -> None:
    lab = default_lab()
    if unread:
        del lab["security_groups"]["sg-node0001"]
    assert main(["check", write("lab.json", lab), write("e.json", expectations(*asked))]) == status


def one_line(arguments: list[str], capsys: pytest.CaptureFixture) -> str:
    assert main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "cannot be read as YAML: expected the node content"),
        ("a: 1\na: 2\n", "cannot be read as YAML: the key 'a' is there twice at line 2 column 1. Correct the file."),
        ("- &a [*a]", "cannot be read as YAML: the alias 'a' stands in what it names at line 1 column 7."),
        ("", "The schema of the expectations is None"),
        ("a: \x07", "cannot be read as YAML"),
        ("when: 2024-13-45", "The schema of the expectations is None"),
        ("[" * 5000, "nests too deeply"),
        (
            "!!python/object:os.system {}",
            "the tag '!!python/object:os.system' is not read here at line 1",
        ),
        ("? [a]\n: b", "cannot be read as YAML: a key is a list or an object"),
        ("!!map 3", "cannot be read as YAML"),
        ('{"schema": 1', "is not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(text: str, message: str, write: Write, capsys) -> None:
    pytest.importorskip("yaml")
    assert message in one_line([write("lab.json", default_lab()), write("e.yaml", text)], capsys)


@pytest.mark.parametrize(
    ("asked", "change", "said"),
    [
        (
            {"forbid": {"from": ["0.0.0.0/0"]}},
            [],
            "from 203.0.113.10, port 22: ACCEPT, no security group is bound here",
        ),
        ({"allow": {"from": ["0.0.0.0/0"]}}, ["sg-pod00001"], "port 22: DROP, no rule matched in ins-nodea001"),
        ({"allow": {"from": ["8.0.0.0/8"]}}, ["sg-pod00001"], "from 8.0.0.1, port 22: DROP, no rule"),
    ],
)
def test_a_flow_is_told_in_the_words_of_a_trace(asked: dict, change: list, said: str, write: Write, capsys) -> None:
    """And its address is one that somebody could have, where any will do."""
    document = default_lab()
    document["instances"][0]["SecurityGroupIds"] = change
    ((kind, more),) = asked.items()
    flows = {"interface": "ins-nodea001", "protocol": "TCP", "ports": "22", **more}
    assert (
        main(["check", write("lab.json", document), write("e.json", expectations({kind: flows})), "--lang", "en"]) == 1
    )
    assert said in capsys.readouterr().out


def test_without_pyyaml_json_still_works(write: Write, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool itself needs nothing but Python."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    lab = write("lab.json", default_lab())
    error = one_line([lab, write("e.yaml", "schema: x")], capsys)
    assert "is YAML, and PyYAML is not installed. Install it (pip install pyyaml), or write the file as JSON." in error
    assert main(["check", lab, write("e.json", expectations({"allow": SHOP}))]) == 0
    assert main(["check", lab, write("e.yaml", expectations({"allow": SHOP}))]) == 0


def test_wrong_names_and_files_are_one_line(write: Write, capsys) -> None:
    lab, wanted = write("lab.json", default_lab()), write("e.json", expectations({"allow": {**SHOP, "service": "x"}}))
    assert "Expectation 1: The snapshot has no Service 'default/x'." in one_line([lab, wanted], capsys)
    assert "Standard input can be only one of the files. Name the others." in one_line(["-", "-"], capsys)
    assert "The snapshot's schema is" in one_line([wanted, wanted], capsys)


def test_a_name_cannot_spoil_the_terminal(write: Write, capsys) -> None:
    wanted = write("e.json", expectations({"name": "a\n\x1b[31mb", "allow": SHOP}))
    main(["check", write("lab.json", default_lab()), wanted, "--lang", "en"])
    assert "holds         1. a\\n\\x1b[31mb\n" in capsys.readouterr().out


def test_expectations_between_workloads(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    document = two_workloads()
    snapshot, wanted = tmp_path / "two.json", tmp_path / "wanted.json"
    snapshot.write_text(json.dumps(document))
    about = {"to": "pod/db/mysql-*", "port": 3306}
    items = [
        {"allow": {**about, "from": ["pod/shop/web-*"]}},
        {"name": "no node asks", "forbid": {**about, "from": ["node/*"]}},
    ]
    wanted.write_text(json.dumps({"schema": "drilllib/expectations/1", "expectations": items}))

    assert main(["check", str(snapshot), str(wanted), "--lang", "en"]) == 1
    assert capsys.readouterr().out.splitlines()[:4] == [
        "holds         1. allow pod/db/mysql-* 3306 from pod/shop/web-*",
        "FAILS         2. no node asks",
        "                 node/node-a to TCP pod/db/mysql-0:3306: "
        "reachable: every request succeeds  [DELIVERED: delivered]",
        "                 the same for node/node-b",
    ]
    assert main(["check", str(snapshot), str(wanted), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["expectations"][1]["to"] == "pod/db/mysql-*"
