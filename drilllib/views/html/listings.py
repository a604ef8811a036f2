"""What kubectl and the console list, as tables."""

from drilllib.views.html.elements import Cell, Page, Table
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.pieces import Code
from drilllib.views.shown import Shown
from drilllib.views.text.columns import Entry
from drilllib.views.text.listings import NONE, Listing, listing_text


def shown_listing(listing: Listing, language: str) -> Shown:
    """A listing; its caption is the command that prints it, or says what it is."""
    rows = [[_cell(each) for each in row] for row in listing.rows]
    table = Table(listing.title, listing.columns, rows)
    return Shown(listing_text(listing, language), page=Page(language, (table, say(language, "simulated"))))


def _cell(entry: Entry) -> Cell:
    if isinstance(entry, str):
        return Code(entry) if entry else ""
    return tuple(map(Code, entry)) or Code(NONE)
