"""Random lists of rules that overlap, and the flows that tell them apart."""

import random
from ipaddress import ip_address
from itertools import product

from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Flow, Rule, SecurityGroup

BLOCKS = ("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "203.0.113.0/24")
PORTS = ("ALL", "80", "22,80", "80-90")
POOL = tuple(f"{action} TCP {block} {port}" for block, port, action in product(BLOCKS, PORTS, ("ACCEPT", "DROP")))
ADDRESSES = ("192.0.2.1", "10.0.0.1", "10.1.0.1", "10.1.2.3", "203.0.113.7")
FLOWS = tuple(
    Flow(protocol="TCP", peer=ip_address(address), port=port) for address, port in product(ADDRESSES, (22, 80, 85, 443))
)
_EVERYBODY = (rule_from_text("ACCEPT ALL 0.0.0.0/0"),)
BELOW = SecurityGroup("sg-below", _EVERYBODY, _EVERYBODY)


def rules_of(texts: list[str]) -> tuple[Rule, ...]:
    return tuple(map(rule_from_text, texts))


def random_lists(seed: int, *, moves: bool) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """A list before and one after that has some of its rules; with *moves* in another order."""
    rng = random.Random(seed)
    before = rng.sample(POOL, rng.randint(0, 7))
    after = [each for each in before if rng.random() < 0.7]
    if moves:
        rng.shuffle(after)
    for each in rng.sample(sorted(set(POOL) - set(before)), rng.randint(0, 4)):
        after.insert(rng.randint(0, len(after)), each)
    return rules_of(before), rules_of(after)
