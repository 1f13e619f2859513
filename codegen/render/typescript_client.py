"""What the client's template lays out: channels with methods, and the names that they need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codegen.contract import Channel, Contract, Endpoint, Envelope, Json, Message, Parameter, Path, SchemaDict
from codegen.render.typescript_types import Types, literal, property_name, union

_OBJECT_MEMBERS = frozenset(
    """
    constructor hasOwnProperty isPrototypeOf propertyIsEnumerable prototype toLocaleString toString valueOf then
    """.split()
)
_CLIENT_MEMBERS = _OBJECT_MEMBERS | {"close", "connect", "connection", "onError", "onState", "state", "url"}
_SOCKET_MEMBERS = _OBJECT_MEMBERS | {
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


@dataclass(frozen=True, slots=True)
class MethodView:
    """A request with its answer, a message that nothing answers, or something that the server sends unasked."""

    name: str
    description: str
    tag: str
    """The message's tag, as an expression."""
    response: str
    """The answer's tag, as an expression; empty where nothing answers."""
    payload: str
    """Type of the payload; empty where the message has none."""
    payload_optional: bool
    """Whether an empty payload will do."""
    result: str
    """Type of the answer; for something unasked, of the message."""


@dataclass(frozen=True, slots=True)
class TopicMethodView:
    """How a channel's topics are subscribed to."""

    method: MethodView
    unsubscribe: str
    """The tags of the request to leave and of its answer, as an expression; empty where there is none."""
    updates: str
    """The tags of the updates, as an expression."""
    selection: str
    """The payload that leaves, made of the variable `selection`."""
    body: str
    update: str


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel of the shared socket."""

    name: str
    class_name: str
    address: str
    description: str
    topic: TopicMethodView | None
    requests: tuple[MethodView, ...]
    sends: tuple[MethodView, ...]
    events: tuple[MethodView, ...]


@dataclass(frozen=True, slots=True)
class UnionView:
    """All that one side of a socket sends."""

    name: str
    description: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClientView:
    """The client of a shared socket."""

    class_name: str
    description: str
    protocol: tuple[tuple[str, str], ...]
    """Fields of the run-time's `Protocol`, with their values as expressions."""
    channels: tuple[ChannelView, ...]
    unions: tuple[UnionView, ...]
    types: tuple[str, ...]
    """What is imported, as types, from `runtime/connection.js`."""
    has_topics: bool
    has_requests: bool
    has_events: bool


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A part of a socket's path that varies."""

    name: str
    """As a property of an object in TypeScript."""
    key: str
    """As a property of an object, as it stands in the path."""
    description: str
    type: str
    optional: bool
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
    description: str
    parameters: tuple[ParameterView, ...]
    protocol: str
    sends: UnionView
    receives: UnionView
    events: tuple[tuple[str, str], ...]
    """Tag as a property of an interface, and type."""
    requests: tuple[SocketMethodView, ...]

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
        return all(parameter.optional for parameter in self.parameters)


@dataclass(frozen=True, slots=True)
class PathClientView:
    """The client of a document whose channels are sockets of their own."""

    class_name: str
    description: str
    sockets: tuple[SocketView, ...]
    unions: tuple[UnionView, ...]


def client_view(contract: Contract, envelope: Envelope) -> ClientView:
    """The client of a shared socket."""
    answers = {message.response for message in contract.messages if message.response}
    taken = set(_CLIENT_MEMBERS)
    channels = []
    for channel in contract.channels:
        view = _channel(contract, envelope, channel, answers, _free(channel.name_camel, "Channel", taken))
        if view.topic or view.requests or view.sends or view.events:
            channels.append(view)
    events = [
        _tag(message)
        for channel in contract.channels
        for message in channel.server_to_client
        if _is_event(message, envelope, answers)
    ]
    unions = tuple(
        _unions(
            "",
            contract.endpoints[0].channels if contract.endpoints else contract.channels,
            "the server",
            "clients",
        )
    )
    has_topics = any(channel.topic for channel in channels)
    types = ["ClientOptions", "Connection", "Protocol"] if channels else ["ClientOptions", "Protocol"]
    return ClientView(
        class_name=f"{contract.client_name}Client",
        description=contract.description or contract.title,
        protocol=tuple(_protocol(contract, envelope, events)),
        channels=tuple(channels),
        unions=unions,
        types=tuple(types),
        has_topics=has_topics,
        has_requests=any(channel.requests for channel in channels),
        has_events=any(channel.events for channel in channels),
    )


