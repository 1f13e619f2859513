"""The envelope, the heartbeat, the limits and the close codes: what the document says of its one socket."""

from __future__ import annotations

from codegen.build.context import Context
from codegen.build.forms import reference, referenced
from codegen.build.messages import Draft, Messages
from codegen.build.schemas import Schemas
from codegen.build.told import arms, plain, property_of
from codegen.contract import CloseCode, Envelope, Heartbeat, Json, Limit, Tag
from codegen.document import Location
from codegen.vocabulary import ENVELOPE_FIELDS, LIMITS


def envelope_place(context: Context) -> Location | None:
    """Where the envelope is described; None without one."""
    place = context.at(context.root, "x-envelope")
    if place is not None and not isinstance(context.document.value(place), dict):
        context.error(
            place, "x-envelope", "the envelope is a mapping: type, payload, error, and optional fields"
        )
        return None
    return place


def error_message(context: Context, messages: Messages) -> Draft | None:
    """The message that tells of what matches no request (`x-envelope.error`)."""
    return _named_message(context, messages, context.root.child("x-envelope", "error"), "error")


def heartbeat_message(context: Context, messages: Messages) -> Draft | None:
    """The message that a silent client sends (`x-heartbeat.request`)."""
    return _named_message(context, messages, context.root.child("x-heartbeat", "request"), "heartbeat")


def authenticate_message(context: Context, messages: Messages) -> Draft | None:
    """The message by which a client says who it is (`x-authenticate.request`)."""
    return _named_message(context, messages, context.root.child("x-authenticate", "request"), "authenticate")


def _named_message(context: Context, messages: Messages, at: Location, fallback: str) -> Draft | None:
    if not context.document.has(at):
        return None
    value = context.document.value(at)
    if isinstance(value, str):
        named = messages.by_name(value)
        place = named.at if named else context.at(context.root, "components", "messages", value)
        if place is not None:
            return messages.find(place, value)
    elif isinstance(value, dict):
        return messages.find(at, fallback)
    context.error(at, "unknown-message", f"there is no message {value!r}; give a $ref or a message's name")
    return None


def build_envelope(context: Context, schemas: Schemas, messages: Messages) -> Envelope | None:
    """The envelope, checked against the messages; None without one or with findings."""
    place = envelope_place(context)
    if place is None:
        return None
    error = error_message(context, messages)
    if error is None:
        context.error(place, "x-envelope", "`error` is missing: the message for what matches no request")
        return None
    if error.body is None or error.body not in schemas:
        context.error(error.at, "x-envelope", f"{error.key!r} needs a payload that says what went wrong")
        return None
    tag = _problem_tag(schemas, error.body)
    if tag is None:
        context.error(
            error.at,
            "x-envelope",
            f"the payload of {error.key!r} needs a constant (`status: {{const: error}}`)",
        )
        return None
    names = {name: context.text(place, name) or None for name in ENVELOPE_FIELDS}
    return Envelope(
        type=field_name(context, "type"),
        payload=field_name(context, "payload"),
        **names,
        error=error.key,
        problem=error.body,
        problem_tag=tag,
    )


def field_name(context: Context, name: str) -> str:
    """What a field of the envelope is called on the wire; its own name where the document does not say."""
    return context.text(context.root, "x-envelope", name) or name


def _problem_tag(schemas: Schemas, problem: str) -> Tag | None:
    properties = plain(schemas, reference(problem)).get("properties")
    if isinstance(properties, dict):
        for key, item in properties.items():
            value = item.get("const") if isinstance(item, dict) else None
            if isinstance(value, str | int):
                return Tag((key,), value)
    return None


def answer(
    schemas: Schemas, body: str | None, problem: str | None, at: Location, name: str
) -> tuple[str | None, bool]:
    """What a response's payload is when all went well, and whether it may be the problem instead."""
    if body is None or problem is None or body not in schemas:
        return body, False
    if body == problem:
        return None, True
    schema = plain(schemas, reference(body))
    listed: Json = schema.get("oneOf", schema.get("anyOf"))
    if not isinstance(listed, list):
        return body, False
    good = [arm for arm in listed if isinstance(arm, dict) and referenced(arm) != problem]
    if len(good) == len(listed):
        return body, False
    if len(good) == 1 and (target := referenced(good[0])) is not None:
        return target, True
    return schemas.add_union(name, [dict(arm) for arm in good], at), True


