"""kube-proxy on the node of who asks for a Service's ClusterIP: which endpoint it picks."""

from collections.abc import Sequence
from dataclasses import replace

from drilllib.core.facts import FactCode, fact, several
from drilllib.core.snapshot.resources import Endpoint
from drilllib.core.snapshot.services import Service, ServicePort
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.gates import Gatekeeper
from drilllib.core.trace.kube_proxy import Choice, choose
from drilllib.core.trace.local_facts import LocalFacts
from drilllib.core.trace.node import Cluster, family_of
from drilllib.core.trace.node_facts import NodeFacts
from drilllib.core.trace.path import Hop


class AtClusterIp(Cluster):
    """Picks among the endpoints of one port of a Service, by its internalTrafficPolicy."""

    def __init__(
        self, standing: LocalFacts, keeper: Gatekeeper, transport: str, service: Service, port: ServicePort
    ) -> None:
        super().__init__(standing, keeper, transport)
        self._service, self._port = replace(service, traffic_policy=service.inside_policy), port

    def _service_at(self, at_node: Hop) -> Service:
        return self._service

    def _choice(self, service: Service, at_node: Hop, node: NodeFacts, among: Sequence[Endpoint] | None) -> Choice:
        doubts, name = self._standing.doubts_of(service), service.name.partition("/")[2]
        if doubts:
            return Choice(reason=Reason.NOT_MODELLED, gap=several(doubts))
        endpoints = self._standing.behind(service, self._port, family_of(at_node))
        if endpoints is None:
            return Choice(reason=Reason.FACT_MISSING, gap=fact(FactCode.ENDPOINT_SLICES, service=name))
        if self._standing.is_unnumbered(service, self._port):
            return Choice(reason=Reason.FACT_MISSING, gap=fact(FactCode.ENDPOINT_PORT, service=name))
        choice = choose(service, endpoints, node, self._standing.place_of)
        if choice.reason is Reason.NO_ENDPOINTS:
            return choice._replace(reason=self._standing.why_none_behind(service, self._port, family_of(at_node)))
        return choice
