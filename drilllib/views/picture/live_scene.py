"""
A trace as boxes with lines of text, and arrows, independent of any drawing program.

The Graphviz picture and the panel's are both drawn from it, so they say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.path import Check, Hop, Nat, Path, PathOutcome
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.text.hops import check_text, group_text, hop_address, hop_lines, is_proxied, shown_peer
from drilllib.views.text.trace import headline, health_of, outcome_text

CLIENT = "client"
PATHS_DRAWN = 8  # in a panel; a Service with many targets has many paths


@dataclass(frozen=True, slots=True)
class Line:
    """One line in a box. *role*: title, place, note, stop; about groups: group, asked, accept, drop, unknown, rule."""

    text: str
    role: str

    @property
    def of_groups(self) -> bool:
        """Is the line about what security groups decided?"""
        return self.role in ("group", "asked", "accept", "drop", "unknown", "rule")


@dataclass(slots=True)
class Box:
    """
    One place. *state*: client, passed, stopped, unreached or unknown.

    *key* identifies the place across answers. *details* describe in full what happened there, *checks* only what its
    groups decided. *ends* are the outcomes of paths that end here, unless a line already says so. *column* is the
    distance from the client.
    """

    key: str
    state: str
    column: int
    lines: tuple[Line, ...]
    details: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    lanes: list[int] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """All lines as one text."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Arrow:
    """From box to box, with the address rewrites in between. *hypothetical*: no packet came this far."""

    before: str
    after: str
    lines: tuple[str, ...]
    hypothetical: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing. *lanes*: how many paths are drawn; *left_out*: how many are not."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    lanes: int
    left_out: int = 0


def scene(trace: Trace, language: str, *, most: int | None = None) -> Scene:
    """The drawing of *trace*, with at most *most* paths, failing ones first."""
    drawn = _chosen(trace.paths, most)
    builder = _Builder(trace, language, len(drawn))
    for lane, path in enumerate(drawn):
        builder.add(path, lane)
    boxes, arrows = tuple(builder.boxes.values()), tuple(builder.arrows.values())
    return Scene(printable(headline(trace, language)), boxes, arrows, len(drawn), len(trace.paths) - len(drawn))


def _chosen(paths: Sequence[Path], most: int | None) -> list[Path]:
    """The paths to draw, in their own order."""
    if most is None or len(paths) <= most:
        return list(paths)
    worst_first = sorted(range(len(paths)), key=lambda place: paths[place].outcome is PathOutcome.DELIVERED)
    return [paths[place] for place in sorted(worst_first[:most])]


class _Builder:
    """Boxes and arrows, added path by path. A place that looks the same on several paths is drawn once."""

    def __init__(self, trace: Trace, language: str, lanes: int) -> None:
        self._trace, self._language = trace, language
        client = (Line(say(language, "client"), "title"), Line(printable(trace.question.client), "place"))
        self.boxes = {("", "", ""): Box(CLIENT, "client", 0, client, lanes=list(range(lanes)))}
        self.arrows: dict[tuple[str, str], Arrow] = {}

    def add(self, path: Path, lane: int) -> None:
        before, previous, last = CLIENT, None, None
        for column, hop in enumerate(path.hops, start=1):
            box = self._box(path, hop, column)
            box.lanes.append(lane)
            self._add_arrow(before, box.key, previous, hop)
            last = last if hop.hypothetical else box
            before, previous = box.key, hop
        end = _end(self._trace, path, self._language)
        if last and last.state != "stopped" and end not in last.ends:
            last.ends.append(end)

    def _box(self, path: Path, hop: Hop, column: int) -> Box:
        lines = tuple(Line(printable(line.text), line.role) for line in _lines(self._trace, path, hop, self._language))
        name = printable(f"{hop.hop}-{hop.name}")
        place = (name, "" if hop.hop is HopKind.CLB else path.target or "", "\n".join(line.text for line in lines))
        if place not in self.boxes:
            taken = {box.key for box in self.boxes.values()}
            key = next(each for each in chain([name], (f"{name} {number}" for number in count(1))) if each not in taken)
            details = tuple(map(printable, hop_lines(self._trace, hop, self._language)))
            checks = tuple(printable(check_text(check, self._language)) for check in hop.checks)
            self.boxes[place] = Box(key, state_of(hop), column, lines, details, checks)
        return self.boxes[place]

    def _add_arrow(self, before: str, after: str, previous: Hop | None, hop: Hop) -> None:
        if (before, after) not in self.arrows:
            lines = tuple(map(printable, _arrow_lines(self._trace, previous, self._language)))
            self.arrows[before, after] = Arrow(before, after, lines, hop.hypothetical)


