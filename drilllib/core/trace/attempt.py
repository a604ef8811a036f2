"""One attempt at a target, or a probe of it, as far as the target itself."""

from typing import NamedTuple

from drilllib.core.facts import Fact
from drilllib.core.trace.inside import Loop
from drilllib.core.trace.node_facts import TargetFacts
from drilllib.core.trace.origin import Origin
from drilllib.core.trace.path import Check, Hop


class Attempt(NamedTuple):
    """
    One attempt or probe at a target, before kube-proxy picks: the hops *before* it, and its own groups asked.

    *port* is the one it is sent to. *unknown* is what is not modelled about the target; *check* is then None.
    """

    facts: TargetFacts
    port: int
    source: Origin
    before: tuple[Hop, ...]
    check: Check | None
    unknown: Fact | None = None

    @property
    def loops(self) -> bool:
        """Is it a request whose packets surely come back, and get no further than the target?"""
        return bool(self.before) and self.facts.loop is Loop.SURE

    @property
    def picks_endpoint(self) -> bool:
        """Is it a node that the packet comes to, so that kube-proxy picks an endpoint?"""
        return self.unknown is None and self.facts.node is not None
