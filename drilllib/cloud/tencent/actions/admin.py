"""
Actions of ours, not the vendor's: faults, and what a request meets in the lab. Service ``drill``, 2026-01-01.

They are called and signed as all others are, and no fault strikes them.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent import cam
from drilllib.cloud.tencent.call import ACTIONS, Call, action
from drilllib.cloud.tencent.errors import ApiError
from drilllib.cloud.tencent.faults import Kind
from drilllib.core.trace.curl import client_profile
from drilllib.core.trace.path import SymptomKind
from drilllib.errors import DrillError, quoted

DRILL = ("drill", "2026-01-01")
_DETAILS = {"Times": "times", "Percent": "probability", "Milliseconds": "seconds", "Status": "status"}
_RANGES = {"Times": (0, 10**6), "Percent": (0, 100), "Milliseconds": (0, 3_600_000), "Status": (500, 599)}
_SCALE = {"Percent": 100, "Milliseconds": 1000}
CURL_REFUSED = 7  # exit status


@action(
    *DRILL,
    "SetFault",
    {"Kind": str, "Action?": str, "Times?": int, "Percent?": int, "Milliseconds?": int, "Status?": int},
)
def set_fault(call: Call) -> Mapping[str, Any]:
    """Add a fault; see `faults.Fault`. Times 0 strikes every request."""
    if call.params["Kind"] not in list(Kind):
        raise ApiError("InvalidParameterValue", f"`Kind` has to be one of {', '.join(Kind)}.")
    for name, (least, most) in _RANGES.items():
        if not least <= call.params.get(name, least) <= most:
            raise ApiError("InvalidParameterValue.Range", f"`{name}` has to be from {least} to {most}.")
    wanted = call.params.get("Action", "*")
    if wanted != "*" and not wanted.startswith("kubernetes ") and wanted not in _names():
        raise ApiError("InvalidParameterValue", f"`Action` {quoted(wanted)} is none that this cloud has.")
    details = {
        word: call.params[name] / _SCALE[name] if name in _SCALE else call.params[name]
        for name, word in _DETAILS.items()
        if name in call.params
    }
    if details.get("times") == 0:
        details["times"] = None
    call.services.faults.set(call.params["Kind"], wanted, **details)
    return {}


def _names() -> set[str]:
    """What a fault may be of: the actions, and what CAM calls the rights to them."""
    every = {(service, name) for service, _, name in ACTIONS if service != DRILL[0]}
    return {name for _, name in every} | {right for each in every for right in cam.permissions(*each)}


@action(*DRILL, "ClearFaults", {"Action?": str})
def clear_faults(call: Call) -> Mapping[str, Any]:
    """Forget the faults of one action, or all."""
    call.services.faults.clear(call.params.get("Action"))
    return {}


@action(*DRILL, "DescribeFaults", {})
def describe_faults(call: Call) -> Mapping[str, Any]:
    """Every fault that may still strike."""
    return {"Faults": call.services.faults.listed()}


@action(*DRILL, "Ask", {"Address": str, "Port?": int, "Path?": str, "Host?": str})
def ask(call: Call) -> Mapping[str, Any]:
    """The transcript of ``curl -I`` to an address, curl's exit status, and how long it takes by the documents."""
    if call.services.ask is None:
        raise ApiError("UnsupportedOperation", "No lab follows this cloud.")
    params = call.params
    where = {"port": params.get("Port", 80), "path": params.get("Path", "/"), "host": params.get("Host")}
    try:
        observed = call.services.ask(params["Address"], **where)
    except DrillError as error:
        raise ApiError("FailedOperation", str(error)) from None
    told = {"Transcript": observed.transcript, "Status": _curl_status(observed.symptom.kind)}
    return {**told, "Milliseconds": round(1000 * observed.seconds)}


def _curl_status(symptom: SymptomKind) -> int:
    if symptom is SymptomKind.CONNECT_TIMEOUT:
        return client_profile("original").timeout_exit
    return 0 if symptom is SymptomKind.HTTP else CURL_REFUSED
