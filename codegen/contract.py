"""The contract as the generator understands it: what `build` makes of a document, and all that `render` may see.

Everything here is frozen and plain. Direction is told as who sends to whom; AsyncAPI's `publish` and `subscribe`
(which 2.x means from the client's side) end in `build`. Decisions are made there too: a template that needs to know
something finds it here as a field or a property.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from codegen.location import Location

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""Any JSON value."""

SchemaDict: TypeAlias = Mapping[str, Json]
"""A JSON Schema whose every `$ref` is `#/components/schemas/<NamedSchema.name>`."""

Path: TypeAlias = tuple[str, ...]
"""Property names from the root of a message down to one of its values: `("payload", "station")`."""


Action: TypeAlias = Literal["subscribe", "unsubscribe", "update", "reset", "close"]
"""What a message does: to its channel's topic, or, for `reset` and `close`, to the one that its envelope names."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was written: a file as the user named it, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class NamedSchema:
    """One schema that gets a name of its own in the generated code.

    Objects with properties become classes and interfaces; everything else (a union, a constrained string, a list)
    becomes a type alias. Inline objects have been given a name by `build`, so that no renderer invents one.
    """

    name: str
    """PascalCase, unique in the contract, valid in Python and TypeScript."""
    schema: SchemaDict
    description: str
    source: Source
    is_object: bool
    """True where the schema describes an object with named properties: a class rather than an alias."""


@dataclass(frozen=True, slots=True)
class Tag:
    """How a message is recognised: the value at `path` is always `value`."""

    path: Path
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a whole message, as the document gives it."""

    name: str
    summary: str
    payload: Json
    fits: bool = True
    """Whether the message's schema, as it was written, accepts it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of frame, whole: what stands between the braces, envelope included."""

    key: str
    """Unique in the contract: the key in `components/messages`, else the message's name, else made from its place."""
    schema: str
    """`NamedSchema.name` of the whole frame; also the name of the class and of the interface."""
    title: str
    description: str
    """Summary and description joined, as paragraphs; empty where the document has neither."""
    source: Source
    tag: Tag | None
    """None where nothing constant tells this message from its neighbours."""
    body: str | None
    """With an envelope: `NamedSchema.name` of what stands under the envelope's payload field; None without payload."""
    response: str | None
    """Key of the message that answers this one (`x-response`), or None."""
    action: Action | None
    """With an envelope: what this message does to a topic (`x-action`)."""
    correlation: Path | None
    """Where the id stands that an answer repeats (`correlationId.location`), or None."""
    examples: tuple[Example, ...] = ()
    ok: str | None = None
    """For a response under an envelope: `NamedSchema.name` of the payload when the request was carried out."""
    can_fail: bool = False
    """For a response under an envelope: whether its payload may be the envelope's problem schema."""
    payload: Location | None = None
    """Where the document has the schema of the whole frame, which may be a `$ref`; None without one."""
    method: str = ""
    """snake_case name of the handler's and the client's method for this message, unique within its channel."""

    @property
    def method_camel(self) -> str:
        """The method's name in TypeScript."""
        head, *rest = self.method.split("_")
        return head + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a channel's address that varies."""

    name: str
    """As it stands between the braces."""
    python_name: str
    """snake_case, no keyword."""
    typescript_name: str
    """camelCase, no reserved word."""
    description: str
    pattern: str | None
    """What a value must match, anchored or not as the document wrote it."""
    enum: tuple[str, ...]
    """The only values allowed; empty where any are."""
    default: str | None
    aliases: tuple[tuple[str, str], ...]
    """Spellings that mean another value (`x-aliases`): `(("D", "1D"),)`."""
    location: Path | None
    """Where the value stands in a message of this channel (`location`), `("payload", "station")`; None for paths."""
    is_number: bool = False
    """Whether all its values are numbers; in an address they are text like all else."""
    place: Location | None = None
    """Where the document has its schema; None where it has none."""


