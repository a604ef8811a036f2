"""What the journal of a drill has by id and that still exists, though its mark is gone: it is told, not removed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from drilllib.core.capture.calls import NAMESPACES
from drilllib.errors import DrillError, Message
from drilllib.guard.lines import WHOLE, Intent
from drilllib.provision import inventory
from drilllib.provision.clients import Clients
from drilllib.provision.left import Left
from drilllib.provision.parts import Kind
from drilllib.provision.sending import has_group


def unmarked(clients: Clients, intents: Iterable[Intent], clusters: Iterable[str]) -> Iterator[Left]:
    """Of what was made and not removed: what is there by its id all the same, or may be, because it is not told."""
    for each in intents:
        if each.state in WHOLE or each.kind not in (Kind.GROUP, Kind.POOL, Kind.NAMESPACE) or "id" not in each.result:
            continue
        name = str(each.fields.get("name"))
        try:
            if _is_there(clients, each, clusters):
                why = Message("{id} is there, and has the drill's mark no more", id=str(each.result["id"]))
                yield Left(Kind(each.kind), name, why)
        except DrillError as error:
            yield Left(Kind(each.kind), name, error.problem_message)


def _is_there(clients: Clients, intent: Intent, clusters: Iterable[str]) -> bool:
    made = str(intent.result["id"])
    if intent.kind == Kind.GROUP:
        return has_group(clients, made)
    if intent.kind == Kind.POOL:
        return any(made in inventory.pool_ids(clients, cluster) for cluster in clusters)
    item = clients.get(replace(NAMESPACES, name=str(intent.fields.get("name"))))
    return item is not None and item["metadata"].get("uid") == made
