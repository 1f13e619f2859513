"""What the builders and parsers of topic addresses share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum

from pydantic import RootModel
from pydantic_core import SchemaError, SchemaValidator, core_schema

from .errors import TopicError


class ParameterRule:
    """What one parameter of an address may be; made once for each parameter of the contract."""

    __slots__ = ("_aliases", "_allowed", "_matches", "_name", "_pattern", "_some", "_stop")

    def __init__(
        self,
        name: str,
        *,
        pattern: str | None = None,
        allowed: tuple[str, ...] = (),
        aliases: Mapping[str, str] | None = None,
        stop: str = "",
    ) -> None:
        self._name = name
        self._pattern = pattern
        self._matches = None if pattern is None else _matcher(pattern)
        self._allowed = frozenset(allowed)
        self._some = ", ".join(allowed[:20])
        self._aliases = dict(aliases or {})
        self._stop = stop
        """What follows the parameter in the address, and so cannot be in a value."""

    def normal(self, value: str) -> str:
        """The one spelling of a value; TopicError, naming the parameter, where it is not allowed."""
        if not isinstance(value, str):
            raise TopicError(f"{self._name}: expected str, not {type(value).__name__}", parameter=self._name)
        value = self._aliases.get(value, value)
        if not value:
            raise TopicError(f"{self._name}: the value is empty", parameter=self._name)
        if self._allowed and value not in self._allowed:
            raise TopicError(f"{self._name}: {_shown(value)} is none of: {self._some}", parameter=self._name)
        if self._matches is not None and not self._matches(value):
            raise TopicError(
                f"{self._name}: {_shown(value)} does not match {self._pattern}", parameter=self._name
            )
        if self._stop and self._stop in value:
            raise TopicError(f"{self._name}: {_shown(value)} contains {self._stop!r}", parameter=self._name)
        return value


def match_address(pattern: re.Pattern[str], address: str, shape: str) -> re.Match[str]:
    """The parts of an address; TopicError where it does not have the shape."""
    found = pattern.fullmatch(address)
    if found is None:
        raise TopicError(f"{_shown(address)} is no address of {shape}")
    return found


def text_of(value: object, name: str, default: str | None = None) -> str:
    """A field of a message as the text that stands in an address; the default where the field is absent."""
    if type(value) is str:  # what nearly all are; the checks below cost more than all else about a topic
        return value
    if isinstance(value, RootModel):
        value = value.root
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if default is not None:
        return default
    raise TopicError(f"{name}: the message does not say", parameter=name)


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text matches, by the models' engine, or Python's where that one cannot."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python
    except SchemaError:
        compiled = re.compile(pattern)
        return lambda value: compiled.search(value) is not None


def _shown(value: str) -> str:
    return repr(value if len(value) <= 80 else value[:80] + "…")
