"""What the mock knows of each message: its schema, its valid examples, and a way to make more."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from random import Random
from typing import Any

from codegen.contract import Contract, Json, Message, Path, SchemaDict
from codegen.document import Document
from codegen.pipeline import Understood
from codegen.values import ImpossibleError, Maker
from codegen.written import standalone


class Kit:
    """One message."""

    def __init__(self, document: Document, message: Message) -> None:
        self.message = message
        self.schema: SchemaDict = {} if message.payload is None else standalone(document, message.payload)
        self.maker = Maker(self.schema)
        self.examples: list[Json] = [
            self._tagged(example.payload) for example in message.examples if self.accepts(example.payload)
        ]
        """Whole messages that the document gives, without those that are not valid."""

    def accepts(self, value: Json) -> bool:
        """Whether a whole message is what the document says."""
        return self.maker.judge.accepts(value)

    def make(self, random: Random, *, like: Json = None, also: SchemaDict | None = None) -> Json:
        """A whole message, which fits `also` too.

        Raises:
            ImpossibleError: none was found.

        """
        if also is None:
            return self._tagged(self.maker.make(random, like=like))
        plain = {key: value for key, value in self.schema.items() if key != "definitions"}
        both: dict[str, Json] = {"allOf": [plain, dict(also)]}
        if "definitions" in self.schema:
            both["definitions"] = self.schema["definitions"]
        return self._tagged(Maker(both).make(random, like=like))

    def variants(self, random: Random, made: int) -> list[Json]:
        """Whole messages to begin with: the examples, and one for each arm of the schema that none is of.

        Where there are no examples, so many made ones, the longest first.

        Raises:
            ImpossibleError: there are no examples, and none can be made.

        """
        found = list(self.examples)
        if not found:
            found = sorted((self.make(random) for _ in range(made)), key=lambda one: -len(json.dumps(one)))
        for part in _parts(self.schema, self.schema, 0):
            for keyword in ("anyOf", "oneOf"):
                arms = part.get(keyword)
                for arm in arms if isinstance(arms, list) else []:
                    if isinstance(arm, dict) and not any(map(self.maker.judge.part(arm).accepts, found)):
                        with suppress(ImpossibleError):
                            found.append(self.make(random, also=arm))
        return found

    def _tagged(self, value: Json) -> Json:
        """With what the message is told by, which a schema may leave out and generated code never does."""
        tag = self.message.tag
        if tag is None or at(value, tag.path) is not None:
            return value
        whole = copy.deepcopy(value)
        inner: Any = whole
        for name in tag.path[:-1]:
            inner = inner.setdefault(name, {}) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[tag.path[-1]] = tag.value
        return whole if self.accepts(whole) else value


class Kits:
    """All messages of a contract, each looked at when it is first needed."""

    def __init__(self, understood: Understood) -> None:
        self.contract: Contract = understood.contract
        self._document = understood.document
        self._kits: dict[str, Kit] = {}

    def of(self, message: Message | str) -> Kit:
        """What is known of a message, given itself or its key."""
        message = self.contract.message(message) if isinstance(message, str) else message
        if message.key not in self._kits:
            self._kits[message.key] = Kit(self._document, message)
        return self._kits[message.key]


def may_refuse(kits: Kits, code: str) -> bool:
    """Whether a request may be refused with a code: under an envelope, and where its problem allows the code."""
    envelope = kits.contract.envelope
    if envelope is None:
        return False
    error = kits.of(envelope.error)
    type_ = error.message.tag.value if error.message.tag else error.message.key
    problem: dict[str, Json] = {"code": code, "message": code, "retryable": False}
    body: dict[str, Json] = {}
    inner = body
    for name in envelope.problem_tag.path[:-1]:
        child: dict[str, Json] = {}
        inner[name] = child
        inner = child
    inner[envelope.problem_tag.path[-1]] = envelope.problem_tag.value
    return error.accepts({envelope.type: type_, envelope.payload: {**body, **problem}})


def at(value: Json, path: Path) -> Json:
    """What stands at a path; None where nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def put(value: Json, path: Path, item: Json) -> Json:
    """A copy of a value with one thing set; the value itself where there is no such place."""
    whole = copy.deepcopy(value)
    inner: Any = whole
    for name in path[:-1]:
        inner = inner.get(name) if isinstance(inner, dict) else None
    if not path or not isinstance(inner, dict):
        return value
    inner[path[-1]] = item
    return whole


def without(value: Json, path: Path) -> Json:
    """A copy of a value without what stands at a path."""
    whole = copy.deepcopy(value)
    inner: Any = whole
    for name in path[:-1]:
        inner = inner.get(name) if isinstance(inner, dict) else None
    if path and isinstance(inner, dict):
        inner.pop(path[-1], None)
    return whole


def schema_at(schema: SchemaDict, path: tuple[str | int, ...]) -> dict[str, Json]:
    """All that a schema says of one place of its values, as far as it says so plainly; arms of unions are merged."""
    found: dict[str, Json] = {}
    for part in _parts(schema, schema, 0):
        if not path:
            found = {**part, **found}
            continue
        head, rest = path[0], path[1:]
        properties, items = part.get("properties"), part.get("items")
        inner: Json = None
        if isinstance(head, str) and isinstance(properties, dict):
            inner = properties.get(head)
        elif isinstance(head, str) and isinstance(part.get("additionalProperties"), dict):
            inner = part["additionalProperties"]
        elif isinstance(head, int):
            inner = items[head] if isinstance(items, list) and head < len(items) else items
        if isinstance(inner, dict):
            below = schema_at({**inner, "definitions": schema.get("definitions", {})}, rest)
            found = {**below, **found}
    found.pop("definitions", None)
    return found


def _parts(root: SchemaDict, schema: Json | SchemaDict, depth: int) -> list[SchemaDict]:
    """A schema, references followed, with all that it is combined of."""
    if not isinstance(schema, dict) or depth > 20:
        return []
    reference = schema.get("$ref")
    if isinstance(reference, str):
        definitions = root.get("definitions")
        named = definitions.get(reference.rpartition("/")[2]) if isinstance(definitions, dict) else None
        return _parts(root, named, depth + 1)
    parts: list[SchemaDict] = [schema]
    for keyword in ("allOf", "anyOf", "oneOf"):
        arms = schema.get(keyword)
        for arm in arms if isinstance(arms, list) else []:
            parts += _parts(root, arm, depth + 1)
    return parts


__all__ = ["ImpossibleError", "Kit", "Kits", "at", "may_refuse", "put", "schema_at", "without"]
