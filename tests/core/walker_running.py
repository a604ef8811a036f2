"""
Whether anything runs in a pod, and whether it is ready (section 6 of docs/model.md, "Pods that do not run").

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from walker_cluster import Document, objects
from walker_listening import containers_of


def nothing_runs(pod: dict | None) -> bool:
    """Whether the states of a Pod's containers are there, and none says that it runs."""
    if pod is None:
        return False
    listed = [*(pod["status"].get("containerStatuses") or []), *(pod["status"].get("initContainerStatuses") or [])]
    names = {container.get("name") for container in containers_of(pod)}
    states = [item.get("state") for item in listed if item.get("name") in names]
    return bool(states) and all(state and state.get("running") is None for state in states)


def is_unready(pod: dict | None, *, is_idle: bool) -> bool:
    """Whether a Pod says that it is not ready, or its endpoint that it does not serve; gates are for others."""
    if pod is not None and pod["spec"].get("readinessGates") and condition(pod, "ContainersReady") == "True":
        return False
    return is_idle or (pod is not None and condition(pod, "Ready") not in (None, "True"))


def condition(pod: dict, name: str) -> str | None:
    """The status of a condition; None where it has none of that name."""
    found = [item["status"] for item in pod["status"].get("conditions") or [] if item["type"] == name]
    return found[0] if found else None


def does_not_serve(endpoint: dict) -> bool:
    """What an endpoint of a slice says of itself."""
    told = endpoint.get("conditions") or {}
    serving = told.get("serving")
    return (told.get("ready") if serving is None else serving) is False


def is_any_idle(document: Document, address: str) -> bool:
    """Whether any endpoint with the address does not serve."""
    pieces = objects(document, "EndpointSlice")
    every = [item for piece in pieces for item in piece.get("endpoints") or [] if address in item["addresses"]]
    return any(does_not_serve(item) for item in every)
