"""What the tables call read is what the snapshot's shapes read, and the other way about."""

import pytest
from ledger_places import KINDS
from ledger_shapes import METADATA, SHAPES, covers, fields

from drilllib.core.snapshot import annotations
from drilllib.core.snapshot.ledger.tables import steps
from drilllib.core.snapshot.schema import KUBERNETES

TABLES = {"SecurityGroupPolicy": "SecurityGroupPolicy (pods)"}  # the vendor has two kinds of that name
# Read without a shape: as values that may have any.
SHAPELESS = {
    "NetworkInterface": {"Primary"},
    "Service": {"spec.ports[].targetPort"},
    "NetworkPolicy": {"spec.ingress[].ports[].port"},
    "SecurityGroupPolicy": {"spec.serviceAccountSelector"},
    "Pod": {
        f"spec.{list_}[].{probe}"
        for list_ in ("containers", "initContainers")
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
    },
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_a_shape_reads_is_called_read_or_has_its_values(name: str) -> None:
    """Who teaches the engine a field moves it in the table; docs/fields.md would go on calling it harmless."""
    kind = KINDS[TABLES.get(name, name)]
    known = (*kind.read.split(), *kind.fine)

    assert [each for each in fields(SHAPES[name]) if not any(covers(path, each) for path in known)] == []


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_called_read_has_a_shape(name: str) -> None:
    """A field that nothing reads is no reason for an answer."""
    kind = KINDS[TABLES.get(name, name)]
    shaped = [*fields(SHAPES[name]), *(fields(METADATA) if name in KUBERNETES else ())]
    unread = {
        path for path in kind.read.split() if not any(covers(path, each) or covers(each, path) for each in shaped)
    }

    assert unread == SHAPELESS.get(name, set())


def test_the_annotations_that_the_engine_knows_are_called_read() -> None:
    """All others are harmless, or fine for some values only."""
    known = {value for name, value in vars(annotations).items() if name.isupper() and isinstance(value, str)}
    kinds = (KINDS["Service"], KINDS["Pod"])
    named = {steps(path)[-1] for kind in kinds for path in (*kind.read.split(), *kind.fine) if "annotations" in path}

    assert known - named == set()


def test_a_field_that_is_read_and_called_harmless_is_found() -> None:
    """A comparison that finds nothing protects nothing."""
    assert list(fields({"a?": {"b": [{"c?": int}]}, "d": [str]})) == ["a.b[].c", "d"]
    assert covers("a.b", "a.b[].c")
    assert not covers("a.b", "a.bc")
