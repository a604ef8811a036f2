"""Every catalogue says what the code can say, no more, with the same blanks; every code is explained and sourced."""

from copy import deepcopy
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.mofile import read_mo

from drilllib.core.facts import FactCode
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.findings import FindingCode
from drilllib.views.phrases.catalog import LANGUAGES, say, translate
from tests.messages import SOURCE, catalog_file, keys, main, messages, mo, read, sentences, updated, wanted

CODES = (*Reason, *Assumption, *FindingCode)
DOCS = Path(__file__).parents[2] / "docs" / "codes.md"
OTHERS = [language for language in LANGUAGES if language != SOURCE]


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def with_other_blanks(catalog: dict[str, str], english: dict[str, str]) -> list[str]:
    """The keys whose sentence has other blanks than the English one; a sentence in English is its own key."""
    return [key for key, text in catalog.items() if text and blanks(text) != blanks(english.get(key, key))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_what_the_code_can_say_and_no_more(language: str) -> None:
    """A key without a sentence is shown bare; a sentence that nothing says is translated in vain. `make messages`."""
    assert [*messages(read(language))] == wanted(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_a_sentence(language: str) -> None:
    """A reader must not meet a bare key such as ``fix.not_enough``, nor an error in another language."""
    assert [key for key, text in messages(read(language)).items() if not text] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_blanks_of_the_english_sentence(language: str) -> None:
    """A blank missing in one language would drop a fact for half of the readers; one with another name is a crash."""
    assert with_other_blanks(messages(read(language)), messages(read(SOURCE))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_one_that_is_edited(language: str) -> None:
    """The compiled one is what readers get; it is committed, so that a checkout needs no Babel. `make messages`."""
    compiled = catalog_file(language).with_suffix(".mo").read_bytes()

    assert messages(read_mo(BytesIO(compiled))) == {key: text for key, text in messages(read(language)).items() if text}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_in_both_languages_and_in_the_docs(code: str) -> None:
    """A code without words helps nobody at night."""
    assert all(messages(read(language))[code] for language in LANGUAGES)
    assert f"`{code}`" in DOCS.read_text(encoding="utf-8")


def test_a_missing_key_is_found(tmp_path: Path) -> None:
    """A check that never fails protects nothing."""
    plant(tmp_path, 'say(language, "planted")\nsay(language, "this" if planted else "that")\nStatement("PLANTED.on")')

    assert {"planted", "this", "that", "PLANTED.on"} <= keys(tmp_path)
    assert {"planted", "this", "that", "PLANTED.on"} <= {*wanted(SOURCE, tmp_path)}


def test_a_key_put_together_of_unknown_parts_is_refused(tmp_path: Path) -> None:
    """What cannot be checked has to be listed in ENDINGS first."""
    plant(tmp_path, 'say(language, f"planted_{which}")')

    with pytest.raises(KeyError, match="planted_"):
        keys(tmp_path)


def test_an_unused_message_is_found(tmp_path: Path) -> None:
    """Where the code is gone that says it, `make messages` drops it."""
    plant(tmp_path, 'say(language, "headline")')

    assert "headline" in wanted(SOURCE, tmp_path)
    assert "quiz_help" not in wanted(SOURCE, tmp_path)
    assert "quiz_help" not in messages(updated(read("zh"), wanted("zh", tmp_path)))


def test_the_sentences_of_errors_are_found(tmp_path: Path) -> None:
    """The first argument and the remedy, of every class that derives from DrillError, also where it calls its base."""
    source = """
class OddError(InvalidInputError):
    def __init__(self, name):
        super().__init__("{name} is odd", remedy="Make it even", name=name)
class InvalidInputError(errors.DrillError): ...
raise InvalidInputError("{name} is wrong" if name else "It is wrong", remedy=Message("Use {one}", one=1))
raise ValueError("not for people")
raise InvalidInputError(f"{name} is old", remedy=why)
"""
    plant(tmp_path, source)

    assert {*sentences(tmp_path)} - {*FactCode, *GradeCode} == {
        "{name} is odd",
        "Make it even",
        "{name} is wrong",
        "It is wrong",
        "Use {one}",
    }
    assert "Use {one}" in wanted("zh", tmp_path)
    assert "Use {one}" not in wanted(SOURCE, tmp_path)


def test_a_renamed_blank_is_found() -> None:
    """It would raise KeyError in one language only."""
    english = {"key": "{one} and {two:g}"}

    assert with_other_blanks({"key": "{two} {one}", "{a} is {b}": "{b} {a}", "no": ""}, english) == []
    assert with_other_blanks({"key": "{one} {drei}", "{a} is {b}": "{a}"}, english) == ["key", "{a} is {b}"]


def test_a_stale_compiled_catalogue_is_found() -> None:
    """Else the comparison above would compare nothing."""
    catalog = deepcopy(read("zh"))
    before = messages(read_mo(BytesIO(mo(catalog))))
    catalog["client"].string = "别的"

    assert {*before.items()} ^ {*messages(read_mo(BytesIO(mo(catalog)))).items()} == {
        ("client", "客户端"),
        ("client", "别的"),
    }


def test_a_language_is_added_by_translating_a_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONTRIBUTING.md promises: copy a .po, translate it, name the language in LANGUAGES, make messages."""
    for language, source in (("en", "en"), ("xx", "zh")):
        copied = tmp_path / language / "LC_MESSAGES" / "drilllib.po"
        copied.parent.mkdir(parents=True)
        copied.write_bytes(catalog_file(source).read_bytes())
    monkeypatch.setattr("tests.messages.LANGUAGES", ("en", "xx"))
    for module in ("tests.messages", "drilllib.views.phrases.catalog"):
        monkeypatch.setattr(f"{module}.LOCALE", tmp_path)

    main()

    assert say("xx", "no_groups") == "无"


def test_what_nobody_translated_is_said_in_english() -> None:
    """Better a sentence in another language than none."""
    assert translate("{planted} is wrong", "zh") == "{planted} is wrong"
    assert say("zh", "version", group="sg-a", version=3) == "sg-a 当前版本为 3"


def plant(root: Path, source: str) -> None:
    (root / "planted.py").write_text(source, encoding="utf-8")
