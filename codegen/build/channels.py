"""Channels: their names, their parameters, and the messages that go each way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from codegen.build.context import Context
from codegen.build.messages import Draft, Messages, location_path
from codegen.build.names import CLASS_RESERVED, METHOD_RESERVED, Names, camel, pascal, snake, soft
from codegen.build.servers import Servers
from codegen.build.traits import merged_fields
from codegen.contract import Message, Parameter
from codegen.document import Location

_SPELLINGS = {
    "integer": "^-?[0-9]+$",
    "number": r"^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$",
    "boolean": "^(true|false)$",
}
"""How the values of a type are written in an address, where all is text."""
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_SUFFIXES = ("", "Handler", "Topic", "Client", "Channel", "Socket")


@dataclass
class ChannelDraft:
    """A channel on its way to the contract."""

    address: str
    at: Location
    name: str
    class_name: str = ""
    servers: tuple[str, ...] = ()
    client_to_server: list[Draft] = field(default_factory=list)
    server_to_client: list[Draft] = field(default_factory=list)
    places: dict[str, Location] = field(default_factory=dict)
    """Where clients' messages are listed, by key."""

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """All messages, each once."""
        return tuple(
            {draft.key: draft for draft in (*self.client_to_server, *self.server_to_client)}.values()
        )


def find_channels(context: Context, messages: Messages, servers: Servers) -> list[ChannelDraft]:
    """The channels that WebSocket servers serve, with their messages, in document order.

    This is where AsyncAPI's `publish` (what clients send) and `subscribe` (what they receive) end.
    """
    found = []
    names = Names(METHOD_RESERVED)
    candidates = _short_names(context)
    for address, place in context.entries(context.root, "channels"):
        at = context.document.follow(place)
        limited = tuple(
            value for item in context.items(at, "servers") if isinstance(value := context.value(item), str)
        )
        if not servers.serves(limited):
            continue
        name = _channel_name(context, names, address, place, candidates[address])
        if name is None:
            continue
        draft = ChannelDraft(address, at, name, servers=limited)
        draft.client_to_server = _operation_messages(
            context, messages, at.child("publish"), f"{name}_request", draft.places
        )
        draft.server_to_client = _operation_messages(
            context, messages, at.child("subscribe"), f"{name}_event", {}
        )
        found.append(draft)
    return found


def _short_names(context: Context) -> dict[str, list[str]]:
    """Names for each channel, the best first: what is fixed in its address, then its parameters with it."""
    fixed = {
        address: snake(_PARAMETER.sub(" ", address.split("?")[0]))
        for address, _ in context.entries(context.root, "channels")
    }
    found: dict[str, list[str]] = {}
    for address, static in fixed.items():
        path = address.split("?")[0]
        parameters = _PARAMETER.findall(path)
        whole = snake(path)
        qualified = snake(" ".join([static, "by", *parameters])) if parameters else static
        rivals = [other for other in fixed if other != address and fixed[other] == static]
        plain = [other for other in rivals if not _PARAMETER.search(other)]
        if not static:
            found[address] = [whole or "root"]
        elif parameters and (plain or rivals):
            found[address] = [qualified, whole]
        else:
            found[address] = [static, qualified, whole]
    return found


def _channel_name(
    context: Context, names: Names, address: str, place: Location, candidates: list[str]
) -> str | None:
    written = context.text(place, "x-name")
    if written:
        candidates = [snake(written)]
    usable = [soft(name) for name in candidates if name]
    if not written:
        usable += [name.rstrip("_") + "_channel" for name in usable]
    name = names.claim(usable)
    if name is None:
        context.error(
            place,
            "channel-name-clash",
            f"no short name is left for channel {address!r}; give it one with x-name",
        )
    return name


def _operation_messages(
    context: Context, messages: Messages, at: Location, fallback: str, listed: dict[str, Location]
) -> list[Draft]:
    """The messages of an operation, and in `listed` where it lists each."""
    if context.at(at) is None or not isinstance(context.value(at), dict):
        return []
    fields = merged_fields(context, context.document.follow(at))
    operation = fields.get("operationId")
    name = context.value(operation) if operation is not None else None
    fallback = name if isinstance(name, str) and pascal(name) else fallback
    place = fields.get("message")
    if place is None:
        return []
    found: dict[str, Draft] = {}
    places = list(_message_places(context, place, ()))
    for number, message in enumerate(places):
        own = fallback if len(places) == 1 else f"{fallback}_{number + 1}"
        draft = messages.find(message, own)
        found.setdefault(draft.key, draft)
        listed.setdefault(draft.key, message)
    return list(found.values())


