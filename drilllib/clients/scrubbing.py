"""What is taken out of an error before anybody sees it: account numbers, user names, keys, tokens."""

import re
from collections.abc import Iterable

from drilllib.errors import printable

LONGEST = 400  # characters of a message that are kept
HIDDEN = "***"
_USER = re.compile(r'\b[Uu]ser\s+(?:"[^"]*"|\'[^\']*\'|\\"[^"\\]*\\")')
_TOKENS = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+)*|\bAKID\w+|(?i:\bbearer\s+)\S+|\bya29\.\S+")
_ASSIGNED = re.compile(
    r"(?i)\b((?:secret_?(?:id|key)?|token|password|passwd|signature|authorization|credential)\"?\s*[=:]\s*)"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
)
_ACCOUNT = re.compile(r"\buin/[^:/\s)]+")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")
_LONG_NUMBER = re.compile(r"(?<![\w-])\d{8,}(?![\w])(?:-\d+)?")


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """
    *text* on one line without what identifies an account or opens one, cut at `LONGEST` characters.

    Resource ids such as ``ins-1a2b3c4d`` stay: they say what was refused. *secrets* are taken out wherever they stand.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern, instead in (
        (_CREDENTIALS_IN_URL, f"{HIDDEN}@"),
        (_TOKENS, HIDDEN),
        (_ASSIGNED, rf"\g<1>{HIDDEN}"),
        (_USER, f"User {HIDDEN}"),
        (_ACCOUNT, f"uin/{HIDDEN}"),
        (_MAIL, HIDDEN),
        (_LONG_NUMBER, HIDDEN),
    ):
        text = pattern.sub(instead, text)
    told = printable(" ".join(text.split()))
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 3]}..."
