"""JSON and YAML from anybody: a cost that the length bounds, and only what JSON has. Calls are counted, not seconds."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from drilllib.documents import parse_json, yaml_document
from drilllib.errors import InvalidInputError
from tests.thorough import thorough

pytest.importorskip("yaml")

Reader = Callable[[str, str], Any]
DEEP = 200_000


def refusal(read: Reader, text: str) -> str:
    with pytest.raises(InvalidInputError) as refused:
        read(text, "it")
    return str(refused.value)


def calls(read: Reader, text: str) -> int:
    """How many functions are called to read it, Python's and C's, whether it is refused or not."""
    count = 0

    def counted(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        read(text, "it")
    except InvalidInputError:
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("depth", [101, 1_000, DEEP])
@pytest.mark.parametrize("unit", ["[", '{"a":', '[{"a":', "[[[], "], ids=str)
@pytest.mark.parametrize("read", [parse_json, yaml_document])
def test_no_depth_is_too_deep_to_be_told(read: Reader, unit: str, depth: int) -> None:
    closed = "".join({"[": "]", "{": "}"}.get(each, "") for each in reversed(unit.replace("[]", "")))

    for text in (unit * depth, f"{unit * depth}1{closed * depth}", f'{{"schema": {unit * depth}1{closed * depth}}}'):
        assert "it " in refusal(read, text)


@pytest.mark.parametrize("unit", ["- ", "? ", "- - ", "&a ", "!!map "], ids=str)
def test_no_depth_of_yamls_own_is_either(unit: str) -> None:
    assert "it cannot be read as YAML" in refusal(yaml_document, unit * DEEP)


@pytest.mark.parametrize("read", [parse_json, yaml_document])
def test_a_hundred_levels_are_read(read: Reader) -> None:
    """An API's answer has twenty."""
    assert json.dumps(read("[" * 99 + "]" * 99, "it")) == "[" * 99 + "]" * 99


def bomb(way: str, width: int, depth: int) -> str:
    """Each line is *width* times the one before: width ** depth values."""
    shapes: dict[str, Callable[[int], str]] = {
        "list": lambda number: f"[{', '.join([f'*a{number}'] * width)}]",
        "object": lambda number: f"{{{', '.join(f'k{each}: *a{number}' for each in range(width))}}}",
        "merge": lambda number: f"{{<<: [{', '.join([f'*a{number}'] * width)}]}}",
        "both": lambda number: f"{{<<: *a{number}, k: [{', '.join([f'*a{number}'] * width)}]}}",
    }
    return "\n".join(["a0: &a0 {x: y}", *(f"a{n + 1}: &a{n + 1} {shapes[way](n)}" for n in range(depth))])


