"""What the cells of a practice notebook show: the ticket with its prices, looks, what can be stated, the grade."""

from collections.abc import Iterator, Sequence

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.hints import Hint
from drilllib.core.practice.looks import CLIENT, PRICES, Evidence, LookKind
from drilllib.core.practice.settings import Setting
from drilllib.core.practice.statements import statable
from drilllib.core.rules.rules import Direction
from drilllib.errors import printable
from drilllib.quoting import terminal_text
from drilllib.views.html.elements import Block, Items, Page, Script, Stack, State, Table
from drilllib.views.html.words import columns
from drilllib.views.panel.practice_desk import PracticeDesk, Session
from drilllib.views.panel.practice_grade import grade_state
from drilllib.views.panel.practice_state import cost_text, grade_lines, practice_text
from drilllib.views.panel.practice_words import PlaceNames, cause_name
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.pieces import Code
from drilllib.views.shown import Shown
from drilllib.views.text.hints import hint_text
from drilllib.views.text.looks import evidence_text, look_text

MOST = 12  # places of one kind that are listed
PHRASES = (
    *("about", "resumed", "prices", "spent", "to_be_stated", "statement", "statement_filled", "repair_filled"),
    *("looked", "same", "comma", "hinted", "stage_look", "col_cost", "where", "cause", "grade", "looks"),
)


class PracticeOutputs:
    """Outputs about a *session*, in one language: the text and the page of each are made of the same words."""

    def __init__(self, session: Session, language: str) -> None:
        self._session, self._language = session, language
        self._names = PlaceNames(session.world.snapshot, language)

    def ticket(self, *, resumed: bool) -> Shown:
        """The ticket, and what a look costs; that an attempt goes on, where one does."""
        told, world = self._session.ticket(self._language), self._session.world
        title = printable(told["title"])
        prices = self._say("comma").join(f"{kind} {price}" for kind, price in PRICES.items())
        lines = [self._say("about", level=world.level, seed=world.seed), title, *told["text"].splitlines()]
        if resumed:
            lines.append(self._say("resumed", count=len(self._session.attempt.actions)))
        lines.append(self._say("prices", prices=prices))
        return self._shown([lines[0], lines[1], "", *lines[2:-1], "", lines[-1]], *map(printable, lines))

    def log(self) -> Shown:
        """All that was done so far."""
        text = practice_text(PracticeDesk(self._session), self._language)
        return Shown(text, page=self._page(Script(text.splitlines())))

    def offered(self) -> Shown:
        """Every kind of look with its price and its places."""
        rows = list(self._offered())
        lines = [f"{call:<22}{cost_text(price, self._language)}  {', '.join(places)}" for call, price, places in rows]
        cells = [(Code(call), Code(price), tuple(map(Code, map(printable, places)))) for call, price, places in rows]
        heads = [self._say("stage_look"), self._say("col_cost"), self._say("where")]
        return self._shown(lines, Table(self._say("looks"), heads, cells))

    def _offered(self) -> Iterator[tuple[str, int, list[str]]]:
        every = self._session.offered()
        for kind in LookKind:
            places = [look.place for look in every if look.kind is kind and look.place not in ("", CLIENT)]
            more = ["..."] if len(places) > MOST else []
            yield f'look("{kind}"{", ..." if places else ""})', PRICES[kind], [*places[:MOST], *more]

    def seen(self, evidence: Evidence, price: int) -> Shown:
        """What a look showed, and what has been spent; *price* is 0 where it is the same as before."""
        look = look_text(evidence.look, self._language)
        cost = cost_text(price, self._language) if price else self._say("same")
        head = self._say("looked", look=look, cost=cost, spent=self._spent())
        printed = evidence_text(evidence, self._language).splitlines()
        return self._shown([head, *printed], printable(head), Script(printed))

    def hint(self, told: Hint, price: int) -> Shown:
        """A hint, and what has been spent."""
        lines = hint_text(told, self._language).splitlines()
        spent = self._say("hinted", cost=cost_text(price, self._language), spent=self._spent())
        return self._shown([*lines, spent], Items("", lines), spent)

    def _spent(self) -> str:
        return self._say("spent", count=self._session.spent)

    def statable(self) -> Shown:
        """What can be stated of what."""
        lines, rows = [self._say("to_be_stated")], []
        for kind, resources in statable(self._session.world.snapshot).items():
            way = Direction.INGRESS if kind is CauseKind.GROUP else None
            rule = ', "sg-...", 0' if kind is CauseKind.GROUP else ""
            call, meaning = f'("{kind}", "..."{rule})', cause_name(kind, way, self._language)
            places = [self._names.of(each) for each in resources[:MOST]]
            lines += [f"{call}  {meaning}", *(f"    {each}" for each in places)]
            rows.append((Code(call), meaning, Stack(places)))
        heads = [Code("state"), self._say("cause"), self._say("where")]
        return self._shown(lines, Table(lines[0], heads, rows))

    def stated(self, causes: Sequence[Cause], *, solved: bool = False) -> Shown:
        """The statement in words; *solved*: nobody is there, so the reference was stated."""
        said = [self._names.cause(each) for each in causes] or [say(self._language, "practice_panel.no_fault")]
        head = self._say("statement_filled" if solved else "statement")
        return self._shown([head, *(f"- {each}" for each in said)], Items(head, said))

    def filled(self) -> Shown:
        """That the reference repair was put in, and what differs now."""
        head, changed = self._say("repair_filled"), list(self._changed())
        return self._shown([head, *changed], head, *([Script(changed)] if changed else []))

    def _changed(self) -> Iterator[str]:
        """The lists that are not as they were found."""
        before, now = self._session.world.snapshot, self._session.snapshot()
        for name, group in now.groups.items():
            for direction in Direction:
                old = [rule.text for rule in before.group(name).rules(direction) or ()]
                new = [rule.text for rule in group.rules(direction) or ()]
                yield from (f"+ {name}[{place}] {text}" for place, text in enumerate(new) if text not in old)
                yield from (f"- {name}[{place}] {text}" for place, text in enumerate(old) if text not in new)

    def settings(self, settings: Sequence[Setting]) -> Shown:
        """Every setting as it is."""
        lines = [f'set("{each.kind}", "{each.of}", "{each.value}")' for each in settings]
        return self._shown(lines, Script(list(map(printable, lines))))

    def grade(self) -> Shown:
        """The grade with its reasons."""
        state = grade_state(self._session.grade, self._language, again=False)
        if state is None:
            return self.log()
        kinds = {"ok": "ok", "no": "no", "plain": ""}
        rows = [
            (each["title"], State(each["word"], kinds[each["look"]]) if each["word"] else "", Stack(each["lines"]))
            for each in state["parts"]
        ]
        heads = [self._say("grade"), *columns(self._language, "result", "reason")]
        return self._shown(grade_lines(state, self._language), Table(state["verdict"], heads, rows))

    def _shown(self, lines: Sequence[str], *blocks: Block) -> Shown:
        return Shown(terminal_text(lines), page=self._page(*blocks))

    def _page(self, *blocks: Block) -> Page:
        return Page(self._language, blocks)

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"practice_panel.{key}", **values)
