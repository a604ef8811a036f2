"""A capture from beginning to end: who reads, what is meant, the rounds, and the snapshot that the answers make."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from drilllib.clients import checks
from drilllib.clients.access import Access, by_sdk, by_tools
from drilllib.clients.parallel import Until
from drilllib.clients.rounds import Reader, Rounds
from drilllib.clients.settings import Settings
from drilllib.clients.subject import Subject, addresses_of, found_behind, require_namespace, routed, subject_of
from drilllib.core.capture.asks import Answer, Ask, CloudCall, Wanted
from drilllib.core.capture.assembly import Assembly, Gap
from drilllib.core.capture.join import assembled
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message

Told = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class Captured:
    """
    What was read: the *assembly* with its document and gaps, what was *wanted*, every answer, with whatever is in it.

    *rounds* are sequential round trips, *cloud_calls* and *kubernetes_calls* requests, tries again among them.
    """

    assembly: Assembly
    wanted: Wanted
    rounds: int
    cloud_calls: int
    kubernetes_calls: int
    answers: tuple[Answer, ...] = field(default=(), repr=False)

    @property
    def snapshot(self) -> Snapshot:
        """
        What was read, as what `trace` and `diagnose` take; its gaps among it.

        Raises:
            InvalidInputError, InvalidRuleError: A value in it is none that the vendor's API gives.
        """
        return Snapshot(self.assembly.document)


def capture(
    text: str,
    settings: Settings,
    environment: Mapping[str, str],
    *,
    home: Path | None = None,
    told: Told = lambda number, done, of: None,
) -> Captured:
    """
    Read what a Service, a URL or a load balancer needs of its cloud and cluster. Nothing is changed there.

    *told* hears of every answer: the round, how many of its asks are answered, of how many.

    Raises:
        DrillError: Nothing can be read: no keys, an unknown context, an API that does not answer, no such Service.
    """
    access, rounds = opened(settings, environment, home, told)
    subject = subject_of(text, settings.namespace or access.namespace)
    require_namespace(text, subject, settings.namespace)
    subject, start = _resolved(subject, partial(_asked, rounds))
    rounds.wanted = _wanted(subject, settings)
    try:
        answers = rounds.read_all(start)
    except checks.NoServiceError as error:
        raise error.told(rounds.read(error.asks)) from None
    assembly = assembled(answers, rounds.wanted, uncompared(rounds))
    return Captured(assembly, rounds.wanted, rounds.number, *access.calls(), answers)


def opened(settings: Settings, environment: Mapping[str, str], home: Path | None, told: Told) -> tuple[Access, Rounds]:
    """Who reads, and rounds in which nothing was read yet. Raises DrillError where nobody can read."""
    until = Until(settings.deadline_s)
    with_whom = by_tools if settings.via == "tools" else by_sdk
    access = with_whom(settings, environment, home or Path.home(), until)
    rounds = Rounds(Reader(access.cloud, access.kubernetes), Wanted(), until, told)
    rounds.checked = partial(_check, access, settings, rounds)
    return access, rounds


def uncompared(rounds: Rounds) -> Iterator[Gap]:
    """The gap that something was not read a second time, where that is so."""
    if asks := rounds.uncompared:
        names = ", ".join(dict.fromkeys(each.action if isinstance(each, CloudCall) else each.resource for each in asks))
        yield Gap(names, Message("it could not be read a second time, to see whether it has changed meanwhile"))


def _resolved(
    subject: Subject, ask: Callable[[Iterable[Ask]], tuple[Answer, ...]]
) -> tuple[Subject, tuple[Answer, ...]]:
    """The Service or the load balancer that is meant, and what had to be read to know it."""
    if subject.host:
        return found_behind(subject, addresses_of(subject.host), ask)
    return routed(subject, ask) if subject.route else (subject, ())


def _wanted(subject: Subject, settings: Settings) -> Wanted:
    return Wanted(subject.service, subject.load_balancer, settings.cluster, settings.region)


def _asked(rounds: Rounds, asks: Iterable[Ask]) -> tuple[Answer, ...]:
    answers = rounds.read(list(asks))
    rounds.checked(answers)
    return answers


def _check(access: Access, settings: Settings, rounds: Rounds, answers: Sequence[Answer]) -> None:
    """After a round: whether it is worth going on, and where the cluster is."""
    if not settings.region:
        access.learn_region(answers)
    checks.require_answers(answers, access)
    checks.require_service(answers)
    checks.require_load_balancer(answers, rounds.wanted.load_balancer)
    checks.require_cluster(answers, rounds.wanted.cluster)
