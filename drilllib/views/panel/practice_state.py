"""What the page of practice shows, from the session and what was done at its panel."""

from collections.abc import Iterator, Sequence

from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.practice.looks import CLIENT, PRICES, Evidence, LookKind
from drilllib.core.practice.settings import Setting, settings_of
from drilllib.core.practice.statements import places_of
from drilllib.core.rules.rules import Direction
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.panel.practice_desk import PracticeDesk, Session
from drilllib.views.panel.practice_grade import grade_state
from drilllib.views.panel.practice_messages import (
    STAGES,
    ChangeState,
    ChoiceState,
    GradeState,
    HintState,
    LookState,
    PracticeState,
    RepairState,
    SeenState,
    Stage,
    StageState,
    StatementState,
)
from drilllib.views.panel.practice_words import PlaceNames, cause_name
from drilllib.views.phrases.catalog import say
from drilllib.views.text.hints import hint_text
from drilllib.views.text.looks import evidence_text, look_text

VALUES = ("on", "off", "ready", "unready")


def practice_state(
    desk: PracticeDesk, language: str, *, ticket: int = 0, problem: str = "", again: bool = False
) -> PracticeState:
    """
    All of it; *ticket* is the last command that it answers, *problem* what went wrong on the way.

    *again*: another attempt can be had after this one.
    """
    session, told = desk.session, desk.session.ticket(language)
    names = PlaceNames(session.world.snapshot, language)
    return {
        "ticket": ticket,
        "alert": _alert(desk, problem, language),
        "stage": stage_of(desk),
        "stages": list(_stages(desk, language)),
        "about": _about(desk, language),
        "heading": printable(told["title"]),
        "text": "\n".join(map(printable, told["text"].splitlines())),
        "spent": say(language, "practice_panel.spent", count=session.spent),
        "looks": list(_looks(session, names, language)),
        "hint": _hint(session, language),
        "log": list(log_of(desk, language)),
        "statement": _statement(desk, names, language),
        "repair": _repair(desk, names, language),
        "grade": grade_state(session.grade, language, again=again),
    }


def _alert(desk: PracticeDesk, problem: str, language: str) -> str:
    """What went wrong with the last command, or that it was a look taken before."""
    if problem:
        return say(language, "practice_panel.failed", problem=problem)
    return say(language, "practice_panel.repeated") if desk.repeated else ""


def _about(desk: PracticeDesk, language: str) -> str:
    """Which world it is; the name of the drill tells much, and stands there only after the end."""
    world = desk.session.world
    if stage_of(desk) == "graded" and desk.session.grade is not None:
        return say(language, "practice_panel.about_graded", drill=world.drill, level=world.level, seed=world.seed)
    return say(language, "practice_panel.about", level=world.level, seed=world.seed)


def stage_of(desk: PracticeDesk) -> Stage:
    """What the learner is at: looking until a cause is stated, repairing until it is graded."""
    if desk.session.grade is not None or desk.session.stage == "graded":
        return "graded"
    return "repair" if desk.is_repairing else "look"


def _stages(desk: PracticeDesk, language: str) -> Iterator[StageState]:
    at = {"look": 1 if not desk.evidence else 2, "repair": 3, "graded": 4}[stage_of(desk)]
    for place, each in enumerate(STAGES):
        done = place < at or at == len(STAGES) - 1
        name = say(language, f"practice_panel.stage_{each}")
        yield {"name": name, "look": "done" if done else "now" if place == at else "ahead"}


def _looks(session: Session, names: PlaceNames, language: str) -> Iterator[LookState]:
    every = session.offered()
    for kind in LookKind:
        places = [look.place for look in every if look.kind is kind]
        if places:
            yield {
                "kind": str(kind),
                "name": say(language, f"practice_panel.look_{kind}"),
                "cost": cost_text(PRICES[kind], language),
                "label": say(language, f"practice_panel.place_of_{kind}"),
                "places": [_choice(place, _place_text(kind, place, names, language)) for place in places],
                "typed": kind is LookKind.CURL,
            }


def _place_text(kind: LookKind, place: str, names: PlaceNames, language: str) -> str:
    if place == CLIENT:
        return say(language, "practice_panel.from_client")
    return names.of(place) if kind is LookKind.GROUPS else printable(place)


def cost_text(price: int, language: str) -> str:
    """What a look or a hint costs, told before it is taken."""
    return say(language, "practice_panel.cost", price=price)


def _hint(session: Session, language: str) -> HintState:
    rung, price = session.attempt.hints + 1, session.next_hint
    if price is None:
        return {"name": say(language, "practice_panel.hint_none"), "cost": ""}
    return {"name": say(language, f"practice_panel.hint_{min(rung, 3)}"), "cost": cost_text(price, language)}


