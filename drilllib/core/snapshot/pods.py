"""Pods: where they run, which addresses they have, and what is known of the ports they listen on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.plain import view
from drilllib.core.rules.addresses import Address, address_at
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.services import transport_of
from drilllib.core.snapshot.shapes import is_address

Port = tuple[str, int]  # TCP or UDP, and the number
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


@view
class Pod:
    """
    A Pod, called NAMESPACE/NAME. *node_name* is empty where it does not say.

    *is_ready* is its Ready condition, None where that was not read; *awaits_gates*: its containers are ready, and at
    most its readiness gates are not. *is_up* is False where the states of its containers were read and none runs.

    *declared* are the ports that its containers name, which is information only [core/v1]; *proven* those that a probe
    of a ready pod connects to; *host_ports* those that its node would forward to it; *port_names* those that have a
    name, with it in front, None where its spec was not read.
    """

    name: str
    labels: Mapping[str, Any]
    node_name: str
    addresses: tuple[Address, ...]
    node_addresses: tuple[Address, ...]
    host_network: bool
    declared: frozenset[Port]
    proven: frozenset[Port]
    host_ports: frozenset[Port]
    port_names: frozenset[tuple[str, str, int]] | None = frozenset()
    is_ready: bool | None = None
    awaits_gates: bool = False
    is_up: bool = True

    @property
    def namespace(self) -> str:
        """The namespace."""
        return self.name.split("/")[0]

    def listens(self, transport: str, port: int) -> bool | None:
        """Does it say that it listens there? None where it declares nothing at all."""
        if (transport, port) in self.declared | self.proven:
            return True
        return False if self.declared else None


def read_pod(item: Mapping[str, Any]) -> Pod:
    """A Pod object."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    running = [*(spec.get("containers") or ()), *filter(_is_sidecar, spec.get("initContainers") or ())]
    entries = [entry for each in running for entry in each.get("ports") or ()]
    declared = frozenset((transport_of(entry), entry["containerPort"]) for entry in entries)
    host = (status.get("hostIP"), *(each.get("ip") for each in status.get("hostIPs") or ()))
    is_ready = _holds(status, "Ready")
    return Pod(
        name=object_name(item),
        labels=item["metadata"].get("labels") or {},
        node_name=spec.get("nodeName") or "",
        addresses=_addresses([status.get("podIP"), *(each.get("ip") for each in status.get("podIPs") or ())]),
        node_addresses=_addresses(host),
        host_network=bool(spec.get("hostNetwork")),
        declared=declared,
        proven=frozenset(_probed(running)) if is_ready else frozenset(),
        host_ports=frozenset((transport_of(entry), entry["hostPort"]) for entry in entries if entry.get("hostPort")),
        port_names=_names(entries) if item.get("spec") else None,
        is_ready=is_ready,
        awaits_gates=bool(spec.get("readinessGates") and _holds(status, "ContainersReady")),
        is_up=_is_up(status, {each.get("name") for each in running}),
    )


def _names(entries: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str, int]]:
    return frozenset((each["name"], transport_of(each), each["containerPort"]) for each in entries if each.get("name"))


def _is_sidecar(container: Mapping[str, Any]) -> bool:
    """An init container that is restarted always runs on beside the others [K8S-SIDECAR]."""
    return container.get("restartPolicy") == "Always"


def _holds(status: Mapping[str, Any], name: str) -> bool | None:
    """Is a condition True? None where it was not read."""
    told = [each.get("status") for each in status.get("conditions") or () if each.get("type") == name]
    return told[0] == "True" if told and told[0] is not None else None


def _is_up(status: Mapping[str, Any], running: Collection[str | None]) -> bool:
    """Does one of the *running* kind of containers run? True where their states were not all read."""
    listed = (*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ()))
    states = [each.get("state") for each in listed if each.get("name") in running]
    return not states or any(state is None or "running" in state for state in states)


def _probed(containers: Sequence[Mapping[str, Any]]) -> Iterator[Port]:
    """The ports that probes connect to over TCP; a probe may name a port of its own container."""
    for container in containers:
        named = {entry.get("name"): entry["containerPort"] for entry in container.get("ports") or ()}
        for probe in (container.get(each) or {} for each in _PROBES):
            port = (probe.get("httpGet") or probe.get("tcpSocket") or probe.get("grpc") or {}).get("port")
            number = port if isinstance(port, int) else named.get(port) if isinstance(port, str) else None
            if number is not None:
                yield "TCP", number


def _addresses(texts: Iterable[Any]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(address_at(text) for text in texts if is_address(text)))
