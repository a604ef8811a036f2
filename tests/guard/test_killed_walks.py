"""
Rules that change places, and the process killed at any call: of the change, of the rollback, of the next rollback.

The witness is the cloud: in the end it has what was there before and what others have put in, whose rules were there at
every moment between.
"""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from drilllib.core.capture.asks import CloudCall
from drilllib.core.changes.change import Key, keys_of, policies_of
from drilllib.core.rules.rules import Rule
from drilllib.errors import DrillError
from drilllib.guard.journal import Journal
from drilllib.guard.scope import Scope
from tests.guard.guarding import IN, NODE, Killed, Place, rules
from tests.guard.test_meanwhile import present, somebody
from tests.thorough import how_many, one_in

POOL = [f"{action} TCP 10.{number}.0.0/16 80" for number in range(5) for action in ("ACCEPT", "DROP")]
FOUND_BY_A_BREAKER = (14, 18, 38, 41, 46, 48, 66, 116)
SEEDS = (*FOUND_BY_A_BREAKER, *range(1000, 1000 + how_many(2, thorough=15, long=1500)))


class Story:
    """One list, a change of it by *seed*, and who interrupts it; *theirs* are the rules of somebody else."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng, self.folder, self.place = random.Random(seed), folder, Place()
        before = self.rng.sample(POOL, 4)
        after = self.rng.sample(before, 3) + self.rng.sample([each for each in POOL if each not in before], 2)
        self.rng.shuffle(after)
        self.before, self.after, self.theirs = rules(*before), rules(*after), list[Rule]()
        with self.place.cloud.state.writing(settled=True) as document:
            rows = [{**each, "PolicyIndex": place} for place, each in enumerate(policies_of(self.before))]
            document["security_groups"][NODE]["SecurityGroupPolicySet"]["Ingress"] = rows

    def kill_in(self, calls: int) -> None:
        """The process is gone at the call after so many."""
        at, here = len(self.place.calls) + calls, self.place

        def strike(number: int, call: CloudCall) -> None:
            if number == at:
                raise Killed

        setattr(here, self.rng.choice(("before", "after")), strike)

    def kill_after_late(self, calls: int) -> None:
        """The process is gone right after the first write from there on, which shows only some seconds later."""
        first, gone = len(self.place.calls) + calls, list[int]()

        def slow(number: int, call: CloudCall) -> None:
            if number >= first and not gone and call.action.startswith(("Create", "Delete")):
                self.place.faults.set("late", call.action, times=1, seconds=self.rng.choice((1.0, 5.0, 20.0)))
                gone.append(number)

        def strike(number: int, call: CloudCall) -> None:
            if number in gone:
                raise Killed

        self.place.before, self.place.after = slow, strike

    def change(self) -> Path:
        """Gives the journal."""
        with self.place.guard(self.folder) as guard:
            with suppress(Killed, DrillError):
                guard.replace_rules(NODE, IN, self.after)
            return guard.journal.path

    def meddle(self, number: int) -> None:
        """Somebody puts a rule of theirs anywhere."""
        theirs = rules(f"ACCEPT TCP 192.0.2.{number} 443")
        where = self.rng.randrange(len(present(self.place)) + 1)
        index = {} if where == len(present(self.place)) else {"PolicyIndex": where}
        somebody(self.place, "CreateSecurityGroupPolicies", **theirs[0].policy, **index)
        self.theirs += theirs

    def roll_back(self, journal: Path, kill_in: int | None = None) -> bool:
        """Is it whole? Whatever happens, the rules of others stand after each call."""
        kept = self._watch()
        if kill_in is not None:
            self.kill_in(kill_in)
        try:
            with self.place.guard(self.folder, journal=Journal.open(journal), scope=Scope()) as guard:
                return guard.rollback().is_whole
        except Killed:
            return False
        finally:
            self.place.before = self.place.after = lambda number, call: None
            assert all(kept), "a rule of somebody else's was taken out"

    def _watch(self) -> list[bool]:
        kept: list[bool] = []

        def look(number: int, call: CloudCall) -> None:
            kept.append({*keys_of(self.theirs)} <= {*present(self.place)})

        self.place.before = self.place.after = look
        return kept

    def ours(self) -> list[Key]:
        """What is there of the owner's rules, and ours."""
        return [each for each in present(self.place) if each not in keys_of(self.theirs)]


@pytest.mark.parametrize("meddles", one_in(2, [True, False]), ids=lambda each: "with a stranger" if each else "alone")
def test_killed_changes_and_killed_rollbacks_lose_nothing(tmp_path: Path, meddles: bool) -> None:
    for seed in SEEDS:
        story = Story(seed, tmp_path / str(seed))
        story.kill_in(story.rng.randrange(2, 16))
        journal = story.change()
        story.place.before = story.place.after = lambda number, call: None
        for number in range(story.rng.randint(1, 3)):
            if meddles:
                story.meddle(number + 1)
            story.roll_back(journal, kill_in=story.rng.randrange(0, 9))
        assert story.roll_back(journal), seed
        assert story.ours() == list(keys_of(story.before)), seed
        assert {*keys_of(story.theirs)} <= {*present(story.place)}, seed


@pytest.mark.parametrize("meddles", one_in(2, [True, False]), ids=lambda each: "with a stranger" if each else "alone")
def test_killed_while_lists_are_late_whole_means_that_all_is_back(tmp_path: Path, meddles: bool) -> None:
    """A rollback may say that it is not whole; then the next one goes on. It never says whole of anything else."""
    for seed in SEEDS:
        story = Story(seed, tmp_path / str(seed))
        story.kill_after_late(story.rng.randrange(2, 8))
        journal = story.change()
        for number in range(story.rng.randint(0, 2)):
            if meddles:
                story.meddle(number + 1)
            story.kill_after_late(story.rng.randrange(0, 4))
            with (
                suppress(Killed),
                story.place.guard(story.folder, journal=Journal.open(journal), scope=Scope()) as guard,
            ):
                guard.rollback()
        story.place.before = story.place.after = lambda number, call: None
        tries = [story.roll_back(journal) for _ in range(2)]
        story.place.waited_s += 60
        assert tries[-1], seed
        assert story.ours() == list(keys_of(story.before)), seed
        assert {*keys_of(story.theirs)} <= {*present(story.place)}, seed
