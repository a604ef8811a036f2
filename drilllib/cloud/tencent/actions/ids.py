"""Ids in requests: written as they have to be, few enough, and of something that is there."""

import re
from collections.abc import Iterable, Sequence

from drilllib.cloud.tencent.call import Document
from drilllib.cloud.tencent.errors import ApiError, malformed, not_found

IDS_PER_CALL = 100
_ID = "{}-[0-9a-z]{{8}}"


def is_id(prefix: str, text: str) -> bool:
    """Is *text* that prefix, a hyphen and eight lower-case letters or digits?"""
    return re.fullmatch(_ID.format(prefix), text) is not None


def require_ids(prefix: str, name: str, ids: Iterable[str], code: str = "InvalidParameterValue.Malformed") -> None:
    """Raises ApiError where one of *ids*, the value of the parameter *name*, is malformed."""
    for each in ids:
        if not is_id(prefix, each):
            raise malformed(name, each, code)


def require_few(
    name: str, ids: Sequence[str], most: int = IDS_PER_CALL, code: str = "InvalidParameterValue.LimitExceeded"
) -> None:
    """Raises ApiError where there are more than *most*."""
    if len(ids) > most:
        raise ApiError(code, f"The parameter `{name}` has {len(ids)} values, more than {most}.")


def require_groups(document: Document, ids: Iterable[str], name: str, malformed_code: str, not_found_code: str) -> None:
    """Raises ApiError where an id is of no security group; each service has codes of its own for that."""
    for each in ids:
        require_ids("sg", name, [each], malformed_code)
        if each not in (document.get("security_groups") or {}):
            raise not_found("security group", each, not_found_code)
