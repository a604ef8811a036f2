"""Causes by kind and place, which a board counts, in words: ``clb ingress + selector``."""

from drilllib.views.phrases.catalog import say

PLACES = ("clb", "node", "pod", "other")
WAYS = ("ingress", "egress")
KINDS = ("nothing", "selector", "not_ready", "target_port", "local_policy", "listener", "weight", "stopped")
_AND = " + "


def label_text(label: str, language: str) -> str:
    """The label in the reader's language; a part that is not known here stands as it is."""
    return _AND.join(_part(each, language) for each in label.split(_AND))


def _part(part: str, language: str) -> str:
    place, _, way = part.partition(" ")
    if place in PLACES and way in WAYS:
        return say(language, f"class.group_{way}", place=say(language, f"class.place_{place}"))
    return say(language, f"class.cause_{part}") if part in KINDS else part
