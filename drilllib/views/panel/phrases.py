"""Sets of clients in words, as a panel writes them."""

from collections.abc import Sequence

from drilllib.views.panel.client_blocks import ClientBlocks, Part
from drilllib.views.phrases.catalog import say

MOST = 4  # blocks on a line


def clients_text(clients: Sequence[ClientBlocks], language: str) -> str:
    """Clients of all address families in one line."""
    several = len(clients) > 1
    if several and all(each.parts == (Part(None),) for each in clients):
        return say(language, "ui_everyone")
    listed = (listed_text(_parts(each, several, language), MOST, language) for each in clients if each)
    return say(language, "ui_and").join(listed)


def _parts(clients: ClientBlocks, several: bool, language: str) -> list[str]:
    """Each part in words; of *several* address families everyone is told by its own."""
    every = say(language, "ui_everyone_in", family=clients.family) if several else say(language, "ui_everyone")
    return [_part(part, every, language) for part in clients.parts]


def _part(part: Part, every: str, language: str) -> str:
    if not part.but:
        return part.block or every
    return say(language, "ui_except", block=part.block or every, blocks=listed_text(part.but, MOST, language))


def more_blocks(clients: Sequence[ClientBlocks], language: str) -> list[str]:
    """What `clients_text` only counts."""
    parts = [each for one in clients for each in _parts(one, len(clients) > 1, language)[MOST:]]
    return [*parts, *(each for one in clients for part in one.parts for each in part.but[MOST:])]


def listed_text(names: Sequence[str], most: int, language: str) -> str:
    """The first *most* names, and how many more there are."""
    listed = say(language, "ui_and").join(names[:most])
    return say(language, "ui_more", listed=listed, count=len(names) - most) if len(names) > most else listed
