"""Chance, for worlds.py; see there."""

from random import Random

# Each leaves something untold, and would leave most worlds undetermined if all of them were met everywhere.
DOUBTS = frozenset(
    {
        *("unread", "not modelled", "inside", "targets not read", "no NodePort", "pods not read", "super nodes"),
        *("no policy field", "no weight", "no type", "no keep-alive", "no pass to target", "no probe source"),
        *("no health switch", "no domain", "no URL", "no Service ports", "not complete", "Snat", "changing state"),
        *("ready and not serving", "network ACL", "slices half read", "stale targets", "half a target", "no rules"),
        *("pods not ready", "lost nodes", "external addresses", "instance elsewhere", "nameless nodes", "VPCs"),
        *("container statuses", "addresses to come"),
    }
)
CALM = 0.6  # the share of worlds without any of these


class Draws:
    """Draws from one stream of chance, and keeps which features came of it."""

    def __init__(self, random: Random, features: frozenset[str]) -> None:
        self.random = random
        calm = random.random() < CALM
        self.features = features - DOUBTS if calm else features
        self.used: set[str] = {"names"} & features

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.random.random() < share

    def may(self, feature: str, share: float) -> bool:
        """True in that share of all cases, if the feature is on."""
        met = self.chance(share) and feature in self.features
        self.used |= {feature} if met else set()
        return met

    def lose(self, item: dict, *fields: str) -> None:
        """One of the fields is absent, or null where that feature is on."""
        field = self.random.choice(fields)
        if self.may("null", 0.5):
            item[field] = None
        else:
            item.pop(field, None)


def without_twins(targets: list[dict]) -> list[dict]:
    """Pods on one node's network have one address, and no target is registered twice."""
    found = {}
    for target in targets:
        key = target.get("InstanceId"), str(target.get("PrivateIpAddresses")), target["Port"]
        found.setdefault(key, target)
    return list(found.values())
