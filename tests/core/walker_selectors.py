"""
Labels, and what a NetworkPolicy lets in (section 6 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from reference import Address, parsed_network

Range = tuple[Address, Address]


def policy_selects(policy: dict, namespace: str | None, pod: dict | None) -> bool:
    """
    Whether a policy is about a pod, or may be.

    Of a Pod that was not read the labels are not known. A policy without a podSelector selects by something else.
    """
    if policy["metadata"]["namespace"] != namespace:
        return False
    selector = policy["spec"].get("podSelector") or {}
    return pod is None or fits(selector, pod["metadata"].get("labels") or {})


def fits(selector: dict, labels: dict[str, str]) -> bool:
    """Whether labels fit both parts of a selector."""
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    return set(wanted.items()) <= set(labels.items()) and all(holds(item, labels) for item in expressions)


def holds(expression: dict, labels: dict[str, str]) -> bool:
    """One of the four operators of Kubernetes; what a missing label is, is not in any list."""
    value, values = labels.get(expression["key"]), expression.get("values") or []
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[expression["operator"]]


# NetworkPolicy.


def is_about_ingress(policy: dict) -> bool:
    """By its policyTypes, or by default."""
    types = policy["spec"].get("policyTypes")
    return not types or "Ingress" in types


def may_stop(policies: list[dict], ranges: list[Range], protocol: str, port: int) -> bool:
    """Whether these policies, which are about the pod, may drop the packet: no rule of any surely admits it."""
    rules = [rule for policy in policies for rule in policy["spec"].get("ingress") or []]
    return bool(policies) and not any(surely_admits(rule, ranges, protocol, port) for rule in rules)


def surely_admits(rule: dict, ranges: list[Range], protocol: str, port: int) -> bool:
    """One ingress rule: its peers and its ports."""
    peers, ports = rule.get("from") or [], rule.get("ports") or []
    from_there = not peers or any(holds_all(peer.get("ipBlock"), ranges) for peer in peers)
    return from_there and (not ports or any(names_port(item, protocol, port) for item in ports))


def holds_all(block: dict | None, ranges: list[Range]) -> bool:
    """Whether an ipBlock holds every address, and excepts none."""
    if not block:
        return False
    inside = all(overlap(block["cidr"], ends) == "whole" for ends in ranges)
    return inside and all(overlap(text, ends) == "none" for text in block.get("except") or [] for ends in ranges)


def overlap(text: str, ends: Range) -> str:
    """Whether the whole of a range is in a block, a part or none of it."""
    block, (first, last) = parsed_network(text), ends
    if block.version != first.version or last < block[0] or first > block[-1]:
        return "none"
    return "whole" if block[0] <= first and last <= block[-1] else "part"


def names_port(item: dict, protocol: str, port: int) -> bool:
    """A port of a rule: any, one number, or a range; a name is not known to be the number."""
    if (item.get("protocol") or "TCP") != protocol:
        return False
    first = item.get("port")
    if first is None:
        return True
    return isinstance(first, int) and first <= port <= (item.get("endPort") or first)
