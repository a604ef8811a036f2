"""
A trace as a drawing needs it: boxes with lines of text, and arrows. Nothing here knows a drawing program, so the
picture by Graphviz and the one in the panel say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import Check, Hop, Outcome, Path
from drilllib.views.phrases.catalog import say
from drilllib.views.text.hops import check_text, hop_lines, is_proxied, shown_peer
from drilllib.views.text.trace import headline, health_of

CLIENT = "client"
PATHS_DRAWN = 8  # in a panel; a Service with many targets has many paths


@dataclass(frozen=True, slots=True)
class Line:
    """One line in a box. *role*: title, place, note or stop; of groups: group, asked, accept, drop, unknown or rule."""

    text: str
    role: str

    @property
    def of_groups(self) -> bool:
        """Is it about what the security groups were asked?"""
        return self.role in ("group", "asked", "accept", "drop", "unknown", "rule")


@dataclass(slots=True)
class Box:
    """
    One place. *state*: client, passed, stopped, unreached or unknown.

    *key* stays the same from one answer to the next while the place does. *details* say in full sentences what
    happened there, *checks* only what its groups were asked. *ends* say how the paths end that end here, unless a line
    does. *column* counts from the client.
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
    """From box to box, with what became of the addresses on the way. *hypothetical*: no packet came this far."""

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
    """The drawing of *trace*; at most *most* paths, those that fail first."""
    drawn = _chosen(trace.paths, most)
    client = (Line(say(language, "client"), "title"), Line(trace.question.client, "place"))
    boxes = {("", "", ""): Box(CLIENT, "client", 0, client, lanes=list(range(len(drawn))))}
    arrows: dict[tuple[str, str], Arrow] = {}
    for lane, path in enumerate(drawn):
        _add_path(boxes, arrows, trace, path, lane, language)
    left_out = len(trace.paths) - len(drawn)
    return Scene(headline(trace, language), tuple(boxes.values()), tuple(arrows.values()), len(drawn), left_out)


def _chosen(paths: Sequence[Path], most: int | None) -> list[Path]:
    """The paths to draw, in their own order."""
    if most is None or len(paths) <= most:
        return list(paths)
    worst_first = sorted(range(len(paths)), key=lambda place: paths[place].outcome is Outcome.DELIVERED)
    return [paths[place] for place in sorted(worst_first[:most])]


def _add_path(
    boxes: dict[tuple[str, str, str], Box],
    arrows: dict[tuple[str, str], Arrow],
    trace: Trace,
    path: Path,
    lane: int,
    language: str,
) -> None:
    """Places where several paths meet the very same are drawn once."""
    before, previous = CLIENT, None
    for column, hop in enumerate(path.hops, start=1):
        lines = tuple(_lines(trace, path, hop, language))
        name = f"{hop.hop}-{hop.name}"
        place = (name, "" if hop.hop == "clb" else path.target or "", "\n".join(line.text for line in lines))
        if place not in boxes:
            twins = sum(box.key.split(" ")[0] == name for box in boxes.values())
            key = f"{name} {twins}" if twins else name
            details = tuple(hop_lines(trace, hop, language))
            checks = tuple(check_text(check, language) for check in hop.checks)
            boxes[place] = Box(key, state_of(hop), column, lines, details, checks)
        box = boxes[place]
        box.lanes.append(lane)
        if (before, box.key) not in arrows:
            said = tuple(_arrow_lines(trace, previous, language))
            arrows[before, box.key] = Arrow(before, box.key, said, hop.hypothetical)
        if not hop.hypothetical:
            last = box
        before, previous = box.key, hop
    end = _end(trace, path, language)
    if path.hops and last.state != "stopped" and end not in last.ends:
        last.ends.append(end)


def _end(trace: Trace, path: Path, language: str) -> str:
    mark = {Outcome.DELIVERED: "✓", Outcome.UNDETERMINED: "?"}.get(path.outcome, "✗")
    idle = say(language, "idle") if path.target in trace.idle_targets else ""
    return f"{mark} {say(language, path.outcome)}{idle}"


def _arrow_lines(trace: Trace, hop: Hop | None, language: str) -> list[str]:
    """A new destination is the address in the next box; a new source would not be seen anywhere else."""
    rewrites = hop.rewrites if hop else ()
    sources = [shown_peer(each.after, language) for each in rewrites if each.kind == "SNAT"]
    if hop and rewrites and is_proxied(trace, hop):
        return [*say(language, "proxied").split(), *sources]
    return [*(each.kind for each in rewrites), *sources]


def state_of(hop: Hop) -> str:
    """How the packet fares at a place: passed, stopped, unreached or unknown."""
    if hop.hypothetical:
        return "unreached"
    end = hop.end(unknown_passes=None)
    if end is None:
        return "passed"
    return "unknown" if end[0] is Outcome.UNDETERMINED else "stopped"


def _lines(trace: Trace, path: Path, hop: Hop, language: str) -> Iterator[Line]:
    protocol = f" {trace.listener.protocol}" if hop.hop == "clb" and trace.listener else ""
    yield Line(f"{say(language, hop.hop)} {hop.name}", "title")
    yield Line(f"{at(hop.address, hop.port)}{protocol}", "place")
    if hop in path.hops[1:2]:  # the CLB's target, a node or a pod
        yield Line(say(language, "target", state=health_of(trace, path, language)), "place")
    yield Line(f"— {say(language, f'group_of_{hop.hop}')} —", "group")
    for check in hop.checks:
        yield from _check_lines(check, language)
    if not hop.checks:
        yield Line(say(language, "not_asked"), "note")
    if hop.problem:
        yield Line("✗ " + hop.problem, "stop")
    if hop.hypothetical:
        yield Line(say(language, "not_reached_short"), "note")
    elif state_of(hop) == "stopped":
        yield Line(say(language, "stopped").replace("<- ", "■ "), "stop")


def _check_lines(check: Check, language: str) -> Iterator[Line]:
    mark = {Action.ACCEPT: "✓", Action.DROP: "✗", Action.UNDETERMINED: "?"}[check.action]
    role = {Action.ACCEPT: "accept", Action.DROP: "drop", Action.UNDETERMINED: "unknown"}[check.action]
    inward = check.direction is Direction.INGRESS
    peer = shown_peer(check.peer, language)
    asked = f"{say(language, check.direction)} {f'{peer} → :{check.port}' if inward else f'→ {at(peer, check.port)}'}"
    yield Line(asked, "asked")
    if check.rule is None:
        yield Line(f"{mark} {check.action}", role)
        why = say(language, "no_rule") if check.reason is Reason.NO_RULE_MATCHED else check.reason
        yield Line(why, "rule")
        return
    action, rest = check.rule.split(" ", 1)
    place = f"{check.group}{'' if inward else ' egress'}[{check.policy_index}]"
    yield Line(f"{mark} {action} {place}", role)
    yield Line(rest, "rule")
