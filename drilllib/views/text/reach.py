"""Who reaches a Service, and what groups accept, as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from drilllib.core.reach.bypass import PastPlaces
from drilllib.core.reach.clients import PASSES, ClientClass, Reach, clients_from
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import PROTOCOLS_WITH_PORTS, Action, Direction, SecurityGroup, decide
from drilllib.core.sets.accepted import Accepted
from drilllib.core.sets.boxes import FlowBox, blocks_of, boxes
from drilllib.core.sets.cover import cover
from drilllib.core.sets.flowsets import FlowSet, everything
from drilllib.core.trace.codes import Assumption, HopKind
from drilllib.core.trace.findings import FindingCode
from drilllib.core.trace.verdict import Verdict
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import facts_text
from drilllib.views.phrases.pieces import Code, phrase
from drilllib.views.text.columns import Entry, columns, listed, padded
from drilllib.views.text.trace import assumption_lines, finding_text, reason_text

MANY = 6  # blocks that one line can hold
FEW = 3  # nodes or pods that one line names
Past = Sequence[PastPlaces] | None
ORDER = (Verdict.REACHABLE, Verdict.INTERMITTENT, Verdict.UNDETERMINED, Verdict.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class ReachRow:
    """Some clients, how all of them fare, and why: a code and words."""

    verdict: Verdict
    label: str
    clients: Entry
    reason: str
    why: str


def reach_text(answers: Sequence[Reach], language: str, past: Sequence[Past] = ()) -> str:
    """
    The clients of every port by verdict, which clients were left out, and what was assumed.

    *past* has for each answer who reaches the same Service past the CLB, None where that is too much to tell.
    """
    lines = []
    beside: Sequence[Past] = past or [()] * len(answers)
    for each, places in zip(answers, beside, strict=True):
        lines += [*_port_lines(each, language), *_past_lines(each, places, language), ""]
    lines += inside_lines(answers, language)
    shown = [place for places in past for place in places or () if place.beyond or place.maybe_beyond]
    if shown:
        lines.append(say(language, "reach_past_means"))
    assumptions = {*assumed(answers), *(code for place in shown for code in place.assumptions)}
    return terminal_text([*lines, *assumption_lines(sorted(assumptions), language)]).rstrip("\n")


def inside_lines(answers: Sequence[Reach], language: str) -> list[str]:
    """Which clients were left out: nodes and pods, and private ones, in whose place a public VIP sees others."""
    inside = [say(language, "reach_inside")] if any(each.inside for each in answers) else []
    return [*inside, *([say(language, "reach_unseen")] if any(each.unseen for each in answers) else [])]


def assumed(answers: Sequence[Reach]) -> list[Assumption]:
    """What any of the answers assumes, in order of the alphabet."""
    return sorted({code for each in answers for part in each.classes for code in part.trace.assumptions})


def _port_lines(answer: Reach, language: str) -> Iterator[str]:
    yield port_headline(answer, language)
    yield from (f"  {each}" for each in port_findings(answer, language))
    width = _label_width(language)
    for row in reach_rows(answer, language):
        yield f"  {padded(row.label, width)}{listed(row.clients)}  [{row.reason}: {row.why}]"


def port_findings(answer: Reach, language: str) -> Iterator[str]:
    """What changes how the rows are read: clients admitted there reach another Service."""
    for finding in answer.classes[0].trace.findings:
        if finding.code is FindingCode.LISTENER_OF_ANOTHER_SERVICE:
            yield finding_text(finding, language)


def reach_rows(answer: Reach, language: str) -> Iterator[ReachRow]:
    """The classes of clients, those first that get through."""
    rest = _rest_of(answer.classes)
    for verdict in ORDER:
        for each in answer.classes:
            if each.trace.verdict is verdict:
                clients = _clients(answer, each, rest, language)
                label = say(language, f"reach_{verdict}")
                yield ReachRow(verdict, label, clients, each.trace.reason, _why(each, language))


def _past_lines(answer: Reach, places: Past, language: str) -> Iterator[str]:
    """Who gets to nodes and pods without the CLB, and not through it."""
    label = padded(say(language, "reach_past"), _label_width(language))
    if places is None:
        yield f"  {label}{say(language, 'reach_past_too_much')}"
    for place in places or ():
        names = {"port": place.port, "names": _few(place.names, language)}
        where = say(language, "reach_past_node" if place.kind is HopKind.NODE else "reach_past_pod", **names)
        if place.beyond:
            clients = _beyond(answer, place.beyond, language)
            yield f"  {label}{say(language, 'reach_past_clients', clients=clients, where=where)}"
        if place.maybe_beyond:
            facts = {"clients": _beyond(answer, place.maybe_beyond, language), "where": where}
            yield f"  {label}{say(language, 'reach_past_maybe', gaps=facts_text(place.gaps, language), **facts)}"


def _beyond(answer: Reach, clients: FlowSet, language: str) -> str:
    """All who do not get through the CLB as everyone else; others as blocks, which addresses inside do not cut."""
    everyone, through = answer.with_unseen(*Verdict), answer.with_unseen(*PASSES)
    if clients == everyone - through:
        return say(language, "reach_everyone_else" if through else "reach_everyone")
    whole = (ip_network(block) for block in blocks_of(clients | answer.inside))
    return blocks_text([str(block) for block in whole if clients_from([block]) & clients], language)


def _few(names: Sequence[str], language: str) -> str:
    shown = ", ".join(names[:FEW])
    return say(language, "lint.more", shown=shown, count=len(names) - FEW) if len(names) > FEW else shown


def _label_width(language: str) -> int:
    labels = [*(say(language, f"reach_{verdict}") for verdict in ORDER), say(language, "reach_past")]
    return max(map(columns, labels)) + 2


def port_headline(answer: Reach, language: str) -> str:
    """``shop/web 192.0.2.10:80 TCP, HTTP listener``."""
    question = answer.question
    listener = next((each.trace.listener for each in answer.classes if each.trace.listener), None)
    place = at(question.vip, question.port) if question.vip else say(language, "reach_no_vip")
    if not question.vip and question.port:
        place = f":{question.port} {place}"
    text = say(
        language,
        "reach_headline",
        name=question.service or "",
        place=place,
        protocol=question.protocol or "",
        listener=say(language, "reach_listener", protocol=listener.protocol) if listener else "",
    )
    return text.strip()


def _rest_of(classes: Sequence[ClientClass]) -> ClientClass | None:
    """The one class shown as everyone else: of those with many blocks one that fails, or else the largest."""
    many = [each for each in classes if len(each.sources) > MANY]
    return max(many, key=lambda each: (each.trace.verdict is Verdict.UNREACHABLE, each.clients.size), default=None)


def _clients(answer: Reach, each: ClientClass, rest: ClientClass | None, language: str) -> Entry:
    if len(answer.classes) == 1:
        return say(language, "reach_everyone")
    return say(language, "reach_everyone_else") if each is rest else blocks_entry(each.sources, language)


def blocks_text(blocks: Sequence[str], language: str) -> str:
    """The blocks; if there are many, their number and the largest."""
    return listed(blocks_entry(blocks, language))


def blocks_entry(blocks: Sequence[str], language: str) -> Entry:
    """The same as a list, or as words."""
    if len(blocks) <= MANY:
        return tuple(map(Code, blocks))
    largest = min(blocks, key=lambda block: int(block.partition("/")[2]))
    return say(language, "reach_many", count=len(blocks), example=largest)


def _why(each: ClientClass, language: str) -> str:
    gaps = each.trace.gaps
    missing = say(language, "reach_missing", gaps=facts_text(gaps, language)) if gaps else ""
    return f"{reason_text(each.trace, language)}{missing}"


def accepted_text(
    names: str, groups: Sequence[SecurityGroup] | None, found: Accepted, direction: Direction, language: str
) -> str:
    """
    What *groups* accept, each line like a rule. None: it was not read which groups these are.

    Accepted flows take few lines, which may overlap. Undetermined flows stay in disjoint boxes, each with the facts
    that its example depends on; wider boxes would leave out more of those facts.
    """
    lines = [accepted_headline(names, direction, language)]
    lines += [f"  {action} {text}" for action, text in accepted_rows(groups, found, direction, language)]
    return terminal_text(lines)


def accepted_headline(names: str, direction: Direction, language: str) -> str:
    """Whose list of which direction it is."""
    return say(language, "groups_headline", names=names, direction=say(language, direction))


def accepted_rows(
    groups: Sequence[SecurityGroup] | None, found: Accepted, direction: Direction, language: str
) -> Iterator[tuple[Action, str]]:
    """What becomes of which flows: the accepted ones, those that are undetermined, everything else."""
    for box in cover(found.sure):
        yield Action.ACCEPT, Code(flows_text(box))
    for box in boxes(found.unknown):
        missing = decide(groups, direction, box.example).unresolved if groups else ()
        facts = facts_text(missing, language) if missing else say(language, "groups_not_read")
        yield Action.UNDETERMINED, phrase(language, "groups_depends", flows=Code(flows_text(box)), facts=facts)
    if found.possible != everything():
        yield Action.DROP, say(language, "groups_rest")


def flows_text(box: FlowBox) -> str:
    """``TCP 203.0.113.0/24 80``, as in a rule."""
    ports = f" {box.port_text}" if box.protocol in (*PROTOCOLS_WITH_PORTS, "ALL") else ""
    return f"{box.protocol} {box.block}{ports}"
