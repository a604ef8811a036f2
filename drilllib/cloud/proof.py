"""
How a cloud proves to be the one that its record names, and is told to end.

Each side shows that it knows the record's token, and neither sends it: a program that has the port of a cloud that is
no more learns nothing, and convinces nobody.
"""

import hmac
import http.client
import json
import secrets
from collections.abc import Callable

TARGET = "/drilllib/proof"
PROVE, END = "prove", "end"
PATIENCE_S = 10.0  # a cloud that is there may be busy, or its machine
LONGEST = 4096  # bytes of an answer


class Identity:
    """A running cloud's: *token* is in its record, which only its user can read; *end* ends the cloud."""

    def __init__(self, token: str, end: Callable[[], None]) -> None:
        self._token, self._end = token, end

    def answer(self, body: bytes) -> bytes | None:
        """The proof that was asked for; None to one that does not know the token."""
        try:
            asked = json.loads(body)
            wish, nonce, proof = (str(asked[name]) for name in ("wish", "nonce", "proof"))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if wish not in (PROVE, END) or not _equal(proof, _proof(self._token, "asked", wish, nonce)):
            return None
        if wish == END:
            self._end()
        return json.dumps({"proof": _proof(self._token, "answered", wish, nonce)}).encode()


def ask(port: int, token: str, wish: str) -> bool:
    """Ask what answers at a port of 127.0.0.1. Is it the cloud with that token?"""
    nonce = secrets.token_hex(16)
    body = {"wish": wish, "nonce": nonce, "proof": _proof(token, "asked", wish, nonce)}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("POST", TARGET, json.dumps(body))
        given = json.loads(connection.getresponse().read(LONGEST))
        return _equal(str(given["proof"]), _proof(token, "answered", wish, nonce))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, RecursionError):
        return False
    finally:
        connection.close()


def _proof(token: str, *words: str) -> str:
    return hmac.new(token.encode(), json.dumps(words).encode(), "sha256").hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))
