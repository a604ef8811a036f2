"""
Faults, set through the same door and with the same signature as everything else: service ``drill``, 2026-01-01.

These actions are ours, not the vendor's, and no fault strikes them.
"""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.call import Call, action
from drilllib.cloud.errors import ApiError
from drilllib.cloud.faults import Kind

DRILL = ("drill", "2026-01-01")
_DETAILS = {"Times": "times", "Percent": "probability", "Milliseconds": "seconds", "Status": "status"}
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
    details = {
        word: call.params[name] / _SCALE[name] if name in _SCALE else call.params[name]
        for name, word in _DETAILS.items()
        if name in call.params
    }
    if details.get("times") == 0:
        details["times"] = None
    call.services.faults.set(call.params["Kind"], call.params.get("Action", "*"), **details)
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
