"""What tools print besides JSON, in a file that took both of their outputs: an error, or warnings before the answer."""

import re
from typing import Any

_ERROR = re.compile(
    r"^\[TencentCloudSDKException\]\s*code:(\S+)\s+message:(.*?)(?:\s+requestId:\S*)?\s*\Z", re.DOTALL | re.MULTILINE
)
_ANSWER = re.compile(r"^\s*\{", re.MULTILINE)


def printed_error(text: str) -> dict[str, Any] | None:
    """The error that tccli printed in the place of an answer, as the API writes one; None where it printed none."""
    found = _ERROR.search(text)
    if not found or _ANSWER.search(text):
        return None
    return {"Response": {"Error": {"Code": found[1], "Message": found[2]}}}


def after_warnings(text: str) -> str:
    """The text from the first line on that begins an object; all of it where there is none."""
    found = _ANSWER.search(text)
    return text[found.start() :] if found else text
