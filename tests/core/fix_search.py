"""
The smallest fix found by trying: every set of edits, on labs so small that all of them can be tried.

Clients are the eight addresses of one block, and two ports matter, so that a set of flows is a number of sixteen bits.
It reads the vendor's dictionaries and imports nothing of drilllib, so that an error would have to be made twice to stay
hidden.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from itertools import permutations, product

UNIVERSE = ip_network("203.0.113.8/29")
PORTS = (80, 30713)
BLOCKS = tuple(str(block) for length in range(29, 33) for block in UNIVERSE.subnets(new_prefix=length))

Policy = dict
Name = str
Bound = Mapping[Name, Sequence[Name]]  # the groups of each interface in their order
Masks = Mapping[Name, list[tuple[bool, int]]]  # each group's rules: does it accept, and which flows it matches


@dataclass(frozen=True)
class Case:
    """Groups with their rules, what is bound to what, and the port that each interface on the way is asked for."""

    groups: Mapping[Name, Sequence[Policy]]
    bound: Bound
    asked: Mapping[Name, int]
    clients: tuple[str, ...]

    @property
    def wanted(self) -> dict[Name, int]:
        """The flows that each interface on the way has to accept."""
        return {name: mask(self.clients, (port,)) for name, port in self.asked.items()}


@dataclass(frozen=True)
class Edit:
    """A rule of one block and some ports put in above *place*, or in the place of a DROP; or no rule in its place."""

    group: Name
    place: int
    replaces: bool
    block: str | None
    ports: tuple[int, ...] = ()

    @property
    def matches(self) -> int:
        return mask((self.block,), self.ports) if self.block else 0


@cache
def mask(blocks: tuple[str, ...], ports: tuple[int, ...]) -> int:
    """The flows from those blocks to those ports."""
    found = 0
    for place, address in enumerate(UNIVERSE):
        if any(address in ip_network(block) for block in blocks):
            found |= sum(1 << (place + 8 * number) for number, port in enumerate(PORTS) if port in ports)
    return found


def ports_in(text: str) -> tuple[int, ...]:
    """Those of the two ports that a rule names."""
    return PORTS if text == "ALL" else tuple(port for port in PORTS if str(port) in text.split(","))


def matched(policy: Policy) -> int:
    """The flows that one rule matches."""
    return mask((policy["CidrBlock"],), ports_in(policy["Port"]))


def masks_of(groups: Mapping[Name, Sequence[Policy]]) -> Masks:
    """All lists as numbers."""
    return {name: [(each["Action"] == "ACCEPT", matched(each)) for each in rules] for name, rules in groups.items()}


def accepts(masks: Masks, names: Sequence[Name]) -> int:
    """The flows that these groups accept, read as one list: the first rule that matches decides."""
    found = decided = 0
    for name in names:
        for is_accept, flows in masks[name]:
            found |= flows & ~decided if is_accept else 0
            decided |= flows
    return found


def collateral(case: Case, after: Masks, bound: Bound | None = None) -> dict[Name, int]:
    """What every interface newly accepts beside what is asked of it; *bound* is how groups are bound afterwards."""
    before, bound = masks_of(case.groups), bound or case.bound
    found = {
        name: accepts(after, bound[name]) & ~accepts(before, names) & ~case.wanted.get(name, 0)
        for name, names in case.bound.items()
    }
    return {name: flows for name, flows in found.items() if flows}


def lost(case: Case, after: Masks, bound: Bound | None = None) -> bool:
    """Does any interface accept less than before?"""
    before, bound = masks_of(case.groups), bound or case.bound
    return any(accepts(before, names) & ~accepts(after, bound[name]) for name, names in case.bound.items())


def orders(case: Case) -> Iterator[tuple[int, Bound]]:
    """Every way to put the groups of the interfaces on the way into an order, and how many interfaces it changes."""
    ways = [
        sorted(permutations(case.bound[name]), key=lambda way, name=name: way != case.bound[name])
        for name in case.asked
    ]
    for chosen in product(*ways):
        bound = {**case.bound, **dict(zip(case.asked, chosen, strict=True))}
        yield sum(bound[name] != case.bound[name] for name in case.asked), bound


def size(found: Mapping[Name, int]) -> int:
    """How many flows those are."""
    return sum(flows.bit_count() for flows in found.values())


def edited(case: Case, edits: frozenset[Edit]) -> Masks:
    """The lists after *edits*."""
    before, found = masks_of(case.groups), {}
    for name, rules in before.items():
        mine = [each for each in edits if each.group == name]
        new = []
        for place in range(len(rules) + 1):
            here = [each for each in mine if each.place == place]
            new += [(True, each.matches) for each in here if each.block]
            new += [] if any(each.replaces for each in here) else rules[place : place + 1]
        found[name] = new
    return found


def better(case: Case, cost: tuple[int, int]) -> tuple[tuple[int, int], frozenset[Edit], Bound] | None:
    """
    Edits that make every interface accept what it has to, of fewer edits than *cost* or of as many and less collateral,
    in any order of groups; an interface whose groups change their order is one edit.
    """
    found = (_better(case, cost, moved, bound) for moved, bound in orders(case))
    return next(filter(None, found), None)


def _better(
    case: Case, cost: tuple[int, int], moved: int, bound: Bound
) -> tuple[tuple[int, int], frozenset[Edit], Bound] | None:
    """
    The same for one order.

    Some edit has to touch the first flow that is still missing: only rules that match a flow decide it. So it is enough
    to try, again and again, every edit that does. More edits never mean less collateral, as each only adds flows.
    """
    todo, seen = [frozenset()], set()
    while todo:
        edits = todo.pop()
        if edits in seen:
            continue
        seen.add(edits)
        after = edited(case, edits)
        lacking = [(name, case.wanted[name] & ~accepts(after, bound[name])) for name in case.asked]
        lacking = [each for each in lacking if each[1]]
        found = moved + len(edits) + twins(case, edits) + bool(lacking), size(collateral(case, after, bound))
        if found >= cost:
            continue
        if not lacking:
            if not has_one_twice(edits) and not lost(case, after, bound):
                return found, edits, bound
            continue
        name, flows = lacking[0]
        taken = {(each.group, each.place) for each in edits if each.replaces}
        for each in _touching(case, name, flows & -flows):
            if not (each.replaces and (each.group, each.place) in taken):
                todo.append(edits | {each})
    return None


def _touching(case: Case, name: Name, flow: int) -> Iterator[Edit]:
    """Every admissible edit of that interface's groups that may change what is done with one flow."""
    for group in dict.fromkeys(case.bound[name]):
        rules = masks_of(case.groups)[group]
        drops = [place for place, (is_accept, _) in enumerate(rules) if not is_accept]
        new = [each for each in _admissible(case, group, name) if mask((each[0],), each[1]) & flow]
        for place in [*drops, len(rules)]:  # an ACCEPT may as well stand below another, so these places are enough
            yield from (Edit(group, place, False, *each) for each in new)
        for place in drops:
            if rules[place][1] & flow:
                yield Edit(group, place, True, None)
            yield from (Edit(group, place, True, *each) for each in new)


