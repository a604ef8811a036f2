"""Both languages say everything, and every code is explained and sourced."""

from pathlib import Path
from string import Formatter

import pytest

from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.findings import FindingCode
from drilllib.views.phrases.catalog import LANGUAGES, PHRASES

CODES = (*Reason, *Assumption, *FindingCode)
DOCS = Path(__file__).parents[2] / "docs" / "codes.md"


def blanks(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_both_languages_have_the_same_phrases_with_the_same_blanks() -> None:
    """A blank missing in one language would drop a fact for half of the readers."""
    assert PHRASES["zh"].keys() == PHRASES["en"].keys()
    for key in PHRASES["en"]:
        assert blanks(PHRASES["zh"][key]) == blanks(PHRASES["en"][key]), key


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_both_languages_and_in_the_docs(code: str) -> None:
    """A code without words helps nobody at night."""
    assert all(PHRASES[language][code] for language in LANGUAGES)
    assert f"`{code}`" in DOCS.read_text(encoding="utf-8")
