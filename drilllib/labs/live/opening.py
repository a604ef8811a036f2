"""A drill is opened in a real cluster: may it be played there? Then the cluster is brought into its first state."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from drilllib.clients import curl
from drilllib.clients.access import Access
from drilllib.clients.capture import opened
from drilllib.clients.settings import Settings
from drilllib.core.capture.asks import Wanted
from drilllib.core.drills.default_lab import CLIENT
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, LabStateError, Message
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.consent import NoConsentError, require_consent
from drilllib.guard.errors import OpenToWorldError, WriteRefusedError
from drilllib.guard.journal import Journal, default_folder, utc_now
from drilllib.guard.journals import Entry, Unread, listing
from drilllib.guard.scope import Scope
from drilllib.labs.live.lab import LiveLab, Probe
from drilllib.labs.live.names import Names
from drilllib.labs.live.ownership import Owned, owned
from drilllib.labs.live.reading import PATIENCE_S, Reading
from drilllib.labs.live.roles import names_of
from drilllib.labs.live.settings import LiveSettings, by_parameter, settings_of
from drilllib.labs.live.settle import settings_for, settled
from drilllib.labs.live.start import NotPlayableError, binding_changes, require_playable, rule_changes

WHAT = "lesson"
ANOTHER = Message("Another drill is played in the cluster now")
WITHDRAWN = Message("Nobody consents any more to drills in the cluster")
_lock = threading.Lock()
Naming = Callable[[Mapping[str, Any], LiveSettings, Mapping[str, str]], Names]  # of a document; the parts' groups


@dataclass
class Played:
    """What one process plays in one cluster: the *lab* that was opened last; the *journals* by folder and region."""

    lab: LiveLab | None = None
    journals: dict[tuple[Path, str], str] = field(default_factory=dict)

    def end(self, why: Message) -> None:
        """The lab that is played, if any, is closed; *why* is what it says from now on."""
        if self.lab is not None:
            self.lab.close()
            self.lab.end(why)


_played: dict[str, Played] = {}  # by the id of the cluster


def open_live(start: Snapshot, client: str, environment: Mapping[str, str], home: Path | None = None) -> LiveLab:
    """
    The user's cluster in the state of *start*, asked by *client*.

    Whatever *environment* says counts from now on, and consent is looked for again. One process has one journal of a
    cluster (in one folder): `drill rollback` takes all of it back.

    Raises:
        NotPlayableError: The drill needs another cluster than this one.
        DrillError: The cluster cannot be read or written, nobody has consented to drills in it, or a group is bound to
            what is not the drill's.
    """
    settings = settings_of(environment)
    with _lock:
        return Session.of(settings, environment, home or Path.home(), _played).open(start, client)


def close_what_is_due(environment: Mapping[str, str], home: Path | None = None) -> Iterator[Entry | Unread]:
    """
    Take back the openings whose time is up, as every command that writes does.

    Yields:
        Each before it is taken back; what cannot be read, or taken back, with why.

    Raises:
        DrillError: There are no keys to do so with, or the folder of the journals cannot be read.
    """
    here, now = home or Path.home(), utc_now()
    found = listing(default_folder(environment, here))
    yield from found.unread
    for each in found.entries:
        if each.is_due(now):
            yield each
            cloud = Cloud.by_sdk(Settings(), environment, here)
            yield from (Unread(each.path, error) for error in _taken_back(each, cloud))


def _taken_back(entry: Entry, cloud: Cloud) -> Iterator[DrillError]:
    """Take back one opening; why some of it stands."""
    try:
        with Guard(cloud, Journal.open(entry.path), Scope()) as guard:
            rolled = guard.rollback()
        yield from (each.error for each in rolled.parts if each.error is not None)
    except DrillError as error:
        yield error


def of_lesson(client: str) -> Naming:
    """The lesson's names, and *client* as that which asks."""
    return lambda document, settings, groups: names_of(
        document, settings.service, client=settings.client, shown_client=client, groups=groups
    )


@contextmanager
def _told(guard: Guard) -> Iterator[None]:
    """The beginning of a drill; where it fails, the guard lets go, and what was written until then is told."""
    before = len(guard.journal.left)
    try:
        yield
    except BaseException as error:
        stands = len(guard.journal.left) > before
        guard.close()
        if stands and isinstance(error, DrillError):
            raise LabStateError(
                "The drill has begun in part: {why}",
                remedy="`drill rollback {journal}` takes back what was written",
                why=error.problem_message,
                journal=guard.journal.id,
            ) from error
        raise


