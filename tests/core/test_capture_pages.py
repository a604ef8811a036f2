"""Pages of an answer, by the vendor's counts and in spite of them."""

import json
from typing import Any

import pytest

from drilllib.core.capture import calls
from drilllib.core.capture.asks import CloudCall
from drilllib.core.capture.paging import MOST_PAGES, Loss, loss, next_page

INSTANCES = calls.instances(f"ins-{place:03d}" for place in range(100))[0]
SUBNETS = calls.subnets("vpc-1")
NO_COUNT = object()


def page(count: int, total: Any = NO_COUNT, start: int = 0, name: str = "InstanceSet") -> dict[str, Any]:
    key = {"InstanceSet": "InstanceId", "SubnetSet": "SubnetId"}[name]
    rows = [{key: f"ins-{start + place:03d}"} for place in range(count)]
    return {name: rows} if total is NO_COUNT else {name: rows, "TotalCount": total}


def offset(call: CloudCall | None) -> Any:
    return None if call is None else json.loads(call.parameters)["Offset"]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([page(100, 100)], None),
        ([page(100, 230)], 100),
        ([page(100, 230), page(100, 230, 100)], 200),
        ([page(100, 230), page(100, 230, 100), page(30, 230, 200)], None),
        ([page(20, 30)], 20),  # a shorter page than was asked for, as some calls give
        ([page(100, 230), page(0, 230)], None),  # else endless
        ([page(0, 0)], None),
        ([page(1, 0)], None),  # an example of the vendor's: a row, and a count of none
        ([page(100, 0)], 100),
        ([page(100)], 100),
        ([page(7)], None),
        ([page(7, "7")], None),
        ([page(100, -3)], 100),
        ([{}], None),
        ([], None),
        ([{"InstanceSet": {"a": 1}, "TotalCount": 5}], None),
    ],
)
def test_the_next_page_begins_after_the_rows_that_came(pages: list[dict[str, Any]], expected: int | None) -> None:
    assert offset(next_page(INSTANCES, pages)) == expected


def test_offsets_are_written_as_the_call_has_them() -> None:
    assert offset(next_page(SUBNETS, [page(100, 101, name="SubnetSet")])) == "100"
    found = next_page(SUBNETS, [page(100, 101, name="SubnetSet")])
    assert found is not None
    assert {**SUBNETS.request, "Offset": "100"} == found.request


def test_pages_end_although_the_count_lies() -> None:
    pages = [page(1, 10**9)]
    while (call := next_page(INSTANCES, pages)) is not None:
        assert offset(call) == len(pages)
        pages.append(page(1, 10**9))
    assert len(pages) == MOST_PAGES


def test_a_call_without_pages_has_no_next_one() -> None:
    assert next_page(calls.rules_of("sg-1"), [{"SecurityGroupPolicySet": {}, "TotalCount": 9}]) is None


def test_a_whole_answer_lacks_nothing() -> None:
    assert loss(INSTANCES, [page(100, 100)]) is None
    assert loss(SUBNETS, [page(100, 130, name="SubnetSet"), page(30, 130, 100, "SubnetSet")]) is None
    assert loss(calls.rules_of("sg-1"), [{"SecurityGroupPolicySet": {}}]) is None


def test_what_was_asked_for_and_did_not_come_is_named() -> None:
    """Deleted, in another region, or hidden by a right that is limited by tags: never "does not exist"."""
    found = loss(INSTANCES, [page(98, 98)])
    assert found == Loss(98, 98, ("ins-098", "ins-099"))


@pytest.mark.parametrize(
    "pages",
    [
        [page(20, 130, name="SubnetSet")],  # one page saved of several
        [page(100, 130, name="SubnetSet"), page(30, 131, 100, "SubnetSet")],  # one more while it was read
        [page(100, 130, name="SubnetSet"), page(30, 129, 100, "SubnetSet")],  # one fewer: which, nobody knows
        [page(100, 130, name="SubnetSet"), page(30, 130, 99, "SubnetSet")],  # one came twice, so another did not
        [page(100, 130, name="SubnetSet"), page(0, 130, name="SubnetSet")],
        [{**page(3, 3, name="SubnetSet"), "Errors": ["part"]}],
        [{**page(3, 3, name="SubnetSet"), "RealCount": 5}],
    ],
)
def test_counts_that_disagree_are_a_loss(pages: list[dict[str, Any]]) -> None:
    assert loss(SUBNETS, pages) is not None


def test_templates_and_clusters_are_missed_by_their_ids() -> None:
    asked = calls.templates("Address", ["ipm-1", "ipm-2"])[0]
    found = loss(asked, [{"AddressTemplateSet": [{"AddressTemplateId": "ipm-1"}], "TotalCount": 1}])
    assert found is not None
    assert found.missing == ("ipm-2",)
    gone = loss(calls.clusters(["cls-1"]), [{"Clusters": [], "TotalCount": 0}])
    assert gone is not None
    assert gone.missing == ("cls-1",)
