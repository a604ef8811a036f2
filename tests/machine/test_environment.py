"""What a process that we start learns of our environment: a list, and nothing that is not on it."""

import pytest

from drilllib.cloud.shell.wrappers import TERRAFORM
from drilllib.machine import environment

NAMES = (
    *("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"),
    *("KUBECONFIG", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "VAULT_TOKEN", "TF_TOKEN_app_terraform_io"),
    *("HTTP_PROXY", "https_proxy", "ALL_PROXY", "no_proxy", "SSH_AUTH_SOCK", "JUPYTER_TOKEN", "PIP_INDEX_URL"),
    *("BASH_ENV", "ENV", "PYTHONSTARTUP", "TF_CLI_ARGS", "LESSOPEN", "HISTFILE", "PROMPT_COMMAND"),
)
SECRETS = dict.fromkeys(NAMES, "HUNTER2")
KEPT = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "EDITOR": "vi", "KUBE_EDITOR": "nano", "NO_COLOR": "1"}


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SECRETS, **KEPT, "TF_VAR_region": "ap-guangzhou"}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("who", ["SHELL", "PYTHON", "COURSE", "CLIENT"])
def test_nothing_secret_is_on_a_list(who: str) -> None:
    given = environment.handed_on(*getattr(environment, who), *TERRAFORM)

    assert "HUNTER2" not in given.values()


def test_what_a_shell_needs_is_handed_on() -> None:
    given = environment.handed_on(*environment.SHELL, *TERRAFORM)

    assert {name: given[name] for name in KEPT} == KEPT
    assert given["TF_VAR_region"] == "ap-guangzhou"


def test_more_is_handed_on_by_name_where_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_KEEP", "PIP_INDEX_URL, AWS_*")
    given = environment.handed_on(*environment.SHELL)

    assert sorted(name for name in given if name in SECRETS) == ["AWS_SECRET_ACCESS_KEY", "PIP_INDEX_URL"]


def test_search_paths_lose_the_current_folder_by_whatever_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", ":.:/usr/bin:bin:./x::/bin:")
    monkeypatch.setenv("PYTHONPATH", ":/opt/lib")
    monkeypatch.setenv("LD_LIBRARY_PATH", ".")
    given = environment.handed_on(*environment.COURSE)

    assert (given["PATH"], given["PYTHONPATH"]) == ("/usr/bin:/bin", "/opt/lib")
    assert "LD_LIBRARY_PATH" not in given
    assert environment.search_path() == "/usr/bin:/bin"

    monkeypatch.setenv("PATH", "")
    assert environment.handed_on()["PATH"] == environment.search_path() == environment.USUAL_PATH
