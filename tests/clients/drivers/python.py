"""Does what commands say with Python clients, and tells what it sees. It knows no scenario."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import logging
import typing
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest import mock

from pydantic import BaseModel

import generated.client
from generated.client import TradingClient
from generated.runtime.backoff import Backoff, Clock
from generated.runtime.codec import encode
from generated.runtime.hole import Hole
from generated.runtime.options import ClientOptions
from generated.runtime.subscription import Subscription

NAMES = {
    "RequestError": "Refused",
    "ResponseTimeout": "Timeout",
    "ConnectionLost": "Lost",
    "SubscriptionOverflow": "Overflow",
    "InvalidMessage": "Protocol",
    "QueueFullError": "QueueFull",
    "CancelledError": "Aborted",
}
Json = Any
Command = dict[str, Any]


class Driver:
    """Clients in this process; `tell` hears the events."""

    def __init__(self, tell: Callable[[Json], None], heartbeat_ms: int | None = None) -> None:
        self._tell = tell
        self._heartbeat_ms = heartbeat_ms
        self._clients: dict[str, TradingClient] = {}
        self._subscriptions: dict[str, Subscription[Any, Any]] = {}
        self._kept: dict[str, list[object]] = {}
        """What was handed out, to be looked at again."""
        self._before = asyncio.all_tasks()
        self._commands: dict[int, asyncio.Task[None]] = {}
        self._own: set[asyncio.Task[None]] = set()
        self._handler = _Complaints(tell)
        self._clock = _Clock()
        logging.getLogger("generated").addHandler(self._handler)

    def obey(self, command: Command) -> None:
        """Begin what a command says."""
        task = asyncio.create_task(self._obey(command))
        self._commands[command["re"]] = task
        self._keep(task)

    async def finish(self) -> list[str]:
        """What is left behind when all clients should be gone."""
        logging.getLogger("generated").removeHandler(self._handler)
        for _ in range(10):  # who was told to end gets its turn
            await asyncio.sleep(0)
        left = [str(task) for task in asyncio.all_tasks() - self._before if _of_a_client(task)]
        clients = [weakref.ref(client) for client in self._clients.values()]
        self._clients.clear()
        self._subscriptions.clear()
        self._kept.clear()
        self._commands.clear()
        gc.collect()
        return left + [f"{client()} is still referred to" for client in clients if client() is not None]

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._own.add(task)
        task.add_done_callback(self._own.discard)

    async def _obey(self, command: Command) -> None:
        re = command["re"]
        try:
            value = await getattr(self, f"_do_{command['do']}")(command)
        except asyncio.CancelledError as error:
            self._tell({"event": "failed", "re": re, "error": problem(error)})
        except Exception as error:  # noqa: BLE001, whatever it is, it is told
            self._tell({"event": "failed", "re": re, "error": problem(error)})
        else:
            self._tell({"event": "answer", "re": re, "value": value})
        finally:
            del self._commands[re]

    async def _do_create(self, command: Command) -> None:
        name, options = command["client"], command["options"]
        chosen: dict[str, Any] = {"clock": self._clock}
        if "timeout_ms" in options:
            chosen["response_timeout"] = chosen["open_timeout"] = options["timeout_ms"] / 1000
        if "max_queued" in options:
            chosen["max_queued"] = options["max_queued"]
        if "reconnect" in options:
            limits = options["reconnect"]
            chosen["reconnect"] = Backoff(limits[0] / 1000, limits[1] / 1000) if limits else None
        if "tokens" in options:
            chosen["token"] = self._tokens(name, options["tokens"])
        interval: AbstractContextManager[object]
        if self._heartbeat_ms is not None:
            interval = mock.patch.object(generated.client, "HEARTBEAT_INTERVAL_MS", self._heartbeat_ms)
        else:
            interval = nullcontext()
        with interval:
            client = self._clients[name] = TradingClient(command["url"], options=ClientOptions(**chosen))
        tell = self._tell

        def changed(state: str, reason: BaseException | None) -> None:
            tell({"event": "state", "client": name, "state": state, "reason": reason and problem(reason)})

        client.on_state(changed)
        if options.get("on_hole"):
            client.on_hole(lambda hole: tell({"event": "hole", "client": name, "hole": hole_of(hole)}))

    def _tokens(self, name: str, tokens: list[str | None]) -> Callable[[], Any]:
        given = iter(tokens)
        tell = self._tell

        async def token() -> str:
            value = next(given, tokens[-1])
            tell({"event": "token", "client": name, "token": value})
            if value is None:
                raise OSError("there is no token")
            return value

        return token

    async def _do_connect(self, command: Command) -> None:
        await self._clients[command["client"]].open()

    async def _do_close(self, command: Command) -> None:
        await self._clients[command["client"]].close()

    async def _do_state(self, command: Command) -> Json:
        return self._clients[command["client"]].state

    async def _do_request(self, command: Command) -> Json:
        channel = getattr(self._clients[command["client"]], command["channel"])
        method = getattr(channel, command["operation"])
        options = command["options"]
        timeout = {"response_timeout": options["timeout_ms"] / 1000} if "timeout_ms" in options else {}
        payload = payload_of(method, command.get("payload"))
        return plain(await method(*payload, **timeout))

    async def _do_subscribe(self, command: Command) -> Json:
        sub, how, options = command["sub"], command["how"], command["options"]
        channel = getattr(self._clients[command["client"]], command["channel"])
        chosen: dict[str, Any] = {}
        if "timeout_ms" in options:
            chosen["response_timeout"] = options["timeout_ms"] / 1000
        if "buffer" in options:
            chosen["capacity"] = options["buffer"]
        tell = self._tell
        if options.get("on_hole"):
            chosen["on_hole"] = lambda hole: tell({"event": "hole", "sub": sub, "hole": hole_of(hole)})

        kept = self._kept.setdefault(sub, [])

        def heard(body: object) -> None:
            kept.append(body)
            tell({"event": "update", "sub": sub, "body": plain(body)})
            match options.get("then"):
                case "throw":
                    raise ZeroDivisionError
                case "close":
                    self._keep(asyncio.create_task(self._do_close(command)))
                case "leave":
                    self._keep(asyncio.create_task(self._do_unsubscribe(command)))

        if how == "listener":
            chosen["on_update"] = heard
        payload = payload_of(channel.subscribe, command["payload"])
        subscription = await channel.subscribe(*payload, **chosen)
        self._subscriptions[sub] = subscription
        items = subscription.updates() if how == "frames" else subscription
        self._keep(asyncio.create_task(self._iterate(sub, items)))
        return subscription.topic

    async def _iterate(self, sub: str, items: AsyncIterator[object]) -> None:
        """Tells of what is iterated, and of the end."""
        try:
            async for item in items:
                self._kept[sub].append(item)
                self._tell({"event": "update", "sub": sub, "body": plain(item)})
        except Exception as error:  # noqa: BLE001, whatever it is, it is told
            self._tell({"event": "ended", "sub": sub, "error": problem(error)})
        else:
            self._tell({"event": "ended", "sub": sub, "error": None})

    async def _do_unsubscribe(self, command: Command) -> None:
        await self._subscriptions[command["sub"]].unsubscribe()

    async def _do_latest(self, command: Command) -> Json:
        return plain(self._subscriptions[command["sub"]].latest)

    async def _do_kept(self, command: Command) -> Json:
        return [plain(body) for body in self._kept[command["sub"]]]

    async def _do_active(self, command: Command) -> Json:
        return not self._subscriptions[command["sub"]].ended

    async def _do_abort(self, command: Command) -> None:
        if (task := self._commands.get(command["target"])) is not None:
            task.cancel()

    async def _do_dice(self, command: Command) -> None:
        self._clock.fixed = command["value"]


def _of_a_client(task: asyncio.Task[Any]) -> bool:
    """Whether a task is one of the package's, of its WebSocket's, or of this driver's."""
    coroutine = task.get_coro()
    code = getattr(coroutine, "cr_code", None)
    where = code.co_filename if code is not None else ""
    return task is not asyncio.current_task() and (
        "/generated/" in where or where.endswith("/websockets/asyncio/connection.py") or where == __file__
    )


