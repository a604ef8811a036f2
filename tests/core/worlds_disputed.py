"""
What the engine answers otherwise than docs/model.md says, as far as it is known, taken out of random worlds.

Each function goes when the engine is right.
"""


def without_disputed(document: dict) -> None:
    """Undo in a world, in place, what engine and walker are known to differ about."""
    machines_that_are_off_by_address_only(document)


def machines_that_are_off_by_address_only(document: dict) -> None:
    """A target that names no instance, and a machine that is off at its address: whether a pod there answers."""
    holders = [item for found in (document.get("listeners") or {}).values() for item in found]
    holders += [rule for item in holders for rule in item.get("Rules") or []]
    targets = [item for holder in holders for item in holder.get("Targets") or [] if not item.get("InstanceId")]
    asked = {text for item in targets for text in item.get("PrivateIpAddresses") or []}
    for item in document.get("instances") or []:
        if asked & {*item["PrivateIpAddresses"], *(item.get("IPv6Addresses") or [])}:
            item["InstanceState"] = "RUNNING"
