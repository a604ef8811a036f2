"""
The panel's logic, without a page: it carries out a learner's commands in the lab and reports the new state.

A lab may be slow, so widgets call this off the kernel's event loop.
"""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass

from drilllib.core.drills.lab import Lab, Observation
from drilllib.core.overview import Overview, VoidRules, overview
from drilllib.core.reach.clients import Reach
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.errors import DrillError
from drilllib.views.panel.messages import Add, Delete, Move, Order, Switch, read_command
from drilllib.views.panel.rule_form import rule_of
from drilllib.views.panel.rule_list import RuleList

ListName = tuple[str, Direction]
Ask = Callable[[Snapshot, Question, Collection[str]], Overview]  # the groups are those whose rules are shown


@dataclass(frozen=True, slots=True)
class LabReport:
    """
    The lab after a command, and the engine's answers about it.

    *orders* has the groups of each resource that has several, *names* the display names of resources. *void* is as in
    `Overview`. *observed* is None if the lab could not be probed, and *probe_problem* says why; *reached* is empty if
    there is no exact answer, and *reach_problem* says why.
    """

    trace: Trace
    lists: Mapping[ListName, RuleList]
    orders: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    void: VoidRules
    observed: Observation | None
    probe_problem: DrillError | None = None
    reached: tuple[Reach, ...] = ()
    reach_problem: DrillError | None = None


class Desk:
    """
    A lab that a learner is working on.

    *groups* are the groups to show, in order; by default those that the packet meets. *offered* has rules to suggest
    for each group. *ask* is the engine, which answers the question about a snapshot of the lab.
    """

    def __init__(
        self,
        lab: Lab,
        question: Question,
        groups: Sequence[str] = (),
        offered: Mapping[str, Sequence[Rule]] | None = None,
        *,
        ask: Ask = overview,
    ) -> None:
        self._lab, self._question, self._ask = lab, question, ask
        offered = offered or {}
        self._lists = {
            (group, direction): RuleList.of(
                lab.rules(group, direction), offered.get(group, ()) if direction is Direction.INGRESS else ()
            )
            for group in groups or groups_met(ask(lab.snapshot(), question, ()).trace)
            for direction in Direction
        }

    def do(self, message: Mapping[str, object]) -> None:
        """
        Carry out one of `messages.Command`. An unknown command, or one about something that is gone, does nothing.

        Raises:
            DrillError: The rule cannot be read, or the lab refuses the change.
        """
        command = read_command(message)
        if command is None or command["do"] == "check":
            return
        if command["do"] == "order":
            self._reorder(command)
        else:
            self._edit(command)

    def _edit(self, command: Switch | Delete | Move | Add) -> None:
        name = next((name for name in self._lists if list_id(name) == command["list"]), None)
        if name is None:
            return
        before = self._lists[name].synced(self._lab.rules(*name))
        after = _changed(before, command)
        if after.rules != before.rules:
            self._lab.replace_rules(*name, after.rules)
        self._lists[name] = after

    def report(self) -> LabReport:
        """
        Ask the engine about the lab as it is now, and probe it.

        Raises:
            DrillError: The lab cannot be read; it may have been closed.
        """
        snapshot, shown = self._lab.snapshot(), {group for group, _ in self._lists}
        answers = self._ask(snapshot, self._question, shown)
        self._lists = {name: rules.synced(self._lab.rules(*name)) for name, rules in self._lists.items()}
        observed, problem = self._probe()
        return LabReport(
            trace=answers.trace,
            lists=dict(self._lists),
            orders=_orders(snapshot, shown),
            names={node.instance_id: node.name for node in snapshot.nodes if node.name},
            void=answers.void,
            observed=observed,
            probe_problem=problem,
            reached=answers.reached,
            reach_problem=answers.reach_problem,
        )

    def _probe(self) -> tuple[Observation | None, DrillError | None]:
        """The probe's result, or why there is none."""
        try:
            return self._lab.probe(self._question), None
        except DrillError as error:
            return None, error

    def _reorder(self, command: Order) -> None:
        groups = list(self._lab.snapshot().bound_groups().get(command["resource"]) or ())
        if command["group"] in groups:
            place = groups.index(command["group"])
            groups.insert(max(place + command["by"], 0), groups.pop(place))
            self._lab.bind_groups(command["resource"], groups)


def _orders(snapshot: Snapshot, shown: Set[str]) -> dict[str, tuple[str, ...]]:
    """The groups of each resource that has several, at least one of them *shown*."""
    bound = ((name, groups) for name, groups in snapshot.bound_groups().items() if groups)
    return {name: groups for name, groups in bound if len(groups) > 1 and shown & {*groups}}


def list_id(name: ListName) -> str:
    """The id of a list in messages."""
    return f"{name[0]} {name[1]}"


def _changed(rules: RuleList, command: Switch | Delete | Move | Add) -> RuleList:
    if command["do"] == "switch":
        return rules.switch(command["key"], command["on"])
    if command["do"] == "delete":
        return rules.delete(command["key"])
    if command["do"] == "move":
        return rules.move(command["key"], command["by"])
    return rules.add(rule_of(command["fields"]))


def groups_met(answer: Trace) -> list[str]:
    """The groups that the packet meets, in order."""
    checks = [check for path in answer.paths for hop in path.hops for check in hop.checks]
    return list(dict.fromkeys(group for check in checks for group in check.groups))
