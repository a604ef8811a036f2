"""One request in, one answer out. Whatever a request does, the answer is an object or a `Status`, never a traceback."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drilllib.cloud.kube import discovery, endpoints, negotiation, rbac, reads, writes
from drilllib.cloud.kube.controllers.order import differences
from drilllib.cloud.kube.controllers.reconcile import adopt, draft_of, reconcile, reconcile_in_place
from drilllib.cloud.kube.controllers.system import version_of
from drilllib.cloud.kube.errors import KubeError, not_allowed, throttled, unauthorized, unavailable
from drilllib.cloud.kube.health import healthy
from drilllib.cloud.kube.journal import Change, Journal, revision_of
from drilllib.cloud.kube.kinds import ENDPOINTS, POD, RBAC, REVIEWS, VERBS
from drilllib.cloud.kube.logs import pod_log
from drilllib.cloud.kube.negotiation import Form
from drilllib.cloud.kube.objects import Document, Object, Tools, find, name_of
from drilllib.cloud.kube.requests import Request, Response, Target, json_response, target_of
from drilllib.cloud.kube.reviews import review
from drilllib.cloud.kube.scaling import scale, scale_of
from drilllib.cloud.kube.watch import Watcher
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.faults import Fault, Faults, Kind

log = logging.getLogger(__name__)


class KubeApi:
    """
    The Kubernetes API of a state. Once it is made, the controllers run inside every write to the state, the
    Tencent side's too, before the write is saved. Without *tencent* those of Tencent Cloud are left out: CLBs, pod
    interfaces, and what TKE puts into kube-system. Of *faults* those strike that begin with ``kubernetes``, of these
    kinds: denied, throttled, server_error, dropped, slow.
    """

    def __init__(self, state: CloudState, *, tencent: bool = True, faults: Faults | None = None) -> None:
        self._state, self._tencent = state, tencent
        self.faults = faults or Faults()
        self.rights: rbac.Rights | None = None  # of who has a token; None: everything
        self._is_settled = False  # did the controllers finish? If not, all of them work at the next write
        self._tools = Tools(state.now, state.new_id, state.new_uid)
        with state.reading() as document:
            self._journal = Journal(document)
        self._watcher = Watcher(self._journal, state.reading, state.now)
        state.settle_with(self._settle)
        with state.writing() as document:
            adopt(document, self._tools, self._tencent)
        self._journal.forget()
        state.follow(lambda _: self._watcher.wake())

    def handle(self, request: Request) -> Response:
        """Answer a request."""
        try:
            return self._answer(request)
        except KubeError as error:
            return json_response(error.code, error.status())
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            failure = KubeError(500, "InternalError", "the local cloud met an error of its own; its log tells more")
            return json_response(failure.code, failure.status())

    def close(self) -> None:
        """End the watches."""
        self._watcher.close()

    def _settle(self, document: Document) -> None:
        self._is_settled = False
        self._is_settled = reconcile_in_place(document, self._tools, self._tencent)
        self._journal.record(self._journal.stamp(document))

    def _answer(self, request: Request) -> Response:
        if request.user is None:
            raise unauthorized()
        reading = request.method in ("GET", "HEAD")
        if reading and (found := self._discovery(request)):
            return found
        target = target_of(request.path)
        form = request.form
        if target.kind in REVIEWS:
            return _response(201, review(request, target), form)
        if target.kind in RBAC:
            raise not_allowed("RBAC: who has the token may do everything")
        struck = self._struck(request, target)
        if Kind.DROPPED in struck:
            return Response(0, is_dropped=True)
        response = self._read(request, target) if reading else self._write(request, target)
        return replace(response, wait_s=struck[Kind.SLOW].seconds) if Kind.SLOW in struck else response

    def _struck(self, request: Request, target: Target) -> Mapping[Kind, Fault]:
        """The faults that strike a request. Raises KubeError where it is refused, by them or for want of rights."""
        struck = self.faults.strike("kubernetes *", *dict.fromkeys(rbac.names_of(request, target)))
        if Kind.DENIED in struck or (self.rights and not self.rights.allows(request, target)):
            raise rbac.forbidden(request, target)
        if Kind.THROTTLED in struck:
            raise throttled()
        if Kind.SERVER_ERROR in struck:
            raise unavailable(struck[Kind.SERVER_ERROR].status)
        return struck

    def _discovery(self, request: Request) -> Response | None:
        path = request.path.rstrip("/")
        if health := healthy(path, verbose="verbose" in request.query):
            return Response(200, health.encode(), "text/plain; charset=utf-8")
        if path == "/version":
            with self._state.reading() as document:
                return json_response(200, discovery.version(version_of(document)))
        accept = request.headers.get("accept", "")
        found = discovery.document_at(path, accept)
        if found and path == "/openapi/v2":
            return _response(200, found[0], request.form)
        return json_response(200, *found) if found else None

    def _read(self, request: Request, target: Target) -> Response:
        if target.subresource == "log" and target.kind is POD:
            with self._state.reading() as document:
                return pod_log(document, request, target)
        if request.flag("watch") and target.subresource is None:
            if "watch" not in target.kind.verbs or request.form.content_type != negotiation.JSON:
                raise not_allowed(f"watching {target.kind.plural}")
            return Response(200, stream=self._watcher.stream(request, target))
        warning = {"Warning": endpoints.WARNING} if target.kind is ENDPOINTS else {}
        with self._state.reading() as document:
            return _response(200, self._found(document, request, target), request.form, warning)

    def _write(self, request: Request, target: Target) -> Response:
        """Change a draft, run the controllers on it, and commit it; a dry run commits nothing."""
        options = writes.delete_options(request) if request.method == "DELETE" else {}
        if request.dry_run or options.get("dryRun"):
            with self._state.reading() as document:
                return self._tried(document, draft_of(document), request, target, kept=False)[0]
        with self._state.writing(settled=True) as document:
            draft = draft_of(document)
            response, changes = self._tried(document, draft, request, target)
            document.update(draft)
            self._journal.record(changes)
        return response

    def _tried(
        self, settled: Document, draft: Document, request: Request, target: Target, *, kept: bool = True
    ) -> tuple[Response, list[Change]]:
        """The result of a write, applied to a draft of the *settled* document."""
        code, item = self._changed(draft, request, target)
        changed = differences(settled, draft) if self._is_settled else None
        done = reconcile(draft, self._tools, self._tencent, changed=changed)
        self._is_settled = done if kept else self._is_settled
        changes = self._journal.stamp(draft, settled) if kept else []
        if item["kind"] != "Status":
            item = find(draft, target.kind, target.namespace or "", name_of(item)) or item
            item = scale_of(item) if target.subresource == "scale" else item
            metadata = {"resourceVersion": item["metadata"].get("resourceVersion", "")}
            item = reads.shown(request, target, [item], self._state.now(), metadata, item)
        return _response(code, item, request.form), changes

    def _changed(self, draft: Document, request: Request, target: Target) -> tuple[int, Object]:
        """Apply a write to the draft: the answer's code, and the object or the Status in it."""
        whole = target.subresource is None
        if target.subresource == "scale" and "scale" in target.kind.subresources and request.method in ("PUT", "PATCH"):
            return 200, scale(draft, request, target)
        nowhere = target.kind.namespaced and not target.namespace  # only lists are of all namespaces
        if target.kind.verbs != VERBS or nowhere:
            raise not_allowed(f"{request.method} on {target.kind.plural}")
        if request.method == "POST" and target.name is None:
            return 201, writes.create(draft, request, target, self._tools)
        if request.method == "DELETE" and target.name and whole:
            return 200, writes.delete(draft, request, target)
        if request.method in ("PUT", "PATCH") and target.name and (whole or target.subresource == "status"):
            change = writes.replace if request.method == "PUT" else writes.patch
            return 200, change(draft, request, target)
        part = "" if whole else f"/{target.subresource}"
        raise not_allowed(f"{request.method} on {target.kind.plural}{part}")

    def _found(self, document: Document, request: Request, target: Target) -> Any:
        now = self._state.now()
        if target.subresource and target.subresource not in target.kind.subresources:
            raise not_allowed(f"{target.kind.plural}/{target.subresource[:40]}")
        if target.name is None:
            return reads.list_objects(document, request, target, now, revision_of(document))
        return reads.get(document, request, target, now)


def _response(code: int, value: Any, form: Form, headers: Mapping[str, str] | None = None) -> Response:
    return Response(code, negotiation.written(value, form), form.content_type, headers=headers or {})
