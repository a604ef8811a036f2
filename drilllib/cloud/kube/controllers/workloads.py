"""Deployments make ReplicaSets, ReplicaSets make Pods; what was owned goes with its owner."""

import copy
import hashlib
import json
from typing import Any

from drilllib.cloud.kube.controllers.events import report
from drilllib.cloud.kube.controllers.pods import qos_class
from drilllib.cloud.kube.defaults import admit, fill_defaults
from drilllib.cloud.kube.kinds import DEPLOYMENT, POD, REPLICA_SET
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    annotate,
    annotations_of,
    by_owner,
    labels_of,
    name_of,
    namespace_of,
    new_object,
    objects,
    of_kind,
    owners_of,
    pod_is_ready,
    remove,
)

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
DESIRED, MOST = "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # Kubernetes' own: no vowels, so no words
_DEPLOYMENT, _REPLICA_SET = "deployment-controller", "replicaset-controller"


def collect_garbage(document: Document) -> None:
    """Remove objects whose owners are all gone, and what they own in turn."""
    while True:
        uids = {item["metadata"].get("uid") for item in objects(document)}
        # An owner of a kind that no snapshot holds, such as a DaemonSet, is never seen; its pods stay.
        lost = [each for each in of_kind(document, POD) + of_kind(document, REPLICA_SET) if _is_lost(each, uids)]
        if not lost:
            return
        for item in lost:
            remove(document, item)


def _is_lost(item: Object, uids: set[str]) -> bool:
    owners = [each for each in item["metadata"].get("ownerReferences") or () if each["kind"] in _OWNERS]
    return bool(owners) and not any(uid in uids for uid in owners_of(item))


_OWNERS = ("Deployment", "ReplicaSet")


def deployments(document: Document, tools: Tools) -> None:
    """
    Give each Deployment the ReplicaSet of its template. The older ones keep as many pods as the new one still lacks, so
    that a template whose pods cannot run leaves the old pods at work, as a rolling update does.
    """
    owned = by_owner(of_kind(document, REPLICA_SET))
    for item in of_kind(document, DEPLOYMENT):
        sets = owned.get(item["metadata"]["uid"], [])
        current = next((each for each in sets if _same_template(each, item)), None)
        if current is None and item["spec"].get("paused"):
            continue
        current = current or _new_set(document, tools, item, sets)
        wanted = item["spec"].get("replicas", 1)
        _scale(document, tools, item, current, wanted)
        _note_replicas(current, item)
        missing = max(0, wanted - (current.get("status") or {}).get("availableReplicas", 0))
        for old in sorted(sets, key=_revision, reverse=True):
            if old is not current:
                kept = min(missing, old["spec"]["replicas"])
                if _scale(document, tools, item, old, kept):
                    _note_replicas(old, item)
                missing -= kept
        _prune(document, item, [each for each in sets if each is not current])
        annotate(item, REVISION, annotations_of(current).get(REVISION))


