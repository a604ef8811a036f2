"""What is typed into the panel's fields becomes that rule, or is answered in words beside the field."""

import pytest

from drilllib.views.panel.rule_form import errors_of, rule_of
from drilllib.views.phrases.catalog import LANGUAGES

GOOD = {"action": "ACCEPT", "protocol": "TCP", "peer": "203.0.113.0/24", "port": "80"}


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "ACCEPT TCP 203.0.113.0/24 80"),
        ({"port": " 80, 443 "}, "ACCEPT TCP 203.0.113.0/24 80,443"),
        ({"peer": "２０３．０．１１３．０/24", "port": "80，443"}, "ACCEPT TCP 203.0.113.0/24 80,443"),
        ({"peer": "sg-other001"}, "ACCEPT TCP sg-other001 80"),
        ({"action": "DROP", "protocol": "ALL", "port": "80"}, "DROP ALL 203.0.113.0/24 ALL"),
        ({"protocol": "ICMP", "port": ""}, "ACCEPT ICMP 203.0.113.0/24"),
        ({"peer": "2001:db8::/32", "port": "all"}, "ACCEPT TCP 2001:db8::/32 ALL"),
    ],
)
def test_a_good_rule_is_read(changed: dict, text: str) -> None:
    assert rule_of({**GOOD, **changed}).text == text
    assert errors_of({**GOOD, **changed}, "en") == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"peer": ""}, {"peer"}),
        ({"peer": "everyone"}, {"peer"}),
        ({"peer": "10.0.0.0/8 80"}, {"peer"}),
        ({"port": ""}, {"port"}),
        ({"port": "0"}, {"port"}),
        ({"port": "443-80"}, {"port"}),
        ({"port": "70000", "peer": "10.0.0.0/33"}, {"peer", "port"}),
        ({"protocol": "ICMP", "peer": "2001:db8::1"}, {"peer"}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changed: dict, fields: set, language: str) -> None:
    errors = errors_of({**GOOD, **changed}, language)

    assert set(errors) == fields
    for field, words in errors.items():
        assert str(changed.get(field, GOOD[field])).strip()[:5] in words


def test_a_page_that_sends_nonsense_is_told_so() -> None:
    assert errors_of({}, "en")