def _message_places(context: Context, at: Location, trail: tuple[Location, ...]) -> Iterator[Location]:
    place = context.document.follow(at)
    if place in trail:
        return
    value = context.document.value(place)
    if isinstance(value, dict) and isinstance(value.get("oneOf"), list):
        for item in context.items(place, "oneOf"):
            yield from _message_places(context, item, (*trail, place))
    elif isinstance(value, dict):
        yield at
    else:
        context.error(at, "message", "this is no message")


def class_names(context: Context, channels: list[ChannelDraft], taken: Names) -> None:
    """Give each channel a class name from which handlers, topics and clients take theirs."""
    for draft in channels:
        base = pascal(draft.name)
        for name in (base, base + "Channel", base + "Channels"):
            made = [name + suffix for suffix in _SUFFIXES]
            if not any(one in taken for one in made) and name not in CLASS_RESERVED:
                draft.class_name = name
                for one in made:
                    taken.claim((one,))
                break
        else:
            context.error(
                draft.at, "channel-name-clash", f"no class name is left for {draft.name!r}; give it x-name"
            )


def channel_parameters(context: Context, draft: ChannelDraft, within: str) -> tuple[Parameter, ...]:
    """The parameters of a channel, in the order in which they stand in `within`: its address, or its path."""
    names = Names()
    places = dict(context.entries(draft.at, "parameters"))
    found = []
    for name in dict.fromkeys(_PARAMETER.findall(within)):
        place = places.get(name, draft.at)
        python = names.claim([soft(snake(name) or "parameter"), soft(snake(name) or "parameter") + "_value"])
        if python is None:
            context.error(
                place, "parameter-name-clash", f"parameter {name!r} has the same name in code as another"
            )
            continue
        found.append(_parameter(context, name, python, places.get(name)))
    return tuple(found)


def _parameter(context: Context, name: str, python: str, place: Location | None) -> Parameter:
    plain = Parameter(name, python, soft(camel(python.rstrip("_"))), "", None, (), None, (), None)
    if place is None:
        return plain
    schema = context.at(place, "schema") or place
    enum = context.get(schema, "enum")
    constant = context.get(schema, "const")
    listed = [constant] if constant is not None else enum if isinstance(enum, list) else []
    pattern = context.get(schema, "pattern")
    if pattern is None and not listed:
        pattern = _SPELLINGS.get(context.text(schema, "type"))
    default = context.get(schema, "default")
    numbers = [type(value) in (int, float) for value in listed]
    return replace(
        plain,
        is_number=all(numbers) if numbers else context.text(schema, "type") in ("integer", "number"),
        description=context.text(place, "description") or context.text(schema, "description"),
        pattern=pattern if isinstance(pattern, str) else None,
        enum=tuple(_spelled(value) for value in listed if isinstance(value, str | int | float)),
        default=_spelled(default) if isinstance(default, str | int | float) else None,
        aliases=tuple(
            (alias, _spelled(value))
            for alias, item in context.entries(place, "x-aliases")
            if isinstance(value := context.value(item), str | int | float)
        ),
        location=location_path(context.text(place, "location")),
        place=context.at(place, "schema"),
    )


def _spelled(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def with_methods(channel: str, built: list[Message], names: Names) -> list[Message]:
    """The messages of one channel, each with a method name of its own."""
    return [replace(message, method=_method(channel, message, names)) for message in built]


def _method(channel: str, message: Message, names: Names) -> str:
    whole = snake(message.key)
    candidates = [whole]
    if message.body is not None or message.tag is not None:
        tag = snake(str(message.tag.value)) if message.tag is not None else ""
        if message.tag is not None and message.tag.path and tag.startswith(channel + "_"):
            candidates.insert(0, tag.removeprefix(channel + "_"))
    usable = [soft(name) for name in candidates if name] or ["message"]
    return names.claim(
        [*usable, *(name + "_message" for name in usable), *(name + "_frame" for name in usable)]
    ) or (usable[0] + "_message_frame")
