"""A live lab over a local cloud: in this process without a socket, or over the wire as a person has it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from drilllib.clients.access import Access
from drilllib.clients.parallel import Pace, Until
from drilllib.clients.rounds import Reader, Rounds
from drilllib.cloud.lab import FollowingLab
from drilllib.core.capture.asks import Wanted
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.lab import Observation
from drilllib.core.snapshot.annotations import GROUPS
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.consent import CLUSTER_KEY
from drilllib.guard.journal import Journal
from drilllib.guard.marks import CONSENT, CONSENT_NAMESPACE
from drilllib.guard.scope import Scope
from drilllib.labs.live.lab import LiveLab
from drilllib.labs.live.opening import Session
from drilllib.labs.live.reading import Reading
from drilllib.labs.live.roles import names_of
from drilllib.labs.live.settings import LiveSettings
from tests.cloud.capturing import InProcess
from tests.waits import PATIENCE_S


def everything(document: Mapping[str, Any]) -> Scope:
    """All groups and resources of a document, and the leave to open any to the world."""
    groups = frozenset(document["security_groups"])
    places = (("load_balancers", "LoadBalancerId"), ("instances", "InstanceId"))
    places += (("network_interfaces", "NetworkInterfaceId"),)
    resources = frozenset(str(each[field]) for part, field in places for each in document.get(part) or ())
    return Scope(groups, resources, groups)


class _Unpaced(Pace):
    """Nobody's rate has to be kept here."""

    def wait(self, name: str) -> None:
        """At once."""


class InProcessCloud:
    """A cloud in this process, the simulated packets behind it, and live labs on it; *client* really asks."""

    def __init__(self, document: Mapping[str, Any], folder: Path, *, client: str = CLIENT) -> None:
        self.cloud, self.folder, self.client = InProcess(document), folder, client
        self.following = FollowingLab(self.cloud.state.snapshot, real=False, slowness=1.0, client=client)
        self.cloud.state.follow(self.following.follow)
        self.cloud._cloud._pace = _Unpaced(Until(PATIENCE_S))

    def access(self) -> Access:
        readers = (self.cloud._cloud, self.cloud._kubernetes)
        words = ("shop", "the test", "test", "https://127.0.0.1:1")
        return Access(
            *(self.cloud.read, self.cloud.read, readers, *words),
            write=self.cloud._cloud.write,
            kubernetes_writer=lambda: self.cloud._kubernetes,
        )

    def reading(self, *groups: str) -> Reading:
        rounds = Rounds(Reader(self.cloud.read, self.cloud.read), Wanted(SERVICE, groups=groups), Until(PATIENCE_S))
        return Reading(rounds)

    def lab(self) -> LiveLab:
        """A live lab on it as it is."""
        document = self.cloud.state.snapshot().to_dict()
        reading = self.reading(*sorted(document["security_groups"]))
        names = names_of(reading.document(), SERVICE, client=self.client)
        journal = Journal.create(self.folder, "lesson")
        cloud = replace(Cloud.of(self.access()), pause=lambda seconds: None)
        guard = Guard(cloud, journal, everything(document))
        return LiveLab(reading, guard, names, self.ask, client=CLIENT)

    def session(self, settings: LiveSettings) -> Session:
        """What opens drills on it, as one process of a user's does."""
        return Session(settings, self.access(), self.reading(*settings.groups.values()), self.folder, self.ask)

    def ask(self, question: Question) -> Observation:
        """What a request to the cloud's own address meets."""
        assert question.vip
        return self.following.ask(question.vip, port=question.port or 80, host=question.host, path=question.path)


def consented(document: dict[str, Any]) -> dict[str, Any]:
    """The same with what the owner of a cluster says by `kubectl create configmap`."""
    about = {"name": CONSENT, "namespace": CONSENT_NAMESPACE}
    data = {CLUSTER_KEY: document["cluster"]["ClusterId"]}
    said = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data}
    return {**document, "kubernetes": [*document["kubernetes"], said]}


def unowned(document: dict[str, Any]) -> dict[str, Any]:
    """The same where no controller owns bindings: the Service names no groups, and the add-on's are off."""
    for each in document["kubernetes"]:
        (each["metadata"].get("annotations") or {}).pop(GROUPS, None)
    document["cluster"].pop("eniipamd", None)
    return document


def lab_of(snapshot: Snapshot, folder: Path) -> LiveLab:
    """A live lab whose cloud starts as *snapshot*, with bindings that are nobody's."""
    return InProcessCloud(unowned(deepcopy(snapshot.to_dict())), folder).lab()