def _end(trace: Trace, path: Path, language: str) -> str:
    mark = {PathOutcome.DELIVERED: "✓", PathOutcome.UNDETERMINED: "?"}.get(path.outcome, "✗")
    return printable(f"{mark} {outcome_text(trace, path, language)}")


def _arrow_lines(trace: Trace, hop: Hop | None, language: str) -> list[str]:
    """The kinds of rewrites, and new sources; a new destination is the address in the next box."""
    rewrites = hop.rewrites if hop else ()
    sources = [shown_peer(each.after, language) for each in rewrites if each.kind is Nat.SNAT]
    if hop and rewrites and is_proxied(trace, hop):
        return [*say(language, "proxied").split(), *sources]
    return [*(each.kind for each in rewrites), *sources]


def state_of(hop: Hop) -> str:
    """What happens to the packet at a hop: passed, stopped, unreached or unknown."""
    if hop.hypothetical:
        return "unreached"
    end = hop.end(unknown_passes=None)
    if end is None or end[0] is PathOutcome.DELIVERED:
        return "passed"
    return "unknown" if end[0] is PathOutcome.UNDETERMINED else "stopped"


def _lines(trace: Trace, path: Path, hop: Hop, language: str) -> Iterator[Line]:
    yield Line(f"{say(language, hop.hop)} {hop.name}", "title")
    yield Line(hop_address(trace, hop), "place")
    alike = _alike(path, hop)
    if alike > 1:
        yield Line(say(language, "and_more", count=alike - 1), "place")
    if hop in path.hops[1:2]:  # the CLB's target, a node or a pod
        yield Line(say(language, "target", state=health_of(trace, path, language)), "place")
    yield Line(f"— {group_text(hop, language)} —", "group")
    of_groups = [check for check in hop.checks if not check.policies]
    for check in of_groups:
        yield from _check_lines(check, language)
    if not of_groups:
        yield Line(say(language, "not_asked"), "note")
    for check in (check for check in hop.checks if check.policies):
        yield Line("— NetworkPolicy —", "group")
        yield from _check_lines(check, language)
    if hop.problem:
        yield _problem_line(hop)
    for each in hop.doubts:
        yield Line(f"? {fact_text(each, language)}", "unknown")
    if hop.hypothetical:
        yield Line(say(language, "not_reached_short"), "note")
    elif state_of(hop) == "stopped":
        yield Line(say(language, "stopped").replace("<- ", "■ "), "stop")


def _problem_line(hop: Hop) -> Line:
    """What ends the packet beside the groups, or keeps its end from being known."""
    if hop.problem is Reason.REDIRECTED:
        return Line(f"↪ {hop.problem}", "accept")
    if state_of(hop) == "unknown":
        return Line(f"? {hop.problem}", "unknown")
    return Line(f"✗ {hop.problem}", "stop")


def _alike(path: Path, hop: Hop) -> int:
    """How many nodes or pods the path stands for at that hop."""
    if hop is path.hops[0]:
        return 1
    return path.targets if hop is path.hops[1] else path.endpoints


def _check_lines(check: Check, language: str) -> Iterator[Line]:
    mark = {Action.ACCEPT: "✓", Action.DROP: "✗", Action.UNDETERMINED: "?"}[check.action]
    role = {Action.ACCEPT: "accept", Action.DROP: "drop", Action.UNDETERMINED: "unknown"}[check.action]
    inward = check.direction is Direction.INGRESS
    peer = shown_peer(str(check.peer), language)
    asked = f"{say(language, check.direction)} {f'{peer} → :{check.port}' if inward else f'→ {at(peer, check.port)}'}"
    yield Line(asked, "asked")
    if check.rule is None:
        yield Line(f"{mark} {check.action}", role)
        why = say(language, "no_rule") if check.reason is Reason.NO_RULE_MATCHED else check.reason
        yield Line(", ".join(check.policies) or why, "rule")
        return
    action, rest = check.rule.split(" ", 1)
    place = f"{check.group}{'' if inward else ' egress'}[{check.policy_index}]"
    yield Line(f"{mark} {action} {place}", role)
    yield Line(rest, "rule")
