"""`drill fix` of a Service that is read now: what would change is shown, and with --apply written, seen and noted."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drilllib.cli import guarded
from drilllib.cli.asked import question_live, require_no_service
from drilllib.cli.fixed import document, status
from drilllib.cli.journals import folder, open_of
from drilllib.cli.lines import agreed
from drilllib.cli.live import read_live
from drilllib.cli.output import complain, tell, tell_json, tell_text
from drilllib.clients.capture import Captured
from drilllib.core.changes.plan import Plan, plan_of, refusals
from drilllib.core.diagnosis.diagnose import diagnose_ports
from drilllib.core.diagnosis.observation import compare
from drilllib.core.diff import difference_of_snapshots
from drilllib.core.fix.answer import Fix
from drilllib.core.fix.proposals import fix
from drilllib.core.rules.addresses import Block
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, InvalidInputError, TooComplexError
from drilllib.guard.apply import Guard
from drilllib.guard.errors import WriteRefusedError
from drilllib.guard.journal import Journal, stamp, utc_now
from drilllib.guard.scope import Scope
from drilllib.views.phrases.catalog import error_text, said, say
from drilllib.views.phrases.language import language
from drilllib.views.text.changes import plan_lines
from drilllib.views.text.diagnosed import observed_lines
from drilllib.views.text.diff import diff_text
from drilllib.views.text.fix import fix_text


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: the *clients* that shall get through, the *nodes* that pods' groups admit, in which *language*."""

    options: argparse.Namespace
    clients: Sequence[Block]
    nodes: Sequence[Block]
    language: str

    def read(self) -> tuple[Captured, Snapshot, Question]:
        """The Service as it is now."""
        captured = read_live(self.options.subject, self.options)
        snapshot = captured.snapshot
        return captured, snapshot, question_live(snapshot, captured.wanted, self.options)


def fix_live(options: argparse.Namespace, clients: Sequence[Block], nodes: Sequence[Block]) -> int:
    """
    Propose, show, and with --apply ask and write.

    Raises:
        DrillError: It cannot be read, or must not be written; nothing was, or all of it was taken back.
    """
    options.all = False
    require_no_service(options)
    ask = Ask(options, clients, nodes, language(options.lang))
    _require_options(options)
    told = 0
    if options.apply:
        guarded.cloud_of(options)  # without keys nothing is read, either
        told = 2 if guarded.close_what_is_due(options, ask.language) else 0
    captured, snapshot, question = ask.read()
    answer = fix(snapshot, question, clients, nodes)
    plan = _plan(answer, snapshot) if answer.proposals else None
    if not options.json:
        tell_text(fix_text(snapshot, answer, ask.language))
    if not options.apply or plan is None:
        return _dry(ask, snapshot, answer, plan) or told
    _require_writable(plan, options)
    if not options.json:
        tell(*_shown(plan, ask))
    if not options.yes and not agreed(say(ask.language, "apply.ask")):
        tell(say(ask.language, "apply.no"))
        return 1
    return _applied(ask, captured, plan, answer) or told


def _require_options(options: argparse.Namespace) -> None:
    if options.apply and not options.yes and (options.json or not sys.stdin.isatty()):
        raise InvalidInputError("Nobody can be asked here whether to write", remedy="Add --yes where that is decided")
    named = {"--yes": options.yes, "--for": options.limit, "--also": options.also, "--observe": options.observe}
    named |= {"--open-to-world": options.open_to_world}
    unused = [name for name, value in named.items() if value]
    if unused and not options.apply:
        raise InvalidInputError(
            "{options} is about what --apply writes", remedy="Add --apply, or leave it out", options=", ".join(unused)
        )


def _plan(answer: Fix, snapshot: Snapshot) -> Plan:
    """The first proposal that can be written from here; the best where none can."""
    plans = [plan_of(each, snapshot) for each in answer.proposals if each.is_of_groups]
    return next((each for each in plans if not each.by_hand()), None) or plan_of(answer.best, snapshot)


