"""Text to plain values with positions: YAML and JSON as the JavaScript tools of AsyncAPI read them.

That is YAML 1.2's core schema: dates and `yes`/`no` are strings, keys are strings as they were written, merge
keys work. What cannot be JSON (NaN, several documents, tags of one's own) is refused. Reading goes on after a
mistake where it can, so that one run names them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isinf
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


@dataclass(slots=True)
class Parsed:
    """One file's values, where each was written, and what is wrong with the text."""

    data: Json = None
    positions: Positions = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


class _StopError(Exception):
    """The text makes no sense from here on; the finding has been recorded."""


@dataclass(slots=True, eq=False)
class _Node:
    data: Json
    mark: Mark
    key: str | None = None
    """A scalar as it is called when it is a key."""
    merges: bool = False
    """Whether this is a `<<` that merges when it is a key."""
    members: dict[str, tuple[Mark, _Node]] = field(default_factory=dict)
    items: list[_Node] = field(default_factory=list)
    size: int = 1
    depth: int = 0


@dataclass(slots=True, eq=False)
class _Frame:
    node: _Node
    is_mapping: bool
    anchor: str | None
    key: _Node | None = None
    merged: list[tuple[str, Mark, _Node]] = field(default_factory=list)


class _Builder:
    """Makes nodes from a stream of starts, ends and scalars, whatever syntax they came in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.diagnostics: list[Diagnostic] = []
        self.root: _Node | None = None
        self.last: Mark = (1, 1)
        """Where the latest value was found."""
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Node | None] = {}
        self._aliased = 0

    def report(self, mark: Mark, rule: str, message: str) -> None:
        self.diagnostics.append(Diagnostic(Source(self.name, *mark), rule, message))

    def stop(self, mark: Mark, rule: str, message: str) -> NoReturn:
        self.report(mark, rule, message)
        raise _StopError

    def start(self, mark: Mark, *, is_mapping: bool, anchor: str | None = None) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self.stop(mark, "too-deep", f"more than {MAX_DEPTH} mappings and lists within each other")
        if anchor is not None:
            self._anchors[anchor] = None
        data: Json = {} if is_mapping else []
        self._stack.append(_Frame(_Node(data, mark), is_mapping, anchor))

    def end(self) -> None:
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
        node = _Node(value, mark, key, merges)
        if anchor is not None:
            self._anchors[anchor] = node
        self._add(node)

    def alias(self, name: str, mark: Mark) -> None:
        if name not in self._anchors:
            self.report(mark, "unknown-anchor", f"no anchor is called &{name} before this place")
            self._add(_Node(None, mark, ""))
            return
        node = self._anchors[name]
        if node is None:
            self.report(mark, "recursive-alias", f"*{name} stands inside the value that &{name} names")
            self._add(_Node(None, mark, ""))
            return
        self._aliased += node.size
        if self._aliased > MAX_ALIASED:
            self.stop(mark, "too-many-aliases", f"aliases make more than {MAX_ALIASED} values of this file")
        if len(self._stack) + node.depth > MAX_DEPTH:
            self.stop(mark, "too-deep", f"*{name} makes more than {MAX_DEPTH} levels within each other")
        self._add(node)

    def _add(self, node: _Node) -> None:
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

    def _member(self, frame: _Frame, key: _Node, node: _Node) -> None:
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

    def _merge(self, frame: _Frame, key: _Node, node: _Node) -> None:
        sources = node.items if isinstance(node.data, list) else [node]
        for source in sources:
            if not isinstance(source.data, dict):
                self.report(key.mark, "merge-type", "<< takes a mapping, or a list of mappings")
                return
            for name, (mark, member) in source.members.items():
                frame.merged.append((name, mark, member))

    @staticmethod
    def _put(parent: _Node, key: str, mark: Mark, node: _Node) -> None:
        assert isinstance(parent.data, dict)
        parent.data[key] = node.data
        parent.members[key] = (mark, node)
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)


def _positions(root: _Node) -> Positions:
    found: dict[tuple[Key, ...], Mark] = {(): root.mark}
    waiting: list[tuple[tuple[Key, ...], _Node]] = [((), root)]
    while waiting:
        pointer, node = waiting.pop()
        for key, (mark, member) in node.members.items():
            found[(*pointer, key)] = mark
            waiting.append(((*pointer, key), member))
        for index, item in enumerate(node.items):
            found[(*pointer, index)] = item.mark
            waiting.append(((*pointer, index), item))
    return found


def parse(text: str, name: str) -> Parsed:
    """The values of a YAML or JSON text; mistakes are in the result's diagnostics, never raised.

    `name` is the file as shown to the user; one that ends in `.json` is read strictly as JSON.
    """
    if not text.strip():
        return Parsed(diagnostics=[Diagnostic(Source(name, 1, 1), "empty", "there is nothing in this file")])
    if name.lower().endswith(".json"):
        return _run(_read_json, text, name)
    if text.lstrip()[:1] in ("{", "["):
        # JSON that is indented with tabs is no YAML for most parsers, whatever the file is called.
        parsed = _run(_read_json, text, name)
        if not any(d.rule == "json-syntax" for d in parsed.diagnostics):
            return parsed
    return _run(_read_yaml, text, name)


def _run(read: Callable[[str, _Builder], None], text: str, name: str) -> Parsed:
    builder = _Builder(name)
    try:
        read(text, builder)
    except _StopError:
        return Parsed(diagnostics=builder.diagnostics)
    if builder.root is None:
        builder.report((1, 1), "empty", "there is no value in this file")
        return Parsed(diagnostics=builder.diagnostics)
    return Parsed(builder.root.data, _positions(builder.root), builder.diagnostics)


# --- scalars --------------------------------------------------------------------------------------

_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_DIGITS = 400


def _number(text: str, mark: Mark, builder: _Builder) -> Json:
    """The number that a text of digits means; 0, and a finding, for one that no JSON number can hold."""
    value: int | float
    if len(text) > _MAX_DIGITS:
        builder.report(mark, "number-size", f"a number of {len(text)} digits is too large")
        return 0
    if _INTEGER.match(text):
        base = {"0x": 16, "0o": 8}.get(text[:2], 10)
        value = int(text, base)
        try:
            float(value)
        except OverflowError:
            builder.report(mark, "number-size", f"{text[:20]}… is too large for a number")
            return 0
        return value
    value = float(text)
    if isinf(value):
        builder.report(mark, "number-size", f"{text} is too large for a number")
        return 0
    return value


def _string(text: str, mark: Mark, builder: _Builder) -> str:
    """A text whose escaped UTF-16 pairs are joined; a half of one is no character."""
    if not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        builder.report(mark, "bad-character", "a \\u escape is half of a pair, which is no character")
        return _SURROGATE.sub("\ufffd", text)


def _plain(text: str, mark: Mark, builder: _Builder) -> Json:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) or _FLOAT.match(text):
        return _number(text, mark, builder)
    if _NO_NUMBER.match(text):
        builder.report(mark, "not-json", f"{text} is no JSON number; write it in quotes if a text is meant")
        return 0
    return text


# --- YAML -----------------------------------------------------------------------------------------

_TAG = "tag:yaml.org,2002:"


def _read_yaml(text: str, builder: _Builder) -> None:
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes a while, and JSON does without
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415
    from ruamel.yaml.reader import ReaderError  # noqa: PLC0415

    try:
        _yaml_events(YAML(typ="safe", pure=True).parse(text), builder)
    except ReaderError as error:
        before = text[: error.position]
        mark = (before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        code = error.character if isinstance(error.character, int) else ord(error.character)
        builder.stop(mark, "bad-character", f"a control character (U+{code:04X}) cannot stand in a document")
    except MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = (at.line + 1, at.column + 1) if at else (1, 1)
        parts = [part for part in (error.problem, error.context) if part]
        builder.stop(mark, "yaml-syntax", _problem(", ".join(parts)))
    except (YAMLError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        # ruamel.yaml stumbles over some broken escapes and directives instead of refusing them.
        builder.stop(builder.last, "yaml-syntax", _problem(str(error)))


def _problem(text: str) -> str:
    """The parser's words, less its way of printing tokens."""
    return re.sub(r"\('(.)',\)", r"'\1'", text.partition("\n")[0]) or "this is no YAML"


