"""
On which ports a pod listens (section 6 of docs/model.md, "Listening").

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
HANDLERS = ("httpGet", "tcpSocket", "grpc")


def containers_of(pod: dict) -> list[dict]:
    """The containers that run all the time: sidecars among them, other init containers not."""
    spec = pod["spec"]
    sidecars = [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    return [*(spec.get("containers") or []), *sidecars]


def declared_by(pod: dict) -> set[tuple[str, int]]:
    """The protocols and ports that its containers declare."""
    every = [port for container in containers_of(pod) for port in container.get("ports") or []]
    return {(port.get("protocol") or "TCP", port["containerPort"]) for port in every}


def probed_ports(pod: dict) -> set[tuple[str, int]]:
    """What a pod that is Ready was asked on, and answered."""
    conditions = pod["status"].get("conditions") or []
    if not any((item["type"], item["status"]) == ("Ready", "True") for item in conditions):
        return set()
    found = {number for container in containers_of(pod) for number in ports_of_probes(container)}
    return {("TCP", number) for number in found if number is not None}


def ports_of_probes(container: dict) -> list[int | None]:
    """By number, or by the name of one of the container's own ports."""
    handlers = [(container.get(probe) or {}).get(how) for probe in PROBES for how in HANDLERS]
    named = {port.get("name"): port["containerPort"] for port in container.get("ports") or [] if port.get("name")}
    asked = [handler.get("port") for handler in handlers if handler]
    return [port if isinstance(port, int) else named.get(port) for port in asked]


def declares(pod: dict, protocol: str, port: int) -> bool:
    """Whether something says that the pod listens there."""
    return (protocol, port) in declared_by(pod) | probed_ports(pod)


def listens(pod: dict | None, protocol: str, port: int) -> bool | None:
    """Whether something says that a pod listens; None where it was not read, or declares nothing."""
    if pod is not None and declares(pod, protocol, port):
        return True
    return None if pod is None or not declared_by(pod) else False
