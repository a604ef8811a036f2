"""The answer of `drill fix` in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from drilllib.core.fix.answer import Fix
from drilllib.core.fix.calls import commands, kubectl_lines
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.fix.proposal import InterfaceSide, Proposal
from drilllib.core.fix.stops import Stop, overridden
from drilllib.core.rules.addresses import WIDE, Block
from drilllib.core.sets.boxes import blocks_of, boxes
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.findings import Finding, FindingCode
from drilllib.core.trace.verdict import Verdict
from drilllib.quoting import line_to_paste, terminal_text
from drilllib.views.phrases.catalog import said, say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.phrases.pieces import Code, Phrase
from drilllib.views.text import steps
from drilllib.views.text.causes import cause_lines, cause_text
from drilllib.views.text.columns import Entry, listed
from drilllib.views.text.trace import assumption_lines, blocker_text, finding_text, reason_text, target_text

FEW = 6  # blocks in one line; more are counted
UNAPPLIED = (FindingCode.GROUP_POLICY_DIFFERS, FindingCode.ADDON_GROUPS_DIFFER)  # groups that are asked for, not bound


@dataclass(frozen=True, slots=True)
class FareRow:
    """How some clients fare: now or after the change, the verdict as a code and in words, and why."""

    when: str
    clients: Entry
    verdict: Verdict
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together: a title, lines, *commands* that do it, and *scripts*, the same by several means."""

    title: str = ""
    lines: Sequence[str] = ()
    is_other: bool = False  # another proposal than the best one
    commands: Sequence[str] = ()
    scripts: Mapping[str, Sequence[str]] = field(default_factory=dict)


def fix_text(snapshot: Snapshot, answer: Fix, language: str) -> str:
    """The whole answer, the decision first and the steps last; a name in it can neither end a line nor begin one."""
    return terminal_text(_lines(snapshot, answer, language))


def _lines(snapshot: Snapshot, answer: Fix, language: str) -> Iterator[str]:
    yield fix_headline(answer)
    for row in fare_rows(answer, language):
        facts = {"sources": listed(row.clients), "verdict": row.words, "reason": row.reason}
        yield f"  {row.when}{say(language, 'fix.clients', **facts)}"
    for section in sections(snapshot, answer, language):
        yield from ("", *([section.title] if section.title else ()), *section.lines)
        yield from (f"  {line}" for line in section.commands)
        for title, lines in section.scripts.items():
            yield from (title, *(f"  {line}" for line in lines))
    if answer.proposals:
        yield from ("", *assumption_lines(answer.assumptions, language))


def fix_headline(answer: Fix) -> str:
    """What the clients ask."""
    return f"{answer.question.service or answer.question.vip} {answer.question.vip}:{answer.question.port}"


def fare_rows(answer: Fix, language: str) -> Iterator[FareRow]:
    """How the clients fare now and, where there is a proposal, after it."""
    for key, classes in (("fix.now", answer.before), ("fix.then", answer.after if answer.proposals else ())):
        for each in classes:
            words, reason = say(language, each.trace.verdict), reason_text(each.trace, language)
            yield FareRow(say(language, key), _few_blocks(each.sources), each.trace.verdict, words, reason)


def sections(snapshot: Snapshot, answer: Fix, language: str) -> Iterator[Section]:
    """What stops the clients, what to do, and by which commands; or why nothing is proposed."""
    if not answer.proposals:
        yield Section(lines=[*_without_proposal(answer, language)])
        return
    if not answer.works:
        yield Section(_not_enough(answer, language), _left(answer, language))
    yield Section(say(language, "fix.stopping"), [*_stopping(answer, language)])
    yield from _proposed(snapshot, answer, language)


def _not_enough(answer: Fix, language: str) -> str:
    port, told = answer.best.only_if, answer.verdict is not Verdict.UNDETERMINED
    if port:
        return say(language, "fix.no_rule_alone" if told else "fix.maybe_if", port=port)
    return say(language, "fix.not_enough" if told else "fix.maybe_enough")


def _stopping(answer: Fix, language: str) -> Iterator[str]:
    """The rules that drop the clients, other causes, and rules that only drop the health checks of a target."""
    yield from dict.fromkeys(f"  {blocker_text(each, language)}" for each in answer.blockers)
    told = (each for each in answer.causes if each not in answer.causes_left)
    yield from (f"  {cause_text(each, language)}" for each in told)
    unapplied = (finding for one in answer.before for finding in one.trace.findings if finding.code in UNAPPLIED)
    yield from dict.fromkeys(f"  {finding_text(each, language)}" for each in unapplied)
    named = {_spot(each) for each in answer.blockers}
    health = (each for one in answer.before for each in one.trace.health)
    dropped = {(target_text(each, language), _spot(each.blocker)): each.blocker for each in health if each.blocker}
    for (target, spot), blocker in dropped.items():
        if blocker.check and spot not in named:
            yield say(language, "fix.probe_stopped", target=target, what=blocker_text(blocker, language))