def _admissible(case: Case, group: Name, name: Name) -> Iterator[tuple[str, tuple[int, ...]]]:
    """
    Blocks and ports that may be put into a group for one interface: all asked for there, or accepted there before.

    A rule may serve another interface that lacks something, and has the group too, at that one's port besides.
    """
    before = masks_of(case.groups)
    accepted = {each: accepts(before, case.bound[each]) for each in case.asked}
    own = case.asked[name]
    others = [
        each
        for each in case.asked
        if case.asked[each] != own and group in case.bound[each] and case.wanted[each] & ~accepted[each]
    ]
    for block in BLOCKS:
        if mask((block,), (own,)) & ~(case.wanted[name] | accepted[name]):
            continue
        yield block, (own,)
        if any(not mask((block,), (case.asked[each],)) & ~(case.wanted[each] | accepted[each]) for each in others):
            yield block, PORTS


def twins(case: Case, edits: frozenset[Edit]) -> int:
    """How many rules have to go because one like them is put in: the API refuses a second one."""
    return sum(
        (policy["Action"], policy["Protocol"], policy["CidrBlock"]) == ("ACCEPT", "TCP", each.block)
        and ports_in(policy["Port"]) == each.ports
        for each in edits
        for policy in case.groups[each.group]
    )


def has_one_twice(edits: frozenset[Edit]) -> bool:
    """Is the same rule put into a list more than once? The API refuses that, too."""
    new = [(each.group, each.block, each.ports) for each in edits if each.block]
    return len(set(new)) < len(new)
