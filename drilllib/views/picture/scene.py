"""
A trace as a scene, independent of any drawing program.

The page of the panel and Graphviz draw the same scene, so they say the same. cards.py fills the cards, arrows.py the
arrows, steps.py has what is played; reveal.py takes out what a learner is to find.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, count

from drilllib.core.trace.answer import Trace
from drilllib.core.trace.path import Hop, Path, PathOutcome
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.picture.arrows import arrow, stretches, tag_of
from drilllib.views.picture.cards import card_of, client_card, texts_of
from drilllib.views.picture.parts import CLIENT, Arrow, Card, Lane, Look, Note, Scene, Word
from drilllib.views.picture.steps import steps_of
from drilllib.views.text.trace import headline, outcome_text

PATHS_DRAWN = 8  # a Service with many targets has many paths
LANES_OPEN = 4
_OUTCOMES: dict[PathOutcome, Look] = {PathOutcome.DELIVERED: "ok", PathOutcome.UNDETERMINED: "unknown"}


def scene(trace: Trace, language: str, *, most: int | None = None) -> Scene:
    """The drawing of *trace*, with at most *most* paths: failing ones first to be drawn, and drawn last."""
    drawn = _chosen(trace.paths, most)
    builder = _Builder(trace, language, drawn)
    return Scene(
        title=printable(headline(trace, language)),
        cards=tuple(builder.cards.values()),
        arrows=tuple(builder.arrows.values()),
        lanes=tuple(builder.lanes),
        played=_played(trace, drawn),
        left_out=len(trace.paths) - len(drawn),
        note=_note(trace, language),
    )


def _chosen(paths: Sequence[Path], most: int | None) -> list[Path]:
    """The paths to draw. Those to one target stay together; targets that fail come last, but are left out last."""
    places = {path.target: place for place, path in reversed(list(enumerate(paths)))}
    worst = {target: max(_badness(path) for path in paths if path.target == target) for target in places}
    ordered = sorted(paths, key=lambda path: (worst[path.target], places[path.target], _badness(path)))
    return ordered if most is None else ordered[-most:]


def _badness(path: Path) -> int:
    return [PathOutcome.DELIVERED, PathOutcome.UNDETERMINED].index(path.outcome) if path.outcome in _OUTCOMES else 2


def _played(trace: Trace, drawn: Sequence[Path]) -> int:
    """The lane to play: the worst that gets requests, the first of several."""
    return max(
        range(len(drawn)),
        key=lambda place: (drawn[place].target not in trace.idle_targets, _badness(drawn[place]), -place),
        default=0,
    )


def _note(trace: Trace, language: str) -> Note | None:
    """What is missing where the answer depends on it, and the two ways it can go."""
    if trace.verdict is not Verdict.UNDETERMINED or not trace.gaps:
        return None
    worlds = ({"unknown_passes": True}, {"unknown_passes": False}, {"unknown_passes": True, "refuses": True})
    ends = [path.end(**each)[0] for each in worlds for path in trace.paths]
    ways = say(language, "or").join(dict.fromkeys(say(language, end) for end in ends))
    facts = tuple(printable(fact_text(each, language)) for each in trace.gaps)
    return Note(facts, say(language, "drawn_either_way", ways=ways) if ways else "")


class _Builder:
    """Cards, arrows and lanes, path by path. Lanes that begin alike share their cards."""

    def __init__(self, trace: Trace, language: str, paths: Sequence[Path]) -> None:
        self._trace, self._language, self._paths = trace, language, paths
        self.cards: dict[tuple[str, ...], Card] = {(): client_card(trace, language)}
        self.arrows: dict[tuple[str, str], Arrow] = {}
        self.lanes: list[Lane] = []
        for place, path in enumerate(paths):
            self._add(path, folded=place < len(paths) - LANES_OPEN)

    def _add(self, path: Path, *, folded: bool) -> None:
        keys, before, last = [CLIENT], None, None
        for hop, ends in zip(path.hops, stretches(self._trace, path, self._language), strict=True):
            card = self._card(path, hop, keys[-1])
            tag = printable(tag_of(self._trace, before, self._language))
            self.arrows.setdefault((keys[-1], card.key), arrow(keys[-1], card.key, hop, tag, ends, last))
            keys.append(card.key)
            before, last = hop, ends
        several = len(self._paths) > 1
        self.lanes.append(
            Lane(
                cards=tuple(keys),
                title=_title(self._trace, path, self._language) if several else "",
                outcome=_outcome(self._trace, path, self._language) if several else None,
                steps=tuple(steps_of(self._trace, path, keys, self._language)),
                folded=folded,
            )
        )

    def _card(self, path: Path, hop: Hop, before: str) -> Card:
        """The card of that hop; the same for all paths on which it reads alike behind the same card."""
        made = card_of(self._trace, path, hop, self._key(hop), self._language)
        place = (before, "" if hop is path.hops[0] else path.target or "", *texts_of(made))
        known = self.cards.get(place, made)
        self.cards[place] = replace(known, details=tuple(dict.fromkeys((*known.details, *made.details))))
        return self.cards[place]

    def _key(self, hop: Hop) -> str:
        name, taken = printable(f"{hop.hop}-{hop.name}"), {card.key for card in self.cards.values()}
        return next(each for each in chain([name], (f"{name} {number}" for number in count(1))) if each not in taken)


def _title(trace: Trace, path: Path, language: str) -> str:
    """How many of all targets, or of all paths where several lead through one target, the path stands for."""
    if len({each.target for each in trace.paths}) == len(trace.paths):
        count, total = path.targets, sum(each.targets for each in trace.paths)
        return say(language, "drawn_targets", count=count, total=total)
    return say(language, "drawn_paths", count=path.count, total=sum(each.count for each in trace.paths))


def _outcome(trace: Trace, path: Path, language: str) -> Word:
    return Word(outcome_text(trace, path, language), _OUTCOMES.get(path.outcome, "no"))
