"""JSON, read strictly."""

from __future__ import annotations

import re
from typing import NoReturn

from codegen.contract import Json
from codegen.syntax.nodes import Builder, Mark
from codegen.syntax.scalars import number, string

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"')
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_JSON_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*|-?(?:Infinity|NaN)")
_JSON_WORDS: dict[str, Json] = {"null": None, "true": True, "false": False}


class _JsonReader:
    """A JSON text, read from the start to the end without recursion."""

    def __init__(self, text: str, builder: Builder) -> None:
        self.text = text
        self.builder = builder
        self.at = 0
        self.closers: list[str] = []
        self._line, self._line_start, self._marked = 1, 0, 0

    def mark(self) -> Mark:
        """Line and column of the place that has been reached."""
        # From the last mark on, not from the start of the line: all of a file may be one line.
        ends = self.text.count("\n", self._marked, self.at)
        if ends:
            self._line += ends
            self._line_start = self.text.rindex("\n", self._marked, self.at) + 1
        self._marked = max(self._marked, self.at)
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
        digits = _JSON_NUMBER.match(self.text, self.at)
        word = _JSON_WORD.match(self.text, self.at)
        if digits:
            self.at = digits.end()
            self.builder.scalar(number(digits.group(), mark, self.builder), mark, key=digits.group())
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
        text = string(text, mark, self.builder)
        self.builder.scalar(text, mark, key=text)

    @staticmethod
    def _unescape(match: re.Match[str]) -> str:
        escape = match.group(1)
        return chr(int(escape[1:], 16)) if len(escape) > 1 else _ESCAPES.get(escape, escape)


def read_json(text: str, builder: Builder) -> None:
    """Give a JSON text to a builder."""
    _JsonReader(text, builder).read()
