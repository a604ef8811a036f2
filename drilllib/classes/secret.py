"""
A class's secret, and what follows from it: a learner's key and the seeds of the worlds that are set.

The same secret gives the same keys and seeds everywhere; from one learner's nobody can tell another's. The secret never
leaves its file. Source: HMAC-SHA-256, RFC 2104.
"""

import base64
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from drilllib.classes.plan import Item, Plan
from drilllib.errors import InvalidInputError, quoted
from drilllib.practice.start import Start, Task

SEEDS = 10**12  # as many as drill practice knows
_BYTES = 32
_CODE_BYTES = 10  # 80 bits: nobody guesses them by asking


class Secret:
    """What keys and seeds are derived from; it shows itself nowhere."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def key(self, learner: str) -> str:
        """The key that signs the learner's attempts, in hexadecimal."""
        return self._derived("key", learner).hex()

    @property
    def mark(self) -> str:
        """By what a database tells this class from others, in 16 hexadecimal digits; it says nothing of the secret."""
        return self._derived("mark").hex()[:16]

    def pseudonym(self, learner: str) -> str:
        """What the learner is called in exports: always the same; without the secret nobody can tell whose it is."""
        return f"p{self._derived('pseudonym', learner).hex()[:12]}"

    def code(self, name: str) -> str:
        """By what somebody signs in to the class's hub: sixteen letters and digits, of which none look alike."""
        text = base64.b32encode(self._derived("sign-in", name)[:_CODE_BYTES]).decode().lower()
        return "-".join(text[place : place + 4] for place in range(0, len(text), 4))

    def tasks(self, plan: Plan, learner: str) -> tuple[Task, ...]:
        """
        The worlds that are set to the learner: the first of each drill, then the second, where there are several;
        in a study one form of the test before them, and the other after them.
        """
        first = self.first_form(learner)
        before, after = self._test(plan, first, "before"), self._test(plan, 1 - first, "after")
        return (*before, *self._practice(plan, learner), *after)

    def first_form(self, learner: str) -> int:
        """The form of the test, 0 or 1, that the learner has before the drills; the same, whoever else is there."""
        return self._derived("form", learner)[0] % 2

    def form_seed(self, drill: str, level: int, number: int) -> int:
        """The seed of a world that a form may have: the *number*-th that is tried."""
        return int.from_bytes(self._derived("test", drill, level, number)) % SEEDS

    def _test(self, plan: Plan, form: int, when: str) -> Iterator[Task]:
        for item in (*plan.test, *plan.transfer):
            yield Task(item.drill, item.level, plan.forms[item.drill, item.level][form], when)

    def _practice(self, plan: Plan, learner: str) -> Iterator[Task]:
        for number in range(max(each.tries for each in plan.items)):
            for item in plan.items:
                if number < item.tries:
                    yield Task(item.drill, item.level, self._seed(item, number, learner))

    def _seed(self, item: Item, number: int, learner: str) -> int:
        world = item.drill, item.level, number
        whose: str | int = learner
        if item.worlds is not None:
            whose = int.from_bytes(self._derived("world", *world, learner)) % item.worlds
        return int.from_bytes(self._derived("seed", *world, whose)) % SEEDS

    def start(self, plan: Plan, learner: str) -> Start:
        """All that is handed out to the learner."""
        return Start(
            class_name=plan.name,
            learner=learner,
            key=self.key(learner),
            tasks=self.tasks(plan, learner),
            opens=plan.opens,
            closes=plan.closes,
        )

    def _derived(self, *what: str | int) -> bytes:
        return hmac.digest(self._value, json.dumps(what).encode(), "sha256")


def plain_code(text: str) -> str:
    """A code as it was typed, without what does not count: hyphens, blanks and whether letters are capital."""
    return "".join(text.split()).replace("-", "").lower()


def made_secret(path: Path) -> Secret:
    """
    The secret in a file that only its owner can read; where there is none yet, one by the system's randomness.

    Raises:
        InvalidInputError: It cannot be written, or what is there cannot be used; see `read_secret`.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_secret(path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return read_secret(path)


def read_secret(path: Path) -> Secret:
    """
    The secret in a file.

    Raises:
        InvalidInputError: It is not there, is none, or others can read it.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
        value = bytes.fromhex(text)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    except ValueError:
        raise _unusable(path, "") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise InvalidInputError(
            "Others can read the class's secret, {path}",
            remedy="If nobody has, chmod 600 it; else begin the class anew",
            path=quoted(str(path)),
        )
    if len(value) != _BYTES:
        raise _unusable(path, "")
    return Secret(value)


def _unusable(path: Path, reason: str) -> InvalidInputError:
    return InvalidInputError(
        "The class's secret, {path}, cannot be used: {reason}" if reason else "{path} is no secret of a class",
        remedy="Make the class with drill class new, or put its folder back",
        path=quoted(str(path)),
        reason=reason,
    )
