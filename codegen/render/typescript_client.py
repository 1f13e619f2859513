"""What the template of a shared socket's client lays out: channels, their methods, the names they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.contract import Channel, Contract, Envelope, Message
from codegen.render.access_words import who_may
from codegen.render.identity import numeric_ids
from codegen.render.typescript_common import (
    OBJECT_MEMBERS,
    UnionView,
    close_advice,
    free,
    message_description,
    message_unions,
    tag_of,
)
from codegen.render.typescript_types import literal, property_name, union

_CLIENT_MEMBERS = OBJECT_MEMBERS | {
    "close",
    "connect",
    "connection",
    "onError",
    "onHole",
    "onState",
    "state",
    "url",
}
_TOLD = "`listener` gets the body of each update and the message around it."
_TOLD_STATE = (
    "`listener` gets, with each update, all that is there now, and the message that brought the change."
)
_SIGNS = {"ascending": "1", "descending": "-1"}


@dataclass(frozen=True, slots=True)
class MethodView:
    """A request with its answer, a message that nothing answers, or one that comes unasked."""

    name: str
    description: str
    tag: str
    """The message's tag, as an expression."""
    exchange: str
    """That and the answer's, as an expression; empty where nothing answers."""
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
    constant: str
    """The name of what the run-time is told of the topics."""
    protocol: tuple[str, ...]
    """Fields of the run-time's `TopicProtocol`, with their values."""
    selection: str
    """The payload that leaves, made of the variable `selection`."""
    body: str
    update: str
    told: str
    """What a listener gets."""


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel of the shared socket."""

    name: str
    class_name: str
    address: str
    place: str
    """A sentence that says which channel this is."""
    description: str
    """May be empty."""
    topic: TopicMethodView | None
    requests: tuple[MethodView, ...]
    sends: tuple[MethodView, ...]
    events: tuple[MethodView, ...]


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
    """What is imported, as types, from `runtime/protocol.js`."""
    functions: tuple[str, ...]
    """What is imported from there beside types."""
    has_topics: bool
    has_requests: bool
    has_events: bool


def client_view(contract: Contract, envelope: Envelope) -> ClientView:
    """The client of a shared socket."""
    answers = {message.response for message in contract.messages if message.response}
    taken = set(_CLIENT_MEMBERS)
    channels = []
    for channel in contract.channels:
        view = _channel(contract, envelope, channel, answers, free(channel.name_camel, "Channel", taken))
        if view.topic or view.requests or view.sends or view.events:
            channels.append(view)
    events = [
        tag_of(message)
        for channel in contract.channels
        for message in channel.server_to_client
        if _is_event(message, envelope, answers)
    ]
    unions = message_unions("", contract.endpoints[0].channels if contract.endpoints else ())
    has_topics = any(channel.topic for channel in channels)
    types = ["Protocol", "TopicProtocol"] if has_topics else ["Protocol"]
    return ClientView(
        class_name=f"{contract.client_name}Client",
        description=contract.description or contract.title,
        protocol=tuple(_protocol(contract, envelope, events)),
        channels=tuple(channels),
        unions=unions,
        types=tuple(types),
        functions=tuple(_functions(channels)),
        has_topics=has_topics,
        has_requests=any(channel.requests for channel in channels),
        has_events=any(channel.events for channel in channels),
    )


def _functions(channels: list[ChannelView]) -> Iterator[str]:
    fields = " ".join(field for channel in channels if channel.topic for field in channel.topic.protocol)
    yield from (name for name in ("spelled", "tagsOf") if f"{name}(" in fields)


def _protocol(contract: Contract, envelope: Envelope, events: list[str]) -> list[tuple[str, str]]:
    fields = [("type", literal(envelope.type)), ("payload", literal(envelope.payload))]
    if envelope.id is not None:
        fields.append(("id", literal(envelope.id)))
        if not numeric_ids(
            contract, ((message, (envelope.id,)) for message in contract.messages if message.response)
        ):
            fields.append(("stringIds", "true"))
    for name, field in (
        ("topic", envelope.topic),
        ("seq", envelope.seq),
        ("seqFrom", envelope.seq_from),
        ("epoch", envelope.epoch),
        ("snapshot", envelope.snapshot),
        ("checksum", envelope.checksum),
        ("recover", envelope.recover),
        ("recovered", envelope.recovered),
    ):
        if field is not None:
            fields.append((name, literal(field)))
    problem = envelope.problem_tag
    place = "".join(f"[{literal(name)}]" for name in problem.path)
    fields.append(("refused", f"(payload) => payload{place} === {literal(problem.value)}"))
    fields.append(("error", tag_of(contract.message(envelope.error))))
    fields.append(("events", f"[{', '.join(events)}]"))
    for action in ("reset", "close"):
        message = contract.acting(action)
        if message is not None:
            fields.append((action, tag_of(message)))
    fields.append(close_advice(contract))
    heartbeat = contract.heartbeat
    if heartbeat is not None and heartbeat.request is not None:
        request = contract.message(heartbeat.request)
        if request.response is not None and request.body is None:
            exchange = _exchange(contract, request)
            silence = heartbeat.interval_ms // 3
            fields.append(("heartbeat", f"{{ silenceMs: {silence}, exchange: {exchange} }}"))
    return fields + _authenticate(contract) + _pace(contract)


def _authenticate(contract: Contract) -> list[tuple[str, str]]:
    if contract.authenticate is None or contract.token is None:
        return []
    exchange = _exchange(contract, contract.message(contract.authenticate))
    expires = f", expires: {literal(contract.expires)}" if contract.expires else ""
    return [("authenticate", f"{{ exchange: {exchange}, token: {literal(contract.token)}{expires} }}")]


def _pace(contract: Contract) -> list[tuple[str, str]]:
    """How fast topics may be subscribed to: half of what is allowed at once is left for other requests."""
    limits = {limit.name: limit.value for limit in contract.limits}
    rate, burst = limits.get("messages_per_second"), limits.get("message_burst")
    if rate is None or burst is None:
        return []
    return [("pace", f"{{ burst: {burst // 2}, intervalMs: {-(-1000 // rate)} }}")]


def _channel(
    contract: Contract, envelope: Envelope, channel: Channel, answers: set[str], name: str
) -> ChannelView:
    subscribe = _first(channel, "subscribe")
    topic = None
    if subscribe is not None:
        topic = _topic_method(contract, channel, subscribe)
    leaving = _first(channel, "unsubscribe") if topic else None
    taken = set(OBJECT_MEMBERS) | ({"subscribe"} if topic else set())
    requests: list[MethodView] = []
    sends: list[MethodView] = []
    events: list[MethodView] = []
    for message in channel.client_to_server:
        if message in (subscribe, leaving) and topic is not None:
            continue
        view = _method(contract, message, free(message.method_camel, "Request", taken))
        (requests if message.response else sends).append(view)
    for message in channel.server_to_client:
        if _is_event(message, envelope, answers):
            on = "on" + message.method_camel[:1].upper() + message.method_camel[1:]
            events.append(_method(contract, message, free(on, "Message", taken)))
    return ChannelView(
        name=name,
        class_name=channel.class_name.removesuffix("Channel") + "Channel",
        address=channel.address,
        description="\n\n".join(part for part in (channel.description, who_may(contract, channel)) if part),
        place=f"Channel `{channel.address}`.",
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
        constant=f"{channel.name.rstrip('_').upper()}_TOPIC",
        protocol=tuple(_topic_protocol(contract, channel, subscribe, unsubscribe if leaves else None)),
        selection=_selection(contract, subscribe, unsubscribe),
        body=bodies,
        update=frames,
        told=f"{_TOLD_STATE if channel.state else _TOLD} Without one, iterate the subscription.",
    )


def _topic_protocol(
    contract: Contract, channel: Channel, subscribe: Message, unsubscribe: Message | None
) -> list[str]:
    fields = _tags(contract, channel, subscribe, unsubscribe)
    if any(message.body is None for message in channel.updates):
        fields.append("bare: true")
    fields.append(f"address: {_address(contract, channel, subscribe)}")
    if channel.snapshot is not None:
        fields.append(f"snapshot: {literal(channel.snapshot)}")
    if channel.delivery == "conflate" or channel.state is not None:
        fields.append("latest: true")
    state = channel.state
    if state is not None:
        lists = ", ".join(f"[{literal(name)}, {_SIGNS[order]}]" for name, order in state.lists)
        checksum = "" if state.checksum is None else f", checksum: {state.checksum}"
        keys = f"key: {literal(state.key)}, value: {literal(state.value)}"
        fields.append(f"state: {{ {keys}, lists: [{lists}]{checksum} }}")
    return fields


def _tags(contract: Contract, channel: Channel, subscribe: Message, unsubscribe: Message | None) -> list[str]:
    """What requests and updates of the channel's topics are told by."""
    fields = [f"subscribe: {_exchange(contract, subscribe)}"]
    if unsubscribe is not None:
        fields.append(f"unsubscribe: {_exchange(contract, unsubscribe)}")
    fields.append(f"updates: [{', '.join(map(tag_of, channel.updates))}]")
    tags = {"subscribe": "subscribe", "unsubscribe": "unsubscribe", "updates": "update"}
    usual = [f"{field}: [{literal(f'{channel.name}.{tag}')}]" for field, tag in tags.items()]
    return [f"...tagsOf({literal(channel.name)})"] if fields == usual else fields


