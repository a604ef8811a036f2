"""Changes as data: what differs between two documents makes the one into the other; other operations are refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drilllib.core.practice.replay import with_patch
from drilllib.core.snapshot.patch import applied, difference, part_of
from drilllib.errors import InvalidInputError
from tests.core.hand_made_worlds import WORLDS

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["", "a", "a/b", "~", "~1", "0", "-"])
    | st.floats(0, 1)
)
DOCUMENTS = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["a", "b", "/", "~0", "0", ""]), inner),
    max_leaves=20,
)


def text(document: Any) -> str:
    """So that 1, 1.0 and true differ."""
    return json.dumps(document, sort_keys=True)


@given(DOCUMENTS, DOCUMENTS)
def test_the_difference_makes_the_one_document_into_the_other_both_ways(one: Any, other: Any) -> None:
    """Replayed, a log is what was played."""
    before = text(one), text(other)

    assert text(applied(one, difference(one, other))) == text(other)
    assert text(applied(other, difference(other, one))) == text(one)
    assert (text(one), text(other)) == before


@given(DOCUMENTS)
def test_equal_documents_do_not_differ(one: Any) -> None:
    """A change that is none is not kept."""
    assert difference(one, json.loads(json.dumps(one))) == []


@pytest.mark.parametrize("name", WORLDS)
def test_a_worlds_reference_is_replayed_in_every_part(name: str) -> None:
    """What real repairs change: rules, bindings, listeners, objects."""
    start, reference = WORLDS[name].snapshot, WORLDS[name].reference

    there = with_patch(start, difference(start.to_dict(), reference.to_dict()))
    back = with_patch(there, difference(reference.to_dict(), start.to_dict()))

    assert (there.to_dict(), back.to_dict()) == (reference.to_dict(), start.to_dict())


# RFC 6902, appendix A: what is of the three operations.
@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
        ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
        ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
        ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"x": {}}}], {"foo": "bar", "child": {"x": {}}}),
        ({"/": 9, "~1": 10}, [{"op": "replace", "path": "/~01", "value": 11}], {"/": 9, "~1": 11}),
        ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc"]}], {"foo": ["bar", ["abc"]]}),
    ],
)
def test_the_standards_own_examples(document: Any, patch: list[dict[str, Any]], expected: Any) -> None:
    """A witness that is not our own differ."""
    assert applied(document, patch) == expected


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "add", "path": "/baz/bat", "value": 1}, "no place"),  # A.12
        ({"op": "remove", "path": "/none"}, "no place"),
        ({"op": "replace", "path": "/none", "value": 1}, "no place"),
        ({"op": "add", "path": "/foo/3", "value": 1}, "no place"),
        ({"op": "add", "path": "/foo/01", "value": 1}, "no place"),
        ({"op": "remove", "path": "/foo/-"}, "no place"),
        ({"op": "remove", "path": "/foo/-1"}, "no place"),
        ({"op": "add", "path": "/foo/\u0661", "value": 1}, "no place"),
        ({"op": "add", "path": "/foo/0"}, "no place"),
        ({"op": "add", "path": "foo", "value": 1}, "no place"),
        ({"op": "add", "value": 1}, "no place"),
        ({"op": "copy", "path": "/a", "from": ""}, "The operation is 'copy'"),
        ({"op": ["add"], "path": "/a"}, "The operation is"),
        ({"path": "/a"}, "The operation is None"),
    ],
)
def test_what_fits_nothing_is_refused(operation: dict[str, Any], said: str) -> None:
    """One clear line, never another document than the log says."""
    with pytest.raises(InvalidInputError, match=said):
        applied({"foo": ["bar", "baz"]}, [operation])


def test_the_part_that_a_pointer_leads_into_is_its_first_name() -> None:
    """So that a change of one part has nothing else read again."""
    assert [part_of(path) for path in ("/a/b", "/~1~0", "/", "")] == ["a", "/~", "", ""]