def replica_sets(document: Document, tools: Tools) -> None:
    """Make and remove pods until each ReplicaSet has as many as it wants."""
    owned = by_owner(of_kind(document, POD))
    for item in of_kind(document, REPLICA_SET):
        pods, wanted = owned.get(item["metadata"]["uid"], []), item["spec"].get("replicas", 1)
        for _ in range(wanted - len(pods)):
            pod = _new_pod(tools, item)
            objects(document).append(pod)
            report(document, tools, item, "SuccessfulCreate", f"Created pod: {name_of(pod)}", _REPLICA_SET)
        pods.reverse()  # the newest first, and of all those that are not Ready
        pods.sort(key=pod_is_ready)
        for pod in pods[: max(0, len(pods) - wanted)]:
            remove(document, pod)
            report(document, tools, item, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", _REPLICA_SET)


def statuses(document: Document, tools: Tools) -> None:
    """Count the pods into the status of their ReplicaSets and Deployments."""
    sets, pods_of_sets = of_kind(document, REPLICA_SET), by_owner(of_kind(document, POD))
    for item in sets:
        pods = pods_of_sets.get(item["metadata"]["uid"], [])
        ready = sum(pod_is_ready(pod) for pod in pods)
        counts = {"fullyLabeledReplicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
        _set_status(item, {"replicas": len(pods), "terminatingReplicas": 0, **_positive(counts)})
    owned = by_owner(sets)
    for item in of_kind(document, DEPLOYMENT):
        _deployment_status(tools, item, owned.get(item["metadata"]["uid"], []))


def _deployment_status(tools: Tools, item: Object, sets: list[Object]) -> None:
    current = next((each for each in sets if _same_template(each, item)), None)
    wanted = item["spec"].get("replicas", 1)
    total = sum(each["status"]["replicas"] for each in sets)
    available = sum(each["status"].get("availableReplicas", 0) for each in sets)
    updated = current["status"]["replicas"] if current else 0
    counts = {"replicas": total, "updatedReplicas": updated, "readyReplicas": available}
    counts |= {"availableReplicas": available, "unavailableReplicas": max(0, wanted - available)}
    name = name_of(current) if current else ""
    done = updated == total == wanted and available >= wanted
    conditions = [
        _condition(available >= wanted - wanted // 4, "Available", "MinimumReplicasAvailable", name),
        _condition(True, "Progressing", "NewReplicaSetAvailable" if done else "ReplicaSetUpdated", name),
    ]
    status = {**_positive(counts), "terminatingReplicas": 0, "conditions": _dated(item, conditions, tools)}
    _set_status(item, status)


def _condition(holds: bool, kind: str, reason: str, name: str) -> Object:
    """*name* is the new ReplicaSet's."""
    texts = {
        "MinimumReplicasAvailable": "Deployment has minimum availability.",
        "MinimumReplicasUnavailable": "Deployment does not have minimum availability.",
        "NewReplicaSetAvailable": f'ReplicaSet "{name}" has successfully progressed.',
        "ReplicaSetUpdated": f'ReplicaSet "{name}" is progressing.',
    }
    reason = reason if holds else reason.replace("Available", "Unavailable")
    return {"type": kind, "status": str(holds), "reason": reason, "message": texts[reason]}


def _dated(item: Object, conditions: list[Object], tools: Tools) -> list[Object]:
    """The conditions with their times: the old ones where nothing changed."""
    before = {each["type"]: each for each in (item.get("status") or {}).get("conditions") or ()}
    now, dated = tools.timestamp(), []
    for each in conditions:
        old = before.get(each["type"]) or {}
        same = all(old.get(name) == value for name, value in each.items())
        since = old.get("lastTransitionTime") if old.get("status") == each["status"] else None
        updated = old.get("lastUpdateTime") if same else None
        dated.append({**each, "lastTransitionTime": since or now, "lastUpdateTime": updated or now})
    return dated


def _set_status(item: Object, status: Object) -> None:
    observed = {"observedGeneration": item["metadata"].get("generation", 1)}
    item["status"] = {**observed, **status}


def _positive(counts: dict[str, int]) -> dict[str, int]:
    """Kubernetes leaves out what is 0."""
    return {name: count for name, count in counts.items() if count}


def _plain_template(owner: Object) -> dict[str, Any]:
    template = copy.deepcopy(owner["spec"].get("template") or {})
    labels = (template.get("metadata") or {}).get("labels") or {}
    labels.pop(HASH, None)
    return template


def _same_template(item: Object, deployment: Object) -> bool:
    return _plain_template(item) == _plain_template(deployment)


def _new_set(document: Document, tools: Tools, owner: Object, sets: list[Object]) -> Object:
    template = _plain_template(owner)
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    mark = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])
    labels = {**((template.get("metadata") or {}).get("labels") or {}), HASH: mark}
    template.setdefault("metadata", {})["labels"] = labels
    selector = copy.deepcopy(owner["spec"].get("selector") or {})
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH: mark}
    spec = {"replicas": 0, "selector": selector, "template": template}
    name, namespace = f"{name_of(owner)}-{mark}", namespace_of(owner)
    item = new_object(REPLICA_SET, name, namespace, tools, spec=spec, labels=labels, owner=owner)
    annotate(item, REVISION, str(max(map(_revision, sets), default=0) + 1))
    objects(document).append(item)
    return item


def _revision(item: Object) -> int:
    text = annotations_of(item).get(REVISION, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _note_replicas(item: Object, owner: Object) -> None:
    """What `rollout` and `describe rs` read: how many pods the Deployment wants, and how many it may have meanwhile."""
    wanted = owner["spec"].get("replicas", 1)
    annotate(item, DESIRED, str(wanted))
    annotate(item, MOST, str(wanted + _surge(owner, wanted)))


def _surge(owner: Object, wanted: int) -> int:
    """The maxSurge as a number of pods; a share is rounded up."""
    strategy = owner["spec"].get("strategy") or {}
    surge = (strategy.get("rollingUpdate") or {}).get("maxSurge", 0)
    if isinstance(surge, int):
        return surge
    share = str(surge).removesuffix("%")
    return -(-wanted * int(share) // 100) if share.isascii() and share.isdigit() and len(share) < 6 else 0


def _scale(document: Document, tools: Tools, owner: Object, item: Object, wanted: int) -> bool:
    """Returns whether it was another number before."""
    now = item["spec"].get("replicas", 1)
    if now == wanted:
        return False
    item["spec"]["replicas"] = wanted
    item["metadata"]["generation"] = item["metadata"].get("generation", 1) + 1
    way = "up" if wanted > now else "down"
    message = f"Scaled {way} replica set {name_of(item)} from {now} to {wanted}"
    report(document, tools, owner, "ScalingReplicaSet", message, _DEPLOYMENT)
    return True


def _prune(document: Document, owner: Object, old: list[Object]) -> None:
    """Keep no more empty ReplicaSets than the Deployment's revisionHistoryLimit."""
    empty = [each for each in sorted(old, key=_revision) if each["spec"].get("replicas") == 0]
    limit = owner["spec"].get("revisionHistoryLimit", 10)
    for item in empty[: max(0, len(empty) - limit)]:
        remove(document, item)


def _new_pod(tools: Tools, owner: Object) -> Object:
    template = copy.deepcopy(owner["spec"]["template"])
    name = tools.new_id(name_of(owner), 5)
    labels = labels_of({"metadata": template.get("metadata") or {}})
    pod = new_object(POD, name, namespace_of(owner), tools, labels=labels, owner=owner, spec=template.get("spec") or {})
    for key, value in annotations_of({"metadata": template.get("metadata") or {}}).items():
        annotate(pod, key, value)
    pod["metadata"]["generateName"] = f"{name_of(owner)}-"
    fill_defaults(POD, pod)
    admit(POD, pod)
    pod["status"] = {"phase": "Pending", "qosClass": qos_class(pod["spec"])}
    return pod
