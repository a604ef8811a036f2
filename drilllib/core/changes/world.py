"""
Is something opened to the world: to half of the internet of an address family or more, at some port where it was not?

Rules whose members are not known are judged in several ways. One that both lists have means the same in both, whatever
that is; one that only the list before has is taken for the least it may accept, one that comes for the most.
"""

from collections.abc import Callable, Iterator, Sequence

from drilllib.core.changes.change import Key, key_of
from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Action, Direction, Rule, SecurityGroup
from drilllib.core.sets.flowsets import LAST_ADDRESS, PLANES, FlowSet, Plane, painted_set, ports_of

# First and last address of what is routed in the internet; of IPv6 2000::/3 [RFC 4291, 2.4; IANA's registry].
INTERNET = {4: (0, LAST_ADDRESS[4]), 6: (0x2000 << 112, (0x4000 << 112) - 1)}
MOST_WAYS = 8  # rules of unknown members that are judged one by one, too
EVERYBODY = tuple(rule_from_text(f"ACCEPT ALL {block}") for block in ("0.0.0.0/0", "::/0"))
OPEN = SecurityGroup("sg-open", EVERYBODY, EVERYBODY)
_UNREAD = (rule_from_text("ACCEPT ALL sg-unread00"),)
Matches = Callable[[Rule], bool]


def opened_to_world(
    before: Sequence[Rule], after: Sequence[Rule], direction: Direction, names: Directory | None = None
) -> bool:
    """
    Does *after* newly accept most of the internet at some port? Two halves in two rules count as one whole.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    old, new = (SecurityGroup("sg-world", tuple(each), tuple(each), names or Directory()) for each in (before, after))
    return groups_opened([old], [new], direction)


def groups_opened(before: Sequence[SecurityGroup], after: Sequence[SecurityGroup], direction: Direction) -> bool:
    """The same of what has these groups, which are read in their order as one list. Raises as `opened_to_world`."""
    old, new = ([_read(each, direction) for each in groups] for groups in (before, after))
    both = _doubtful(old, direction) & _doubtful(new, direction)
    return any(
        _opens(_accepted(old, direction, least), _accepted(new, direction, most)) for least, most in _readings(both)
    )


def _read(group: SecurityGroup, direction: Direction) -> SecurityGroup:
    """The group; one whose list was not read may accept anything."""
    return group if group.rules(direction) is not None else SecurityGroup(group.group_id, _UNREAD, _UNREAD)


def _doubtful(groups: Sequence[SecurityGroup], direction: Direction) -> set[Key]:
    """The rules of which it is not known what they match."""
    return {
        key_of((group.rules(direction) or ())[index])
        for group in groups
        for plane in PLANES
        for _, _, (_, _, index, sure) in group.rows(direction, *plane)
        if not sure
    }


def _readings(both: set[Key]) -> Iterator[tuple[Matches, Matches]]:
    """Which doubtful rules match, before and after: of those in both lists none, all, each alone, all but each."""
    ways = [set(), both] + [way for each in both for way in ({each}, both - {each})]
    for way in ways[: 2 + 2 * MOST_WAYS]:
        yield (_matches(both, way, Action.DROP), _matches(both, way, Action.ACCEPT))
    if len(both) > MOST_WAYS:
        yield (_matches(set(), set(), Action.DROP), _matches(set(), set(), Action.ACCEPT))


def _matches(both: set[Key], way: set[Key], else_by: Action) -> Matches:
    return lambda rule: key_of(rule) in way if key_of(rule) in both else rule.action is else_by


def _accepted(groups: Sequence[SecurityGroup], direction: Direction, matches: Matches) -> FlowSet:
    """What *groups* accept where the doubtful rules that match are told by *matches*."""
    found: dict[Plane, list[tuple[tuple[int, int, int, int], bool]]] = {plane: [] for plane in PLANES}
    for plane, layers in found.items():
        for group in reversed(groups):
            rules = group.rules(direction) or ()
            for first, last, (low, high, index, sure) in reversed(group.rows(direction, *plane)):
                ports = ports_of(plane, low, high)
                if ports and (sure or matches(rules[index])):
                    layers.append(((first, last, *ports), rules[index].action is Action.ACCEPT))
    return painted_set(found)


def _opens(old: FlowSet, new: FlowSet) -> bool:
    """Is half of the internet accepted that was not, or is it half by now and was less?"""
    return bool(_wide(new - old)) or bool(_wide(new) - _wide(old))


def _wide(flows: FlowSet) -> FlowSet:
    """The ports, with every address, at which *flows* has half of the internet or more."""
    found: dict[Plane, list[tuple[tuple[int, int, int, int], bool]]] = {}
    for plane, boxes in flows.planes.items():
        first, last = INTERNET[plane.family]
        counts: dict[tuple[int, int], int] = {}
        for low, high, *ports in boxes:
            inside = min(high, last) - max(low, first) + 1
            counts[ports[0], ports[1]] = counts.get((ports[0], ports[1]), 0) + max(inside, 0)
        wide = [band for band, count in counts.items() if count * 2 > last - first]
        found[plane] = [((0, LAST_ADDRESS[plane.family], *band), True) for band in wide]
    return painted_set(found)
