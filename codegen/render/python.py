"""What the Python templates lay out: the contract in Python's terms, names and literals ready to print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from codegen.contract import Channel, Contract, Endpoint, Json, Message, Parameter, Path
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
_CLIENT_ATTRIBUTES = frozenset({"close", "connect", "closed", "url"})


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

    def codec(self, message: Message) -> str:
        """The constant that reads and writes a message."""
        return "_" + constant(message.schema)

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

    def _topic(self, channel: Channel) -> TopicView:
        tokens = _tokens(channel.address, {parameter.name for parameter in channel.parameters})
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
        if parameter.pattern is not None:
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
        default = ""
        if parameter.default is not None:
            later = channel.parameters[index + 1 :]
            default = f" = {string(parameter.default)}"
            if any(other.default is None for other in later):
                default = f" = field(default={string(parameter.default)}, kw_only=True)"
        rule = f"_{constant(channel.name)}_{constant(name)}"
        return ParameterView(parameter, name, rule, ", ".join(arguments), default)

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
        """The attributes that lead from a model to one of its values; None where they may not all be there."""
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
        arguments = [self.codec(answer)]
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
                wanted[self.codec(method.message)] = method.message
                if method.answer is not None:
                    wanted[self.codec(method.answer)] = method.answer
        if self.contract.envelope is not None:
            error = self.contract.message(self.contract.envelope.error)
            wanted[self.codec(error)] = error
        return tuple(wanted.values())

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
    for (text, is_parameter), (after, varies) in zip(tokens, tokens[1:], strict=False):
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
