"""What the notebooks call: one drill in one lab, asked by one client, shown in the reader's language."""

import copy
import weakref
from collections.abc import Sequence
from typing import Any

from drilllib.core.drills import default_lab, faults
from drilllib.core.rules.addresses import parse_address
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Flow, Rule, decide
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.path import Blocker
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError, LabStateError, Message, MissingToolError
from drilllib.lesson.exact import ExactAnswers, require_place
from drilllib.lesson.labs import open_lab
from drilllib.lesson.packets import RealPackets
from drilllib.lesson.quizzes import load_quiz
from drilllib.views.panel.desk import Desk, groups_met
from drilllib.views.panel.static import StaticPanel, headless
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.shown import Shown, shown_path
from drilllib.views.text import listings
from drilllib.views.text import trace as text
from drilllib.views.text.quiz import QuizText


class Lesson(ExactAnswers, RealPackets):
    """
    A drill being played. Everything shown comes from the lab's state at that moment.

    Args:
        fault: the planted mistake; `drill example --list` has the names.
        listener: HTTP (layer 7) or TCP (layer 4).
        semantics: documented, or original for the original drill's text taken at its word.
        client: the address that asks.
        lab: simulated, or netns for real packets; by default what DRILL_LAB says.

    Raises:
        UnknownNameError: There is no such fault.
        InvalidInputError: The listener, the semantics, the client or the lab cannot be used.
    """

    def __init__(
        self,
        fault: str,
        *,
        listener: str = "HTTP",
        semantics: str = "documented",
        client: str = default_lab.CLIENT,
        lab: str | None = None,
    ) -> None:
        self.language = language()
        variant = {"listener": listener, "semantics": semantics, "client": client}
        self._kind = lab
        self.lab = open_lab(faults.open_fault(fault, **variant), client, lab)
        self.question = Question(client=client, service=default_lab.SERVICE, port=80)
        self._healthy = faults.open_fault("healthy", **variant)
        self._panels: weakref.WeakSet[Any] = weakref.WeakSet()

    def trace(self, client: str | None = None) -> Trace:
        """The engine's whole answer, for this lesson's client or another one."""
        asked = self.question if client is None else Question(client=client, service=self.question.service, port=80)
        return trace(self.lab.snapshot(), asked)

    def curl(self) -> Shown:
        """``curl -I`` to the Service's address, and what it prints."""
        said = self.lab.probe(self.question)
        return Shown(f"$ curl -I http://{self.trace().question.vip}\n{said.transcript}")

    def picture(self) -> Shown:
        """The packet path, with the place where the packet stops."""
        return shown_path(self.trace(), self.language)

    def explain(self) -> Shown:
        """The same in words: every hop, check and rewrite, what blocks, what was assumed."""
        return Shown(text.trace_text(self.trace(), self.language))

    def health(self) -> Shown:
        """What the CLB's health checks say of its targets."""
        return Shown(text.health_text(self.trace(), self.language))

    def rules(self, group_id: str) -> Shown:
        """A group's ingress list from the top."""
        rules = self.lab.rules(group_id, Direction.INGRESS)
        return Shown(text.rules_text(group_id, Direction.INGRESS, rules, self.language))

    def decide(self, group_id: str, peer: str, port: int) -> Shown:
        """What a group's ingress list says of a TCP packet from *peer* to *port*, asked on its own."""
        self.lab.rules(group_id, Direction.INGRESS)  # a group that is not there is said so
        flow = Flow(protocol="TCP", peer=parse_address(peer, Message("The peer")), port=port)
        decision = decide([self.lab.snapshot().group(group_id)], Direction.INGRESS, flow)
        return Shown(text.decision_text(decision, self.language))

    def blocker(self) -> Blocker:
        """
        The first thing that blocks.

        Raises:
            LabStateError: Nothing does.
        """
        blockers = self.trace().blockers
        if not blockers:
            raise LabStateError("Nothing blocks any more", remedy="Go on with the next cell, or make a new Lesson")
        return blockers[0]

    def insert(self, where: Blocker | str, line: str, *, at: int = 0) -> Shown:
        """
        Put a rule, such as ``ACCEPT TCP 203.0.113.10 80``, into a list of a group; 0 is the top.

        *where* is something that blocks, whose first group and direction are meant, or the id of a group, whose ingress
        list is.

        Raises:
            InvalidInputError: The list has the rule already, which the API refuses, or there is no such place.
        """
        by_group = isinstance(where, str)
        group_id = where if by_group else where.check.groups[0]
        direction = Direction.INGRESS if by_group else where.check.direction
        rules, rule = list(self.lab.rules(group_id, direction)), rule_from_text(line)
        require_place(group_id, at, len(rules) + 1)
        if rule.text in [each.text for each in rules]:
            raise InvalidInputError(
                "{group_id} has {text} already, and the API refuses it a second time (DuplicatePolicy)",
                remedy="Delete the one that is there first",
                group_id=group_id,
                text=rule.text,
            )
        rules.insert(at, rule)
        self.lab.replace_rules(group_id, direction, rules)
        self._refresh()
        return Shown(text.rules_text(group_id, direction, rules, self.language))

    def replace(self, group_id: str, *lines: str) -> Shown:
        """Make these rules the group's whole ingress list."""
        rules = [rule_from_text(line) for line in lines]
        self.lab.replace_rules(group_id, Direction.INGRESS, rules)
        self._refresh()
        return Shown(text.rules_text(group_id, Direction.INGRESS, rules, self.language))

    def bind(self, resource_id: str, *group_ids: str) -> Shown:
        """Bind exactly these groups, in this order, to a CLB, an instance or an interface."""
        self.lab.bind_groups(resource_id, group_ids)
        self._refresh()
        groups = ", ".join(group_ids) or say(self.language, "no_groups")
        return Shown(say(self.language, "order", resource=resource_id, groups=groups))

    def version(self, group_id: str) -> Shown:
        """The number of the group's rule set, which grows with every change."""
        self.lab.rules(group_id, Direction.INGRESS)
        policy_set = self.lab.snapshot().to_dict()["security_groups"][group_id]["SecurityGroupPolicySet"]
        return Shown(say(self.language, "version", group=group_id, version=policy_set["Version"]))

    def rehearsal(self) -> "Lesson":
        """The same lesson on a copy of the lab: what is changed there changes nothing here."""
        other = copy.copy(self)
        other.lab, other._panels = open_lab(self.lab.snapshot(), self.question.client, self._kind), weakref.WeakSet()
        return other

    def panel(self, *group_ids: str, suggestions: bool = True):
        """
        The rules of these groups (all if none is named) to work on, with path and symptom below.

        *suggestions*: rules of the healthy lab that a group lacks stand ready beside its own, to be ticked.

        Raises:
            UnknownNameError: There is no such group.
            MissingToolError: anywidget is not installed.
        """
        chosen = group_ids or tuple(dict.fromkeys([*groups_met(self.trace()), *self.lab.snapshot().groups]))
        offered = {group_id: self._offered(group_id) for group_id in chosen} if suggestions else {}
        if headless():
            return StaticPanel(Desk(self.lab, self.question, chosen, offered).report(), self.language)
        try:
            from drilllib.views.panel.panel import DrillPanel
        except ImportError:
            raise MissingToolError(
                "anywidget is not installed, so there is no panel",
                remedy="pip install 'drilllib[course]', or go on with the next cell",
            ) from None
        panel = DrillPanel(self.lab, self.question, self.language, groups=chosen, offered=offered)
        self._panels.add(panel)
        return panel

    def kubectl_get_service(self) -> Shown:
        """``kubectl get service -n shop -o wide``."""
        return Shown(listings.kubectl_get_service(self.lab.snapshot(), self._namespace, self.language))

    def kubectl_get_pods(self) -> Shown:
        """``kubectl get pods -n shop``, with the columns that matter here."""
        return Shown(listings.kubectl_get_pods(self.lab.snapshot(), self._namespace, self.language))

    def kubectl_get_nodes(self) -> Shown:
        """``kubectl get nodes``, with the columns that matter here."""
        return Shown(listings.kubectl_get_nodes(self.lab.snapshot(), self.language))

    def load_balancers(self) -> Shown:
        """The CLBs with their listeners, targets and groups."""
        return Shown(listings.load_balancers(self.lab.snapshot(), self.language))

    def interfaces(self) -> Shown:
        """The nodes' and the pods' network interfaces with their groups."""
        return Shown(listings.interfaces(self.lab.snapshot(), self.language))

    def ipamd_log(self) -> Shown:
        """The original drill's query of the tke-eni-ipamd log: the groups of the pods' interfaces."""
        return Shown(listings.ipamd_log(self.lab.snapshot(), self.language))

    def close(self) -> Shown:
        """Clean up. The lab cannot be used afterwards."""
        self.lab.close()
        return Shown(say(self.language, "closed"))

    def _refresh(self) -> None:
        """Let the panels show what code has changed."""
        for panel in self._panels:
            panel.refresh()

    @property
    def _namespace(self) -> str:
        return self.question.service.split("/")[0]

    def _offered(self, group_id: str) -> Sequence[Rule]:
        return self._healthy.group(group_id).rules(Direction.INGRESS) or ()


def quiz(name: str):
    """
    The self-check of a lesson, such as 00-start.

    Raises:
        UnknownNameError: No lesson has that name.
    """
    questions = load_quiz(name)
    if headless():
        return QuizText(questions, language())
    from drilllib.views.panel.quiz import Quiz

    return Quiz(questions, language())
