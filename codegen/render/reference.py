"""What the reference lays out: tables of fields, in the words of JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.contract import Contract, Json, Message, SchemaDict
from codegen.render.text import oneline

_LIMITS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("multipleOf", "a multiple of {}"),
    ("pattern", "matches `{}`"),
    ("format", "`{}`"),
)
_WORDS = {"integer": "integer", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}


@dataclass(frozen=True, slots=True)
class Row:
    """One property of an object, ready for a table."""

    name: str
    type: str
    required: str
    description: str


class Reference:
    """The contract in the words of its readers."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def rows(self, schema: str) -> list[Row]:
        """The properties of a schema's object, those of `allOf` included; empty where it is none."""
        return list(self._rows(self._contract.schema(schema).schema, set()))

    def what(self, schema: str) -> str:
        """What a schema allows, in a few words of Markdown."""
        return self._type(self._contract.schema(schema).schema)

    def described(self) -> list[str]:
        """The schemas that have a section of their own: those that are no whole message."""
        messages = {message.schema for message in self._contract.messages}
        return [schema.name for schema in self._contract.schemas if schema.name not in messages]

    def response(self, message: Message) -> Message | None:
        """The message that answers one."""
        return None if message.response is None else self._contract.message(message.response)

    def _rows(self, schema: Json | SchemaDict, seen: set[str]) -> Iterator[Row]:
        if not isinstance(schema, dict):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = _last(reference)
            if name not in seen:
                seen.add(name)
                yield from self._rows(self._contract.schema(name).schema, seen)
        parts = schema.get("allOf")
        for part in parts if isinstance(parts, list) else []:
            yield from self._rows(part, seen)
        properties, required = schema.get("properties"), schema.get("required")
        for name, value in properties.items() if isinstance(properties, dict) else []:
            needed = isinstance(required, list) and name in required
            yield Row(name, self._type(value), "yes" if needed else "", self._description(value))

    def _type(self, value: Json | SchemaDict) -> str:
        if not isinstance(value, dict):
            return "anything" if value is not False else "nothing"
        reference = value.get("$ref")
        if isinstance(reference, str):
            name = _last(reference)
            return f"[{name}](#{name.lower()})"
        if "const" in value:
            return _code(value["const"])
        listed = value.get("enum", value.get("x-open-enum"))
        if isinstance(listed, list):
            known = ", ".join(map(_code, listed))
            return known if "enum" in value else f"{known}, or another"
        for key, glue in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
            branches = value.get(key)
            if isinstance(branches, list) and branches:
                return glue.join(dict.fromkeys(self._type(branch) for branch in branches))
        return self._plain(value)

    def _plain(self, value: dict[str, Json]) -> str:
        kinds = value.get("type")
        names = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
        words = []
        for kind in names:
            if kind == "array":
                words.append(f"list of {self._type(value.get('items', {}))}")
            elif kind == "object":
                extra = value.get("additionalProperties")
                words.append(f"object of {self._type(extra)}" if isinstance(extra, dict) else "object")
            else:
                words.append(_WORDS.get(kind, kind))
        limits = [text.format(_limit(value[key])) for key, text in _LIMITS if key in value]
        return ", ".join([" or ".join(words) or "anything", *limits])

    def _description(self, value: Json) -> str:
        if not isinstance(value, dict):
            return ""
        text = value.get("description")
        reference = value.get("$ref")
        if not isinstance(text, str) and isinstance(reference, str):
            text = self._contract.schema(_last(reference)).description
        words = oneline(text) if isinstance(text, str) else ""
        default = value
        if isinstance(reference, str) and "default" not in value:
            default = dict(self._contract.schema(_last(reference)).schema)
        return f"{words} Default: {_code(default['default'])}.".strip() if "default" in default else words


def example(payload: Json) -> str:
    """An example on one line, or indented where one line is too long."""
    line = json.dumps(payload, ensure_ascii=False)
    return line if len(line) <= 100 else json.dumps(payload, ensure_ascii=False, indent=2)


def cell(text: str) -> str:
    """A type as a table's cell: the pipes of patterns escaped."""
    return text.replace("|", "\\|").replace("\n", " ")


def heading(message: Message) -> str:
    """What a message is called: its tag, for readers know it by that, else its name."""
    return str(message.key if message.tag is None else message.tag.value)


def anchor(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def one_blank_line(text: str) -> str:
    """Markdown without more than one empty line in a row, fenced code aside."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    plain = [
        re.sub(r"\n[ \t]*\n\s*\n+", "\n\n", part) if index % 2 == 0 else part
        for index, part in enumerate(parts)
    ]
    return "".join(plain).strip() + "\n"


def _last(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


def _code(value: Json) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _limit(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
