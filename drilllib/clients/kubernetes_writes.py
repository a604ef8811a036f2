"""
Writes to the Kubernetes API: objects are made, changed in a field and deleted, one request each.

A creation is never sent twice: who made it cannot be told from whose answer was lost. A deletion names the uid of what
was seen, so that it deletes that and nothing of the same name; it may be sent again. So may a change, which names the
version of the object that it is meant for.
"""

import json
from dataclasses import replace
from functools import partial
from typing import Any

from drilllib.clients.failures import Failure, of_exception
from drilllib.clients.kubernetes_api import CONNECT_LIMIT_S, READ_LIMIT_S, KubernetesReader, opened, path_of
from drilllib.core.capture.asks import KubernetesRead

ACCESS_REVIEWS = KubernetesRead("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview")


def content_type(method: str) -> str:
    """The type of a request's body."""
    return "application/merge-patch+json" if method == "PATCH" else "application/json"


class KubernetesWriter(KubernetesReader):
    """A reader that also makes, changes and deletes objects."""

    def create(self, kind: KubernetesRead, item: dict[str, Any]) -> dict[str, Any] | Failure:
        """Make an object of a *kind* in its namespace: the object, or why there is no answer."""
        return self.send("POST", path_of(replace(kind, name="")), item)

    def change(self, read: KubernetesRead, patch: dict[str, Any]) -> dict[str, Any] | Failure:
        """Send one merge patch of an object: the object then, or why there is no answer."""
        return self.send("PATCH", path_of(read), patch)

    def delete(self, read: KubernetesRead, uid: str) -> Failure | None:
        """Delete the object of that name and uid; None where it goes, or is gone."""
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uid}}
        found = self._backoff.call(partial(self.send, "DELETE", path_of(read), options))
        return found if isinstance(found, Failure) and found.code != "NotFound" else None

    def may(self, verb: str, kind: KubernetesRead) -> bool:
        """May we do that, as the cluster says? True where it does not say."""
        wanted = {"verb": verb, "group": kind.group, "resource": kind.resource, "namespace": kind.namespace}
        asked = {"apiVersion": "authorization.k8s.io/v1", "kind": ACCESS_REVIEWS.kind}
        found = self.send("POST", path_of(ACCESS_REVIEWS), {**asked, "spec": {"resourceAttributes": wanted}})
        status = {} if isinstance(found, Failure) else found.get("status") or {}
        return bool(status.get("allowed", True))

    def send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any] | Failure:
        """One request with a body, and what came of it."""
        import urllib3

        self.calls += 1
        headers = urllib3.HTTPHeaderDict({**self._headers(), "Content-Type": content_type(method)})
        for name, value in self._impersonated:
            headers.add(name, value)
        try:
            answer = self._pool.request(
                method,
                self.cluster.server.rstrip("/") + path,
                body=json.dumps(body).encode(),
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_LIMIT_S, read=READ_LIMIT_S),
                retries=False,
                redirect=False,
            )
        except Exception as error:  # of TLS, of the connection, of a login's program
            return of_exception(error)
        return opened(answer.status, answer.data)
