"""
The settings of the drill's own Service in somebody's cluster: Local and direct access are played there, and taken back.

Whatever becomes of any request on the way: one rollback, and the cluster is as it was.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.clients.failures import UNREACHABLE, Failure
from drilllib.core.drills.default_lab import CLIENT, POD_GROUP, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.annotations import DIRECT_ACCESS
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, LabStateError
from drilllib.guard.apply import Guard
from drilllib.guard.cloud import Cloud
from drilllib.guard.errors import ConflictError, WriteRefusedError
from drilllib.guard.journal import Journal
from drilllib.guard.journals import close_those_of, listing, service_key
from drilllib.guard.marks import DRILL
from drilllib.guard.rollback import Rolled
from drilllib.guard.scope import Scope
from drilllib.labs.live.roles import PARTS
from drilllib.labs.live.settings import LiveSettings
from drilllib.labs.live.start import NotPlayableError
from tests.labs.live import InProcessCloud, consented
from tests.labs.test_live_opening import rules
from tests.thorough import how_many

NAMED = LiveSettings(groups=PARTS)
QUESTION = Question(client=CLIENT, service=SERVICE)
SERVER = "https://127.0.0.1:1"
STRIDE = how_many(700, thorough=120, long=1)  # of the requests that only read
Made = Callable[[], InProcessCloud]


class KilledError(BaseException):
    """The process has ended, as by SIGKILL."""


def service_of(document: dict[str, Any]) -> dict[str, Any]:
    found = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    return cast("dict[str, Any]", found)


def marked() -> dict[str, Any]:
    """The course's cluster, whose Service `drill up` has made."""
    document = consented(open_fault("healthy").to_dict())
    service_of(document)["metadata"].setdefault("labels", {})[DRILL] = "1a2b3c4d"
    return document


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcessCloud:
    monkeypatch.setattr("drilllib.labs.live.settle.FOLLOWS_S", (0.0, 0.0))
    monkeypatch.setattr("drilllib.guard.settings.WAITS_S", (0.0,) * 4)
    return InProcessCloud(marked(), tmp_path)


def looks(cloud: InProcessCloud) -> str:
    """What a drill changes: rules, what the Service says, where its load balancer sends to."""
    document = cloud.cloud.state.snapshot().to_dict()
    service = service_of(document)
    said = [service["spec"].get("externalTrafficPolicy"), service["metadata"]["annotations"].get(DIRECT_ACCESS)]
    return json.dumps([rules(cloud), said, targets(document)], sort_keys=True)


def targets(document: dict[str, Any]) -> list[tuple[str, int]]:
    places = [
        each for listed in document["listeners"].values() for one in listed for each in (one, *(one["Rules"] or ()))
    ]
    found = [target for place in places for target in place.get("Targets") or ()]
    return [(each["PrivateIpAddresses"][0], each["Port"]) for each in found]


def rolled_back(cloud: InProcessCloud) -> list[Rolled]:
    """Roll every journal back, as `drill rollback` does in another process."""
    found = []
    for entry in listing(cloud.folder).entries:
        if entry.is_open:
            there = replace(Cloud.of(cloud.access()), pause=lambda seconds: None)
            with Guard(there, Journal.open(entry.path), Scope()) as guard:
                found.append(guard.rollback())
    return found


@pytest.mark.parametrize(("fault", "status"), [("local-policy", 504), ("direct-group-3", 504), ("direct-access", 200)])
def test_the_service_is_set_and_the_client_meets_its_symptom(cloud: InProcessCloud, fault: str, status: int) -> None:
    """In the cluster itself; and one rollback leads back."""
    before = looks(cloud)
    with cloud.session(NAMED).open(open_fault(fault)) as lab:
        shown = lab.snapshot().to_dict()
        met = lab.probe(QUESTION).symptom.status
    changed = looks(cloud)
    parts = [part for each in rolled_back(cloud) for part in each.parts]

    assert (met, changed != before) == (status, True)
    assert targets(shown) == targets(open_fault(fault).to_dict())
    assert [part.error for part in parts if part.error] == []
    assert looks(cloud) == before