class Session:
    """
    Opens drills in one cluster by one person's word. Labs come and go; the last one that was opened is played.

    *folder* is where the journal is kept, *probe* sends a request under the cluster's own names; *played* is what the
    process plays in which cluster, and is kept up to date. *what* and *subject* are what the journal is of.
    """

    def __init__(
        self,
        settings: LiveSettings,
        access: Access,
        reading: Reading,
        folder: Path,
        probe: Probe,
        played: dict[str, Played] | None = None,
        *,
        what: str = WHAT,
        subject: str = "",
    ) -> None:
        self._settings, self._access, self._reading, self._probe = settings, access, reading, probe
        self._folder, self._played = folder, {} if played is None else played
        self._what, self._subject = what, subject

    @classmethod
    def of(
        cls,
        settings: LiveSettings,
        environment: Mapping[str, str],
        home: Path,
        played: dict[str, Played] | None = None,
        *,
        what: str = WHAT,
        subject: str = "",
    ) -> "Session":
        """A session by the keys and the kubeconfig that a capture would use. Raises DrillError as a capture does."""
        access, rounds = opened(Settings(deadline_s=PATIENCE_S), environment, home, lambda number, done, of: None)
        rounds.wanted = Wanted(settings.service, groups=tuple(sorted(settings.groups.values())))
        probe = partial(curl.probe, environment=environment)
        folder = default_folder(environment, home)
        return cls(settings, access, Reading(rounds), folder, probe, played, what=what, subject=subject)

    def open(
        self, start: Snapshot, client: str = CLIENT, naming: Naming | None = None, *, goes_on: str = ""
    ) -> LiveLab:
        """
        The cluster in the state of *start*; the lab that was played until now ends. Raises as `open_live`.

        *naming* says under which names it is shown, by default the lesson's. *goes_on*: as it is now, and its changes
        go into the journal of that name.
        """
        self._reading.forget()
        document = self._reading.document()
        cluster = str((document.get("cluster") or {}).get("ClusterId") or "")
        played = self._played.setdefault(cluster, Played())
        self._require_consent(cluster, played)
        own = owned(document, self._settings, self._reading.rounds.reader, Cloud.of(self._access))

        def named(document: Mapping[str, Any]) -> tuple[Names, Snapshot]:
            names = (naming or of_lesson(client))(document, self._settings, own.groups)
            return names, Snapshot(names.shown_document(document))

        names, shown = named(document)
        if goes_on:
            require_playable(start, shown)
        settings = () if goes_on else settings_for(start, shown, Cloud.of(self._access), self._settings.service)
        played.end(ANOTHER)
        if goes_on:
            played.journals[self._folder, self._access.region] = goes_on
        guard = Guard(Cloud.of(self._access), self._journal(played, cluster), own.scope)
        with _told(guard):
            if not goes_on:
                self._require_allowed(start, guard, names, own)
            if settings:
                look = partial(self._looked, named)
                names = settled(start, settings, guard, self._settings.service, look)
            played.lab = LiveLab(
                self._reading, guard, names, self._probe, client=client, journal=guard.journal.id, groups=own.groups
            )
            if not goes_on:
                self._begin(played.lab, start, names)
        return played.lab

    def _looked(self, named: Callable[[Mapping[str, Any]], tuple[Names, Snapshot]]) -> tuple[Names, Snapshot]:
        """The cluster, read anew: its names, and it under them."""
        self._reading.forget()
        return named(self._reading.document())

    def _require_consent(self, cluster: str, played: Played) -> None:
        """Raises NoConsentError; what is played until now ends then, too."""
        try:
            require_consent(self._reading.rounds.reader, cluster)
        except NoConsentError:
            played.end(WITHDRAWN)
            raise

    def _require_allowed(self, start: Snapshot, guard: Guard, names: Names, own: Owned) -> None:
        """
        Before anything is written: may all lists be, and does nobody else write to one?

        Raises:
            NotPlayableError: One must not.
            ConflictError: Somebody does.
        """
        found = Snapshot(names.shown_document(self._reading.document()))
        changes = list(rule_changes(start, found))
        for group, direction, rules in changes:
            before = found.group(group).rules(direction) or ()
            try:
                real = names.real_rules(rules, before)
                guard.scope.require_closed(names.real(group), direction, before, real)
            except OpenToWorldError as error:
                told = by_parameter(error, own.groups)
                raise NotPlayableError(told.problem_message, remedy=told.remedy_message) from None
            except (LabStateError, WriteRefusedError) as error:
                raise NotPlayableError(error.problem_message, remedy=error.remedy_message) from None
        for group, _, _ in changes:  # who else writes to one is met before the first is written
            guard.locks.take(names.real(group))

    def _begin(self, lab: LiveLab, start: Snapshot, names: Names) -> None:
        """Bring rules and bindings into the state of *start*."""
        found = Snapshot(names.shown_document(self._reading.document()))
        for group, direction, rules in rule_changes(start, found):
            lab.replace_rules(group, direction, rules)
        for resource, groups in binding_changes(start, found):
            lab.bind_groups(resource, groups)

    def _journal(self, played: Played, cluster: str) -> Journal:
        """The process's journal of this cluster, to go on with; a new one where `drill rollback` has closed it."""
        place = self._folder, self._access.region
        if place in played.journals:
            journal = Journal.open(self._folder / played.journals[place])
            if not journal.closed:
                return journal
            journal.release()
        region, subject = self._access.region, self._subject
        journal = Journal.create(self._folder, self._what, cluster=cluster, region=region, subject=subject)
        played.journals[place] = journal.path.name
        return journal
