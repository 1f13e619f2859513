"""What the template of a client whose channels are sockets of their own lays out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codegen.contract import Contract, Endpoint, Json, Message, Parameter, SchemaDict
from codegen.render.identity import numeric_ids
from codegen.render.typescript_common import (
    OBJECT_MEMBERS,
    UnionView,
    close_advice,
    free,
    message_description,
    message_unions,
)
from codegen.render.typescript_types import (
    Field,
    Types,
    described,
    literal,
    property_name,
    property_of,
    union,
)

_SOCKET_MEMBERS = OBJECT_MEMBERS | {
    "close",
    "on",
    "onError",
    "onMessage",
    "onState",
    "open",
    "request",
    "send",
    "state",
    "url",
}


_QUERY_KEYWORDS = ("type", "enum", "const")
_SCALAR = re.compile(r"(string|number|boolean|-?[0-9.]+|true|false|\"[^\"\\\\]*\"| \| )+")
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A part of a socket's path that varies."""

    field: Field
    key: str
    """As a property of an object, as it stands in the path."""
    value: str
    """The value to use, as an expression."""


@dataclass(frozen=True, slots=True)
class SocketMethodView:
    """A request of a socket without envelope."""

    name: str
    description: str
    payload: str
    result: str
    exchange: tuple[tuple[str, str], ...]
    """Fields of the run-time's `MessageExchange`, with their values as expressions."""


@dataclass(frozen=True, slots=True)
class SocketView:
    """A socket of its own."""

    name: str
    """Of the client's method that makes it."""
    class_name: str
    path: str
    place: str
    """A sentence that says which channel this is."""
    description: str
    """May be empty."""
    parameters: tuple[ParameterView, ...]
    protocol: str
    sends: UnionView
    receives: UnionView
    events: tuple[tuple[str, str], ...]
    """Tag as a property of an interface, and type."""
    requests: tuple[SocketMethodView, ...]
    query: tuple[Field, ...]
    """What the document says of the URL's query; empty where it says nothing."""

    @property
    def query_name(self) -> str:
        """The type of the URL's query."""
        return self.class_name.removesuffix("Socket") + "Query"

    @property
    def options_type(self) -> str:
        """The type of the options that open the socket."""
        return f"SocketOptions<{self.query_name}>" if self.query else "SocketOptions"

    @property
    def parameters_name(self) -> str:
        """The interface of the path's parameters."""
        return self.class_name.removesuffix("Socket") + "Parameters"

    @property
    def events_name(self) -> str:
        """The interface that maps tags to messages."""
        return self.class_name.removesuffix("Socket") + "Events"

    @property
    def all_optional(self) -> bool:
        """Whether every parameter has a default."""
        return all(parameter.field.optional for parameter in self.parameters)


@dataclass(frozen=True, slots=True)
class PathClientView:
    """The client of a document whose channels are sockets of their own."""

    class_name: str
    description: str
    sockets: tuple[SocketView, ...]
    unions: tuple[UnionView, ...]


def path_client_view(contract: Contract) -> PathClientView:
    """The client of a document whose channels are sockets of their own."""
    taken = set(OBJECT_MEMBERS)
    sockets = tuple(
        _socket(contract, endpoint, free(_camel(endpoint.name), "Socket", taken))
        for endpoint in contract.endpoints
    )
    return PathClientView(
        class_name=f"{contract.client_name}Client",
        description=contract.description or contract.title,
        sockets=sockets,
        unions=tuple(union for socket in sockets for union in (socket.sends, socket.receives)),
    )


def _socket(contract: Contract, endpoint: Endpoint, name: str) -> SocketView:
    sends, receives = message_unions(endpoint.class_name, endpoint.channels)
    tag = endpoint.outgoing.path
    events: dict[str, list[str]] = {}
    for value, message in endpoint.outgoing.tagged:
        events.setdefault(_tag_key(value), []).append(_narrowed(endpoint, message, value))
    fields = [("tag", literal(list(tag)))] if tag else []
    fields.append(close_advice(contract))
    taken = set(_SOCKET_MEMBERS)
    channel = endpoint.channels[0]
    return SocketView(
        name=name,
        class_name=endpoint.class_name.removesuffix("Socket") + "Socket",
        path=endpoint.path,
        description=channel.description,
        place=f"Channel `{channel.address}`.",
        parameters=tuple(map(_parameter, endpoint.parameters)),
        protocol="{ " + ", ".join(f"{key}: {value}" for key, value in fields) + " }",
        sends=sends,
        receives=receives,
        events=tuple((property_name(key), union(types)) for key, types in events.items()),
        requests=tuple(_socket_requests(contract, endpoint, taken)),
        query=_query(contract, channel.address),
    )