def _yaml_events(events: object, builder: _Builder) -> None:
    from ruamel.yaml import events as kind  # noqa: PLC0415 - see _read_yaml

    documents = 0
    for event in events:  # type: ignore[attr-defined]
        mark = builder.last = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case kind.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    builder.stop(mark, "many-documents", "a second document begins here; a file holds one")
            case kind.ScalarEvent():
                _yaml_scalar(event, mark, builder)
            case kind.AliasEvent():
                builder.alias(event.anchor, mark)
            case kind.MappingStartEvent() | kind.SequenceStartEvent():
                is_mapping = isinstance(event, kind.MappingStartEvent)
                if event.tag not in (None, "!", _TAG + ("map" if is_mapping else "seq")):
                    builder.report(mark, "unknown-tag", f"the tag {_tag(event.tag)} has no meaning in JSON")
                builder.start(mark, is_mapping=is_mapping, anchor=event.anchor)
            case kind.MappingEndEvent() | kind.SequenceEndEvent():
                builder.end()


def _tag(tag: str) -> str:
    return "!!" + tag[len(_TAG) :] if tag.startswith(_TAG) else tag


def _yaml_scalar(event: object, mark: Mark, builder: _Builder) -> None:
    text: str = event.value  # type: ignore[attr-defined]
    tag: str | None = event.tag  # type: ignore[attr-defined]
    anchor: str | None = event.anchor  # type: ignore[attr-defined]
    is_plain = not event.style  # type: ignore[attr-defined]
    text = _string(text, mark, builder)
    value: Json = text
    if tag is None:
        value = _plain(text, mark, builder) if is_plain else text
    elif tag in (_TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"):
        value = _plain(text, mark, builder)
        if isinstance(value, str):
            builder.report(mark, "unknown-tag", f'"{text}" is no {tag[len(_TAG) :]}')
    elif tag not in ("!", _TAG + "str"):
        builder.report(mark, "unknown-tag", f"the tag {_tag(tag)} has no meaning in JSON")
    key = "null" if is_plain and tag is None and not text else text
    builder.scalar(value, mark, key=key, merges=is_plain and tag is None and text == "<<", anchor=anchor)


# --- JSON -----------------------------------------------------------------------------------------

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"')
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_JSON_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|-?(?:Infinity|NaN)")
_JSON_WORDS: dict[str, Json] = {"null": None, "true": True, "false": False}


class _JsonReader:
    """A JSON text, read from the start to the end without recursion."""

    def __init__(self, text: str, builder: _Builder) -> None:
        self.text = text
        self.builder = builder
        self.at = 0
        self.closers: list[str] = []
        self._line, self._line_start = 1, 0

    def mark(self) -> Mark:
        """Line and column of the place that has been reached."""
        start = self._line_start
        self._line += self.text.count("\n", start, self.at)
        self._line_start = max(self.text.rfind("\n", start, self.at) + 1, start)
        return self._line, self.at - self._line_start + 1

    def fail(self, expected: str) -> NoReturn:
        """Stop: something else than expected stands here."""
        word = _JSON_WORD.match(self.text, self.at)
        found = word.group() if word else self.text[self.at : self.at + 1]
        if word and found.lstrip("-") in ("NaN", "Infinity"):
            self.builder.stop(self.mark(), "not-json", f"{found} is no JSON number")
        told = f"but here is {found!r}" if found else "but the file ends here"
        self.builder.stop(self.mark(), "json-syntax", f"expected {expected}, {told}")

    def peek(self) -> str:
        """The next character that is no space."""
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return self.text[self.at : self.at + 1]

    def read(self) -> None:
        """Read the whole text."""
        self.value()
        while self.closers:
            closer = self.closers[-1]
            found = self.peek()
            if found == closer:
                self.close()
            elif found == ",":
                self.at += 1
                self.member() if closer == "}" else self.value()
            else:
                self.fail(f'"," or "{closer}"')
        if self.peek():
            self.fail("the end of the file")

    def close(self) -> None:
        """Leave an object or array."""
        self.at += 1
        self.closers.pop()
        self.builder.end()

    def member(self) -> None:
        """Read a name and its value."""
        if self.peek() != '"':
            self.fail("a name in double quotes")
        self.string()
        if self.peek() != ":":
            self.fail('":"')
        self.at += 1
        self.value()

    def value(self) -> None:
        """Read a scalar, or enter an object or array as far as its first scalar."""
        while True:
            found = self.peek()
            if not found or found not in "{[":
                return self.scalar(found)
            self.builder.start(self.mark(), is_mapping=found == "{")
            closer = "}" if found == "{" else "]"
            self.closers.append(closer)
            self.at += 1
            if self.peek() == closer:
                return self.close()
            if closer == "}":
                return self.member()

    def scalar(self, found: str) -> None:
        """Read a string, a number or one of the three words."""
        if found == '"':
            self.string()
            return
        mark = self.mark()
        number = _JSON_NUMBER.match(self.text, self.at)
        word = _JSON_WORD.match(self.text, self.at)
        if number:
            self.at = number.end()
            self.builder.scalar(_number(number.group(), mark, self.builder), mark, key=number.group())
        elif word and word.group() in _JSON_WORDS:
            self.at = word.end()
            self.builder.scalar(_JSON_WORDS[word.group()], mark, key=word.group())
        else:
            self.fail("a value")

    def string(self) -> None:
        """Read a string, as a value or a name."""
        match = _STRING.match(self.text, self.at)
        if not match:
            self.fail("a string that ends on its line, with known escapes")
        mark = self.mark()
        self.at = match.end()
        text = _ESCAPE.sub(self._unescape, match.group(1)) if "\\" in match.group(1) else match.group(1)
        text = _string(text, mark, self.builder)
        self.builder.scalar(text, mark, key=text)

    @staticmethod
    def _unescape(match: re.Match[str]) -> str:
        escape = match.group(1)
        return chr(int(escape[1:], 16)) if len(escape) > 1 else _ESCAPES.get(escape, escape)


def _read_json(text: str, builder: _Builder) -> None:
    _JsonReader(text, builder).read()
