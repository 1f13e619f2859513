"""A document whose channels are paths: generated server and client over real sockets."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import websockets

from codegen.pipeline import generate
from tests.generated.serving import served

DOCUMENT = Path(__file__).with_name("paths.yaml")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The modules that are generated from the document."""
    folder = tmp_path_factory.mktemp("generated")
    for name, text in generate(DOCUMENT).items():
        target = folder / "chat" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        names = (
            "client",
            "handlers",
            "models",
            "topics",
            "publisher",
            "runtime.connection",
            "runtime.errors",
        )
        modules = {name.rpartition(".")[2]: importlib.import_module(f"chat.{name}") for name in names}
        yield SimpleNamespace(**modules)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "chat"]:
            del sys.modules[name]


@asynccontextmanager
async def serving(chat: SimpleNamespace) -> AsyncIterator[tuple[str, list[str]]]:
    """A server of the document; gives its URL, and the rooms and texts that its handler saw."""
    seen: list[str] = []

    class Rooms(chat.handlers.RoomsHandler):  # type: ignore[misc, name-defined]
        async def say(self, connection: object, topic: object, request: object) -> None:
            """Say it back."""
            seen.append(f"{topic.room}: {request.text}")  # type: ignore[attr-defined]
            if request.text == "crash":  # type: ignore[attr-defined]
                raise ZeroDivisionError
            said = chat.models.Said(kind="said", text=request.text)  # type: ignore[attr-defined]
            await connection.send(said)  # type: ignore[attr-defined]

        async def who(self, connection: object, topic: object, request: object) -> object:
            """Answer after something else was said."""
            await connection.send(chat.models.Said(kind="said", text="meanwhile"))  # type: ignore[attr-defined]
            return chat.models.Present(kind="present", names=["Ada"])

    class Clock(chat.handlers.ClockHandler):  # type: ignore[misc, name-defined]
        async def connected(self, connection: object, topic: object) -> None:
            """Tick three times."""
            for at in range(3):
                await connection.send(chat.models.Tick(at=at))  # type: ignore[attr-defined]

        async def on_invalid(self, connection: object, topic: object, error: object) -> None:
            """Forgive."""
            seen.append(error.code)  # type: ignore[attr-defined]

    accept = chat.connection.accept
    rooms = chat.handlers.rooms_route(Rooms(), connect=accept)
    clock = chat.handlers.clock_route(Clock(), connect=accept)
    async with served(rooms, clock) as url:
        yield url, seen


async def test_messages_go_both_ways(chat: SimpleNamespace) -> None:
    """A channel's connection sends typed messages, and iterates what comes back; its path says the topic."""
    async with serving(chat) as (url, seen), chat.client.ChatClient(url).rooms("café au lait") as room:
        await room.say(chat.models.Say(kind="say", text="hello"))
        assert await anext(room) == chat.models.Said(kind="said", text="hello")
        assert seen == ["café au lait: hello"]


async def test_requests_find_their_answers(chat: SimpleNamespace) -> None:
    """An answer goes to its request, by the id deep inside; what came before it is iterated."""
    async with serving(chat) as (url, _), chat.client.ChatClient(url).rooms("a") as room:
        request = chat.models.Who(kind="who", meta=chat.models.WhoMeta(ref="r1"))
        answer = await room.who(request)
        assert answer == chat.models.Present(
            kind="present", names=["Ada"], meta=chat.models.PresentMeta(ref="r1")
        )
        assert (await anext(room)).text == "meanwhile"


async def test_requests_without_id_get_the_next_answer(chat: SimpleNamespace) -> None:
    """Without an id the answer is the next message of its type."""
    async with serving(chat) as (url, _), chat.client.ChatClient(url).rooms("a") as room:
        assert (await room.who(chat.models.Who(kind="who"))).names == ["Ada"]


async def test_a_server_may_speak_first(chat: SimpleNamespace) -> None:
    """`connected` runs beside the reading, and sends without being asked; a URL may bring the path along."""
    async with serving(chat) as (url, _), chat.client.ChatClient(f"{url}/base").clock() as clock:
        assert [(await anext(clock)).at for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("frame", ["nope", "[]", '{"kind":"shout"}', '{"kind":"say","text":5}', b"binary"])
async def test_mistakes_close_with_1003(chat: SimpleNamespace, frame: str | bytes) -> None:
    """The contract has no message for mistakes: the connection is closed, and the reason says why."""
    async with serving(chat) as (url, seen), websockets.connect(f"{url}/base/rooms/a") as socket:
        await socket.send(frame)
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await socket.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1003
        assert caught.value.rcvd.reason
        assert seen == []


async def test_a_failing_handler_closes_with_1011(chat: SimpleNamespace) -> None:
    """A handler's fault is not the client's, and its words stay inside."""
    async with serving(chat) as (url, _), chat.client.ChatClient(url).rooms("a") as room:
        await room.say(chat.models.Say(kind="say", text="crash"))
        with pytest.raises(chat.errors.ConnectionLost, match="server failed") as caught:
            await anext(room)
        assert (caught.value.code, caught.value.reconnect) == (1011, True)


async def test_mistakes_can_be_forgiven(chat: SimpleNamespace) -> None:
    """A handler that overrides `on_invalid` decides itself; the connection lives."""
    async with serving(chat) as (url, seen), websockets.connect(f"{url}/base/clock") as socket:
        await socket.send("hm")
        await socket.send(b"hm")
        assert [json.loads(await socket.recv())["at"] for _ in range(3)] == [0, 1, 2]
        await socket.close()
    assert seen == ["bad_json", "bad_frame"]


async def test_a_path_that_is_no_topic_is_refused(chat: SimpleNamespace) -> None:
    """A parameter that is not allowed costs the handshake, not a connection."""
    async with serving(chat) as (url, _):
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with websockets.connect(f"{url}/base/rooms/UPPER"):
                pass
        assert caught.value.response.status_code == 403
        with pytest.raises(chat.errors.TopicError, match="room"):
            chat.client.ChatClient(url).rooms("UPPER")


async def test_frames_that_the_client_does_not_know_are_handed_over(chat: SimpleNamespace) -> None:
    """Unknown frames go to `on_invalid` where it is given, and do not end the iteration."""
    unknown: list[str | bytes] = []

    async def play(socket: websockets.ServerConnection) -> None:
        for frame in ('{"kind":"new"}', "garbage", '{"kind":"said","text":"known"}'):
            await socket.send(frame)
        await socket.wait_closed()

    async with websockets.serve(play, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        client = chat.client.ChatClient(f"ws://127.0.0.1:{port}")
        async with client.rooms("a", on_invalid=lambda _, frame: unknown.append(frame)) as room:
            assert (await anext(room)).text == "known"
        assert unknown == ['{"kind":"new"}', "garbage"]


def test_publications_carry_whole_messages(chat: SimpleNamespace) -> None:
    """Without an envelope a publication's payload is the message, ready to be sent."""
    got: list[Any] = []
    sink = SimpleNamespace(publish=got.append)
    chat.publisher.Publisher(sink).clock_tick(chat.topics.ClockTopic(), chat.models.Tick(at=4))
    assert [(p.channel, p.topic, p.type, p.payload) for p in got] == [
        ("clock", "/base/clock", "tick", b'{"at":4}')
    ]


def test_a_parameter_of_a_path_holds_no_slash(chat: SimpleNamespace) -> None:
    """Servers read paths decoded, where an encoded slash divides the path: refused before connecting."""
    with pytest.raises(chat.errors.TopicError, match="room"):
        chat.topics.RoomsTopic("a/b")
