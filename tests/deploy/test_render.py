"""`drill render` as a terminal sees it: from Terraform's outputs to files, and one line for every mistake."""

import base64
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from configuration import FOLDER

from drilllib.cli import main
from drilllib.deploy import manifests

VALUES = {
    "region": "ap-guangzhou",
    "cluster_id": "cls-abcd1234",
    "clb_security_group": "sg-clb00001",
    "node_security_group": "sg-node0001",
    "pod_security_group": "sg-pod00001",
    "node_label": "drill",
    "front_label": "front",
    "back_label": "back",
    "client_block": "203.0.113.0/24",
    "node_subnet": "10.0.35.0/24",
    "listener_port": 80,
    "node_port": 30713,
    "pod_port": 80,
}
BY_HAND = [f"--set={name}={value}" for name, value in VALUES.items() if manifests.VALUES[name].default is None]
NAMES = {
    "namespace.yaml", "deployment.yaml", "service-http.yaml", "service-tcp.yaml", "eniipamd.json", "eniipamd-off.json",
}  # fmt: skip


def document(**changes: object) -> dict[str, object]:
    """What `terraform output -json` prints; a change of None takes an output away."""
    values = {name: value for name, value in {**VALUES, **changes}.items() if value is not None}
    return {
        name: {"sensitive": False, "type": "number" if isinstance(value, int) else "string", "value": value}
        for name, value in values.items()
    }


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def render(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    """Run `drill render` with a text on standard input; the status, what was printed, and what was complained of."""

    def run(*arguments: str, text: object = "") -> tuple[int, str, str]:
        data = (text if isinstance(text, str) else json.dumps(text)).encode()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = main(["render", *arguments])
        return status, *capsys.readouterr()

    return run


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_terraforms_outputs_become_the_manifests(render, here: Path) -> None:
    status, printed, _ = render("-", text=document())

    assert status == 0
    assert files(here / "rendered").keys() == NAMES | {".drill-render.json"}
    assert all(f"wrote rendered/{name}\n" in printed for name in NAMES)


def test_a_file_a_pipe_and_values_by_hand_give_the_same_bytes(render, here: Path) -> None:
    """Three ways in, one drill."""
    (here / "outputs.json").write_text(json.dumps(document()))
    render("-", "--out", "piped", text=document())
    render("outputs.json", "--out", "read")
    render(*BY_HAND, "--out", "by-hand")

    assert files(here / "piped") == files(here / "read") == files(here / "by-hand")


def test_twice_is_byte_for_byte_once(render, here: Path) -> None:
    """A script may run it every time."""
    render("-", text=document())
    before = files(here / "rendered")
    status, printed, _ = render("-", text=document())

    assert status == 0
    assert files(here / "rendered") == before
    assert "rendered is up to date; nothing was written" in printed
    assert "wrote" not in printed.replace("nothing was written", "")


def test_new_outputs_replace_what_was_rendered_before(render, here: Path) -> None:
    """After another terraform apply all ids are new."""
    render("-", text=document())
    status, printed, _ = render("-", text=document(pod_security_group="sg-new00001"))

    assert status == 0
    assert re.findall(r"wrote (.*)", printed) == ["rendered/eniipamd.json"]
    assert "sg-new00001" in (here / "rendered" / "eniipamd.json").read_text()


def test_an_edited_manifest_is_never_overwritten(render, here: Path) -> None:
    render("-", text=document())
    (here / "rendered" / "deployment.yaml").write_text("mine")
    before = files(here / "rendered")
    status, printed, complaint = render("-", text=document(node_port=31000))

    assert (status, printed) == (2, "")
    assert complaint == (
        "drill render: rendered has deployment.yaml, edited or not written by drilllib. "
        "Move them away or name another folder; nothing was written.\n"
    )
    assert files(here / "rendered") == before


def test_an_output_of_your_own_is_named_and_not_used(render) -> None:
    status, printed, _ = render("-", text=document(extra="x"))
    assert status == 0
    assert printed.startswith("not used: the outputs extra\n")


def test_a_value_by_hand_wins(render, here: Path) -> None:
    status, *_ = render("-", "--set", "node_port=31234", "--set", "image=nginx:stable", text=document())
    assert status == 0
    assert "nodePort: 31234" in (here / "rendered" / "service-tcp.yaml").read_text()
    assert 'image: "nginx:stable"' in (here / "rendered" / "deployment.yaml").read_text()


PLAIN = 'clb_security_group = "sg-clb00001"\nnode_port = 30713\n'
NONE = "╷\n│ Warning: No outputs found\n│ \n╵\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Standard input is empty. Give it what terraform -chdir=terraform output -json prints."),
        ("{}", "Standard input has no outputs: nothing was applied. Run terraform apply first."),
        (NONE, "says that there are no outputs. Run terraform apply first."),
        (PLAIN, "is what terraform output prints without -json. Give it"),
        ('"sg-clb00001"', "holds 'sg-clb00001', which is not all outputs. Give it"),
        ("[1]", "holds [1], which is not all outputs"),
        ("{", "is not JSON: Expecting property name enclosed in double quotes at line 1 column 2. Give it"),
        ("[" * 100_000, "nests too deeply"),
        ({"version": 4, "terraform_version": "1.11.4", "outputs": document()}, "is a state or a plan of Terraform"),
        ({"region": "ap-guangzhou"}, "The output region is 'ap-guangzhou', without a value. Give it"),
        ({"region": {"sensitive": True, "type": "string", "value": "x"}}, "The output region is marked sensitive"),
        (document(node_port=30713.5), "The output node_port is 30713.5, not text or a whole number. Repair outputs.tf"),
        (document(node_port=True), "The output node_port is True, not text"),
        (document(clb_security_group=["sg-a"]), "The output clb_security_group is ['sg-a'], not text"),
        ({**document(), "pod_port": {"value": None}}, "The output pod_port is None, not text"),
        (
            document(clb_security_group=None, node_port=None),
            "The outputs lack clb_security_group, node_port. Apply this version's files",
        ),
        (document(clb_security_group="sg-CLB00001"), "clb_security_group is 'sg-CLB00001'. It must be sg- and 8 lower"),
        (document(pod_security_group="sg-pod1"), "pod_security_group is 'sg-pod1'. It must be"),
        (document(node_security_group="sg-node0001\n"), r"node_security_group is 'sg-node0001\n'. It must be"),
        (document(cluster_id="cls-x"), "cluster_id is 'cls-x'. It must be cls- and 8"),
        (document(region="Guangzhou"), "region is 'Guangzhou'. It must be a region such as ap-guangzhou"),
        (document(node_port=80), "node_port is '80'. It must be a whole number from 30000 to 32767"),
        (document(listener_port="080"), "listener_port is '080'. It must be a whole number from 1 to 65535"),
        (document(pod_port=65536), "pod_port is '65536'. It must be"),
        (document(front_label="a b"), "front_label is 'a b'. It must be letters, digits"),
        (document(node_label='x": "y'), "node_label is 'x\": \"y'. It must be letters, digits"),
        (
            document(client_block="203.0.113.10"),
            "client_block is '203.0.113.10'. It must be an IPv4 block with its first",
        ),
        (document(client_block="203.0.113.10/24"), "client_block is '203.0.113.10/24'. It must be an IPv4 block"),
        (document(node_subnet="10.0.35.0/24; x"), "node_subnet is '10.0.35.0/24; x'. It must be an IPv4 block"),
        (document(front_label="back"), "front_label and back_label are both 'back'. Give the node"),
    ],
)
def test_a_wrong_input_is_one_line_and_writes_nothing(text: object, words: str, render, here: Path) -> None:
    """The line names the thing, the value found and the next move."""
    status, printed, complaint = render("-", text=text)

    assert (status, printed) == (2, "")
    assert words in complaint
    assert complaint.startswith("drill render: ")
    assert complaint.count("\n") == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "There is no value for region, cluster_id, clb_security_group, node_security_group, pod_security_group."),
        (BY_HAND[1:], "There is no value for region. Give --set NAME=VALUE for each"),
        ([*BY_HAND, "--set=nodeport=1", "--set=x=1"], "There is no value called 'nodeport', 'x'. Use one of region,"),
        ([*BY_HAND, "--set=node_port"], "The value is 'node_port'. Write --set NAME=VALUE."),
        ([*BY_HAND, "--set=node_port="], "The value is 'node_port='. Write --set NAME=VALUE."),
        ([*BY_HAND, "--set=image=nginx 1"], "image is 'nginx 1'. It must be an image such as nginx:1.27."),
        ([*BY_HAND, '--set=image=x"\n  y: z'], "image is "),
        (["missing.json"], "'missing.json' cannot be read: No such file or directory. Check the path."),
        (["--terraform", "t", "-"], "--terraform was given with FILE, --set or --out. Write the Terraform files first"),
        (["--terraform", "t", "--out", "o"], "--terraform was given with FILE, --set or --out."),
    ],
)
def test_wrong_arguments_are_one_line_and_write_nothing(arguments: list[str], words: str, render, here: Path) -> None:
    status, printed, complaint = render(*arguments)

    assert (status, printed) == (2, "")
    assert words in complaint
    assert complaint.count("\n") == 1
    assert list(here.iterdir()) == []


