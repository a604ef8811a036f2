"""From a snapshot to a diagnosis: trace each client, find the repair of all, weigh what is not known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network

from drilllib.core.diagnosis.answer import WORST_FIRST, Client, Diagnosis
from drilllib.core.diagnosis.next_looks import Look, look_for
from drilllib.core.diagnosis.unknowns import unknowns
from drilllib.core.fix.narrow import narrow_first
from drilllib.core.fix.proposals import Fix, fix
from drilllib.core.fix.situation import fare
from drilllib.core.fix.steps import Call
from drilllib.core.reach.ports import ports_asked
from drilllib.core.rules.addresses import Block, parse_client
from drilllib.core.snapshot.anonymous.asked import require_renamed
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict
from drilllib.errors import DrillError, InvalidInputError, TooComplexError, quoted

MOST_CLIENTS = 50
_REFUSED = ("not allowed", "a List without items")  # of the reasons that `core.capture.join` writes


def diagnose(snapshot: Snapshot, question: Question, clients: Sequence[str]) -> Diagnosis:
    """
    What each of *clients* (addresses) meets at one port, what stops it, and what would let all of them through.

    The question's own client is left out. Nothing is changed, and nothing but the snapshot is read.

    Raises:
        InvalidInputError: No client, more than `MOST_CLIENTS`, one that is no address, or none of an anonymous
            snapshot's; or the question is ambiguous.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: Thousands of paths differ.
    """
    named = _addresses(clients)
    require_renamed(snapshot, [ip_network(parse_client(each)) for each in named])
    asked = [_client(snapshot, question, each) for each in named]
    broken = [each for each in asked if each.answer.verdict is not Verdict.REACHABLE] or asked
    repair, refused = _repair(snapshot, question, [each.address for each in broken])
    found = Diagnosis(
        question=replace(asked[0].answer.question, client=""),
        clients=tuple(asked),
        repair=repair,
        no_repair=refused,
        unread=tuple(_unread(snapshot)),
        other_vips=tuple(_other_vips(snapshot, asked[0])),
        odd_type=_odd_type(snapshot, question),
    )
    return replace(found, looks=tuple(_looks(snapshot, found)))


def diagnose_ports(snapshot: Snapshot, question: Question, clients: Sequence[str]) -> tuple[Diagnosis, ...]:
    """`diagnose` for every port that *question* leaves open, the worst first."""
    asked = (replace(question, port=port, protocol=protocol) for port, protocol in ports_asked(snapshot, question))
    return worst_first(diagnose(snapshot, each, clients) for each in asked)


def diagnose_services(snapshot: Snapshot, clients: Sequence[str]) -> tuple[Diagnosis, ...]:
    """
    `diagnose` for every port of every LoadBalancer Service, in their order; a Service without a port is left out.

    One of another type that names a load balancer of the snapshot comes after these.
    """
    names = (*snapshot.service_names(), *_of_odd_types(snapshot))
    asked = (Question(service=name) for name in names if name not in NOT_SERVED)
    return tuple(one for each in asked for one in reversed(diagnose_ports(snapshot, each, clients)))


NOT_SERVED = ("default/kubernetes", "default/kubernetes-intranet")  # the API server's own CLB, which has no pods


def worst_first(found: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Those that fare worst before others; else their order is kept."""
    return tuple(sorted(found, key=lambda each: WORST_FIRST.index(each.verdict)))


def _addresses(clients: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(clients))
    if not 1 <= len(found) <= MOST_CLIENTS:
        raise InvalidInputError(
            "{count} clients were named", remedy="Name 1 to {most} addresses", count=len(found), most=MOST_CLIENTS
        )
    return found


def _client(snapshot: Snapshot, question: Question, address: str) -> Client:
    answer = trace(snapshot, replace(question, client=address))
    return Client(answer=answer, unknown=unknowns(snapshot, answer))


