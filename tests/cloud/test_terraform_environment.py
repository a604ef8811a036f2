"""
What of a caller's environment reaches terraform in `drill shell`: the table of docs/cloud.md, row by row, typed on an
empty machine; and the real terraform with a mirror, a plugin cache and a log, where it is installed.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from tests.cloud.typed import ROOT, Machine, program

PAGE = ROOT / "docs" / "cloud.md"
TELLS = '#!/usr/bin/env python3\nimport os\nfor each in sorted(os.environ.items()):\n    print("=".join(each))\n'
NEEDED = 'terraform {\n  required_providers {\n    none = { source = "example.invalid/lab/none" }\n  }\n}\n'


def rows() -> dict[str, bool]:
    """Each variable that the table names, and whether it is passed on; of a pattern, one that fits."""
    table = PAGE.read_text("utf-8").split("| of your environment |")[1].split("\n\n")[0]
    cells = re.findall(r"^\| (`[A-Z].*) \| (yes|no)", table, re.MULTILINE)
    return {
        name.replace("*", "_x").replace("__", "_"): said == "yes"
        for names, said in cells
        for name in re.findall(r"`([A-Z_*]+)`", names)
    }


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    (tmp_path / "tells.py").write_text(TELLS)
    made = Machine(tmp_path, program(tmp_path / "programs", "terraform", tmp_path / "tells.py"))
    yield made
    made.close()


def test_each_row_of_the_table_is_so(machine: Machine) -> None:
    """What is set in the wrapper is its own; HOME is another, so that no ~/.terraformrc is found there."""
    wanted = rows() | dict.fromkeys(
        ("https_proxy", "ALL_PROXY", "TENCENTCLOUD_SECRET_ID", "AWS_SECRET_ACCESS_KEY"), False
    )
    machine.type("export " + " ".join(f"{name}=of-the-caller" for name in wanted))
    assert machine.type("drill cloud up").status == 0
    said = machine.type("drill shell -- terraform").said
    told = dict(line.partition("=")[::2] for line in said.splitlines())

    assert {name: told.get(name) == "of-the-caller" for name in wanted} == wanted
    assert len(wanted) == 21
    assert told["HTTP_PROXY"].startswith("http://127.0.0.1:")
    assert told["TENCENTCLOUD_DOMAIN"].endswith(".invalid")
    assert {"HTTPS_PROXY", "NO_PROXY"} & set(told) == set()
    assert told["HOME"] != str(machine.home)


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Machine]:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    made = Machine(tmp_path)
    (made.home / "main.tf").write_text(NEEDED)
    yield made
    made.close()


def test_the_real_terraform_uses_the_callers_mirror_log_and_variables(plain: Machine) -> None:
    """An empty mirror, which is where it then says to have looked, and nowhere else."""
    mirror = plain.home / "mirror"
    mirror.mkdir()
    place = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    (plain.home / "settings.tfrc").write_text(place)
    plain.type("export TF_CLI_CONFIG_FILE=$HOME/settings.tfrc TF_LOG=info TF_LOG_PATH=$HOME/terraform.log")
    assert plain.type("drill cloud up").status == 0
    said = plain.type("drill shell -- terraform init -no-color").said

    assert "example.invalid/lab/none was not" in said.replace("\n│ ", " "), said
    assert str(mirror) in said
    assert "[INFO]" in (plain.home / "terraform.log").read_text()


def test_the_real_terraform_uses_the_callers_plugin_cache(plain: Machine) -> None:
    """One that is not there is refused by name."""
    plain.type("export TF_PLUGIN_CACHE_DIR=$HOME/no-such-cache")
    assert plain.type("drill cloud up").status == 0

    assert "no-such-cache" in plain.type("drill shell -- terraform init -no-color").said


def test_the_real_terraform_has_the_callers_variables_and_workspace(plain: Machine) -> None:
    """A configuration without providers, so that it applies without a registry."""
    (plain.home / "main.tf").write_text('variable "x" {}\noutput "x" { value = var.x }\n')
    plain.type("export TF_VAR_x=of-the-caller TF_WORKSPACE=mine TF_DATA_DIR=$HOME/data")
    assert plain.type("drill cloud up").status == 0
    plain.type("drill shell -- terraform init -no-color")

    assert 'x = "of-the-caller"' in plain.type("drill shell -- terraform apply -no-color -auto-approve").said
    assert plain.type("drill shell -- terraform workspace show").said == "mine\n"
    assert not (plain.home / ".terraform").exists()
