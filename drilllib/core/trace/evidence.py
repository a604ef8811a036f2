"""What the CLB saw of a target's probes, as evidence about requests."""

from dataclasses import replace

from drilllib.core.facts import FactCode, fact
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.local_facts import TargetFacts
from drilllib.core.trace.node import untold
from drilllib.core.trace.path import Hop

# Facts that an answered probe settles.
_ANSWERED = (
    FactCode.PORT_UNDECLARED,
    FactCode.POD_AT,
    FactCode.PORT_OWNER,
    FactCode.POD_NOT_READY,
    FactCode.NODE_OF_CLUSTER,
)
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
    if facts.answers and hop.gap is not None and hop.gap.code in _ANSWERED:
        return replace(hop, problem=None, gap=None, assumptions=(*hop.assumptions, Assumption.ALIVE_TARGET_LISTENS))
    if hop.problem in _CONTRADICTED and (hop.hop is HopKind.NODE or facts.answers):
        return untold(hop, fact(FactCode.ALIVE_TARGET, target=facts.target.name), Reason.FACT_MISSING)
    return hop
