"""
Calls that change something: sent again only where it is certain that nothing was done.

Whether a call was done whose answer was lost, nobody knows: whoever sent it has to look.
"""

from drilllib.clients.failures import LIMITED, UNREACHABLE, Failure
from drilllib.core.capture.asks import Refusal

VERSION_MISMATCH = "UnsupportedOperation.VersionMismatch"
# How codes begin by which the vendor refuses before it has done anything [the error lists of the actions].
_REFUSING = (
    *(LIMITED, "AuthFailure", "UnauthorizedOperation", "OperationDenied", "UnsupportedOperation", "UnsupportedRegion"),
    *("Invalid", "MissingParameter", "UnknownParameter", "LimitExceeded", "ResourceNotFound", "ResourceInUse"),
    *("NoRegion", "NoSuchVersion", "NoSuchProduct", "MutexOperation"),
)
# Errors of a connection that never came about.
_NEVER_SENT = ("ConnectionRefusedError", "gaierror", "NameResolutionError", "ConnectTimeoutError")


def may_be_done(found: Failure | Refusal) -> bool:
    """May the call have been done in spite of this?"""
    if found.code == UNREACHABLE:
        return not found.message.startswith(_NEVER_SENT)
    return not found.code.startswith(_REFUSING)


def again(found: Failure) -> bool:
    """Is it worth another try, and certain that nothing was done?"""
    return found.again and not may_be_done(found)