def _spot(blocker: Blocker) -> tuple[object, ...]:
    """Which rule of which interface drops whom."""
    check = blocker.check
    return (blocker.name, check and (check.direction, check.group, check.policy_index, check.peer, check.port))


def _proposed(snapshot: Snapshot, answer: Fix, language: str) -> Iterator[Section]:
    """The best proposal, the steps that make it, and the others."""
    best, *others = answer.proposals
    size = size_text(best, language)
    is_smallest = all(best.cost[0] <= each.cost[0] for each in others if each.is_of_groups)
    of_groups = say(language, "fix.smallest" if is_smallest else "fix.narrowest", size=size)
    title = of_groups if best.is_of_groups else say(language, "fix.repair", size=size)
    lines = [*proposal_lines(snapshot, best, answer.stops, language), *_notes(answer, language)]
    yield Section(title, lines)
    yield Section(scripts=scripts(snapshot, best, language))
    for other in others:
        title = say(language, "fix.instead", size=size_text(other, language))
        lines = [*proposal_lines(snapshot, other, answer.stops, language)]
        yield Section(title, lines, True, steps.command_lines(snapshot, other, language))


def _without_proposal(answer: Fix, language: str) -> Iterator[str]:
    if answer.works:
        sources = _few([block for each in answer.before for block in each.sources])
        yield say(language, "fix.nothing", sources=sources)
    elif answer.gaps or answer.verdict is Verdict.UNDETERMINED:
        yield say(language, "fix.undetermined")
        gaps = [gap for each in answer.left for gap in each.gaps]
        yield from dict.fromkeys(f"  {fact_text(gap, language)}" for gap in (*answer.gaps, *gaps))
        yield from _causes(answer, language)
    else:
        yield say(language, "fix.not_a_group")
        yield from _left(answer, language)


def _left(answer: Fix, language: str) -> list[str]:
    """Why requests still fail, each cause once, and what to look at."""
    causes = {(block.reason, block.name): None for each in answer.left for block in each.blockers if not block.check}
    named = [f"  [{reason}] {name}: {say(language, reason)}" for reason, name in causes]
    gaps = [f"  {fact_text(gap, language)}" for each in answer.left for gap in each.gaps]
    reasons = [f"  [{each.reason}] {say(language, each.reason)}" for each in answer.left]
    return [*dict.fromkeys((*named, *gaps) or reasons), *_causes(answer, language)]


def _causes(answer: Fix, language: str) -> Iterator[str]:
    for each in answer.causes_left:
        yield from cause_lines(each, language)


def _few(blocks: Sequence[str]) -> str:
    """All blocks, or the widest and the number of the others."""
    return listed(_few_blocks(blocks))


