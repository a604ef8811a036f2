"""The engine with one line wrong about clients inside the cluster (section 10 of docs/model.md): the walker tells."""

from collections.abc import Iterator

import pytest
from test_walker_engine_mutants import answer_or_error, caught
from walker import walk
from walker_broken_engine import broken_engine, source_of
from walker_comparison import Engine, difference
from worlds_insiders import world

from tests.thorough import thorough

# A module, a piece of the one line there that has it, and what stands in its place.
MUTANTS = {
    "ipvs is taken for iptables": ("snapshot.cluster", "IPVS if settings", "IPTABLES if settings"),
    "of two modes one will do": ("snapshot.cluster", "if len(told) == 1 and told <=", "if told and told <="),
    "a Proxy's VIP is kube-proxy's": ("trace.inside", "if vip in service.proxied_vips or (", "if ("),
    "the annotation binds no VIP": ("trace.inside", "mode == IPVS and service.prevents_loopback", "False"),
    "unread Services have no VIP": ("trace.inside", "not (found or _all_vips_known(snapshot))", "False"),
    "Services need not be complete": ("trace.inside", 'told and objects.is_complete("Service")', "told"),
    "an entry without an address is none": (
        "snapshot.services",
        'all(each.get("ip") or each.get("hostname") for each in entries)',
        "True",
    ),
    "a public VIP sees the client": ("trace.inside", " or is_public(vip)", ""),
    "any CLB with a private VIP is private": ("trace.inside", " or not balancer.is_private", ""),
    "kube-proxy ends TLS": ("trace.inside", 'if listener.protocol == "HTTPS":', "if False:"),
    "all pods pass kube-proxy": ("trace.inside", " or not snapshot.interfaces.shared(pod)", ""),
    "pods under Local are as under Cluster": ("trace.inside", 'if service.traffic_policy != "Cluster":', "if False:"),
    "machines that are off ask": ("trace.inside", "if insider.node.state in OFF", "if False"),
    "a node under Local asks its own pods": (
        "trace.own_node",
        'replace(self._way.service, traffic_policy="Cluster")',
        "self._way.service",
    ),
    "a pod's packet has its node's address": (
        "trace.own_node",
        "return Origin(from_address(*dict.fromkeys((*own, *self._beside))).blocks, self._unknown)",
        "return node.origin(family)",
    ),
    "an interface that was not read has no address": (
        "trace.own_node",
        "if not own or not self._beside:",
        "if not own:",
    ),
    "a pod's packet leaves by its node": (
        "trace.own_node",
        "return doubted(of_node, self._unknown), doubted(of_pod, self._unknown)",
        "return (of_node,)",
    ),
    "a pod's subnet is open": ("trace.own_node", "if self.insider.pod else ()", "if False else ()"),
    "one client may go anywhere": ("trace.own_node", "if self._way.service.sticky else None", "if False else None"),
    "nothing loops": ("trace.loopback", "return replace(facts, loop=self._loop(facts))", "return facts"),
    "the client is sent its own packets": ("trace.loopback", "if address == client:", "if False:"),
    "its own target is left out for nothing": ("trace.loopback", "if each.loop in _STATES}", "if False}"),
    "a hidden client is left out for certain": (
        "trace.loopback",
        "if source.address == client else Loop.CLIENT_H",
        "if True else Loop.CLIENT_H",
    ),
    "a policy keeps no client in": ("snapshot.egress_policies", "if shut:", "if False:"),
    "nor does one that was not read": ("snapshot.egress_policies", "elif not kube", "elif False and not kube"),
    "policies keep in where nothing holds": ("snapshot.egress_policies", "if enforced is False:", "if False:"),
    "an open rule is like any other": (
        "snapshot.egress_policies",
        "if any(sure and _is_open",
        "if any(False and _is_open",
    ),
    "a policy that may select does": ("snapshot.egress_policies", "if any(sure and _is_open", "if any(_is_open"),
    "no policy is about egress by default": (
        "snapshot.egress_policies",
        'if spec.get("egress") else []',
        "if False else []",
    ),
    "source ranges are no filter": ("trace.inside", "if not service.admits(insider.address):", "if False:"),
    "what is in one source range is out": (
        "snapshot.services",
        "return not self.source_ranges or any(",
        "return not self.source_ranges or all(",
    ),
    "its packets are its CLB's probes": ("trace.own_node", "probe_source_type=0", "probe_source_type=None"),
    "who may loop does": ("trace.loopback", "if source.address == client else Loop.MAYBE", "if True else Loop.MAYBE"),
    "where a node is unknown nothing loops": ("trace.loopback", "if own and place and own != place", "if own != place"),
    "whatever a client sends gets to the CLB": ("trace.loopback", "if check.action is Action.ACCEPT:", "if True:"),
    "a client's node is never cut off": (
        "trace.loopback",
        "else (as_node.gate, as_node.doubts)",
        "else (as_node.gate, ())",
    ),
    "a client's pod is never cut off": ("trace.loopback", "(as_pod.gate, as_pod.doubts_outside)", "(as_pod.gate, ())"),
    "any address of an interface is its own": (
        "snapshot.interfaces",
        "if any(primary for _, primary in found)",
        "if found",
    ),
}
INSIDE = frozenset({"clients inside"})
FEW = [each if place % 4 == 0 else pytest.param(each, marks=thorough) for place, each in enumerate(MUTANTS)]


def line_with(module: str, piece: str) -> str:
    """The one line of a module that has a piece of text in it."""
    lines = source_of(module).read_text(encoding="utf-8").splitlines()
    (line,) = [each.strip() for each in lines if piece in each]
    return line


@pytest.mark.parametrize("name", FEW)
def test_an_engine_with_one_line_wrong_about_clients_inside_is_caught(name: str) -> None:
    module, old, new = MUTANTS[name]
    line = line_with(module, old)

    broken = broken_engine(module, line, line.replace(old, new))
    assert next(told_by_insiders(broken), None) is not None or next(caught(broken, INSIDE), None) is not None


def told_by_insiders(broken: Engine) -> Iterator[int]:
    """The clusters that are asked from inside in which a broken engine is told from the sound one."""
    for seed in range(5_000):
        case = world(seed)
        is_told = answer_or_error(broken, case) != walk(case.document, case.question)
        if is_told and not difference(case.document, case.question):
            yield seed
