"""Models to JSON and back, by adapters that are built once."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

import msgspec
import pydantic_core
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import TypeForm

from .errors import InvalidMessage, ProblemDetail

T = TypeVar("T")

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""Any JSON value."""

TagValue: TypeAlias = str | int | bool
"""What a message may be told from others by."""

Path: TypeAlias = tuple[str, ...]
"""Property names from the root of a message to one of its values."""

_MOST_ERRORS = 20


class Codec(Generic[T]):
    """Reads and writes one type, a model or a union of models, as JSON."""

    __slots__ = ("_class", "_dump", "_validate")

    def __init__(self, type_: TypeForm[T]) -> None:
        adapter = TypeAdapter(type_)
        self._class = type_ if isinstance(type_, type) else None
        self._validate = adapter.validator.validate_json
        self._dump = adapter.serializer.to_json

    def decode(self, frame: str | bytes) -> T:
        """The value that a JSON text says; InvalidMessage where it says something else."""
        try:
            value: T = self._validate(frame, by_alias=True, by_name=False)
        except ValidationError as error:
            raise InvalidMessage(_summary(error), details(error, frame)) from error
        return value

    def accepts(self, frame: str | bytes) -> bool:
        """Whether a JSON text is valid for the type."""
        try:
            self._validate(frame, by_alias=True, by_name=False)
        except ValidationError:
            return False
        return True

    def encode(self, value: T, *, exclude: set[str] | None = None) -> bytes:
        """The value as JSON, without the attributes in `exclude`.

        TypeError for a value of another type. A model that was changed after it was validated, into what its
        type does not allow, is written as it is, with pydantic's UserWarning; a program that would rather fail
        makes that warning an error. (To have pydantic itself raise costs half as much again as encoding.)
        """
        if self._class is not None and not isinstance(value, self._class):
            raise TypeError(f"expected {self._class.__name__}, not {type(value).__name__}")
        return self._dump(value, by_alias=True, exclude=exclude)


def encode(value: object) -> bytes:
    """Any model, or value made of models, as JSON."""
    if isinstance(value, BaseModel):
        return value.__pydantic_serializer__.to_json(value, by_alias=True)
    return pydantic_core.to_json(value, by_alias=True)


def encode_json(value: Json) -> bytes:
    """A plain JSON value as JSON; integers of any size."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).encode()
    try:
        return msgspec.json.encode(value)
    except OverflowError:
        return pydantic_core.to_json(value)


def decode_json(frame: str | bytes) -> Json:
    """Any JSON text; InvalidMessage where it is none, nested too deep, or holds a number beyond all sizes."""
    try:
        value: Json = msgspec.json.decode(frame)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage(f"The frame is no JSON that can be read: {error}") from error
    return value


def at(value: Json, path: Path) -> Json:
    """What stands at a path; None where nothing does."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def put(frame: bytes, path: Path, value: Json) -> bytes:
    """A JSON object with one value set; objects on the way to it are made where they are missing."""
    root = decode_json(frame)
    if not isinstance(root, dict):
        return frame
    inner = root
    for name in path[:-1]:
        child = inner.setdefault(name, {})
        if not isinstance(child, dict):
            return frame
        inner = child
    inner[path[-1]] = value
    return encode_json(root)


def details(error: ValidationError, frame: str | bytes) -> tuple[ProblemDetail, ...]:
    """Where a frame is wrong, as JSON Pointers; the first twenty places, each once."""
    try:
        root = decode_json(frame)
    except InvalidMessage:
        return ()
    found: dict[ProblemDetail, None] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        pointer = _pointer(item["loc"], root, missing=item["type"] == "missing")
        found.setdefault(ProblemDetail(pointer, item["msg"]))
        if len(found) == _MOST_ERRORS:
            break
    return tuple(found)


def _pointer(location: tuple[int | str, ...], root: Json, *, missing: bool) -> str:
    """Pydantic's location without the names of a union's branches, which stand nowhere in the message."""
    parts: list[str] = []
    value = root
    for index, key in enumerate(location):
        last = index == len(location) - 1
        if isinstance(value, dict) and isinstance(key, str) and (key in value or (last and missing)):
            parts.append(key)
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            parts.append(str(key))
            value = value[key]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _summary(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    more = error.error_count() - 1
    return f"{where}: {first['msg']}" + (f" (and {more} more)" if more else "")
