"""
NetworkPolicies: who may come in to a pod, as Kubernetes documents it [networking.k8s.io/v1, K8S-NP].

They hold where an add-on enforces them [TKE-NP], which `cluster.networkpolicy.enforced` says. A pod that a policy
selects is isolated: it lets in what some rule of some policy that selects it lets in, and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from ipaddress import ip_network
from typing import Any

from drilllib.core.facts import FactCode
from drilllib.core.rules.addresses import EVERYONE, PROBE_RANGE, Address, Block
from drilllib.core.rules.members import PRIVATE
from drilllib.core.rules.ranges import ALL, Ranges, in_both, merged, ranges_at, ranges_of, without
from drilllib.core.rules.rules import Action
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger.kubernetes import OTHER_FILTERS
from drilllib.core.snapshot.pods import Pod
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.selectors import selects

NONE: Ranges = ()
_MAY_BE_PODS = (*(each for each in PRIVATE if each != PROBE_RANGE), EVERYONE[6])
Item = Mapping[str, Any]
ISTIO = "istio-system"  # where policies hold for the whole mesh
Filter = tuple[str | None, str]  # the namespace of the pods, None for all, and what the object is called


@dataclass(frozen=True, slots=True)
class Admitted:
    """Addresses that are let in: *sure* ones and *possible* ones; *ping*: surely, over whatever protocol."""

    sure: Ranges = NONE
    possible: Ranges = NONE
    ping: Ranges = NONE


@dataclass(frozen=True, slots=True)
class Admission:
    """
    Whom the policies of a pod let in on one port. *names* are those that select it, or that may.

    *is_enforced*: it is known that they hold for this pod. *why* is what is missing about addresses that are neither
    surely let in nor surely kept out. *by_address*: that a public address is no pod's keeps some out.
    """

    names: tuple[str, ...]
    admitted: Admitted
    is_enforced: bool
    why: FactCode
    by_address: bool = False

    def action(self, sources: Iterable[Block], *, ping: bool = False) -> Action:
        """Are packets from all of *sources* let in, or from none?"""
        asked = ranges_of(sources)
        if not without(asked, self.admitted.ping if ping else self.admitted.sure):
            return Action.ACCEPT
        kept_out = self.is_enforced and not ping and not in_both(asked, self.admitted.possible)
        return Action.DROP if kept_out else Action.UNDETERMINED


class NetworkPolicies:
    """
    The policies of a snapshot about what comes in.

    Args:
        kubernetes: the Kubernetes objects.
        enforced: do policies hold? None where that was not read.
        no_pods: addresses that are no pod's: those of nodes and of load balancers.
    """

    def __init__(self, kubernetes: KubernetesObjects, enforced: bool | None, no_pods: Iterable[Address]) -> None:
        self._kubernetes, self.enforced, self._no_pods = kubernetes, enforced, tuple(no_pods)
        self._items = kubernetes.of_kind("NetworkPolicy")
        self._known: dict[tuple[str, tuple[bool | None, ...]], Admitted] = {}

    @property
    def may_matter(self) -> bool:
        """May there be one that holds?"""
        return self.enforced is not False and (bool(self._items) or not self._kubernetes.is_complete("NetworkPolicy"))

    def of(self, pod: str, transport: str, port: int, *, is_plain: bool) -> Admission | None:
        """
        Whom the pod called NAMESPACE/NAME lets in; None where no policy is about it.

        *is_plain*: it is where the add-on runs, and on a network of its own.
        """
        found = self.selecting(pod)
        complete = self._kubernetes.is_complete("NetworkPolicy", pod.split("/")[0])
        if not found and complete:
            return None
        sure = [item for item, chosen in found if chosen]
        names = tuple(object_name(item) for item in sure or [item for item, _ in found])
        why = FactCode.POLICY_ADMITS if sure else FactCode.POLICY_SELECTS
        return Admission(
            names,
            self._together(found, pod, transport, port, complete=complete),
            is_enforced=bool(self.enforced) and is_plain and pod in self._kubernetes.pods,
            why=why if complete else self._why_unread,
            by_address=self._by_address(sure),
        )

    @property
    def _why_unread(self) -> FactCode:
        """What is missing where not all of them are here: other policies, or maybe all that hold."""
        return FactCode.NETWORK_POLICIES if self.enforced else FactCode.UNREAD_POLICIES

    def of_port(self, pod: str, port: int) -> list[Admission]:
        """The same over TCP, and over UDP, wherever the pod is."""
        found = (self.of(pod, transport, port, is_plain=True) for transport in ("TCP", "UDP"))
        return [each for each in found if each]

    def selecting(self, pod: str) -> list[tuple[Item, bool | None]]:
        """The policies about what comes in to a pod, each with whether it selects it; None: it may."""
        known, namespace = self._kubernetes.pods.get(pod), pod.split("/")[0]
        found = ((each, _selects(each, known)) for each in self._by_namespace.get(namespace, ()))
        return [(item, chosen) for item, chosen in found if chosen is not False]

    @cached_property
    def _by_namespace(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for item in self._items:
            found.setdefault(object_name(item).split("/")[0], []).append(item)
        return found

    def _together(
        self, found: Sequence[tuple[Item, bool | None]], pod: str, transport: str, port: int, *, complete: bool
    ) -> Admitted:
        """What all of a pod's policies let in: those that select it surely isolate it, the others may."""
        each = {id(item): self._of_policy(item, pod, transport, port) for item, _ in found}
        certain = [each[id(item)] for item, chosen in found if chosen]
        if certain:
            let_in = (merged(*(it.sure for it in certain)), merged(*(it.ping for it in certain)))
            possible = merged(*(it.possible for it in each.values())) if complete else ALL
            return Admitted(let_in[0], possible, let_in[1])
        if not complete:
            return Admitted(NONE, ALL, NONE)
        every = list(each.values())
        return Admitted(reduce(in_both, (it.sure for it in every)), ALL, reduce(in_both, (it.ping for it in every)))

    def _of_policy(self, item: Item, pod: str, transport: str, port: int) -> Admitted:
        known = self._kubernetes.pods.get(pod)
        parts = [_port_fits(rule, known, transport, port) for rule in _rules(item)]
        key = object_name(item), tuple(parts)
        if key not in self._known:
            self._known[key] = self._of_rules(item, parts)
        return self._known[key]

    def _of_rules(self, item: Item, parts: Sequence[bool | None]) -> Admitted:
        """*parts*: is each rule about the port?"""
        if not item.get("spec"):
            return Admitted(NONE, ALL, NONE)
        peers = [self._peers(item, rule) for rule in _rules(item)]
        pings = [sure for rule, (sure, _) in zip(_rules(item), peers, strict=True) if not rule.get("ports")]
        both = list(zip(parts, peers, strict=True))
        return Admitted(
            merged(*(sure for fits, (sure, _) in both if fits)),
            merged(*(possible for fits, (_, possible) in both if fits is not False)),
            merged(*pings),
        )

    def _peers(self, item: Item, rule: Item) -> tuple[Ranges, Ranges]:
        """The addresses that a rule surely names, and those that it may name."""
        if not rule.get("from"):
            return ALL, ALL
        found = [self._peer(item, each) for each in rule["from"]]
        return merged(*(sure for sure, _ in found)), merged(*(possible for _, possible in found))

    def _peer(self, item: Item, peer: Item) -> tuple[Ranges, Ranges]:
        block = peer.get("ipBlock")
        if block:
            left_out = ranges_of(ip_network(each, strict=False) for each in block.get("except") or ())
            named = without(ranges_of([ip_network(block["cidr"], strict=False)]), left_out)
            return named, named
        if peer.get("podSelector") is None and peer.get("namespaceSelector") is None:
            return NONE, ALL
        return self._pods(object_name(item).split("/")[0], peer)

    def _pods(self, own: str, peer: Item) -> tuple[Ranges, Ranges]:
        """The addresses of the pods that selectors name; of a Pod that was not read nobody knows."""
        namespaces = peer.get("namespaceSelector")
        sure, known = [], []
        for address, pods in self._kubernetes.pods_at.items():
            fits = {self._is_named(own, peer, each) for each in pods if not each.host_network}
            sure += [address] if fits == {True} else []
            known += [address] if fits <= {False} else []
        every = self._kubernetes.is_complete("Pod", own if namespaces is None else None)
        here = ranges_at([each for each in self._kubernetes.pods_at if each not in known])
        rest = ALL_THAT_MAY_BE_PODS if not every else NONE
        nobody = ranges_at((*known, *self._no_pods))
        return without(ranges_at(sure), ranges_at(self._no_pods)), without(merged(here, rest), nobody)

    def _is_named(self, own: str, peer: Item, pod: Pod) -> bool | None:
        """Do the selectors of a peer name a pod? None where the labels of its namespace were not read."""
        wanted, labels = peer.get("namespaceSelector"), self._kubernetes.namespaces.get(pod.namespace)
        inside = pod.namespace == own if wanted is None else selects(wanted, labels)
        by_labels = selects(peer.get("podSelector") or {}, pod.labels)
        if inside is False or by_labels is False:
            return False
        return True if inside and by_labels else None

    def _by_address(self, policies: Iterable[Item]) -> bool:
        """Does one of these name pods, of which not all are here?"""
        peers = (peer for item in policies for rule in _rules(item) for peer in rule.get("from") or ())
        return not self._kubernetes.is_complete("Pod") and any(not peer.get("ipBlock") for peer in peers)

    def blocks_around(self, address: Address) -> frozenset[Block]:
        """The blocks of all policies that hold an address: equal for addresses that no policy tells apart."""
        return frozenset(each for each in self._blocks if address in each)

    @cached_property
    def _blocks(self) -> frozenset[Block]:
        peers = (peer for item in self._items for rule in _rules(item) for peer in rule.get("from") or ())
        named = [each["ipBlock"] for each in peers if each.get("ipBlock")]
        texts = (text for each in named for text in (each["cidr"], *(each.get("except") or ())))
        return frozenset(ip_network(text, strict=False) for text in texts)


