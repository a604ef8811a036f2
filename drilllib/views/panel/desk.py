"""
The panel's logic, without a page: it carries out a learner's commands in the lab and reports the new state.

A lab may be slow, so widgets call this off the kernel's event loop.
"""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import replace

from drilllib.core.drills.lab import AlterableLab, Lab, Observation
from drilllib.core.drills.settings import listener_of, policy_of
from drilllib.core.overview import Overview, overview
from drilllib.core.rules.rules import Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.errors import DrillError
from drilllib.views.panel import guess
from drilllib.views.panel.bench import Bench
from drilllib.views.panel.commands import Command, Where, Which, read_command
from drilllib.views.panel.guess import ALL, HIDEABLE, PLACE, Said
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.meant import Meant, past_of
from drilllib.views.panel.worktop import Worktop, list_id

Ask = Callable[[Snapshot, Question, Collection[str]], Overview]  # the groups are those whose rules are shown


class Desk:
    """
    A lab that a learner is working on.

    *groups* are the groups to show, in order; by default those that the packet meets. *offered* has rules to suggest
    for each group. *level* is how much is shown before the learner has answered; where there is nothing to find, all
    is. *meant* is the lab as it is meant to be. *ask* is the engine, which answers the question about a snapshot.
    """

    def __init__(
        self,
        lab: Lab,
        question: Question,
        groups: Sequence[str] = (),
        offered: Mapping[str, Sequence[Rule]] | None = None,
        *,
        level: int = ALL,
        meant: Snapshot | None = None,
        ask: Ask = overview,
    ) -> None:
        self._ask, self._level = ask, level
        self._said: Said | None = None
        shown = groups or groups_met(ask(lab.snapshot(), question, ()).trace)
        self._top = Worktop(lab, question, shown, offered or {})
        self._meant = Meant(meant, ask)
        self._bench = Bench(self._top)

    def do(self, message: Mapping[str, object]) -> None:
        """
        Carry out one of `commands.Command`. An unknown command, or one about something that is gone, does nothing.

        Raises:
            DrillError: The rule or the client cannot be read, or the lab refuses the change.
        """
        command = read_command(message)
        if command is None or command["do"] == "check":
            return
        self._bench.sync()
        if command["do"] == "where" or command["do"] == "which":
            self._judge(command)
            return
        self._said = None
        if command["do"] == "undo" or command["do"] == "redo" or command["do"] == "reset":
            self._bench.travel(command["do"])
        else:
            self._bench.change(lambda: self._step(command))

    def report(self) -> LabReport:
        """
        Ask the engine about the lab as it is now, and probe it.

        Raises:
            DrillError: The lab cannot be read; it may have been closed.
        """
        top = self._top
        self._bench.sync()
        snapshot = top.lab.snapshot()
        answers = self._ask(snapshot, top.question, top.groups)
        self._level = self._level if _is_hideable(answers.trace) else ALL
        observed, problem = self._probe()
        return LabReport(
            trace=answers.trace,
            lists=dict(top.lists),
            orders=orders_of(snapshot, top.groups),
            names={node.instance_id: node.name for node in snapshot.nodes if node.name},
            void=answers.void,
            observed=observed,
            probe_problem=problem,
            reached=answers.reached,
            reach_problem=answers.reach_problem,
            level=self._level,
            said=self._said,
            steps=self._bench.steps(),
            settings=_settings(top, snapshot),
            meant=self._meant.rules(top.groups) if self._level == ALL else {},
        )

    def with_past(self, report: LabReport) -> LabReport:
        """
        The last *report* with who gets past the CLB, where that is shown. It takes as long as all the rest.

        Raises:
            DrillError: The lab cannot be read.
        """
        if report.level < ALL:
            return report
        snapshot = self._top.lab.snapshot()
        meant = self._meant.past(snapshot, self._top.question)
        return replace(report, past=past_of(snapshot, report.reached), meant_past=meant)

    def _step(self, command: Command) -> str:
        """Carry out a change, and name it; empty where nothing changed."""
        if command["do"] == "order":
            return self._top.reorder(command)
        if command["do"] == "ask":
            return self._top.ask(command)
        if command["do"] in ("switch", "delete", "move", "drop", "add"):
            return self._top.edit(command)
        return ""

    def _judge(self, command: Where | Which) -> None:
        """Take the learner's answer; it opens the next level, right or wrong."""
        answer = self._ask(self._top.lab.snapshot(), self._top.question, ()).trace
        if not _is_hideable(answer):
            return
        if command["do"] == "where" and self._level < PLACE:
            self._said = guess.judged_place(answer, command["hop"])
            self._level = PLACE if self._is_askable(answer) else ALL
        elif command["do"] == "which" and self._level == PLACE:
            self._judge_rule(answer, command)

    def _judge_rule(self, answer: Trace, command: Which) -> None:
        name = next((name for name in self._top.lists if list_id(name) == command["list"]), None)
        if name is None:
            return
        entries = self._top.lists[name].entries
        place = self._top.lists[name].place_of(command["key"]) if command["key"] is not None else None
        on = place is None or entries[place].on
        index = None if place is None else sum(entry.on for entry in entries[:place])
        self._said = guess.judged_rule(answer, *name, index, on=on)
        self._level = ALL

    def _is_askable(self, answer: Trace) -> bool:
        """Does a rule of a list that is shown decide?"""
        return any((guess.spot(check)[0], check.direction) in self._top.lists for check in guess.deciding(answer))

    def _probe(self) -> tuple[Observation | None, DrillError | None]:
        """The probe's result, or why there is none."""
        try:
            return self._top.lab.probe(self._top.question), None
        except DrillError as error:
            return None, error


def groups_met(answer: Trace) -> list[str]:
    """The groups that the packet meets, in order."""
    checks = [check for path in answer.paths for hop in path.hops for check in hop.checks]
    return list(dict.fromkeys(group for check in checks for group in check.groups))


def _is_hideable(answer: Trace) -> bool:
    """Is there a place to be found?"""
    return answer.verdict in HIDEABLE and bool(guess.stops(answer))


def orders_of(snapshot: Snapshot, shown: Set[str]) -> dict[str, tuple[str, ...]]:
    """The groups of each resource that has several, at least one of them *shown*."""
    bound = ((name, groups) for name, groups in snapshot.bound_groups().items() if groups)
    return {name: groups for name, groups in bound if len(groups) > 1 and shown & {*groups}}


def _settings(top: Worktop, snapshot: Snapshot) -> dict[str, str]:
    """How the question is asked; a lab with real packets is made for one client, listener and policy."""
    found = {"client": top.question.client}
    if not isinstance(top.lab, AlterableLab):
        return {}
    listener, policy = listener_of(snapshot), policy_of(snapshot, top.question)
    return found | ({"listener": listener} if listener else {}) | ({"policy": policy} if policy else {})