def test_a_repair_of_direct_access_is_met_by_the_next_request(cloud: InProcessCloud) -> None:
    """As lesson 05 asks: group 3 has to let the client in itself."""
    with cloud.session(NAMED).open(open_fault("direct-group-3")) as lab:
        lab.replace_rules(POD_GROUP, Direction.INGRESS, [rule_from_text(f"ACCEPT TCP {CLIENT} 80")])

        assert lab.probe(QUESTION).symptom.status == 200


def test_the_next_drill_sets_back_what_it_does_not_need(cloud: InProcessCloud) -> None:
    """Local, then direct access, then healthy: one journal of which one rollback leads back."""
    before, session = looks(cloud), cloud.session(NAMED)
    for fault in ("local-policy", "direct-group-3", "healthy"):
        session.open(open_fault(fault)).close()
    healthy = looks(cloud)
    rolled_back(cloud)

    assert healthy == looks(cloud) == before
    assert [each for each in listing(cloud.folder).entries if each.is_open] == []


def in_service(cloud: InProcessCloud, change: Callable[[dict[str, Any]], None]) -> None:
    """Somebody else's change of the Service, by kubectl."""
    with cloud.cloud.state.writing(settled=True) as held:
        service = service_of(held)
        change(service)
        service["metadata"]["resourceVersion"] = str(int(service["metadata"]["resourceVersion"]) + 1000)


