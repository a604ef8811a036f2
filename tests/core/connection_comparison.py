"""Engine and walker side by side about connections: the engine's answer in the walker's terms."""

from walker import Walk
from walker_cluster import objects
from walker_comparison import BLOCKER, plain
from walker_connections import walk_connection
from walker_connections_ends import NODE, OUTSIDE, POD, SERVICE, End, door_of, end_of, in_order
from walker_connections_ways import may_be_a_services
from walker_endpoints import slices_of
from walker_pods import has_own_interface, pod_called

from drilllib import trace
from drilllib.core.connection.question import Connection
from drilllib.core.snapshot.snapshot import Snapshot


def connect(document: dict, question: dict) -> Walk:
    """The engine's answer as plain data; how long a request by a VIP waits is compared elsewhere."""
    ends = {"client": question["source"], "door": question["door"]}
    asked = Connection(**ends, port=question["port"], protocol=question["protocol"])
    answer = trace(Snapshot(document), asked, all_paths=True).to_dict()
    return Walk(
        verdict=str(answer["verdict"]),
        blockers=frozenset(tuple(plain(blocker[name]) for name in BLOCKER) for blocker in answer["blockers"]),
        symptoms=frozenset((str(each["kind"]), each["status"]) for each in answer["symptoms"]),
    )


def second(document: dict, question: dict) -> Walk:
    """The walker's."""
    found = walk_connection(document, question)
    symptoms = frozenset(each[:2] for each in found.symptoms)
    return Walk(found.verdict, found.blockers, symptoms)


def difference(document: dict, question: dict) -> tuple | None:
    """What they disagree about."""
    ours, theirs = second(document, question), connect(document, question)
    if ours == theirs:
        return None
    parts = ("verdict", "blockers", "symptoms")
    differing = tuple(part for part in parts if getattr(ours, part) != getattr(theirs, part))
    return theirs.verdict, ours.verdict, *differing


def open_point(document: dict, question: dict) -> str | None:
    """Which of the points that are not settled between engine and walker a question is about; None: none."""
    source, door = end_of(document, question["source"]), door_of(document, question["door"])
    return next((name for name, is_met in OPEN_POINTS.items() if is_met(document, question, source, door)), None)


def has_no_such_port(document: dict, question: dict, source: End, door: End) -> bool:
    """From outside a ClusterIP answers nobody, whatever the port; the engine looks at the port first."""
    if source.kind != OUTSIDE or door.kind != SERVICE:
        return False
    ports = door.service["spec"].get("ports") or []
    return (question["port"], question["protocol"]) not in {
        (item["port"], item.get("protocol") or "TCP") for item in ports
    }


def asks_its_own_interface(document: dict, question: dict, source: End, door: End) -> bool:
    """A node and a pod on it that has an interface of its own, or may: is the node's egress list in doubt, too?"""
    if source.kind != NODE or door.kind not in (POD, SERVICE):
        return False
    pods = [pod_called(document, item, in_order(item)[0]) for item in objects(document, "Pod") if in_order(item)]
    here = [pod for pod in pods if pod.node in (None, source.node.kubernetes)]
    return any(has_own_interface(document, pod) for pod in here)


def asks_itself(document: dict, question: dict, source: End, door: End) -> bool:
    """A pod and itself, by a Service, too: no list, and no NetworkPolicy."""
    own = set(source.addresses) if source.kind == POD else set()
    if door.kind == SERVICE:
        slices = slices_of(document, door.service)
        return any(own & {*item["addresses"]} for piece in slices for item in piece.get("endpoints") or [])
    return door.kind == POD and bool(own & {*door.addresses})


def may_mean_a_service(document: dict, question: dict, source: End, door: End) -> bool:
    """An outside address that may be a ClusterIP which nobody read."""
    is_inside = source.kind in (NODE, POD) and door.kind == OUTSIDE
    return is_inside and may_be_a_services(document, door.addresses[0])


OPEN_POINTS = {
    "no such port": has_no_such_port,
    "node and its pod": asks_its_own_interface,
    "a pod and itself": asks_itself,
    "maybe a Service": may_mean_a_service,
}
