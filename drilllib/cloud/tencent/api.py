"""The Tencent Cloud API as one pure function: a request in, a response out, the state changed in between."""

import copy
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent import cam, requests, schema, tc3
from drilllib.cloud.tencent.actions import (  # noqa: F401  each enters its actions into the table
    addons,
    addresses,
    admin,
    associations,
    balancers,
    cluster_nodes,
    clusters,
    groups,
    instances,
    interfaces,
    listeners,
    networks,
    node_pools,
    rules,
    tags,
    target_health,
    templates,
    virtual_node_pools,
    weights,
)
from drilllib.cloud.tencent.call import ACTIONS, Action, Ask, Call, Document, Health, Tasks
from drilllib.cloud.tencent.errors import ApiError, missing
from drilllib.cloud.tencent.faults import Fault, Faults, Kind
from drilllib.core.snapshot.snapshot import Snapshot

LOG = logging.getLogger("drilllib.cloud")
LOGIN_PAGE = b"<!DOCTYPE html><title>Log in to the network</title><form><input name=user></form>"


class TencentApi:
    """
    Args:
        state: what the cloud knows.
        keys: each secret id that may ask, with its secret key.
        faults: what is to go wrong on purpose.
        kubeconfig: gives the text that DescribeClusterKubeconfig hands out; None where there is no API server.
        health: gives the measured health of targets; what it does not know the engine predicts.
        ask: makes a request to an address of the lab that follows; None where there is none.
        pool_seconds: how long a new node pool is `Creating`.
        task_seconds: how long a CLB task is said to run; what it does is done at once.
    """

    def __init__(
        self,
        state: CloudState,
        keys: Mapping[str, str],
        *,
        faults: Faults | None = None,
        kubeconfig: Callable[[], str] | None = None,
        health: Health | None = None,
        ask: Ask | None = None,
        pool_seconds: float = 0.0,
        task_seconds: float = 0.0,
    ) -> None:
        self.state, self.faults = state, faults or Faults()
        self.kubeconfig, self.health, self.ask, self.pool_seconds = kubeconfig, health, ask, pool_seconds
        self.rights: cam.Policy | None = None  # of who has a key; None: everything
        self.tasks: Tasks = {}
        self.task_seconds = task_seconds
        self._keys = dict(keys)
        self._earlier: tuple[Document, datetime] | None = None  # what is read while a change is late, and until when

    def now(self) -> datetime:
        """The state's clock."""
        return self.state.now()

    def new_id(self, prefix: str, length: int = 8) -> str:
        """An id that nothing has yet."""
        return self.state.new_id(prefix, length)

    def snapshot(self) -> Snapshot:
        """The state as the engine reads it."""
        return self.state.snapshot()

    def handle(self, request: requests.Request) -> requests.Response:
        """Answer one request. Whatever it holds, this raises nothing."""
        request_id = str(uuid4())
        try:
            return self._answer(request, request_id)
        except ApiError as error:
            return requests.refusal(request_id, error)
        except Exception:
            LOG.exception("Request %s failed", request_id)
            return requests.refusal(request_id, ApiError("InternalError", "An internal error has occurred."))

    def _answer(self, request: requests.Request, request_id: str) -> requests.Response:
        requests.require_root(request)
        service = tc3.verified_service(request, self._keys, self.now())
        name, action = _action_of(request, service)
        ours = service == "drill"
        struck = {} if ours else self.faults.strike("*", name, *cam.permissions(service, name))
        if self.rights is not None and not ours and not self.rights.allows(service, name):
            raise cam.refusal(service, name)
        failed = _before(struck, service, name)
        if failed is not None:
            return failed
        self._require_region(request)
        given = requests.parameters(request.body)
        schema.require_known(given, action.shape)
        params = schema.tidied(given)
        schema.require_complete(params, action.shape)
        perform = self._write if action.writes else self._read
        return _after(struck, perform(action, Call(params, given, {}, request_id, self), struck.get(Kind.LATE)))

    def _read(self, action: Action, call: Call, _: Fault | None) -> requests.Response:
        """The answer is written out before the state is let go of: it may hold parts of the document itself."""
        with self.state.reading() as document:
            fields = action.function(replace(call, document=self._as_read(document)))
            return requests.answer(call.request_id, fields)

    def _write(self, action: Action, call: Call, late: Fault | None) -> requests.Response:
        with self.state.writing(settled=action.settled) as document:
            before = copy.deepcopy(document) if late else None
            fields = action.function(replace(call, document=document))
            document["target_health"] = None  # what was observed no longer holds
            if late and before is not None:
                self._earlier = (before, self.now() + timedelta(seconds=late.seconds))
            return requests.answer(call.request_id, fields)

    def _as_read(self, document: Document) -> Document:
        """What a reader sees: while a change is late, what was before it."""
        if self._earlier is not None and self.now() < self._earlier[1]:
            return self._earlier[0]
        self._earlier = None
        return document

    def _require_region(self, request: requests.Request) -> None:
        """The cloud has one region, its document's; without one in the document any will do."""
        asked = request.headers.get("x-tc-region", "").strip()
        if not asked:
            raise missing("X-TC-Region")
        with self.state.reading() as document:
            own = document.get("region")
        if own and asked != own:
            raise ApiError("UnsupportedRegion", f"The region `{asked}` is not served here, only `{own}`.")


