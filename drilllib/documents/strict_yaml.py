"""
PyYAML's safe loader, which refuses what would be lost, cost more than it is long, or is not of JSON.

By itself it keeps the last of two equal keys, follows aliases of aliases, and has classes of its own for dates and
sets. It calls itself for every level, so that levels are counted.
"""

from typing import Any, NoReturn

import yaml
from yaml.composer import ComposerError

from drilllib.core.snapshot.reuse import DEEPEST
from drilllib.errors import Message, quoted

MOST_REPEATED = 100_000  # values that aliases may add to those that are written
LONGEST_NUMBER = 400  # characters
_TAG = "tag:yaml.org,2002:"
_PLAIN = frozenset(f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "merge"))
_NUMBERS = (f"{_TAG}int", f"{_TAG}float")


class StrictLoader(yaml.SafeLoader):
    """Raises ComposerError, whose problem is a `Message`, before anything is made of the document."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._open, self._values, self._repeated = 0, 0, 0
        self._sizes: dict[int, int] = {}  # how many values a node is, with those that its aliases repeat

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node, with the levels and values counted."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            return self._again(super().compose_node(parent, index), event)
        before, self._values, self._open = self._values, self._values + 1, self._open + 1
        if self._open > DEEPEST:
            _refuse(Message("it nests too deeply, in more than {levels} levels", levels=DEEPEST), event)
        node = super().compose_node(parent, index)
        self._open -= 1
        self._sizes[id(node)] = self._values - before
        return node

    def _again(self, node: Any, event: Any) -> Any:
        """The node that an alias repeats."""
        if id(node) not in self._sizes:
            _refuse(Message("the alias {name} stands in what it names", name=quoted(event.anchor)), event)
        self._values += self._sizes[id(node)]
        self._repeated += self._sizes[id(node)]
        if self._repeated > MOST_REPEATED:
            _refuse(Message("aliases repeat more than {most} values", most=MOST_REPEATED), event)
        return node

    def compose_scalar_node(self, anchor: Any) -> Any:
        """A scalar: what only looks like a date is text."""
        written = self.peek_event().tag
        node = super().compose_scalar_node(anchor)
        if written in (None, "!"):
            node.tag = node.tag if node.tag in _PLAIN else f"{_TAG}str"
        elif written != f"{_TAG}str":
            self._require_fitting(_plain(node))
        if node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
            _refuse(Message("a number is too long to read"), node)
        return node

    def _require_fitting(self, node: Any) -> None:
        """Is the value of a tag that was written one that would be read so without it?"""
        found = self.resolve(yaml.ScalarNode, node.value, (True, False))
        if found != node.tag and (found, node.tag) != _NUMBERS:
            name = node.tag.removeprefix(_TAG)
            _refuse(Message("{value} is no {name}", value=quoted(node.value), name=name), node)

    def compose_sequence_node(self, anchor: Any) -> Any:
        """A list."""
        return _plain(super().compose_sequence_node(anchor))

    def compose_mapping_node(self, anchor: Any) -> Any:
        """An object: its keys are texts, as in JSON, whatever they look like, and none is there twice."""
        node, names = _plain(super().compose_mapping_node(anchor)), set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                _refuse(Message("a key is a list or an object"), key)
            if key.value in names:
                _refuse(Message("the key {key} is there twice", key=quoted(key.value)), key)
            names.add(key.value)
            key.tag = key.tag if key.tag == f"{_TAG}merge" else f"{_TAG}str"
        return node


def _plain(node: Any) -> Any:
    """The node, whose tag is one of those that JSON's values have."""
    if node.tag not in _PLAIN:
        _refuse(Message("the tag {tag} is not read here", tag=quoted(node.tag.replace(_TAG, "!!"))), node)
    return node


def _refuse(problem: Message, where: Any) -> NoReturn:
    raise ComposerError(None, None, problem, where.start_mark)
