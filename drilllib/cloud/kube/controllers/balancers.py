"""
TKE's service controller: a LoadBalancer Service makes, changes and deletes a CLB with its listeners and targets.
Sources: TKE-SVC and TKE-SW (docs/facts.md). What it made for which Service is remembered in `cloud.balancers`.
"""

from collections import Counter
from ipaddress import IPv4Network
from typing import Any

from drilllib.cloud.kube.controllers import listeners
from drilllib.cloud.kube.controllers.events import UnsyncedError, report
from drilllib.cloud.kube.controllers.pods import free_addresses
from drilllib.cloud.kube.kinds import SERVICE
from drilllib.cloud.kube.objects import (
    Document,
    Object,
    Tools,
    annotate,
    annotations_of,
    cloud_part,
    name_of,
    namespace_of,
    of_kind,
)
from drilllib.core.rules.quotas import GROUPS_PER_INTERFACE
from drilllib.core.snapshot.annotations import EXISTING_LOAD_BALANCER_ID, GROUPS, LOAD_BALANCER_ID, PASS_TO_TARGET

VIPS = ("192.0.2.0/24", "198.51.100.0/24")  # RFC 5737: addresses for documentation
INTERNAL = "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid"
CREATED_BY = {"TagKey": "tke-createdBy-flag", "TagValue": "yes"}
_CONTROLLER = "service-controller"

Balancer = dict[str, Any]
Entry = dict[str, Any]  # id, existing, listeners: what the controller keeps of a Service, by its uid


def adopt_balancers(document: Document) -> None:
    """
    A snapshot's Service that names its CLB in an annotation has it, with the listeners on its ports.

    A CLB that several Services name was made for none of them, since TKE lets no other Service use one that it made
    [TKE-SVC]: each is taken to have named it by `tke-existed-lbid`, which is filled in.
    """
    entries, present, shared = cloud_part(document, "balancers", {}), _by_id(document), _shared(document)
    for service in _load_balancer_services(document):
        found = _named(service)
        if found in shared and found in present:
            annotate(service, EXISTING_LOAD_BALANCER_ID, found)
        existing = annotations_of(service).get(EXISTING_LOAD_BALANCER_ID)
        if found in present and service["metadata"]["uid"] not in entries:
            ports = [each["port"] for each in service["spec"].get("ports") or ()]
            held = (document.get("listeners") or {}).get(found) or ()
            ours = [each["ListenerId"] for each in held if each["Port"] in ports or not existing]
            entries[service["metadata"]["uid"]] = {"id": found, "existing": bool(existing), "listeners": ours}


def _named(service: Object) -> str | None:
    """The CLB that the Service's annotations name."""
    annotations = annotations_of(service)
    return annotations.get(EXISTING_LOAD_BALANCER_ID) or annotations.get(LOAD_BALANCER_ID)


def _shared(document: Document) -> set[str]:
    """The CLBs that several Services name."""
    counted = Counter(filter(None, map(_named, _load_balancer_services(document))))
    return {name for name, times in counted.items() if times > 1}


def balancers(document: Document, tools: Tools) -> None:
    """Give every LoadBalancer Service what it asks for, and take away what no Service has any more."""
    entries = cloud_part(document, "balancers", {})
    services = {service["metadata"]["uid"]: service for service in _load_balancer_services(document)}
    for uid in [uid for uid in entries if uid not in services]:
        _release(document, entries.pop(uid))
    complaints = cloud_part(document, "complaints", {})
    document["cloud"]["complaints"] = {uid: each for uid, each in complaints.items() if uid in services}
    for service in of_kind(document, SERVICE):
        if service["spec"].get("type") != "LoadBalancer" and annotations_of(service).get(LOAD_BALANCER_ID):
            annotate(service, LOAD_BALANCER_ID, None)
            service["status"] = {"loadBalancer": {}}
            report(document, tools, service, "DeletedLoadBalancer", "Deleted load balancer", _CONTROLLER)
    for uid, service in services.items():
        _sync(document, tools, service, entries, uid)


def _sync(document: Document, tools: Tools, service: Object, entries: dict[str, Entry], uid: str) -> None:
    try:
        wanted = listeners.wanted(document, service)
        groups = _groups(document, service)
        entry = entries[uid] = _entry(document, tools, service, entries.get(uid))
    except UnsyncedError as error:
        _complain(document, tools, service, str(error))
        return
    balancer = _by_id(document)[entry["id"]]
    if groups is not None:
        balancer["SecureGroups"] = groups
    if PASS_TO_TARGET in annotations_of(service):
        balancer["LoadBalancerPassToTarget"] = annotations_of(service)[PASS_TO_TARGET] == "true"
    try:
        listeners.put(document, tools, balancer, entry, wanted)
    except UnsyncedError as error:
        _complain(document, tools, service, str(error))
    _tell(document, tools, service, balancer)


def _entry(document: Document, tools: Tools, service: Object, entry: Entry | None) -> Entry:
    """The CLB of the Service: the one it names, the one it has, or a new one. Raises UnsyncedError."""
    present, named = _by_id(document), annotations_of(service).get(EXISTING_LOAD_BALANCER_ID)
    if entry and entry["id"] in present and (named or "") == (entry["id"] if entry["existing"] else ""):
        return entry
    if named and named not in present:
        raise UnsyncedError(f"the load balancer {named[:40]} does not exist")
    if named and CREATED_BY in (present[named].get("Tags") or ()):
        raise UnsyncedError(f"the load balancer {named} was created by TKE for another Service")
    found = named or _create(document, tools, service)
    if entry:
        _release(document, entry)
    return {"id": found, "existing": bool(named), "listeners": []}


