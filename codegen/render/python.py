"""What the Python templates lay out: the contract in Python's terms, names and literals ready to print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from codegen.contract import Channel, Contract, Endpoint, Json, Message, Parameter, Path
from codegen.render.models_feed import native
from codegen.render.text import literal, string, union

FieldNames = Mapping[tuple[str, str], str]
"""From a model's class and a property's name on the wire to the attribute's name."""

_TAKEN = frozenset(
    {
        "ABC",
        "AbstractAsyncContextManager",
        "AsyncIterator",
        "Awaitable",
        "C",
        "Callable",
        "Channel",
        "ChannelConnection",
        "ClassVar",
        "Client",
        "CloseCode",
        "Codec",
        "Connect",
        "Connection",
        "Delivery",
        "Dispatcher",
        "E",
        "ENVELOPE",
        "Enum",
        "Envelope",
        "EnvelopeDispatcher",
        "Exception",
        "Exchange",
        "Final",
        "Framing",
        "Generic",
        "IntEnum",
        "KeyError",
        "Literal",
        "Mapping",
        "Never",
        "NotImplementedError",
        "ParameterRule",
        "PathDispatcher",
        "Publication",
        "Publisher",
        "RequestError",
        "Route",
        "RuntimeError",
        "Self",
        "Session",
        "Sink",
        "Socket",
        "State",
        "Subscription",
        "T",
        "TimeoutError",
        "Topic",
        "TopicError",
        "TypeAlias",
        "TypeError",
        "TypeVar",
        "UpdateType",
        "ValueError",
        "WebSocket",
        "WebsocketRouteHandler",
    }
)
_TOPIC_ATTRIBUTES = frozenset({"address", "path", "parse", "of", "of_payload", "self", "cls"})
_HANDLER_ATTRIBUTES = frozenset({"connected", "on_invalid"})
_ROUTE_ARGUMENTS = frozenset({"connect", "dispatcher", "path", "route", "serve", "socket", "websocket"})
_CLIENT_ATTRIBUTES = frozenset({"close", "lost", "open", "options", "url"})
_WEBSOCKET = ("ws", "wss", "http", "https")


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


@dataclass(frozen=True)
class MethodView:
    """A message that clients send, as a method."""

    message: Message
    name: str
    request: str
    answer: Message | None


@dataclass(frozen=True)
class ClientMethodView:
    """A request, as a method of a client's channel."""

    message: Message
    name: str
    codec: str | None
    body: str | None
    exchange: str
    answer: str | None
    subscribes: bool
    topic: str