def path_client_view(contract: Contract) -> PathClientView:
    """The client of a document whose channels are sockets of their own."""
    taken = set(_OBJECT_MEMBERS)
    sockets = tuple(
        _socket(contract, endpoint, _free(_camel(endpoint.name), "Socket", taken))
        for endpoint in contract.endpoints
    )
    return PathClientView(
        class_name=f"{contract.client_name}Client",
        description=contract.description or contract.title,
        sockets=sockets,
        unions=tuple(union for socket in sockets for union in (socket.sends, socket.receives)),
    )


def stop_codes(contract: Contract) -> list[Json]:
    """The close codes that mean stop and are not among those that always do."""
    return [
        item.code for item in contract.close_codes if item.client == "stop" and not 4500 <= item.code < 5000
    ]


# -- a shared socket


def _protocol(contract: Contract, envelope: Envelope, events: list[str]) -> list[tuple[str, str]]:
    fields = [("type", literal(envelope.type)), ("payload", literal(envelope.payload))]
    if envelope.id is not None:
        fields.append(("id", literal(envelope.id)))
        if not _numeric_ids(
            contract, ((message, (envelope.id,)) for message in contract.messages if message.response)
        ):
            fields.append(("stringIds", "true"))
    if envelope.topic is not None:
        fields.append(("topic", literal(envelope.topic)))
    problem = envelope.problem_tag
    path: list[Json] = list(problem.path)
    fields.append(("problem", f"{{ path: {literal(path)}, value: {literal(problem.value)} }}"))
    fields.append(("error", _tag(contract.message(envelope.error))))
    fields.append(("events", f"[{', '.join(events)}]"))
    fields.append(("stopCodes", literal(stop_codes(contract))))
    heartbeat = contract.heartbeat
    if heartbeat is not None and heartbeat.request is not None:
        request = contract.message(heartbeat.request)
        if request.response is not None and request.body is None:
            exchange = _exchange(contract, request)
            silence = heartbeat.interval_ms // 3
            fields.append(("heartbeat", f"{{ silenceMs: {silence}, exchange: {exchange} }}"))
    return fields


def _channel(
    contract: Contract, envelope: Envelope, channel: Channel, answers: set[str], name: str
) -> ChannelView:
    subscribe = _first(channel, "subscribe")
    topic = None
    if subscribe is not None:
        topic = _topic_method(contract, channel, subscribe)
    leaving = _first(channel, "unsubscribe") if topic else None
    taken = set(_OBJECT_MEMBERS) | ({"subscribe"} if topic else set())
    requests, sends, events = [], [], []
    for message in channel.client_to_server:
        if message in (subscribe, leaving) and topic is not None:
            continue
        view = _method(contract, message, _free(message.method_camel, "Request", taken))
        (requests if message.response else sends).append(view)
    for message in channel.server_to_client:
        if _is_event(message, envelope, answers):
            on = "on" + message.method_camel[:1].upper() + message.method_camel[1:]
            events.append(_method(contract, message, _free(on, "Message", taken)))
    return ChannelView(
        name=name,
        class_name=f"{channel.class_name}Channel",
        address=channel.address,
        description=channel.description or f"What goes over `{channel.address}`.",
        topic=topic,
        requests=tuple(requests),
        sends=tuple(sends),
        events=tuple(events),
    )