def _few_blocks(blocks: Sequence[str]) -> Entry:
    """The same as a list, where that is all."""
    if len(blocks) <= FEW:
        return tuple(map(Code, blocks))
    widest = sorted(blocks, key=lambda each: ip_network(each).prefixlen)[: FEW // 2]
    return f"{', '.join(widest)} ... (+{len(blocks) - len(widest)})"


def proposal_lines(snapshot: Snapshot, proposal: Proposal, stops: Sequence[Stop], language: str) -> Iterator[str]:
    told = [steps.step_text(each, language) for each in proposal.steps]
    told += [steps.sentence(snapshot, each, language) for each in proposal.changes]
    yield from (Phrase.of([f"  {number}. ", each]) for number, each in enumerate(told, start=1))
    yield from _admission_lines(proposal, language)
    if any(_is_of_pods(snapshot, each) for each in proposal.orders):
        yield say(language, "fix.order_of_add_on")
    yield from dict.fromkeys(_override_text(each, language) for each in overridden(stops, proposal.changes))
    if proposal.collateral:
        yield say(language, "fix.beside")
        yield from _flow_lines(proposal.collateral, language)
    if proposal.lost:
        yield say(language, "fix.lost")
        yield from _flow_lines(proposal.lost, language)
    for use in over_quota(snapshot, proposal.changes):
        what = finding_text(Finding(FindingCode(use.code), use.where, use.facts), language)
        yield say(language, "fix.over_quota", what=what)
    if proposal.only_if:
        yield say(language, "fix.only_if" if proposal.is_of_groups else "fix.only_if_target", port=proposal.only_if)


def besides(proposal: Proposal, language: str) -> str:
    """What it lets in beside what was asked for, in one line."""
    told = [*_flow_lines(proposal.collateral, language), *_admission_lines(proposal, language)]
    flows = say(language, "fix.one_flow" if proposal.cost[1] == 1 else "fix.flows", count=proposal.cost[1])
    more = say(language, "diagnose.more_flows", count=len(told) - 1, flows=flows) if len(told) > 1 else ""
    return told[0].strip() + more if told else say(language, "diagnose.nothing")


def _is_of_pods(snapshot: Snapshot, resource: str) -> bool:
    """Is it an interface of pods, and neither a CLB nor a node?"""
    balancers = {each.balancer_id for each in snapshot.load_balancers}
    return resource not in balancers and snapshot.node_of_instance(resource) is None


def _flow_lines(flows: Mapping[InterfaceSide, FlowSet], language: str) -> Iterator[str]:
    for (name, direction), each in flows.items():
        found = boxes(each)
        for box in found[:FEW]:
            yield f"  {name} {say(language, direction)} {box.protocol} {box.block} {box.port_text}"
        if len(found) > FEW:
            yield f"  {name} {say(language, direction)} ... (+{len(found) - FEW})"


def _admission_lines(proposal: Proposal, language: str) -> Iterator[str]:
    """Whom pass-to-target lets in."""
    for each in proposal.admits:
        facts = {
            "balancer": each.balancer,
            "listener": each.listener,
            "targets": _some(each.targets),
            "clients": _few(blocks_of(each.clients)),
        }
        yield say(language, "fix.opens_to_all" if each.everyone else "fix.opens", **facts)


def _some(names: Sequence[str]) -> str:
    """All of a few names, or the first and the number of the others."""
    return ", ".join(names[:FEW]) + (f" ... (+{len(names) - FEW})" if len(names) > FEW else "")


def _override_text(stop: Stop, language: str) -> str:
    group, direction, index = stop.spot
    facts = {
        "spot": f"{group} {direction}[{index}]",
        "rule": stop.rule.text if stop.rule else "",
        "sources": _few(stop.sources),
    }
    return say(language, "fix.overrides", **facts)


def size_text(proposal: Proposal, language: str) -> str:
    edits, flows, _ = proposal.cost
    many = say(language, "fix.one_edit") if edits == 1 else say(language, "fix.edits", count=edits)
    amount = say(language, {0: "fix.no_flows", 1: "fix.one_flow"}.get(flows, "fix.flows"), count=flows)
    return say(language, "fix.size", edits=many, flows=amount)


def _notes(answer: Fix, language: str) -> Iterator[str]:
    yield from dict.fromkeys(_opened(answer.best, language))
    for who in sorted({need.who for need in answer.needs} & {"nodes", "pods"}) if answer.changes else ():
        yield say(language, f"fix.subnets_of_{who}")
    if answer.changes or answer.best.orders:
        yield say(language, "fix.only_here")
    for resource, groups in (one for each in answer.too_wide for one in each.items()):
        yield say(language, "fix.order_too_wide", where=resource, groups=", ".join(groups))
    dead = {each.target: each for fare in answer.after for each in fare.trace.health if each.blocker}
    for each in dead.values():
        group = each.blocker and each.blocker.check and ", ".join(each.blocker.check.groups)
        if group and each.predicted == "Dead":
            yield say(language, "fix.health", target=target_text(each, language), state=each.predicted, group=group)


def _opened(proposal: Proposal, language: str) -> Iterator[str]:
    """Groups that would be opened to a block so wide that only an explicit request allows it."""
    for each in proposal.changes:
        peer = each.rule and each.rule.peer
        if isinstance(peer, Block) and peer.prefixlen < WIDE[peer.version]:
            yield say(language, "fix.world", group=each.group, direction=say(language, each.direction), block=peer)


def scripts(snapshot: Snapshot, proposal: Proposal, language: str) -> dict[str, Sequence[str]]:
    """The steps by each means that can make them, under its name."""
    parts = {
        "kubectl:": [said(line_to_paste(line), language) for line in kubectl_lines(proposal)],
        "tccli:": [said(line_to_paste(line), language) for line in commands(snapshot, proposal)],
        "Terraform (tencentcloud_security_group_rule_set):": steps.terraform(snapshot, proposal, language),
        say(language, "fix.in_console"): steps.console(snapshot, proposal, language),
    }
    return {title: lines for title, lines in parts.items() if lines}