def build_heartbeat(context: Context, messages: Messages) -> Heartbeat | None:
    """`x-heartbeat`; None without one."""
    place = context.at(context.root, "x-heartbeat")
    if place is None:
        return None
    numbers: dict[str, int] = {}
    for name in ("interval_ms", "lifespan_ms"):
        value = context.get(place, name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            numbers[name] = value
        else:
            context.error(place, "x-heartbeat", f"`{name}` is missing or no positive number of milliseconds")
    request = heartbeat_message(context, messages)
    if len(numbers) < 2:
        return None
    return Heartbeat(numbers["interval_ms"], numbers["lifespan_ms"], request.key if request else None)


def build_authenticate(
    context: Context, schemas: Schemas, messages: Messages
) -> tuple[str | None, str | None, str | None]:
    """`x-authenticate`: the request's key, its payload's property, its answer's; None without, or with findings."""
    place = context.at(context.root, "x-authenticate")
    request = authenticate_message(context, messages)
    if place is None or request is None or not context.document.has(context.root.child("x-envelope")):
        return None, None, None
    token = context.text(place, "token")
    body = request.body
    properties = (
        None if body is None or body not in schemas else plain(schemas, reference(body)).get("properties")
    )
    if not isinstance(properties, dict) or token not in properties:
        context.error(
            place.child("token"),
            "x-authenticate",
            f"the payload of {request.key!r} has no property {token!r}",
        )
    elif request.response is None:
        context.error(
            place.child("request"),
            "x-authenticate",
            f"{request.key!r} needs an x-response: its answer says whether the token was accepted",
        )
    elif (expires := _expires(context, schemas, messages, place, request)) is not None:
        return request.key, token, expires or None
    return None, None, None


def _expires(
    context: Context, schemas: Schemas, messages: Messages, place: Location, request: Draft
) -> str | None:
    """The property of the answer that says when the token runs out; empty without one, None with a finding."""
    name = context.text(place, "expires")
    response = messages.by_name(request.response or "")
    if not name or response is None:
        return ""
    for body in arms(schemas, reference(response.body)) if response.body is not None else ():
        if plain(schemas, property_of(body, name)).get("type") in ("integer", "number"):
            return name
    context.error(
        place.child("expires"),
        "x-authenticate",
        f"the payload of {response.key!r} has no property {name!r} that is a number (of milliseconds)",
    )
    return None


def build_limits(context: Context) -> tuple[Limit, ...]:
    """`x-limits`, in document order."""
    found: list[Limit] = []
    for name, place in context.entries(context.root, "x-limits"):
        value = context.document.value(place)
        if name not in LIMITS:
            continue  # an extension of the extension
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            found.append(Limit(name, value, LIMITS[name]))
        else:
            context.error(place, "x-limits", f"`{name}` must be a positive whole number")
    return tuple(found)


def build_close_codes(context: Context) -> tuple[CloseCode, ...]:
    """`x-close-codes`, in document order."""
    found: list[CloseCode] = []
    for place in context.items(context.root, "x-close-codes"):
        code = context.get(place, "code")
        client = context.text(place, "client")
        name = context.text(place, "name")
        if not isinstance(code, int) or isinstance(code, bool) or not 1000 <= code <= 4999:
            context.error(place, "x-close-codes", "`code` must be a number from 1000 to 4999")
        elif client not in ("reconnect", "stop"):
            context.error(place, "x-close-codes", f"`client` of {code} must be reconnect or stop")
        elif not name.isidentifier():
            context.error(place, "x-close-codes", f"`name` of {code} must be an identifier in snake_case")
        elif any(code == other.code or name == other.name for other in found):
            context.error(place, "x-close-codes", f"{code} {name} is there already")
        else:
            found.append(
                CloseCode(
                    code,
                    name,
                    "stop" if client == "stop" else "reconnect",
                    context.text(place, "description"),
                )
            )
    return tuple(found)
