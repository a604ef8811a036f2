"""Engine and walker side by side about connections: the engine's answer in the walker's terms."""

from walker import Walk
from walker_comparison import BLOCKER, plain
from walker_connections import walk_connection

from drilllib import trace
from drilllib.core.connection.question import Connection
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Assumption

# Which only connections between sources and doors need; no question about a CLB does.
OF_CONNECTIONS = {
    *(Assumption.CLUSTER_IP_HAS_NO_ROUTE, Assumption.CLUSTER_IP_KEEPS_POD_ADDRESS),
    *(Assumption.GLOBAL_ROUTER_KEEPS_POD_ADDRESS, Assumption.GLOBAL_ROUTER_MASQUERADES_OUTSIDE),
    *(Assumption.LOCAL_DELIVERY_SKIPS_NODE_GROUPS, Assumption.SUPER_NODE_IS_NO_MACHINE),
}


def asked_of_engine(document: dict, question: dict) -> Trace:
    """The engine's answer."""
    ends = {"client": question["source"], "door": question["door"]}
    asked = Connection(**ends, port=question["port"], protocol=question["protocol"])
    return trace(Snapshot(document), asked, all_paths=True)


def connect(document: dict, question: dict) -> Walk:
    """The engine's answer as plain data; how long a request by a VIP waits is compared elsewhere."""
    answer = asked_of_engine(document, question).to_dict()
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
