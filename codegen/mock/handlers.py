"""The generated handlers, filled in while the mock runs: every method answers by the document."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from types import ModuleType
from typing import Any, TypeAlias

from codegen.contract import Channel, Contract, Endpoint, Json, Message
from codegen.mock.answers import Answers, pages
from codegen.mock.catalogue import Catalogue
from codegen.mock.connections import Guest
from codegen.mock.failing import Failures
from codegen.mock.kits import ImpossibleError, Kit, Kits, at, may_refuse, put, schema_at
from codegen.mock.package import Package
from codegen.mock.past import Past
from codegen.mock.scenario import Scenario
from codegen.mock.topics import Missed, Topic, Topics
from codegen.render.python import PythonView
from codegen.runtime.python.codec import Codec
from codegen.runtime.python.errors import InvalidMessage, ProblemDetail, RequestError

Method: TypeAlias = Callable[..., Awaitable[Json]]

_COUNTS = ("limit", "count", "max", "last", "size")
_ENDS = ("to", "before", "until", "end")
_WINDOW = "reconnect_in_ms_max"
"""The property that clients know such a message by."""
_SOON = 1000
_MOST_ERRORS = 20
_ENOUGH = 20


class Read:
    """A request, as the generated model and as it came."""

    __slots__ = ("model", "value")

    def __init__(self, model: object, value: Json) -> None:
        self.model = model
        self.value = value


class PlainCodec(Codec[Any]):
    """A generated codec that hands out requests as they came too, and takes answers that are plain values.

    What the models cannot say of a request's schema is checked here: a mock refuses whatever the document does.
    """

    __slots__ = ("_kit", "_real")

    def __init__(self, real: Codec[Any], kit: Kit) -> None:
        self._real = real
        self._kit = kit

    def decode(self, frame: str | bytes) -> Read:
        """The request; InvalidMessage where it is none."""
        model = self._real.decode(frame)
        value: Json = json.loads(frame)
        errors = []
        for path, message in self._kit.maker.judge.errors(value):
            errors.append(ProblemDetail("".join(f"/{part}" for part in path), message))
            if len(errors) == _MOST_ERRORS:
                break
        if errors:
            raise InvalidMessage(errors[0].message, errors)
        return Read(model, value)

    def accepts(self, frame: str | bytes) -> bool:
        """Whether a text is valid for the message."""
        return self._real.accepts(frame)

    def encode(self, value: Any, *, exclude: set[str] | None = None) -> bytes:  # noqa: ANN401 - a model or JSON
        """A plain value as JSON, whole; a model as the generated code does it."""
        if isinstance(value, dict | list | str | int | float | bool) or value is None:
            return json.dumps(value, ensure_ascii=False).encode()
        return self._real.encode(value, exclude=exclude)


class Cast:
    """All handlers of a contract."""

    def __init__(
        self,
        package: Package,
        kits: Kits,
        topics: Topics,
        scenario: Scenario,
        *,
        seed: int,
        log: Callable[[str], None],
    ) -> None:
        self._package = package
        self._kits = kits
        self._contract: Contract = kits.contract
        self._topics = topics
        self._answers = Answers(kits)
        self._catalogue = Catalogue(kits, topics.levels, seed)
        self._view = PythonView(self._contract, {})
        self._seed = seed
        self._random = Random(f"{seed}:answers")  # noqa: S311 - makes examples, keeps no secret
        self._log = log
        self._failures = Failures(scenario, self._contract, self._random, log)
        self._exchange_codecs(package.handlers)

    def routes(self, connect: Callable[..., Any]) -> list[Any]:
        """The generated routes, joined to handlers."""
        made = []
        for endpoint in self._contract.endpoints:
            route = getattr(self._package.handlers, f"{endpoint.name}_route")
            if self._contract.envelope is None:
                made.append(route(self._handler(endpoint, endpoint.channels[0]), connect=connect))
            else:
                handlers = {
                    self._view.argument(channel): self._handler(endpoint, channel)
                    for channel in endpoint.channels
                }
                made.append(route(**handlers, connect=connect))
        return made

    def made(self, name: str) -> bytes | None:
        """A message of the server's, its first example or made up; None where there is none so called."""
        for message in self._contract.messages:
            if name in (message.key, str(message.tag.value) if message.tag else message.key):
                kit = self._kits.of(message)
                try:
                    value = kit.examples[0] if kit.examples else kit.make(self._random)
                except ImpossibleError:
                    return None
                return json.dumps(value, ensure_ascii=False).encode()
        return None

    def leaving(self) -> bytes | None:
        """What clients are told before a server leaves: the message whose body says within which time to come back."""
        envelope = self._contract.envelope
        for message in self._contract.messages if envelope is not None else ():
            place, kit = (envelope.payload, _WINDOW) if envelope is not None else (), self._kits.of(message)
            if message.response is None and schema_at(kit.schema, place):
                said = self.made(message.key)
                # Whoever works with a mock begins it anew often, and would not wait for long each time.
                soon = put(json.loads(said or b"null"), place, _SOON)
                return json.dumps(soon).encode() if kit.accepts(soon) else said
        return None

    def _exchange_codecs(self, module: ModuleType) -> None:
        for message in self._view.codecs():
            name = self._view.codec(message.schema)
            real = getattr(module, name, None)
            if isinstance(real, Codec) and not isinstance(real, PlainCodec):
                setattr(module, name, PlainCodec(real, self._kits.of(message)))

    def _handler(self, endpoint: Endpoint, channel: Channel) -> object:
        base = getattr(self._package.handlers, f"{channel.class_name}Handler")
        methods: dict[str, object] = {}
        for view in self._view.methods(channel):
            if self._contract.envelope is not None:
                methods[view.name] = self._enveloped(channel, view.message)
            else:
                methods[view.name] = self._plain(view.message)
        if self._contract.envelope is None:
            methods["connected"] = self._pushing(endpoint, channel)
        return type(base.__name__, (base,), methods)()

    # Under an envelope.

    def _enveloped(self, channel: Channel, message: Message) -> Method:
        listed = pages(self._kits, channel, message)
        says = self._view.topic(channel).requests
        # A request beside those that say which topic they mean is about none.
        about = message.action is not None or not says or message.schema in says

        async def method(_: object, guest: Guest, request: Read) -> Json:
            self._failures.perhaps(guest, message)
            if channel.access is not None:
                self._admit(guest)
            elif message.key == self._contract.authenticate:
                guest.authenticated = True  # a mock believes everybody
            if message.response is None:
                self._log(f"{guest.name} → {message.key}")
                return None
            named = about and (channel.parameters or channel.is_topic)
            topic = self._topic(channel, message, request) if named else None
            if channel.is_topic and message.action == "subscribe" and topic is not None:
                answer = self._subscribe(guest, message, request, topic)
            elif channel.is_topic and message.action == "unsubscribe" and topic is not None:
                answer = self._unsubscribe(guest, message, request, topic)
            else:
                answer, exact = self._answer(message, request, topic)
                past = topic.past(listed[0]) if listed is not None and topic is not None else None
                if not exact and listed is not None and past is not None:
                    answer = self._page(message, request, answer, past, listed[1])
                elif not exact and topic is None:
                    answer = self._catalogue.of(message, request.value, answer)
            self._log(f"{guest.name} → {message.key}{f' {topic.address}' if topic else ''} → ok")
            return answer

        return method

    def _admit(self, guest: Guest) -> None:
        """Refuse who has not said who it is, where that can be said."""
        if self._contract.authenticate is None or guest.authenticated:
            return
        if may_refuse(self._kits, "unauthenticated"):
            raise RequestError("unauthenticated", f"Send {self._contract.authenticate} first.")

    def _subscribe(self, guest: Guest, message: Message, request: Read, topic: Topic) -> Json:
        most = self._contract_limit("subscriptions_per_connection")
        full = most is not None and guest.subscriptions >= most and guest not in topic.subscribers
        if full and may_refuse(self._kits, "too_many_subscriptions"):
            raise RequestError("too_many_subscriptions", f"More than {most} topics on one connection.")
        guest.subscriptions += guest not in topic.subscribers
        missed = topic.subscribe(guest, self._position(request))
        guest.after_answer, guest.says_position = list(missed.updates), True
        return self._about(message, request, topic, missed)

    def _unsubscribe(self, guest: Guest, message: Message, request: Read, topic: Topic) -> Json:
        was_there = topic.unsubscribe(guest)
        guest.subscriptions -= was_there
        answer, place = self._about(message, request, topic, None), (self._topics.envelope.payload, "message")
        if was_there or not isinstance(at(answer, place), str):
            return answer
        said = put(answer, place, f"There was no subscription to {topic.address}")
        return self._kept(self._kits.of(message.response or ""), answer, said)

    def _about(self, message: Message, request: Read, topic: Topic, missed: Missed | None) -> Json:
        """An answer about a topic: what an example says of its own topic is said of this one."""
        envelope = self._topics.envelope
        answer, _ = self._answer(message, request, topic)
        body = at(answer, (envelope.payload,))
        kit = self._kits.of(message.response or "")
        said = body.get("topic") if isinstance(body, dict) else None
        if isinstance(said, str):
            answer = self._kept(kit, answer, _renamed(answer, said, topic.address))
        if missed is not None and isinstance(answer, dict):
            position: list[tuple[str | None, Json]] = [
                (envelope.seq, missed.seq),
                (envelope.epoch, topic.epoch),
                (envelope.recovered, missed.recovered),
            ]
            named = {name: value for name, value in position if name}
            plain = {key: item for key, item in answer.items() if key not in named}
            whole: Json = plain | {name: value for name, value in named.items() if value is not None}
            if kit.accepts(whole):
                answer = whole
            else:
                for name, value in named.items():  # what of it the document allows
                    answer = self._kept(kit, answer, _with(answer, name, value))
        if isinstance(answer, dict) and envelope.payload in answer:  # the body comes last, as people read it
            answer = {
                **{k: v for k, v in answer.items() if k != envelope.payload},
                envelope.payload: answer[envelope.payload],
            }
        return answer

    def _page(self, message: Message, request: Read, answer: Json, past: Past, name: str) -> Json:
        """An answer whose list is what the updates of the topic were, where they are of spans of time."""
        envelope = self._topics.envelope
        asked = at(request.value, (envelope.payload,))
        schema = schema_at(self._kits.of(message).schema, (envelope.payload,))
        count = _whole(asked, schema, _COUNTS)
        end = _whole(asked, {}, _ENDS)
        found = past.before(end, min(100 if count is None else count, 5000), time.time())
        kit, place = self._kits.of(message.response or ""), (envelope.payload, name)
        most = schema_at(kit.schema, place).get("maxItems")
        found = found[-int(most) :] if isinstance(most, int | float) and most >= 1 else found
        # Each of them was judged already; to judge thousands again would take seconds.
        if not kit.accepts(put(answer, place, found[-_ENOUGH:])):
            return answer
        return put(answer, place, found)

    def _topic(self, channel: Channel, message: Message, request: Read) -> Topic:
        """The topic that a request is about."""
        view = self._view.topic(channel)
        kind = getattr(self._package.topics, view.class_name)
        says = message.schema in view.requests
        made = kind.of(request.model) if says else kind(**self._guessed(channel, request))
        parameters = {p.name: str(getattr(made, p.python_name)) for p in channel.parameters}
        return self._topics.get(channel, made.address, parameters)

    def _guessed(self, channel: Channel, request: Read) -> dict[str, str]:
        """The parameters of an address that the document does not tie to a place in requests."""
        asked = at(request.value, (self._topics.envelope.payload,))
        found = {}
        for parameter in channel.parameters:
            value = asked.get(parameter.name) if isinstance(asked, dict) else None
            known = (
                value if isinstance(value, str | int) else parameter.default or (parameter.enum or ("1",))[0]
            )
            found[parameter.python_name] = str(known)
        return found

    def _position(self, request: Read) -> tuple[str, int] | None:
        envelope = self._topics.envelope
        if not (envelope.recover and envelope.seq and envelope.epoch):
            return None
        epoch, seq = (at(request.value, (envelope.recover, name)) for name in (envelope.epoch, envelope.seq))
        return (epoch, seq) if isinstance(epoch, str) and isinstance(seq, int) else None

    def _answer(self, message: Message, request: Read, topic: Topic | None) -> tuple[Json, bool]:
        echo: dict[str, Json] = {}
        for parameter in topic.channel.parameters if topic is not None else ():
            value = topic.parameters[parameter.name] if topic is not None else ""
            name = (parameter.location or (parameter.name,))[-1]
            echo[name] = int(value) if parameter.is_number and value.isdigit() else value
        try:
            return self._answers.answer(message, request.value, self._random, echo)
        except ImpossibleError:
            raise RequestError("internal", "No valid answer was found for this request.") from None

    def _kept(self, kit: Kit, before: Json, after: Json) -> Json:
        return after if kit.accepts(after) else before

    def _contract_limit(self, name: str) -> int | None:
        return next((limit.value for limit in self._contract.limits if limit.name == name), None)

    # A socket for each channel.

    def _plain(self, message: Message) -> Method:
        async def method(_: object, guest: Guest, topic: object, request: Read) -> Json:
            self._failures.perhaps(guest, message)
            self._log(f"{guest.name} → {message.key}" + (" → answered" if message.response else ""))
            if message.response is None:
                return None
            try:
                return self._answers.answer(message, request.value, self._random)[0]
            except ImpossibleError:
                raise RequestError("internal", "No valid answer was found for this request.") from None

        return method

    def _pushing(self, endpoint: Endpoint, channel: Channel) -> Callable[..., Awaitable[None]]:
        from codegen.mock.streams import Stream  # noqa: PLC0415 - of the other shape of document

        kinds = [self._kits.of(message) for message in self._view.pushed(channel)]

        async def connected(_: object, guest: Guest, topic: Any) -> None:  # noqa: ANN401 - a generated topic
            stream = Stream(kinds, Random(f"{self._seed}:{topic.address}"), self._log)  # noqa: S311 - as above
            while True:
                await asyncio.sleep(1 / self._topics.rate)
                if guest.stuck:  # a stream has no past: what nobody reads is not made
                    continue
                frame = stream.next()
                if frame is None:
                    return
                guest.say(frame)

        return connected


def _whole(asked: Json, schema: Mapping[str, Json], names: Sequence[str]) -> int | None:
    """A whole number that a request gives under one of some names, or that its schema has as default there."""
    for name in names:
        value = asked.get(name) if isinstance(asked, dict) else None
        if value is None and isinstance(properties := schema.get("properties"), dict):
            inner = properties.get(name)
            value = inner.get("default") if isinstance(inner, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _with(answer: Json, name: str, value: Json) -> Json:
    plain = {key: item for key, item in answer.items() if key != name} if isinstance(answer, dict) else {}
    return plain if value is None else {**plain, name: value}


def _renamed(value: Json, old: str, new: str) -> Json:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {key: _renamed(item, old, new) for key, item in value.items()}
    return [_renamed(item, old, new) for item in value] if isinstance(value, list) else value
