"""Missing facts in the reader's language."""

from collections.abc import Iterable
from functools import partial

from drilllib.core.facts import Fact, several
from drilllib.views.phrases.catalog import translate


def fact_text(fact: Fact, language: str) -> str:
    """A missing fact, or the several of one check."""
    return fact.message.text(partial(translate, language=language))


def facts_text(facts: Iterable[Fact], language: str) -> str:
    """Several missing facts on one line; there is at least one."""
    return fact_text(several(facts), language)
