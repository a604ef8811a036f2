"""
Makes the calls of a change, and sees that each has come about.

A call whose answer is lost is sent again with the same Version: had it been done, the cloud refuses the second, and
what is read then decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drilllib.core.changes.bindings import is_bound, sets_whole_list, write_calls
from drilllib.core.changes.change import Binding, keys_of
from drilllib.core.changes.steps import Step
from drilllib.core.rules.members import Directory
from drilllib.errors import quoted
from drilllib.guard.cloud import DONE, STALE, WAITS_S, Cloud, Listed, uncertain
from drilllib.guard.errors import ConflictError

# Between tries to take something back while others write to the same list, or what was written is not yet to be seen.
PAUSES_S = (0.5, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Writer:
    """
    Writes to *cloud*; *journal* is the id that errors name. *names* is what is known of the groups and templates that
    rules name.
    """

    cloud: Cloud
    journal: str
    names: Directory | None = None

    def walk(self, taken: Sequence[Step], version: str) -> None:
        """
        Make the calls, each planned for the list that the one before it led to.

        Raises:
            ConflictError: Somebody else has changed the list.
            WriteRefusedError, UncertainWriteError: As `Guard.replace_rules`.
        """
        for each in taken:
            version = self._step(each, version)

    def rebind(self, change: Binding) -> None:
        """Make the calls of a binding, and see that it is there. Raises as `walk`."""
        calls = write_calls(change)
        if sets_whole_list(change) and self.cloud.groups(change.resource, change.region) != change.before:
            raise changed(change.resource)
        unknown = [each for each in calls if self.cloud.send(each) is not DONE]
        is_sure, present = not unknown, change.before
        for wait_s in WAITS_S:
            self.cloud.pause(wait_s)
            present = self.cloud.groups(change.resource, change.region)
            if is_bound(change, present):
                return
            if sets_whole_list(change) and present != change.before:
                raise changed(change.resource)
            unknown = [each for each in unknown if self.cloud.send(each) is not DONE]
        if is_sure and present == change.before:
            raise _put_back(change.resource)
        raise uncertain(calls[0], self.journal)

    def _step(self, step: Step, version: str) -> str:
        """One call, and the Version after it."""
        call, is_sure = step.call(version), True
        for wait_s in WAITS_S:
            outcome = self.cloud.send(call)
            if outcome is DONE:
                return self._seen(step, version)
            if outcome is STALE:
                if is_sure:
                    raise changed(step.group)
                return self._seen(step, version)  # the one before was done, or somebody was faster
            is_sure = False
            self.cloud.pause(wait_s)
            listed = self.cloud.rules(step.group, step.direction, step.region)
            if listed.version != version:
                return self._decided(step, listed)
        raise uncertain(call, self.journal)

    def _seen(self, step: Step, version: str) -> str:
        """The Version once the change is to be seen: for a while everybody may still read what was before."""
        for wait_s in WAITS_S:
            self.cloud.pause(wait_s)
            listed = self.cloud.rules(step.group, step.direction, step.region)
            if listed.version != version or keys_of(listed.rules) == keys_of(step.after):
                return self._decided(step, listed)
        raise uncertain(step.call(version), self.journal)

    def _decided(self, step: Step, listed: Listed) -> str:
        if keys_of(listed.rules) != keys_of(step.after):
            raise changed(step.group)
        return listed.version


def changed(name: str) -> ConflictError:
    return ConflictError(
        "{name} was changed by somebody else meanwhile",
        remedy="Look at it again, and repeat the change where it is still wanted",
        name=quoted(name),
    )


def _put_back(resource: str) -> ConflictError:
    return ConflictError(
        "The groups of {resource} are again what they were: whoever owns them has put them back",
        remedy="Change them where they are set: in the annotation of the Service, or in the add-on eniipamd",
        resource=quoted(resource),
    )
