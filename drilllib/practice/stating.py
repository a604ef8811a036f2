"""A statement of causes as it is typed: ``group eni-1 sg-2 in 0 + selector shop/web``, or ``nothing``."""

from collections.abc import Iterator, Mapping, Sequence

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.statements import statable
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, UnknownNameError, listed, quoted
from drilllib.practice.typed import direction_named, number_of

NOTHING = ("nothing", "none", "no-fault")
AND = ("+", "and", "&")
NO_RULE = ("none", "default", "-", "implicit")
GROUP_FORM = "state group lb-... sg-... in 0"
_FILLERS = ("rule", "at", "of", "by")


def stated(words: Sequence[str], snapshot: Snapshot) -> tuple[Cause, ...]:
    """
    The causes that the words name; none where they say that nothing is wrong.

    Raises:
        InvalidInputError: Something is missing or cannot be read.
        UnknownNameError: There is no such kind of cause, or nothing of that name.
    """
    if len(words) == 1 and words[0].lower() in NOTHING:
        return ()
    known = statable(snapshot)
    return tuple(_cause(each, known, snapshot) for each in _parts(words))


def _parts(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words of each cause: a word between them separates, or a comma behind one's last word."""
    part: list[str] = []
    for word in words:
        if word not in AND:
            part.append(word.rstrip(",;"))
        if word in AND or word[-1:] in (",", ";"):
            yield part
            part = []
    yield part


def _cause(words: Sequence[str], known: Mapping[CauseKind, Sequence[str]], snapshot: Snapshot) -> Cause:
    if not words or not words[0]:
        raise InvalidInputError(
            "A cause is missing", remedy="Type {form}, or state nothing where nothing is wrong", form=GROUP_FORM
        )
    if words[0] != CauseKind.GROUP and any(word.startswith("sg-") for word in words):
        words = (CauseKind.GROUP, *words)
    word = words[0].lower().replace("-", "_")
    if word not in set(CauseKind):
        raise UnknownNameError(
            "There is no cause {name}",
            remedy="State one of {choices}, or nothing",
            name=quoted(words[0]),
            choices=listed(CauseKind),
        )
    kind = CauseKind(word)
    if kind is CauseKind.GROUP:
        return _of_group(words[1:], known[kind], snapshot)
    return Cause(kind=kind, resource=_resource(words[1:], kind, known[kind], snapshot))


def _of_group(words: Sequence[str], known: Sequence[str], snapshot: Snapshot) -> Cause:
    """Resource, group, direction and rule, in any order."""
    rest = [word for word in words if word not in _FILLERS]
    groups = [word for word in rest if word.startswith("sg-")]
    rules = [word for word in rest if word.isdecimal() or word.lower() in NO_RULE]
    directions = [found for word in rest if (found := direction_named(word))]
    others = [word for word in rest if word not in (*groups, *rules) and not direction_named(word)]
    nobodys = not groups and all(word.lower() in NO_RULE for word in rules)  # which of several groups is all the same
    if not (len(rules) == len(others) == 1 and len(directions) < 2 and (len(groups) == 1 or nobodys)):
        raise InvalidInputError(
            "A group is stated by where it is bound, its name, the direction and the rule that drops",
            remedy="Type {form}; 0 is the top, none where no rule matches",
            form=GROUP_FORM,
        )
    if groups:
        _require_named(groups[0], tuple(snapshot.groups))
    return Cause(
        kind=CauseKind.GROUP,
        resource=_resource(others, CauseKind.GROUP, known, snapshot),
        group=groups[0] if groups else "",
        direction=Direction(directions[0] if directions else "ingress"),
        rule=None if rules[0].lower() in NO_RULE else number_of(rules[0], GROUP_FORM),
    )


def _resource(words: Sequence[str], kind: CauseKind, known: Sequence[str], snapshot: Snapshot) -> str:
    """The one that is meant: by its id, a node by its name, a Service as kubectl writes it; the only one unnamed."""
    if not words and len(known) == 1:
        return known[0]
    word = words[0] if len(words) == 1 else ""
    nodes = {node.name: node.instance_id for node in snapshot.nodes if node.instance_id in known}
    name = nodes.get(word) or word
    tail = name.removeprefix("svc/").removeprefix("service/").removeprefix("Service/")
    found = [each for each in known if name == each or (tail and each.startswith("Service/") and _ends(each, tail))]
    if len(found) != 1:
        raise UnknownNameError(
            "There is no {name} of which {kind} can be stated",
            remedy="Use one of {choices}",
            name=quoted(" ".join(words)),
            kind=kind,
            choices=listed(known) or "-",
        )
    return found[0]


def _ends(name: str, tail: str) -> bool:
    return name.endswith(f"/{tail}")


def _require_named(group: str, known: Sequence[str]) -> None:
    if group not in known:
        raise UnknownNameError(
            "There is no group {name}", remedy="Use one of {choices}", name=quoted(group), choices=listed(known)
        )