def _topic_method(contract: Contract, channel: Channel, subscribe: Message) -> TopicMethodView | None:
    if subscribe.response is None or not channel.updates:
        return None
    unsubscribe = _first(channel, "unsubscribe")
    leaves = unsubscribe is not None and unsubscribe.response is not None
    bodies = union([f"models.{message.body or message.schema}" for message in channel.updates])
    frames = union([f"models.{message.schema}" for message in channel.updates])
    return TopicMethodView(
        method=_method(contract, subscribe, "subscribe"),
        unsubscribe=_exchange(contract, unsubscribe) if unsubscribe is not None and leaves else "",
        updates=f"[{', '.join(map(_tag, channel.updates))}]",
        selection=_selection(contract, subscribe, unsubscribe),
        body=bodies,
        update=frames,
    )


def _selection(contract: Contract, subscribe: Message, unsubscribe: Message | None) -> str:
    if unsubscribe is None or unsubscribe.body is None or subscribe.body is None:
        return "undefined"
    if unsubscribe.body == subscribe.body:
        return "selection"
    wanted = contract.schema(unsubscribe.body).schema.get("properties")
    given = contract.schema(subscribe.body).schema.get("properties")
    if not isinstance(wanted, dict) or not isinstance(given, dict):
        return "selection"
    fields = [f"{property_name(key)}: selection[{literal(key)}]" for key in wanted if key in given]
    return f"{{ {', '.join(fields)} }}" if fields else "{}"


def _method(contract: Contract, message: Message, name: str) -> MethodView:
    answer = contract.message(message.response) if message.response else None
    if answer is None:
        result = f"models.{message.schema}"
    elif answer.can_fail:
        result = f"models.{answer.ok}" if answer.ok else "never"
    else:
        result = f"models.{answer.ok or answer.body or answer.schema}"
    return MethodView(
        name=name,
        description=message.description or message.title,
        tag=_tag(message),
        response=_tag(answer) if answer else "",
        payload=f"models.{message.body}" if message.body else "",
        payload_optional=message.body is not None and not _requires(contract, message.body),
        result=result,
    )


def _requires(contract: Contract, name: str) -> bool:
    schema = contract.schema(name)
    return not schema.is_object or bool(schema.schema.get("required"))


def _exchange(contract: Contract, message: Message) -> str:
    assert message.response is not None
    return f"[{_tag(message)}, {_tag(contract.message(message.response))}]"


def _is_event(message: Message, envelope: Envelope, answers: set[str]) -> bool:
    return message.key not in answers and message.key != envelope.error and message.action != "update"


def _first(channel: Channel, action: str) -> Message | None:
    return next((message for message in channel.client_to_server if message.action == action), None)


# -- sockets of their own


def _socket(contract: Contract, endpoint: Endpoint, name: str) -> SocketView:
    sends, receives = _unions(endpoint.class_name, endpoint.channels, "the server", "clients")
    tag = endpoint.outgoing.path
    events: dict[str, list[str]] = {}
    for value, message in endpoint.outgoing.tagged:
        events.setdefault(_tag_key(value), []).append(_narrowed(endpoint, message, value))
    fields = [("tag", literal(list(tag)))] if tag else []
    fields.append(("stopCodes", literal(stop_codes(contract))))
    taken = set(_SOCKET_MEMBERS)
    channel = endpoint.channels[0]
    return SocketView(
        name=name,
        class_name=f"{endpoint.class_name}Socket",
        path=channel.address.split("?")[0],
        description=channel.description or f"What goes over `{channel.address}`.",
        parameters=tuple(map(_parameter, endpoint.parameters)),
        protocol="{ " + ", ".join(f"{key}: {value}" for key, value in fields) + " }",
        sends=sends,
        receives=receives,
        events=tuple((property_name(key), union(types)) for key, types in events.items()),
        requests=tuple(_socket_requests(contract, endpoint, taken)),
    )


