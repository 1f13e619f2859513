"""A tree of values with their places, built from a stream of starts, ends and scalars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from codegen.contract import Json, Source
from codegen.diagnostics import Diagnostic
from codegen.document import Key

MAX_DEPTH = 100
"""Mappings and lists within each other; deeper ones are no document that anybody wrote."""
MAX_ALIASED = 200_000
"""Values that aliases may add to a file before it counts as an attack."""

Positions = Mapping[tuple[Key, ...], tuple[int, int]]
Mark = tuple[int, int]


class StopError(Exception):
    """The text makes no sense from here on; the finding has been recorded."""


@dataclass(slots=True, eq=False)
class Node:
    """A value, where it was written, and the nodes of what it holds."""

    data: Json
    mark: Mark
    key: str | None = None
    """A scalar as it is called when it is a key."""
    merges: bool = False
    """Whether this is a `<<` that merges when it is a key."""
    members: dict[str, tuple[Mark, Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    size: int = 1
    depth: int = 0


@dataclass(slots=True, eq=False)
class Frame:
    """A mapping or list that has not come to its end."""

    node: Node
    is_mapping: bool
    anchor: str | None
    key: Node | None = None
    merged: list[tuple[str, Mark, Node]] = field(default_factory=list)


class Builder:
    """Makes nodes from a stream of starts, ends and scalars, whatever syntax they came in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.diagnostics: list[Diagnostic] = []
        self.root: Node | None = None
        self.last: Mark = (1, 1)
        """Where the latest value was found."""
        self._stack: list[Frame] = []
        self._anchors: dict[str, Node | None] = {}
        self._aliased = 0

    def report(self, mark: Mark, rule: str, message: str) -> None:
        """Note a finding; reading goes on."""
        self.diagnostics.append(Diagnostic(Source(self.name, *mark), rule, message))

    def stop(self, mark: Mark, rule: str, message: str) -> NoReturn:
        """Note a finding after which the text makes no sense."""
        self.report(mark, rule, message)
        raise StopError

    def start(self, mark: Mark, *, is_mapping: bool, anchor: str | None = None) -> None:
        """Enter a mapping or a list."""
        if len(self._stack) >= MAX_DEPTH:
            self.stop(mark, "too-deep", f"more than {MAX_DEPTH} mappings and lists within each other")
        if anchor is not None:
            self._anchors[anchor] = None
        data: Json = {} if is_mapping else []
        self._stack.append(Frame(Node(data, mark), is_mapping, anchor))

    def end(self) -> None:
        """Leave the innermost mapping or list."""
        frame = self._stack.pop()
        for key, mark, node in frame.merged:
            if key not in frame.node.members:
                self._put(frame.node, key, mark, node)
        if frame.anchor is not None:
            self._anchors[frame.anchor] = frame.node
        self._add(frame.node)

    def scalar(
        self, value: Json, mark: Mark, *, key: str, merges: bool = False, anchor: str | None = None
    ) -> None:
        """Take a scalar: `value`, or `key` where it turns out to be one."""
        node = Node(value, mark, key, merges)
        if anchor is not None:
            self._anchors[anchor] = node
        self._add(node)

    def alias(self, name: str, mark: Mark) -> None:
        """Take the value that an anchor names."""
        if name not in self._anchors:
            self.report(mark, "unknown-anchor", f"no anchor is called &{name} before this place")
            self._add(Node(None, mark, ""))
            return
        node = self._anchors[name]
        if node is None:
            self.report(mark, "recursive-alias", f"*{name} stands inside the value that &{name} names")
            self._add(Node(None, mark, ""))
            return
        self._aliased += node.size
        if self._aliased > MAX_ALIASED:
            self.stop(mark, "too-many-aliases", f"aliases make more than {MAX_ALIASED} values of this file")
        if len(self._stack) + node.depth > MAX_DEPTH:
            self.stop(mark, "too-deep", f"*{name} makes more than {MAX_DEPTH} levels within each other")
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        frame = self._stack[-1]
        if not frame.is_mapping:
            parent = frame.node
            parent.items.append(node)
            parent.size += node.size
            parent.depth = max(parent.depth, node.depth + 1)
            assert isinstance(parent.data, list)
            parent.data.append(node.data)
        elif frame.key is None:
            frame.key = node
        else:
            key, frame.key = frame.key, None
            self._member(frame, key, node)

    def _member(self, frame: Frame, key: Node, node: Node) -> None:
        if key.merges:
            self._merge(frame, key, node)
        elif key.key is None:
            self.report(key.mark, "key-type", "a key is a text; here it is a mapping or a list")
        elif key.key in frame.node.members:
            first = frame.node.members[key.key][0]
            self.report(
                key.mark, "duplicate-key", f'"{key.key}" is given twice (first at {first[0]}:{first[1]})'
            )
        else:
            self._put(frame.node, key.key, key.mark, node)

    def _merge(self, frame: Frame, key: Node, node: Node) -> None:
        sources = node.items if isinstance(node.data, list) else [node]
        for source in sources:
            if not isinstance(source.data, dict):
                self.report(key.mark, "merge-type", "<< takes a mapping, or a list of mappings")
                return
            for name, (mark, member) in source.members.items():
                frame.merged.append((name, mark, member))

    @staticmethod
    def _put(parent: Node, key: str, mark: Mark, node: Node) -> None:
        assert isinstance(parent.data, dict)
        parent.data[key] = node.data
        parent.members[key] = (mark, node)
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)


def positions_of(root: Node) -> Positions:
    """Line and column of every value below a node, by pointer."""
    found: dict[tuple[Key, ...], Mark] = {(): root.mark}
    waiting: list[tuple[tuple[Key, ...], Node]] = [((), root)]
    while waiting:
        pointer, node = waiting.pop()
        for key, (mark, member) in node.members.items():
            found[(*pointer, key)] = mark
            waiting.append(((*pointer, key), member))
        for index, item in enumerate(node.items):
            found[(*pointer, index)] = item.mark
            waiting.append(((*pointer, index), item))
    return found
