"""The loop of a capture: ask for what is still needed, in rounds, until nothing is; then look what has changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from drilllib.clients.parallel import Parallel, Until
from drilllib.core.capture.asks import CHANGED, Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind, Wanted
from drilllib.core.capture.moved import moved, read_twice, replaced, tells
from drilllib.core.capture.plan import needed

PLANNED_ROUNDS = 5
MOST_ROUNDS = 12  # a plan takes five; more means that it asks for the same thing in other words
MOST_READINGS = 4  # of what changes meanwhile: each after the first finds a change

AtHand = Mapping[Ask, Answer]
Told = Callable[[int, int, int], None]  # number of the round, how many asks of it are answered, of how many


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads: *cloud* answers calls of the vendor's API, *kubernetes* reads of the cluster."""

    cloud: Callable[[CloudCall], Answer]
    kubernetes: Callable[[KubernetesRead], Answer]

    def __call__(self, ask: Ask) -> Answer:
        """The answer to one ask; a refusal is one too."""
        return self.cloud(ask) if isinstance(ask, CloudCall) else self.kubernetes(ask)


@dataclass(slots=True)
class Rounds:
    """
    The rounds of one capture.

    *told* hears of each answer; *checked* is given all answers after a round, and may raise. *uncompared* are the asks
    of which nobody knows whether they have changed meanwhile: they were not answered a second time.
    """

    reader: Reader
    wanted: Wanted
    until: Until
    told: Told = lambda number, done, of: None
    checked: Callable[[Sequence[Answer]], None] = lambda answers: None
    number: int = field(default=0, init=False)
    uncompared: tuple[Ask, ...] = field(default=(), init=False)

    def read_all(self, start: Sequence[Answer] = ()) -> tuple[Answer, ...]:
        """
        Every answer, those of *start* among them. What has changed since it was read is taken as it is by then, the
        plan is followed anew from there, and what has changed at each of three more readings is told.
        """
        answers, newer = self._read_twice(start, {})
        for _ in range(MOST_READINGS - 2):
            if not moved(answers, newer, self.wanted):
                return answers
            now = {each.ask: each for each in replaced(answers, newer) if each.ask}
            answers, newer = self._read_twice(replaced(start, newer), now)
        torn = moved(answers, newer, self.wanted)
        told = {each.ask: _told_as_torn(each) for each in torn}
        return tuple(told.get(each.ask, each) for each in answers)

    def read_needed(self, start: Sequence[Answer] = ()) -> tuple[Answer, ...]:
        """Every answer, those of *start* among them, read once: nobody looks whether something moved meanwhile."""
        return self._followed(start, {}, is_twice=False)[0]

    def _read_twice(self, start: Sequence[Answer], at_hand: AtHand) -> tuple[tuple[Answer, ...], tuple[Answer, ...]]:
        """Every answer, and what they are when all is read; those *at_hand* need no reading the first time."""
        answers, newer = self._followed(start, at_hand, is_twice=True)
        newer = newer or self._again(answers)
        self.uncompared = tuple(each.ask for each in newer if each.ask and not tells(each))
        return answers, newer

    def _followed(
        self, start: Sequence[Answer], at_hand: AtHand, *, is_twice: bool
    ) -> tuple[tuple[Answer, ...], tuple[Answer, ...]]:
        """
        Every answer, and, where the plan takes its last round, what was answered before as it is in that round: there
        is no sixth round trip for it, and what the fifth reads is read once.
        """
        answers, newer, asked = tuple(start), tuple[Answer, ...](), {each.ask for each in start}
        for number in range(1, MOST_ROUNDS + 1):
            asks = [each for each in needed(answers, self.wanted) if each not in asked]
            if not asks:
                break
            is_last = is_twice and number == PLANNED_ROUNDS
            found = self._with(asks, at_hand, read_twice(answers) if is_last else [])
            newer = found[len(asks) :]
            answers += found[: len(asks)]
            asked |= set(asks)
            self.checked(answers)
        return answers, newer

    def _with(self, asks: Sequence[Ask], at_hand: AtHand, again: Sequence[Ask]) -> tuple[Answer, ...]:
        """An answer to each of *asks*, read or *at_hand*, and to each of *again*, read; no round for nothing."""
        unread = [each for each in asks if each not in at_hand]
        read = self.read([*unread, *again]) if unread or again else ()
        known = {**at_hand, **dict(zip(unread, read, strict=False))}
        return (*(known[each] for each in asks), *read[len(unread) :])

    def _again(self, answers: Sequence[Answer]) -> tuple[Answer, ...]:
        asks = read_twice(answers)
        return self.read(asks) if asks else ()

    def read(self, asks: Sequence[Ask]) -> tuple[Answer, ...]:
        """One round: an answer to each ask, in their order."""
        self.number += 1
        number = self.number
        parallel = Parallel[Ask, Answer](self.reader, self.until, told=lambda done, of: self.told(number, done, of))
        return tuple(found or late(ask) for ask, found in zip(asks, parallel.each(asks), strict=True))


def late(ask: Ask) -> Answer:
    """The time was up before it was answered."""
    return Answer(ask, refusal=Refusal(RefusalKind.LATE, "Late"))


def _told_as_torn(answer: Answer) -> Answer:
    """
    It changed at every reading. What the cloud says is not to be relied on then, so it counts as not read; of objects
    of Kubernetes what came last is kept, and told, and none of its kind counts as all there are.
    """
    refusal = Refusal(RefusalKind.FAILED, CHANGED)
    pages = () if isinstance(answer.ask, CloudCall) else answer.pages
    return replace(answer, pages=pages, refusal=refusal, whole=False)


def refusals(answers: Sequence[Answer]) -> Iterator[tuple[Ask, Refusal]]:
    """What was refused."""
    yield from ((each.ask, each.refusal) for each in answers if each.ask is not None and each.refusal is not None)
