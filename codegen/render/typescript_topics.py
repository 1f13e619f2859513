"""What the topics' template lays out."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.contract import Channel, Contract, Parameter
from codegen.render.typescript_types import Field, literal, property_name, union


@dataclass(frozen=True, slots=True)
class TopicParameterView:
    """A part of an address that varies."""

    given: Field
    """What callers give, other spellings included."""
    parsed: Field
    """What a parsed address holds."""
    rules: tuple[tuple[str, str], ...]
    """Fields of the run-time's `TopicParameter`, with their values as expressions."""


@dataclass(frozen=True, slots=True)
class TopicView:
    """The addresses of one channel."""

    variable: str
    class_name: str
    channel: str
    """The channel's name in the client."""
    address: str
    description: str
    parameters: tuple[TopicParameterView, ...]


def topic_views(contract: Contract) -> tuple[TopicView, ...]:
    """The channels that clients subscribe to; none where channels are sockets of their own."""
    if contract.envelope is None:
        return ()
    return tuple(_topic(channel) for channel in contract.channels if channel.is_topic)


def _topic(channel: Channel) -> TopicView:
    return TopicView(
        variable=f"{channel.name_camel}Topic",
        class_name=f"{channel.class_name}Topic",
        channel=channel.name_camel,
        address=channel.address,
        description=channel.description,
        parameters=tuple(map(_parameter, channel.parameters)),
    )


def _parameter(parameter: Parameter) -> TopicParameterView:
    plain = "number" if parameter.is_number else "string"
    values = union([_value(parameter, value) for value in parameter.enum]) if parameter.enum else plain
    spellings = [literal(alias) for alias, _ in parameter.aliases] if parameter.enum else []
    notes = [parameter.description.strip()]
    if parameter.default is not None:
        notes.append(f"@defaultValue `{_value(parameter, parameter.default)}`")
    name = f"readonly {property_name(parameter.typescript_name)}"
    description = "\n\n".join(note for note in notes if note)
    return TopicParameterView(
        given=Field(name, union([values, *spellings]), parameter.default is not None, description),
        parsed=Field(name, values, False, ""),
        rules=_rules(parameter),
    )


def _value(parameter: Parameter, value: str) -> str:
    """A value as a literal of the parameter's type."""
    return value if parameter.is_number else literal(value)


def _rules(parameter: Parameter) -> tuple[tuple[str, str], ...]:
    fields = [("name", literal(parameter.name)), ("key", literal(parameter.typescript_name))]
    if parameter.is_number:
        fields.append(("number", "true"))
    if parameter.pattern is not None:
        fields.append(("pattern", literal(parameter.pattern)))
    if parameter.enum:
        fields.append(("values", literal(list(parameter.enum))))
    if parameter.default is not None:
        fields.append(("default", literal(parameter.default)))
    if parameter.aliases:
        fields.append(("aliases", literal(dict(parameter.aliases))))
    return tuple(fields)
