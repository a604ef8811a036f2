"""A cluster is changed only where its owner has said so: by a ConfigMap that names it, or by a tag of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.core.capture.asks import Answer, Ask, KubernetesRead, RefusalKind
from drilllib.core.capture.calls import CONFIG_MAPS, clusters
from drilllib.errors import DrillError, Message, quoted
from drilllib.guard.marks import CONSENT, CONSENT_NAMESPACE, tags_of
from drilllib.quoting import Option, shell_line

_NO = ("no", "false", "off", "0", "")  # values of the tag that are none
CLUSTER_KEY = "cluster"  # of the ConfigMap's data: the id of the cluster that it is meant for


class NoConsentError(DrillError):
    """Nobody has said that drills may be played in this cluster."""


def consent_read() -> KubernetesRead:
    """The read of the ConfigMap."""
    kind = CONFIG_MAPS
    return KubernetesRead(kind.group, kind.version, kind.resource, kind.kind, CONSENT_NAMESPACE, CONSENT)


def command(cluster: str) -> str | Message:
    """The command by which the owner of a cluster consents to drills in it."""
    place = [Option("--namespace"), CONSENT_NAMESPACE]
    says = [Option("--from-literal"), f"{CLUSTER_KEY}={cluster}"]
    return shell_line(["kubectl", "create", "configmap", CONSENT, *place, *says])


def require_consent(read: Callable[[Ask], Answer], cluster: str) -> None:
    """
    Look whether drills may be played in the cluster of that id.

    The ConfigMap has to name the cluster: the kubeconfig may lead to another one than is meant. The tag is on the
    cluster itself; any value but no, false, off, 0 and none at all consents.

    Raises:
        NoConsentError: Neither is there, as far as may be read; the message has the command that sets the ConfigMap. Or
            the id is "".
    """
    if not cluster:
        raise NoConsentError(
            "Nobody can say which cluster this is, so none is known to have consented",
            remedy="Look at what `drill capture` says of the cluster",
        )
    said = _config_map(read(consent_read()))
    if said == cluster or _tags(read(clusters([cluster])), cluster).get(CONSENT, "no").lower() not in _NO:
        return
    if said:
        raise NoConsentError(
            "The ConfigMap {name} in {namespace} allows drills in {other}, and this is {cluster}",
            remedy="Look at the context of the kubeconfig and at --cluster",
            name=CONSENT,
            namespace=CONSENT_NAMESPACE,
            other=quoted(said),
            cluster=quoted(cluster),
        )
    raise NoConsentError(
        "Nobody has said that drills may be played in the cluster {cluster}",
        remedy="If it is there for drills only: {command}",
        cluster=quoted(cluster),
        command=command(cluster),
    )


def _config_map(answer: Answer) -> str:
    """The cluster that the ConfigMap names; "" where there is none, or it may not be read."""
    if answer.refusal is not None and answer.refusal.kind is not RefusalKind.ABSENT:
        return ""
    data: Any = answer.pages[0].get("data") if answer.pages else None
    return str(data.get(CLUSTER_KEY, "")) if isinstance(data, Mapping) else ""


def _tags(answer: Answer, cluster: str) -> dict[str, str]:
    """The tags of the cluster; none where they may not be read."""
    found: dict[str, str] = {}
    for page in answer.pages:
        for row in page.get("Clusters") or ():
            if row.get("ClusterId") == cluster:
                for each in row.get("TagSpecification") or ():
                    found |= tags_of(each.get("Tags"))
    return found