def test_utf_16_is_one_line(render, here: Path) -> None:
    """PowerShell's > writes it."""
    (here / "outputs.json").write_bytes(json.dumps(document()).encode("utf-16"))
    status, _, complaint = render("outputs.json")
    assert status == 2
    assert "is not UTF-8 text" in complaint


def test_a_folder_that_cannot_be_made_is_one_line(render, here: Path) -> None:
    (here / "rendered").write_text("mine")
    status, _, complaint = render(*BY_HAND)

    assert status == 2
    assert complaint == "drill render: The folder 'rendered' cannot be made: File exists. Name another folder.\n"


def test_interrupted_it_leaves_no_half_written_files(render, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    status, _, complaint = render(*BY_HAND)

    assert (status, complaint) == (130, "drill render: interrupted\n")
    assert list((here / "rendered").iterdir()) == []


@pytest.mark.parametrize("text", ["a: ${unheard_of}", "a: $", "a: ${}"])
def test_a_template_with_a_name_that_is_no_value_is_refused(text: str, render, monkeypatch) -> None:
    """Whatever a template asks for and does not get must not reach a cluster."""
    monkeypatch.setattr(manifests, "_texts", lambda *_: {"x.yaml": text})
    status, _, complaint = render(*BY_HAND)
    assert status == 2
    assert "The template x.yaml has a placeholder that is no value" in complaint


def test_an_installation_without_templates_says_so(render, monkeypatch) -> None:
    monkeypatch.setitem(manifests._MARKERS, "manifests", "nowhere.yaml")
    status, _, complaint = render(*BY_HAND)
    assert status == 2
    assert "has no manifests beside" in complaint


def test_the_terraform_files_are_written_for_whoever_has_only_the_wheel(render, here: Path) -> None:
    status, printed, _ = render("--terraform", "tf")
    (here / "tf" / "terraform.tfvars").write_text("mine")
    again, printed_again, _ = render("--terraform", "tf")

    shipped = {path.name: path.read_bytes() for path in [*FOLDER.glob("*.tf"), FOLDER / "terraform.tfvars.example"]}
    written = files(here / "tf")
    assert status == again == 0
    assert {name: written[name] for name in written.keys() - {".drill-render.json", "terraform.tfvars"}} == shipped
    assert "terraform -chdir=tf init" in printed
    assert "tf is up to date; nothing was written" in printed_again


def test_what_lies_beside_the_terraform_files_is_never_handed_on(render, here: Path, monkeypatch) -> None:
    """In a checkout that was used these are secrets and a very large program."""
    used = here / "checkout"
    shutil.copytree(FOLDER, used / "terraform", ignore=shutil.ignore_patterns(".terraform"))
    for name in (
        "terraform.tfvars",
        "more.auto.tfvars",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "plan.tfplan",
    ):
        (used / "terraform" / name).write_text("secret")
    monkeypatch.setattr(manifests, "__file__", str(used / "drilllib" / "deploy" / "manifests.py"))
    render("--terraform", "tf")

    assert (here / "tf" / "versions.tf").exists()
    assert not any(b"secret" in data for data in files(here / "tf").values())


def test_the_commands_name_files_that_were_written(render, here: Path) -> None:
    """They are there to be pasted."""
    _, printed, _ = render("-", "--out", "my drill", text=document())
    named = set(re.findall(r"'my drill'/([\w.-]+)", printed))
    made_by_them = set(re.findall(r"> 'my drill'/([\w.-]+)", printed))

    assert named - made_by_them <= files(here / "my drill").keys()
    assert len(made_by_them) == 4
    assert {"eniipamd.json", "eniipamd-off.json", "namespace.yaml", "deployment.yaml", "service-http.yaml"} <= named


@pytest.mark.parametrize("arguments", [("-",), ("--terraform", "tf")])
def test_comments_have_lines_of_their_own_and_nothing_that_a_shell_reads(arguments: tuple[str, ...], render) -> None:
    """Typed into zsh, they would be arguments of the command before them, and an apostrophe would begin a quote."""
    _, printed, _ = render(*arguments, text=document() if arguments == ("-",) else None)
    lines = [line.strip() for line in printed.splitlines() if line.startswith("  ")]
    comments = [line for line in lines if line.startswith("#")]

    assert [line for line in lines if line not in comments and re.search(r"\s#", line)] == []
    assert [line for line in comments if not re.fullmatch(r"# [\w ,.:=-]+", line)] == []
    assert comments


def test_the_addon_is_given_the_setting_as_one_line_of_base64(render, here: Path) -> None:
    """The shell does the encoding, so the shell is asked."""
    _, printed, _ = render("-", "--out", "my drill", text=document())
    commands = re.findall(r"--RawValues (\"\$\(.*?\)\")", printed)
    names = ["eniipamd.json", "eniipamd-off.json"]

    assert len(commands) == 2
    for command, name in zip(commands, names, strict=True):
        run = subprocess.run(["sh", "-c", f"printf %s {command}"], cwd=here, capture_output=True, text=True, check=True)
        assert "\n" not in run.stdout
        assert base64.b64decode(run.stdout) == (here / "my drill" / name).read_bytes()


def test_what_is_made_last_is_taken_away_first(render) -> None:
    """A group that is still bound cannot be deleted, and a Service left behind keeps its paid load balancer."""
    _, printed, _ = render("-", text=document())
    steps = [
        "tke UpdateAddon",
        "namespace.yaml -f",
        "rollout status",
        "apply -f rendered/service-http.yaml",
        "afterwards",
    ]
    places = [printed.index(step) for step in steps]
    clean_up = printed[places[-1] :]
    order = ["service-http.yaml", "deployment.yaml", "namespace.yaml", "eniipamd-off.json", "destroy"]

    assert places == sorted(places)
    assert [clean_up.index(step) for step in order] == sorted(clean_up.index(step) for step in order)
