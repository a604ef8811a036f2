"""
The grading of a class on Dask: on workers of this machine, or of a scheduler that somebody runs.

Here each log is read, and told for what it is: the class's secret and the learners' keys go nowhere. Attempts whose
grade is all that is left go to the workers in chunks; what a worker that ends had not finished, another one does.
"""

import logging
import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from itertools import islice
from typing import Any

from drilllib._version import __version__
from drilllib.classes.handed_in import HandedIn
from drilllib.classes.judge import Examined, Judge, Verdict
from drilllib.classes.place import Place
from drilllib.errors import InvalidInputError, MissingToolError, quoted
from drilllib.practice.worlds import Worlds

PATIENCE_S = 20  # for a scheduler that does not answer
AHEAD = 4  # chunks for each thread of a worker that are on their way, so that none waits for the next
_mine = Worlds()  # of a worker


def judged(
    place: Place, chunks: Sequence[list[HandedIn]], *, scheduler: str = "", workers: int | None = None
) -> Generator[list[Verdict], None, None]:
    """
    Each chunk as soon as it is judged, by the workers of the scheduler at that address, or so many here (one a core).

    Raises:
        MissingToolError: Dask is not installed.
        InvalidInputError: The scheduler does not answer or ends, or its workers have another version of drilllib.
    """
    with _client(scheduler, workers) as (dask, client):
        sent = _Sent(client, Judge(place.plan, place.secret), chunks, dask.as_completed(loop=client.loop))
        sent.more(AHEAD * max(1, sum(client.nthreads().values())))
        for future in sent.futures:
            yield sent.judged(future)
            sent.more(1)


class _Sent:
    """The chunks that are on their way; *futures* come out of it as they are done."""

    def __init__(self, client: Any, judge: Judge, chunks: Sequence[list[HandedIn]], futures: Any) -> None:
        self._client, self._judge, self._waiting, self.futures = client, judge, iter(chunks), futures
        self._known = dict[Any, list[Verdict]]()  # by future, those of its chunk that needed no worker

    def more(self, count: int) -> None:
        """Send so many of those that wait."""
        for chunk in islice(self._waiting, count):
            each = [self._judge.examined(log) for log in chunk]
            attempts = [one for one in each if isinstance(one, Examined)]
            future = self._client.submit(graded_there, attempts, pure=False)
            self._known[future] = [one for one in each if isinstance(one, Verdict)]
            self.futures.add(future)

    def judged(self, future: Any) -> list[Verdict]:
        """All of the chunk. Raises InvalidInputError where a worker with another drilllib has graded it."""
        version, verdicts = future.result()
        if version != __version__:
            raise InvalidInputError(
                "A worker has drilllib {theirs}, and this is {ours}",
                remedy="Install the same version on all of them",
                theirs=version,
                ours=__version__,
            )
        return [*self._known.pop(future), *verdicts]


def graded_there(attempts: Sequence[Examined]) -> tuple[str, list[Verdict]]:
    """On a worker: its version of drilllib, and what these are worth."""
    return __version__, [each.graded(_mine) for each in attempts]


@contextmanager
def _client(scheduler: str, workers: int | None) -> Iterator[tuple[Any, Any]]:
    try:
        import distributed
    except ModuleNotFoundError:
        raise MissingToolError("Dask is not installed", remedy="Install it: pip install 'drilllib[dask]'") from None
    failures = (OSError, CancelledError, distributed.KilledWorker)  # a closed connection is the first
    try:
        with _connected(distributed, scheduler, workers) as client:
            yield distributed, client
    except failures as error:
        raise InvalidInputError(
            "Dask at {address} does not answer any more: {reason}" if scheduler else "Dask ended: {reason}",
            remedy="See that it runs, and grade once more: what was graded is kept",
            address=quoted(scheduler),
            reason=" ".join(str(error).split()) or type(error).__name__,
        ) from None


@contextmanager
def _connected(distributed: Any, scheduler: str, workers: int | None) -> Iterator[Any]:
    """
    A client of that scheduler; or one with workers of its own, whom nobody else on this machine can reach: between
    them is TLS with a key that is made for this run.
    """
    if scheduler:
        with distributed.Client(scheduler, timeout=PATIENCE_S, set_as_default=False) as client:
            yield client
        return
    security = distributed.Security.temporary()
    own = {"n_workers": workers or os.cpu_count() or 1, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(**own, host="127.0.0.1", security=security, silence_logs=logging.CRITICAL) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client
