"""Topics in Python's terms: fields, rules, and the expressions that build and parse an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from codegen.contract import Channel, Json, Message, Parameter, Path
from codegen.patterns import native
from codegen.render.python_names import Names, constant
from codegen.render.text import string

_TOPIC_ATTRIBUTES = frozenset(
    {"address", "path", "parse", "of", "of_payload", "self", "cls", "query", "on_invalid", "channel"}
)


@dataclass(frozen=True)
class ParameterView:
    """A parameter as a dataclass's field."""

    parameter: Parameter
    name: str
    rule: str
    """The module's constant that checks values."""
    arguments: str
    """What the rule is made with."""
    default: str
    """What follows the annotation: nothing, ` = "1"`, or a keyword-only field."""
    signature: str
    """What follows the annotation of a function's parameter."""


@dataclass(frozen=True)
class TopicView:
    """A channel's address as a class."""

    channel: Channel
    class_name: str
    parameters: tuple[ParameterView, ...]
    address: str
    """The expression that makes the address of checked local variables."""
    path: str
    """The same of attributes, percent-encoded."""
    pattern_name: str
    pattern: str
    requests: tuple[str, ...]
    """Messages that say in their fields which topic they mean."""
    request_arguments: tuple[tuple[str, str], ...]
    payloads: tuple[str, ...]
    """Bodies that do."""
    payload_arguments: tuple[tuple[str, str], ...]
    known_name: str
    """The function that remembers the topics that requests are about."""


class Topics(Names):
    """A contract's topics."""

    @cached_property
    def topics(self) -> tuple[TopicView, ...]:
        """A class per channel's address."""
        return tuple(self._topic(channel) for channel in self.contract.channels)

    def topic(self, channel: Channel) -> TopicView:
        """The class of one channel's address."""
        return next(view for view in self.topics if view.channel.name == channel.name)

    def address(self, channel: Channel) -> str:
        """A channel's address: a topic's, or the path of its socket."""
        if self.multiplexed:
            return channel.address
        return next((end.path for end in self.contract.endpoints if channel in end.channels), channel.address)

    def access_rule(self, channel: Channel) -> str:
        """The expression of what a token must grant to those who use a channel."""
        access = channel.access
        arguments = []
        if access is not None and access.scopes:
            comma = "," if len(access.scopes) == 1 else ""
            arguments.append(f"scopes=({', '.join(map(string, access.scopes))}{comma})")
        if access is not None and access.parameter is not None:
            names = {view.parameter.name: view.name for view in self.topic(channel).parameters}
            arguments.append(f"parameter={string(names[access.parameter])}")
        return f"AccessRule({', '.join(arguments)})"

    def _topic(self, channel: Channel) -> TopicView:
        tokens = _tokens(self.address(channel), {parameter.name for parameter in channel.parameters})
        parameters = tuple(
            self._parameter(channel, index, tokens) for index in range(len(channel.parameters))
        )
        attributes = {view.parameter.name: view.name for view in parameters}
        requests = self._located(
            channel, [(message.schema, message) for message in channel.client_to_server], 0
        )
        payloads: tuple[tuple[str, ...], tuple[tuple[str, str], ...]] = ((), ())
        if self.contract.envelope is not None:
            bodies = [(m.body, m) for m in channel.client_to_server if m.body is not None]
            payloads = self._located(channel, bodies, 1)
        return TopicView(
            channel=channel,
            class_name=f"{channel.class_name}Topic",
            parameters=parameters,
            address=_format(tokens, attributes),
            path=_format(tokens, {key: f"quote(self.{name}, safe='')" for key, name in attributes.items()}),
            pattern_name="_" + constant(channel.name),
            pattern=_pattern(tokens, attributes),
            requests=requests[0],
            request_arguments=requests[1],
            payloads=payloads[0],
            payload_arguments=payloads[1],
            known_name=f"_{channel.name.rstrip('_')}_topic",
        )

    def _parameter(self, channel: Channel, index: int, tokens: list[tuple[str, bool]]) -> ParameterView:
        parameter = channel.parameters[index]
        name = parameter.python_name + ("_" if parameter.python_name in _TOPIC_ATTRIBUTES else "")
        arguments = [string(parameter.name)]
        if parameter.pattern is not None and _usable(parameter.pattern):
            arguments.append(f"pattern={string(parameter.pattern)}")
        if parameter.enum:
            arguments.append(f"allowed=({', '.join(map(string, parameter.enum))},)")
        if parameter.aliases:
            arguments.append(
                f"aliases={{{', '.join(f'{string(a)}: {string(b)}' for a, b in parameter.aliases)}}}"
            )
        # Servers read a path decoded, so that a slash in a value, however encoded, divides it.
        stop = _stop(tokens, parameter.name) if self.multiplexed else "/"
        if stop:
            arguments.append(f"stop={string(stop)}")
        default = signature = ""
        if parameter.default is not None:
            later = channel.parameters[index + 1 :]
            default = signature = f" = {string(parameter.default)}"
            if any(other.default is None for other in later):
                default, signature = f" = field(default={string(parameter.default)}, kw_only=True)", ""
        rule = f"_{constant(channel.name)}_{constant(name)}"
        return ParameterView(parameter, name, rule, ", ".join(arguments), default, signature)

    def _located(
        self, channel: Channel, sources: list[tuple[str, Message]], skip: int
    ) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """The classes that say which topic they mean, and how their fields make a topic."""
        found: list[str] = []
        arguments: tuple[tuple[str, str], ...] = ()
        variable = "payload" if skip else "request"
        for schema, message in sources:
            if message.action is None and skip:
                continue
            these = self._arguments(channel, schema, variable, skip)
            if these is not None and (not found or these == arguments):
                arguments = these
                found.append(schema)
        return tuple(dict.fromkeys(found)), arguments

    def _arguments(
        self, channel: Channel, schema: str, variable: str, skip: int
    ) -> tuple[tuple[str, str], ...] | None:
        if not channel.parameters:
            return None
        result = []
        for index, parameter in enumerate(channel.parameters):
            way = None if parameter.location is None else self.attributes(schema, parameter.location[skip:])
            if way is None:
                return None
            name = self._parameter(channel, index, []).name
            default = "" if parameter.default is None else f", {string(parameter.default)}"
            value = ".".join((variable, *way))
            result.append((name, f"text_of({value}, {string(parameter.name)}{default})"))
        return tuple(result)

    def attributes(self, schema: str, path: Path) -> tuple[str, ...] | None:
        """The attributes that lead from a model to a value in it; None where they may not all be there."""
        result: list[str] = []
        at: str | None = schema
        for index, name in enumerate(path):
            if at is None or (at, name) not in self._names:
                return None
            named = self.contract.schema(at)
            last = index == len(path) - 1
            required = named.schema.get("required")
            if not named.is_object or (not last and not (isinstance(required, list) and name in required)):
                return None
            result.append(self._names[at, name])
            at = None if last else self._referred(named.schema.get("properties"), name)
        return tuple(result) or None

    def item_of(self, body: str, name: str) -> tuple[str, str]:
        """The attribute of a model that holds a list of models, and those models' class."""
        named = self.contract.schema(self._aliased(body))
        properties = named.schema.get("properties")
        listed = properties.get(name) if isinstance(properties, dict) else None
        if (target := self._referred(properties, name)) is not None:
            listed = dict(self.contract.schema(self._aliased(target)).schema)
        items = self._referred(listed, "items")
        if items is None:
            raise RuntimeError(f"{name!r} of {body} is no list of objects")
        return self._names[named.name, name], self._aliased(items)

    def _aliased(self, name: str) -> str:
        """The schema that a name is a second name of, or the name's own."""
        target = self.contract.schema(name).schema.get("$ref")
        return self._aliased(target.rsplit("/", 1)[-1]) if isinstance(target, str) else name

    def _referred(self, properties: Json, name: str) -> str | None:
        value = properties.get(name) if isinstance(properties, dict) else None
        reference = value.get("$ref") if isinstance(value, dict) else None
        return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else None


