"""What is up: the drills whose marks are in a region, with when they were made and when they should be gone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from drilllib.provision.clients import Clients
from drilllib.provision.inventory import Found, everything
from drilllib.provision.parts import Kind


@dataclass(frozen=True, slots=True)
class Up:
    """
    One drill: its id, *since* when (as the cloud writes it) and *until* when, the *clusters* it has nodes in.

    *counts* says how many things of each kind have its mark.
    """

    drill: str
    since: str
    until: datetime | None
    clusters: tuple[str, ...]
    counts: tuple[tuple[Kind, int], ...]

    def is_overdue(self, now: datetime) -> bool:
        """Should it be gone by now?"""
        return self.until is not None and self.until < now


def what_is_up(clients: Clients) -> list[Up]:
    """Every drill in the region and in the cluster of the kubeconfig, the oldest first. Raises RefusedError."""
    found = list(everything(clients))
    drills = dict.fromkeys(each.drill for each in found)
    return sorted((_up(drill, [each for each in found if each.drill == drill]) for drill in drills), key=_since)


def _up(drill: str, found: Iterable[Found]) -> Up:
    every = list(found)
    times = [each.until for each in every if each.until is not None]
    clusters = dict.fromkeys(each.cluster for each in every if each.cluster)
    since = min((each.since for each in every if each.since), default="")
    return Up(
        drill, since, max(times, default=None), tuple(clusters), tuple(Counter(each.kind for each in every).items())
    )


def _since(each: Up) -> str:
    return each.since
