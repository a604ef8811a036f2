"""The kinds that are served, and where the API keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

VERBS = ("create", "delete", "get", "list", "patch", "update", "watch")
READ_ONLY = ("get", "list", "watch")  # of kinds that nothing makes here, but that clients ask for


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of object. *group* is empty for the core group; *merges* tells whether a strategic merge patch is
    understood, which custom resources do not; *verbs* are what may be asked of it.
    """

    name: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    merges: bool = True
    verbs: tuple[str, ...] = VERBS

    @property
    def api_version(self) -> str:
        """What objects of the kind say in `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """How kubectl calls one object."""
        return self.name.lower()

    @property
    def qualified(self) -> str:
        """How errors call the resource: ``services``, ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


NETWORKING, GATEWAY_API = "networking.k8s.io", "gateway.networking.k8s.io"
TKE_GROUP = "networking.tke.cloud.tencent.com"  # 457/43557; the version is an assumption
ALL = ("all",)

NAMESPACE = Kind("Namespace", "namespaces", namespaced=False, short=("ns",), subresources=("status",))
NODE = Kind("Node", "nodes", namespaced=False, short=("no",), subresources=("status",))
POD = Kind("Pod", "pods", short=("po",), categories=ALL, subresources=("log", "status"))
SERVICE = Kind("Service", "services", short=("svc",), categories=ALL, subresources=("status",))
CONFIG_MAP = Kind("ConfigMap", "configmaps", short=("cm",))
EVENT = Kind("Event", "events", short=("ev",))
ENDPOINTS = Kind("Endpoints", "endpoints", short=("ep",), verbs=("get", "list"))  # made of the slices when asked for
SCALED = ("scale", "status")
DEPLOYMENT = Kind("Deployment", "deployments", "apps", short=("deploy",), categories=ALL, subresources=SCALED)
REPLICA_SET = Kind("ReplicaSet", "replicasets", "apps", short=("rs",), categories=ALL, subresources=SCALED)
ENDPOINT_SLICE = Kind("EndpointSlice", "endpointslices", "discovery.k8s.io")
AUTOSCALER = Kind(
    *("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2"),
    short=("hpa",),
    categories=ALL,
    subresources=("status",),
)
NODE_ENI_CONFIG = Kind("NodeENIConfig", "nodeeniconfigs", TKE_GROUP, namespaced=False, short=("nec",), merges=False)

KINDS = (
    *(NAMESPACE, NODE, POD, SERVICE, CONFIG_MAP, EVENT, ENDPOINTS),
    Kind("LimitRange", "limitranges", short=("limits",), verbs=READ_ONLY),
    Kind("ResourceQuota", "resourcequotas", short=("quota",), verbs=READ_ONLY),
    *(DEPLOYMENT, REPLICA_SET),
    Kind("ControllerRevision", "controllerrevisions", "apps", verbs=READ_ONLY),
    Kind("DaemonSet", "daemonsets", "apps", short=("ds",), categories=ALL, verbs=READ_ONLY),
    Kind("StatefulSet", "statefulsets", "apps", short=("sts",), categories=ALL, verbs=READ_ONLY),
    Kind("Lease", "leases", "coordination.k8s.io", verbs=READ_ONLY),
    *(ENDPOINT_SLICE, AUTOSCALER, NODE_ENI_CONFIG),
    Kind("Ingress", "ingresses", NETWORKING, short=("ing",), verbs=READ_ONLY),
    Kind("NetworkPolicy", "networkpolicies", NETWORKING, short=("netpol",), verbs=READ_ONLY),
    Kind("Gateway", "gateways", GATEWAY_API, short=("gtw",), merges=False, verbs=READ_ONLY),
    Kind("HTTPRoute", "httproutes", GATEWAY_API, merges=False, verbs=READ_ONLY),
    Kind("TkeServiceConfig", "tkeserviceconfigs", "cloud.tencent.com", "v1alpha1", merges=False, verbs=READ_ONLY),
    Kind(
        *("SecurityGroupPolicy", "securitygrouppolicies", "vpcresources.tke.cloud.tencent.com", "v1beta1"),
        merges=False,
        verbs=READ_ONLY,
    ),
)
REVIEWS = tuple(  # asked by creating one; nothing is kept
    Kind(name, f"{name.lower()}s", group, namespaced=False, verbs=("create",))
    for name, group in (
        ("SelfSubjectAccessReview", "authorization.k8s.io"),
        ("SelfSubjectRulesReview", "authorization.k8s.io"),
        ("SelfSubjectReview", "authentication.k8s.io"),
    )
)
RBAC = tuple(  # known, so that kubectl hears from the server that it has none of them; without verbs none is listed
    Kind(name, f"{name.lower()}s", "rbac.authorization.k8s.io", namespaced=not name.startswith("Cluster"), verbs=())
    for name in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
)
BY_NAME = {kind.name: kind for kind in KINDS}


def kind_at(group: str, version: str, plural: str) -> Kind | None:
    """The kind whose objects live at that place of the API; None where none does."""
    place = group, version, plural
    return next((kind for kind in (*KINDS, *REVIEWS, *RBAC) if (kind.group, kind.version, kind.plural) == place), None)


def kind_of(item: Mapping[str, Any]) -> Kind | None:
    """The kind of an object of a snapshot; None where it is not served. A snapshot need not say the apiVersion."""
    kind = BY_NAME.get(item["kind"])
    return kind if kind and item.get("apiVersion") in (None, kind.api_version) else None