def log_of(desk: PracticeDesk, language: str) -> Iterator[SeenState]:
    """The looks and hints that were taken, in their order."""
    session = desk.session
    evidence, hints = iter(desk.evidence), iter(session.hints)
    rung = 0
    for action in session.attempt.actions:
        price = getattr(action, "price", None)
        if price is not None and hasattr(action, "look"):
            yield _seen(next(evidence), price, language)
        elif price is not None:
            rung += 1
            text = hint_text(next(hints), language)
            yield {
                "name": say(language, f"practice_panel.hint_{min(rung, 3)}"),
                "cost": cost_text(price, language),
                "text": text,
                "plain": True,
            }


def _seen(evidence: Evidence, price: int, language: str) -> SeenState:
    name, text = look_text(evidence.look, language), evidence_text(evidence, language)
    return {"name": printable(name), "cost": cost_text(price, language), "text": text, "plain": False}


def _statement(desk: PracticeDesk, names: PlaceNames, language: str) -> StatementState:
    session, found = desk.session, places_of(desk.session.world.snapshot)
    return {
        "open": stage_of(desk) == "look",
        "again": session.stage == "stated",
        "places": [_choice(place, names.of(place)) for place in found],
        "causes": {place: list(_causes(kinds, language)) for place, kinds in found.items()},
        "groups": [_choice(group, group) for group in session.world.snapshot.groups],
        "rules": dict(_rules(session, desk.seen_groups)),
        "chosen": desk.chosen,
        "said": _said(session, names, language),
    }


def _said(session: Session, names: PlaceNames, language: str) -> list[str]:
    """The statement in words; nothing before there is one."""
    if session.statement is None:
        return []
    return [names.cause(each) for each in session.statement] or [say(language, "practice_panel.no_fault")]


def _causes(kinds: Sequence[CauseKind], language: str) -> Iterator[ChoiceState]:
    for kind in kinds:
        ways = tuple(Direction) if kind is CauseKind.GROUP else (None,)
        for way in ways:
            yield _choice(f"{kind} {way}" if way else str(kind), cause_name(kind, way, language))


def _rules(session: Session, groups: Sequence[str]) -> Iterator[tuple[str, list[ChoiceState]]]:
    """The lists that were looked at, as they stood at the start: by that place a cause is stated."""
    for group in groups:
        for direction in Direction:
            listed = session.world.snapshot.group(group).rules(direction) or ()
            rules = [_choice(str(place), f"[{place}] {rule.text}") for place, rule in enumerate(listed)]
            yield f"{group} {direction}", rules


def _repair(desk: PracticeDesk, names: PlaceNames, language: str) -> RepairState:
    if not desk.is_repairing:
        return {"help": "", "settled": False, "unseen": [], "changes": [], "tried": ""}
    session = desk.session
    settled = session.stage == "repair"
    settings = settings_of(session.snapshot(), session.world.question) if settled else ()
    seen, tried = desk.seen_groups, desk.tried
    unseen = [look.place for look in session.offered() if look.kind is LookKind.RULES and look.place not in seen]
    return {
        "help": say(language, "practice_panel.repair_help"),
        "unseen": [_choice(each, _open_text(each, language)) for each in unseen],
        "settled": settled,
        "changes": [_change(each, names, language) for each in settings],
        "tried": tried.transcript if tried else "",
    }


def _open_text(group: str, language: str) -> str:
    return say(language, "practice_panel.open_rules", group=group, cost=cost_text(PRICES[LookKind.RULES], language))


def _change(setting: Setting, names: PlaceNames, language: str) -> ChangeState:
    choices = [[each, _value(each, language)] for each in setting.choices]
    return {"key": setting.key, "name": names.setting(setting), "value": setting.value, "choices": choices}


def _value(value: str, language: str) -> str:
    return say(language, f"practice_panel.value_{value}") if value in VALUES else printable(value)


def _choice(value: str, text: str) -> ChoiceState:
    return {"value": value, "text": printable(text)}


def practice_text(desk: PracticeDesk, language: str) -> str:
    """The same as text, for readers without a page: the ticket, the log, the statement and the grade."""
    state = practice_state(desk, language)
    lines = [state["about"], state["heading"], state["text"], "", state["spent"]]
    for place, each in enumerate(state["log"], 1):
        lines += [f"{place}. {each['name']} ({each['cost']})", *(f"   {line}" for line in each["text"].splitlines())]
    if state["statement"]["said"]:
        lines += ["", say(language, "practice_panel.statement"), *(f"- {said}" for said in state["statement"]["said"])]
    if grade := state["grade"]:
        lines += ["", *grade_lines(grade, language)]
    return terminal_text(lines)


def grade_lines(grade: GradeState, language: str) -> list[str]:
    """A grade as lines of text: the verdict, each part and its reasons."""
    lines = [grade["verdict"]]
    for part in grade["parts"]:
        word = say(language, "practice_panel.colon") + part["word"] if part["word"] else ""
        lines += [f"{part['title']}{word}", *(f"   {line}" for line in part["lines"])]
    return lines
