"""A lesson in which the learner says what is wrong before anything else does."""

from dataclasses import replace
from types import EllipsisType
from typing import Any

from drilllib.core.check.repairs import RepairCheck
from drilllib.core.drills.diagnosis import causes_of, hosts_of, judge, last_seen, stops_at
from drilllib.core.drills.hidden import open_hidden
from drilllib.core.trace.blockers import Blocker
from drilllib.errors import InvalidInputError, LabStateError, quoted
from drilllib.lesson import record
from drilllib.lesson.edits import INGRESS
from drilllib.lesson.lesson import Lesson
from drilllib.lesson.predictions import about
from drilllib.lesson.repairs import is_blank, solving
from drilllib.views.phrases.catalog import say
from drilllib.views.repair_page import ShownRepair
from drilllib.views.shown import Several, Shown
from drilllib.views.text import diagnosis as text

HIDDEN = "case-"


class Investigation(Lesson):
    """
    A lesson whose fault is to be found: what tells a cause (`picture`, `explain`, `kernel`, `fix`) waits until the
    learner has stated with `diagnose` everything that still blocks.

    Args:
        fault: the planted mistake as in `Lesson`; or case-1, case-2, case-3, each of which hides one.
        seed: which faults the cases hide: a whole number, also as text. Another one, other faults.
        variant: what `Lesson` takes: listener, semantics, client, lab, solve.

    Raises:
        UnknownNameError: There is no such fault.
        InvalidInputError: There is no such case, or what `Lesson` raises it for.
    """

    def __init__(self, fault: str, *, seed: int | str = 1, **variant: Any) -> None:
        if fault.startswith(HIDDEN):
            planted = {name: variant[name] for name in ("listener", "semantics", "client") if name in variant}
            super().__init__("healthy", **variant, start=open_hidden(_case(fault), _seed(seed), **planted))
        else:
            super().__init__(fault, **variant)
        self._stated: set[str] = set()
        self._solves = solving() if variant.get("solve") is None else bool(variant["solve"])

    def diagnose(self, cause: Any = ..., *, seen: Any = None) -> Shown:
        """
        State what stops the packet, and with real packets also the host that has *seen* it last.

        What is still written as ``...`` is not judged; `diagnose()` alone lists what can be stated.

        Raises:
            UnknownNameError: There is no such cause, or no such host on the path.
        """
        answer = self._trace()
        right = stops_at(answer)
        if right is None:
            return Shown(text.nothing_to_state(self.language))
        solved = self._solves and ... in (cause, seen)
        if solved:
            cause, seen = right, None if seen is None else last_seen(answer)
        if ... in (cause, seen):
            captures = seen is not None or self._settings["fault"] == "healthy"  # a case is told by captures
            return Shown(text.to_be_stated(hosts_of(self.snapshot()) if captures else (), self.language))
        judged = judge(self.snapshot(), answer, cause, seen)
        if judged.is_right:
            self._stated.add(right)
        if not solved:
            record.note("prediction", f"diagnosis {self._settings['fault']} {right}", right=judged.is_right)
        return Shown(text.judgement_text(answer, cause, seen, judged, self.language, solved=solved))

    def curl(self, client: str | None = None) -> Shown:
        """
        ``curl -I`` to the Service's address, from another *client* than the lesson's own where one is named.

        Raises:
            InvalidInputError: *client* is no address.
            LabStateError: What it meets is not known.
        """
        if client is None:
            return super().curl()
        said = self.lab.probe(about(self.question, client))
        return Shown(f"[{client}] $ curl -I http://{self._trace().question.vip}\n{said.transcript}")

    def insert(self, where: Blocker | str, line: str, *, at: int | EllipsisType = 0, direction: str = INGRESS) -> Shown:
        """As `Lesson.insert`; which group it is may be left to write, too: ``"sg-..."``."""
        if not is_blank(where):
            return super().insert(where, line, at=at, direction=direction)
        check = next((each.check for each in self._trace().blockers if each.check), None)
        if check is None or not self._solves:
            return Shown(say(self.language, "repair_blank"))
        return super().insert(check.groups[0], "...", at=at)

    def watch(self, *hosts: Any) -> Shown:
        """
        Capture as `Lesson.watch` does, on the hosts that the learner chooses.

        ``watch(...)`` names none yet, and lists them; where nobody sits here, it captures on all.
        """
        known = hosts_of(self.snapshot())
        if ... not in hosts:
            return super().watch(*hosts)
        return super().watch(*known) if self._solves else Shown(text.to_be_watched(known, self.language))

    def picture(self) -> Shown:
        """The packet path, once the cause was stated."""
        return self._withheld() or super().picture()

    def explain(self) -> Shown:
        """The same in words, once the cause was stated."""
        return self._withheld() or super().explain()

    def fix(self, *clients: str) -> Shown:
        """The smallest change that lets *clients* through, once the cause was stated."""
        return self._withheld() or super().fix(*clients)

    def kernel(self) -> Shown | Several:
        """One request as the kernel saw it, once the cause was stated."""
        return self._withheld() or super().kernel()

    def blocker(self) -> Blocker:
        """
        The first thing that blocks, once it was stated.

        Raises:
            LabStateError: It was not stated yet, or nothing blocks.
        """
        if self._withheld():
            raise LabStateError("This would tell the cause", remedy="State yours first: lesson.diagnose()")
        return super().blocker()

    def verify(self) -> ShownRepair:
        """As `Lesson.verify`; what stops the client is told once it was stated."""
        shown = super().verify()
        check = shown.check
        tells = replace(check, tells=not self._withheld()) if isinstance(check, RepairCheck) else check
        return replace(shown, check=tells)

    def _withheld(self) -> Shown | None:
        """A line in the place of what would tell a cause that was not stated yet."""
        waits = causes_of(self._trace()) - self._stated
        return Shown(text.withheld(self.language)) if waits else None


def _case(name: str) -> int:
    number = name.removeprefix(HIDDEN)
    if not number.isdecimal():
        raise InvalidInputError("The case is {case}", remedy="Use 1, 2 or 3", case=quoted(name))
    return int(number)


def _seed(given: int | str) -> int:
    """The number; `drill run -p seed=4` gives a text."""
    try:
        return int(given)
    except ValueError:
        raise InvalidInputError("The seed is {seed}", remedy="Use a whole number", seed=quoted(given)) from None
