"""What an interface accepts too much, told: one packet, the rule that lets it in, and the largest blocks."""

from collections.abc import Iterable, Iterator

from drilllib.core.check.packets import STRANGER, STRANGER_6, Place, flow_of, neighbours
from drilllib.core.facts import Fact, fact
from drilllib.core.practice.openness import Openness, Surplus
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.sets.boxes import FlowBox, blocks_of, boxes
from drilllib.core.sets.flowsets import FlowSet
from drilllib.core.trace.codes import HopKind

TOLD = 3  # blocks or boxes in a sentence


def told(over: Iterable[Surplus], final: Openness, protocol: str, client: str) -> Iterator[Fact]:
    """A sentence for the resources that accept the same too much; examples are of *protocol*, near *client* or far."""
    together: list[tuple[Surplus, list[str]]] = []
    for each in over:
        same = [names for first, names in together if (first.direction, first.flows) == (each.direction, each.flows)]
        if same:
            same[0].append(each.resource)
        else:
            together.append((each, [each.resource]))
    for each, names in together:
        packet = _example(each, protocol, client)
        lets = _rule(each, final, packet)
        listed = fact_of_boxes(each.flows)
        shown = _shown(each.direction, packet)
        yield fact(GradeCode.SURPLUS, resource=", ".join(names), packet=shown, rule=lets, flows=listed)


def _example(each: Surplus, protocol: str, client: str) -> Flow:
    kinds = {"lb": HopKind.CLB, "ins": HopKind.NODE}
    kind = kinds.get(each.resource.partition("-")[0], HopKind.POD)
    sources = (STRANGER, *neighbours(client), STRANGER_6)
    return flow_of(each.flows, Place(kind, each.resource, each.resource, ""), sources, protocol)


def _rule(each: Surplus, final: Openness, packet: Flow) -> Fact | str:
    names = final.bound[each.resource]
    if not names:
        return fact(GradeCode.BOUND_UNREAD if names is None else GradeCode.UNBOUND)
    found = decide([final.snapshot.group(name) for name in names], each.direction, packet)
    if found.rule is None:
        return fact(GradeCode.RULES_UNREAD, groups=", ".join(names))
    return f"{found.group} {each.direction}[{found.policy_index}] {found.rule.text}"


def _shown(direction: Direction, packet: Flow) -> str:
    """``TCP 198.51.100.7 -> :22`` on its way in, ``TCP -> 198.51.100.7:443`` on its way out."""
    port = f":{packet.port}" if packet.port else ""
    if direction is Direction.EGRESS:
        return f"{packet.protocol} -> {at(packet.peer, packet.port) if packet.port else packet.peer}"
    return f"{packet.protocol} {packet.peer} -> {port}".rstrip(" ->")


def fact_of_boxes(flows: FlowSet) -> Fact | str:
    """The largest boxes of *flows*, and how many more there are."""
    found = sorted(boxes(flows), key=_size, reverse=True)
    listed = "; ".join(f"{each.protocol} {each.block} {each.port_text}" for each in found[:TOLD])
    return fact(GradeCode.AND_MORE, listed=listed, count=len(found) - TOLD) if len(found) > TOLD else listed


def _size(box: FlowBox) -> int:
    low, high = box.ports or (1, 65535)
    return (box.last - box.first + 1) * (high - low + 1)


def fact_of_clients(clients: FlowSet) -> Fact | str:
    """The clients as blocks, and how many more there are."""
    found = blocks_of(clients)
    listed = ", ".join(found[:TOLD])
    return fact(GradeCode.AND_MORE, listed=listed, count=len(found) - TOLD) if len(found) > TOLD else listed
