"""Why a NodePort has no endpoints: none is ready, or those that are stand under another name of the port."""

from drilllib.core.snapshot.port_names import PortNames, names_of_port, port_names
from drilllib.core.snapshot.services import Service, ServicePort
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import Reason


def why_no_endpoints(snapshot: Snapshot, transport: str, number: int, family: int) -> Reason:
    """The reason, for a NodePort of which `KubernetesObjects.endpoints` finds none of that address family."""
    return _reason(port_names(snapshot.kubernetes, transport, number, family))


def why_none_behind(snapshot: Snapshot, service: Service, port: ServicePort, family: int) -> Reason:
    """The same for one of a Service's ports, whether it has a NodePort or not."""
    return _reason(names_of_port(snapshot.kubernetes, service.name, port, family))


def _reason(names: PortNames) -> Reason:
    if names.target_is_unknown:
        return Reason.TARGET_PORT_NAME_UNKNOWN
    return Reason.PORT_NAME_DIFFERS if names.differ else Reason.NO_ENDPOINTS
