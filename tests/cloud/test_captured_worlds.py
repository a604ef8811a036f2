"""
Faults planted in clusters that nobody has seen, captured over sockets by the vendor's SDK and the Kubernetes client:
diagnosed as whoever planted them knows them; and with every single right taken away in turn, never wrongly, and the
right is named.
"""

from collections.abc import Iterator

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.clients.capture import Captured
from drilllib.cloud.tencent import cam
from drilllib.core.capture.asks import Ask, CloudCall, KubernetesRead, RefusalKind
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.drills.worlds.world import World
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError
from drilllib.quoting import json_text
from tests.cloud.sockets import Sockets, serving
from tests.cloud.worlds import PLANTED, diagnosed, require_found, stops, world_of
from tests.thorough import how_many

CAPTURED = PLANTED[:: how_many(12, thorough=2, long=1)]
REFUSED = PLANTED[:: how_many(23, thorough=4, long=1)]  # with THOROUGH=long all, each once a right: 868 captures
FEWEST_RIGHTS = 16
MOST_ROUNDS = 5


@pytest.fixture(scope="module")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sockets]:
    with serving(tmp_path_factory.mktemp("home"), world_of(*PLANTED[0]).snapshot.to_dict()) as made:
        yield made


def captured(world: World, sockets: Sockets) -> tuple[Captured, Snapshot]:
    """A capture of the world's Service; with what the world says of the engine's own switches, which no API tells."""
    made = sockets.capture(world.question.service or "")
    semantics = world.snapshot.to_dict()["semantics"]
    return made, Snapshot({**made.assembly.document, "semantics": semantics})


@pytest.mark.parametrize(("name", "seed"), CAPTURED)
def test_a_planted_fault_is_diagnosed_with_its_hop_its_rule_and_its_repair(
    sockets: Sockets, name: str, seed: int
) -> None:
    """
    The witnesses: what the world's maker planted, and the engine's answer to the world itself. Another capture writes
    the same text.
    """
    world = world_of(name, seed)
    sockets.show(world.snapshot.to_dict())
    made, snapshot = captured(world, sockets)

    assert made.rounds <= MOST_ROUNDS  # the look whether anything has changed among them
    require_found(world, snapshot)
    assert json_text(captured(world, sockets)[1].to_dict()) == json_text(snapshot.to_dict())


def right_to(ask: Ask) -> str:
    """What to refuse, so that this ask is: one action of CAM's, or one rule of RBAC's."""
    if isinstance(ask, CloudCall):
        return cam.permissions(ask.service, ask.action)[0]
    resource = f"{ask.resource}.{ask.group}" if ask.group else ask.resource
    namespace = f"{ask.namespace}/" if ask.namespace else ""
    return f"kubernetes {'get' if ask.name else 'list'} {namespace}{resource}"


@pytest.mark.parametrize(("name", "seed"), REFUSED)
def test_whichever_right_is_refused_no_definite_verdict_is_wrong_and_it_is_named(
    sockets: Sockets, name: str, seed: int
) -> None:
    """Verdict and blockers of who may read everything, or `undetermined`; the account's number is in nothing."""
    world = world_of(name, seed)
    sockets.show(world.snapshot.to_dict())
    whole, snapshot = captured(world, sockets)
    true = diagnosed(world, snapshot)
    rights = list(dict.fromkeys(right_to(each.ask) for each in whole.answers if each.ask))

    for right in rights:
        sockets.faults.clear()
        sockets.faults.set("denied", right, times=None)
        try:
            refused, snapshot = captured(world, sockets)
        except DrillError as error:
            raise AssertionError(right) from error
        _require_honest(right, diagnosed(world, snapshot), true)
        _require_named(right, refused)
    assert len(rights) >= FEWEST_RIGHTS


def _require_honest(right: str, found: Diagnosis, true: Diagnosis) -> None:
    if found.verdict is Verdict.UNDETERMINED:
        return
    assert found.verdict is true.verdict, right
    # Of a node that is off nobody knows who may not ask CVM: what stops requests there besides is told then.
    besides = {
        each for each in stops(found) - stops(true) if each[2] or each[0] not in {hop for hop, *_ in stops(true)}
    }
    assert not besides, right
    assert found.clients[0].answer.reason in (true.clients[0].answer.reason, Reason.FACT_MISSING), right


def _require_named(right: str, refused: Captured) -> None:
    said = " ".join(f"{each.what}: {each.why}" for each in refused.assembly.gaps)
    told = [each.refusal for each in refused.answers if each.refusal and each.refusal.kind is RefusalKind.FORBIDDEN]
    assert told, right
    assert all(each.permission and each.permission in said for each in told), right
    assert cam.UIN not in said + repr(refused.answers) + repr(refused.assembly.document), right


def test_rights_in_one_namespace_alone_give_a_useful_answer(sockets: Sockets) -> None:
    """No list of nodes, of all Services, of all Namespaces: the path is still known, or what is missing is said."""
    world = world_of("pod-source", 0)
    sockets.show(world.snapshot.to_dict())
    for resource in ("nodes", "services", "namespaces"):
        sockets.faults.set("denied", f"kubernetes list {resource}", times=None)
    made, snapshot = captured(world, sockets)
    found = diagnosed(world, snapshot)

    assert found.verdict in (Verdict.UNDETERMINED, diagnosed(world, world.snapshot).verdict)
    assert snapshot.has("listeners")
    assert {type(each.ask) for each in made.answers} == {CloudCall, KubernetesRead}
