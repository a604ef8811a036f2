"""What the shapes of a snapshot read, by the name of the table that is about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.snapshot.schema import KUBERNETES, LISTENER, SNAPSHOT, TEMPLATES
from drilllib.core.snapshot.shapes import Shape

_DOCUMENT: Any = SNAPSHOT
_LISTENER: Any = LISTENER
METADATA = _DOCUMENT["kubernetes?"][0]
_HEALTH = _DOCUMENT["target_health?"][0]["Listeners"][0]
SHAPES: dict[str, Any] = {
    "LoadBalancer": _DOCUMENT["load_balancers?"][0],
    "Listener": LISTENER,
    "RuleOutput": _LISTENER["Rules?"][0],
    "Backend": _LISTENER["Targets?"][0],
    "HealthCheck": _LISTENER["HealthCheck?"],
    "ListenerHealth": _HEALTH,
    "TargetHealth": _HEALTH["Rules?"][0]["Targets?"][0],
    "Instance": _DOCUMENT["instances?"][0],
    "NetworkInterface": _DOCUMENT["network_interfaces?"][0],
    "Subnet": _DOCUMENT["subnets?"][0],
    "Cluster": _DOCUMENT["cluster?"],
    "AddressTemplate": TEMPLATES["address_templates"],
    "AddressTemplateGroup": TEMPLATES["address_template_groups"],
    "ServiceTemplate": TEMPLATES["service_templates"],
    "ServiceTemplateGroup": TEMPLATES["service_template_groups"],
    **KUBERNETES,
}


def fields(shape: Shape, at: str = "") -> Iterator[str]:
    """The paths of the fields that a shape reads, as the tables write them."""
    if isinstance(shape, Mapping):
        for name, inner in shape.items():
            yield from fields(inner, f"{at}.{name.removesuffix('?')}".strip("."))
    elif isinstance(shape, list) and isinstance(shape[0], Mapping):
        yield from fields(shape[0], f"{at}[]")
    else:
        yield at


def covers(path: str, field: str) -> bool:
    """Is *field* at *path* or below it?"""
    return field == path or field.startswith((f"{path}.", f"{path}["))
