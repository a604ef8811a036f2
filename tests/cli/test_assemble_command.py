"""`drill assemble` as a terminal and a script see it: files in, a snapshot and what is still missing out."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

import drilllib
from drilllib import InvalidInputError
from drilllib.cli import main
from drilllib.core.capture.saved import Assembled
from tests.fuzz.running import run

BY_HAND = Path(__file__).parents[1] / "core" / "by_hand"
FILES = [str(path) for path in sorted(BY_HAND.iterdir())]
SERVICE = ("--service", "edge/gateway")
SECRET = "example-secret-value"


def test_sixteen_files_become_a_snapshot_that_is_traced(tmp_path: Path) -> None:
    there = tmp_path / "snapshot.json"
    made = run("assemble", *FILES, *SERVICE, "--out", str(there))

    assert (made.status, made.err) == (0, "")
    assert f"Written: {there}" in made.out
    traced = run("trace", str(there), *SERVICE, "--from", "203.0.113.10")
    assert (traced.status, "whether a NetworkPolicy keeps requests from edge/gateway" in traced.out) == (3, True)

    none = tmp_path / "networkpolicies.edge.216935c8.json"  # which the printed command makes
    none.write_text('{"kind": "List", "apiVersion": "v1", "items": []}')
    run("assemble", *FILES, str(none), *SERVICE, "--out", str(there))
    assert run("trace", str(there), *SERVICE, "--from", "203.0.113.10").status == 0
    assert SECRET not in there.read_text() + made.out


def test_what_is_missing_is_printed_as_commands_that_read(tmp_path: Path) -> None:
    """Without the rules of a group, the health and the pods: each is a line for a shell."""
    left = [name for name in FILES if "sg-node" not in name and "Health" not in name and "pods.yaml" not in name]
    lines = [line for line in run("assemble", *left, *SERVICE).out.splitlines() if " > " in line]
    words = [shlex.split(line) for line in lines]

    assert {each[0] for each in words} <= {"kubectl", "tccli"}
    assert {each[1] if each[0] == "kubectl" else each[2][:8] for each in words} == {"get", "Describe"}
    assert any({"DescribeSecurityGroupPolicies", "sg-node0001"} <= {*each} for each in words)
    assert any({"DescribeTargetHealth", '["lb-f1e2d3c4"]'} <= {*each} for each in words)
    assert any({"pods", "edge"} <= {*each} for each in words)


def test_the_nodes_labels_tell_the_region_before_any_machine_is_read(tmp_path: Path) -> None:
    """As TKE writes it, by its alias; where nothing tells it, --region is named, for a tccli of another region."""
    named, plain = (tmp_path / f"{name}.json" for name in ("named", "plain"))
    nodes = yaml.safe_load((BY_HAND / "nodes.yaml").read_text())
    for file, region in ((named, "gz"), (plain, "")):
        for each in nodes["items"]:
            each["metadata"]["labels"].pop("topology.kubernetes.io/region", None)
            each["metadata"]["labels"] |= {"topology.kubernetes.io/region": region} if region else {}
        file.write_text(json.dumps(nodes))
    others = [name for name in FILES if Path(name).name == "svc.yaml"]

    first, second = (run("assemble", *others, str(each), *SERVICE) for each in (named, plain))
    calls = [line for line in first.out.splitlines() if line.startswith("tccli")]
    assert calls
    assert not [line for line in calls if "--region ap-guangzhou" not in line]
    assert "--region REGION" in second.out
    assert "--region REGION" not in first.out
    assert "--region REGION" in run("assemble", *others, str(plain), *SERVICE, "--commands").err


def test_as_json_it_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assemble", *FILES, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert found["schema"] == "drilllib/assembly/1"
    assert {"kind": "Node", "count": 3, "sources": [str(BY_HAND / "nodes.yaml")], "used": True} in found["understood"]
    assert [each["what"] for each in found["gaps"]] == ["cluster.eniipamd"]
    assert found["withheld"]["Pod.spec.containers.env"] == 2


def test_every_field_that_was_left_out_is_listed_on_demand() -> None:
    assert "Pod.spec.containers.env  2" in run("assemble", *FILES, "--withheld").out


def test_what_is_known_and_not_needed_is_told_as_left_out(tmp_path: Path) -> None:
    """A file that vanished in silence would be given again and again."""
    (tmp_path / "eip.json").write_text('{"AddressSet": [{"AddressId": "eip-1"}], "TotalCount": 1}')
    secret = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "x"}, "data": {"password": SECRET}}
    (tmp_path / "secret.json").write_text(json.dumps(secret))
    found = run("assemble", *FILES, *map(str, sorted(tmp_path.iterdir())))

    assert "DescribeAddresses   1, left out" in found.out
    assert "Secret              1, left out" in found.out


def test_all_answers_may_be_one_file_or_a_stream(tmp_path: Path) -> None:
    """JSON after JSON, and YAML documents, on standard input too."""
    answers = [path for path in FILES if path.endswith(".json") and "sg-" not in path]
    objects = [yaml.safe_load(Path(path).read_text()) for path in FILES if path.endswith(".yaml")]
    (tmp_path / "all.yaml").write_text("---\n".join(map(yaml.safe_dump, objects)))
    given = "\n".join(Path(path).read_text() for path in answers).encode()
    found = run("assemble", "-", str(tmp_path / "all.yaml"), "--json", given=given)

    kinds = {each["kind"]: each["count"] for each in json.loads(found.out)["understood"]}
    assert kinds["Pod"] == 2
    assert kinds["NetworkInterface"] == 6
    assert kinds["Listener"] == 1


def test_an_envelope_and_a_request_beside_it_are_taken(tmp_path: Path) -> None:
    """An SDK's log has `Response` around the answer, and what was asked beside it."""
    rules = json.loads((BY_HAND / "DescribeSecurityGroupPolicies.sg-node0001.json").read_text())
    (tmp_path / "log.json").write_text(json.dumps({"Request": {"SecurityGroupId": "sg-x0000001"}, "Response": rules}))

    assert "sg-x0000001" in drilllib.assemble([tmp_path / "log.json"]).snapshot.groups


