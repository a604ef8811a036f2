"""
A study with simulated learners, to try an analysis before there is anybody: worlds and grades are the engine's own.

A learner who is careful takes the looks of the best plan and states what they show; who is not takes a few looks at
random and states one of the hypotheses. How often each is careful is drawn, and is more after the drills by what is
put in below: the analysis has to find that again. Nothing here says how people learn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from drilllib.classes.study.events import FORM_NAMES, PARTS, About, Event, attempt_events
from drilllib.classes.study.forms import Facts, parallel
from drilllib.core.drills.worlds.draws import Draws
from drilllib.core.drills.worlds.world import Cause
from drilllib.core.practice.attempt import Action, Attempt, Changed, Finished, Header, Looked, Stated
from drilllib.core.practice.looks import Look, offered
from drilllib.core.practice.worth import worth
from drilllib.core.snapshot.patch import difference
from drilllib.practice import library
from drilllib.practice.worlds import Worlds

TEST, TRANSFER = ("rule-order", "node-source"), ("target-port",)
LEARNT, CARRIED = 0.3, 0.1  # by how much oftener they are careful after the drills, at what they practised and at other
FASTER = 0.7  # the share of the time that they take then, at what they practised
_SEEDS = 10**12
_WORLDS = Worlds()


@dataclass(frozen=True)
class Item:
    """An item of the test: its two worlds, by form, and what makes both hard."""

    drill: str
    facts: Facts
    seeds: tuple[int, int]

    def header(self, form: int) -> Header:
        """Which world it is."""
        level = self.facts.level
        return Header(drill=self.drill, seed=self.seeds[form], level=level, engine="", world="", started="")


class SimulatedStudy:
    """So many learners, the same for the same *seed*."""

    def __init__(self, learners: int = 24, seed: int = 12) -> None:
        self._learners, self._seed = learners, seed
        self._worth: dict[tuple[str, int, tuple[Cause, ...], bool], Mapping[str, bool]] = {}
        self._repairs: dict[tuple[str, int], Sequence[Mapping[str, Any]]] = {}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The test, in two parallel forms."""
        return tuple(self._item(name) for name in (*TEST, *TRANSFER))

    def _item(self, name: str) -> Item:
        facts, seeds = parallel(
            library.drill(name), 1, lambda number: Draws(f"study/{self._seed}/{name}/{number}").below(_SEEDS)
        )
        return Item(name, facts, seeds)

    def events(self) -> Iterator[Event]:
        """What all of them did in both tests."""
        number = 0
        for learner in range(self._learners):
            draws = Draws(f"study/{self._seed}/learner/{learner}")
            careful = 0.1 + 0.5 * draws.below(1000) / 1000
            for part, form in (("before", learner % 2), ("after", 1 - learner % 2)):
                for item in self.items:
                    number += 1
                    about = self._about(item, part, form, number, f"p{learner:03}")
                    more = (CARRIED if about.transfer else LEARNT) if part == "after" else 0.0
                    yield from self._attempt(about, item, form, draws, draws.chance(careful + more))

    def _about(self, item: Item, part: str, form: int, number: int, who: str) -> About:
        return About(
            who=who,
            attempt=number,
            part=part,
            form=FORM_NAMES[form],
            drill=item.drill,
            category=item.facts.category,
            level=item.facts.level,
            transfer=item.drill in TRANSFER,
            best=item.facts.best,
            day=0 if part == "before" else 7,
        )

    def _attempt(self, about: About, item: Item, form: int, draws: Draws, careful: bool) -> Iterator[Event]:
        header = item.header(form)
        looks, stated = _careful(header) if careful else _careless(header, draws)
        repaired = careful and draws.chance(0.9)
        actions: list[Action] = [*(Looked(each, each.price) for each in looks), Stated(stated)]
        if repaired:
            actions.append(Changed(len(actions) + 1, self._repair(header)))
        attempt = Attempt(header, (*actions, Finished()))
        pace = FASTER if about.part == "after" and not about.transfer else 1.0
        seconds = [round(pace * each) for each in accumulate(8 + draws.below(25) for _ in attempt.actions)]
        key = item.drill, form, stated, repaired
        if key not in self._worth:
            found = worth(attempt, _WORLDS.yardstick(header))
            self._worth[key] = {name: getattr(found, name) for name in PARTS}
        yield from attempt_events(about, attempt, seconds, self._worth[key])

    def _repair(self, header: Header) -> Sequence[Mapping[str, Any]]:
        """What makes the reference of it; found once a world."""
        world = _WORLDS.world(header)
        key = header.drill, header.seed
        if key not in self._repairs:
            self._repairs[key] = difference(world.snapshot.to_dict(), world.reference.to_dict())
        return self._repairs[key]


def _careful(header: Header) -> tuple[tuple[Look, ...], tuple[Cause, ...]]:
    return _WORLDS.plan(header), _WORLDS.world(header).causes


def _careless(header: Header, draws: Draws) -> tuple[tuple[Look, ...], tuple[Cause, ...]]:
    world = _WORLDS.world(header)
    looks = draws.some(offered(world.snapshot, world.question), 1 + draws.below(3))
    return tuple(looks), draws.one(_WORLDS.candidates(header)).causes
