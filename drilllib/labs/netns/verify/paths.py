"""
Random labs, real requests, and the model held against what became of them.

Each case is asked several times, because a CLB and kube-proxy pick at random. A disagreement counts only if it comes
again in a fresh lab that takes its time: a machine that is out of breath makes timeouts of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from drilllib.core.trace.agreement import Disagreement, symptom_text
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError, LabStateError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.netns.plan import plan_of
from drilllib.labs.netns.results import Comparison
from drilllib.labs.netns.verify.predictions import Tally, predicted, ways_seen
from drilllib.labs.netns.verify.random_labs import RULE_SETS, Case, cases_of

SLOWNESS, PATIENT = 0.1, 0.25
REQUESTS = 8  # at most, for one case


@dataclass(frozen=True, slots=True)
class Played:
    """
    What became of one case. *differences* are those of the last request seen, where there are any.

    *unplayable*: why hosts and cables cannot play it. *first*: the differences for which it was asked again.
    """

    case: Case
    seen: tuple[Comparison, ...] = ()
    differences: tuple[Disagreement, ...] = ()
    unplayable: str | None = None
    first: tuple[Disagreement, ...] = ()

    @property
    def determined(self) -> bool:
        """Does the model know the answer?"""
        return bool(self.seen) and self.seen[0].model.verdict is not Verdict.UNDETERMINED

    @property
    def text(self) -> str:
        """The disagreement as one block, with what draws the case again."""
        asked = self.case.question
        place = f"{asked.host or asked.service}{asked.path}{f' port {asked.port}' if asked.port else ''}"
        again = f"drill verify --lab netns --seed {self.case.seed} --first {self.case.number} --paths 1"
        lines = [f"case {self.case.name}: {asked.client} asks {place}    {again}"]
        for each in self.differences or self.first:
            lines += [f"  {each.what:9} seen      {each.seen}", f"            expected  {each.expected}"]
        return "\n".join(lines)


@dataclass(slots=True)
class Report:
    """
    What became of many cases. *cases* counts those whose answer the model knows, *undetermined* those that were
    compared only as far as it does. *asked_again* names the cases with a difference that did not come again.
    """

    cases: int = 0
    undetermined: int = 0
    unplayable: int = 0
    requests: int = 0
    asked_again: list[Played] = field(default_factory=list)
    disagreements: list[Played] = field(default_factory=list)
    symptoms: Counter[str] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)
    ways: Tally = field(default_factory=Tally)

    def add(self, played: Played, at_most: int) -> None:
        """Count one case."""
        if played.unplayable is not None:
            self.unplayable += 1
            return
        self.cases += played.determined
        self.undetermined += not played.determined
        self.requests += len(played.seen)
        self.symptoms.update(symptom_text(each.observed.symptom) for each in played.seen)
        self.features.update(played.case.features)
        if played.differences:
            self.disagreements.append(played)
        elif played.first:
            self.asked_again.append(played)
        elif played.seen:
            self.ways.add(played.seen, at_most)

    @property
    def agrees(self) -> bool:
        """Do kernel and model agree on everything?"""
        return not self.disagreements and self.ways.plausible

    @property
    def text(self) -> str:
        """A summary of a few lines, after one block for each disagreement."""
        again = ", ".join(each.case.name for each in self.asked_again) or "none"
        ways = self.ways
        met = ", ".join(f"{text}: {count}" for text, count in self.symptoms.most_common())
        lines = [
            f"{self.cases} whole-path cases, {len(self.disagreements)} disagreements",
            f"  {self.requests} requests; {met}",
            f"  {self.undetermined} cases more, compared as far as the model knows; {self.unplayable} unplayable",
            f"  {len(self.asked_again)} asked again: {again}",
            f"  {ways.predicted} ways and symptoms listed, {ways.missed} never seen (by chance {ways.expected:.0f})",
        ]
        return "\n".join([*(each.text for each in self.disagreements), *lines])


def check_paths(
    seed: int,
    cases: int,
    *,
    first: int = 0,
    labs: int = 6,
    slowness: float = SLOWNESS,
    requests: int = REQUESTS,
    progress: Callable[[Played], None] = lambda played: None,
) -> Report:
    """
    Play *cases* random cases from the number *first* on, in so many *labs* at a time, with real packets.

    *slowness* is what a documented second takes, *requests* how often a case is asked at most. *progress* is called
    with each.

    Raises:
        MissingToolError: The machine lacks nftables, ip or unshare.
        LabStateError: The machine forbids namespaces.
    """
    report, last = Report(), first + cases
    with ThreadPoolExecutor(labs) as pool:
        topologies = range(first // RULE_SETS, -(-last // RULE_SETS))
        jobs = [pool.submit(_topology, seed, each, range(first, last), slowness, requests) for each in topologies]
        for job in jobs:
            for played in job.result():
                report.add(played, requests)
                progress(played)
    return report


def _topology(seed: int, topology: int, numbers: range, slowness: float, requests: int) -> list[Played]:
    """Every case of one topology, in one lab."""
    cases, unplayable = [], []
    for case in cases_of(seed, topology):
        try:
            plan_of(case.snapshot, case.question.client)
        except LabStateError as error:
            unplayable.append(Played(case, unplayable=error.problem))
        else:
            cases.append(case)
    return unplayable + [
        each if not each.differences else _once_more(each, 3 * requests)
        for each in _in_one_lab([case for case in cases if case.number in numbers], slowness, requests)
    ]


def _in_one_lab(cases: list[Case], slowness: float, requests: int) -> Iterator[Played]:
    if not cases:
        return
    with NetnsLab(cases[0].snapshot, client=cases[0].question.client, slowness=slowness) as lab:
        for case in cases:
            yield _played(lab, case, requests)


def _once_more(played: Played, requests: int) -> Played:
    """The same case in a lab of its own that takes its time."""
    case = played.case
    with NetnsLab(case.snapshot, client=case.question.client, slowness=PATIENT) as lab:
        again = _played(lab, case, requests)
    return replace(again, first=played.differences)


def _played(lab: NetnsLab, case: Case, requests: int) -> Played:
    """Ask until every way was seen that the model says there is, or something differs."""
    seen: list[Comparison] = []
    try:
        lab.become(case.snapshot)
        while len(seen) < requests:
            seen.append(lab.witness(case.question))
            differences = seen[-1].differences
            if differences:
                return Played(case, tuple(seen), tuple(differences))
            if predicted(seen[-1].model, seen[-1].health).keys() <= ways_seen(seen):
                break
    except DrillError as error:
        return Played(case, tuple(seen), (Disagreement("lab", str(error), "an answer"),))
    return Played(case, tuple(seen))
