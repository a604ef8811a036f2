"""
What NetworkPolicies may do to packets that a pod of the cluster sends (section 10 of docs/model.md).

Part of the witness against the engine (see walker.py), so nothing here comes from drilllib.
"""

from walker_cluster import Document, is_complete_for, objects
from walker_pods import Pod
from walker_policies import enforced, selects


def may_keep_in(document: Document, pod: Pod) -> bool:
    """Whether some policy may stop what a pod sends, whatever it is."""
    if enforced(document) is False:
        return False
    every = [(item, selects(item, pod)) for item in objects(document, "NetworkPolicy")]
    found = [(item, chosen) for item, chosen in every if chosen is not False and is_about_egress(item)]
    certain = [item for item, chosen in found if chosen]
    if any(map(lets_out_everything, certain)):
        return False
    if not is_complete_for(document, "NetworkPolicy", pod.namespace):
        return True
    return bool(certain) or not all(lets_out_everything(item) for item, _ in found)


def is_about_egress(policy: dict) -> bool:
    """By its policyTypes, else by what it has; one that was not read may be."""
    spec = policy.get("spec")
    if not spec:
        return True
    types = spec.get("policyTypes")
    return "Egress" in types if types else bool(spec.get("egress"))


def lets_out_everything(policy: dict) -> bool:
    """Whether one of its rules names neither destinations nor ports."""
    rules = (policy.get("spec") or {}).get("egress") or []
    return any(not rule.get("to") and not rule.get("ports") for rule in rules)