def test_rules_without_a_name_are_taken_only_where_one_group_has_none(tmp_path: Path) -> None:
    """Four lists for four groups may be matched in 24 ways: they stay unread, each with how to name it."""
    others = [name for name in FILES if "sg-" not in name]
    for place, name in enumerate(("lb000001", "base0001", "node0001", "pods0001")):
        text = (BY_HAND / f"DescribeSecurityGroupPolicies.sg-{name}.json").read_text()
        (tmp_path / f"{place}.json").write_text(text)
    unnamed = sorted(tmp_path.iterdir())
    found = drilllib.assemble([*others, *unnamed])
    assert not found.snapshot.groups
    assert sum("which group" in str(each.why) for each in found.assembly.gaps) == 4

    named = [name for name in FILES if "sg-" in name and "node0001" not in name]
    alone = drilllib.assemble([*others, *named, unnamed[2]])
    assert alone.snapshot.to_dict()["security_groups"] == drilllib.assemble(FILES).snapshot.to_dict()["security_groups"]
    whys = {each.what: str(each.why) for each in alone.assembly.gaps}
    assert "name it after its group" in whys["security_groups.sg-node0001"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ('{"a": 1}', "is no answer that is known here"),
        ("[1, 2]", "is no answer that is known here"),
        ("\x00\x01", "is not JSON"),
        ('{"kind": "List", "items": [1]}', "has no kind"),
        ('{"kind": "Pod", "metadata": {}}', "no metadata.name"),
        ('{"InstanceSet": 5}', "is no list of objects"),
        ('{"InstanceSet": [{"Placement": {}}]}', "has an object without InstanceId"),
        ('{"a":' * 5000, "nests too deeply"),
    ],
)
def test_a_file_that_is_no_answer_is_one_line_that_names_it(tmp_path: Path, text: str, said: str) -> None:
    """And no snapshot is written, not even a part of one."""
    (tmp_path / "odd.json").write_text(text)
    found = run("assemble", str(tmp_path / "odd.json"), "--out", str(tmp_path / "out.json"))

    assert (found.status, found.objection) == (2, "")
    assert said in found.err
    assert "odd.json" in found.err
    assert not (tmp_path / "out.json").exists()


