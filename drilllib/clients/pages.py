"""All pages of an answer to a call of the vendor's API, by whoever reads one of them."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.clients.failures import Failure
from drilllib.core.capture.asks import Answer, CloudCall, Refusal
from drilllib.core.capture.paging import loss, next_page

STARTS = 2  # of an answer whose counts do not agree: something may have changed between two pages

Page = Mapping[str, Any]
OnePage = Callable[[CloudCall], Page | Failure]


def all_pages(call: CloudCall, one_page: OnePage, refused: Callable[[Failure], Refusal]) -> Answer:
    """
    The answer to *call* with all its pages, read again once where their counts do not agree.

    Where a page fails, those before it are kept with the refusal. An answer is whole where its counts agree; ids that
    were asked for and did not come are for who asked.
    """
    answer = _read(call, one_page, refused)
    for _ in range(STARTS - 1):
        if answer.refusal is not None or answer.whole or len(answer.pages) < 2:
            break
        answer = _read(call, one_page, refused)
    return answer


def _read(call: CloudCall, one_page: OnePage, refused: Callable[[Failure], Refusal]) -> Answer:
    pages: list[Page] = []
    following: CloudCall | None = call
    while following is not None:
        found = one_page(following)
        if isinstance(found, Failure):
            return Answer(call, tuple(pages), refused(found))
        pages.append(found)
        following = next_page(call, pages)
    return Answer(call, tuple(pages), whole=_agrees(call, pages))


def _agrees(call: CloudCall, pages: list[Page]) -> bool:
    """Do the pages count alike, and are all rows here? Ids that did not come are another matter."""
    lost = loss(call, pages)
    only_ids = lost is not None and bool(lost.missing) and not lost.errors and lost.read >= (lost.counted or 0)
    return (lost is None or only_ids) and len({repr(page.get("TotalCount")) for page in pages}) == 1
