"""
What a lesson's cells call: one drill in one lab, asked by one client, shown in the reader's language.

A `Lesson` asks the engine and shows the answer. Its parts do the rest: `GroupEditor` changes the lab, `Panels` are
what a learner clicks in, `RealPackets` looks into the hosts of a lab with real packets.
"""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from drilllib import _library as library
from drilllib.core.check.repairs import check_repair
from drilllib.core.drills import default_lab, faults
from drilllib.core.drills.intents import as_meant, intent_of
from drilllib.core.drills.lab import Observation
from drilllib.core.fix.proposals import Fix
from drilllib.core.quiz.predictions import Topic
from drilllib.core.reach import clients as reaching
from drilllib.core.rules.addresses import parse_address
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.request import trace
from drilllib.errors import LabStateError, Message
from drilllib.lesson import record
from drilllib.lesson.editor import GroupEditor
from drilllib.lesson.edits import Edits
from drilllib.lesson.labs import of_rehearsal, open_lab, what_stands
from drilllib.lesson.packets import RealPackets
from drilllib.lesson.panels import Panels
from drilllib.lesson.predictions import SEEN_IN_A_TRACE, Asks, Predictions, about, shows
from drilllib.lesson.repairs import Repair
from drilllib.lesson.tables import Tables
from drilllib.views.html.diff import shown_diff
from drilllib.views.html.fix import shown_fix
from drilllib.views.html.lint import shown_lint
from drilllib.views.html.reach import shown_accepted, shown_reach
from drilllib.views.html.rules import shown_decision, shown_health, shown_rules
from drilllib.views.panel.guess import SYMPTOM
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.shown import Several, Shown, below, shown_path
from drilllib.views.text.check import check_text
from drilllib.views.text.trace import trace_text

INGRESS = Direction.INGRESS


