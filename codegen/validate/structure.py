"""The objects of AsyncAPI 2.0–2.6 and their fields: what the official JSON Schemas refuse is refused here.

Three things differ on purpose. A `$ref` is followed and what it leads to is checked, in other files too, and
it may stand where only a later 2.x allows one (servers, server variables, parameters). A parameter must be a
mapping. Bindings are the business of their protocols: only those for WebSockets are looked at, and what is
odd about them is a warning.
"""

from __future__ import annotations

import re

from codegen.contract import Json
from codegen.diagnostics import Diagnostic, DocumentError
from codegen.document import Document, Location
from codegen.validate.formats import is_address
from codegen.validate.schemas import EXTERNAL_DOCS, SCHEMA
from codegen.validate.security import SecurityScheme
from codegen.validate.shapes import (
    Anything,
    ByMinor,
    Fields,
    Flag,
    Later,
    ListOf,
    MapOf,
    Referable,
    Shape,
    Since,
    Text,
    Walk,
)
from codegen.validate.words import hint, type_name

LATEST = 6
_URL = Text(format="an absolute URL")
_LOCATION = Text(
    pattern=r"^\$message\.(header|payload)#(/(([^/~])|(~[01]))*)*", example="$message.payload#/field"
)


class _WebSocketBindings(Shape):
    """Bindings of any protocol, of which those for WebSockets are looked at."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        if not isinstance(value, dict):
            walk.must_be(at, value, "a mapping")
            return
        at = walk.document.follow(at)
        value = walk.document.value(at)
        bindings = value.get("ws") if isinstance(value, dict) else None
        if isinstance(bindings, dict) and "$ref" not in bindings:
            severity, walk.severity = walk.severity, "warning"
            _WS_CHANNEL.check(walk, at.child("ws"), bindings)
            walk.severity = severity


_WS_CHANNEL = Fields(
    "the WebSocket binding of a channel",
    {
        "method": Text(("GET", "POST")),
        "query": SCHEMA,
        "headers": SCHEMA,
        "bindingVersion": Text(),
    },
)

_BINDINGS = MapOf(Anything())
_TAGS = ListOf(
    Fields("a tag", {"name": Text(), "description": Text(), "externalDocs": EXTERNAL_DOCS}, ("name",)),
    unique=True,
)
_SECURITY = ListOf(MapOf(ListOf(Text(), unique=True)))

_SERVER_VARIABLE = Referable(
    "a server variable",
    "serverVariables",
    Fields(
        "a server variable",
        {
            "enum": ListOf(Text(), unique=True),
            "default": Text(),
            "description": Text(),
            "examples": ListOf(Text()),
        },
    ),
)
_SERVER = Referable(
    "a server",
    "servers",
    Fields(
        "a server",
        {
            "url": Text(),
            "description": Text(),
            "protocol": Text(),
            "protocolVersion": Text(),
            "variables": MapOf(_SERVER_VARIABLE),
            "security": _SECURITY,
            "bindings": _BINDINGS,
            "tags": Since(5, _TAGS),
        },
        ("url", "protocol"),
    ),
)

_PARAMETER = Referable(
    "a parameter",
    "parameters",
    Fields("a parameter", {"description": Text(), "schema": SCHEMA, "location": _LOCATION}),
)
_CORRELATION_ID = Referable(
    "a correlation id",
    "correlationIds",
    Fields("a correlation id", {"description": Text(), "location": _LOCATION}, ("location",)),
)

_FREE_EXAMPLES = ListOf(MapOf(Anything()))
_OLD_EXAMPLES = ListOf(
    Fields("a message example", {"headers": MapOf(Anything()), "payload": Anything()}, extensible=False)
)
_EXAMPLES = ListOf(
    Fields(
        "a message example",
        {"headers": MapOf(Anything()), "payload": Anything(), "name": Text(), "summary": Text()},
        any_of=("payload", "headers"),
        extensible=False,
    )
)


class _Headers(Shape):
    """A schema of an object."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        SCHEMA.check(walk, at, value)
        target = walk.document.follow(at)
        schema = walk.document.value(target)
        if isinstance(schema, dict) and "type" in schema and schema["type"] != "object":
            walk.report(target.child("type"), "bad-value", 'headers have the type "object"')


_MESSAGE_TEXTS: dict[str, Shape] = {
    "schemaFormat": Text(),
    "contentType": Text(),
    "headers": _Headers(),
    "messageId": Since(4, Text()),
    "correlationId": _CORRELATION_ID,
    "tags": _TAGS,
    "summary": Text(),
    "name": Text(),
    "title": Text(),
    "description": Text(),
    "externalDocs": EXTERNAL_DOCS,
    "deprecated": Flag(),
    "bindings": _BINDINGS,
}
_MESSAGE_TRAIT = Fields(
    "a message trait",
    {
        **_MESSAGE_TEXTS,
        # The official schemas of 2.2 to 2.5 forgot what those of 2.1 and 2.6 say.
        "examples": ByMinor(((0, _FREE_EXAMPLES), (1, _EXAMPLES), (2, _FREE_EXAMPLES), (6, _EXAMPLES))),
    },
)
MESSAGE = Later()
_CHOICE = Fields("a choice of messages", {"oneOf": ListOf(MESSAGE)}, ("oneOf",), extensible=False)
_FIELDS_OF_MESSAGE = Fields(
    "a message",
    {
        **_MESSAGE_TEXTS,
        "payload": Anything(),
        "examples": ByMinor(((0, _OLD_EXAMPLES), (1, _EXAMPLES))),
        "traits": ListOf(Referable("a message trait", "messageTraits", _MESSAGE_TRAIT)),
    },
)
JSON_SCHEMA_FORMAT = re.compile(
    r"application/vnd\.aai\.asyncapi(\+json|\+yaml)?(;\s*version=2\.[0-6]\.0)?\Z"
    r"|application/schema(\+json|\+yaml)?(;\s*version=draft-0?7)?\Z"
    r"|application/vnd\.oai\.openapi(\+json|\+yaml)?(;\s*version=3\.0\.\d+)?\Z"
)
"""The values of `schemaFormat` that mean JSON Schema, draft 7, or OpenAPI's, which is that and `nullable`."""


