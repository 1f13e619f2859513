"""What the parts of a document must be to each other, once channels, messages and schemas are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codegen.build.channels import ChannelDraft
from codegen.build.context import Context
from codegen.build.forms import reference, referenced
from codegen.build.messages import location_path
from codegen.build.schemas import Schemas
from codegen.build.servers import Servers
from codegen.contract import Json, Path, SchemaDict
from codegen.document import Location

_OF_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def check(
    context: Context, schemas: Schemas, servers: Servers, drafts: Sequence[ChannelDraft], *, enveloped: bool
) -> None:
    """Note every contradiction between channels, messages, parameters and servers, and every oddity."""
    if servers.all and not servers.websocket:
        context.warn(
            context.root.child("servers"),
            "no-websocket",
            'no server speaks WebSocket (protocol "ws" or "wss"); all channels are taken as if one did',
        )
    _answers(context, drafts, enveloped=enveloped)
    if enveloped:
        _one_channel_each(context, drafts)
        _acting_messages(context, drafts)
    for draft in drafts:
        for name, place in context.entries(draft.at, "parameters"):
            if f"{{{name}}}" in draft.address:
                _parameter_type(context, name, place)
                _parameter_location(context, schemas, draft, name, place, enveloped=enveloped)


def _answers(context: Context, drafts: Sequence[ChannelDraft], *, enveloped: bool) -> None:
    """A message's answer goes over a socket; the request's own, or nobody waits for it."""
    sent = {answer.key for channel in drafts for answer in channel.server_to_client}
    for channel in drafts:
        here = {answer.key for answer in channel.server_to_client}
        for message in channel.client_to_server:
            place = message.fields.get("x-response")
            if place is None or message.response is None:
                continue
            if message.response not in sent:
                context.error(
                    place,
                    "x-response",
                    f"no channel sends {message.response!r}, the answer to {message.key!r}; "
                    f"list it under `subscribe` of channel {channel.address!r}",
                )
            elif not enveloped and message.response not in here:
                context.warn(
                    place,
                    "x-response",
                    f"channel {channel.address!r} does not send {message.response!r}; "
                    f"there, nobody waits for an answer to {message.key!r}",
                )


def _one_channel_each(context: Context, drafts: Sequence[ChannelDraft]) -> None:
    """On a socket that channels share, what a client sends is one channel's business: it says its type alone."""
    first: dict[str, ChannelDraft] = {}
    for channel in drafts:
        for message in channel.client_to_server:
            earlier = first.setdefault(message.key, channel)
            if earlier is not channel:
                where = context.document.source(earlier.places[message.key])
                context.error(
                    channel.places[message.key],
                    "message-channels",
                    f"{message.key!r} is sent to channel {earlier.address!r} too ({where.line}:{where.column}); "
                    "under x-envelope, give each channel a message of its own",
                )


def _acting_messages(context: Context, drafts: Sequence[ChannelDraft]) -> None:
    """Whoever subscribes or unsubscribes is told what came of it."""
    for channel in drafts:
        for message in channel.client_to_server:
            action = message.text(context, "x-action")
            if action in ("subscribe", "unsubscribe") and "x-response" not in message.fields:
                context.error(
                    message.at,
                    "x-action",
                    f"{message.key!r} has the x-action {action}, so it needs an x-response: its answer",
                )


def _parameter_type(context: Context, name: str, place: Location) -> None:
    """Say what of a parameter's schema nobody checks: an address is text, and so are its parts."""
    schema = context.at(place, "schema")
    if schema is None or context.get(schema, "enum") is not None or context.get(schema, "const") is not None:
        return
    written = context.get(schema, "type")
    types = written if isinstance(written, list) else [written]
    if "string" in types or written is None:
        return
    told = ", ".join(str(one) for one in types)
    if types not in (["integer"], ["number"], ["boolean"]):
        context.warn(
            place, "parameter-type", f"{name!r} is text in an address; its type ({told}) is not checked"
        )
        return
    value = context.value(schema)
    rest = [word for word in _OF_NUMBERS if isinstance(value, dict) and word in value]
    if rest:
        context.warn(
            place,
            "parameter-type",
            f"{name!r} is text in an address; that it spells {told} is checked, {', '.join(rest)} is not",
        )


def _parameter_location(
    context: Context, schemas: Schemas, channel: ChannelDraft, name: str, place: Location, *, enveloped: bool
) -> None:
    """A parameter that stands in messages stands in one of its channel's."""
    path = location_path(context.text(place, "location"))
    at = context.at(place, "location")
    if path is None or at is None or not channel.drafts:
        return
    if any(may_have(schemas, reference(draft.schema), path) for draft in channel.drafts):
        return
    acts = any(draft.text(context, "x-action") for draft in channel.client_to_server)
    tell = context.error if enveloped and acts else context.warn
    tell(
        at,
        "parameter-location",
        f"no message of channel {channel.address!r} has {'/'.join(path)!r}, where {name!r} is said to stand",
    )


def may_have(schemas: Schemas, schema: SchemaDict, path: Path) -> bool:
    """Whether values of a schema may have something at a path, going by what is declared."""
    if not path:
        return True
    plain = list(_plain(schemas, schema, set()))
    return not plain or any(_declares(schemas, one, path) for one in plain)


def _plain(schemas: Schemas, schema: SchemaDict, seen: set[str]) -> Iterator[SchemaDict]:
    """What a schema may be, references and unions taken apart; nothing where that is not known."""
    target = referenced(schema)
    if target is not None:
        if target in schemas and target not in seen:
            seen.add(target)
            yield from _plain(schemas, schemas.get(target).schema, seen)
        return
    arms: Json = schema.get("oneOf", schema.get("anyOf"))
    if isinstance(arms, list):
        for arm in arms:
            yield from _plain(schemas, arm if isinstance(arm, dict) else {}, seen)
    else:
        yield schema


def _declares(schemas: Schemas, schema: SchemaDict, path: Path) -> bool:
    properties = schema.get("properties")
    more = schema.get("additionalProperties")
    if isinstance(properties, dict) and path[0] in properties:
        item = properties[path[0]]
        return may_have(schemas, item if isinstance(item, dict) else {}, path[1:])
    if isinstance(more, dict):
        return may_have(schemas, more, path[1:])
    if schema.get("patternProperties"):
        return True
    if properties:
        return False
    return (schema.get("type") in (None, "object") and more is not False) or schema.get("type") == "array"
