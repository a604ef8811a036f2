"""
Who may do what: the rules of Roles and ClusterRoles, and the refusal of who may not. Source: Kubernetes, "Using RBAC
Authorization"; the user of a refusal is called as TKE calls one, by account and time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.cloud.kube.errors import KubeError, about
from drilllib.cloud.kube.requests import Request, Target
from drilllib.cloud.tencent.cam import UIN

USER = f"{UIN}-1735689600"


def verb_of(request: Request, target: Target) -> str:
    """What a request wants to do, in RBAC's words."""
    if request.method in ("GET", "HEAD"):
        return "watch" if request.flag("watch") else "list" if target.name is None else "get"
    words = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
    return words.get(request.method, request.method.lower())


def names_of(request: Request, target: Target) -> tuple[str, str]:
    """How a fault names a request: ``kubernetes list pods``, and with its namespace ``kubernetes list shop/pods``."""
    verb, resource = verb_of(request, target), target.kind.qualified
    namespace = f"{target.namespace}/" if target.namespace else ""
    return f"kubernetes {verb} {resource}", f"kubernetes {verb} {namespace}{resource}"


def forbidden(request: Request, target: Target) -> KubeError:
    """The user has no right to that."""
    kind, verb = target.kind, verb_of(request, target)
    name = f' "{target.name}"' if target.name else ""
    scope = f'in the namespace "{target.namespace}"' if target.namespace else "at the cluster scope"
    said = f'{kind.qualified}{name} is forbidden: User "{USER}" cannot {verb} resource "{kind.plural}" in API group'
    return KubeError(403, "Forbidden", f'{said} "{kind.group}" {scope}', about(kind, target.name or ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: of RBAC's own fields, and the *namespace* that its Role is in, None for a ClusterRole."""

    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str]
    namespace: str | None

    def allows(self, verb: str, target: Target) -> bool:
        """Does this rule alone allow it? *names* allow no list."""
        part = f"/{target.subresource}" if target.subresource else ""
        return (
            _has(self.verbs, verb)
            and _has(self.groups, target.kind.group)
            and _has(self.resources, target.kind.plural + part)
            and (not self.names or target.name in self.names)
            and self.namespace in (None, target.namespace)
        )


class Rights:
    """What somebody may do who is bound to all of these *roles*: Role and ClusterRole objects; others are left out."""

    def __init__(self, roles: Iterable[Mapping[str, Any]]) -> None:
        self._rules = tuple(rule for role in roles if role["kind"] in ("Role", "ClusterRole") for rule in _rules(role))

    def allows(self, request: Request, target: Target) -> bool:
        """May that request be made?"""
        return any(rule.allows(verb_of(request, target), target) for rule in self._rules)


def _rules(role: Mapping[str, Any]) -> Iterator[Rule]:
    namespace = role["metadata"].get("namespace") or "default" if role["kind"] == "Role" else None
    for rule in role.get("rules") or ():
        verbs, groups, resources = (frozenset(rule.get(name) or ()) for name in ("verbs", "apiGroups", "resources"))
        yield Rule(verbs, groups, resources, frozenset(rule.get("resourceNames") or ()), namespace)


def _has(allowed: frozenset[str], wanted: str) -> bool:
    return "*" in allowed or wanted in allowed
