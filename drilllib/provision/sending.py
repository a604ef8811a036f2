"""Calls that are sent until what they shall do is seen; and looks for one thing by its id."""

from collections.abc import Callable

from drilllib.clients.writes import may_be_done
from drilllib.core.capture.asks import CloudCall, Refusal
from drilllib.core.capture.calls import VPC
from drilllib.errors import Message, quoted
from drilllib.provision.clients import Clients, refused

TRIES = 3
_GONE = ("ResourceNotFound", "InvalidSecurityGroupID.NotFound", "InvalidParameter.NodePoolNotFound")


def sent_until(clients: Clients, call: CloudCall, is_done: Callable[[], bool]) -> Message | None:
    """Send a call that may be repeated until it *is_done*, or what it is about is gone; why it is not, or None."""
    refusal: Refusal | None = None
    for _ in range(TRIES):
        refusal = clients.write(call).refusal
        if refusal is not None and refusal.code.startswith(_GONE):
            return None
        if refusal is not None and not may_be_done(refusal):
            return why_refused(call, refusal)
        for _ in clients.waits():
            if is_done():
                return None
    return why_refused(call, refusal)


def has_group(clients: Clients, group: str) -> bool:
    """Is there a security group of that id, whatever its tags are? Raises RefusedError where it is not told."""
    call = CloudCall.of(*VPC, "DescribeSecurityGroups", SecurityGroupIds=[group])
    answer = clients.read(call)
    if answer.refusal is None:
        return any(row.get("SecurityGroupId") == group for page in answer.pages for row in page["SecurityGroupSet"])
    if answer.refusal.code.startswith(_GONE):
        return False
    raise refused(call, answer.refusal)


def why_refused(call: CloudCall, refusal: Refusal | None) -> Message:
    """Why a call did nothing, as a reader can act on it."""
    code = refusal.code if refusal else "not seen"
    if refusal is not None and refusal.permission:
        return Message("{action} is not allowed: grant {right}", action=call.action, right=refusal.permission)
    if code.startswith("ResourceInUse"):
        return Message("something that is not the drill's is bound to it, or names it in a rule")
    return Message("{action}: {code}", action=call.action, code=quoted(code))
