"""
Faults, set through the same door and with the same signature as everything else: service ``drill``, 2026-01-01.

These actions are ours, not the vendor's, and no fault strikes them.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.call import ACTIONS, Call, action
from drilllib.cloud.tencent.errors import ApiError
from drilllib.cloud.tencent.faults import Kind
from drilllib.errors import quoted

DRILL = ("drill", "2026-01-01")
_DETAILS = {"Times": "times", "Percent": "probability", "Milliseconds": "seconds", "Status": "status"}
_RANGES = {"Times": (0, 10**6), "Percent": (0, 100), "Milliseconds": (0, 3_600_000), "Status": (500, 599)}
_SCALE = {"Percent": 100, "Milliseconds": 1000}


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
    if wanted != "*" and wanted not in {name for service, _, name in ACTIONS if service != DRILL[0]}:
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


@action(*DRILL, "ClearFaults", {"Action?": str})
def clear_faults(call: Call) -> Mapping[str, Any]:
    """Forget the faults of one action, or all."""
    call.services.faults.clear(call.params.get("Action"))
    return {}


@action(*DRILL, "DescribeFaults", {})
def describe_faults(call: Call) -> Mapping[str, Any]:
    """Every fault that may still strike."""
    return {"Faults": call.services.faults.listed()}
