"""What lessons 20 to 29 call: two workloads, the connection between them, and the lists on its way."""

from typing import Any

from drilllib.core.check.connections import check_connections
from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.lab import Observation
from drilllib.core.drills.scenario import OFFICE
from drilllib.core.drills.scenarios import scenario
from drilllib.core.quiz.predictions import Topic
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.cluster import IPTABLES, IPVS
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import dial
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.errors import InvalidInputError, LabStateError, either, quoted
from drilllib.lesson import record
from drilllib.lesson.editor import GroupEditor
from drilllib.lesson.edits import INGRESS, Edits
from drilllib.lesson.labs import of_rehearsal, open_between
from drilllib.lesson.predictions import SEEN_IN_A_TRACE, Predictions
from drilllib.lesson.repairs import Repair
from drilllib.views.html.listings import shown_listing
from drilllib.views.html.rules import shown_rules
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.shown import Shown, below
from drilllib.views.text import listings
from drilllib.views.text.connection import connection_text

MODES = (IPTABLES, IPVS)
_IN_A_POD, _ON_A_NODE = "kubectl exec -n {} {} -- ", "ssh {} "


class ScenarioLesson(Edits):
    """
    A connection between two workloads that does not work. Everything shown comes from the lab's state at that moment.

    A method that takes *source*, *door* and *port* asks about the scenario's own connection where they are left out:
    a source is an address, ``node/NAME`` or ``pod/NAMESPACE/NAME``, a door one of these or ``svc/NAMESPACE/NAME``.

    Args:
        name: the scenario; docs/scenarios.md has them.
        lab: simulated, or netns for real packets; by default what DRILL_LAB says. Where that cannot play it, the
            simulated lab does, and a line says so.
        solve: put the reference repair in where a cell leaves a rule to write; by default only where nobody is there.
        start: begin from here instead, as a rehearsal does.

    Raises:
        UnknownNameError: There is no such scenario.
        InvalidInputError: There is no such lab, or DRILL_SLOWNESS is no number.
    """

    def __init__(
        self, name: str, *, lab: str | None = None, solve: bool | None = None, start: Snapshot | None = None
    ) -> None:
        self.scenario, self._lab_named, self._solve_asked = scenario(name), lab, solve
        ends = self.scenario.ends
        client = OFFICE if "/" in ends.source else ends.source
        self.language, self.lab = language(), open_between(start or self.scenario.open(), client, ends.door, lab)
        self._editor = GroupEditor(self.lab, self.language, _nobody)
        self.predictions = Predictions(self.lab, self.language)
        record.begin(name)
        self._repair = Repair(
            name,
            self.lab,
            self.language,
            lambda snapshot: check_connections(snapshot, self.scenario),
            self.scenario.reference,
            solve=solve,
        )

    def snapshot(self) -> Snapshot:
        """The lab as it is now."""
        return self.lab.snapshot()

    def rehearsal(self, *, kube_proxy: str = "") -> "ScenarioLesson":
        """
        The same lesson on a copy of the lab; with *kube_proxy*, iptables or ipvs, that is the mode of the copy's nodes.

        Raises:
            InvalidInputError: There is no such mode.
        """
        document = self.snapshot().to_dict()
        if kube_proxy:
            document["cluster"]["ClusterNetworkSettings"] = {"Ipvs": _is_ipvs(kube_proxy)}
        lab, solve = of_rehearsal(self._lab_named), self._solve_asked
        return ScenarioLesson(self.scenario.name, lab=lab, solve=solve, start=Snapshot(document))

    def close(self) -> Shown:
        """Clean up. The lab cannot be used afterwards."""
        self.lab.close()
        return Shown(say(self.language, "closed"))

    # One connection

    def connect(
        self, source: str | None = None, door: str | None = None, port: int | None = None, *, tool: str = "nc"
    ) -> Shown:
        """
        Open the connection with nc, curl or mysql: the command as it is typed where *source* is, and what it prints.

        Raises:
            LabStateError: What is met depends on something that nobody has told the engine.
            UnknownNameError: There is no such client, or an end is not in the lab.
        """
        asked = self._asked(source, door, port)
        found = self.lab.probe(asked)
        host, port = str(both_ends(self.snapshot(), asked.client, asked.door)[1]), asked.port or 0
        said = _said(found, host, port, tool)
        self.predictions.settle(Topic.OUTCOME, Topic.REACH, client=trace(self.snapshot(), asked).question.client)
        told = say(self.language, "between_speaks", tool=tool) if said is None else said
        return Shown(f"$ {_where(asked.client)}{dial.command(tool, host, port)}\n{told}")

    def trace(self, source: str | None = None, door: str | None = None, port: int | None = None) -> Trace:
        """The engine's whole answer."""
        answer = trace(self.snapshot(), self._asked(source, door, port))
        self.predictions.settle(*SEEN_IN_A_TRACE, client=answer.question.client)
        return answer

    def explain(self, source: str | None = None, door: str | None = None, port: int | None = None) -> Shown:
        """The connection hop by hop: every list and rewrite, what blocks, what was assumed, what is not known."""
        return Shown(connection_text(self.trace(source, door, port), self._asked(source, door, port), self.language))

    def predict(
        self,
        what: str,
        *,
        group: str | None = None,
        source: str | None = None,
        door: str | None = None,
        port: int | None = None,
    ) -> Any:
        """
        A question to be answered before the cell that shows it: `outcome` (what is met), `hop` (which list stops it),
        `rule` (which rule decides where *group* is bound) or `reach` (does it get through?). Compared once that has
        run.

        Raises:
            UnknownNameError: Nothing of that name can be predicted.
            InvalidInputError: No group is named for `rule`.
            LabStateError: The packet does not come to that group.
        """
        return self.predictions.ask(self._asked(source, door, port), what, group)

    def _asked(self, source: str | None, door: str | None, port: int | None) -> Connection:
        ends = self.scenario.ends
        port = ends.port if port is None else port
        return Connection(client=source or ends.source, door=door or ends.door, port=port)

    # What is there

    def nodes(self) -> Shown:
        """``kubectl get nodes``, with the columns that matter here."""
        return shown_listing(listings.kubectl_get_nodes(self.snapshot()), self.language)

    def pods(self) -> Shown:
        """``kubectl get pods`` of both namespaces, with the columns that matter here."""
        return below(*(self._listed(listings.kubectl_get_pods(self.snapshot(), each)) for each in ("shop", "db")))

    def service(self) -> Shown:
        """``kubectl get service -n db -o wide``."""
        return self._listed(listings.kubectl_get_service(self.snapshot(), "db"))

    def load_balancers(self) -> Shown:
        """The CLB: its listener and targets, its groups in order."""
        return self._listed(listings.load_balancers(self.snapshot(), self.language))

    def interfaces(self) -> Shown:
        """The nodes' and the pods' network interfaces with their groups."""
        return self._listed(listings.interfaces(self.snapshot(), self.language))

    def _listed(self, listing: listings.Listing) -> Shown:
        return shown_listing(listing, self.language)

    def rules(self, group_id: str, direction: str = INGRESS) -> Shown:
        """A group's list from the top."""
        listed = self.lab.rules(group_id, Direction(direction))
        return shown_rules(group_id, Direction(direction), listed, self.language)

    def rule_texts(self, group_id: str, direction: str = INGRESS) -> list[str]:
        """The same list as `insert` and `replace` take it."""
        return [rule.text for rule in self.lab.rules(group_id, Direction(direction))]

    def blocker(self) -> Any:
        """
        The first thing that blocks, as `insert` takes it.

        Raises:
            LabStateError: Nothing does.
        """
        blockers = trace(self.snapshot(), self._asked(None, None, None)).blockers
        if not blockers:
            raise LabStateError("Nothing blocks any more", remedy="Go on with the next cell, or make a new Lesson")
        return blockers[0]


def _is_ipvs(mode: str) -> bool:
    """
    Raises:
        InvalidInputError: There is no such mode of kube-proxy.
    """
    if mode not in MODES:
        raise InvalidInputError(
            "The mode of kube-proxy is {mode}", remedy="Use {choices}", mode=quoted(mode), choices=either(MODES)
        )
    return mode == IPVS


def _said(found: Observation, host: str, port: int, tool: str) -> str | None:
    """What the tool prints. Behind a listener curl has an answer to print, where nc and mysql have a connection."""
    symptom = found.symptom
    if symptom.kind is SymptomKind.HTTP and tool == "curl":
        return found.transcript
    if symptom.kind is SymptomKind.HTTP:
        symptom = Symptom(kind=SymptomKind.CONNECTED)
    return dial.transcript(symptom, host=host, port=port, tool=tool)


def _nobody() -> None:
    """There is no panel to be told of a change."""


def _where(source: str) -> str:
    """What stands before a command that is run where *source* is."""
    kind, _, name = source.partition("/")
    if kind == "pod":
        return _IN_A_POD.format(*name.split("/"))
    return _ON_A_NODE.format(name) if kind == "node" else ""
