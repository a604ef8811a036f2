"""Reads by the user's own kubectl and tccli, which keep their keys to themselves: `--via tools`."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from drilllib.clients.failures import UNREACHABLE, UNREADABLE, Backoff, Failure, of_cloud
from drilllib.clients.pages import all_pages
from drilllib.clients.parallel import Until
from drilllib.clients.scrubbing import scrubbed
from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind
from drilllib.core.capture.commands import argv
from drilllib.errors import InvalidInputError, MissingToolError
from drilllib.machine.environment import USUAL_PATH, absolute

COMMAND_LIMIT_S = 60  # tccli takes seconds to load
_REFUSED = re.compile(
    r"\[TencentCloudSDKException\]\s*code:(\S+)\s+message:(.*?)(?:\s+requestId:(\S*))?\s*$", re.DOTALL
)
_FROM_SERVER = re.compile(r"Error from server(?: \((\w+)\))?: (.*)", re.DOTALL)
_NO_KIND = re.compile(r"doesn't have a resource type|could not find the requested resource")
_NO_SERVER = re.compile(
    r"Unable to connect to the server|was refused - did you specify|connection refused", re.IGNORECASE
)
_STARTED_TWICE = re.compile(r"FileExistsError: .*\.tccli\b")  # at its very first starts, two of them make its folder
_NOT_LOGGED_IN = re.compile(r"must be logged in|Unauthorized")


def of_own_tools(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's own environment, for programs of the user's own; none of them is taken from the current folder."""
    return {**environment, "PATH": absolute(environment.get("PATH", "")) or USUAL_PATH}


class ToolsReader:
    """
    Answers asks by commands on PATH; several threads may use it at once.

    Args:
        region: for calls that name none; "" leaves it to tccli's settings.
        until: when to give up.
        environment: of the commands: the user's own.
        options: more words for each program, such as a context, by its name.
        permission: what to grant for an ask, where the refusal does not say.

    Raises:
        MissingToolError: A program is not there.
    """

    def __init__(
        self,
        region: str,
        until: Until,
        environment: Mapping[str, str],
        *,
        options: Mapping[str, Sequence[str]] | None = None,
        permission: Callable[[Ask], str] = lambda ask: "",
    ) -> None:
        self.region, self.calls = region, 0
        self._until, self._environment, self._options = until, of_own_tools(environment), options or {}
        self._backoff, self._permission, self._lock = Backoff(until), permission, threading.Lock()
        for name in ("kubectl", "tccli"):
            if shutil.which(name, path=self._environment["PATH"]) is None:
                raise MissingToolError(
                    "{name} is not on PATH", remedy="Install it, or leave --via tools out", name=name
                )

    def cloud(self, call: CloudCall) -> Answer:
        """The answer to a call, with all its pages."""
        return all_pages(call, self._page, partial(self._refusal, call))

    def kubernetes(self, read: KubernetesRead) -> Answer:
        """An object, or a list; kubectl reads its pages by itself."""
        found = self._page(read)
        if isinstance(found, Failure):
            return Answer(read, (), self._refusal(read, found))
        return Answer(read, (found,), whole=True)

    def _page(self, ask: Ask) -> dict[str, Any] | Failure:
        found = self._backoff.call(partial(self._run, ask))
        assert isinstance(found, dict | Failure)
        return found

    def _run(self, ask: Ask) -> dict[str, Any] | Failure:
        """One command, and what came of it. What it prints counts only where it ends well: see `of_kubectl`."""
        program = "tccli" if isinstance(ask, CloudCall) else "kubectl"
        words = argv(ask, self.region, self._options.get(program, ()))
        with self._lock:
            self.calls += 1
        limit = min(COMMAND_LIMIT_S, self._until.left_s)
        try:
            done = subprocess.run(
                words, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return Failure("Timeout", f"{program} did not end")
        except (OSError, ValueError) as error:
            return Failure("NotStarted", f"{program} did not start ({type(error).__name__})")
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            return of_tccli(ask.service, said) if isinstance(ask, CloudCall) else of_kubectl(said)
        return _opened(done.stdout)

    def _refusal(self, ask: Ask, failure: Failure) -> Refusal:
        known = {"Forbidden": RefusalKind.FORBIDDEN, "Unauthorized": RefusalKind.FORBIDDEN}
        kind = known.get(failure.code, failure.kind)
        permission = failure.permission
        if not permission and kind is RefusalKind.FORBIDDEN:
            permission = self._permission(ask)
        keys = [self._environment.get(f"TENCENTCLOUD_{each}", "") for each in ("SECRET_ID", "SECRET_KEY", "TOKEN")]
        return Refusal(kind, failure.code, permission, scrubbed(failure.message, keys), failure.request_id)


def of_tccli(service: str, said: str) -> Failure:
    """What tccli says on its standard error."""
    found = _REFUSED.search(said)
    if found is None:
        return Failure("tccli", _last_line(said), again=_STARTED_TWICE.search(said) is not None)
    code, message, request_id = found[1], found[2], found[3] or ""
    if code == "ClientNetworkError":
        return Failure(UNREACHABLE, message, request_id, again=True)
    return of_cloud(service, code, message, request_id)


def of_kubectl(said: str) -> Failure:
    """
    What kubectl says on its standard error where it does not end well.

    Of a refused list it prints an empty one on its standard output all the same, which must not be read.
    """
    if _NO_KIND.search(said):
        return Failure("NotFound", "no such kind")
    if _NO_SERVER.search(said):
        return Failure(UNREACHABLE, _last_line(said))
    found = _FROM_SERVER.search(said)
    if found is not None and found[1]:
        again = found[1] in ("TooManyRequests", "InternalError", "ServiceUnavailable", "Timeout")
        return Failure(found[1], _last_line(found[2]), again=again)
    if _NOT_LOGGED_IN.search(said):
        return Failure("Unauthorized", _last_line(said))
    return Failure("kubectl", _last_line(said))


def _last_line(said: str) -> str:
    lines = [each.strip() for each in said.splitlines() if each.strip()]
    return lines[-1] if lines else ""


def _opened(output: bytes) -> dict[str, Any] | Failure:
    try:
        found = json.loads(output)
    except (ValueError, RecursionError):
        return Failure(UNREADABLE, "no JSON came")
    return found if isinstance(found, dict) else Failure(UNREADABLE, "no JSON object came")


def context_of(environment: Mapping[str, str], options: Sequence[str]) -> str:
    """
    The namespace of kubectl's context.

    Raises:
        InvalidInputError: It has no such context, or no configuration.
    """
    words = ["kubectl", "config", "view", "--minify", "--output", "jsonpath={..namespace}", *options]
    try:
        done = subprocess.run(
            words, env=of_own_tools(environment), capture_output=True, timeout=COMMAND_LIMIT_S, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return "default"
    if done.returncode:
        raise InvalidInputError(
            "kubectl cannot use its configuration: {reason}",
            remedy="Try kubectl get nodes, or name another with --context or --kubeconfig",
            reason=scrubbed(_last_line(done.stderr.decode(errors="replace"))),
        )
    return done.stdout.decode(errors="replace").split()[0] if done.stdout.split() else "default"
