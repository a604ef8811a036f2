"""What is known of an address at the far end: may it be the cluster's, and has it a public address?"""

from drilllib.core.rules.addresses import Address
from drilllib.core.snapshot.snapshot import Snapshot

CARRIER_PORTS = frozenset((25, *range(135, 140), 445))  # filtered on the way, or by the platform [SG-FAQ]


def may_be_inside(snapshot: Snapshot, address: Address) -> bool:
    """May a node or a pod that was not read have an address? Not where all were read."""
    insiders = snapshot.insiders
    return bool(insiders.possible) and (address in insiders.addresses or insiders.may_be(address))


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
