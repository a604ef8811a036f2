"""A question from any source to any door."""

from dataclasses import dataclass
from typing import Any

from drilllib.core.plain import plain
from drilllib.core.rules.addresses import at
from drilllib.core.trace.answer import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Question):
    """
    Can *client* open a connection to *door*?

    *client* is an address, ``node/NAME`` or ``pod/NAMESPACE/NAME``; *door* one of these or ``svc/NAMESPACE/NAME``, a
    Service by its ClusterIP. *port* may be left out for a Service that has one port; *protocol* is TCP or UDP, TCP
    where it is left out. The other fields of a `Question` are for Services by their VIP and stay empty.
    """

    door: str

    def to_dict(self) -> dict[str, Any]:
        """The fields of a connection."""
        return plain(self, "client", "door", "port", "protocol")

    @property
    def label(self) -> str:
        """What is asked for, in short: ``TCP pod/db/mysql-0:3306``."""
        return f"{self.protocol or 'TCP'} {at(self.door, self.port)}"
