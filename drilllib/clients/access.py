"""Who reads, and by which keys: the SDK and the Kubernetes client, or the user's own tools."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.clients.credentials import Credentials, Place, find_credentials, region_of
from drilllib.clients.endpoints import Endpoint, endpoint_of
from drilllib.clients.failures import Failure
from drilllib.clients.kubernetes_api import Cluster, KubernetesReader, find_cluster
from drilllib.clients.kubernetes_writes import KubernetesWriter
from drilllib.clients.parallel import Until
from drilllib.clients.roles import METADATA, StsError, assumed, role_sources
from drilllib.clients.sdk import SdkReader
from drilllib.clients.settings import Settings
from drilllib.clients.tools import ToolsReader, context_of
from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead
from drilllib.core.capture.known import Known
from drilllib.core.capture.permissions import permissions
from drilllib.core.capture.regions import region_of_node
from drilllib.quoting import Option

METADATA_VARIABLE = "DRILL_METADATA_URL"  # "" asks no metadata
STS = ("sts", "2018-08-13")


@dataclass(slots=True)
class Access:
    """
    Who reads: *cloud* and *kubernetes*. *namespace* is the context's.

    *source* says whose keys they are, *context* and *server* which cluster is asked, for messages.
    """

    cloud: Callable[[CloudCall], Answer]
    kubernetes: Callable[[KubernetesRead], Answer]
    readers: tuple[Any, ...]
    namespace: str
    source: str
    context: str
    server: str
    write: Callable[[CloudCall], Answer] | None = None
    """Sends a call that changes something; None where nobody writes, as by the user's own tools."""
    kubernetes_writer: Callable[[], KubernetesWriter] | None = None
    """Gives what writes to the cluster; None where nobody writes."""

    def calls(self) -> tuple[int, int]:
        """Requests to the cloud and to the cluster so far; of tools, whose are one sum, the commands."""
        cloud, *rest = self.readers
        return cloud.calls, sum(each.calls for each in rest)

    @property
    def region(self) -> str:
        """The region that calls go to which name none; "" is not known, or left to tccli."""
        return str(self.readers[0].region)

    def learn_region(self, answers: Sequence[Answer]) -> None:
        """The region of the cluster's nodes, where they tell it: they know better than settings that lie around."""
        for node in Known(answers).objects("Node"):
            labels = node["metadata"].get("labels")
            region = region_of_node(labels) if isinstance(labels, dict) else ""
            if region:
                self.readers[0].region = region
                return


def permission_of(ask: Ask) -> str:
    """What to grant for an ask, in words."""
    return " or ".join(permissions(ask))


def by_sdk(settings: Settings, environment: Mapping[str, str], home: Path, until: Until) -> Access:
    """
    The SDK and the Kubernetes client, by keys of the user's.

    Raises:
        DrillError: There are none, or no cluster.
    """
    cluster = find_cluster(environment, kubeconfig=settings.kubeconfig, context=settings.context)
    cloud, source = cloud_by_sdk(settings, environment, home, until)
    kubernetes = KubernetesReader(cluster, until, permission=permission_of, impersonated=settings.impersonated)
    return Access(
        *(cloud, kubernetes, (cloud, kubernetes), cluster.namespace, source, cluster.context, cluster.server),
        write=cloud.write,
        kubernetes_writer=lambda: writer_of(cluster, settings, until),
    )


def writer_of(cluster: Cluster, settings: Settings, until: Until) -> KubernetesWriter:
    """What writes to a cluster, as whoever reads it."""
    return KubernetesWriter(cluster, until, permission=permission_of, impersonated=settings.impersonated)


def cloud_by_sdk(settings: Settings, environment: Mapping[str, str], home: Path, until: Until) -> tuple[SdkReader, str]:
    """The cloud alone by the SDK, and whose keys those are. Raises DrillError where there are none."""
    place = Place(environment, home, settings.profile, environment.get(METADATA_VARIABLE, METADATA))
    endpoint = endpoint_of(environment)
    keys = keys_of(place, endpoint, until, settings.role)
    region = settings.region or region_of(place)
    return SdkReader(keys, endpoint, region, until, permission=permission_of), keys.source


def keys_of(place: Place, endpoint: Endpoint, until: Until, role: str = "") -> Credentials:
    """
    The keys to use.

    Raises:
        NoCredentialsError: There are none.
        InvalidInputError: A profile or a role that was asked for cannot be used.
    """

    def sts(action: str, parameters: dict[str, Any], region: str, own: Credentials | None) -> Mapping[str, Any]:
        reader = SdkReader(own or Credentials("", ""), endpoint, region, until)
        found = reader.call_once(CloudCall.of(*STS, action, **parameters), region, unsigned=own is None)
        if isinstance(found, Failure):
            raise StsError(found.code)
        return found

    return assumed(find_credentials(place, role_sources(sts)), place, sts, role)


def by_tools(settings: Settings, environment: Mapping[str, str], home: Path, until: Until) -> Access:
    """
    The user's own kubectl and tccli.

    Raises:
        MissingToolError: One is not on PATH.
        InvalidInputError: kubectl has no such context.
    """
    kubectl = _options(("--kubeconfig", settings.kubeconfig), ("--context", settings.context))
    kubectl += _options(*(("--as" if kind == "User" else "--as-group", name) for kind, name in settings.impersonated))
    options = {"kubectl": kubectl, "tccli": _options(("--profile", settings.profile))}
    region = settings.region or region_of(Place(environment, home, settings.profile))
    tools = ToolsReader(region, until, environment, options=options, permission=permission_of)
    namespace = context_of(environment, kubectl)
    return Access(tools.cloud, tools.kubernetes, (tools,), namespace, "tccli", settings.context or "kubectl's", "")


def _options(*pairs: tuple[str, str]) -> list[str]:
    return [word for name, value in pairs if value for word in (Option(name), value)]
