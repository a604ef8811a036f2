"""
What is typed while an attempt is played: a line, read as what it means.

Commands that one types at work are read as the look that they are: curl, tcpdump, kubectl get, tccli.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile

from drilllib.core.practice.looks import Look, LookKind
from drilllib.errors import InvalidInputError, UnknownNameError, listed, quoted

LONGEST = 4096  # characters of one line
CLIENT = "client"


class Verb(StrEnum):
    """What can be done, by the word that is typed for it."""

    HELP = "help"
    TICKET = "ticket"
    LOG = "log"
    MENU = "look"
    LOOK = ""  # by the words of `LOOKS`
    HINT = "hint"
    STATE = "state"
    SETTINGS = "settings"
    INSERT = "insert"
    DELETE = "delete"
    MOVE = "move"
    BIND = "bind"
    SET = "set"
    UNDO = "undo"
    SHELL = "shell"
    DONE = "done"
    QUIT = "quit"


_MENUS = ("look", "looks", "l", "menu")
LOOKS = tuple(each.value for each in LookKind)
_SAME = {
    **dict.fromkeys(("?", "h", "man"), Verb.HELP),
    **dict.fromkeys(("history", "evidence"), Verb.LOG),
    **dict.fromkeys(("cause", "diagnose", "diagnosis"), Verb.STATE),
    **dict.fromkeys(("add", "allow"), Verb.INSERT),
    **dict.fromkeys(("rm", "remove"), Verb.DELETE),
    **dict.fromkeys(("mv",), Verb.MOVE),
    **dict.fromkeys(("finish", "grade", "submit"), Verb.DONE),
    **dict.fromkeys(("exit", "q", ":q", "logout"), Verb.QUIT),
}
_KINDS = {
    **dict.fromkeys(("services", "service", "svc"), "services"),
    **dict.fromkeys(("endpoints", "endpoint", "ep", "endpointslices", "endpointslice"), "endpoints"),
    **dict.fromkeys(("pods", "pod", "po"), "pods"),
    **dict.fromkeys(("nodes", "node", "no"), "nodes"),
}
_READS = ("get", "describe")
_ID = re.compile(r"\b(?:sg|lb|ins|eni)-\w+")
_DIRECTIONS = {
    **dict.fromkeys(("in", "ingress", "inbound"), "ingress"),
    **dict.fromkeys(("out", "egress", "outbound"), "egress"),
}
_CALLS = (  # of the API, as tccli has them, and what one sees by them
    (("DescribeSecurityGroupPolicies", "DescribeSecurityGroups"), LookKind.RULES),
    (("DescribeTargetHealth", "DescribeListeners", "DescribeTargets"), LookKind.HEALTH),
    (("DescribeLoadBalancers", "DescribeInstances", "DescribeNetworkInterfaces"), LookKind.GROUPS),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as it is understood: *look* where it is one, else the *words* behind the verb."""

    verb: Verb
    words: tuple[str, ...] = ()
    look: Look | None = None


def typed(line: str) -> Typed | None:
    """
    What a line means; None where it is blank or a comment.

    Raises:
        InvalidInputError: It is too long, its quotes do not match, or something is missing in it.
        UnknownNameError: Its first word is none that can be typed.
    """
    words = _words(line)
    if not words:
        return None
    first, rest = words[0], words[1:]
    if first in _READERS:
        return _READERS[first](rest)
    if _ID.fullmatch(first) and not rest:
        kind = LookKind.RULES if first.startswith("sg-") else LookKind.GROUPS
        return Typed(Verb.LOOK, look=Look(kind, first))
    verb = _SAME.get(first, first)
    if not verb or verb not in set(Verb):
        raise UnknownNameError(
            "{word} is not a command here",
            remedy="Type one of {choices}; for more, type help",
            word=quoted(first),
            choices=listed((*LOOKS, *filter(None, Verb))),
        )
    return Typed(Verb(verb), rest)


