"""What a person reads, line by line."""

import pytest

from drilllib.core.drills.default_lab import default_lab
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.request import trace
from drilllib.views.text import listings
from drilllib.views.text import trace as text
from drilllib.views.text.columns import columns, padded

ASKED = Question(client="203.0.113.10", service="shop/web")


def answer_to(fault: str, **variant: str) -> Trace:
    return trace(open_fault(fault, **variant), ASKED)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_trace_reads_as_it_always_did(fault: str, language: str, golden) -> None:
    """Wording wins or loses trust; a change to it is made on purpose."""
    golden(f"trace-{fault}.{language}.txt", text.trace_text(answer_to(fault), language))


def test_only_what_stopped_the_packet_is_marked_as_the_stop() -> None:
    """Three groups block the original drill; the packet meets the first."""
    shown = text.trace_text(answer_to("original-drill"), "en")

    assert shown.count("<- stopped here") == 1
    assert shown.count("<- would stop here next") == 2


def test_an_unknown_is_named_and_never_called_unblocked() -> None:
    """Silence about a gap would read as an all-clear."""
    document = default_lab()
    del document["security_groups"]["sg-node0001"]

    shown = text.trace_text(trace(Snapshot(document), ASKED), "en")

    assert "undetermined" in shown
    assert "Not known: the ingress rules of sg-node0001" in shown
    assert "Nothing blocks" not in shown


def test_kubectl_prints_what_the_original_drill_shows(golden) -> None:
    """Learners compare it with their own terminal."""
    listing = listings.kubectl_get_service(open_fault("healthy"), "shop")
    golden("kubectl-get-service.txt", listings.listing_text(listing, "en"))


def test_the_ipamd_query_is_marked_as_an_assumption() -> None:
    """Nobody has published the real line."""
    shown = listings.ipamd_log(open_fault("healthy"), "en")

    assert shown.splitlines()[0] == "sg-pod00001"
    assert "assumption" in shown


def test_chinese_takes_two_columns_so_tables_stay_straight() -> None:
    assert columns("客户端") == 6
    assert padded("客户端", 9) == "客户端   "
