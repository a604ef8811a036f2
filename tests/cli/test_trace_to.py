"""`drill trace --to`: connections on the command line."""

import json
import shlex
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.drills.networks import two_workloads
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.views.picture.graphviz import renderer


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps(two_workloads()), encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(each) for each in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_connection_is_told_hop_by_hop_with_the_status_of_its_verdict(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("trace", saved, "--from", "pod/shop/web-1", "--to", "pod/db/mysql-0")
    status, out, _ = run(capsys, *asked, "--port", 3306, "--lang", "en")
    assert (status, out.splitlines()[0]) == (0, "TCP pod/db/mysql-0:3306 from pod/shop/web-1: connected")
    assert "  1  Pod       shop/web-1 10.0.36.11\n" in out
    status, out, _ = run(capsys, *asked, "--port", 3307, "--lang", "zh")
    assert (status, "连接超时" in out.splitlines()[0]) == (1, True)
    status, _, _ = run(capsys, *asked[:-1], "198.51.100.7", "--port", 443)
    assert status == 3


def test_an_end_outside_is_called_by_its_address_once(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("trace", saved, "--lang", "en", "--port", 3306, "--from", "203.0.113.10", "--to")
    assert "  1  Outside   203.0.113.10\n" in run(capsys, *asked, "svc/db/mysql")[1]
    asked = (*asked[:-2], "pod/shop/web-1", "--to")
    assert "  2  Outside   198.51.100.7:3306\n" in run(capsys, *asked, "198.51.100.7")[1]


def test_the_json_of_a_connection_names_both_ends(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("trace", saved, "--from", "node/node-a", "--to", "svc/db/mysql", "--json")
    status, out, _ = run(capsys, *asked)
    document = json.loads(out)
    assert (status, document["schema"]) == (0, "drilllib/trace/1")
    assert document["question"] == {"client": "node/node-a", "door": "svc/db/mysql", "port": 3306, "protocol": "TCP"}
    assert [hop["hop"] for hop in document["paths"][0]["hops"]] == ["node", "pod"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "pod/shop/web-9", "--to", "pod/db/mysql-0", "--port", 80), "no Pod 'shop/web-9'"),
        (("--from", "node/node-z", "--to", "pod/db/mysql-0", "--port", 80), "no node 'node-z'"),
        (("--from", "pod/shop/web-1", "--to", "pod/db/mysql-0"), "No port of 'pod/db/mysql-0' was named"),
        (("--from", "203.0.113.10", "--to", "198.51.100.7", "--port", 80), "Neither '203.0.113.10'"),
        (("--to", "pod/db/mysql-0", "--port", 80), "No source was named"),
        (("--from", "pod/shop/web-1", "--to", "pod/db/mysql-0", "--vip", "192.0.2.1"), "--to and --vip"),
        (("--from", "pod/shop/web-1", "--to", "mysql", "--port", 80), "The source or the door is 'mysql'"),
        (("--from", "pod/shop/web-1", "--to", "mysql", "--port", 80), "pod/NAMESPACE/NAME, or for a door also svc/"),
        (("--from", "10.0.0.999", "--to", "pod/db/mysql-0", "--port", 80), "is '10.0.0.999'"),
        (("--from", "svc/db/mysql", "--to", "pod/db/mysql-0", "--port", 80), "is 'svc/db/mysql'"),
        (("--from", "pod/shop/web-1", "--to", "2001:db8::1", "--port", 80), "no address of one family"),
        (("--from", "pod/shop/web-1", "--to", "svc/db/none", "--port", 80), "no Service 'db/none'"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_line(
    saved: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...], said: str
) -> None:
    status, out, err = run(capsys, "trace", saved, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_connection_is_drawn(saved: Path, tmp_path: Path) -> None:
    if renderer() is None:
        pytest.skip("no Graphviz renderer on this machine")
    picture = tmp_path / "way.svg"
    asked = ["--from", "pod/shop/web-1", "--to", "pod/db/mysql-0", "--port", "3306"]

    assert main(["trace", str(saved), *asked, "--svg", str(picture), "--lang", "en"]) in (0, 1)
    assert "TCP pod/db/mysql-0:3306 from pod/shop/web-1" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_an_example_and_what_it_says_to_try_works(name: str, tmp_path: Path, capsys) -> None:
    """The command line's way into lessons 20 to 29."""
    assert main(["example", name, str(tmp_path / "lab")]) == 0
    traced, decided = (shlex.split(line)[1:] for line in capsys.readouterr().out.splitlines()[-2:])

    assert main([*traced, "--lang", "en"]) == 1
    assert ("504" if name == "global-router-clb" else "connect timeout") in capsys.readouterr().out
    assert main([*decided, "--lang", "en"]) == 1
    assert capsys.readouterr().out.startswith("DROP")


def test_the_list_of_examples_has_the_scenarios_and_an_unknown_one_is_told_them(capsys) -> None:
    assert main(["example", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()][-len(SCENARIOS) :] == [*SCENARIOS]
    assert main(["example", "pod-to-moon", "x"]) == 2
    assert "global-router-node" in capsys.readouterr().err
