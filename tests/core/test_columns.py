"""Many objects of a kind are looked at together, and none is taken for plain in which one by one something is found."""

from collections.abc import Mapping
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest
from full_objects import FULL
from ledger_places import KINDS

from drilllib.core.rules.addresses import address_at
from drilllib.core.snapshot.ledger.columns import not_plain
from drilllib.core.snapshot.ledger.tables import doubts_of

VALUES = (None, True, False, 0, 1, 2.5, "", "ON", "Odd", [], ["Odd"], [None], {}, {"odd": 1}, [[{"odd": 1}]], [{}, 1])
SIZES = (1, 3, 6, 40)


def copies(item: Any) -> Any:
    """Another object like that one, which may be changed."""
    if isinstance(item, dict):
        return {name: copies(each) for name, each in item.items()}
    return [copies(each) for each in item] if isinstance(item, list) else item


def places(item: Any) -> list[tuple[Any, Any]]:
    """Every place in an object: what is around it, and its key there."""
    keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
    return [place for key in keys for place in ((item, key), *places(item[key]))]


def spoilt(random: Random, item: Mapping[str, Any]) -> dict[str, Any]:
    """The object with another value somewhere, or with a field that nobody knows."""
    found: dict[str, Any] = copies(item)
    around, key = random.choice(places(found))
    if isinstance(around, dict) and random.random() < 0.2:
        key = "Odd"
    around[key] = random.choice(VALUES)
    return found


@pytest.mark.parametrize("name", sorted(KINDS.keys() & FULL.keys()))
def test_of_those_that_are_plain_together_nothing_is_doubtful(name: str) -> None:
    """Whatever is wrong with some of the others."""
    kind, random = KINDS[name], Random(name)
    for size in SIZES:
        for _ in range(40):
            items = [copies(FULL[name]) for _ in range(size)]
            for place in random.sample(range(size), random.randint(0, min(size, 3))):
                items[place] = spoilt(random, items[place])
            found = {id(each) for each in not_plain(kind, items)}
            doubtful = {id(each) for each in items if doubts_of(kind, each, "it")}
            assert doubtful <= found


def test_of_many_plain_objects_none_is_looked_at_alone() -> None:
    nodes = [copies(FULL["Node"]) for _ in range(40)]
    assert not_plain(KINDS["Node"], nodes) == []
    nodes[17]["spec"]["odd"] = 1
    assert not_plain(KINDS["Node"], nodes) == [nodes[17]]


def test_a_label_that_counts_by_being_there_counts_without_a_value() -> None:
    services: list[Any] = [copies(FULL["Service"]) for _ in range(40)]
    services[3]["metadata"]["labels"] = {"service.kubernetes.io/headless": ""}
    assert services[3] in not_plain(KINDS["Service"], services)


TEXTS = [
    *("10.0.0.1", "0.0.0.0", "255.255.255.255", "10.0.0.256", "10.0.0", "10.0.0.1.2", "010.0.0.1", "10.0.0.01", ""),
    *(
        "10.0.0.-1",
        "+10.0.0.1",
        " 10.0.0.1",
        "10.0.0.1 ",
        "1_0.0.0.1",
        "\uff11.2.3.4",
        "10.0.0.1/32",
        "::1",
        "2001:DB8::1",
    ),
    *("fe80::1%eth0", "::ffff:10.0.0.1", "10", "0x0a.0.0.1", "1e1.0.0.1"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_an_address_is_read_as_the_standard_library_reads_it(text: str) -> None:
    try:
        wanted = ip_address(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"does not appear"):
            address_at(text)
        return
    found = address_at(text)
    assert (found, hash(found), str(found), repr(found)) == (wanted, hash(wanted), str(wanted), repr(wanted))
    assert (found.version, int(found), found + 1 if int(wanted) < 9**9 else 0) == (
        wanted.version,
        int(wanted),
        wanted + 1 if int(wanted) < 9**9 else 0,
    )