def _narrowed(endpoint: Endpoint, message: Message, value: str | int | bool) -> str:
    """The type of a message with this tag, where it may have others as well."""
    path = endpoint.outgoing.path
    others = [other for tag, other in endpoint.outgoing.tagged if other.key == message.key and tag != value]
    if not others or path is None or len(path) != 1:
        return f"models.{message.schema}"
    return f"models.{message.schema} & {{ {property_name(path[0])}: {literal(value)} }}"


def _socket_requests(contract: Contract, endpoint: Endpoint, taken: set[str]) -> Iterator[SocketMethodView]:
    for channel in endpoint.channels:
        for message in channel.requests:
            assert message.response is not None
            answer = contract.message(message.response)
            ids = _correlation(contract, message, answer)
            tags = [value for value, tagged in endpoint.outgoing.tagged if tagged.key == answer.key]
            if not tags and not ids:
                # Nothing tells the answer from whatever else may come: `send` is all there is.
                continue
            fields = (
                []
                if message.tag is None
                else [("tag", f"[{literal(list(message.tag.path))}, {literal(message.tag.value)}]")]
            )
            if len(tags) == 1:
                fields.append(("response", literal(tags[0])))
            elif not ids:
                continue
            fields += ids
            yield SocketMethodView(
                name=free(message.method_camel, "Request", taken),
                description=message_description(message),
                payload=_without_constants(contract, message, bool(ids)),
                result=f"models.{answer.schema}",
                exchange=tuple(fields),
            )


def _correlation(contract: Contract, message: Message, answer: Message) -> list[tuple[str, str]]:
    there, back = message.correlation, answer.correlation
    if there is None or back is None:
        return []
    fields = [("id", f"[{literal(list(there))}, {literal(list(back))}]")]
    if not numeric_ids(contract, [(message, there)]):
        fields.append(("stringIds", "true"))
    return fields


def _without_constants(contract: Contract, message: Message, has_id: bool) -> str:
    """The message's type, without what the client fills in itself."""
    named = contract.schema(message.schema)
    properties = named.schema.get("properties")
    extra = named.schema.get("additionalProperties")
    if not named.is_object or not isinstance(properties, dict) or isinstance(extra, dict) or extra is True:
        return f"models.{message.schema}"
    paths = [message.tag.path] if message.tag else []
    if has_id and message.correlation:
        paths.append(message.correlation)
    names = [literal(path[0]) for path in paths if len(path) == 1 and path[0] in properties]
    return f"Omit<models.{message.schema}, {' | '.join(names)}>" if names else f"models.{message.schema}"


def _parameter(parameter: Parameter) -> ParameterView:
    name = property_name(parameter.typescript_name)
    default = "" if parameter.default is None else f" ?? {literal(parameter.default)}"
    kind = union([literal(value) for value in parameter.enum]) if parameter.enum else "string"
    return ParameterView(
        field=Field(f"readonly {name}", kind, parameter.default is not None, parameter.description),
        key=property_name(parameter.name),
        value=property_of("parameters", parameter.typescript_name) + default,
    )


def _query(contract: Contract, address: str) -> tuple[Field, ...]:
    """What the WebSocket binding says of the URL's query."""
    place = _follow(contract, ("channels", address, "bindings", "ws", "query", "properties"))
    fields = []
    for name in place if isinstance(place, Mapping) else ():
        schema = _follow(contract, ("channels", address, "bindings", "ws", "query", "properties", name))
        if isinstance(schema, Mapping):
            plain = {key: value for key, value in schema.items() if key in _QUERY_KEYWORDS}
            kind = Types(()).type(plain)
            kind = kind if _SCALAR.fullmatch(kind) else "string | number | boolean"
            fields.append(Field(f"readonly {property_name(name)}", kind, True, described(schema)))
    return tuple(fields)


def _follow(contract: Contract, pointer: tuple[str, ...]) -> Json | SchemaDict:
    """A value of the document; None where there is none."""
    at: Json | SchemaDict = contract.document
    for key in (*pointer, None):
        for _ in range(_LONGEST_CHAIN):
            reference = at.get("$ref") if isinstance(at, Mapping) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            parts = reference[2:].split("/")
            at = _plain(contract.document, [part.replace("~1", "/").replace("~0", "~") for part in parts])
        if key is not None:
            at = at.get(key) if isinstance(at, Mapping) else None
    return at


def _plain(document: SchemaDict, pointer: list[str]) -> Json | SchemaDict:
    at: Json | SchemaDict = document
    for key in pointer:
        at = at.get(key) if isinstance(at, Mapping) else None
    return at


def _tag_key(value: str | int | bool) -> str:
    return value if isinstance(value, str) else literal(value)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
