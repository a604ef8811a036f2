"""What kubectl's columns show of an object, as the printers of Kubernetes' own API server have it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from drilllib.cloud.kube.objects import node_is_ready, pod_is_ready

Object = Mapping[str, Any]
NONE = "<none>"


def age(timestamp: str | None, now: datetime) -> str:
    """The time since then, as kubectl rounds it: 45s, 3m10s, 25m, 5h2m, 12h, 3d4h, 9d, 400d, 3y."""
    then = read_time(timestamp)
    if then is None:
        return "<unknown>"
    seconds = max(0, int((now - then).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    for is_fine, coarse, fine in (
        (seconds < 120, f"{seconds}s", ""),
        (minutes < 10, f"{minutes}m", f"{seconds % 60}s"),
        (minutes < 180, f"{minutes}m", ""),
        (hours < 8, f"{hours}h", f"{minutes % 60}m"),
        (hours < 48, f"{hours}h", ""),
        (days < 8, f"{days}d", f"{hours % 24}h"),
        (days < 730, f"{days}d", ""),
    ):
        if is_fine:
            return coarse if fine[:1] == "0" else coarse + fine
    return f"{days // 365}y"


def read_time(text: str | None) -> datetime | None:
    """The time in an object's field; None where there is none."""
    try:
        then = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return then if then.tzinfo else then.replace(tzinfo=UTC)


def joined(items: Sequence[str] | None) -> str:
    return ",".join(items or ()) or NONE


def pairs(items: Mapping[str, str] | None) -> str:
    """A selector or labels: ``app=web,tier=front``."""
    return ",".join(f"{key}={value}" for key, value in (items or {}).items()) or NONE


def node_status(node: Object) -> str:
    ready = "Ready" if node_is_ready(node) else "NotReady"
    return f"{ready},SchedulingDisabled" if (node.get("spec") or {}).get("unschedulable") else ready


def node_roles(node: Object) -> str:
    prefix = "node-role.kubernetes.io/"
    return joined(sorted(key.removeprefix(prefix) for key in node["metadata"].get("labels") or {} if prefix in key))


def node_address_of(node: Object, kind: str) -> str:
    addresses = (node.get("status") or {}).get("addresses") or ()
    return next((each["address"] for each in addresses if each["type"] == kind), NONE)


def node_info(node: Object, name: str) -> str:
    return ((node.get("status") or {}).get("nodeInfo") or {}).get(name) or "<unknown>"


def pod_ready(pod: Object) -> str:
    """Ready containers of all: ``1/1``."""
    statuses = (pod.get("status") or {}).get("containerStatuses")
    total = len((pod.get("spec") or {}).get("containers") or ())
    ready = total if statuses is None and pod_is_ready(pod) else sum(bool(each.get("ready")) for each in statuses or ())
    return f"{ready}/{total}"


def pod_phase(pod: Object) -> str:
    """The phase, or why a container waits or ended."""
    status = pod.get("status") or {}
    for container in status.get("containerStatuses") or ():
        for state in ("waiting", "terminated"):
            reason = ((container.get("state") or {}).get(state) or {}).get("reason")
            if reason:
                return str(reason)
    return str(status.get("reason") or status.get("phase") or "Unknown")


def pod_restarts(pod: Object) -> int:
    return sum(each.get("restartCount", 0) for each in (pod.get("status") or {}).get("containerStatuses") or ())


def external_address(service: Object) -> str:
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName") or NONE)
    entries = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    found = [entry.get("ip") or entry.get("hostname") or "" for entry in entries] + list(spec.get("externalIPs") or ())
    if found:
        return ",".join(found)
    return "<pending>" if spec.get("type") == "LoadBalancer" else NONE


def service_ports(service: Object) -> str:
    return joined([_service_port(port) for port in (service.get("spec") or {}).get("ports") or ()])


def _service_port(port: Object) -> str:
    node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node_port}/{port.get('protocol') or 'TCP'}"


def containers(workload: Object, field: str) -> str:
    spec = ((workload.get("spec") or {}).get("template") or {}).get("spec") or {}
    return ",".join(each.get(field) or "" for each in spec.get("containers") or ())


def selector(workload: Object) -> str:
    return pairs(((workload.get("spec") or {}).get("selector") or {}).get("matchLabels"))


def endpoint_ports(item: Object) -> str:
    return ",".join(str(port.get("port")) for port in item.get("ports") or ()) or "<unset>"


def endpoint_addresses(item: Object) -> str:
    """At most three addresses, and how many more there are."""
    found = [address for each in item.get("endpoints") or () for address in each["addresses"]]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return (",".join(found[:3]) or "<unset>") + more


def event_object(event: Object) -> str:
    involved = event.get("involvedObject") or {}
    return f"{(involved.get('kind') or '').lower()}/{involved.get('name') or ''}"


def event_time(event: Object, which: str) -> str | None:
    found: str | None = event.get(which) or event.get("eventTime") or event["metadata"].get("creationTimestamp")
    return found


def endpoints(item: Object) -> str:
    """Of Endpoints at most three, with their ports, and how many more there are."""
    found = [
        f"{address['ip']}:{port.get('port', '')}"
        for subset in item.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return (",".join(found[:3]) or NONE) + more


def node_selector(workload: Object) -> str:
    spec = ((workload.get("spec") or {}).get("template") or {}).get("spec") or {}
    return pairs(spec.get("nodeSelector"))


def scaled(autoscaler: Object) -> str:
    target = (autoscaler.get("spec") or {}).get("scaleTargetRef") or {}
    return f"{target.get('kind')}/{target.get('name')}"


def scaling_targets(autoscaler: Object) -> str:
    """The metrics that are watched; this cloud measures none."""
    found = []
    for metric in (autoscaler.get("spec") or {}).get("metrics") or ():
        part = metric.get("resource") or {}
        wanted = part.get("target") or {}
        percent = wanted.get("averageUtilization")
        goal = f"{percent}%" if percent is not None else wanted.get("averageValue") or wanted.get("value") or "<auto>"
        found.append(f"{part.get('name') or metric.get('type')}: <unknown>/{goal}")
    return ", ".join(found) or NONE


def ingress_hosts(item: Object) -> str:
    """The hosts of its rules; `*` where it has none."""
    rules = (item.get("spec") or {}).get("rules") or ()
    return ",".join(rule["host"] for rule in rules if rule.get("host")) or "*"


def ingress_addresses(item: Object) -> str:
    found = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(each.get("ip") or each.get("hostname") or "" for each in found)


def ingress_ports(item: Object) -> str:
    return "80, 443" if (item.get("spec") or {}).get("tls") else "80"


def pod_selector(item: Object) -> str:
    """The labels that a NetworkPolicy wants of pods."""
    return pairs(((item.get("spec") or {}).get("podSelector") or {}).get("matchLabels"))
