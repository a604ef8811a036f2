"""Asks as commands: what a shell reads is what was meant, nothing in them writes, and each answer has its own file."""

import json
import re
import shlex
from dataclasses import replace

import pytest

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Ask, CloudCall, KubernetesRead, Wanted
from drilllib.core.capture.commands import argv, command, file_name
from drilllib.core.capture.permissions import NEVER_CALLED
from drilllib.errors import Message
from tests.core.capture_reader import Reader, capture
from tests.core.capture_worlds import cluster
from tests.core.test_capture_calls import MADE

READS = [replace(each, namespace="shop") for each in calls.KUBERNETES_READS]
EVERY: list[Ask] = [*MADE, *READS, *calls.KUBERNETES_READS, *(replace(each, name="web") for each in READS)]


@pytest.mark.parametrize("ask", EVERY, ids=lambda ask: file_name(ask))
def test_a_shell_reads_the_words_that_were_meant(ask: Ask) -> None:
    line = command(ask, "ap-guangzhou")
    assert isinstance(line, str)
    is_add_on = isinstance(ask, CloudCall) and ask.action == "DescribeAddon"
    known = ("-e", "code:ResourceNotFound", "-e", "code:UnauthorizedOperation")
    kept = ["2>&1", "||", "grep", "-q", *known, file_name(ask)] if is_add_on else []
    assert shlex.split(line) == [*argv(ask, "ap-guangzhou"), ">", file_name(ask), *kept, "||", "rm", file_name(ask)]


@pytest.mark.parametrize("ask", EVERY, ids=lambda ask: file_name(ask))
def test_a_command_only_reads(ask: Ask) -> None:
    words = argv(ask)
    if isinstance(ask, KubernetesRead):
        assert words[:2] == ("kubectl", "get")
    else:
        assert words[:3] == ("tccli", ask.service, ask.action)
        assert ask.action.startswith("Describe")
        assert ask.action not in NEVER_CALLED
    assert "json" in words


def test_what_tccli_gets_is_the_request() -> None:
    """Each parameter once; what is no text is JSON, as tccli takes lists."""
    for call in MADE:
        words = list(argv(call, "ap-guangzhou"))
        given = dict(zip(words[3::2], words[4::2], strict=True))
        own = {f"--{name}": value for name, value in call.request.items()}
        expected = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in own.items()
        }
        expected |= {"--region": "ap-guangzhou", "--output": "json"}
        assert {name: text for name, text in given.items() if name != "--version"} == expected


def test_versions_are_said_where_a_service_has_several() -> None:
    assert "2022-05-01" in argv(calls.native_machines("cls-1"))
    assert "--version" not in argv(calls.clusters(["cls-1"]))


def test_a_region_of_its_own_wins() -> None:
    assert "ap-shanghai" in argv(calls.rules_of("sg-1", "ap-shanghai"), "ap-guangzhou")
    assert "--region" not in argv(calls.rules_of("sg-1"))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (calls.rules_of("sg-12345678"), "DescribeSecurityGroupPolicies.sg-12345678.json"),
        (calls.of_balancer("lb-1")[0], "DescribeListeners.lb-1.json"),
        (calls.add_on("cls-1", "eniipamd"), "DescribeAddon.cls-1.eniipamd.json"),
        (replace(calls.PODS, namespace="shop"), "pods.shop.1278abd7.json"),
        (calls.NODES, "nodes.787cb0e5.json"),
        (replace(calls.SERVICES, namespace="shop", name="web"), "services.shop.web.json"),
    ],
)
def test_the_name_of_a_file_says_what_its_answer_is_of(ask: Ask, expected: str) -> None:
    """The answer of a rule list does not name its group."""
    assert file_name(ask) == expected


def test_every_ask_has_a_file_of_its_own() -> None:
    reader = Reader(cluster(250, 400))
    capture(reader, Wanted("shop/web"))
    asks = dict.fromkeys([*(each for asks in reader.rounds for each in asks), *EVERY])
    found = {file_name(each) for each in asks}
    assert len(found) == len(asks)
    assert all(re.fullmatch(r"[A-Za-z][\w.-]{0,120}\.json", each) for each in found)


HOSTILE = (
    "$(rm -rf ~)",
    "a;b",
    "a'b",
    'a"b',
    "a b",
    "`x`",
    "../../etc/passwd",
    "-n",
    "--kubeconfig=x",
    "a\nb",
    "\x1b[2J",
    "",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_one_word_or_are_not_printed(name: str) -> None:
    for ask in (replace(calls.PODS, namespace="shop", name=name), CloudCall.of("vpc", "2017-03-12", "X", Name=name)):
        line = command(ask)
        assert re.fullmatch(r"[\w.-]+\.json", file_name(ask))
        if isinstance(line, Message):
            assert str(line).startswith("#")
        else:
            assert shlex.split(line)[:-5] == list(argv(ask))


def test_two_names_that_look_alike_as_files_are_two_files() -> None:
    a, b = (replace(calls.PODS, namespace="shop", name=name) for name in ("a b", "a;b"))
    assert file_name(a) != file_name(b)