@pytest.mark.parametrize("way", ["list", "object", "merge", "both"])
@pytest.mark.parametrize(("width", "depth"), [(9, 12), (2, 80), (400, 3)])
def test_a_bomb_costs_what_it_is_long(way: str, width: int, depth: int) -> None:
    """Aliases of aliases, which would be up to 2 to the 80th values."""
    text = bomb(way, width, depth)
    tracemalloc.start()
    told = refusal(yaml_document, text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "aliases repeat more than 100000 values" in told
    assert peak < 8 << 20


@pytest.mark.parametrize("way", ["list", "object", "merge", "both"])
def test_a_small_one_is_what_the_aliases_say(way: str) -> None:
    """PyYAML's own reading is the witness."""
    import yaml

    text = bomb(way, 3, 3)
    assert yaml_document(text, "it") == yaml.safe_load(text)


GROWING: dict[str, tuple[Reader, Callable[[int], str]]] = {
    "one key again and again": (yaml_document, lambda size: "a: 1\n" * size),
    "many keys": (yaml_document, lambda size: "".join(f"k{each}: 1\n" for each in range(size))),
    "many keys in one line": (yaml_document, lambda size: f"{{{', '.join(f'k{each}: 1' for each in range(size))}}}"),
    "many anchors": (yaml_document, lambda size: "".join(f"- &a{each} x\n- *a{each}\n" for each in range(size))),
    "many values": (yaml_document, lambda size: f"[{', '.join('1' * size)}]"),
    "one long text": (yaml_document, lambda size: f"a: '{'x ' * size}'"),
    "many lines of one text": (yaml_document, lambda size: "a: |\n" + "  x\n" * size),
    "many comments": (yaml_document, lambda size: "#\n" * size + "a: 1"),
    "many merges": (yaml_document, lambda size: "a: &a {x: 1}\n" + "".join(f"k{n}: {{<<: *a}}\n" for n in range(size))),
    "one key again and again in JSON": (parse_json, lambda size: "{" + ", ".join(['"a": 1'] * size) + "}"),
    "many lists": (parse_json, lambda size: f"[{', '.join(['[]'] * size)}]"),
}


@pytest.mark.parametrize("growing", GROWING)
def test_twice_the_length_is_twice_the_cost(growing: str) -> None:
    read, text = GROWING[growing]
    once, twice = calls(read, text(600)), calls(read, text(1_200))

    assert twice <= 2.1 * once + 100


@pytest.mark.parametrize("count", [2, 1_000, pytest.param(50_000, marks=thorough)])
def test_a_key_that_is_there_often_is_told_once(count: int) -> None:
    assert "the key 'a' is there twice at line 2 column 1" in refusal(yaml_document, "a: 1\n" * count)


@pytest.mark.parametrize("digits", ["9" * 5_000, "-" + "9" * 5_000, "[" + "9" * 4_301 + "]"])
def test_a_number_that_python_will_not_read_is_told(digits: str) -> None:
    assert "a number too long to read" in refusal(parse_json, digits)
    assert "a number is too long to read" in refusal(yaml_document, digits)


@pytest.mark.parametrize("number", ["1" + ":59" * 3_000, "0x" + "f" * 5_000, "1" + "_0" * 5_000, "." + "9" * 5_000])
def test_so_is_one_in_a_form_of_yamls_own(number: str) -> None:
    assert "a number is too long to read" in refusal(yaml_document, f"a: {number}")


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_json_does_not_have_is_no_json(name: str) -> None:
    assert "is no number of JSON" in refusal(parse_json, f"[{name}]")


@pytest.mark.parametrize(
    "tagged",
    [
        *("!!timestamp x", "!!timestamp 2026-01-01", "!!binary aaaa", "!!set {a}", "!!omap [a: 1]", "!!pairs [a: 1]"),
        *("!!python/name:os.system", "!!python/object/apply:os.system [id]", "!x y", "!<tag:x> y", "!!bool x"),
        *("!!int x", "!!float x", "!!null x", "!!map 3", "!!seq {}", "!!str [a]", "!!int 1.5", "!!merge x"),
    ],
)
def test_a_tag_makes_nothing_that_json_does_not_have(tagged: str) -> None:
    """Also in a place where a key stands, and below others."""
    for text in (tagged, f"schema: {tagged}", f"- [{{a: {tagged}}}]"):
        assert "it cannot be read as YAML" in refusal(yaml_document, text)


@pytest.mark.parametrize("name", ["2026-01-01", "yes", "1", "1.5", "~", "190:20:30", "0x1F"])
def test_a_key_is_the_text_that_stands_there(name: str) -> None:
    assert yaml_document(f"{name}: 1", "it") == {name: 1}


def test_a_date_is_the_text_that_stands_there() -> None:
    assert yaml_document("- 2026-01-01\n- 2026-13-45", "it") == ["2026-01-01", "2026-13-45"]


@pytest.mark.parametrize("half", ["\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\ud83d\\\\ude00"])
@pytest.mark.parametrize("read", [parse_json, yaml_document])
def test_half_a_character_is_told(read: Reader, half: str) -> None:
    """Kept, it would stop the first program that writes it."""
    assert "half a character" in refusal(read, f'["{half}"]')
    assert "half a character" in refusal(read, f'[{{"{half}": 1}}]')


def test_a_character_in_two_halves_is_whole() -> None:
    """As JSON writes those beyond U+FFFF; and a backslash that is escaped begins no escape."""
    assert parse_json('["\\ud83d\\ude00", "\\\\ud800"]', "it") == ["\U0001f600", "\\ud800"]
    assert "half a character" in refusal(yaml_document, '["\\ud83d\\ude00"]')
    assert yaml_document('["\\U0001f600", "\\\\ud800", \'\\ud800\']', "it") == ["\U0001f600", "\\ud800", "\\ud800"]