class _MessageOrChoice(Shape):
    def check(self, walk: Walk, at: Location, value: Json) -> None:
        if isinstance(value, dict) and "oneOf" in value:
            _CHOICE.check(walk, at, value)
            return
        _FIELDS_OF_MESSAGE.check(walk, at, value)
        if isinstance(value, dict) and "payload" in value:
            schema_format = value.get("schemaFormat")
            if schema_format is None or (
                isinstance(schema_format, str) and JSON_SCHEMA_FORMAT.match(schema_format)
            ):
                SCHEMA.check(walk, at.child("payload"), value["payload"])


MESSAGE.shape = Referable("a message", "messages", _MessageOrChoice())

_OPERATION_TEXTS: dict[str, Shape] = {
    "summary": Text(),
    "description": Text(),
    "security": Since(4, _SECURITY),
    "tags": _TAGS,
    "externalDocs": EXTERNAL_DOCS,
    "operationId": Text(),
    "bindings": _BINDINGS,
}
_OPERATION_TRAIT = Fields("an operation trait", _OPERATION_TEXTS)
_OPERATION = Fields(
    "an operation",
    {
        **_OPERATION_TEXTS,
        "traits": ListOf(Referable("an operation trait", "operationTraits", _OPERATION_TRAIT)),
        "message": MESSAGE,
    },
)
_CHANNEL = Fields(
    "a channel",
    {
        "$ref": Text(format="a reference"),
        "parameters": MapOf(_PARAMETER),
        "description": Text(),
        "servers": Since(2, ListOf(Text(), unique=True)),
        "publish": _OPERATION,
        "subscribe": _OPERATION,
        "deprecated": Flag(),
        "bindings": _WebSocketBindings(),
    },
)
_CHANNELS = MapOf(
    Referable("a channel", "channels", _CHANNEL),
    check_key=is_address,
    key_kind='an address: no spaces or quotes, and each "{" with its "}" around a name',
)

_NAME = r"^[\w.\-]+$"
_COMPONENTS = Fields(
    "the components",
    {
        "schemas": MapOf(SCHEMA),
        "servers": Since(3, MapOf(_SERVER)),
        "channels": Since(3, _CHANNELS),
        "serverVariables": Since(4, MapOf(_SERVER_VARIABLE)),
        "messages": MapOf(MESSAGE),
        "securitySchemes": MapOf(
            Referable("a security scheme", "securitySchemes", SecurityScheme()), key=_NAME
        ),
        "parameters": MapOf(_PARAMETER),
        "correlationIds": MapOf(_CORRELATION_ID, key=_NAME),
        "operationTraits": MapOf(_OPERATION_TRAIT),
        "messageTraits": MapOf(_MESSAGE_TRAIT),
        "serverBindings": MapOf(_BINDINGS),
        "channelBindings": MapOf(_BINDINGS),
        "operationBindings": MapOf(_BINDINGS),
        "messageBindings": MapOf(_BINDINGS),
    },
)
_INFO = Fields(
    "the info",
    {
        "title": Text(),
        "version": Text(),
        "description": Text(),
        "termsOfService": _URL,
        "contact": Fields(
            "the contact", {"name": Text(), "url": _URL, "email": Text(format="an e-mail address")}
        ),
        "license": Fields("the license", {"name": Text(), "url": _URL}, ("name",)),
    },
    ("title", "version"),
)
_DOCUMENT = Fields(
    "the document",
    {
        "asyncapi": Anything(),
        "id": _URL,
        "info": _INFO,
        "servers": MapOf(_SERVER),
        "defaultContentType": Text(),
        "channels": _CHANNELS,
        "components": _COMPONENTS,
        "tags": _TAGS,
        "externalDocs": EXTERNAL_DOCS,
    },
    ("info", "channels"),
)


def walk(document: Document) -> Walk:
    """Check a document against the tables; the result has the findings and, by kind, the objects it met.

    Raises:
        DocumentError: this is no AsyncAPI 2.x document; carries the one finding that says so.

    """
    root = document.value(document.root)
    result = Walk(document, _minor(document, root))
    _DOCUMENT.check(result, document.root, root)
    result.finish()
    return result


def _minor(document: Document, root: Json) -> int:
    """The y of the document's AsyncAPI 2.y."""
    at = document.root
    if not isinstance(root, dict):
        raise _refusal(document, at, f"an AsyncAPI document is a mapping, not {type_name(root)}")
    if "asyncapi" not in root:
        other = next((name for name in ("openapi", "swagger") if name in root), None)
        instead = f"; this is a document of {other}" if other else hint("asyncapi", root)
        raise _refusal(document, at, f'there is no "asyncapi" that tells the version{instead}')
    version = root["asyncapi"]
    known = [f"2.{minor}.0" for minor in range(LATEST + 1)]
    if version in known:
        return known.index(str(version))
    told = f'"{version}"' if isinstance(version, str) else type_name(version)
    message = f"AsyncAPI {told} is not supported; known are {known[0]} to {known[-1]}"
    if f"{version}.0" in known:
        message = f'the version is written in full: "{version}.0"'
    raise _refusal(document, at.child("asyncapi"), message)


def _refusal(document: Document, at: Location, message: str) -> DocumentError:
    return DocumentError([Diagnostic(document.source(at), "unsupported-version", message)])