def direction_of(words: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The words without a last one that names a direction, and the direction; ingress where none is named."""
    if words and words[-1].lower() in _DIRECTIONS:
        return tuple(words[:-1]), _DIRECTIONS[words[-1].lower()]
    return tuple(words), "ingress"


def direction_named(word: str) -> str | None:
    """The direction that the word names; None where it names none."""
    return _DIRECTIONS.get(word.lower())


def number_of(word: str, what: str) -> int:
    """
    A place in a list, 0 is the top.

    Raises:
        InvalidInputError: It is no number.
    """
    if not (word.isascii() and word.isdecimal()) or len(word) > 9:
        raise InvalidInputError(
            "The place is {word}", remedy="Type a number, 0 is the top: {example}", word=quoted(word), example=what
        )
    return int(word)


def _words(line: str) -> tuple[str, ...]:
    if len(line) > LONGEST:
        raise InvalidInputError(
            "The line has more than {longest} characters", remedy="Type help to see what can be typed", longest=LONGEST
        )
    line = re.sub(r"^\s*\$(?:\s|$)", "", line).strip()  # of a prompt that was pasted, too
    try:
        return () if line.startswith("#") else tuple(shlex.split(line))
    except ValueError:
        raise InvalidInputError("A quote is not closed", remedy="Type the line again, with both quotes") from None


def _curl(words: tuple[str, ...]) -> Typed:
    """Whatever flags it has; ``from ADDRESS`` names another client. The address asked is looked at by who plays."""
    place = next((place for place, word in enumerate(words) if word in ("from", "--from", "--interface")), None)
    if place is None:
        return Typed(Verb.LOOK, tuple(_plain(words, _CURLS)), Look(LookKind.CURL, CLIENT))
    source = next(iter(words[place + 1 :]), "")
    _require(source, "curl from 198.51.100.7")
    return Typed(Verb.LOOK, tuple(_plain(words[:place] + words[place + 2 :], _CURLS)), Look(LookKind.CURL, source))


def _connect(words: tuple[str, ...]) -> Typed:
    """`nc` or `telnet` to a host and a port: the same request, as far as it can be seen."""
    named = list(_plain(words, ("-w", "-i")))
    return Typed(Verb.LOOK, ("//" + ":".join(named),) if named else (), Look(LookKind.CURL, CLIENT))


_CURLS = ("-m", "--max-time", "--connect-timeout", "-H", "--header", "-o", "-w", "-X", "--retry")  # take a value
_KUBECTLS = ("-n", "--namespace", "-o", "--output", "-l", "--selector", "--context")
_TCPDUMPS = ("-i", "-c", "-s", "-w")


def _plain(words: Sequence[str], valued: Sequence[str]) -> Iterator[str]:
    """The words that are neither flags nor the values of those that take one."""
    rest = iter(words)
    for word in rest:
        if word in valued:
            next(rest, None)
        elif not word.startswith("-"):
            yield word


def _kubectl(words: tuple[str, ...]) -> Typed:
    """Kubectl get or describe, whatever flags it has; anything else changes something, which goes by `set` here."""
    plain = list(_plain(words, _KUBECTLS))
    kind = _KINDS.get(plain[1].partition("/")[0].lower()) if len(plain) > 1 else None
    if plain[:1] and plain[0] in _KINDS:
        kind, plain = _KINDS[plain[0]], ["get"]
    if kind is None or plain[0] not in _READS:
        raise InvalidInputError(
            "kubectl {words} is no look",
            remedy="Type kubectl get {kinds}; to change something: settings, then set",
            words=quoted(" ".join(words)),
            kinds="|".join(dict.fromkeys(_KINDS.values())),
        )
    return Typed(Verb.LOOK, look=Look(LookKind.KUBECTL, kind))


def _tccli(words: tuple[str, ...]) -> Typed:
    kind = next((kind for names, kind in _CALLS if set(names) & set(words)), None)
    found = _ID.search(" ".join(words))
    if kind is None or (kind is not LookKind.HEALTH and found is None):
        raise InvalidInputError(
            "tccli {words} is no look",
            remedy="Type {choices}",
            words=quoted(" ".join(words)),
            choices="rules sg-..., groups lb-..., health",
        )
    return Typed(Verb.LOOK, look=Look(kind, found[0] if found and kind is not LookKind.HEALTH else ""))


def _capture(words: tuple[str, ...]) -> Typed:
    """At the host named last, or behind ``at`` or ``on``; flags and filters of tcpdump say nothing more."""
    named = list(_plain(words, _TCPDUMPS))
    after = next((named[place + 1] for place, word in enumerate(named[:-1]) if word in ("at", "on")), None)
    host = after or (named[0] if named else "")
    _require(host, "capture clb")
    return Typed(Verb.LOOK, look=Look(LookKind.CAPTURE, host))


def _ssh(words: tuple[str, ...]) -> Typed:
    if "tcpdump" not in words[1:]:
        raise InvalidInputError("ssh is not to be had here", remedy="Type capture HOST to see its packets")
    return _capture(words[:1])


def _look(kind: LookKind, example: str) -> Callable[[tuple[str, ...]], Typed]:
    def read(words: tuple[str, ...]) -> Typed:
        _require(words[0] if words or not example else "", example)
        return Typed(Verb.LOOK, look=Look(kind, words[0] if example else ""))

    return read


def _health(words: tuple[str, ...]) -> Typed:
    return Typed(Verb.LOOK, look=Look(LookKind.HEALTH))


def _menu(words: tuple[str, ...]) -> Typed:
    """`look` alone is the menu; with a look behind it, that look."""
    rest = tuple(dropwhile(lambda word: word in _MENUS, words))
    return (typed(shlex.join(rest)) or Typed(Verb.MENU)) if rest else Typed(Verb.MENU)


def _require(word: str, example: str) -> None:
    if not word:
        raise InvalidInputError("Something is missing in this line", remedy="Type {example}", example=example)


_READERS: Mapping[str, Callable[[tuple[str, ...]], Typed]] = {
    "curl": _curl,
    "wget": _curl,
    "nc": _connect,
    "telnet": _connect,
    "health": _health,
    "rules": _look(LookKind.RULES, "rules sg-..."),
    "groups": _look(LookKind.GROUPS, "groups lb-..."),
    "kubectl": _kubectl,
    "k": _kubectl,
    "tccli": _tccli,
    "capture": _capture,
    "tcpdump": _capture,
    "ssh": _ssh,
    **dict.fromkeys(_MENUS, _menu),
}
