"""What the CLB saw of a target's probes, as evidence about requests."""

from dataclasses import replace

from drilllib.core.facts import FactCode, fact
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.gates import doubted
from drilllib.core.trace.node import untold
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.path import Check, Hop

# Facts that an answered probe settles.
_ANSWERED = (
    FactCode.PORT_UNDECLARED,
    FactCode.POD_AT,
    FactCode.PORT_OWNER,
    FactCode.POD_NOT_READY,
    FactCode.NODE_OF_CLUSTER,
)
_UP = (FactCode.NODE_CONDITION, FactCode.NODE_GONE)  # doubts about a machine that answered
_CONTRADICTED = frozenset(  # what no probe passes either
    {
        Reason.INSTANCE_NOT_RUNNING,
        Reason.NODEPORT_NOT_IN_USE,
        Reason.NO_ENDPOINTS,
        Reason.NO_LOCAL_ENDPOINT,
        Reason.PORT_NAME_DIFFERS,
        Reason.PORT_NOT_LISTENING,
        Reason.TARGET_PORT_NAME_UNKNOWN,
    }
)


def believing(hop: Hop, facts: TargetFacts) -> Hop:
    """
    The hop in the light of probes that were answered: something listens that was not known to; what ends requests there
    for certain, and ends probes as well, cannot be all of the truth.
    """
    if hop.hop is HopKind.NODE or facts.answers:
        hop = replace(hop, doubts=tuple(each for each in hop.doubts if each.code not in _UP))
    if facts.answers and facts.node is not None:
        hop = replace(hop, checks=tuple(_contradicted(check, hop, facts) for check in hop.checks))
    if facts.answers and hop.gap is not None and hop.gap.code in _ANSWERED:
        return replace(hop, problem=None, gap=None, assumptions=(*hop.assumptions, Assumption.ALIVE_TARGET_LISTENS))
    if hop.problem in _CONTRADICTED and (hop.hop is HopKind.NODE or facts.answers):
        return untold(hop, fact(FactCode.ALIVE_TARGET, target=facts.target.name), Reason.FACT_MISSING)
    return hop


def _contradicted(check: Check, hop: Hop, facts: TargetFacts) -> Check:
    """A check behind the node of which probes are asked the same: at its egress, or with its address as the source."""
    node, family = facts.node, facts.address.version
    from_node = hop.hop is HopKind.POD and node is not None and check.peer == node.origin(family)
    if check.action is not Action.DROP or not (check.direction is Direction.EGRESS or from_node):
        return check
    return doubted(check, fact(FactCode.ALIVE_TARGET, target=facts.target.name))
