"""Settings of the drill's own Service are brought to what a drill needs, and the cluster is waited for."""

from collections.abc import Callable, Sequence

from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import DrillError, LabStateError, Message
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.settings import settings_in
from drilllib.labs.live.names import Names
from drilllib.labs.live.start import NotPlayableError, require_playable, setting_changes

Changes = Sequence[tuple[str, str]]  # names of settings, and what they shall be
# Between looks whether the controller has followed; TKE names no bound for changing the targets of a load balancer.
FOLLOWS_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)


def settings_for(start: Snapshot, shown: Snapshot, cloud: Cloud, service: str) -> Changes:
    """
    Which settings of *service* the drill that starts as *start* needs otherwise than they are *shown*.

    Raises:
        NotPlayableError: It needs more than those, rules and bindings; or they are not the drill's to set.
    """
    changes = tuple(setting_changes(start, shown))
    require_playable(start, shown, is_set=not changes)
    if not changes:
        return ()
    try:
        settings = settings_in(cloud)
        for name, value in changes:
            settings.change_of(service, name, value)
    except DrillError as error:
        raise NotPlayableError(
            "The drill needs {what}: {why}",
            remedy=error.remedy_message,
            what=Message("other settings of the Service"),
            why=error.problem_message,
        ) from None
    return changes


def settled(
    start: Snapshot, changes: Changes, guard: Guard, service: str, look: Callable[[], tuple[Names, Snapshot]]
) -> Names:
    """
    Make the *changes* to *service*, and wait until the cluster is as *start* but for rules and bindings.

    Gives the names then.

    *look* reads the cluster anew: its names, and it under them.

    Raises:
        DrillError: A setting was not written, or the cluster has not followed.
    """
    for name, value in changes:
        guard.set_service(service, name, value)
    why = Message("")
    for wait_s in FOLLOWS_S:
        guard.cloud.pause(wait_s)
        names, shown = look()
        try:
            require_playable(start, shown)
        except NotPlayableError as error:
            why = error.problem_message
            continue
        return names
    raise LabStateError(
        "The cluster has not followed the settings of its Service in {seconds} s: {why}",
        remedy="`kubectl describe service` says what its controller complains of",
        seconds=round(sum(FOLLOWS_S)),
        why=why,
    )
