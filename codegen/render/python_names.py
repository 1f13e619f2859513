"""Names and literals of the generated Python: what a thing of the contract is called there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from codegen.contract import Contract, Endpoint, Message, Path
from codegen.render.text import literal, string

FieldNames = Mapping[tuple[str, str], str]
"""From a model's class and a property's name on the wire to the attribute's name."""

_LITESTARS = frozenset({"body", "cookies", "data", "headers", "query", "request", "scope", "socket", "state"})
"""What Litestar itself gives to handlers, and so lets no parameter of a path be called."""

TAKEN = frozenset(
    {
        "ClientOptions",
        "ConnectionLost",
        "InvalidMessage",
        "MessageReader",
        "MessageType",
        "Pair",
        "ABC",
        "AccessRule",
        "AsyncBrokerPublisher",
        "Authentication",
        "AbstractAsyncContextManager",
        "AsyncIterator",
        "Awaitable",
        "C",
        "Callable",
        "Channel",
        "ChannelConnection",
        "ChannelRule",
        "ChannelRules",
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
        "Hole",
        "IntEnum",
        "Iterator",
        "KeyError",
        "KeyedList",
        "Literal",
        "Mapping",
        "Never",
        "NotImplementedError",
        "ParameterRule",
        "PathDispatcher",
        "Publication",
        "PublicationBatch",
        "Publications",
        "PublishedAt",
        "Publisher",
        "PublisherOptions",
        "RequestError",
        "Route",
        "RuntimeError",
        "Self",
        "Session",
        "Sink",
        "Socket",
        "State",
        "Subscription",
        "SyncBrokerPublisher",
        "SyncPublisher",
        "T",
        "TimeoutError",
        "Topic",
        "TopicError",
        "ToSink",
        "TypeAlias",
        "TypeError",
        "TypeVar",
        "UpdateType",
        "ValueError",
        "WebSocket",
        "WebsocketRouteHandler",
    }
)
_SUFFIXES = ("Topic", "Handler", "Sends", "Receives", "Channel", "Connection", "C", "Conn")


class Names:
    """The names that a contract's things have in Python."""

    def __init__(self, contract: Contract, names: FieldNames) -> None:
        self.contract = contract
        self._names = names

    @cached_property
    def _taken(self) -> frozenset[str]:
        made = {f"{channel.class_name}{suffix}" for channel in self.contract.channels for suffix in _SUFFIXES}
        made |= {f"{end.class_name}{suffix}" for end in self.contract.endpoints for suffix in _SUFFIXES}
        return TAKEN | made | {self.client_class}

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

    def wire_type(self, message: Message) -> str:
        """The literal of what tells a message from others."""
        return literal(message.key if message.tag is None else message.tag.value)


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
        name = "_".join(inside)
        segments.append(f"{{{name}{'_' if name in _LITESTARS else ''}:str}}" if inside else segment)
    return "/".join(segments)


def constant(name: str) -> str:
    """A name as a constant's: `CLOSE_CODE`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"\W", "_", words).upper().strip("_")