def _create(document: Document, tools: Tools, service: Object) -> str:
    subnet = annotations_of(service).get(INTERNAL)
    cluster, name = (
        (document.get("cluster") or {}).get("ClusterId") or "",
        f"{namespace_of(service)}_{name_of(service)}",
    )
    balancer: Balancer = {"LoadBalancerId": tools.new_id("lb", 8), "LoadBalancerName": f"{cluster}_{name}"}
    balancer |= {"LoadBalancerType": "INTERNAL" if subnet else "OPEN", "Forward": 1, "LoadBalancerDomain": ""}
    balancer |= {"LoadBalancerVips": [_vip(document, subnet)], "AddressIPVersion": "ipv4", "Status": 1}
    balancer |= {"SecureGroups": [], "LoadBalancerPassToTarget": False}
    balancer |= {"SubnetId": subnet} if subnet else {}
    told = {"tke-clusterId": cluster, "tke-lb-serviceuuid": service["metadata"]["uid"]}
    balancer["Tags"] = [dict(CREATED_BY), *({"TagKey": key, "TagValue": value} for key, value in told.items())]
    _part(document, "load_balancers", []).append(balancer)
    _part(document, "listeners", {})[balancer["LoadBalancerId"]] = []
    report(document, tools, service, "EnsuringLoadBalancer", "Ensuring load balancer", _CONTROLLER)
    return str(balancer["LoadBalancerId"])


def _part(document: Document, name: str, empty: Any) -> Any:
    if document.get(name) is None:
        document[name] = empty
    return document[name]


def _vip(document: Document, subnet: str | None) -> str:
    """A free address: of the private subnet, else of the ranges for documentation from .10 on."""
    blocks = [each["CidrBlock"] for each in document.get("subnets") or () if subnet and each.get("SubnetId") == subnet]
    if subnet and not blocks:
        raise UnsyncedError(f"the subnet {subnet[:40]} does not exist")
    taken = {vip for each in document.get("load_balancers") or () for vip in each.get("LoadBalancerVips") or ()}
    public = (str(address) for block in VIPS for address in list(IPv4Network(block))[10:-1])
    found = (
        next(free_addresses(document, blocks[0]), None)
        if blocks
        else next((each for each in public if each not in taken), None)
    )
    if found is None:
        raise UnsyncedError("no address is free for another load balancer")
    return found


def _groups(document: Document, service: Object) -> list[str] | None:
    """The groups that the annotation names; None where there is none: then the CLB's are left alone."""
    text = annotations_of(service).get(GROUPS)
    if text is None:
        return None
    names = list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    missing = [name for name in names if name not in (document.get("security_groups") or {})]
    if missing:
        raise UnsyncedError(f"the security group {missing[0][:40]} does not exist")
    if len(names) > GROUPS_PER_INTERFACE:
        raise UnsyncedError(f"a load balancer takes at most {GROUPS_PER_INTERFACE} security groups")
    return names


def _release(document: Document, entry: Entry) -> None:
    """Delete the CLB, or of an existing one only the listeners that the Service made."""
    held = document.get("listeners") or {}
    if entry["existing"]:
        kept = [each for each in held.get(entry["id"]) or () if each["ListenerId"] not in entry["listeners"]]
        held |= {entry["id"]: kept} if entry["id"] in held else {}
        return
    held.pop(entry["id"], None)
    document["load_balancers"] = [
        each for each in document.get("load_balancers") or () if each["LoadBalancerId"] != entry["id"]
    ]


def _tell(document: Document, tools: Tools, service: Object, balancer: Balancer) -> None:
    """Write the CLB's id and VIP into the Service."""
    vips, domain = balancer.get("LoadBalancerVips") or [], balancer.get("LoadBalancerDomain")
    ingress: list[dict[str, str]] = [{"ip": vip} for vip in vips] or ([{"hostname": domain}] if domain else [])
    before = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    annotate(service, LOAD_BALANCER_ID, balancer["LoadBalancerId"])
    if [(each.get("ip"), each.get("hostname")) for each in before] != [
        (each.get("ip"), each.get("hostname")) for each in ingress
    ]:
        if vips:
            ingress = [{**each, "ipMode": "VIP"} for each in ingress]
        service["status"] = {"loadBalancer": {"ingress": ingress}}
        report(document, tools, service, "EnsuredLoadBalancer", "Ensured load balancer", _CONTROLLER)


def _complain(document: Document, tools: Tools, service: Object, why: str) -> None:
    """Say once why the Service cannot have what it asks for; again only when that changes."""
    complaints = cloud_part(document, "complaints", {})
    mark = [service["metadata"].get("generation"), service["spec"], annotations_of(service), why]
    if complaints.get(service["metadata"]["uid"]) != mark:
        complaints[service["metadata"]["uid"]] = mark
        message = f"Error syncing load balancer: {why}"
        report(document, tools, service, "SyncLoadBalancerFailed", message, _CONTROLLER, warning=True)


def _by_id(document: Document) -> dict[str, Balancer]:
    return {each["LoadBalancerId"]: each for each in document.get("load_balancers") or ()}


def _load_balancer_services(document: Document) -> list[Object]:
    return [each for each in of_kind(document, SERVICE) if each["spec"].get("type") == "LoadBalancer"]