class PythonView:
    """A contract in Python's terms."""

    def __init__(self, contract: Contract, names: FieldNames) -> None:
        self.contract = contract
        self._names = names

    # Names

    @cached_property
    def _taken(self) -> frozenset[str]:
        made = {f"{channel.class_name}{suffix}" for channel in self.contract.channels for suffix in _SUFFIXES}
        made |= {f"{end.class_name}{suffix}" for end in self.contract.endpoints for suffix in _SUFFIXES}
        return _TAKEN | made | {self.client_class}

    @property
    def client_class(self) -> str:
        """The client's class."""
        return f"{self.contract.client_name}Client"

    def local(self, schema: str) -> str:
        """What a model is called outside of models.py: its name, unless something else there has it."""
        return f"{schema}Model" if schema in self._taken else schema

    def imported(self, schemas: Iterable[str]) -> list[str]:
        """What to import from models.py for these."""
        wanted = dict.fromkeys(schemas)
        return [name if self.local(name) == name else f"{name} as {self.local(name)}" for name in wanted]

    @cached_property
    def _codecs(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for schema in self.contract.schemas:
            name = f"_{constant(schema.name)}_CODEC"
            while name in found.values():  # two spellings of one name
                name += "_"
            found[schema.name] = name
        return found

    def codec(self, schema: str) -> str:
        """The constant that reads and writes a schema's values."""
        return self._codecs[schema]

    @property
    def multiplexed(self) -> bool:
        """Whether one socket serves all channels."""
        return self.contract.envelope is not None

    # Topics

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
        stop = _stop(tokens, parameter.name)
        if stop and self.multiplexed:
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

    def _referred(self, properties: Json, name: str) -> str | None:
        value = properties.get(name) if isinstance(properties, dict) else None
        reference = value.get("$ref") if isinstance(value, dict) else None
        return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else None

    # Handlers

    def methods(self, channel: Channel) -> tuple[MethodView, ...]:
        """What a channel's handler implements."""
        return tuple(
            MethodView(
                message,
                message.method + ("_" if message.method in _HANDLER_ATTRIBUTES else ""),
                self.local(message.schema),
                None if message.response is None else self.contract.message(message.response),
            )
            for message in channel.client_to_server
        )

    def argument(self, channel: Channel) -> str:
        """The keyword by which a route takes a channel's handler."""
        return channel.name + ("_" if channel.name in _ROUTE_ARGUMENTS else "")

    def incoming(self, endpoint: Endpoint) -> list[tuple[Channel, MethodView, str]]:
        """Every message that a socket takes: its channel, its method, and the literal of its tag."""
        homes = {
            view.message.key: (channel, view)
            for channel in reversed(endpoint.channels)
            for view in self.methods(channel)
        }
        tagged = [(*homes[m.key], literal(tag)) for tag, m in endpoint.incoming.tagged if m.key in homes]
        untagged = [(*homes[m.key], "None") for m in endpoint.incoming.untagged if m.key in homes]
        return tagged + untagged

    def route_arguments(self, method: MethodView) -> list[str]:
        """What `route` needs besides tag, codec and method."""
        request, answer = method.message, method.answer
        if answer is None:
            return []
        arguments = [self.codec(answer.schema)]
        if request.correlation and answer.correlation:
            arguments.append(f"identity={path_literal(request.correlation)}")
            arguments.append(f"answer_identity={path_literal(answer.correlation)}")
            attribute = self._names.get((answer.schema, answer.correlation[0]))
            if len(answer.correlation) == 1 and attribute is not None:
                arguments.append(f"answer_attribute={string(attribute)}")
        if answer.can_fail and answer.tag is not None:
            arguments.append(f"refused_by={literal(answer.tag.value)}")
        return arguments

    def sends(self, endpoint: Endpoint) -> str:
        """The union of what a server may send on a socket."""
        return union(self.local(m.schema) for channel in endpoint.channels for m in channel.server_to_client)

    def receives(self, endpoint: Endpoint) -> str:
        """The union of what a client may send on a socket."""
        return union(self.local(m.schema) for channel in endpoint.channels for m in channel.client_to_server)

    def variable(self, endpoint: Endpoint) -> str:
        """The type variable of a socket's connections."""
        return "C" if len(self.contract.endpoints) == 1 else f"{endpoint.class_name}C"

    def codecs(self) -> tuple[Message, ...]:
        """The messages that handlers read or write, each once."""
        wanted: dict[str, Message] = {}
        for channel in self.contract.channels:
            for method in self.methods(channel):
                wanted[method.message.schema] = method.message
                if method.answer is not None:
                    wanted[method.answer.schema] = method.answer
        if self.contract.envelope is not None:
            error = self.contract.message(self.contract.envelope.error)
            wanted[error.schema] = error
        return tuple(wanted.values())

    # Client

    @property
    def default_url(self) -> str | None:
        """Where clients connect to unless told: the first server that speaks WebSocket, else the first."""
        able = [one for one in self.contract.servers if one.protocol.lower() in _WEBSOCKET]
        for server in able or self.contract.servers:
            if "://" in server.url:
                return server.url
            scheme = server.protocol.lower() if server.protocol.lower() in _WEBSOCKET else "ws"
            return f"{scheme}://{server.url.lstrip('/')}"
        return None

    def answer_type(self, answer: Message) -> tuple[str, bool]:
        """What a client's request returns, as a schema's name, and whether that is the whole message."""
        if self.multiplexed and (answer.ok or answer.body) is not None:
            return answer.ok or answer.body or "", False
        return answer.schema, True

    def client_methods(self, channel: Channel) -> tuple[ClientMethodView, ...]:
        """What a client can do on a channel of a multiplexed socket."""
        views = []
        for method in self.methods(channel):
            message = method.message
            if channel.is_topic and message.action == "unsubscribe":
                continue  # the subscription itself does that
            views.append(
                ClientMethodView(
                    message=message,
                    name=method.name,
                    codec=None if message.body is None else self.codec(message.body),
                    body=None if message.body is None else self.local(message.body),
                    exchange=f"_{constant(channel.name)}_{constant(message.method)}",
                    answer=None if method.answer is None else self.local(self.answer_type(method.answer)[0]),
                    subscribes=message.action == "subscribe" and bool(channel.updates),
                    topic=self._subscribed(channel, message),
                )
            )
        return tuple(views)

    def _subscribed(self, channel: Channel, message: Message) -> str:
        """The expression that says which topic a subscribe request is for."""
        topic = self.topic(channel)
        if not channel.parameters:
            return f"{topic.class_name}().address"
        if message.body is not None and message.body in topic.payloads:
            return f"{topic.class_name}.of_payload(payload).address"
        body = f"{self.codec(message.body)}.encode(payload).decode()" if message.body is not None else '""'
        return f"{string(channel.name + ' ')} + {body}"  # until the server names the topic

    def exchanges(self) -> list[tuple[str, str, str]]:
        """Constants of the client: name, type and value of each request with its answer."""
        found = []
        for channel in self.contract.channels:
            for method in self.methods(channel):
                answer, name = method.answer, f"_{constant(channel.name)}_{constant(method.message.method)}"
                if answer is None:
                    continue
                schema, whole = self.answer_type(answer)
                tags = f"{self.wire_type(method.message)}, {self.wire_type(answer)}"
                if channel.is_topic and method.message.action in ("subscribe", "unsubscribe"):
                    found.append((name, "Pair", tags))
                else:
                    codec = f"Codec({self.local(schema)})"
                    found.append((name, "Exchange", f"{tags}, {codec}{', whole=True' if whole else ''}"))
        return found

    def unsubscribe(self, channel: Channel) -> str:
        """The exchange that ends a subscription."""
        for method in self.methods(channel):
            if method.message.action == "unsubscribe" and method.answer is not None:
                return f"_{constant(channel.name)}_{constant(method.message.method)}"
        return "None"

    def update_name(self, channel: Channel, message: Message) -> str:
        """The constant that reads one kind of update."""
        return f"_{constant(channel.name)}_{constant(message.method)}"

    def update_types(self, channel: Channel) -> str:
        """The constants that read a channel's updates, as a tuple."""
        return "(" + "".join(f"{self.update_name(channel, update)}, " for update in channel.updates) + ")"

    def items(self, channel: Channel) -> str:
        """What iterating a subscription yields."""
        return union(self.pushed_type(message) for message in channel.updates)

    def update_models(self, channel: Channel) -> str:
        """What iterating a subscription's `updates()` yields."""
        return union(self.local(message.schema) for message in channel.updates)

    def update_item(self, message: Message) -> str:
        """The attribute of an update that holds its body; empty where the update has none."""
        if self.contract.envelope is None or message.body is None:
            return ""
        return "." + self._names.get((message.schema, self.contract.envelope.payload), "payload")

    def heard(self, channel: Channel) -> tuple[Message, ...]:
        """What a server says unasked that is no update of a topic and no error."""
        answers = {message.response for message in self.contract.messages}
        skip = answers | {self.contract.envelope.error if self.contract.envelope else None}
        return tuple(
            message
            for message in channel.server_to_client
            if message.key not in skip and message.action != "update" and message.tag is not None
        )

    @property
    def beat(self) -> str | None:
        """The pair that keeps a connection alive; None where there is none, or it needs a payload."""
        heartbeat = self.contract.heartbeat
        if heartbeat is None or heartbeat.request is None:
            return None
        request = self.contract.message(heartbeat.request)
        if request.body is not None or request.tag is None:
            return None
        answer = None if request.response is None else self.contract.message(request.response)
        return f"Pair({self.wire_type(request)}, {'None' if answer is None else self.wire_type(answer)})"

    def bodies(self) -> tuple[str, ...]:
        """The schemas of the payloads that a client sends."""
        methods = [method for channel in self.contract.channels for method in self.client_methods(channel)]
        return tuple(dict.fromkeys(m.message.body for m in methods if m.message.body is not None))

    def client_models(self) -> list[str]:
        """The models in client.py."""
        wanted = list(self.bodies()) if self.multiplexed else []
        if not self.multiplexed:
            return [message.schema for message in self.contract.messages]
        for channel in self.contract.channels:
            views = [view for view in self.client_methods(channel) if not view.subscribes]
            answers = {view.message.response for view in views}
            wanted += [self.answer_type(self.contract.message(key))[0] for key in answers if key is not None]
            wanted += [message.schema for message in (*channel.updates, *self.heard(channel))]
            wanted += [message.body for message in channel.updates if message.body is not None]
        return wanted

    def in_channel(self, channel: Channel, message: Message) -> Message:
        """A message as the channel knows it, with its method's name there."""
        return next((one for one in channel.server_to_client if one.key == message.key), message)

    def channel_attribute(self, name: str) -> str:
        """A channel's attribute or method of the client."""
        return name + ("_" if name in _CLIENT_ATTRIBUTES else "")

    def call_arguments(self, topic: TopicView) -> str:
        """How a topic is made of parameters of the same names."""
        return ", ".join(f"{parameter.name}={parameter.name}" for parameter in topic.parameters)

    # What each file imports

    def topic_models(self) -> list[str]:
        """The models in topics.py."""
        return [name for topic in self.topics for name in (*topic.requests, *topic.payloads)]

    def handler_models(self) -> list[str]:
        """The models in handlers.py."""
        sent = [m.schema for end in self.contract.endpoints for c in end.channels for m in c.server_to_client]
        return [*sent, *(message.schema for message in self.codecs())]

    def pushed_models(self) -> list[str]:
        """The models in publisher.py."""
        messages = [message for channel in self.contract.channels for message in self.pushed(channel)]
        return [(message.body if self.multiplexed else None) or message.schema for message in messages]

    def pushed_topics(self) -> list[str]:
        """The topics in publisher.py."""
        return [f"{channel.class_name}Topic" for channel in self.contract.channels if self.pushed(channel)]

    def topic_classes(self) -> list[str]:
        """All topics."""
        return [topic.class_name for topic in self.topics]

    # Publisher

    def pushed(self, channel: Channel) -> tuple[Message, ...]:
        """What is sent without being asked for."""
        if self.multiplexed:
            return tuple(message for message in channel.updates if message.body is not None)
        answers = {message.response for message in self.contract.messages}
        return tuple(message for message in channel.server_to_client if message.key not in answers)

    def pushed_type(self, message: Message) -> str:
        """The model that a publisher takes."""
        return self.local((message.body if self.multiplexed else None) or message.schema)

    def wire_type(self, message: Message) -> str:
        """The literal of what tells a message from others."""
        return literal(message.key if message.tag is None else message.tag.value)


_SUFFIXES = ("Topic", "Handler", "Sends", "Receives", "Channel", "Connection", "C")


def _usable(pattern: str) -> bool:
    """Whether a run-time engine can read a pattern; the models leave out those that none can."""
    if native(pattern):
        return True
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def path_literal(path: Path | None) -> str:
    """A path as a tuple's literal."""
    if path is None:
        return "None"
    return f"({', '.join(map(string, path))}{',' if len(path) == 1 else ''})"


def litestar_path(endpoint: Endpoint, path: str) -> str:
    """A path of an endpoint in Litestar's notation: each segment that varies is one parameter."""
    names = {parameter.name: parameter.python_name for parameter in endpoint.parameters}
    segments = []
    for segment in path.split("/"):
        inside = [names[name] for name in re.findall(r"\{([^{}]*)\}", segment) if name in names]
        segments.append(f"{{{'_'.join(inside)}:str}}" if inside else segment)
    return "/".join(segments)


def constant(name: str) -> str:
    """A name as a constant's: `CLOSE_CODE`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"\W", "_", words).upper().strip("_")


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