ALL_THAT_MAY_BE_PODS = ranges_of(_MAY_BE_PODS)


def _rules(policy: Item) -> Sequence[Item]:
    return (policy.get("spec") or {}).get("ingress") or ()


def _selects(policy: Item, pod: Pod | None) -> bool | None:
    """Is it about what comes in to a pod, None for one that was not read?"""
    spec = policy.get("spec")
    if not spec:
        return None
    if "Ingress" not in (spec.get("policyTypes") or ["Ingress"]):
        return False
    wanted = spec.get("podSelector")
    return None if wanted is None else selects(wanted, pod.labels if pod else None)


def _port_fits(rule: Item, pod: Pod | None, transport: str, port: int) -> bool | None:
    """Is a rule about that port of the pod? None where it names one of a pod whose spec was not read."""
    found = [_has(each, pod, transport, port) for each in rule.get("ports") or ()]
    if not found or True in found:
        return True
    return None if None in found else False


def _has(entry: Item, pod: Pod | None, transport: str, port: int) -> bool | None:
    first = entry.get("port")
    if (entry.get("protocol") or "TCP") != transport:
        return False
    if first is None:
        return True
    if isinstance(first, int):
        return first <= port <= (entry.get("endPort") or first)
    names = pod.port_names if pod else None
    return None if names is None else (str(first), transport, port) in names


def filters_of(kubernetes: KubernetesObjects) -> Sequence[Filter]:
    """Objects that may let nobody in to pods of their namespace, None for all, each with its name."""
    found: list[Filter] = []
    for item in kubernetes.of_kind("PeerAuthentication"):  # Istio's, of a namespace or of the whole mesh
        namespace = item["metadata"].get("namespace") or "default"
        if "STRICT" in _words(item.get("spec")):
            found.append((None if namespace == ISTIO else namespace, f"PeerAuthentication {object_name(item)}"))
    for kind in (*OTHER_FILTERS, *kubernetes.kinds_like("NetworkPolicy")):
        for item in kubernetes.of_kind(kind):
            namespace = item["metadata"].get("namespace")
            of_mesh = kind == "AuthorizationPolicy" and namespace == ISTIO  # Istio's root namespace
            shown = f"{kind} {object_name(item) if namespace else item['metadata']['name']}"
            found.append((None if of_mesh else namespace, shown))
    return found


def _words(value: Any) -> Iterator[str]:
    """Every text in an object or a list."""
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _words(each)
