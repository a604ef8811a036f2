"""The simulated lab: the engine behind the Lab protocol. Runs anywhere, needs nothing, answers at once."""

import itertools
from collections.abc import Sequence

from drilllib.core.connection.ends import both_ends
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.lab import Observation
from drilllib.core.facts import several
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot import edits
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace import curl, dial
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.path import Symptom
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import LabStateError


class SimulatedLab:
    """
    A lab made of a snapshot and the engine.

    Where several symptoms are possible, probes meet them in turn, the worst first. *client* names the curl whose words
    a probe prints; by default the original drill's.
    """

    def __init__(self, snapshot: Snapshot, *, client: str = "original", date: str = curl.ORIGINAL_DATE) -> None:
        self._snapshot = snapshot
        self._client = curl.client_profile(client)
        self._date = date
        self._probes = itertools.count()
        self._closed = False

    def snapshot(self) -> Snapshot:
        """The lab as it is now."""
        self._require_open()
        return self._snapshot

    def rules(self, group_id: str, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one group, from the top."""
        self._require_open()
        return edits.rules_of(self._snapshot, group_id, direction)

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the group's list. The group's Version goes up by one, as the API's does."""
        self._require_open()
        self._snapshot = edits.with_rules(self._snapshot, group_id, direction, rules)

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bind exactly these groups, in this order."""
        self._require_open()
        self._snapshot = edits.with_binding(self._snapshot, resource_id, group_ids)

    def alter(self, snapshot: Snapshot) -> None:
        """Go on from *snapshot*: the same lab under another listener or traffic policy."""
        self._require_open()
        self._snapshot = snapshot

    def probe(self, question: Question) -> Observation:
        """
        Send one request, or open one connection with nc, and say what was met.

        Raises:
            LabStateError: The answer depends on a fact the snapshot lacks.
        """
        self._require_open()
        answer = trace(self._snapshot, question)
        if answer.verdict is Verdict.UNDETERMINED:
            raise LabStateError(
                "The simulated lab cannot answer: {gaps} is not known",
                remedy="Add it to the snapshot",
                gaps=several(answer.gaps).message,
            )
        symptom = answer.symptoms[next(self._probes) % len(answer.symptoms)]
        if isinstance(answer.question, Connection):
            return self._dialled(answer, answer.question, symptom)
        host, port = answer.question.vip or "", answer.question.port or 0
        text = curl.transcript(symptom, host=host, port=port, client=self._client, date=self._date)
        return Observation(symptom, text, curl.duration_s(symptom, self._client))

    def _dialled(self, answer: Trace, question: Connection, symptom: Symptom) -> Observation:
        host = str(both_ends(self._snapshot, question.client, question.door)[1])
        port = question.port or next(hop.port for path in answer.paths for hop in path.hops if hop.port)
        text = dial.transcript(symptom, host=host, port=port) or ""
        seconds = dial.PATIENCE_S["nc"] if symptom.kind in curl.SILENT else symptom.seconds
        return Observation(symptom, text, float(seconds or 0))

    def close(self) -> None:
        """Forget the snapshot."""
        self._closed = True

    def __enter__(self) -> "SimulatedLab":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _require_open(self) -> None:
        if self._closed:
            raise LabStateError(
                "This lab is closed", remedy="Open a new one: in a notebook, run the cell with lesson = ... again"
            )
