"""
One decision among 500 rules, against aclcheck of aerleon, on the same rules and flows and with the same answers.

Rules become an aerleon policy like this. One ingress list is one filter, and one rule is one term of it, in the same
order and called by its place. The peer becomes a network definition (``PEER-7``) that the term names as its source;
the ports become a service definition (``PORTS-7``), one entry a range, that it names as its destination port. Protocol
ALL means that the term names no protocol, and Port ALL no port. ACCEPT is ``accept`` and DROP is ``deny``. aerleon has
no implicit deny, so a flow without an exact match is dropped. The header needs a target; aclcheck does not look at it.

Both sides read their rules once, before the clock starts. A decision then begins with an address in text, a protocol
and a port, and ends with the action and the place of the rule that decided: a `Flow` and `decide` here; there a new
`AclCheck`, which matches in its constructor and is good for one flow. Both stop at the first match.
"""

from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Network, ip_address
from random import Random
from statistics import median
from typing import Any

from aerleon.lib import naming, policy, policy_builder
from aerleon.lib.aclcheck import AclCheck

from bench.table import duration, seconds_of
from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import Direction, Flow, SecurityGroup, decide

RULES, FLOWS, SEED = 500, 400, 20_240_607
BUDGET = ">= 100x"
PORTS = ("22", "80", "443", "80,443", "8000-8010", "30000-32767", "1-1023,8443", "ALL")

Packet = tuple[str, str, int | None]  # protocol, peer, port
Answer = tuple[str, int | None]  # action, place of the rule


def row() -> tuple[str, ...]:
    """Check that all answers agree, then time every flow on both sides, one after the other."""
    random = Random(SEED)
    policies = [random_policy(random) for _ in range(RULES)]
    packets = [_packet(random, random.choice(policies)) for _ in range(FLOWS)]
    group = group_from_policy_set("sg-bench", {"Ingress": policies, "Egress": []})
    translated = aerleon_policy(policies)
    require_agreement(group, translated, packets)
    times = [_times(group, translated, packet) for packet in packets]
    ours, theirs = (median(side) for side in zip(*times, strict=True))
    medians = f"{duration(theirs)} / {duration(ours)}"
    return f"aclcheck / decide, {RULES} rules, {FLOWS} flows", f"{theirs / ours:.0f}x", "", BUDGET, medians


def _times(group: SecurityGroup, translated: policy.Policy, packet: Packet) -> tuple[float, float]:
    ours = seconds_of(lambda: our_answer(group, packet), number=10)
    return ours, seconds_of(lambda: their_answer(translated, packet), number=2)


def our_answer(group: SecurityGroup, packet: Packet) -> Answer:
    """What drilllib decides."""
    protocol, peer, port = packet
    decision = decide([group], Direction.INGRESS, Flow(protocol=protocol, peer=ip_address(peer), port=port))
    return decision.action, decision.policy_index


def their_answer(translated: policy.Policy, packet: Packet) -> Answer:
    """What aerleon decides. A match that is not exact would be one it is not sure of; single addresses have none."""
    protocol, peer, port = packet
    exact = AclCheck(translated, src=peer, dport=port or "any", proto=protocol.lower()).ExactMatches()
    if not exact:
        return "DROP", None
    return "ACCEPT" if exact[0].action == "accept" else "DROP", int(exact[0].term.removeprefix("rule-"))


def require_agreement(group: SecurityGroup, translated: policy.Policy, packets: Sequence[Packet]) -> None:
    """End the run where an answer differs, or where one kind of answer is too rare to say much."""
    counts: Counter[str] = Counter()
    for packet in packets:
        ours, theirs = our_answer(group, packet), their_answer(translated, packet)
        if ours != theirs:
            raise SystemExit(f"DISAGREEMENT on {packet}: drilllib says {ours}, aerleon says {theirs}")
        counts[ours[0]] += 1
    if min(counts["ACCEPT"], counts["DROP"]) < len(packets) // 5:
        raise SystemExit(f"The flows are too one-sided to compare answers: {dict(counts)}")


def aerleon_policy(policies: Sequence[dict[str, str]]) -> policy.Policy:
    """The rules as aerleon knows them."""
    definitions = naming.Naming()
    networks = {f"PEER-{place}": {"values": [{"address": rule["CidrBlock"]}]} for place, rule in enumerate(policies)}
    services = {f"PORTS-{place}": _service(rule) for place, rule in enumerate(policies) if rule["Port"] != "ALL"}
    definitions.ParseDefinitionsObject({"networks": networks, "services": services}, "bench")
    terms = [_term(place, rule) for place, rule in enumerate(policies)]
    filters = [{"header": {"targets": {"cisco": "sg-bench extended"}}, "terms": terms}]
    return policy.FromBuilder(policy_builder.PolicyBuilder({"filename": "bench", "filters": filters}, definitions))


def _service(rule: dict[str, str]) -> list[dict[str, str]]:
    return [{"port": part, "protocol": rule["Protocol"].lower()} for part in rule["Port"].split(",")]


def _term(place: int, rule: dict[str, str]) -> dict[str, Any]:
    action = "accept" if rule["Action"] == "ACCEPT" else "deny"
    term = {"name": f"rule-{place}", "source-address": f"PEER-{place}", "action": action}
    if rule["Protocol"] != "ALL":
        term["protocol"] = rule["Protocol"].lower()
    if rule["Port"] != "ALL":
        term["destination-port"] = f"PORTS-{place}"
    return term


def random_policy(random: Random) -> dict[str, str]:
    """A rule of no special shape: mostly TCP, a block of 256 to 65536 addresses of private space."""
    protocol = random.choice(("TCP",) * 7 + ("UDP", "ICMP", "ALL"))
    ports = random.choice(PORTS) if protocol in ("TCP", "UDP") else "ALL"
    block = IPv4Network((random.randrange(10 << 24, 11 << 24), random.randint(16, 24)), strict=False)
    return {
        "Action": random.choice(("ACCEPT", "ACCEPT", "DROP")),
        "Protocol": protocol,
        "CidrBlock": str(block),
        "Port": ports,
    }


def _packet(random: Random, rule: dict[str, str]) -> Packet:
    """A packet that often fits *rule*: an address of its block or any other, a port of its ranges or any other."""
    block = IPv4Network(rule["CidrBlock"] if random.random() < 0.8 else "10.0.0.0/8")
    peer = str(block[random.randrange(block.num_addresses)])
    protocol = rule["Protocol"] if rule["Protocol"] != "ALL" else random.choice(("TCP", "UDP", "ICMP"))
    if protocol == "ICMP":
        return protocol, peer, None
    parts = rule["Port"].replace("ALL", "1-65535") if random.random() < 0.9 else "1-65535"
    first, _, last = random.choice(parts.split(",")).partition("-")
    return protocol, peer, random.randint(int(first), int(last or first))
