"""One hop as text: what its groups decided, what it rewrote, what stopped the packet."""

from drilllib.core.rules.addresses import at
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import Assumption, HopKind, Reason
from drilllib.core.trace.path import Check, Hop, Nat, Rewrite
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text

_UNKNOWN = ("0.0.0.0/0", "::/0", "0.0.0.0/0, ::/0")
_UNTOLD = {Reason.FACT_MISSING, Reason.NOT_MODELLED, Reason.NO_FORWARDING_RULE, Reason.PORT_NOT_DECLARED}
_CERTAIN_STOPS = frozenset(Reason) - _UNTOLD - {Reason.REDIRECTED}
# Why groups that one would expect to decide do not.
_SKIPPED = (Assumption.LOCAL_DELIVERY_SKIPS_POD_ENI, Assumption.LOCAL_DELIVERY_SKIPS_NODE_GROUPS)


def hop_lines(trace: Trace, hop: Hop, language: str, *, group: str | None = None) -> list[str]:
    """
    A hop's checks and rewrites, and why it stopped the packet, in the order in which they happen.

    *group* is what to call its groups; without it, which of the three groups of a request to a Service they are.
    """
    called = group or group_text(hop, language)
    lines = [say(language, "group_not_asked", group=called, code=each) for each in _skipped(hop)]
    stopped = False
    for event in _events(hop):
        stops = event in _CERTAIN_STOPS if isinstance(event, Reason) else getattr(event, "action", "") is Action.DROP
        mark = _mark(hop, stopped, stops, language)
        if isinstance(event, Reason) and event in _UNTOLD:
            mark = f"  {say(language, 'untold')}"
        lines.append(_event_text(trace, hop, event, language) + mark)
        stopped = stopped or stops
    return lines + [say(language, "doubt", fact=fact_text(each, language)) for each in hop.doubts]


def group_text(where: Hop | Blocker, language: str) -> str:
    """Which of the three groups it is: a pod on its node's own network stands behind the node's, group 2."""
    kind = "node" if is_on_node_network(where) else where.hop
    return say(language, f"group_of_{kind}")


def is_on_node_network(where: Hop | Blocker) -> bool:
    """Is it a pod without an interface of its own?"""
    return where.hop is HopKind.POD and where.interface == "primary"


def hop_address(trace: Trace, hop: Hop) -> str:
    """The hop's address and port, none where a connection begins; at the CLB also the listener's protocol."""
    protocol = f" {trace.listener.protocol}" if hop.hop is HopKind.CLB and trace.listener else ""
    return f"{at(hop.address, hop.port) if hop.port else hop.address}{protocol}"


def _skipped(hop: Hop) -> list[Assumption]:
    return [each for each in hop.assumptions if each in _SKIPPED and all(check.policies for check in hop.checks)]


def _events(hop: Hop) -> list[Check | Rewrite | Reason]:
    """On the way in groups decide before addresses are rewritten; on the way out they see the new addresses."""
    inward = [check for check in hop.checks if check.direction is Direction.INGRESS]
    outward = [check for check in hop.checks if check.direction is Direction.EGRESS]
    return [*inward, *outward, hop.problem] if hop.problem else [*inward, *hop.rewrites, *outward]


def _event_text(trace: Trace, hop: Hop, event: Check | Rewrite | Reason, language: str) -> str:
    if isinstance(event, Check):
        return check_text(event, language)
    if isinstance(event, Reason):
        return say(language, event)
    return rewrite_text(trace, hop, event, language)


def rewrite_text(trace: Trace, hop: Hop, rewrite: Rewrite, language: str) -> str:
    """
    What an address or port became.

    A layer-7 listener does not rewrite packets: it ends the client's connection and opens its own.
    """
    facts = {"before": shown_peer(rewrite.before, language), "after": shown_peer(rewrite.after, language)}
    if is_proxied(trace, hop):
        kept = not any(each.kind is Nat.SNAT for each in hop.rewrites)
        key = "new_source" if rewrite.kind is Nat.SNAT else "new_connection_kept" if kept else "new_connection"
        return say(language, key, **facts)
    return say(language, "rewrite", kind=rewrite.kind, field=say(language, rewrite.field), **facts)


def is_proxied(trace: Trace, hop: Hop) -> bool:
    """Does the CLB end the client's connection here and open its own?"""
    return hop.hop is HopKind.CLB and trace.listener is not None and trace.listener.layer == 7


def shown_peer(peer: str, language: str) -> str:
    """An address or block. If any address is possible, words say so: as a block it would look like a rule's peer."""
    if peer == "public":
        return say(language, "public_address")
    return say(language, "unknown_address") if peer in _UNKNOWN else peer


def _mark(hop: Hop, stopped: bool, stops: bool, language: str) -> str:
    """The end of a line: it stopped the packet, it would have, or the packet did not get there."""
    if stops:
        return "  " + say(language, "would_stop" if hop.hypothetical or stopped else "stopped")
    return f"  {say(language, 'not_reached_short')}" if stopped else ""


def check_text(check: Check, language: str) -> str:
    """A packet as a group sees it, and the decision on it."""
    facts = {"protocol": check.protocol, "peer": shown_peer(str(check.peer), language), "port": check.port}
    preposition = say(language, "from" if check.direction == "ingress" else "to")
    facts |= {"preposition": preposition, "direction": say(language, check.direction)}
    key = "asked" if check.port is not None else "asked_without_port"
    return say(language, key, answer=answer_text(check, language), **facts)


def answer_text(check: Check, language: str) -> str:
    """The decision, and the rule or the NetworkPolicies that made it."""
    if check.policies:
        why, policies = say(language, check.reason), ", ".join(check.policies)
        return say(language, "by_policies", action=check.action, why=why, policies=policies)
    if check.rule is not None and check.action is not Action.UNDETERMINED:
        facts = {"action": check.action, "group": check.group, "index": check.policy_index, "rule": check.rule}
        return say(language, "by_rule", direction=check.direction, **facts)
    if check.reason is Reason.NO_RULE_MATCHED:
        return say(language, "by_default", groups=", ".join(check.groups))
    why = say(language, check.reason)
    if check.gap:
        return say(language, "by_missing_fact", action=check.action, why=why, fact=fact_text(check.gap, language))
    return f"{check.action}, {why}"
