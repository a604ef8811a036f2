"""The tables of kubectl and of the console, as a lesson shows them."""

from typing import Protocol

from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.views.html.listings import shown_listing
from drilllib.views.shown import Shown
from drilllib.views.text import listings

NAMESPACE = SERVICE.partition("/")[0]


class _WithLab(Protocol):
    language: str

    def snapshot(self) -> Snapshot: ...


class Tables:
    """What `kubectl get` and the console's lists say of the lab as it is now."""

    def kubectl_get_service(self: _WithLab) -> Shown:
        """``kubectl get service -n shop -o wide``."""
        return shown_listing(listings.kubectl_get_service(self.snapshot(), NAMESPACE), self.language)

    def kubectl_get_pods(self: _WithLab) -> Shown:
        """``kubectl get pods -n shop``, with the columns that matter here."""
        return shown_listing(listings.kubectl_get_pods(self.snapshot(), NAMESPACE), self.language)

    def kubectl_get_nodes(self: _WithLab) -> Shown:
        """``kubectl get nodes``, with the columns that matter here."""
        return shown_listing(listings.kubectl_get_nodes(self.snapshot()), self.language)

    def load_balancers(self: _WithLab) -> Shown:
        """The CLBs with their listeners, targets and groups."""
        return shown_listing(listings.load_balancers(self.snapshot(), self.language), self.language)

    def interfaces(self: _WithLab) -> Shown:
        """The nodes' and the pods' network interfaces with their groups."""
        return shown_listing(listings.interfaces(self.snapshot(), self.language), self.language)

    def ipamd_log(self: _WithLab) -> Shown:
        """The original drill's query of the tke-eni-ipamd log: the groups of the pods' interfaces."""
        return Shown(listings.ipamd_log(self.snapshot(), self.language))
