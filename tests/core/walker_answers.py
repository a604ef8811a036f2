"""What engine and walker say of the random worlds; of the first ones it is kept, for several tests look at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from walker import Walk, walk
from walker_comparison import FEATURES, in_the_walkers_terms, seeds
from worlds import world

from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.path import Symptom
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import CAUSES
from tests.thorough import how_many

KEPT = how_many(2, thorough=3)  # chunks


@dataclass(frozen=True)
class Answer:
    """Of one world; *layer* is the listener's, *cause* what ends every attempt that fails, where it is one."""

    seed: int
    used: frozenset[str]
    engine: Walk
    agrees: bool
    assumptions: frozenset[Assumption]
    symptoms: tuple[Symptom, ...]
    layer: int | None
    cause: Reason | None


def answers(chunk: int) -> Iterator[Answer]:
    """Both asked about every world of a chunk."""
    for seed in seeds(chunk):
        case = world(seed, FEATURES)
        found = trace(Snapshot(case.document), Question(**case.question), all_paths=True)
        engine = in_the_walkers_terms(found.to_dict())
        yield Answer(
            seed=seed,
            used=case.used,
            engine=engine,
            agrees=engine == walk(case.document, case.question),
            assumptions=frozenset(found.assumptions),
            symptoms=tuple(found.symptoms),
            layer=found.listener.layer if found.listener else None,
            cause=only_cause(found),
        )


@cache
def first_answers(chunk: int) -> tuple[Answer, ...]:
    """The same of one of the first `KEPT` chunks, worked out once."""
    assert chunk < KEPT
    return tuple(answers(chunk))


def only_cause(answer: Trace) -> Reason | None:
    """What ends every attempt that fails; None where several things do, or none, or that is not known."""
    if answer.gaps:
        return None
    failing = {path.reason for path in answer.paths if path.outcome != "delivered"} or {answer.reason} & {*CAUSES}
    return failing.pop() if len(failing) == 1 and failing <= {*CAUSES} else None