@dataclass(frozen=True, slots=True)
class State:
    """How the updates of a channel change what its subscribers hold (`x-state`): keyed lists.

    Every list is a required property of the payload of every update, its items are objects in which `key` and
    `value` are required numbers, and nothing else is required in either.
    """

    key: str
    """The property of a list's items that says which entry is meant."""
    value: str
    """The property that says what stands there; 0 takes the entry away."""
    lists: tuple[tuple[str, Literal["ascending", "descending"]], ...]
    """The payload's properties that are such lists, and how each is ordered by key."""
    checksum: int | None
    """How many entries of each list, from its beginning, the checksum of an update covers; None without one."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a token must grant to those who use a channel (`x-access`), beside being valid."""

    scopes: tuple[str, ...]
    """All of them; empty where any valid token will do."""
    parameter: str | None
    """The parameter, as between the braces, whose value of the topic the token must name; None where it need not."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of the document: a topic address, or the path of a socket."""

    address: str
    """As written: `weather:{station}:{interval}`, `/v1/rooms/{room}`."""
    name: str
    """snake_case, unique, no keyword: `weather`, `v1_rooms`."""
    class_name: str
    """PascalCase of the name, unique beside all schemas: `Weather`, of which `WeatherHandler` is made."""
    description: str
    source: Source
    parameters: tuple[Parameter, ...]
    client_to_server: tuple[Message, ...]
    server_to_client: tuple[Message, ...]
    delivery: Literal["conflate", "lossless"] | None
    """`x-delivery.mode`; None where the document does not say."""
    hook: str
    """The name of the function by which a component of a page subscribes: `x-hook`, else `useWeather`."""
    delivery_key: str | None = None
    """`x-delivery.key`: the property of the payload of which each value's latest update is kept."""
    history: int | None = None
    """How many of a topic's last updates are kept for those who come back (`x-history.updates`)."""
    snapshot: Literal["subscribe", "recover"] | None = None
    """When a subscriber is sent what the topic holds: always, or when it could not be sent all it missed."""
    place: Location | None = None
    """Where the document has the channel, `$ref`s followed."""
    state: State | None = None
    """What a subscriber holds is made of all updates; None where each update stands for itself."""
    security: tuple[str, ...] = ()
    """Names of the security schemes of which what clients send here needs one (the operation's `security`)."""
    access: Access | None = None
    """With an envelope: what a token must grant; None where none is needed."""

    @property
    def requests(self) -> tuple[Message, ...]:
        """What clients send and are answered, in document order."""
        return tuple(message for message in self.client_to_server if message.response is not None)

    @property
    def updates(self) -> tuple[Message, ...]:
        """What is pushed to the subscribers of a topic, in document order."""
        return tuple(message for message in self.server_to_client if message.action == "update")

    @property
    def is_topic(self) -> bool:
        """Whether clients subscribe to addresses of this channel."""
        return any(message.action == "subscribe" for message in self.client_to_server)

    @property
    def name_camel(self) -> str:
        """The channel's name in TypeScript."""
        head, *rest = self.name.split("_")
        return head + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True, slots=True)
class Routing:
    """How one side of a socket tells the frames it receives apart."""

    path: Path | None
    """Where the tag stands; None where the messages have none in common."""
    tagged: tuple[tuple[str | int | bool, Message], ...]
    """Tag value and message, in document order; values are unique."""
    untagged: tuple[Message, ...]
    """Messages that no tag tells apart: tried in document order, the first that validates wins."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One WebSocket a client can open."""

    path: str
    """URL path, with `{parameters}`: `/api/v1/ws`."""
    name: str
    """snake_case, unique: the channel's name, or `socket` when all channels share one."""
    class_name: str
    parameters: tuple[Parameter, ...]
    channels: tuple[Channel, ...]
    incoming: Routing
    """What the server receives."""
    outgoing: Routing
    """What clients receive."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The fields that every frame of a multiplexed socket may have, by their names on the wire (`x-envelope`)."""

    type: str
    payload: str
    id: str | None
    topic: str | None
    seq: str | None
    seq_from: str | None
    epoch: str | None
    snapshot: str | None
    checksum: str | None
    """Of an update: the CRC-32 of what a client then holds."""
    recover: str | None
    """Of a subscribe request: the last position that the client has."""
    recovered: str | None
    """Of the answer to such a request: whether all that followed is sent."""
    ts: str | None
    error: str
    """Key of the message that tells of what cannot be matched with a request."""
    problem: str
    """`NamedSchema.name` of that message's payload; a refused request's answer carries it too."""
    problem_tag: Tag
    """What tells the problem from a payload that says yes: `Tag(("status",), "error")`."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How long a connection may be silent, and how long it may live (`x-heartbeat`), in milliseconds."""

    interval_ms: int
    lifespan_ms: int
    request: str | None
    """Key of the message that clients send when they have nothing else to say."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One entry of `x-limits`: how much of something one client may have."""

    name: str
    """snake_case, with its unit: `message_bytes`."""
    value: int
    description: str

    @property
    def name_camel(self) -> str:
        """The limit's name in TypeScript."""
        head, *rest = self.name.split("_")
        return head + "".join(word.capitalize() for word in rest)


