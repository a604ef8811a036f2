"""
Engine and kernel get the same flows: do they agree on every verdict, and on the rule that gave it?

The engine reads rules as ranges of numbers; the kernel gets them as nftables statements and real packets. What both say
alike was found in two different ways.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drilllib.core.rules.rules import Action, Decision, Direction, Flow, SecurityGroup, decide
from drilllib.labs.netns.verify.packets import Answer, Witness
from drilllib.labs.netns.verify.random_groups import Drawn, draw

Decide = Callable[[Sequence[SecurityGroup], Direction, Flow], Decision]
Kind = tuple[Direction, str, int, Action]  # a direction, a protocol, an address family, and the kernel's verdict


@dataclass(slots=True)
class Report:
    """What came of a comparison. *undetermined* flows, which the engine would not decide, are no decisions."""

    seed: object
    group_sets: int = 0
    several_groups: int = 0
    undetermined: int = 0
    counts: Counter[Kind] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)

    @property
    def decisions(self) -> int:
        """Flows that both decided."""
        return sum(self.counts.values())

    @property
    def agrees(self) -> bool:
        """Did both decide every flow alike? All that `draws` makes can be decided."""
        return not self.disagreements and not self.undetermined

    def count(self, **wanted: object) -> int:
        """Decisions of a kind: *direction*, *protocol*, *family*, *action*."""
        names = ("direction", "protocol", "family", "action")
        kinds = [(dict(zip(names, kind, strict=True)), count) for kind, count in self.counts.items()]
        return sum(count for kind, count in kinds if wanted.items() <= kind.items())


def check_decisions(
    seed: object,
    groups: int,
    flows_per_group: int,
    decide: Decide = decide,
    progress: Callable[[int], None] = lambda decisions: None,
) -> Report:
    """
    Compare *groups* random sets of groups, each over *flows_per_group* random flows.

    *decide* is the engine; *progress* is called after each set with how many decisions have been compared.

    Raises:
        MissingToolError: The machine lacks nftables, ip or unshare.
        LabStateError: The machine forbids namespaces, or the kernel refuses something.
    """
    report = Report(seed)
    with Witness() as witness:
        for number in range(groups):
            drawn = draw(seed, number, flows_per_group)
            _compare(report, number, drawn, witness.answers(drawn.groups, drawn.questions), decide)
            progress(report.decisions)
    return report


def _compare(report: Report, number: int, drawn: Drawn, answers: Sequence[Answer], decide: Decide) -> None:
    report.group_sets += 1
    report.several_groups += len(drawn.groups) > 1
    for (direction, flow), kernel in zip(drawn.questions, answers, strict=True):
        decision = decide(drawn.groups, direction, flow)
        if decision.action is Action.UNDETERMINED:
            report.undetermined += 1
            continue
        report.counts[direction, flow.protocol, flow.peer.version, kernel.action] += 1
        engine = Answer(decision.action, decision.group, decision.policy_index)
        if engine != kernel:
            report.disagreements.append(
                _disagreement(f"seed {report.seed}/{number}", drawn, direction, flow, engine, kernel)
            )


def _disagreement(where: str, drawn: Drawn, direction: Direction, flow: Flow, engine: Answer, kernel: Answer) -> str:
    """One line from which the disagreement can be reproduced."""
    port = "" if flow.port is None else f" {flow.port}"
    asked = f"{direction} {flow.protocol} {flow.peer}{port}: engine {_answer(engine)}, kernel {_answer(kernel)}"
    lists = (
        f"{group.group_id} [{', '.join(rule.text for rule in group.rules(direction) or ())}]" for group in drawn.groups
    )
    members = (f"{name}={','.join(texts)}" for name, texts in drawn.members.items())
    return f"{where}: {asked}; {' '.join(lists)} with {' '.join(members)}"


def _answer(answer: Answer) -> str:
    place = "implicit deny" if answer.group is None else f"{answer.group}[{answer.policy_index}]"
    return f"{answer.action} by {place}"
