"""Why a NodePort has no endpoints: none is ready, or those that are stand under another name of the port."""

from drilllib.core.snapshot.port_names import port_names
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Reason


def why_no_endpoints(snapshot: Snapshot, transport: str, number: int, family: int) -> Reason:
    """The reason, for a NodePort of which `KubernetesObjects.endpoints` finds none of that address family."""
    names = port_names(snapshot.kubernetes, transport, number, family)
    if names.target_is_unknown:
        return Reason.TARGET_PORT_NAME_UNKNOWN
    return Reason.PORT_NAME_DIFFERS if names.differ else Reason.NO_ENDPOINTS