def _narrowed(endpoint: Endpoint, message: Message, value: str | int | bool) -> str:
    """The type of a message with this tag, where it may have others as well."""
    path = endpoint.outgoing.path
    others = [other for tag, other in endpoint.outgoing.tagged if other.key == message.key and tag != value]
    if not others or path is None or len(path) != 1:
        return f"models.{message.schema}"
    return f"models.{message.schema} & {{ {property_name(path[0])}: {literal(value)} }}"


def _socket_requests(contract: Contract, endpoint: Endpoint, taken: set[str]) -> Iterable[SocketMethodView]:
    for channel in endpoint.channels:
        for message in channel.requests:
            assert message.response is not None
            answer = contract.message(message.response)
            ids = _correlation(contract, message, answer)
            tags = [value for value, tagged in endpoint.outgoing.tagged if tagged.key == answer.key]
            if not tags and not ids:
                # Nothing tells the answer from whatever else may come: `send` and `onMessage` are all there is.
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
                name=_free(message.method_camel, "Request", taken),
                description=message.description or message.title,
                payload=_without_constants(contract, message, bool(ids)),
                result=f"models.{answer.schema}",
                exchange=tuple(fields),
            )


def _correlation(contract: Contract, message: Message, answer: Message) -> list[tuple[str, str]]:
    there, back = message.correlation, answer.correlation
    if there is None or back is None:
        return []
    fields = [("id", f"[{literal(list(there))}, {literal(list(back))}]")]
    if not _numeric_ids(contract, [(message, there)]):
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
    access = f"parameters.{name}"
    default = "" if parameter.default is None else f" ?? {literal(parameter.default)}"
    return ParameterView(
        name=name,
        key=property_name(parameter.name),
        description=parameter.description,
        type=union([literal(value) for value in parameter.enum]) if parameter.enum else "string",
        optional=parameter.default is not None,
        value=access + default,
    )


# -- both


def _unions(
    prefix: str, channels: tuple[Channel, ...], server: str, clients: str
) -> tuple[UnionView, UnionView]:
    sent = dict.fromkeys(f"models.{m.schema}" for channel in channels for m in channel.client_to_server)
    heard = dict.fromkeys(f"models.{m.schema}" for channel in channels for m in channel.server_to_client)
    return (
        UnionView(f"{prefix}ClientMessage", f"Everything that {clients} send.", tuple(sent)),
        UnionView(f"{prefix}ServerMessage", f"Everything that {server} sends.", tuple(heard)),
    )


def _tag(message: Message) -> str:
    return literal(message.tag.value if message.tag else message.key)


def _tag_key(value: str | int | bool) -> str:
    return value if isinstance(value, str) else literal(value)


def _numeric_ids(contract: Contract, places: Iterable[tuple[Message, Path]]) -> bool:
    types = Types(contract.schemas)
    return all(
        _accepts_number(contract, types, contract.schema(message.schema).schema, path)
        for message, path in places
    )


def _accepts_number(contract: Contract, types: Types, schema: SchemaDict, path: Path) -> bool:
    at: Json = dict(schema)
    for key in (*path, None):
        for _ in range(len(contract.schemas)):
            if not isinstance(at, dict) or not isinstance(at.get("$ref"), str):
                break
            at = dict(contract.schema(str(at["$ref"]).rsplit("/", 1)[-1]).schema)
        if key is None:
            break
        properties = at.get("properties") if isinstance(at, dict) else None
        if not isinstance(properties, dict) or key not in properties:
            return True
        at = properties[key]
    kind = types.type(at)
    return kind == "unknown" or "number" in kind.split(" | ")


def _free(name: str, suffix: str, taken: set[str]) -> str:
    """A member's name that nothing else in the class has."""
    while name in taken:
        name += suffix
    taken.add(name)
    return name


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
