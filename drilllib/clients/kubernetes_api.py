"""
Reads the Kubernetes API: contexts, certificates and logins by the official client, objects as the JSON they are.

Typed objects would lose what the client's version does not know, and rename the rest.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from drilllib.clients.failures import UNREADABLE, Backoff, Failure, of_exception
from drilllib.clients.parallel import Until
from drilllib.clients.scrubbing import scrubbed
from drilllib.core.capture.asks import Answer, Ask, KubernetesRead, Refusal, RefusalKind
from drilllib.errors import InvalidInputError, MissingToolError, UnknownNameError, quoted

PAGE = 500  # objects of a list that are read at once
CONNECT_LIMIT_S, READ_LIMIT_S = 5, 20
EXPIRED = "Expired"
STARTS = 3  # of one list, where what was read of it has expired
_DONE = (200, 201, 202)  # of a get, a creation, a deletion that takes a while
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The API server that a context names: its *server*, the *context*, the *namespace* that the context sets."""

    server: str
    context: str
    namespace: str
    configuration: Any = field(repr=False)


class KubernetesReader:
    """
    Answers gets and lists; several threads may use it at once.

    Args:
        cluster: whom to ask.
        until: when to give up.
        permission: what to grant for an ask that was refused.
        impersonated: as whom to read, as kubectl's --as and --as-group: pairs of User or Group and a name.
    """

    def __init__(
        self,
        cluster: Cluster,
        until: Until,
        *,
        permission: Callable[[Ask], str] = lambda ask: "",
        impersonated: Sequence[tuple[str, str]] = (),
    ) -> None:
        import urllib3
        from kubernetes import client

        if not cluster.configuration.verify_ssl:  # so says the kubeconfig; kubectl is silent about it too
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self.cluster, self.calls, self._permission = cluster, 0, permission
        self._impersonated = [(f"Impersonate-{kind}", name) for kind, name in impersonated]
        self._backoff = Backoff(until)
        self._pool = client.ApiClient(configuration=cluster.configuration).rest_client.pool_manager

    def __call__(self, read: KubernetesRead) -> Answer:
        """The object, or the whole list in its pages."""
        found = self._list(read)
        for _ in range(STARTS - 1):
            if not isinstance(found, Failure) or found.code != EXPIRED:
                break
            found = self._list(read)
        if isinstance(found, Failure):
            return Answer(read, (), self.refusal(read, found))
        return Answer(read, found, whole=True)

    def document(self, path: str) -> dict[str, Any] | Failure:
        """What is at a path that is none of an object, such as /apis; or why there is no answer."""
        found = self._backoff.call(partial(self._get, path, {}))
        assert isinstance(found, dict | Failure)
        return found

    def refusal(self, read: Ask, failure: Failure) -> Refusal:
        """A failure as it may be shown."""
        kind = {"Forbidden": RefusalKind.FORBIDDEN, "Unauthorized": RefusalKind.FORBIDDEN}.get(failure.code)
        kind = kind or (RefusalKind.ABSENT if failure.code == "NotFound" else RefusalKind.FAILED)
        permission = self._permission(read) if kind is RefusalKind.FORBIDDEN else ""
        return Refusal(kind, failure.code, permission, scrubbed(failure.message, self._secrets()))

    def _secrets(self) -> tuple[str, ...]:
        headers = self._headers()
        return tuple(part for value in headers.values() for part in value.split() if len(part) > 8)

    def _list(self, read: KubernetesRead) -> tuple[Mapping[str, Any], ...] | Failure:
        pages: list[Mapping[str, Any]] = []
        following = ""
        while following or not pages:
            fields = {} if read.name else {"limit": str(PAGE), **({"continue": following} if following else {})}
            found = self._backoff.call(partial(self._get, path_of(read), fields))
            if isinstance(found, Failure):
                return found
            assert isinstance(found, dict)
            pages.append(found)
            metadata = found.get("metadata")
            following = str((isinstance(metadata, dict) and not read.name and metadata.get("continue")) or "")
        return tuple(pages)

    def _get(self, path: str, fields: dict[str, str]) -> dict[str, Any] | Failure:
        """One request, and what came of it."""
        import urllib3

        self.calls += 1
        limits = urllib3.Timeout(connect=CONNECT_LIMIT_S, read=READ_LIMIT_S)
        url = self.cluster.server.rstrip("/") + path
        headers = urllib3.HTTPHeaderDict(self._headers())
        for name, value in self._impersonated:  # a header for each group
            headers.add(name, value)
        try:
            answer = self._pool.request(
                "GET", url, fields=fields, headers=headers, timeout=limits, retries=False, redirect=False
            )
        except Exception as error:  # of TLS, of the connection, of a login's program
            return of_exception(error)
        return opened(answer.status, answer.data)

    def _headers(self) -> dict[str, str]:
        """What proves who asks; a token is renewed by the client where it knows how."""
        settings = self.cluster.configuration.auth_settings().values()
        held = {each["key"]: each["value"] for each in settings if each.get("in") == "header" and each.get("value")}
        return {"Accept": "application/json", **held}


