"""What a snapshot carries is looked at or doubted, never left aside."""

import pytest
from builders import ask, lab
from changes import EVERYTHING, Change, Document, clb_groups, closed, ingress, the_listener

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, VIP
from drilllib.core.facts import FactCode

OPEN = ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"), ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")


def part(name: str, value: object) -> Change:
    def change(document: Document) -> None:
        document[name] = value

    return change


def on_port(number: int) -> Change:
    def change(document: Document) -> None:
        the_listener(document)["Port"] = number

    return change


@pytest.mark.parametrize("name", ["network_acls", "target_groups"])
def test_a_part_that_is_not_known_is_a_doubt(name: str, listener: str) -> None:
    answer = ask(lab(part(name, [{"NetworkAclId": "acl-1"}]), listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "NOT_MODELLED")
    assert name in str(answer.gaps)


@pytest.mark.parametrize("value", [None, [], {}, ""])
def test_an_empty_one_is_none(value: object) -> None:
    assert ask(lab(part("network_acls", value))).gaps == ask(lab()).gaps == ()


def test_what_the_clb_stops_is_stopped_whatever_else_there_is(listener: str) -> None:
    answer = ask(lab(part("network_acls", [{}]), closed(CLB_GROUP), clb_groups(CLB_GROUP), listener=listener))

    assert answer.verdict == "unreachable"


@pytest.mark.parametrize("number", [135, 139, 445])
def test_a_port_that_carriers_filter_may_not_be_reached_from_the_internet(number: int) -> None:
    answer = ask(lab(*OPEN, on_port(number), listener="TCP"), vip=VIP, port=number)

    assert (answer.verdict, [gap.code for gap in answer.gaps]) == ("undetermined", [FactCode.CARRIER_FILTER])


def test_other_ports_are_not_known_to_be_filtered() -> None:
    for number in (134, 446):
        answer = ask(lab(*OPEN, on_port(number), listener="TCP"), vip=VIP, port=number)
        assert FactCode.CARRIER_FILTER not in [gap.code for gap in answer.gaps], number
