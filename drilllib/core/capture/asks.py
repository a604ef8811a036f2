"""What a capture asks of a cloud and of a cluster, and what came back: data, so that anybody may do the reading."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class CloudCall:
    """
    A call of the vendor's API, to read with but for what `core.changes` makes: *action* of *service* (clb, cvm, vpc,
    tke, tag) in its *version*.

    *parameters* is the request as JSON text with sorted keys, so that equal calls are equal; *region* is empty where
    whoever reads decides.
    """

    service: str
    version: str
    action: str
    parameters: str = "{}"
    region: str = ""

    @classmethod
    def of(cls, service: str, version: str, action: str, region: str = "", **parameters: Any) -> "CloudCall":
        return cls(service, version, action, json.dumps(parameters, sort_keys=True), region)

    @property
    def request(self) -> dict[str, Any]:
        """The parameters; the copy is the caller's."""
        made: dict[str, Any] = json.loads(self.parameters)
        return made


@dataclass(frozen=True, slots=True)
class KubernetesRead:
    """
    A get (with a *name*) or a list of *resource* (plural, as in RBAC) of an API *group* ("" is core) and *version*.

    *namespace* is empty for a resource of the cluster, and for a list over all namespaces.
    """

    group: str
    version: str
    resource: str
    kind: str
    namespace: str = ""
    name: str = ""


Ask = CloudCall | KubernetesRead
CHANGED = "ChangedWhileRead"  # the code of a refusal: it was another thing at every reading


class RefusalKind(StrEnum):
    """Why there is no answer: not allowed, no such thing there, the call failed, or the time was up."""

    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    FAILED = "failed"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    Why an ask has no answer, or not all of it.

    *permission* is what to grant, as the docs of CAM or RBAC spell it, empty where unknown; *message* holds no account
    number, user name, or secret; *request_id* is for the vendor's support and identifies the account.
    """

    kind: RefusalKind
    code: str
    permission: str = ""
    message: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What came back for *ask*: its *pages* in order, without the `Response` envelope, or a *refusal*.

    *ask* is None for a file that does not say what was asked. *source* is the file's name, empty over the wire. *whole*
    says that all that was asked for is here: over the wire all pages came; of a file it is not known but by its counts.
    """

    ask: Ask | None
    pages: tuple[Mapping[str, Any], ...] = ()
    refusal: Refusal | None = None
    source: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is to be captured: a *service* (`NAMESPACE/NAME`), or a load balancer by its id; empty is not said.

    *cluster* and *region* are the user's own words, which win over what was read. *groups* are security groups whose
    rules are read too where they are not on the path.
    """

    service: str = ""
    load_balancer: str = ""
    cluster: str = ""
    region: str = ""
    groups: tuple[str, ...] = ()
