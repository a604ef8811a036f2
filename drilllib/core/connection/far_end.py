"""What is known of an address at the far end: may it be the cluster's, and has it a public address?"""

from drilllib.core.rules.addresses import Address
from drilllib.core.rules.members import is_public
from drilllib.core.snapshot.services import Service
from drilllib.core.snapshot.snapshot import Snapshot

CARRIER_PORTS = frozenset((25, *range(135, 140), 445))  # filtered on the way, or by the platform [SG-FAQ]


def may_be_inside(snapshot: Snapshot, address: Address) -> bool:
    """May a node or a pod that was not read have an address? Not where all were read."""
    insiders = snapshot.insiders
    return bool(insiders.possible) and (address in insiders.addresses or insiders.may_be(address))


def may_be_a_service(snapshot: Snapshot, address: Address) -> bool:
    """May kube-proxy take what is sent to an address for a Service's, before any list is asked about it?"""
    services = snapshot.kubernetes.services
    if any(address in (*each.cluster_addresses, *each.external_addresses, *each.vips) for each in services):
        return True
    if is_public(address) or snapshot.interfaces.at(address) is not None:
        return False
    untold = any(_may_have(each, address) for each in services)
    return untold or not snapshot.kubernetes.is_complete("Service")


def _may_have(service: Service, address: Address) -> bool:
    """May an address be a ClusterIP of a Service that was not read: its first, or its second, of the other family?"""
    known = service.cluster_address
    if known is None:
        return service.cluster_ip is None and service.type != "ExternalName"
    return service.cluster_ips is None and known.version != address.version


def has_public_address(snapshot: Snapshot, address: Address) -> bool:
    """Does the instance or the interface with a private address name a public one for it?"""
    wanted = str(address)
    for item in snapshot.part("instances") or ():
        if wanted in (item.get("PrivateIpAddresses") or ()):
            return bool(item.get("PublicIpAddresses"))
    entries = (
        each for item in snapshot.part("network_interfaces") or () for each in item.get("PrivateIpAddressSet") or ()
    )
    return any(each.get("PublicIpAddress") for each in entries if each.get("PrivateIpAddress") == wanted)