def path_of(read: KubernetesRead) -> str:
    """The path of a get or a list, every name in it quoted."""
    root = f"/apis/{quote(read.group, safe='')}" if read.group else "/api"
    place = f"/namespaces/{quote(read.namespace, safe='')}" if read.namespace else ""
    name = f"/{quote(read.name, safe='')}" if read.name else ""
    return f"{root}/{quote(read.version, safe='')}{place}/{quote(read.resource, safe='')}{name}"


def opened(status: int, body: bytes) -> dict[str, Any] | Failure:
    """The object of an answer; a failure where it says so, or is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if status in _DONE and isinstance(found, dict):
        return found
    said = found if isinstance(found, dict) else {}
    codes = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 410: EXPIRED}
    code = UNREADABLE if status in _DONE else codes.get(status) or str(said.get("reason") or f"HTTP {status}")
    return Failure(code, str(said.get("message") or ""), again=status in (*_DONE, 429) or status >= 500)


def find_cluster(environment: Mapping[str, str], *, kubeconfig: str = "", context: str = "") -> Cluster:
    """
    The cluster that kubectl would ask, or that *context* names; inside a pod without a kubeconfig, its own.

    Raises:
        MissingToolError: The official client is not installed.
        InvalidInputError: There is no kubeconfig, or it cannot be used.
        UnknownNameError: It has no such context.
    """
    config = _client_config()
    from kubernetes import client

    configuration = client.Configuration()
    files = kubeconfig or environment.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    if any(Path(each).exists() for each in files.split(os.pathsep)):
        chosen = _chosen(config, files, context)
        _loaded(partial(config.load_kube_config, files, chosen["name"], configuration, persist_config=False), files)
        namespace = chosen["context"].get("namespace") or "default"
    elif environment.get("KUBERNETES_SERVICE_HOST") and not kubeconfig:
        _loaded(partial(config.load_incluster_config, client_configuration=configuration), str(_ACCOUNT.parent))
        chosen, namespace = {"name": "in-cluster"}, _ACCOUNT.read_text(encoding="utf-8").strip() or "default"
    else:
        raise InvalidInputError(
            "There is no kubeconfig {files}",
            remedy="Set KUBECONFIG, name one with --kubeconfig, or give saved answers to drill assemble",
            files=quoted(files),
        )
    if (urlsplit(configuration.host).hostname or "") in ("127.0.0.1", "localhost", "::1"):
        configuration.proxy = None  # as kubectl: none leads to this machine
    return Cluster(configuration.host, str(chosen["name"]), str(namespace), configuration)


def context_of_files(files: str, context: str) -> dict[str, Any]:
    """
    The context of that name in a kubeconfig, or the current one: *name* and *context*, as the file has them.

    Raises:
        MissingToolError: The official client is not installed.
        InvalidInputError: The files cannot be used.
        UnknownNameError: They have no such context.
    """
    return _chosen(_client_config(), files, context)


def _client_config() -> Any:
    try:
        from kubernetes import config
    except ImportError:
        raise MissingToolError(
            "The Kubernetes client is not installed",
            remedy="pip install 'drilllib[cloud]', or use --via tools with your own kubectl",
        ) from None
    return config


def _chosen(config: Any, files: str, context: str) -> dict[str, Any]:
    """The context that is meant."""
    contexts, current = _loaded(partial(config.list_kube_config_contexts, files), files)
    if not context and current:
        return dict(current)
    found = next((each for each in contexts if each["name"] == context), None)
    if found is None:
        raise UnknownNameError(
            "The kubeconfig has no context {context}",
            remedy="It has: {known}",
            context=quoted(context),
            known=", ".join(str(each["name"]) for each in contexts) or "none",
        )
    return dict(found)


def _loaded(load: Callable[[], Any], files: str) -> Any:
    """What *load* gives. Its errors may quote the file, with what is secret in it: only their kind is said."""
    try:
        return load()
    except Exception as error:  # whatever is wrong in the file or with a login's program
        raise InvalidInputError(
            "The kubeconfig {files} cannot be used ({kind})",
            remedy="Try kubectl get nodes with it",
            files=quoted(files),
            kind=type(error).__name__,
        ) from None