def _dry(ask: Ask, snapshot: Snapshot, answer: Fix, plan: Plan | None) -> int:
    """What would be written, where anything would."""
    if ask.options.json:
        tell_json(document(snapshot, answer))
    elif plan is not None and (plan.rules or plan.bindings):
        tell(*_shown(plan, ask), *_hindered(plan, ask), say(ask.language, "apply.dry"))
    return status(answer)


def _hindered(plan: Plan, ask: Ask) -> list[str]:
    found = refusals(plan)
    return [say(ask.language, "apply.refused"), *(f"  {said(each, ask.language)}" for each in found)] if found else []


def _shown(plan: Plan, ask: Ask) -> list[str]:
    """The difference of rules, and of what they let through."""
    try:
        reach = diff_text(difference_of_snapshots(plan.before, plan.after), "", ask.language).split("\n")
    except TooComplexError as error:
        reach = [error_text(error, ask.language)]
    return ["", say(ask.language, "apply.rules"), *plan_lines(plan), "", say(ask.language, "apply.reach"), *reach, ""]


def _require_writable(plan: Plan, options: argparse.Namespace) -> None:
    found = refusals(plan, also=options.also, world=options.open_to_world)
    if found:
        raise WriteRefusedError(found[0], remedy="Nothing was written")


def _applied(ask: Ask, captured: Captured, plan: Plan, answer: Fix) -> int:
    """Write it; whatever fails half-way is taken back."""
    with _guard(ask, captured, plan) as guard:
        _write(guard, plan, ask.language)
        journal, subject = guard.journal.id, str(guard.journal.head["subject"])
    others = open_of(subject, journal)
    _, snapshot, question = ask.read()
    again = fix(snapshot, question, ask.clients, ask.nodes)
    if ask.options.json:
        applied = {"journal": journal, "works": again.works, "also_open": others}
        tell_json({**document(plan.before, answer), "applied": applied})
        return status(again)
    tell(say(ask.language, "apply.written", journal=journal))
    if others:
        tell(say(ask.language, "apply.also_open", subject=subject, journals=", ".join(others)))
    verdict = say(ask.language, again.verdict)
    tell(say(ask.language, "apply.works" if again.works else "apply.works_not", verdict=verdict, journal=journal))
    if ask.options.observe:
        try:
            tell(*_observed(ask, snapshot, question))
        except InvalidInputError as error:  # no request can be sent from here
            complain(f"drill fix: {error_text(error, ask.language)}")
    return status(again)


def _guard(ask: Ask, captured: Captured, plan: Plan) -> Guard:
    limit, wanted = ask.options.limit, captured.wanted
    about: dict[str, Any] = {"subject": wanted.service or wanted.load_balancer, "region": plan.before.region or ""}
    if limit:
        about["until"] = stamp(utc_now() + limit)
    bound = {name: each for name, each in plan.bound().items() if name not in ask.options.also}
    world = frozenset(ask.options.open_to_world)
    scope = Scope(plan.groups, plan.resources, world, bound)
    cloud = guarded.cloud_of(ask.options)
    names = next((plan.before.group(each.group).names for each in plan.rules), None)
    return Guard(cloud, Journal.create(folder(), "fix", **about), scope, names=names)


def _write(guard: Guard, plan: Plan, spoken: str) -> None:
    """
    Raises:
        DrillError: One could not be written; what was is taken back, or it is said that it was not.
    """
    try:
        for each in plan.bindings:
            guard.bind(each.resource, each.after, expected=each.before, region=each.region)
        for change in plan.rules:
            guard.replace_rules(
                change.group, change.direction, change.after, expected=change.before, region=change.region
            )
    except (DrillError, KeyboardInterrupt):
        guarded.tell_back(guard.journal.id, guard.rollback(), spoken, complain)
        raise


def _observed(ask: Ask, snapshot: Snapshot, question: Question) -> list[str]:
    """What one real request from here meets, held against what the engine says of the first of the clients."""
    from drilllib.clients.observe import observe

    first = str(ask.clients[0].network_address)
    worst = diagnose_ports(snapshot, question, [first])[0].worst
    return [*observed_lines(compare(worst, observe(worst.answer.question)), ask.language)]
