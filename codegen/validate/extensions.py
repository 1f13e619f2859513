"""The `x-` fields that mean something to the generator: their form, and where they lead."""

from __future__ import annotations

import re

from codegen.contract import Json
from codegen.document import Location
from codegen.validate.rules import mapping
from codegen.validate.shapes import Fields, ListOf, MapOf, Number, Shape, Text, Walk, follow
from codegen.validate.structure import MESSAGE
from codegen.validate.words import hint
from codegen.vocabulary import ENVELOPE_FIELDS, LIMITS

_FIELD_NAME = Text(pattern=r"^.+$", example="type")
_POSITIVE = Number(whole=True, above=0)
_MODULE = Text(pattern=r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\:]+\.ts$", example="typescript/plot.ts")
"""A file beside the document or below: a document says nothing of what else is on a machine."""
_FOLDER = Text(pattern=r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\:]+$", example="releases")
"""A folder beside the document or below."""
_SNAKE = Text(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", example="slow_consumer")


def _is_entry(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) is not None


class _MessageName(Shape):
    """A message, by `$ref` or by its name."""

    def check(self, walk: Walk, at: Location, value: Json) -> None:
        """Report what is no message of the document."""
        if isinstance(value, dict) and "$ref" in value:
            if follow(walk, at, value, "a message", "messages"):
                walk.check_later(MESSAGE, walk.document.follow(at))
        elif isinstance(value, str):
            names = _message_names(walk)
            if value not in names:
                walk.report(at, "unknown-message", f'there is no message "{value}"{hint(value, names)}')
        else:
            walk.must_be(at, value, "a $ref to a message, or a message's name")


def _message_names(walk: Walk) -> set[str]:
    names: set[str] = set(mapping(walk.document, walk.document.root.child("components", "messages")))
    for at in walk.found["a message"]:
        for field in ("name", "messageId"):
            name = mapping(walk.document, at).get(field)
            if isinstance(name, str):
                names.add(name)
    return names


_MESSAGE = _MessageName()
_ACTION = Text(("subscribe", "unsubscribe", "update", "reset", "close"))
_KNOWN: tuple[tuple[str, str, Shape], ...] = (
    (
        "the document",
        "x-envelope",
        Fields(
            "the envelope",
            {
                **dict.fromkeys(("type", "payload", *ENVELOPE_FIELDS), _FIELD_NAME),
                "error": _MESSAGE,
            },
            ("type", "payload", "error"),
        ),
    ),
    (
        "the document",
        "x-heartbeat",
        Fields(
            "the heartbeat",
            {"interval_ms": _POSITIVE, "lifespan_ms": _POSITIVE, "request": _MESSAGE},
            ("interval_ms", "lifespan_ms"),
        ),
    ),
    (
        "the document",
        "x-authenticate",
        Fields(
            "the authentication",
            {"request": _MESSAGE, "token": Text(), "expires": _FIELD_NAME},
            ("request", "token"),
        ),
    ),
    (
        "the document",
        "x-typescript",
        Fields(
            "the npm package",
            dict.fromkeys(
                ("entries", "modules"),
                MapOf(_MODULE, check_key=_is_entry, key_kind="the name of a module, like `plot`"),
            ),
        ),
    ),
    ("the document", "x-releases", _FOLDER),
    (
        "the document",
        "x-limits",
        Fields("the limits", dict.fromkeys(LIMITS, _POSITIVE)),
    ),
    (
        "the document",
        "x-close-codes",
        ListOf(
            Fields(
                "a close code",
                {
                    "code": Number(whole=True, least=1000, most=4999),
                    "name": _SNAKE,
                    "client": Text(("reconnect", "stop")),
                    "description": Text(),
                },
                ("code", "name", "client"),
            )
        ),
    ),
    ("the info", "x-client-name", Text(pattern=r"^[A-Z][A-Za-z0-9]*$", example="Weather")),
    ("a channel", "x-name", Text(pattern=r"[A-Za-z]", example="weather")),
    (
        "a channel",
        "x-delivery",
        Fields("the delivery", {"mode": Text(("conflate", "lossless")), "key": _FIELD_NAME}, ("mode",)),
    ),
    ("a channel", "x-history", Fields("the history", {"updates": _POSITIVE}, ("updates",))),
    ("a channel", "x-snapshot", Text(("subscribe", "recover"))),
    (
        "a channel",
        "x-state",
        Fields(
            "the state",
            {
                "key": _FIELD_NAME,
                "value": _FIELD_NAME,
                "lists": MapOf(Text(("ascending", "descending"))),
                "checksum": _POSITIVE,
            },
            ("key", "value", "lists"),
        ),
    ),
    (
        "a channel",
        "x-access",
        Fields(
            "the access",
            {
                "scopes": ListOf(Text(pattern=r"^\S+$", example="account:read"), unique=True, least=1),
                "parameter": _FIELD_NAME,
            },
        ),
    ),
    ("a channel", "x-hook", Text(pattern=r"^use[A-Z][A-Za-z0-9]*$", example="useWeather")),
    ("a parameter", "x-aliases", MapOf(Text())),
    ("a message", "x-response", _MESSAGE),
    ("a message", "x-action", _ACTION),
    ("a message trait", "x-response", _MESSAGE),
    ("a message trait", "x-action", _ACTION),
    ("a schema", "x-open-enum", ListOf(Text(), unique=True, least=1)),
)


_NEED_ENVELOPE = {
    "x-heartbeat": "send no heartbeat: this has no effect",
    "x-authenticate": "send no token of their own accord: this has no effect",
}


def check(walk: Walk) -> None:
    """Report every extension that is not what the generator takes it for.

    A document that was not written for this generator may mean something else by the same name: there such a
    field is warned of, and taken out of the document.
    """
    ours = _is_ours(walk)
    for kind, name, shape in _KNOWN:
        for at in list(walk.found[kind]):
            value = mapping(walk.document, at)
            if name not in value:
                continue
            before = len(walk.diagnostics)
            shape.check(walk, at.child(name), value[name])
            errors = [found.message for found in walk.diagnostics[before:] if found.severity == "error"]
            if errors and not ours:
                del walk.diagnostics[before:]
                walk.warn(at.child(name), "foreign-extension", f'"{name}" is ignored: {errors[0]}')
                del value[name]
    walk.finish()
    root = walk.document.root
    document = mapping(walk.document, root)
    if "x-envelope" not in document:
        for name, effect in _NEED_ENVELOPE.items():
            if name in document:
                walk.warn(root.child(name), name, f"without x-envelope clients {effect} on them")
    for field in ("code", "name"):
        _unique_close_codes(walk, field)


def _is_ours(walk: Walk) -> bool:
    """Whether a document says how its frames are made, as only documents for this generator do."""
    envelope = mapping(walk.document, walk.document.root).get("x-envelope")
    return isinstance(envelope, dict) and any(field in envelope for field in ("type", "payload", "error"))


def _unique_close_codes(walk: Walk, field: str) -> None:
    first: dict[Json, Location] = {}
    for at in walk.found["a close code"]:
        value = mapping(walk.document, at).get(field)
        if isinstance(value, int | str):
            earlier = first.setdefault(value, at)
            if earlier != at:
                where = walk.document.source(earlier.child(field))
                walk.report(
                    at.child(field),
                    "close-code-unique",
                    f"{value} is given twice (first at {where.line}:{where.column})",
                )
