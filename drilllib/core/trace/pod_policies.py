"""The NetworkPolicies of a pod, asked about one packet: as a check where they settle it, else as what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.rules.addresses import EVERYONE, Block
from drilllib.core.rules.members import is_public
from drilllib.core.rules.rules import Action, Direction
from drilllib.core.snapshot.network_policies import Admission
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.node_facts import PodFacts
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Check


@dataclass(frozen=True, slots=True)
class PolicyView:
    """
    The source of a packet as a pod's NetworkPolicies see it: any of *sources*, of which nobody knows which.

    *or_own_node*: it may be the pod's own node, too, which is always let in [K8S-NP].
    """

    sources: tuple[Origin, ...]
    or_own_node: bool = False


OWN_NODE = PolicyView((), or_own_node=True)


def policies_asked(pod: PodFacts, seen: PolicyView, transport: str) -> tuple[Check | None, Fact | None]:
    """What the policies say about a packet, or what is missing where that cannot be told; neither without policies."""
    admission = pod.admission
    if admission is None or not seen.sources:
        return None, None
    actions = {admission.action(_blocks_of(each, pod)) for each in seen.sources}
    action = actions.pop() if len(actions) == 1 else Action.UNDETERMINED
    if action is Action.UNDETERMINED or (action is Action.DROP and seen.or_own_node):
        return None, _missing(admission, pod.pod.pod, seen, action)
    return (_check(admission, pod, seen.sources[0], action, transport) if admission.is_enforced else None), None


def ping_doubt(pod: PodFacts, sources: Sequence[Origin]) -> Fact | None:
    """What is missing where policies may stop a ping: Kubernetes leaves open what they do to one."""
    admission = pod.admission
    pings = [] if admission is None else [admission.action(_blocks_of(each, pod), ping=True) for each in sources]
    if admission is None or set(pings) <= {Action.ACCEPT}:
        return None
    return _missing(admission, pod.pod.pod, PolicyView(tuple(sources)), Action.UNDETERMINED)


def _blocks_of(source: Origin, pod: PodFacts) -> tuple[Block, ...]:
    """No IPv6 packet comes from 100.64.0.0/10; from where is not documented."""
    family = pod.pod.address.version
    return source.blocks if source.blocks[0].version == family else (EVERYONE[family],)


def _check(admission: Admission, pod: PodFacts, source: Origin, action: Action, transport: str) -> Check:
    denied = action is Action.DROP
    assumed = [Assumption.POLICY_DENIES_SILENTLY] if denied else []
    if denied and admission.by_address and source.address and is_public(source.address):
        assumed.append(Assumption.PUBLIC_ADDRESS_IS_NO_POD)
    return Check(
        direction=Direction.INGRESS,
        groups=(),
        peer=source,
        protocol=transport,
        port=pod.pod.port,
        action=action,
        reason=Reason.NETWORK_POLICY_DENIES if denied else Reason.NETWORK_POLICY_ADMITS,
        assumptions=tuple(assumed),
        policies=admission.names,
    )


def _missing(admission: Admission, pod: str, seen: PolicyView, action: Action) -> Fact:
    if not admission.names:
        return fact(admission.why, pod=pod)
    named = {"policy": admission.names[0], "pod": pod}
    if not admission.is_enforced:
        return fact(FactCode.NETWORK_POLICY, **named)
    if action is Action.DROP:
        return fact(FactCode.POLICY_BEFORE_SNAT, **named, address=seen.sources[0])
    if admission.why is FactCode.POLICY_ADMITS:
        return fact(FactCode.POLICY_ADMITS, **named, address=seen.sources[0])
    return fact(admission.why, **({"pod": pod} if admission.why is FactCode.NETWORK_POLICIES else named))
