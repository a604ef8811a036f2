"""
`kubectl auth`: who am I, and what may I do? There is no RBAC here: who has the token may do everything, as the
administrator of a new cluster.
"""

from drilllib.cloud.kube.errors import bad_request, not_allowed
from drilllib.cloud.kube.objects import Object
from drilllib.cloud.kube.requests import Request, Target

_EVERYTHING = {
    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "incomplete": False,
}


def review(request: Request, target: Target) -> Object:
    """The review that was sent, with its answer. Raises KubeError where it is none."""
    if request.method != "POST" or target.name:
        raise not_allowed(f"{request.method} on {target.kind.plural}")
    item = request.json()
    if not isinstance(item, dict) or item.get("kind", target.kind.name) != target.kind.name:
        raise bad_request(f"the body of the request is no {target.kind.name}")
    if not isinstance(item.get("spec", {}), dict):
        raise bad_request(f"the spec of the {target.kind.name} is no object")
    answers = {
        "SelfSubjectAccessReview": {"allowed": True, "reason": "the local cloud has no RBAC"},
        "SelfSubjectRulesReview": _EVERYTHING,
        "SelfSubjectReview": {"userInfo": {"username": request.user, "groups": ["system:masters", _AUTHENTICATED]}},
    }
    names = {"kind": target.kind.name, "apiVersion": target.kind.api_version, "metadata": {}}
    return {**names, "spec": item.get("spec", {}), "status": answers[target.kind.name]}


_AUTHENTICATED = "system:authenticated"