def test_an_empty_file_and_an_empty_list_are_told_as_not_read(tmp_path: Path) -> None:
    """A tccli that fails prints nothing, a kubectl that is refused an empty List."""
    (tmp_path / "DescribeInstances.json").write_text("")
    (tmp_path / "nodes.json").write_text('{"apiVersion": "v1", "items": [], "kind": "List", "metadata": {}}')
    found = drilllib.assemble([tmp_path / "DescribeInstances.json", tmp_path / "nodes.json"])

    assert "kubernetes" not in found.snapshot.to_dict()
    whys = {each.what.rpartition("/")[2]: str(each.why) for each in found.assembly.gaps}
    assert "the file is empty" in whys["DescribeInstances.json"]
    assert "where it is refused" in whys["nodes.json"]


def test_an_empty_file_under_the_name_of_a_command_is_its_answer(tmp_path: Path) -> None:
    """It failed, and would fail again: it is a gap, and not printed once more."""
    first = drilllib.assemble(FILES, "edge/gateway")
    lines = [str(each) for each in first.commands]
    names = [line.split(" > ")[1].split()[0] for line in lines]
    for name in names:
        (tmp_path / name).write_text("")
    again = drilllib.assemble([*FILES, *(tmp_path / name for name in names)], "edge/gateway")

    assert lines
    assert not {*lines} & {str(each) for each in again.commands}
    assert sum("empty" in str(each.why) for each in again.assembly.gaps) == len(names)


def test_only_a_snapshot_is_ever_replaced(tmp_path: Path) -> None:
    there = tmp_path / "pods.yaml"
    there.write_text("kind: Pod")
    found = run("assemble", *FILES, "--out", str(there))

    assert (found.status, there.read_text()) == (2, "kind: Pod")
    assert "exists and is no snapshot" in found.err


def test_the_snapshot_of_the_last_time_is_no_answer(tmp_path: Path) -> None:
    """`drill assemble *.json --out snapshot.json`, once more."""
    there = str(tmp_path / "snapshot.json")
    assert [run("assemble", *FILES, *given, "--out", there).status for given in ((), (there,))] == [0, 0]


def test_another_snapshot_among_the_files_is_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"schema": "drilllib/snapshot/1"}')
    found = drilllib.assemble([*FILES, tmp_path / "old.json"])

    assert "a snapshot, not an answer" in {str(each.why) for each in found.assembly.gaps}
    assert found.snapshot.groups


def test_without_a_file_the_first_commands_are_printed() -> None:
    found = run("assemble", "--service", "shop/web")

    assert (found.status, run("assemble").status) == (0, 2)
    assert "kubectl get services web --namespace shop --output json" in found.out


def test_a_service_without_a_namespace_is_one_of_default() -> None:
    """As drill diagnose reads the name."""
    assert run("assemble", "--service", "web").out == run("assemble", "--service", "default/web").out


@pytest.mark.parametrize("name", ["DescribeTargets.json", "pods"])
def test_an_answer_in_the_place_of_a_snapshot_leads_here(tmp_path: Path, name: str) -> None:
    answer = json.loads((BY_HAND / name).read_text()) if "." in name else {"kind": "PodList", "items": []}
    (tmp_path / "answer.json").write_text(json.dumps(answer if "kind" in answer else {"Response": answer}))
    found = run("diagnose", str(tmp_path / "answer.json"), *SERVICE, "--from", "203.0.113.10")

    assert (found.status, found.objection) == (2, "")
    assert "drill assemble" in found.err


