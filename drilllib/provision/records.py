"""The journals of drills on this machine: which are up, and which one is meant."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from drilllib.errors import DrillError, UnknownNameError, quoted
from drilllib.guard import marks
from drilllib.guard.journal import SUFFIX, Journal
from drilllib.guard.journals import Entry, Listing, listing, read
from drilllib.guard.schema import DRILL_UP
from drilllib.provision.site import Site


@dataclass(frozen=True, slots=True)
class Record:
    """A journal of `drill up` as it is read: its *head*, and whether all that it knows of was removed."""

    path: Path
    head: Mapping[str, Any]
    is_closed: bool

    @property
    def drill(self) -> str:
        """The drill's id."""
        return str(self.head["drill"])

    @property
    def until(self) -> datetime | None:
        """When it should be gone."""
        return marks.moment_of(str(self.head.get("gone_by", "")))


def begun(folder: Path, site: Site, server: str) -> Journal:
    """A new journal for a drill. Raises LabStateError where the folder cannot be written to."""
    return Journal.create(
        folder,
        DRILL_UP,
        subject=f"{site.drill} {site.cluster}",
        drill=site.drill,
        cluster=site.cluster,
        region=site.region,
        namespace=site.namespace,
        gone_by=marks.stamp(site.until),
        server=server,
    )


def records(listing: Listing) -> list[Record]:
    """The journals of drills in a folder, the oldest first."""
    return [found for entry in listing.entries if (found := _of(entry)) is not None]


def _of(entry: Entry) -> Record | None:
    """The record in a journal; None where that is of something else."""
    return Record(entry.path, entry.head, bool(entry.closed)) if entry.head["what"] == DRILL_UP else None


def meant(name: str, folder: Path) -> Record:
    """
    The journal that *name* means: a drill's id, a journal's id or file; without a name the only drill that is up.

    Raises:
        UnknownNameError: There is none, or there are several.
        InvalidInputError: One cannot be read, and it may be that.
        LabStateError: The folder cannot be read.
    """
    if "/" in name or name.endswith(SUFFIX):
        found = [record] if os.path.exists(name) and (record := _of(read(Path(name)))) else []
    else:
        known = listing(folder)
        every = records(known)
        found = [each for each in every if name in (each.drill, each.head["id"]) or not (name or each.is_closed)]
        if not (name and found):
            known.require_read()
    if name and not found:
        raise UnknownNameError(
            "There is no journal of the drill {name} in {folder}",
            remedy="drill ls lists what is up; without its journal: drill down ID --without-journal",
            name=quoted(name),
            folder=str(folder),
        )
    if len(found) != 1:
        raise UnknownNameError(
            "Several drills are up: {known}" if found else "No drill is up, say the journals in {folder}",
            remedy="drill ls lists what is up; without its journal: drill down ID --without-journal",
            folder=str(folder),
            known=", ".join(each.drill for each in found),
        )
    return found[0]


def overdue(folder: Path, now: datetime) -> list[Record]:
    """The drills that should be gone by *now*, as far as the journals in *folder* can be read."""
    with suppress(DrillError):
        every = records(listing(folder))
        return [each for each in every if not each.is_closed and each.until is not None and each.until < now]
    return []
