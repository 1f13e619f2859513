"""Topics to subscribe to: the examples' own, then whatever else the parameters may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, product, zip_longest
from random import Random

from codegen.contract import Channel, Json, Message, Parameter
from codegen.values import ImpossibleError, Maker
from codegen.verify.options import Options
from codegen.verify.sight import Sight, at
from codegen.verify.tries import examples, made_up, put_at
from codegen.written import Judge, standalone

_MADE_UP = 20
"""Values that are made up for a parameter."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One that a frame asks for."""

    channel: Channel
    subscribe: Message
    frame: Json
    address: str


def topics(sight: Sight, options: Options, most: int) -> Iterator[Topic]:
    """Different topics, of each channel in turn up to `most`; whether there are such, the server alone knows."""
    ways = [
        islice(_of(sight, options, channel, subscribe, most), most)
        for channel in sight.contract.channels
        for subscribe in channel.client_to_server
        if subscribe.action == "subscribe" and subscribe.response is not None
    ]
    seen: set[str] = set()
    for topic in chain.from_iterable(zip_longest(*ways)):
        if topic is not None and topic.address not in seen:
            seen.add(topic.address)
            yield topic


def _of(sight: Sight, options: Options, channel: Channel, subscribe: Message, most: int) -> Iterator[Topic]:
    judge, envelope = sight.judge(subscribe), sight.contract.envelope
    frames = [*examples(sight, subscribe), *made_up(sight, options, subscribe, 1)]
    for frame in frames:
        if envelope is not None and isinstance(frame, dict):
            frame.pop(envelope.recover or "", None)
    located = [one for one in channel.parameters if one.location]
    made = (
        _put(frames[0], located, values)
        for values in product(*(_values(sight, options, one, most) for one in located))
        if frames
    )
    for frame in chain(frames, made):
        address = sight.address(channel, frame)
        if address is not None and judge.accepts(frame):
            yield Topic(channel, subscribe, frame, address)


def _put(frame: Json, parameters: list[Parameter], values: tuple[Json, ...]) -> Json:
    for parameter, value in zip(parameters, values, strict=True):
        assert parameter.location is not None
        frame = put_at(frame, parameter.location, value)
    return frame


def _values(sight: Sight, options: Options, parameter: Parameter, most: int) -> list[Json]:
    """Those that are listed, else those of the examples, made up ones, and plain numbers where they will do."""
    if parameter.enum:
        return [int(one) if parameter.is_number else one for one in parameter.enum]
    judge: Judge | None = None
    found: dict[str, Json] = {}
    for channel in sight.contract.channels:
        for message in channel.client_to_server:
            alike = [one for one in channel.parameters if one.name == parameter.name and one.location]
            for other in alike:
                for frame in examples(sight, message):
                    value = at(frame, other.location or ())
                    if value is not None:
                        found.setdefault(str(value), value)
    if parameter.place is not None:
        schema = standalone(sight.document, parameter.place)
        judge, maker = Judge(schema), Maker(schema)
        random = Random(options.seed)  # noqa: S311 - makes examples, keeps no secret
        for _ in range(_MADE_UP):
            try:
                value = maker.make(random)
            except ImpossibleError:
                break
            found.setdefault(str(value), value)
    for number in range(1, most + 1):
        value = number if parameter.is_number else str(number)
        if judge is None or judge.accepts(value):
            found.setdefault(str(number), value)
    return list(found.values())