def test_the_commands_alone_are_for_a_shell() -> None:
    everything, alone = run("assemble", *FILES, *SERVICE), run("assemble", *FILES, *SERVICE, "--commands")

    assert alone.out.splitlines() == [line for line in everything.out.splitlines() if " || rm " in line]


def test_a_field_of_another_type_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"InstanceSet": [{"InstanceId": "ins-1", "PrivateIpAddresses": 7}]}')
    with pytest.raises(InvalidInputError, match="PrivateIpAddresses"):
        drilllib.assemble([tmp_path / "a.json"])


ADD_ON = "DescribeAddon.cls-x9x9x9x9.networkpolicy.json"
NOT_THERE = "[TencentCloudSDKException] code:ResourceNotFound message:addon not found requestId:r\n"
REFUSED = (
    "[TencentCloudSDKException] code:UnauthorizedOperation message:you are not authorized to perform operation "
    "(tke:DescribeAddon) resource (qcs::tke:gz:uin/100000000001:cluster/cls-x9x9x9x9) has no permission requestId:r\n"
)


def with_printed(folder: Path, printed: str) -> Assembled:
    """Everything, with what tccli printed of the add-on that enforces policies."""
    (folder / ADD_ON).write_text(printed)
    return drilllib.assemble([*FILES, folder / ADD_ON], "edge/gateway")


def test_an_add_on_that_is_not_installed_is_known_by_what_tccli_prints(tmp_path: Path) -> None:
    """Its command is printed until then, and never again; nothing is told as not read."""
    assert any(ADD_ON in str(each) for each in drilllib.assemble(FILES, "edge/gateway").commands)
    found = with_printed(tmp_path, NOT_THERE)

    assert not any(ADD_ON in str(each) for each in found.commands)
    assert [each.what for each in found.assembly.gaps] == ["networkpolicies in edge", "cluster.eniipamd"]


def test_a_refused_add_on_is_a_gap_with_its_permission_and_without_the_account(tmp_path: Path) -> None:
    found = with_printed(tmp_path, REFUSED)
    whys = [str(each.why) for each in found.assembly.gaps if "networkpolicy" in each.what]

    assert whys == ["not allowed (UnauthorizedOperation); grant tke:DescribeAddon"]
    assert not any(ADD_ON in str(each) for each in found.commands)
    assert "100000000001" not in str(found.assembly.document)


def test_warnings_before_an_answer_do_not_lose_it(tmp_path: Path) -> None:
    """Python's own warnings go where the error goes."""
    text = json.dumps({"Addons": [{"AddonName": "networkpolicy", "Phase": "Succeeded"}]}, indent=2)
    found = with_printed(tmp_path, f"/usr/lib/x.py:1: DeprecationWarning: [old]\n  warn()\n{text}\n")

    assert found.snapshot.to_dict()["cluster"]["networkpolicy"] == {"enforced": True}


@pytest.mark.parametrize(("printed", "kept"), [(NOT_THERE, True), (REFUSED, True), ("sh: network is down\n", False)])
def test_the_command_keeps_only_an_error_that_is_an_answer(tmp_path: Path, printed: str, kept: bool) -> None:
    """Of a call that failed on its way no file is left, so that it is printed again."""
    (tmp_path / "tccli").write_text(f"#!/bin/sh\necho {shlex.quote(printed.strip())} >&2\nexit 255\n")
    (tmp_path / "tccli").chmod(0o755)
    line = next(str(each) for each in drilllib.assemble(FILES, "edge/gateway").commands if ADD_ON in str(each))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, env=environment, check=False)

    assert (tmp_path / ADD_ON).exists() is kept
    assert not kept or (tmp_path / ADD_ON).read_text() == printed


def test_of_the_code_of_an_error_only_its_words_are_taken(tmp_path: Path) -> None:
    (tmp_path / "error.json").write_text('{"Response": {"Error": {"Code": "AuthFailure.100012345678", "Message": ""}}}')
    found = drilllib.assemble([tmp_path / "error.json"])

    assert [str(each.why) for each in found.assembly.gaps] == ["not allowed (AuthFailure)"]