@dataclass(frozen=True, slots=True)
class CloseCode:
    """One entry of `x-close-codes`."""

    code: int
    name: str
    """snake_case."""
    client: Literal["reconnect", "stop"]
    description: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A module that somebody wrote by hand, shipped in the npm package beside what is generated."""

    name: str
    """kebab-case: it lies in `src/<name>.ts` and, if exported, is imported as `<package>/<name>`."""
    path: str
    """Where it was, relative to the document, with forward slashes."""
    text: str
    exported: bool = True
    """Whether it is an entry point of its own, or only there for those that are."""


@dataclass(frozen=True, slots=True)
class Release:
    """The document as it was when a version was released (`x-releases`)."""

    version: str
    """As its `info.version` says: a semantic version."""
    file: str
    """Where it lies, as the user would name it: `spec/releases/1.2.0.json`."""
    document: SchemaDict


@dataclass(frozen=True, slots=True)
class ChapterEntry:
    """One change of a chapter."""

    verdict: Literal["breaking", "dangerous", "compatible"]
    direction: Literal["client_to_server", "server_to_client"] | None
    subject: str
    """What changed, in a few words."""
    reason: str
    """One sentence: who breaks and how, or why nobody does."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What changed from one release to the next."""

    version: str
    is_released: bool
    since: str
    """The version before; empty for the first."""
    entries: tuple[ChapterEntry, ...]
    """The worst first."""

    def of(self, verdict: str) -> tuple[ChapterEntry, ...]:
        """The entries of one verdict."""
        return tuple(entry for entry in self.entries if entry.verdict == verdict)


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the document, its variables replaced by their defaults."""

    name: str
    url: str
    protocol: str
    description: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """One security scheme of the document."""

    name: str
    title: str
    """What it is, in a few words: `bearer token, JWT`, `API key in the header X-Key`."""
    description: str


@dataclass(frozen=True, slots=True)
class Contract:
    """A whole document, ready to render."""

    source: str
    """The document as the user named it, with forward slashes: `spec/asyncapi.yaml`."""
    asyncapi: str
    title: str
    version: str
    description: str
    client_name: str
    """PascalCase without `Client`: `info.x-client-name`, else from the title."""
    package_name: str
    """kebab-case, valid for npm: from the client's name, ending in `-client`."""
    servers: tuple[Server, ...]
    schemas: tuple[NamedSchema, ...]
    messages: tuple[Message, ...]
    channels: tuple[Channel, ...]
    endpoints: tuple[Endpoint, ...]
    envelope: Envelope | None
    heartbeat: Heartbeat | None
    limits: tuple[Limit, ...]
    close_codes: tuple[CloseCode, ...]
    authenticate: str | None = None
    """Key of the request that a client with a token sends first (`x-authenticate.request`); it is answered."""
    token: str | None = None
    """The property of that request's payload that carries the token (`x-authenticate.token`)."""
    expires: str | None = None
    """The property of its answer's payload that says in how many milliseconds the token runs out (`.expires`)."""
    schemes: tuple[Scheme, ...] = ()
    """How a client may say who it is (`components.securitySchemes`)."""
    entries: tuple[Entry, ...] = ()
    """Modules that the npm package has beside its own (`x-typescript.entries`, then `.modules`), in document order."""
    definitions: Mapping[str, Json] = field(default_factory=dict)
    """What the `x-conforms` of schemas refer to, by name: JSON Schemas as they were written."""
    unenforced: tuple[tuple[Location, str], ...] = ()
    """Keywords of schemas that the models take otherwise than JSON Schema (draft 7) does, and how they do."""
    document: SchemaDict = field(default_factory=dict)
    """The document in one piece: references into other files replaced by references into itself."""
    releases: tuple[Release, ...] = ()
    """What was released (`x-releases`), the oldest first."""
    changelog: tuple[Chapter, ...] = ()
    """What changed between the releases and since, the newest first; filled in only where it is rendered."""

    def acting(self, action: Action) -> Message | None:
        """What the server sends unasked to do something to a subscription, `reset` or `close`; None without one."""
        found = (one for channel in self.channels for one in channel.server_to_client if one.action == action)
        return next(found, None)

    def message(self, key: str) -> Message:
        """The message with this key; KeyError if there is none."""
        for message in self.messages:
            if message.key == key:
                return message
        raise KeyError(key)

    def schema(self, name: str) -> NamedSchema:
        """The schema with this name; KeyError if there is none."""
        for schema in self.schemas:
            if schema.name == name:
                return schema
        raise KeyError(name)
