"""
Settings of a drill's own Service: what it says of its traffic policy and of direct access, changed one at a time.

A setting is written with the resourceVersion that was just read, so that a call whose answer is lost may be sent again:
had it been done, the second is refused, and what is read decides. Only what the Service says in words is changed, since
of anything else nobody could say what to go back to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.clients.failures import Failure
from drilllib.clients.kubernetes_writes import KubernetesWriter
from drilllib.core.capture.asks import KubernetesRead, RefusalKind
from drilllib.core.capture.calls import SERVICES
from drilllib.core.snapshot.annotations import DIRECT_ACCESS
from drilllib.errors import LabStateError, UnknownNameError, quoted
from drilllib.guard.cloud import WAITS_S, Cloud
from drilllib.guard.errors import ConflictError, UncertainWriteError, WriteRefusedError
from drilllib.guard.marks import is_marked, labels_of
from drilllib.guard.schema import SETTINGS

POLICY, DIRECT = SETTINGS
_REFUSED = ("Forbidden", "Unauthorized", "Invalid", "BadRequest", "NotFound", "MethodNotAllowed")
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """*name* of a *service* (`NAMESPACE/NAME`) with that *uid*, which was *before* and shall be *after*."""

    service: str
    uid: str
    name: str
    before: str
    after: str


def value_of(item: Item, name: str) -> str:
    """What a Service says of a setting; "" where it says nothing."""
    if name == POLICY:
        return str((item.get("spec") or {}).get(POLICY) or "")
    return str(((item.get("metadata") or {}).get("annotations") or {}).get(DIRECT_ACCESS) or "")


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Reads and writes settings over *kubernetes*; *pause* waits for so many seconds."""

    kubernetes: KubernetesWriter
    pause: Callable[[float], None]

    @property
    def server(self) -> str:
        """The API server's address: which cluster it is."""
        return self.kubernetes.cluster.server

    def item(self, service: str) -> Item | None:
        """The Service as it is; None where it is not there. Raises LabStateError where it cannot be read."""
        answer = self.kubernetes(_place(service))
        if answer.refusal is None and answer.pages:
            return dict(answer.pages[0])
        if answer.refusal is not None and answer.refusal.kind is RefusalKind.ABSENT:
            return None
        raise LabStateError(
            "The Service {service} cannot be read: {code}",
            remedy="Try again when it can be read",
            service=quoted(service),
            code=answer.refusal.code if answer.refusal else "EmptyAnswer",
        )

    def own(self, service: str) -> Item:
        """
        The Service, which has the mark of a drill.

        Raises:
            UnknownNameError: There is none.
            WriteRefusedError: It is somebody's.
            LabStateError: It cannot be read.
        """
        item = self.item(service)
        if item is None:
            raise _absent(service)
        if not is_marked(labels_of(item)):
            raise WriteRefusedError(
                "The Service {service} has no mark of a drill, so its settings are not changed",
                remedy="Only the Service that `drill up` made is changed",
                service=quoted(service),
            )
        return item

    def change_of(self, service: str, name: str, value: str) -> Setting:
        """
        The change that makes *name* of the drill's own Service *value*.

        Raises:
            WriteRefusedError: It is somebody's, or says nothing of it now.
            UnknownNameError, LabStateError: As `own`.
        """
        item = self.own(service)
        before = value_of(item, name)
        if before not in SETTINGS[name]:
            raise WriteRefusedError(
                "{service} does not say what its {name} is, so nobody could take a change of it back",
                remedy="Write it into the Service",
                service=quoted(service),
                name=name,
            )
        return Setting(service, str(item["metadata"]["uid"]), name, before, value)

    def write(self, setting: Setting, journal: str) -> int:
        """
        Make it so; *journal* is what errors name. Gives the number of calls.

        Raises:
            ConflictError: Somebody else has set it to something else.
            WriteRefusedError: The cluster does not allow it.
            UncertainWriteError: Nobody knows whether it was done.
            UnknownNameError, LabStateError: The Service is gone, or cannot be read.
        """
        for sent, wait_s in enumerate(WAITS_S):
            self.pause(wait_s)
            item = self.item(setting.service)
            if item is None or item["metadata"].get("uid") != setting.uid:
                raise _absent(setting.service)
            present = value_of(item, setting.name)
            if present == setting.after:
                return sent
            if present != setting.before:
                raise _changed(setting)
            found = self.kubernetes.change(_place(setting.service), _patch(setting, item))
            if isinstance(found, Failure) and found.code in _REFUSED:
                raise _uncertain(setting, journal) if sent else _refused(setting, found)
        item = self.item(setting.service)
        if item is not None and value_of(item, setting.name) == setting.after:
            return len(WAITS_S)
        raise _uncertain(setting, journal)


def settings_in(cloud: Cloud, server: str = "") -> ServiceSettings:
    """
    The settings of Services in the cluster that goes with *cloud*, which is the one at *server* where that is given.

    Raises:
        LabStateError: There is none, or another.
    """
    found = ServiceSettings(cloud.kubernetes(), cloud.pause)
    if server and found.server != server:
        raise LabStateError(
            "The settings were changed in another cluster than the kubeconfig leads to",
            remedy="Name its context with --context: it is at {server}",
            server=server,
        )
    return found


def _place(service: str) -> KubernetesRead:
    namespace, _, name = service.partition("/")
    return KubernetesRead(SERVICES.group, SERVICES.version, SERVICES.resource, SERVICES.kind, namespace, name)


def _patch(setting: Setting, item: Item) -> dict[str, Any]:
    """The merge patch, which is refused where the object is no more as it was read."""
    known = {name: item["metadata"][name] for name in ("uid", "resourceVersion")}
    if setting.name == POLICY:
        return {"metadata": known, "spec": {POLICY: setting.after}}
    return {"metadata": {**known, "annotations": {DIRECT_ACCESS: setting.after}}}


def _absent(service: str) -> UnknownNameError:
    return UnknownNameError(
        "There is no such Service any more: {service}",
        remedy="`drill ls` lists the drills that are up",
        service=quoted(service),
    )


def _changed(setting: Setting) -> ConflictError:
    return ConflictError(
        "{name} of {service} was set by somebody else meanwhile",
        remedy="Look at it again, and repeat the change where it is still wanted",
        name=setting.name,
        service=quoted(setting.service),
    )


def _refused(setting: Setting, found: Failure) -> WriteRefusedError:
    is_right = found.code in ("Forbidden", "Unauthorized")
    return WriteRefusedError(
        "{name} of {service} was not set: {code}",
        remedy="Grant patch of services" if is_right else "Nothing was written by this call",
        name=setting.name,
        service=quoted(setting.service),
        code=found.code,
    )


def _uncertain(setting: Setting, journal: str) -> UncertainWriteError:
    return UncertainWriteError(
        "It is not known whether {name} of {service} was set: no answer came, and it is not to be seen",
        remedy="`drill rollback {journal}` takes back whatever was done",
        name=setting.name,
        service=quoted(setting.service),
        journal=journal,
    )