def _repair(snapshot: Snapshot, question: Question, clients: Sequence[str]) -> tuple[Fix | None, DrillError | None]:
    """The repair of all whom `fix` asks about, and why there is none for the others: clients inside the cluster."""
    asked = replace(question, client="")
    blocks = [ip_network(parse_client(each)) for each in clients]
    try:
        return _fix(snapshot, asked, blocks), None
    except (InvalidInputError, TooComplexError) as error:
        refused = error
    outside = [each for each in blocks if len(blocks) > 1 and _is_asked_about(snapshot, asked, each)]
    return (_fix(snapshot, asked, outside) if outside else None), refused


def _fix(snapshot: Snapshot, question: Question, clients: Sequence[Block]) -> Fix:
    """The smallest repair for one client; of several who complain the narrowest, which lets in least besides."""
    found = fix(snapshot, question, clients)
    return narrow_first(snapshot, question, found, clients) if len(clients) > 1 else found


def _is_asked_about(snapshot: Snapshot, question: Question, client: Block) -> bool:
    try:
        return bool(fare(snapshot, question, [client]))
    except (InvalidInputError, TooComplexError):
        return False


def _unread(snapshot: Snapshot) -> list[tuple[str, str]]:
    """What was written down as not read and why, refusals first: a right is what most likely changes an answer."""
    told = (each for each in snapshot.part("gaps") or () if isinstance(each, dict))
    found = [tuple(quoted(each.get(name, ""), 200).strip("'") for name in ("what", "why")) for each in told]
    return sorted(((what, why) for what, why in found), key=lambda each: not each[1].startswith(_REFUSED))


def _other_vips(snapshot: Snapshot, client: Client) -> list[str]:
    """What the Service's status has besides the addresses of the load balancer that was asked."""
    name = client.answer.question.service
    service = next((each for each in snapshot.kubernetes.services if each.name == name), None)
    here = {hop.name for path in client.answer.paths for hop in path.hops if hop.hop is HopKind.CLB}
    asked = [each for each in snapshot.load_balancers if each.balancer_id in here]
    known = {vip for each in asked for vip in each.vips}
    if service is None or not known & service.vips:
        return []  # such as the EIP of a private one, which is the status's only address
    return [str(each) for each in sorted(service.vips - known, key=int)]


def _odd_type(snapshot: Snapshot, question: Question) -> str:
    """Nobody keeps the load balancer of such a Service up to date [TKE-SVC]."""
    named = (each for each in snapshot.kubernetes.services if each.name == question.service and each.balancer_ids)
    return next((each.type or "ClusterIP" for each in named if not each.is_load_balancer), "")


def _of_odd_types(snapshot: Snapshot) -> Iterator[str]:
    for each in snapshot.kubernetes.services:
        if not each.is_load_balancer and each.balancer_ids and snapshot.balancer_of_service(each):
            yield each.name


def _is_off(blocker: Blocker) -> bool:
    return blocker.reason is Reason.INSTANCE_NOT_RUNNING


def _looks(snapshot: Snapshot, found: Diagnosis) -> Iterator[Look]:
    """What tells the facts that decide, now or after the repair, then what shows the causes that it leaves."""
    told: dict[object, Look] = {}
    left = (gap for answer in (found.repair.left if found.repair else ()) for gap in answer.gaps)  # after the repair
    for gap in dict.fromkeys((*(each.gap for each in found.unknown if each.decides), *left)):
        look = look_for(snapshot, gap, found.question.service)
        if look:
            known = told.get(str(look.command))
            told[str(look.command)] = replace(look, tells=(*known.tells, *look.tells)) if known else look
    stopped = {each.name for client in found.clients for each in client.answer.blockers if _is_off(each)}
    ids = [each.instance_id for each in snapshot.nodes if each.label in stopped and each.instance_id]
    for name in ids[:1]:
        told.setdefault(name, Look(Call("DescribeInstances", {"InstanceIds": [name]}, "cvm")))
    for cause in found.repair.causes_left if found.repair else ():
        told.setdefault(str(cause.look), Look(cause.look))
    yield from told.values()
