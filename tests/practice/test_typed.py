"""What is typed is understood as at work; whatever else is typed is answered by one line, never by a traceback."""

import random

import pytest

from drilllib.core.practice.looks import Look, LookKind
from drilllib.errors import DrillError
from drilllib.practice.typed import LONGEST, Typed, Verb, typed
from drilllib.views.phrases.catalog import error_text
from tests.thorough import how_many

CURL, HEALTH, KUBECTL = LookKind.CURL, LookKind.HEALTH, LookKind.KUBECTL
GROUPS, RULES, CAPTURE = LookKind.GROUPS, LookKind.RULES, LookKind.CAPTURE
LOOKS = {
    "curl": (CURL, "client"),
    "$ curl -sS -I -m 5 http://192.0.2.10:8080/": (CURL, "client"),
    "curl from 198.51.100.7": (CURL, "198.51.100.7"),
    "nc -zv 192.0.2.10 8080": (CURL, "client"),
    "telnet 192.0.2.10 8080": (CURL, "client"),
    "curl --interface 198.51.100.7 -v": (CURL, "198.51.100.7"),
    "health": (HEALTH, ""),
    "tccli clb DescribeTargetHealth --LoadBalancerIds '[\"lb-1\"]'": (HEALTH, ""),
    "rules sg-1a2b": (RULES, "sg-1a2b"),
    "sg-1a2b": (RULES, "sg-1a2b"),
    "look rules sg-1a2b": (RULES, "sg-1a2b"),
    "tccli vpc DescribeSecurityGroupPolicies --SecurityGroupId sg-1a2b": (RULES, "sg-1a2b"),
    "groups lb-1": (GROUPS, "lb-1"),
    "ins-1": (GROUPS, "ins-1"),
    "tccli cvm DescribeInstances --InstanceIds '[\"ins-1\"]'": (GROUPS, "ins-1"),
    "kubectl get pods": (KUBECTL, "pods"),
    "kubectl get po -A -o wide": (KUBECTL, "pods"),
    "kubectl -n shop get svc web": (KUBECTL, "services"),
    "kubectl get -n shop ep": (KUBECTL, "endpoints"),
    "k describe no/node-a": (KUBECTL, "nodes"),
    "kubectl pods": (KUBECTL, "pods"),
    "capture node-a": (CAPTURE, "node-a"),
    "capture at node-a": (CAPTURE, "node-a"),
    "tcpdump -ni any -c 3 on shop/web-1": (CAPTURE, "shop/web-1"),
    "ssh node-a tcpdump -ni eth0 tcp port 80": (CAPTURE, "node-a"),
}


@pytest.mark.parametrize("line", LOOKS)
def test_what_one_types_at_work_is_a_look(line: str) -> None:
    found = typed(line)
    assert found is not None
    assert (found.verb, found.look) == (Verb.LOOK, Look(*LOOKS[line]))


def test_the_address_that_curl_asks_is_kept_to_be_checked() -> None:
    assert typed("curl -m 5 http://192.0.2.99 from 198.51.100.7") == Typed(
        Verb.LOOK, ("http://192.0.2.99",), Look(CURL, "198.51.100.7")
    )


@pytest.mark.parametrize(
    ("line", "verb", "words"),
    [
        ("help", Verb.HELP, ()),
        ("?", Verb.HELP, ()),
        ("look", Verb.MENU, ()),
        ("look look look", Verb.MENU, ()),
        ("hint yes", Verb.HINT, ("yes",)),
        ("state nothing", Verb.STATE, ("nothing",)),
        ("insert sg-1 'ACCEPT TCP 10.0.0.0/8 80' at 1", Verb.INSERT, ("sg-1", "ACCEPT TCP 10.0.0.0/8 80", "at", "1")),
        ("rm sg-1 0", Verb.DELETE, ("sg-1", "0")),
        ("finish", Verb.DONE, ()),
        (":q", Verb.QUIT, ()),
    ],
)
def test_the_rest_is_a_verb_and_its_words(line: str, verb: Verb, words: tuple[str, ...]) -> None:
    assert typed(line) == Typed(verb, words)


@pytest.mark.parametrize("line", ["", "   ", "\n", "# a comment", "$ "])
def test_nothing_is_nothing(line: str) -> None:
    assert typed(line) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("frobnicate", "'frobnicate' is not a command here. Type one of curl, health, rules"),
        ("kubectl delete pod web", "kubectl 'delete pod web' is no look. Type kubectl get services|endpoints|"),
        ("kubectl", "kubectl '' is no look"),
        ("tccli vpc CreateSecurityGroup", "tccli 'vpc CreateSecurityGroup' is no look"),
        ("tccli vpc DescribeSecurityGroupPolicies", "is no look. Type rules sg-"),
        ("ssh node-a", "ssh is not to be had here. Type capture HOST"),
        ("rules", "Something is missing in this line. Type rules sg-..."),
        ("capture", "Something is missing in this line. Type capture clb"),
        ("curl from", "Something is missing in this line. Type curl from 198.51.100.7"),
        ("state 'group", "A quote is not closed"),
        ("x" * (LONGEST + 1), f"The line has more than {LONGEST} characters"),
        ("\x1b[2J", r"'\x1b[2J' is not a command here"),
    ],
)
def test_what_cannot_be_is_told_in_one_line_with_what_can(line: str, said: str) -> None:
    with pytest.raises(DrillError) as told:
        typed(line)
    assert said in str(told.value)
    assert str(told.value).isprintable()


WORDS = [
    *(verb.value for verb in Verb),
    *["curl", "kubectl", "tccli", "ssh", "tcpdump", "look", "get", "-n", "from", "--interface", "at", "on", "+", "'"],
    *("sg-1", "lb-", "\x00", "\u202e", "0", "-1", "9" * 30, "'", '"', "\\", "$(reboot)", "日本"),
]


def test_no_line_is_a_traceback() -> None:
    draws = random.Random("typed lines")
    for _ in range(how_many(1_000, thorough=10_000, long=100_000)):
        line = " ".join(draws.choices(WORDS, k=draws.randrange(1, 7)))
        assert understood(line), line


def understood(line: str) -> bool:
    """Is it read, or refused in one line?"""
    try:
        return isinstance(typed(line), Typed | None)
    except DrillError as error:
        return str(error).isprintable()


def test_what_can_be_typed_is_listed_with_the_commas_of_the_language() -> None:
    with pytest.raises(DrillError) as refused:
        typed("blah")
    assert "curl、health、rules" in error_text(refused.value, "zh")
    assert "curl, health, rules" in error_text(refused.value, "en")
    assert ", " not in error_text(refused.value, "zh")
