"""What is sent to a server under an envelope: valid frames first, then broken ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from zlib import crc32

from codegen.contract import Channel, Envelope, Json, Message
from codegen.values import ImpossibleError, Maker
from codegen.verify.broken import breakages
from codegen.verify.extremes import extremes
from codegen.verify.options import Options
from codegen.verify.session import Try
from codegen.verify.sight import Sight, at, same, written
from codegen.verify.strategies import draw

_DEEP = 10_000
_EXTREMES = 24
"""Frames of a message at the ends of what it may be."""


def seed_of(options: Options, message: Message) -> int:
    """A seed of the message's own: what is made up for it does not depend on what else is tried."""
    return options.seed * 1_000_003 + crc32(message.key.encode())


def examples(sight: Sight, message: Message) -> list[Json]:
    """The document's examples that fit."""
    judge = sight.judge(message)
    return [json.loads(json.dumps(one.payload)) for one in message.examples if judge.accepts(one.payload)]


def valid(sight: Sight, options: Options, channel: Channel, message: Message) -> Iterator[Try]:
    """Frames that the contract allows: the examples, then made up ones, then the ends of what it allows.

    Every other one of the made up ones is about what examples name.
    """
    known = [frame for frame in examples(sight, message) if recognised(message, frame)]
    for frame in known:
        yield Try(message, "answer", frame, is_example=True)
    judge = sight.judge(message)
    largest = sight.limits.get("message_bytes", 1_000_000)
    drawn = draw(sight.schema(message), options.examples, seed_of(options, message))
    for number, made in enumerate(drawn):
        named = known and number % 2 == 0
        frame = about(channel, made, known[number // 2 % len(known)]) if named else made
        if number % 4 == 1 and isinstance(frame, dict) and judge.accepts({**frame, "surprise": [None]}):
            frame = {**frame, "surprise": [None]}  # readers ignore what they do not know
        if recognised(message, frame) and judge.accepts(frame) and len(written(frame).encode()) <= largest:
            yield Try(message, "answer", frame)
    if options.examples:
        bases = known[:1] or made_up(sight, options, message, 1)
        for frame in extremes(sight.schema(message), bases, _EXTREMES):
            if recognised(message, frame) and len(written(frame).encode()) <= largest:
                yield Try(message, "answer", frame)


def made_up(sight: Sight, options: Options, message: Message, count: int) -> list[Json]:
    """Plain frames that the contract allows; fewer where there are none."""
    random = Random(seed_of(options, message))  # noqa: S311 - makes examples, keeps no secret
    maker = Maker(sight.schema(message))
    try:
        return [maker.make(random) for _ in range(count)]
    except ImpossibleError:
        return []


def recognised(message: Message, frame: Json) -> bool:
    """Whether a frame has what the message is told from others by, which its schema need not demand."""
    return message.tag is None or same(at(frame, message.tag.path), message.tag.value)


def about(channel: Channel, frame: Json, example: Json) -> Json:
    """A frame with the parameters of another one."""
    for parameter in channel.parameters:
        if parameter.location:
            frame = put_at(frame, parameter.location, at(example, parameter.location))
    return frame


def broken(sight: Sight, options: Options, message: Message) -> Iterator[Try]:
    """Frames that break the message's schema in one place."""
    schema = sight.schema(message)
    bases = examples(sight, message)[:2] or made_up(sight, options, message, 1)
    largest = sight.limits.get("message_bytes", 1_000_000)
    for one in breakages(schema, bases):
        if not isinstance(one.value, dict):
            continue  # as frames of no message, see `malformed`
        named = sight.by_tag(one.value, sight.incoming)
        if named is not None and named.key != message.key:
            continue  # another request, which is allowed
        if len(written(one.value).encode()) > largest:
            continue
        kind = f"{one.keyword} {'/'.join(map(str, one.at))}"
        yield Try(named, "refusal", one.value, what=f"{message.key}: {one.how}", kind=kind)


def malformed(sight: Sight, envelope: Envelope) -> Iterator[Try]:
    """Frames that are no request at all."""
    codes = sight.close_codes
    kinds: list[tuple[str, Json]] = [
        ("an empty object", {}),
        (f"no `{envelope.type}`", {envelope.payload: {}}),
        (f"`{envelope.type}` is a number", {envelope.type: 7, envelope.payload: {}}),
        (f"`{envelope.type}` is null", {envelope.type: None}),
        (f"`{envelope.type}` is an object", {envelope.type: {}}),
        (f"an unknown `{envelope.type}`", {envelope.type: "nobody.knows.this", envelope.payload: {}}),
        ("an array", []),
        ("a number", 7),
        ("a text", "text"),
        ("null", None),
        ("true", True),
    ]
    if envelope.id is not None:
        kinds.append(("an unknown type with an id", {envelope.type: "nobody.knows.this", envelope.id: "u1"}))
        kinds.append((f"an id and no `{envelope.type}`", {envelope.id: 77}))
    for message in sight.outgoing:
        tag = message.tag
        only_sent = tag is not None and sight.by_tag({tag.path[0]: tag.value}, sight.incoming) is None
        if tag is not None and only_sent and message.action == "update":
            kinds.append((f"{message.key}, which only the server sends", {tag.path[0]: tag.value}))
            break
    for what, frame in kinds:
        yield Try(None, "refusal", frame, what=what, kind=what)
    for what, raw in (
        ("half an object", "{"),
        ("an empty frame", ""),
        ("a broken value", '{"' + envelope.type + '":}'),
        ("text behind the object", "{} {}"),
        ("single quotes", "{'a': 1}"),
        ("no JSON", "hello"),
    ):
        yield Try(None, "refusal", raw=raw, what=what, kind=what)
    deep = min(_DEEP, sight.limits.get("message_bytes", 4 * _DEEP) // 2 - 50)
    nested = '{"' + envelope.type + '":' + "[" * deep + "]" * deep + "}"
    yield Try(None, "refusal", raw=nested, what=f"{deep} arrays in each other", kind="depth")
    declared = frozenset({1003, 1007} & set(codes)) if codes else frozenset({1003, 1007})
    yield Try(None, "refusal", raw=b"\x00\x01\x02", what="a binary frame", kind="binary", closes=declared)
    yield Try(
        None,
        "refusal",
        raw=b'{"a":"\xc3\x28"}',
        what="a text frame that is no UTF-8",
        kind="utf-8",
        closes=frozenset({1007}),  # RFC 6455 (8.1) has it so, whatever the contract lists
        as_text=True,
    )


def put_at(frame: Json, path: tuple[str, ...], value: Json) -> Json:
    """A frame with another value at a path, as far as it has what leads there; without one for None."""
    if not isinstance(frame, dict):
        return frame
    name, *rest = path
    if not rest:
        return (
            {key: one for key, one in frame.items() if key != name}
            if value is None
            else {**frame, name: value}
        )
    return {**frame, name: put_at(frame.get(name), tuple(rest), value)} if name in frame else frame
