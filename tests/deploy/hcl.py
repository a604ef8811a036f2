"""
Reads Terraform files without Terraform, far enough for the checks of this folder.

python-hcl2 gives the syntax tree; `evaluate` works out an expression as Terraform would, for the few kinds of
expression and the few functions that terraform/ uses. Anything else is a KeyError that names it, never a guess.
"""

import json
import math
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

import hcl2
from lark import Tree


@dataclass(frozen=True)
class Block:
    """``kind "label" { ... }``; expressions stay syntax trees."""

    kind: str
    labels: tuple[str, ...]
    attributes: dict[str, Tree]
    blocks: tuple["Block", ...]

    def each(self, kind: str) -> Iterator["Block"]:
        return (block for block in self.blocks if block.kind == kind)

    def everywhere(self) -> Iterator[Tree]:
        """Every expression in it, however deep."""
        yield from self.attributes.values()
        for block in self.blocks:
            yield from block.everywhere()


def read(folder: Path) -> Block:
    """All files of a folder as one block, as Terraform takes them."""
    return parse(*(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf"))))


def parse(*texts: str) -> Block:
    """The texts of files as one block."""
    bodies = [_body(hcl2.parses_to_tree(text).children[0]) for text in texts]
    return Block("files", (), {}, tuple(block for _, blocks in bodies for block in blocks))


def assignments(text: str) -> dict[str, Any]:
    """The values of a tfvars file."""
    attributes, _ = _body(hcl2.parses_to_tree(text).children[0])
    return {name: evaluate(tree, {}) for name, tree in attributes.items()}


def _body(tree: Tree) -> tuple[dict[str, Tree], tuple[Block, ...]]:
    attributes: dict[str, Tree] = {}
    blocks = []
    for child in _meaningful(tree):
        parts = _meaningful(child)
        if child.data == "attribute":
            assert _name(parts[0]) not in attributes, f"{_name(parts[0])} is set twice"
            attributes[_name(parts[0])] = parts[-1]
        else:
            kind, *labels = [_name(part) for part in parts[:-1]]
            blocks.append(Block(kind, tuple(labels), *_body(parts[-1])))
    return attributes, tuple(blocks)


def _meaningful(tree: Tree) -> list[Tree]:
    """A node's children without punctuation, line ends and comments."""
    return [child for child in tree.children if isinstance(child, Tree) and child.data != "new_line_or_comment"]


def _name(tree: Tree) -> str:
    return evaluate(tree, {}) if tree.data == "string" else str(tree.children[0])


def references(tree: Tree) -> set[str]:
    """What an expression names: ``var.region``, ``local.pools``."""
    found = set()
    for node in tree.iter_subtrees():
        if node.data == "get_attr_expr_term":
            base, attribute = _meaningful(node)
            identifier = _meaningful(base)[0]
            if identifier.data == "identifier":
                found.add(f"{identifier.children[0]}.{_name(_meaningful(attribute)[0])}")
    return found


class Locals(Mapping):
    """The locals, each worked out when it is asked for."""

    def __init__(self, expressions: Mapping[str, Tree], scope: dict[str, Any]) -> None:
        self._expressions = expressions
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        return evaluate(self._expressions[name], self._scope)

    def __iter__(self) -> Iterator[str]:
        return iter(self._expressions)

    def __len__(self) -> int:
        return len(self._expressions)


def evaluate(tree: Tree, scope: Mapping[str, Any]) -> Any:
    """The value of an expression; *scope* holds ``var``, ``local``, ``each`` and the resources."""
    return _KINDS[tree.data](_meaningful(tree), scope, tree)


def _string(parts: list[Tree], scope: Mapping[str, Any], _: Tree) -> str:
    pieces = []
    for part in parts:
        inner = part.children[0]
        if isinstance(inner, Tree):
            pieces.append(_text(evaluate(_meaningful(inner)[0], scope)))
        else:
            pieces.append(json.loads(f'"{inner}"'))
    return "".join(pieces)


def _text(value: Any) -> str:
    assert isinstance(value, str | int), value
    return str(value)


def _object(parts: list[Tree], scope: Mapping[str, Any], _: Tree) -> dict[str, Any]:
    result = {}
    for element in parts:
        key, value = _meaningful(element)
        term = _meaningful(_meaningful(key)[0])[0]
        result[_name(term)] = evaluate(value, scope)
    return result


def _for(parts: list[Tree], scope: Mapping[str, Any], _: Tree) -> list[Any]:
    intro, body = parts
    variable, collection = _meaningful(intro)
    return [evaluate(body, ChainMap({_name(variable): each}, scope)) for each in evaluate(collection, scope)]


def _binary(parts: list[Tree], scope: Mapping[str, Any], _: Tree) -> Any:
    left, (operator, right) = parts[0], _meaningful(parts[1])
    sign = str(operator.children[0])
    first = evaluate(left, scope)
    if sign == "&&":
        return first and evaluate(right, scope)
    compare = {"==": "__eq__", ">": "__gt__", ">=": "__ge__", "<=": "__le__"}[sign]
    return getattr(first, compare)(evaluate(right, scope))


def _call(parts: list[Tree], scope: Mapping[str, Any], _: Tree) -> Any:
    name = _name(parts[0])
    arguments = _meaningful(parts[1]) if len(parts) > 1 else []
    if name in ("can", "try"):
        try:
            value = evaluate(arguments[0], scope)
        except ValueError:
            return False if name == "can" else evaluate(arguments[1], scope)
        return True if name == "can" else value
    return _FUNCTIONS[name](*(evaluate(each, scope) for each in arguments))


def _regex(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(text)
    return found[0]


def _netmask(block: str) -> str:
    return str(IPv4Network(block if "/" in block else f"not a block: {block}", strict=False).netmask)


def _host(block: str, number: int) -> str:
    return str(ip_network(block, strict=False)[number])


_FUNCTIONS = {
    "alltrue": all,
    "cidrhost": _host,
    "cidrnetmask": _netmask,
    "concat": lambda *lists: [each for one in lists for each in one],
    "contains": lambda values, value: value in values,
    "distinct": lambda values: list(dict.fromkeys(values)),
    "floor": math.floor,
    "length": len,
    "regex": _regex,
    "split": lambda separator, text: text.split(separator),
    "tostring": _text,
}
_KINDS = {
    "binary_op": _binary,
    "braces_index": lambda parts, scope, _: evaluate(parts[0], scope),
    "expr_term": lambda parts, scope, _: evaluate(parts[0], scope),
    "for_tuple_expr": _for,
    "function_call": _call,
    "get_attr_expr_term": lambda parts, scope, _: evaluate(parts[0], scope)[_name(_meaningful(parts[1])[0])],
    "identifier": lambda _, scope, tree: scope[str(tree.children[0])],
    "index_expr_term": lambda parts, scope, _: evaluate(parts[0], scope)[evaluate(parts[1], scope)],
    "int_lit": lambda _, scope, tree: int(tree.children[0]),
    "literal_value": lambda _, scope, tree: {"true": True, "false": False, "null": None}[str(tree.children[0])],
    "object": _object,
    "string": _string,
    "tuple": lambda parts, scope, _: [evaluate(part, scope) for part in parts],
}
