"""Which source addresses the targets of a listener see: a client's, the load balancer's own, or a health probe's."""

from ipaddress import IPv4Network

from drilllib.core.facts import FactCode, fact
from drilllib.core.rules.addresses import Address
from drilllib.core.rules.members import is_public
from drilllib.core.snapshot.resources import Frontend, Listener, LoadBalancer
from drilllib.core.trace.codes import Assumption
from drilllib.core.trace.gates import PROBE_ORIGIN
from drilllib.core.trace.origin import Origin, from_address, from_anywhere, from_public

KEEPALIVE_ORIGIN = Origin((IPv4Network("100.127.0.0/16"),))


class Sources:
    """The sources behind one listener of one CLB."""

    balancer: LoadBalancer
    frontend: Frontend
    listener: Listener

    def seen_as(self, client: Address) -> Origin:
        """The client as the CLB sees it: a private one at a public VIP as an address that it goes out by [CLB-LOOP]."""
        if not is_unseen(self.balancer, self.frontend, client):
            return from_address(client)
        return from_public(fact(FactCode.SOURCE_AT_VIP, client=str(client), vip=self.frontend.name))

    def _probe_source(self, family: int) -> Origin:
        """The VIP of the target's family, or 100.64.0.0/10 where that is set [CLB-HCIP]; the VIP where neither is."""
        if self.listener.probe_source_type not in (0, None):
            return PROBE_ORIGIN
        vips = (each for each in (self.frontend.address, *self.balancer.vips) if each and each.version == family)
        vip = next(vips, None)
        unread = fact(FactCode.VIP, balancer=self.balancer.balancer_id)
        return from_address(vip) if vip else from_anywhere(family, unread)

    def _source_at_target(self, client: Address, family: int) -> tuple[Origin, tuple[Assumption, ...]]:
        """Layer 4 passes the client through; layer 7 keeps its address too, unless something hides it [CLB-LIS]."""
        if self.balancer.snat_pro:
            ours = [address for address in self.balancer.snat_ips if address.version == family]
            unread = from_anywhere(family, fact(FactCode.SNAT_IPS, balancer=self.balancer.balancer_id))
            return from_address(*ours) if ours else unread, (Assumption.SNATPRO_HIDES_CLIENT,)
        if self.listener.layer == 7 and self.listener.keepalive:
            hidden = from_anywhere(6, fact(FactCode.KEEPALIVE_IPV6))
            return KEEPALIVE_ORIGIN if family == 4 else hidden, ()
        if client.version != family:
            return from_anywhere(family, fact(FactCode.IPV4_OF_CLIENT)), ()
        if self.listener.layer == 7 and self.listener.keepalive is None and family == 4:
            either = (*self.seen_as(client).blocks, *KEEPALIVE_ORIGIN.blocks)
            return Origin(either, fact(FactCode.KEEPALIVE, listener=self.listener.listener_id)), ()
        return self.seen_as(client), (Assumption.LAYER7_KEEPS_CLIENT_ADDRESS,) if self.listener.layer == 7 else ()


def is_unseen(balancer: LoadBalancer, frontend: Frontend, client: Address) -> bool:
    """Does the VIP see another address than that of *client*, a private one, because it is public itself?"""
    if client.version != 4 or is_public(client) or balancer.is_private:
        return False
    return is_public(frontend.address) if frontend.address else frontend.family == 4
