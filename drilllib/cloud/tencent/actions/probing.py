"""What a request meets, asked as everything else is: service ``drill``, 2026-01-01, action ``Ask``."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.cloud.tencent.call import Call, action
from drilllib.cloud.tencent.errors import ApiError
from drilllib.core.drills.lab import Observation
from drilllib.core.trace.curl import client_profile
from drilllib.errors import DrillError

Asking = Callable[..., Observation]
REFUSED_EXIT = 7


def answer_with(services: Any, ask: Asking) -> None:
    """Let the action ask *ask*."""
    services.ask = ask


@action("drill", "2026-01-01", "Ask", {"Address": str, "Port?": int, "Path?": str, "Host?": str})
def ask(call: Call) -> Mapping[str, Any]:
    """The transcript of ``curl -I``, and curl's exit status."""
    params, asking = call.params, getattr(call.services, "ask", None)
    if asking is None:
        raise ApiError("UnsupportedOperation", "No lab follows this cloud.")
    try:
        met = asking(
            params["Address"], port=params.get("Port", 80), path=params.get("Path", "/"), host=params.get("Host")
        )
    except DrillError as error:
        raise ApiError("FailedOperation", str(error)) from None
    kind = met.symptom.kind
    status = (
        client_profile("original").timeout_exit if kind == "connect_timeout" else 0 if kind == "http" else REFUSED_EXIT
    )
    return {"Transcript": met.transcript, "Status": status}