class _Clock(Clock):
    """A clock whose chance can be told what comes."""

    fixed: float | None = None

    def random(self) -> float:
        """What it was told, else by chance."""
        return super().random() if self.fixed is None else self.fixed


class _Complaints(logging.Handler):
    """Tells of what the clients log."""

    def __init__(self, tell: Callable[[Json], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell({"event": "complaint", "text": record.getMessage()})


def problem(error: BaseException) -> Json:
    """What an error says, in the words of all drivers."""
    names = {kind.__name__ for kind in type(error).__mro__}
    name = next((NAMES[kind] for kind in NAMES if kind in names), type(error).__name__)
    found = {"name": name, "message": str(error)}
    for ours, theirs in (("reconnect", "retryable"), ("retryable", "retryable")):
        if hasattr(error, ours):
            found[theirs] = getattr(error, ours)
    for field in ("code", "reason", "retry_after_ms"):
        if getattr(error, field, None) is not None:
            found[field] = getattr(error, field)
    return found


def payload_of(method: Callable[..., object], payload: Json) -> list[object]:
    """A request's payload as the model that its method takes; none where it takes none."""
    if payload is None:
        return []
    name = next(name for name in inspect.signature(method).parameters)
    model = typing.get_type_hints(method)[name]
    assert issubclass(model, BaseModel)
    return [model.model_validate(payload)]


def plain(value: object) -> Json:
    """A model as JSON has it."""
    if value is None:
        return None
    return json.loads(encode(value))


def hole_of(hole: Hole) -> Json:
    """A hole as JSON has it."""
    return {"topic": hole.topic, "reason": hole.reason, "after": hole.after, "seq": hole.seq}
