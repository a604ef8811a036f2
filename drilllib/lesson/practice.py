"""A fault that nobody has seen, in a notebook: by its panel, or by the same steps in code."""

from collections.abc import Sequence
from types import EllipsisType
from typing import Any

from drilllib.core.practice.looks import CLIENT, Look, LookKind
from drilllib.core.practice.settings import KINDS, with_setting
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import require_place, rules_of
from drilllib.errors import InvalidInputError, either, quoted
from drilllib.lesson import record
from drilllib.lesson.attempts import Attempting, attempt_at
from drilllib.lesson.repairs import is_blank, solving
from drilllib.lesson.stating import cause_of
from drilllib.practice.session import Session, Stage
from drilllib.views.html.practice import PracticeOutputs
from drilllib.views.html.rules import shown_rules
from drilllib.views.panel.static import headless, no_panel
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.shown import Shown

INGRESS = Direction.INGRESS
LESSON = "09-tickets"


class Practice:
    """
    An attempt at a fault that is not told: look at a price, state the cause, repair, and be graded.

    An attempt that was left open goes on where it was; its log is in the learner's folder, so a restarted kernel
    loses nothing. Elsewhere, and where nobody is learning, it is kept for as long as the machine keeps temporary files.

    Args:
        drill: which kind of fault; `drill practice --list` has the names, which tell much. By default the seed's, or
            without one what the learner should practise next.
        seed: which of its worlds: a whole number, also as text; drawn where it is None. A seed and a level are the same
            world on every machine.
        level: 1 small and one fault, 2 with noise, 3 with up to three faults; by default 1, or where drill and seed are
            left open as far as the learner is.
        lab: simulated, or netns for real packets.
        solve: put the reference in where a cell leaves something to write; by default only where nobody is there.

    Raises:
        UnknownNameError: There is no such drill.
        InvalidInputError: The seed, the level or the lab cannot be used.
    """

    def __init__(
        self,
        drill: str | None = None,
        *,
        seed: int | str | None = None,
        level: int | str | None = None,
        lab: str | None = None,
        solve: bool | None = None,
    ) -> None:
        self.language = language()
        self._lab = lab
        self._solves = solving() if solve is None else solve
        self._attempting: Attempting = attempt_at(drill, seed, level, lab)
        self._panels: list[Any] = []

    @property
    def session(self) -> Session:
        """The attempt itself."""
        return self._attempting.session

    @property
    def _outputs(self) -> PracticeOutputs:
        return PracticeOutputs(self.session, self.language)

    def ticket(self) -> Shown:
        """What was reported, and what each look costs."""
        return self._outputs.ticket(resumed=self._attempting.resumed)

    def panel(self) -> Any:
        """
        The attempt to click through: ticket and looks, the path as it was seen, the statement, the repair, the grade.

        Raises:
            MissingToolError: anywidget is not installed.
        """
        if headless():
            return self._outputs.log()
        try:
            from drilllib.views.panel.practice import PracticePanel
        except ImportError:
            raise no_panel() from None
        made = PracticePanel(self.session, self.language, again=self._again)
        self._panels = [*self._panels, made]
        return made

    def look(self, kind: str = "", place: str = "") -> Shown:
        """
        Take a look, at its price: ``look("rules", "sg-…")``. Without a kind it lists what can be looked at. The
        same look again costs nothing while nothing has changed.

        Raises:
            InvalidInputError: There is no such kind of look.
            UnknownNameError: There is no such place. That costs nothing.
        """
        if not kind or is_blank(kind, place):
            place = self._guilty(kind) if self._solves else ""
            if not place:
                return self._outputs.offered()
        if kind not in tuple(LookKind):
            raise InvalidInputError(
                "The look is {kind}", remedy="Use {choices}", kind=quoted(kind), choices=either(LookKind)
            )
        way = LookKind(kind)
        before = self.session.spent
        evidence = self.session.look(Look(way, place or (CLIENT if way is LookKind.CURL else "")))
        return self._done(self._outputs.seen(evidence, self.session.spent - before))

    def _guilty(self, kind: str) -> str:
        """The group of the first cause, whose rules are looked at where nobody is there to choose."""
        groups = (each.group for each in self.session.world.causes if each.group)
        return next(groups, "") if kind == LookKind.RULES else ""

    def hint(self) -> Shown:
        """
        The next hint, at the price that `ticket` tells: what is ruled out, then which look tells most, then which hop.

        Raises:
            LabStateError: There is no further hint.
        """
        before = self.session.spent
        told = self.session.hint()
        return self._done(self._outputs.hint(told, self.session.spent - before))

    def state(self, *causes: Any) -> Shown:
        """
        State what is wrong, before the repair: each cause as a tuple. ``state()`` says that nothing is.

        ``("group", "ins-…", "sg-…", 2)`` is the rule at place 2 of a group's ingress list, at that instance; ``"-"`` in
        its place says that no rule matches; a fifth entry ``"egress"`` means the list of the way out. Other causes have
        a kind and a resource: ``("weight", "lbl-…")``. What is still written as ``...`` states nothing, and lists what
        can be stated.

        Raises:
            InvalidInputError: Something stated is no cause, or not of that resource.
        """
        if any(is_blank(each) or (isinstance(each, Sequence) and is_blank(*each)) for each in causes):
            if not self._solves:
                return self._outputs.statable()
            stated = self.session.world.causes
            self.session.state(stated)
            return self._done(self._outputs.stated(stated, solved=True))
        stated = tuple(cause_of(each, self.session.world.snapshot) for each in causes)
        self.session.state(stated)
        return self._done(self._outputs.stated(stated))

    def insert(self, group_id: str, line: str, *, at: int | EllipsisType = 0, direction: str = INGRESS) -> Shown:
        """
        Put a rule, such as ``ACCEPT TCP 203.0.113.10 80``, into a group's list; 0 is the top.

        A rule, a place or a group with ``...`` in it is not written yet: nothing is changed, and a line says so.

        Raises:
            UnknownNameError: There is no such group; the message lists those that are.
            InvalidInputError: There is no such place.
            LabStateError: No cause is stated yet.
        """
        if isinstance(at, EllipsisType) or is_blank(line, group_id):
            return self._filled()
        way = Direction(direction)
        rules = list(rules_of(self.session.snapshot(), group_id, way))
        require_place(group_id, at, len(rules) + 1)
        rules.insert(at, rule_from_text(line))
        return self._replaced(group_id, way, rules)

    def delete(self, group_id: str, *places: int, direction: str = INGRESS) -> Shown:
        """
        Delete the rules at these places of a group's list, all counted before the first one goes.

        Raises:
            UnknownNameError: There is no such group.
            InvalidInputError: There is no such place.
            LabStateError: No cause is stated yet.
        """
        way = Direction(direction)
        rules = rules_of(self.session.snapshot(), group_id, way)
        for place in places:
            require_place(group_id, place, len(rules))
        return self._replaced(group_id, way, [rule for place, rule in enumerate(rules) if place not in places])

    def _replaced(self, group_id: str, direction: Direction, rules: Sequence[Any]) -> Shown:
        self.session.replace_rules(group_id, direction, rules)
        return self._done(shown_rules(group_id, direction, rules, self.language))

    def _filled(self) -> Shown:
        """What a cell does whose rule is left blank: nothing, or what the reference repair does."""
        if not self._solves or self.session.stage is Stage.LOOK:
            return Shown(say(self.language, "repair_blank"))
        world = self.session.world
        self.session.edit(world.reference)
        return self._done(self._outputs.filled())

    def bind(self, resource_id: str, *group_ids: str) -> Shown:
        """Bind exactly these groups, in this order, to a CLB, an instance or an interface."""
        self.session.bind_groups(resource_id, group_ids)
        groups = ", ".join(group_ids) or say(self.language, "no_groups")
        return self._done(say(self.language, "order", resource=resource_id, groups=groups))

    def set(self, kind: str = "", of: str = "", value: str = "") -> Shown:
        """
        Change a setting of the Service, the CLB or a node: ``set("target_port", "shop/web", "8080")``. Without a kind
        it lists them all, and from then on the statement stands: looks would have told that at a price.

        Raises:
            UnknownNameError: There is no such setting.
            InvalidInputError: It cannot have that value.
            LabStateError: No cause is stated yet.
        """
        if self.session.stage is Stage.LOOK:
            return Shown(say(self.language, "practice_panel.not_yet"))
        if kind in KINDS and not is_blank(of, value):
            question = self.session.world.question
            self.session.edit(with_setting(self.session.snapshot(), question, f"{kind} {of}", value))
        return self._done(self._outputs.settings(self.session.settings()))

    def probe(self) -> Shown:
        """
        The client's request once more, to see what the repair has done; it costs nothing. Before a cause is stated and
        after the end nothing is sent, and a line says so.
        """
        if self.session.stage is Stage.LOOK:
            return Shown(say(self.language, "practice_panel.not_yet"))
        if self.session.stage is Stage.GRADED:
            return Shown(say(self.language, "practice_panel.over"))
        return Shown(self.session.probe().transcript)

    def finish(self) -> Shown:
        """
        End the attempt, and grade it by its log. Before a cause is stated nothing is ended, and a line says so.

        Once it is over, the same grade again.
        """
        session = self.session
        if session.stage is Stage.LOOK:
            return Shown(say(self.language, "practice_panel.not_yet"))
        if session.stage is not Stage.GRADED:
            record.note("verified", "practice", right=session.finish().passed, lesson=LESSON)
        return self._done(self._outputs.grade())

    def close(self) -> None:
        """Let go of the log; the attempt can be gone on with."""
        self._attempting.close()

    def _again(self) -> Session:
        """The next world of the same drill."""
        header = self.session.attempt.header
        self._attempting.close()
        self._attempting = attempt_at(header.drill, header.seed + 1, header.level, self._lab)
        return self.session

    def _done(self, told: str | Shown) -> Shown:
        """What a step has told; open panels show what it has done."""
        for each in self._panels:
            each.refresh()
        return Shown(told) if isinstance(told, str) else told
