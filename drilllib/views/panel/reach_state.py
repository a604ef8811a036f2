"""Who can reach the Service of a Sight, as a page shows it, what changed since the one before, and the same as text."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from drilllib.core.reach.clients import Reach
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.trace.verdict import Verdict
from drilllib.views.panel.client_blocks import Who, who
from drilllib.views.panel.desk import Sight
from drilllib.views.panel.messages import ReachChange, ReachLine, ReachLook, ReachState
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text

MOST = 4  # blocks on a line
LOOKS: tuple[ReachLook, ...] = ("always", "sometimes", "unsure")
KINDS = {
    "always": Verdict.REACHABLE,
    "sometimes": Verdict.INTERMITTENT,
    "unsure": Verdict.UNDETERMINED,
    "never": Verdict.UNREACHABLE,
}


def reach_of(sight: Sight, before: Sight | None, language: str) -> ReachState:
    """
    Each way of faring that some client meets, with its clients; and who fares otherwise than *before*.

    *changes* is None where there is nothing to compare with.
    """
    if not sight.reached:
        return {"lines": [_line("unsure", str(sight.untold), language)], "changes": None}
    lines = [line for look in LOOKS if (line := _of_kind(sight.reached, look, language))]
    comparable = before and len(before.reached) == len(sight.reached)
    changes = list(_changes(before.reached, sight.reached, language)) if before and comparable else None
    return {"lines": lines or [_line("nobody", "", language)], "changes": changes}


def reach_words(state: ReachState, language: str) -> str:
    """The same as lines of text, without what changed: where nobody clicks, nothing was just now."""
    lines = [say(language, "ui_titled", title=say(language, "ui_reach"))]
    for each in state["lines"]:
        text = say(language, "ui_way", way=each["label"], who=each["who"]) if each["who"] else each["label"]
        lines.append(f"  {say(language, 'ui_noted', text=text, note=each['note']) if each['note'] else text}")
    return "\n".join(lines)


def _line(look: ReachLook, told: str, language: str, note: str = "", *, world: bool = False) -> ReachLine:
    return {"look": look, "label": say(language, f"ui_{look}"), "who": told, "note": note, "world": world}


def _of_kind(reached: Sequence[Reach], kind: ReachLook, language: str) -> ReachLine | None:
    """The clients that fare so; None where there are none."""
    told = [who(each, each.clients(KINDS[kind])) for each in reached]
    if not any(told):
        return None
    text = _text(told, language)
    if kind == "unsure":
        return _line(kind, text, language, _gaps(reached, language))
    world = any(each.everyone for each in told)
    return _line(kind, text, language, say(language, "ui_world") if world else "", world=world)


def _gaps(reached: Sequence[Reach], language: str) -> str:
    """What would have to be known."""
    unsure = (one for each in reached for one in each.classes if one.trace.verdict is Verdict.UNDETERMINED)
    found = list(dict.fromkeys(fact_text(gap, language) for one in unsure for gap in one.trace.gaps))
    return say(language, "missing", gaps=_listed(found, 2, language)) if found else ""


def _changes(before: Sequence[Reach], after: Sequence[Reach], language: str) -> Iterator[ReachChange]:
    """For each two ways of faring, the clients that went from one to the other."""
    then, now = _by_kind(before), _by_kind(after)
    moved = [kind for kind in KINDS if then[kind] != now[kind]]
    for old, new in permutations(moved, 2):
        told = [who(each, a & b) for each, a, b in zip(after, then[old], now[new], strict=True)]
        if any(told):
            yield _change(old, new, _text(told, language), language)


def _by_kind(reached: Sequence[Reach]) -> dict[str, list[FlowSet]]:
    """The clients that fare so, of each family."""
    return {kind: [each.clients(verdict) for each in reached] for kind, verdict in KINDS.items()}


def _change(old: str, new: str, told: str, language: str) -> ReachChange:
    """Gained or lost by a sign, which has a name for those who hear it; all else from what to what."""
    if {old, new} == {"always", "never"}:
        sign, name = ("+", "ui_gained") if new == "always" else ("\N{MINUS SIGN}", "ui_lost")
        return {"sign": sign, "said": say(language, name), "who": told}
    ways = {"old": say(language, f"ui_{old}"), "new": say(language, f"ui_{new}")}
    return {"sign": "", "said": "", "who": say(language, "ui_went", who=told, **ways)}


def _text(told: Sequence[Who], language: str) -> str:
    """Clients of every family in one line."""
    several = len(told) > 1
    if several and all(each.everyone and not each.blocks for each in told):
        return say(language, "ui_everyone")
    return say(language, "ui_and").join(_of_family(each, several, language) for each in told if each)


def _of_family(told: Who, several: bool, language: str) -> str:
    listed = _listed(told.blocks, MOST, language)
    if not told.everyone:
        return listed
    every = say(language, "ui_everyone_in", family=told.family) if several else say(language, "ui_everyone")
    return say(language, "ui_but", everyone=every, blocks=listed) if listed else every


def _listed(names: Sequence[str], most: int, language: str) -> str:
    """The first of them, and how many more there are."""
    listed = say(language, "ui_and").join(names[:most])
    return say(language, "ui_more", listed=listed, count=len(names) - most) if len(names) > most else listed