def _address(contract: Contract, channel: Channel, subscribe: Message) -> str:
    """How a selection names its topic; where the document does not say, each selection is a topic of its own."""
    envelope = contract.envelope
    assert envelope is not None
    values = {}
    for parameter in channel.parameters:
        location = parameter.location
        if location is None or len(location) != 2 or location[0] != envelope.payload:
            given = contract.schema(subscribe.body).schema.get("properties") if subscribe.body else None
            names = given if isinstance(given, dict) else ()
            return _selecting(_quoted(channel.name) + "".join(f"|${{{_selected(name)}}}" for name in names))
        value = _selected(location[1])
        if parameter.default is not None:
            value += f" ?? {literal(parameter.default)}"
        if parameter.aliases:
            value = f"spelled({literal(dict(parameter.aliases))}, {value})"
        values[parameter.name] = f"${{{value}}}"
    pieces = re.split(r"\{([^{}]*)\}", channel.address)
    return _selecting("".join(values[one] if odd % 2 else _quoted(one) for odd, one in enumerate(pieces)))


def _selected(name: str) -> str:
    return f"selection[{literal(name)}]"


def _selecting(text: str) -> str:
    return f"({'selection' if '${' in text else ''}) => `{text}`"


def _quoted(text: str) -> str:
    """A text within a template literal."""
    return re.sub(r"[\\`]|\$(?=\{)", r"\\\g<0>", text)


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
        description=message_description(message),
        tag=tag_of(message),
        exchange=_exchange(contract, message) if answer else "",
        payload=f"models.{message.body}" if message.body else "",
        payload_optional=message.body is not None and not _requires(contract, message.body),
        result=result,
    )


def _requires(contract: Contract, name: str) -> bool:
    schema = contract.schema(name)
    return not schema.is_object or bool(schema.schema.get("required"))


def _exchange(contract: Contract, message: Message) -> str:
    assert message.response is not None
    tag, answer = tag_of(message), tag_of(contract.message(message.response))
    return f"[{tag}]" if answer == f'{tag[:-1]}.response"' else f"[{tag}, {answer}]"


def _is_event(message: Message, envelope: Envelope, answers: set[str]) -> bool:
    return message.key not in answers and message.key != envelope.error and message.action != "update"


def _first(channel: Channel, action: str) -> Message | None:
    return next((message for message in channel.client_to_server if message.action == action), None)
