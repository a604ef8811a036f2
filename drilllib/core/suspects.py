"""
What a symptom can have been caused by, and what it cannot: docs/symptoms.md read backwards.

Judged from the symptom and the listener's layer alone, as someone without the rules would have to.
"""

from drilllib.core.evidence import Symptom
from drilllib.core.semantics import Reason

_BEFORE_THE_CLB = (Reason.CLB_GROUP_DROPPED, Reason.NO_LISTENER)
_NO_TARGETS = (Reason.NO_TARGETS,)
_SILENT = (
    Reason.TARGET_GROUP_DROPPED,
    Reason.NO_LOCAL_ENDPOINT,
    Reason.NODE_EGRESS_DROPPED,
    Reason.POD_GROUP_DROPPED,
)
_REFUSING = (Reason.NODEPORT_NOT_IN_USE, Reason.NO_ENDPOINTS, Reason.PORT_NOT_LISTENING)
CAUSES = (*_BEFORE_THE_CLB, *_NO_TARGETS, *_SILENT, *_REFUSING)


def suspects(symptom: Symptom, layer: int | None) -> tuple[Reason, ...]:
    """
    The causes that each lead to *symptom* on their own; no other of CAUSES does. None where a request succeeds at once.

    *layer* is the listener's, 4 or 7; None where it is not known.
    """
    if symptom.works or symptom.status == 504:
        return _SILENT if symptom.seconds or symptom.status == 504 else ()
    if symptom.status == 502:
        return (*_NO_TARGETS, *(_SILENT if symptom.seconds else ()), *_REFUSING)
    if symptom.kind in ("refused", "port_unreachable"):
        return _REFUSING
    return _BEFORE_THE_CLB if layer == 7 else (*_BEFORE_THE_CLB, *_NO_TARGETS, *_SILENT)