def _usable(pattern: str) -> bool:
    """Whether a run-time engine can read a pattern; the models leave out those that none can."""
    if native(pattern):
        return True
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _tokens(address: str, names: set[str]) -> list[tuple[str, bool]]:
    """An address as literal texts (False) and parameters (True)."""
    tokens: list[tuple[str, bool]] = []
    for piece in re.split(r"(\{[^{}]*\})", address):
        if piece.startswith("{") and piece[1:-1] in names:
            tokens.append((piece[1:-1], True))
        elif piece:
            tokens.append((piece, False))
    return tokens


def _stop(tokens: list[tuple[str, bool]], name: str) -> str:
    """The character that ends a parameter: the first of the text after it."""
    for (text, is_parameter), (after, varies) in pairwise(tokens):
        if is_parameter and text == name and not varies:
            return after[0]
    return ""


def _format(tokens: list[tuple[str, bool]], expressions: Mapping[str, str]) -> str:
    """A string literal, an f-string where something varies, from an expression for each parameter."""
    if not any(varies for _, varies in tokens):
        return string("".join(text for text, _ in tokens))
    parts = [
        f"{{{expressions[text]}}}"
        if varies
        else repr('"' + text)[2:-1].replace('"', '\\"').replace("{", "{{").replace("}", "}}")
        for text, varies in tokens
    ]
    return f'f"{"".join(parts)}"'


def _pattern(tokens: list[tuple[str, bool]], attributes: Mapping[str, str]) -> str:
    parts = []
    for text, varies in tokens:
        stop = _stop(tokens, text) if varies else ""
        what = f"[^{re.escape(stop)}]+" if stop else ".+"
        parts.append(f"(?P<{attributes[text]}>{what})" if varies else re.escape(text))
    return string("".join(parts))
