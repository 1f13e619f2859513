"""A worked exchange on a channel, put together of the document's own examples where they belong together."""

from __future__ import annotations

import json
from collections.abc import Iterator

from codegen.contract import Channel, Contract, Example, Json, Message, Path

MOST_CHARACTERS = 2000
"""A frame that is longer is not shown in an exchange."""

Frame = tuple[Message, bool, Json]
"""A message, whether the client sends it, and its payload."""


def exchange(contract: Contract, channel: Channel) -> tuple[Frame, ...]:
    """A request, its answer, an update, and the end of it; empty where no examples fit each other.

    A request and an answer belong together by their correlation id, an update and an answer by the topic, and what
    ends a subscription and what began it by the values of the address.
    """
    requests = sorted(channel.requests, key=lambda one: one.action != "subscribe")
    for request in requests:
        if request.action == "unsubscribe":
            continue
        for asked, answered in _pairs(contract, request):
            frames = [*_frames(contract, request, asked, answered)]
            if request.action == "subscribe":
                frames += _update(contract, channel, answered)
                frames += _end(contract, channel, asked)
            return tuple(frames)
    return ()


def refused(contract: Contract, payload: Json) -> bool:
    """Whether an answer, as a whole frame, carries the envelope's problem."""
    envelope = contract.envelope
    if envelope is None:
        return False
    return at(payload, (envelope.payload, *envelope.problem_tag.path)) == envelope.problem_tag.value


def at(value: Json, path: Path) -> Json:
    """What stands at a path; None where nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _pairs(contract: Contract, request: Message) -> Iterator[tuple[Json, Json]]:
    if request.response is None:
        return
    answer = contract.message(request.response)
    good = [one.payload for one in _short(answer) if not refused(contract, one.payload)]
    for asked in _short(request):
        for answered in good:
            if request.correlation is None or answer.correlation is None:
                yield asked.payload, answered
                continue
            identity = at(asked.payload, request.correlation)
            if identity is not None and identity == at(answered, answer.correlation):
                yield asked.payload, answered


def _frames(contract: Contract, request: Message, asked: Json, answered: Json) -> Iterator[Frame]:
    if request.response is not None:
        yield request, True, asked
        yield contract.message(request.response), False, answered


def _update(contract: Contract, channel: Channel, answered: Json) -> Iterator[Frame]:
    """The update that comes first after an answer, of those of its topic."""
    envelope = contract.envelope
    if envelope is None or envelope.topic is None:
        return
    named = set(_texts(at(answered, (envelope.payload,))))
    position = at(answered, (envelope.seq,)) if envelope.seq else None
    found: list[tuple[int, Message, Json]] = []
    for update in channel.updates:
        for example in _short(update):
            seq = at(example.payload, (envelope.seq,)) if envelope.seq else None
            if at(example.payload, (envelope.topic,)) not in named:
                continue
            if isinstance(seq, int) and isinstance(position, int):
                is_snapshot = envelope.snapshot and at(example.payload, (envelope.snapshot,)) is True
                if seq == position + 1 or (seq == position and is_snapshot):
                    found.append((seq, update, example.payload))
            elif seq is None and position is None:
                found.append((0, update, example.payload))
    for _, update, payload in sorted(found, key=lambda one: one[0]):
        yield update, False, payload


def _end(contract: Contract, channel: Channel, asked: Json) -> Iterator[Frame]:
    places = [one.location for one in channel.parameters if one.location is not None]
    for request in channel.requests:
        if request.action != "unsubscribe":
            continue
        for ended, answered in _pairs(contract, request):
            if all(at(ended, place) == at(asked, place) for place in places):
                yield from _frames(contract, request, ended, answered)
                return


def _texts(value: Json) -> Iterator[str]:
    for one in value.values() if isinstance(value, dict) else ():
        if isinstance(one, str):
            yield one


def _short(message: Message) -> Iterator[Example]:
    for one in message.examples:
        if one.fits and len(json.dumps(one.payload)) <= MOST_CHARACTERS:
            yield one
