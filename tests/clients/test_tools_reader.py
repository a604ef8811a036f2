"""The user's own kubectl and tccli: what they say when they end badly, and what is never taken for an answer."""

from pathlib import Path

import pytest

from drilllib.clients.parallel import Until
from drilllib.clients.tools import ToolsReader, of_kubectl, of_tccli
from drilllib.core.capture.asks import CloudCall, KubernetesRead, RefusalKind
from drilllib.errors import MissingToolError
from tests.clients.stubs import SECRET_KEY
from tests.waits import PATIENCE_S

NODES = KubernetesRead("", "v1", "nodes", "Node")
INTERFACES = CloudCall.of("vpc", "2017-03-12", "DescribeNetworkInterfaces", Limit=2)
EMPTY = '{"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"resourceVersion": ""}}'
FORBIDDEN = (
    'Error from server (Forbidden): nodes is forbidden: User "100012345678-1" cannot list resource "nodes" in API group'
    ' "" at the cluster scope'
)
DENIED = (
    "[TencentCloudSDKException] code:UnauthorizedOperation message:you are not authorized to perform operation "
    "(cvm:DescribeInstances) resource (qcs::cvm:gz:uin/100012345678:instance/*) has no permission requestId:r-1"
)


def reader(folder: Path, *, kubectl: str = "exit 1", tccli: str = "exit 1", region: str = "") -> ToolsReader:
    """A reader that finds these scripts on PATH."""
    for name, script in (("kubectl", kubectl), ("tccli", tccli)):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o700)
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "TENCENTCLOUD_SECRET_KEY": SECRET_KEY}
    return ToolsReader(region, Until(PATIENCE_S), environment, permission=lambda _: "list nodes")


def saying(text: str, code: int = 1, *, printed: str = "") -> str:
    """A script that prints *printed*, says *text* on its standard error, and ends with *code*."""
    return f"cat <<'X'\n{printed}\nX\ncat >&2 <<'X'\n{text}\nX\nexit {code}"


def test_an_empty_list_that_a_refused_kubectl_prints_is_no_answer(tmp_path: Path) -> None:
    """Taken for one, it would say that the cluster has no nodes."""
    answer = reader(tmp_path, kubectl=saying(FORBIDDEN, printed=EMPTY)).kubernetes(NODES)

    assert answer.pages == ()
    assert answer.refusal is not None
    assert (answer.refusal.kind, answer.refusal.permission) == (RefusalKind.FORBIDDEN, "list nodes")
    assert "100012345678" not in repr(answer)


def test_an_empty_list_of_a_kubectl_that_ends_well_is_whole(tmp_path: Path) -> None:
    answer = reader(tmp_path, kubectl=saying("", 0, printed=EMPTY)).kubernetes(NODES)

    assert (answer.whole, answer.pages[0]["items"]) == (True, [])


def test_a_refusal_of_tccli_names_the_action_and_hides_the_account(tmp_path: Path) -> None:
    answer = reader(tmp_path, tccli=saying(DENIED, 255)).cloud(INTERFACES)

    assert answer.refusal is not None
    assert (answer.refusal.permission, answer.refusal.request_id) == ("cvm:DescribeInstances", "r-1")
    assert "100012345678" not in repr(answer)


def test_a_key_that_a_tool_prints_is_hidden(tmp_path: Path) -> None:
    answer = reader(tmp_path, tccli='echo "bad key: $TENCENTCLOUD_SECRET_KEY" >&2; exit 2').cloud(INTERFACES)

    assert answer.refusal is not None
    assert answer.refusal.message == "bad key: ***"


def test_pages_of_tccli_are_put_together(tmp_path: Path) -> None:
    """It reads one page a command."""
    first = '{"TotalCount": 3, "NetworkInterfaceSet": [{"NetworkInterfaceId": "a"}, {"NetworkInterfaceId": "b"}]}'
    second = '{"TotalCount": 3, "NetworkInterfaceSet": [{"NetworkInterfaceId": "c"}]}'
    script = f"case \"$*\" in *Offset*) echo '{second}';; *) echo '{first}';; esac"
    tools = reader(tmp_path, tccli=script)
    answer = tools.cloud(INTERFACES)

    assert ([len(each["NetworkInterfaceSet"]) for each in answer.pages], answer.whole) == ([2, 1], True)
    assert tools.calls == 2


@pytest.mark.parametrize(
    ("said", "code", "again"),
    [
        (FORBIDDEN, "Forbidden", False),
        ('Error from server (NotFound): services "web" not found', "NotFound", False),
        ('error: the server doesn\'t have a resource type "nodeeniconfigs"', "NotFound", False),
        ("Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout", "Unreachable", False),
        (
            "The connection to the server 127.0.0.1:9 was refused - did you specify the right host or port?",
            "Unreachable",
            False,
        ),
        ("error: You must be logged in to the server (Unauthorized)", "Unauthorized", False),
        ("Error from server (TooManyRequests): slow down", "TooManyRequests", True),
        ("something else", "kubectl", False),
        ("", "kubectl", False),
    ],
)
def test_what_kubectl_says(said: str, code: str, again: bool) -> None:
    found = of_kubectl(said)

    assert (found.code, found.again) == (code, again)


@pytest.mark.parametrize(
    ("said", "code", "again"),
    [
        (DENIED, "UnauthorizedOperation", False),
        (
            "[TencentCloudSDKException] code:RequestLimitExceeded message:slow down requestId:r",
            "RequestLimitExceeded",
            True,
        ),
        ("[TencentCloudSDKException] code:ClientNetworkError message:refused requestId:None", "Unreachable", True),
        ("usage: tccli", "tccli", False),
    ],
)
def test_what_tccli_says(said: str, code: str, again: bool) -> None:
    found = of_tccli("vpc", said)

    assert (found.code, found.again) == (code, again)


def test_no_tool_of_the_current_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that somebody looks into may have a program of that name."""
    reader(tmp_path)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(MissingToolError):
        ToolsReader("", Until(PATIENCE_S), {"PATH": f".::{tmp_path / 'nothing'}"})


def test_a_tool_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingToolError, match="kubectl is not on PATH"):
        ToolsReader("", Until(PATIENCE_S), {"PATH": str(tmp_path)})


def test_two_first_starts_of_tccli_that_collide_are_tried_again() -> None:
    """Each makes the folder of its log where there is none; another traceback of it stays one."""
    said = "Traceback (most recent call last):\nFileExistsError: [Errno 17] File exists: '/home/me/.tccli/log'\n"

    assert of_tccli("clb", said).again
    assert not of_tccli("clb", said.replace("FileExistsError", "KeyError")).again