def test_who_has_set_it_otherwise_meanwhile_is_not_written_over(
    cloud: InProcessCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look and our write: the version that was read is refused, nothing is written, one line says so."""
    kubernetes, once = (
        cloud.cloud._kubernetes,
        [lambda item: item["metadata"]["annotations"].update({DIRECT_ACCESS: "odd"})],
    )
    send = kubernetes.send

    def late(method: str, path: str, body: dict[str, Any]) -> Any:
        if once:
            in_service(cloud, once.pop())
        return send(method, path, body)

    monkeypatch.setattr(kubernetes, "send", late)
    with Guard(Cloud.of(cloud.access()), Journal.create(cloud.folder, "test"), Scope()) as guard:
        with pytest.raises(ConflictError, match="somebody else") as met:
            guard.set_service(SERVICE, "direct-access", "true")
        left = guard.journal.left

    assert (len(str(met.value).splitlines()), left) == (1, ())
    assert service_of(cloud.cloud.state.snapshot().to_dict())["metadata"]["annotations"][DIRECT_ACCESS] == "odd"


def test_somebodys_service_is_left_alone(cloud: InProcessCloud) -> None:
    """Without the mark no setting is written, nor by a journal that says so; what is gone needs no way back."""
    cloud.session(NAMED).open(open_fault("local-policy")).close()
    in_service(cloud, lambda item: item["metadata"]["labels"].pop(DRILL))
    local = looks(cloud)
    (rolled,) = rolled_back(cloud)
    with pytest.raises(NotPlayableError, match="no mark of a drill"):
        cloud.session(NAMED).open(open_fault("healthy"))

    assert [type(part.error) for part in rolled.parts] == [WriteRefusedError]
    assert looks(cloud) == local
    in_service(cloud, lambda item: item["metadata"].update(uid="another"))
    assert all(each.is_whole for each in rolled_back(cloud))
    assert looks(cloud) == local


def test_a_journal_of_another_cluster_is_not_taken_for_this_one(
    cloud: InProcessCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kubeconfig leads elsewhere: the part is told with the address, and stays to be taken back."""
    cloud.session(NAMED).open(open_fault("local-policy")).close()
    kubernetes = cloud.cloud._kubernetes
    monkeypatch.setattr(kubernetes, "cluster", replace(kubernetes.cluster, server="https://127.0.0.1:2"))
    (rolled,) = rolled_back(cloud)
    (told,) = (part.error for part in rolled.parts if part.error)

    assert isinstance(told, LabStateError)
    assert SERVER in str(told)
    close_those_of([service_key("https://127.0.0.1:2", SERVICE)], cloud.folder)
    assert [each.is_open for each in listing(cloud.folder).entries] == [True]
    close_those_of([service_key(SERVER, SERVICE)], cloud.folder)
    assert [each.is_open for each in listing(cloud.folder).entries] == [False]


def test_without_the_right_to_set_it_the_lesson_says_what_to_grant(cloud: InProcessCloud) -> None:
    """Nothing is written."""
    before = looks(cloud)
    cloud.cloud.faults.set("denied", "kubernetes patch services", times=None)
    with pytest.raises(DrillError, match="Grant patch of services"):
        cloud.session(NAMED).open(open_fault("local-policy"))

    assert looks(cloud) == before


FATES = ("killed after", "lost", "killed", "dropped", "throttled", "denied", "server_error")
OF_WRITES = FATES[: how_many(2, thorough=len(FATES))]


class Struck:
    """The requests to a cloud and its cluster, numbered; *fate* becomes of one of them."""

    def __init__(self, cloud: InProcessCloud, fate: str = "", number: int = -1) -> None:
        self.asked, self._cloud, self._fate, self._number = list[str](), cloud, fate, number
        inner, kubernetes = cloud.cloud._cloud, cloud.cloud._kubernetes
        self._ways = {"call_once": inner.call_once, "_get": kubernetes._get, "send": kubernetes.send}
        for name, owner in (("call_once", inner), ("_get", kubernetes), ("send", kubernetes)):
            setattr(owner, name, partial(self._answer, name))

    def _answer(self, name: str, *arguments: Any, **words: Any) -> Any:
        called = getattr(arguments[0], "action", " ".join(map(str, arguments[:2])) if name == "send" else arguments[0])
        self.asked.append(str(called))
        fate = self._fate if len(self.asked) - 1 == self._number else ""
        if fate in ("killed", "dropped"):
            return _ended(fate)
        if fate in ("throttled", "denied", "server_error"):
            self._cloud.cloud.faults.set(fate, "*" if name == "call_once" else "kubernetes *")
        found = self._ways[name](*arguments, **words)
        return _ended(fate) if fate in ("killed after", "lost") else found


def _ended(fate: str) -> Failure:
    if fate.startswith("killed"):
        raise KilledError
    return Failure(UNREACHABLE, "RemoteDisconnected", again=True)


def opened_and_set_back(cloud: InProcessCloud) -> None:
    """A lesson that sets direct access, and then another that sets it back."""
    session = cloud.session(NAMED)
    for fault in ("direct-group-3", "healthy"):
        session.open(open_fault(fault)).close()


def test_whatever_becomes_of_any_request_one_rollback_leads_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed, lost, refused, limited or failed, at each of them in turn; one line where it stops."""
    monkeypatch.setattr("drilllib.labs.live.settle.FOLLOWS_S", (0.0, 0.0))
    monkeypatch.setattr("drilllib.guard.rollback.SETTLED_S", 0.0)
    for place in ("settings", "writer", "cloud"):
        monkeypatch.setattr(f"drilllib.guard.{place}.WAITS_S", (0.0,) * 4)
    plain = InProcessCloud(marked(), tmp_path / "plain")
    before, whole = looks(plain), Struck(plain)
    opened_and_set_back(plain)
    writes = [at for at, name in enumerate(whole.asked) if name.startswith(("PATCH", "Create", "Delete"))]
    reads = [(fate, at) for fate in FATES for at in range(len(whole.asked)) if at not in writes]
    cases = [*((fate, at) for fate in OF_WRITES for at in writes), *reads[::STRIDE]]
    wrong = list[str]()
    for fate, number in cases:
        cloud = InProcessCloud(marked(), tmp_path / f"{fate}-{number}")
        Struck(cloud, fate, number)
        try:
            opened_and_set_back(cloud)
        except KilledError:
            pass
        except DrillError as error:
            wrong += [f"{fate} at {number}: {error}"] if "\n" in str(error) else []
        cloud.cloud.faults.clear()
        rolled_back(cloud)
        wrong += [f"{fate} at {number} {whole.asked[number]}"] if looks(cloud) != before else []
    print(f"{len(cases)} cases, {len(whole.asked)} requests")  # the number of cases, with pytest -s

    assert wrong == []
