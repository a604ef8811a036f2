"""
terraform/ as a plan would see it: expressions worked out, dynamic blocks written out; and the provider's schema.

Resources that do not exist yet stand in with a placeholder for every attribute that the schema names.
"""

import json
from collections import ChainMap, Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "terraform"
SCHEMA = json.loads((Path(__file__).parent / "provider-schema.json").read_text(encoding="utf-8"))
FILES = hcl.read(FOLDER)
REQUIRED = {"region": "ap-guangzhou", "cluster_id": "cls-lab00001", "subnet_ids": ["subnet-lab00001"]}
NO_ARGUMENTS = ("for_each", "depends_on")  # Terraform's own, no provider's
TYPES = {"string": str, "bool": bool, "number": int}


@dataclass(frozen=True)
class Written:
    """A block with values in the place of expressions."""

    kind: str
    arguments: dict[str, Any]
    blocks: tuple["Written", ...]

    def each(self, kind: str) -> list["Written"]:
        return [block for block in self.blocks if block.kind == kind]


def variables(**given: Any) -> dict[str, Any]:
    """Defaults, and an example of what has none."""
    declared = {block.labels[0]: block.attributes for block in FILES.each("variable")}
    defaults = {
        name: hcl.evaluate(attributes["default"], {})
        for name, attributes in declared.items()
        if "default" in attributes
    }
    return {**REQUIRED, **defaults, **given}


def scope(files: hcl.Block = FILES, **given: Any) -> dict[str, Any]:
    """What the expressions of *files* can name."""
    names: dict[str, Any] = {"var": variables(**given)}
    expressions = {name: tree for block in files.each("locals") for name, tree in block.attributes.items()}
    names["local"] = hcl.Locals(expressions, names)
    for block in files.each("resource"):
        kind, name = block.labels
        known = {key: _placeholder(kind, key) for key in _keys(block, names)}
        names.setdefault(kind, {})[name] = known
    return names


def _keys(block: hcl.Block, names: Mapping[str, Any]) -> dict[str, Any]:
    return hcl.evaluate(block.attributes["for_each"], names)


def _placeholder(kind: str, key: str) -> dict[str, Any]:
    attributes = SCHEMA["resources"][kind]["attributes"]
    texts = {name: f"{kind}.{key}.{name}" for name, each in attributes.items() if each["type"] == "string"}
    return {name: texts.get(name, TYPES.get(each["type"], list)()) for name, each in attributes.items()}


def resources(files: hcl.Block = FILES, **given: Any) -> dict[str, Written]:
    """Every resource by its address: ``tencentcloud_security_group.drill["clb"]``."""
    names = scope(files, **given)
    return {
        f'{".".join(block.labels)}["{key}"]': written(
            block, block.labels[0], ChainMap({"each": {"key": key, "value": value}}, names)
        )
        for block in files.each("resource")
        for key, value in _keys(block, names).items()
    }


def outputs(**given: Any) -> dict[str, Any]:
    names = scope(**given)
    return {block.labels[0]: hcl.evaluate(block.attributes["value"], names) for block in FILES.each("output")}


def written(block: hcl.Block, kind: str, names: Mapping[str, Any]) -> Written:
    arguments = {name: hcl.evaluate(tree, names) for name, tree in block.attributes.items() if name not in NO_ARGUMENTS}
    return Written(kind, arguments, tuple(inner for each in block.blocks for inner in _inner(each, names)))


def _inner(block: hcl.Block, names: Mapping[str, Any]) -> Iterator[Written]:
    if block.kind != "dynamic":
        yield written(block, block.kind, names)
        return
    (content,) = block.each("content")
    for key, value in enumerate(hcl.evaluate(block.attributes["for_each"], names)):
        one = ChainMap({block.labels[0]: {"key": key, "value": value}}, names)
        yield written(content, block.labels[0], one)


def objections(block: Written, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Where *block* is not what the provider takes."""
    known, nested = schema["attributes"], schema.get("blocks", {})
    for name, value in block.arguments.items():
        if name not in known:
            yield f"{place} has no argument {name}"
        elif not known[name].keys() & {"optional", "required"}:
            yield f"{place}.{name} is computed"
        elif not _fits(value, known[name]["type"]):
            yield f"{place}.{name} is {value!r}, not {known[name]['type']}"
    for name in (name for name, each in known.items() if each.get("required") and name not in block.arguments):
        yield f"{place} lacks {name}"
    counts = Counter(inner.kind for inner in block.blocks)
    yield from (f"{place} has no block {name}" for name in counts.keys() - nested.keys())
    for name, each in nested.items():
        if not each.get("min_items", 0) <= counts[name] <= each.get("max_items", counts[name]):
            yield f"{place} has {counts[name]} blocks {name}"
        for inner in block.each(name):
            yield from objections(inner, each, f"{place}.{name}")


def _fits(value: Any, kind: str) -> bool:
    """Whether a value has the schema's type; Terraform would convert some others, and none of them is needed here."""
    outer, _, inner = kind.rstrip(")").partition("(")
    if inner:
        return isinstance(value, list) and all(_fits(each, inner) for each in value)
    return isinstance(value, TYPES[outer]) and isinstance(value, bool) == (outer == "bool")