class Lesson(Asks, Edits, Tables):
    """
    A drill being played. Everything shown comes from the lab's state at that moment.

    Args:
        fault: the planted mistake; `drill example --list` has the names.
        listener: HTTP (layer 7) or TCP (layer 4).
        semantics: documented, or original for the original drill's text taken at its word.
        client: the IPv4 address that asks.
        lab: simulated, netns for real packets, or live for a real cluster; by default what DRILL_LAB says.
        start: the lab's state at the beginning; by default the default lab with the fault in it.
        solve: put the reference repair in where a cell leaves a rule to write; by default only where nobody is there.

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
        start: Snapshot | None = None,
        solve: bool | None = None,
    ) -> None:
        variant = {"listener": listener, "semantics": semantics, "client": client}
        planted = faults.open_fault(fault, **variant)
        self._settings: dict[str, Any] = {"fault": fault, **variant, "lab": lab, "solve": solve}
        self.language, self.lab = language(), open_lab(start or planted, client, lab)
        self.question = Question(client=client, service=default_lab.SERVICE, port=80)
        intent, healthy = intent_of(fault, semantics=semantics, client=client), faults.open_fault("healthy", **variant)
        self._panels = Panels(self.lab, self.question, self.language, healthy, as_meant(healthy, intent))
        self._editor = GroupEditor(self.lab, self.language, self._panels.refresh)
        self._packets = RealPackets(self.lab, self.question, self.language)
        self.predictions = Predictions(self.lab, self.language)
        record.begin(fault)
        self._repair = Repair(
            fault,
            self.lab,
            self.language,
            lambda snapshot: check_repair(snapshot, self.question, intent),
            intent.reference,
            solve=solve,
        )

    @property
    def client_block(self) -> str:
        """The /24 that the lab's rules admit, around this lesson's client."""
        return str(ip_network(f"{self.question.client}/24", strict=False))

    def snapshot(self) -> Snapshot:
        """The lab as it is now."""
        return self.lab.snapshot()

    def rehearsal(self) -> "Lesson":
        """The same lesson on a copy of the lab: what is changed there changes nothing here."""
        settings = {**self._settings, "lab": of_rehearsal(self._settings["lab"])}
        return Lesson(**settings, start=self.snapshot())

    def close(self) -> Shown:
        """Clean up. The lab cannot be used afterwards."""
        self.lab.close()
        return Shown("\n".join(filter(None, (say(self.language, "closed"), what_stands(self.lab)))))

    # One request

    def trace(self, client: str | None = None) -> Trace:
        """The engine's whole answer, for this lesson's client or another one."""
        answer = trace(self.snapshot(), about(self.question, client))
        self.predictions.settle(*SEEN_IN_A_TRACE, client=answer.question.client)
        return answer

    def _trace(self) -> Trace:
        return trace(self.snapshot(), self.question)

    @shows(Topic.OUTCOME, Topic.REACH)
    def probe(self) -> Observation:
        """One request in the lab: what the client met, its transcript, and the seconds it took."""
        return self.lab.probe(self.question)

    def curl(self) -> Shown:
        """``curl -I`` to the Service's address, and what it prints."""
        said = self.probe()
        return Shown(f"$ curl -I http://{self._trace().question.vip}\n{said.transcript}")

    @shows(*SEEN_IN_A_TRACE)
    def picture(self) -> Shown:
        """The packet path, with the place where the packet stops."""
        return shown_path(self._trace(), self.language)

    @shows(*SEEN_IN_A_TRACE)
    def explain(self) -> Shown:
        """The same in words: every hop, check and rewrite, what blocks, what was assumed."""
        return Shown(trace_text(self._trace(), self.language))

    @shows(Topic.HEALTH)
    def health(self) -> Shown:
        """What the CLB's health checks say of its targets."""
        return shown_health(self._trace(), self.language)

    def blocker(self) -> Blocker:
        """
        The first thing that blocks.

        Raises:
            LabStateError: Nothing does.
        """
        blockers = self._trace().blockers
        if not blockers:
            raise LabStateError("Nothing blocks any more", remedy="Go on with the next cell, or make a new Lesson")
        return blockers[0]

    # A group's rules

    def rules(self, group_id: str) -> Shown:
        """A group's ingress list from the top."""
        return shown_rules(group_id, INGRESS, self.lab.rules(group_id, INGRESS), self.language)

    def rule_texts(self, group_id: str) -> list[str]:
        """The same list as `insert` and `replace` take it, such as ``ACCEPT TCP 203.0.113.0/24 80``."""
        return [rule.text for rule in self.lab.rules(group_id, INGRESS)]

    def version(self, group_id: str) -> Shown:
        """The number of the group's rule set, which grows with every change."""
        self.lab.rules(group_id, INGRESS)  # a group that is not there is said so
        return Shown(say(self.language, "version", group=group_id, version=self.snapshot().version_of(group_id)))

    def decide(self, group_id: str, peer: str, port: int) -> Shown:
        """What a group's ingress list says of a TCP packet from *peer* to *port*, asked on its own."""
        self.lab.rules(group_id, INGRESS)
        flow = Flow(protocol="TCP", peer=parse_address(peer, Message("The peer")), port=port)
        self.predictions.settle(Topic.RULE, client=peer, group=group_id)
        return shown_decision(group_id, flow, decide([self.snapshot().group(group_id)], INGRESS, flow), self.language)

    def panel(self, *group_ids: str, suggestions: bool = True, reveal: int = SYMPTOM) -> Any:
        """
        The rules of these groups (all if none is named) to work on, with path and symptom below.

        *suggestions*: rules of the healthy lab that a group lacks stand ready beside its own, to be ticked. *reveal* is
        how much is shown of a request that fails before the learner has answered: 1 the symptom and the rules, 2 also
        where the packet stops, 3 everything. Where nobody can click, everything is.

        Raises:
            UnknownNameError: There is no such group.
            InvalidInputError: *reveal* is none of these.
            MissingToolError: anywidget is not installed.
        """
        return self._panels.open(group_ids, suggestions, reveal)

    # All requests

    def reach(self) -> Shown:
        """Every client that gets through, and every one that does not, with the reason."""
        self.predictions.settle(Topic.REACH)
        return shown_reach(reaching.reach(self.snapshot(), self.question), self.language)

    def accepted(self, group_id: str) -> Shown:
        """All that a group's ingress list lets in, in few lines; they may overlap."""
        self.lab.rules(group_id, INGRESS)
        group = self.snapshot().group(group_id)
        return shown_accepted(group_id, [group], accepted([group], INGRESS), INGRESS, self.language)

    def lint(self, group_id: str) -> Shown:
        """What is wrong with a group's rules: dead, too wide, misleading."""
        self.lab.rules(group_id, INGRESS)
        found = [each for each in library.lint(self.snapshot()) if each.group == group_id]
        return shown_lint(found, self.language)

    def diff(self, before: Snapshot) -> Shown:
        """What has changed since *before*, for clients and for every flow at every interface."""
        self.predictions.settle(Topic.REACH)
        return shown_diff(library.diff(before, self.snapshot()), self.language)

    def check(self, document: Mapping[str, Any]) -> Shown:
        """Do these expectations hold? Raises InvalidInputError where one cannot be read."""
        return Shown(check_text(library.check(self.snapshot(), document), self.language))

    def fix(self, *clients: str) -> Shown:
        """The smallest change that lets *clients* through, as a proposal."""
        return shown_fix(self.snapshot(), self._fix(clients), self.language)

    def apply_fix(self, *clients: str) -> Shown:
        """Make that change of groups, and show what it has changed."""
        found = [each for each in self._fix(clients).proposals if each.is_of_groups]
        shown = [self._editor.bind(*each) for proposal in found[:1] for each in proposal.orders.items()]
        shown += [self._editor.apply(proposal.changes) for proposal in found[:1]]
        return below(*shown)

    def _fix(self, clients: tuple[str, ...]) -> Fix:
        question = Question(service=self.question.service, port=self.question.port)
        return library.fix(self.snapshot(), question, clients)

    # Real packets; in a simulated lab each says in a line what is missing

    def run(self, host: str, command: str) -> Shown:
        """A command line in a host, and what it prints."""
        return self._packets.run(host, command)

    @shows(Topic.OUTCOME, Topic.HOP, Topic.REACH)
    def watch(self, *hosts: str) -> Shown:
        """One ``curl -I`` while tcpdump runs in these hosts: the handshakes and refusals that each of them saw."""
        return self._packets.watch(hosts)

    @shows(*SEEN_IN_A_TRACE)
    def kernel(self) -> Shown | Several:
        """One request as the kernel saw it, hop by hop, and whether the model says the same."""
        return self._packets.kernel()

    @shows(Topic.RULE)
    def counters(self, group_id: str, direction: str = INGRESS) -> Shown:
        """One ``curl -I``, and how many new connections each rule of a group counted meanwhile."""
        return self._packets.counters(group_id, Direction(direction))

    def let_pod(self, host: str, behaviour: str) -> Shown:
        """Let a pod listen (`listens`), refuse every connection (`refuses`) or answer late (`slow`)."""
        return self._packets.let_pod(host, behaviour)
