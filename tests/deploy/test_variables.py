"""The variables take what the cloud takes, by our reading of the language and by Terraform's own where there is one."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import hcl
import pytest
from configuration import FILES, FOLDER, REQUIRED, outputs, scope, variables

from drilllib.deploy import manifests
from tests.waits import PATIENCE_S


def test_every_variable_has_a_type_a_description_and_a_check() -> None:
    """Whoever fills in terraform.tfvars has nothing else to go by."""
    for block in FILES.each("variable"):
        (validation,) = block.each("validation")
        assert block.attributes.keys() >= {"type", "description"}, block.labels
        assert hcl.references(validation.attributes["condition"]) == {f"var.{block.labels[0]}"}
        for text in (block.attributes["description"], validation.attributes["error_message"]):
            assert re.fullmatch(r"[A-Za-z].*\.", hcl.evaluate(text, {})), block.labels


VALUES = [
    ("region", "ap-guangzhou", True),
    ("region", "na-siliconvalley", True),
    ("region", "Guangzhou", False),
    ("cluster_id", "cls-xxxxxxx", False),
    ("cluster_id", "cls-xxxxxxxX", False),
    ("cluster_id", "cls-xxxxxxxxx", False),
    ("cluster_id", "x cls-xxxxxxxx", False),
    ("subnet_ids", [], False),
    ("subnet_ids", ["subnet-abcd1234", "vpc-abcd1234"], False),
    ("subnet_ids", ["subnet-abcd12345"], False),
    ("instance_types", ["S5.MEDIUM4", "SA2.LARGE8"], True),
    ("instance_types", ["S5"], False),
    ("clients", ["198.51.100.7/32", "10.0.0.0/8"], True),
    ("clients", [], False),
    ("clients", ["198.51.100.7"], False),
    ("clients", ["198.51.100.7/24"], False),
    ("clients", ["2001:db8::/32"], False),
    ("clients", ["10.0.0.0/8", "10.0.0.0/8"], False),
    ("node_subnets", ["10.0.35.1/24"], False),
    ("cluster_cidrs", [], True),
    ("cluster_cidrs", ["10.0.0.0/33"], False),
    ("listener_port", 65535, True),
    ("listener_port", 0, False),
    ("node_port", 30000, True),
    ("node_port", 32767, True),
    ("node_port", 32768, False),
    ("node_port", 80, False),
    ("pod_port", 65536, False),
    ("name_prefix", "drill-2", True),
    ("name_prefix", "2-drill", False),
    ("drill_state", "healthy", True),
    ("drill_state", "Broken", False),
]


def test_every_variable_is_in_the_table_of_values() -> None:
    assert {name for name, *_ in VALUES} == {block.labels[0] for block in FILES.each("variable")}


@pytest.mark.parametrize(("name", "value", "accepted"), VALUES, ids=lambda value: str(value))
def test_variables_take_what_the_cloud_takes(name: str, value: object, accepted: bool) -> None:
    """A wrong value stops before anything is bought, not after."""
    (block,) = (each for each in FILES.each("variable") if each.labels == (name,))
    (validation,) = block.each("validation")

    assert hcl.evaluate(validation.attributes["condition"], scope(**{name: value})) is accepted


def test_the_defaults_pass_their_own_checks() -> None:
    for block in FILES.each("variable"):
        (validation,) = block.each("validation")
        assert hcl.evaluate(validation.attributes["condition"], scope()) is True, block.labels


def test_the_example_of_tfvars_sets_what_has_no_default() -> None:
    example = hcl.assignments((FOLDER / "terraform.tfvars.example").read_text(encoding="utf-8"))

    assert example.keys() >= REQUIRED.keys()
    assert example.keys() <= variables().keys()


def test_defaults_agree_with_drill_render() -> None:
    """Values by hand and values from Terraform play the same drill."""
    defaults = outputs()
    assert {
        name: str(defaults[name]) for name, value in manifests.VALUES.items() if value.default and name in defaults
    } == {name: value.default for name, value in manifests.VALUES.items() if value.default and name != manifests.IMAGE}


# What a real Terraform says, where there is one. None of this needs the provider, except the last.

terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="no terraform program on this machine")


def run(*arguments: str, folder: Path, text: str = "") -> subprocess.CompletedProcess:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    env |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    command = ["terraform", f"-chdir={folder}", *arguments]
    return subprocess.run(command, env=env, input=text, capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.fixture
def values_only(tmp_path: Path) -> Path:
    """Variables and rules alone: what Terraform can work out without the provider."""
    for name in ("variables.tf", "rules.tf"):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "required.auto.tfvars.json").write_text(json.dumps(REQUIRED))
    return tmp_path


@terraform
def test_terraform_would_format_nothing_else(tmp_path: Path) -> None:
    """Also the example, which has to be a tfvars file to be looked at."""
    for path in FOLDER.glob("*.tf"):
        shutil.copy(path, tmp_path)
    shutil.copy(FOLDER / "terraform.tfvars.example", tmp_path / "terraform.tfvars")
    result = run("fmt", "-check", "-diff", folder=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@terraform
def test_terraform_works_out_the_same_rules(values_only: Path) -> None:
    """The checks above rest on our reading of the language; here is Terraform's own."""
    given = {"clients": ["198.51.100.0/24", "203.0.113.0/24"], "cluster_cidrs": ["10.0.0.0/8"], "node_port": 31234}
    (values_only / "given.auto.tfvars.json").write_text(json.dumps(given))
    result = run("console", folder=values_only, text="jsonencode(local.ingress)\n")

    assert result.returncode == 0, result.stderr
    assert json.loads(json.loads(result.stdout)) == scope(**given)["local"]["ingress"]


@terraform
@pytest.mark.parametrize(("name", "value", "accepted"), VALUES, ids=lambda value: str(value))
def test_terraform_takes_the_same_values(name: str, value: object, accepted: bool, values_only: Path) -> None:
    (values_only / "zz.auto.tfvars.json").write_text(json.dumps({name: value}))
    result = run("plan", "-no-color", "-lock=false", folder=values_only)

    assert (result.returncode == 0) is accepted, result.stderr
    (block,) = (each for each in FILES.each("variable") if each.labels == (name,))
    (validation,) = block.each("validation")
    message = hcl.evaluate(validation.attributes["error_message"], {})
    assert (message in " ".join(result.stderr.split())) is not accepted


@terraform
@pytest.mark.skipif(
    not (FOLDER / ".terraform" / "providers").is_dir(),
    reason="the provider is not in terraform/.terraform; `terraform -chdir=terraform init` fetches it",
)
def test_terraform_and_the_provider_find_it_valid() -> None:
    result = run("validate", "-no-color", folder=FOLDER)
    assert result.returncode == 0, result.stdout + result.stderr
