"""
What may stop what a pod sends: its NetworkPolicies about egress, and policies of other kinds [networking.k8s.io/v1].

Only clients that are pods of the cluster are asked about. What the rules of a policy name is not weighed: whether they
see a VIP, or the pod that kube-proxy puts in its place, is left open [K8S-NP].
"""

from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger import kubernetes as kube
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.selectors import selects

_OF_SERVERS = ("AuthorizationPolicy",)  # Istio's, about what comes in


def egress_doubts(kubernetes: KubernetesObjects, enforced: bool | None, pod: str) -> Iterator[Fact]:
    """
    The facts that are missing about what the pod called NAMESPACE/NAME sends; none where nothing may stop it.

    Args:
        kubernetes: the Kubernetes objects.
        enforced: do NetworkPolicies hold? None where that was not read.
        pod: who sends.
    """
    yield from _of_others(kubernetes, pod)
    if enforced is False:
        return
    namespace, read = pod.split("/")[0], kubernetes.pods.get(pod)
    every = (item for item in kubernetes.of_kind("NetworkPolicy") if object_name(item).split("/")[0] == namespace)
    chosen = [(item, _selects(item, read.labels if read else None)) for item in every]
    found = [(item, sure) for item, sure in chosen if sure is not False]
    if any(sure and _is_open(item) for item, sure in found):
        return
    shut = [item for item, sure in found if sure or not _is_open(item)]
    if shut:
        yield fact(FactCode.EGRESS_POLICY, policy=object_name(shut[0]), pod=pod)
    elif not kubernetes.is_complete("NetworkPolicy", namespace):
        yield fact(FactCode.NETWORK_POLICIES, pod=pod)


def _of_others(kubernetes: KubernetesObjects, pod: str) -> Iterator[Fact]:
    """Policies of other kinds, of the pod's namespace or of all: their words are not read."""
    kinds = [each for each in kube.OTHER_FILTERS if each not in _OF_SERVERS]
    for kind in (*kinds, *kubernetes.kinds_like("NetworkPolicy")):
        for item in kubernetes.of_kind(kind):
            if item["metadata"].get("namespace") in (None, pod.split("/")[0]):
                yield fact(FactCode.EGRESS_OBJECT, object=f"{kind} {item['metadata']['name']}", pod=pod)


def _selects(policy: Mapping[str, Any], labels: Mapping[str, Any] | None) -> bool | None:
    """Is it about what a pod with these labels sends? None where it may be."""
    spec = policy.get("spec")
    if not spec:
        return None
    types = spec.get("policyTypes") or (["Egress"] if spec.get("egress") else [])
    if "Egress" not in types:
        return False
    wanted = spec.get("podSelector")
    return None if wanted is None else selects(wanted, labels)


def _is_open(policy: Mapping[str, Any]) -> bool:
    """Has it a rule that names neither destinations nor ports?"""
    rules = (policy.get("spec") or {}).get("egress") or ()
    return any(not rule.get("to") and not rule.get("ports") for rule in rules)