def _action_of(request: requests.Request, service: str) -> tuple[str, Action]:
    """The action by service, version and name: names repeat between versions."""
    version, name = (request.headers.get(f"x-tc-{each}", "").strip() for each in ("version", "action"))
    for each, value in (("X-TC-Action", name), ("X-TC-Version", version)):
        if not value:
            raise missing(each)
    versions = {known[1] for known in ACTIONS if known[0] == service}
    if not versions:
        raise ApiError("NoSuchProduct", f"The product `{service}` does not exist here.")
    if version not in versions:
        raise ApiError("NoSuchVersion", f"The version `{version}` of `{service}` does not exist here.")
    if (service, version, name) not in ACTIONS:
        raise ApiError("InvalidAction", f"The action `{name}` of `{service}` {version} does not exist here.")
    return name, ACTIONS[service, version, name]


def shape_of(service: str, version: str, name: str) -> Mapping[str, Any]:
    """What parameters an action takes, as in `schema`; none where it is not here."""
    found = ACTIONS.get((service, version, name))
    return found.shape if found else {}


def _before(struck: Mapping[Kind, Fault], service: str, name: str) -> requests.Response | None:
    """What a fault answers in the place of any work. Raises ApiError."""
    if Kind.CRASH_BEFORE in struck:
        return requests.Response(fate=requests.Fate.CRASHED)
    if Kind.DROPPED in struck:
        return requests.Response(fate=requests.Fate.DROPPED)
    if Kind.SERVER_ERROR in struck:
        return requests.Response(status=struck[Kind.SERVER_ERROR].status, body=b"{}")
    if Kind.PAGE in struck:
        return requests.Response(body=LOGIN_PAGE, content_type="text/html")
    if Kind.THROTTLED in struck:
        raise ApiError("RequestLimitExceeded", "Your request has been limited: too many requests in this second.")
    if Kind.DENIED in struck:
        raise cam.refusal(service, name)
    return None


def _after(struck: Mapping[Kind, Fault], response: requests.Response) -> requests.Response:
    """What a fault makes of an answer once the work is done."""
    if Kind.CRASH_AFTER in struck:
        return requests.Response(fate=requests.Fate.CRASHED)
    if Kind.ANSWER_LOST in struck:
        return requests.Response(fate=requests.Fate.DROPPED)
    wait_s = struck[Kind.SLOW].seconds if Kind.SLOW in struck else 0.0
    fate = requests.Fate.HALVED if Kind.CUT in struck else requests.Fate.SENT
    return requests.Response(body=response.body, wait_s=wait_s, fate=fate)
