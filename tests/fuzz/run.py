"""Send, hold what comes back against what must come back, and watch the process meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tests.frames import CLOSE, PING, TEXT, frame
from tests.fuzz import texts, wire
from tests.fuzz.purse import Granted, Purse, Watch, foreign

_BATCH = 50
_CONNECTIONS = 8
_BATCHES_A_CONNECTION = 40
_WIRE_SHARE = 0.05
_MOST_EXAMPLES = 5
_WARM = 0.2
"""After this part of a run its memory is what the end is compared with."""

UNASKED = (".update", "topic.reset", "topic.closed", "server.shutdown")


class Service(Protocol):
    """What is looked at of whoever is tried."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""

    @property
    def memory(self) -> float:
        """What it holds, in MB."""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""

    @property
    def last_words(self) -> str:
        """What it said in the end."""

    def complaints(self) -> list[str]:
        """What it said that it should not have to."""


@dataclass(slots=True)
class Report:
    """What was sent, what came of it, and what should not have."""

    seed: int
    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    """By code, `ok` among them."""
    findings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)
    """MB, after each tenth."""

    def find(self, what: str, example: str) -> None:
        """Note something that must not be."""
        self.findings[what] += 1
        kept = self.examples.setdefault(what, [])
        if len(kept) < _MOST_EXAMPLES:
            kept.append(example)

    @property
    def total(self) -> int:
        """How many inputs there were."""
        return self.sent.total()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does."""

    seed: int
    inputs: int
    growth_mb: float = 60.0
    """By how much memory may have grown after the first fifth."""
    patience: float = 30.0
    """Seconds in which an answer has to come, or the server's goodbye."""
    purse: Purse | None = None
    """Tokens that the server takes; None where it takes none."""
    anonymous: bool = True
    """Whether market data need no token."""


async def run(plan: Plan, server: Service, say: Callable[[str], None]) -> Report:
    """Send so many inputs; what is found is in the report."""
    report = Report(plan.seed)
    for tenth in range(10):
        share = plan.inputs // 10 + (plan.inputs % 10 if tenth == 9 else 0)
        wires = round(share * _WIRE_SHARE)
        work = [
            _texts(random.Random(f"{plan.seed}/{tenth}/{number}"), server, report, plan, part)
            for number, part in enumerate(_split(share - wires, _CONNECTIONS))
        ]
        work += [
            _wires(random.Random(f"{plan.seed}/{tenth}/wire/{number}"), server, report, plan, part)
            for number, part in enumerate(_split(wires, _CONNECTIONS))
        ]
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
        if not server.runs:
            report.find("the process ended", server.last_words)
            break
        await _canary(server, report, plan)
        report.memory.append(server.memory)
        say(f"{report.total:>9} inputs, {report.memory[-1]:.0f} MB, {report.findings.total()} findings")
    for complaint in server.complaints():
        report.find("the log complains", complaint)
    if len(report.memory) == 10 and report.memory[-1] - report.memory[round(10 * _WARM)] > plan.growth_mb:
        report.find("memory grows", ", ".join(f"{one:.0f}" for one in report.memory))
    return report


def _split(total: int, parts: int) -> list[int]:
    return [total // parts + (part < total % parts) for part in range(parts)]


async def _texts(chance: random.Random, server: Service, report: Report, plan: Plan, inputs: int) -> None:
    """Texts, connection after connection."""
    while inputs > 0 and server.runs:
        shown: Granted | None = None
        if plan.purse is not None and chance.random() < 0.5:
            shown = plan.purse.draw(chance, valid=True)
        client = await Client.connect(server.port, plan, shown)
        try:
            for _ in range(_BATCHES_A_CONNECTION):
                batch = [texts.text(chance, plan.purse) for _ in range(min(_BATCH, inputs))]
                inputs -= len(batch)
                report.sent["text"] += len(batch)
                if not batch or not await _exchange(client, batch, report, plan):
                    break
        finally:
            client.abort()


async def _exchange(client: Client, batch: list[str], report: Report, plan: Plan) -> bool:
    """Send a batch and something to know its end by; whether the connection is of use afterwards."""
    client.send(batch)
    answers = 0
    try:
        async with asyncio.timeout(plan.patience):
            while True:
                opcode, payload = await client.receive()
                if opcode == CLOSE:
                    code = int.from_bytes(payload[:2], "big")
                    report.find(f"closed with {code} {payload[2:].decode()!r}", repr(batch))
                    return False
                if opcode != TEXT:
                    continue
                message = json.loads(payload)
                if message.get("id") == client.end and message["type"] == "pong":
                    break
                if message["type"].endswith(UNASKED):
                    wrong = client.watch.told(message)
                else:
                    text = batch[min(answers, len(batch) - 1)]
                    wrong = client.watch.answered(text, message)
                    answers += 1
                    _judge(message, batch, report)
                if wrong is not None:
                    report.find(wrong, f"{message!r} in {batch!r}")
    except TimeoutError:
        report.find(f"no answer in {plan.patience:g} s", repr(batch))
        return False
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        report.find("the connection broke", f"{error!r} after {batch!r}")
        return False
    if answers != len(batch):
        report.find(f"{answers - len(batch):+} answers", repr(batch))
    return True


def _judge(message: dict[str, object], batch: list[str], report: Report) -> None:
    payload = message.get("payload")
    if isinstance(payload, dict) and payload.get("status") == "error":
        code = str(payload["code"])
        report.answers[code] += 1
        if code == "internal":
            report.find("answered with internal", f"{message!r} in {batch!r}")
    else:
        report.answers["ok"] += 1


async def _wires(chance: random.Random, server: Service, report: Report, plan: Plan, inputs: int) -> None:
    """Conversations in bytes, each on a connection of its own, after which the client goes away."""
    for _ in range(inputs):
        if not server.runs:
            return
        if plan.purse is not None:
            plan.purse.drawn.clear()
        data = wire.conversation(chance, plan.purse)
        shown = () if plan.purse is None else tuple(plan.purse.drawn)
        heard = bytearray()
        report.sent["bytes"] += 1
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            async with asyncio.timeout(plan.patience):
                writer.write(data)
                if chance.random() < 0.8:
                    # Who says that no more will come has to see the end.
                    writer.write_eof()
                    while some := await reader.read(65_536):
                        heard += some
        except TimeoutError:
            report.find("no end after the client's", repr(data))
        except ConnectionError:
            pass  # cut off, as rubbish may be
        finally:
            writer.transport.abort()
        if (topic := foreign(heard, shown)) is not None:
            report.find("another's account was told", f"{topic} after {data!r}")


async def _canary(server: Service, report: Report, plan: Plan) -> None:
    """Somebody who behaves is served as ever."""
    try:
        shown = None if plan.purse is None else plan.purse.tokens[0]
        client = await Client.connect(server.port, plan, shown)
    except (OSError, TimeoutError) as error:
        report.find("nobody gets in", repr(error))
        return
    try:
        await _exchange(client, ['{"type":"bars.subscribe","payload":{"symbol":"AAPL"}}'], report, plan)
    finally:
        client.abort()


class Client:
    """A WebSocket of our own, for speed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watch: Watch) -> None:
        self.watch = watch
        self._reader = reader
        self._writer = writer
        self._number = 0

    @classmethod
    async def connect(cls, port: int, plan: Plan, shown: Granted | None) -> Client:
        """Open one, with this token in the handshake. OSError, TimeoutError where that fails."""
        async with asyncio.timeout(plan.patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(wire.handshake(None if shown is None else shown.token))
            head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head.decode("latin-1"))
        return cls(reader, writer, Watch(plan.purse, shown, anonymous=plan.anonymous))

    @property
    def end(self) -> str:
        """The id of the ping that ends the batch."""
        return f"end-{self._number}-of-batch"

    def send(self, batch: list[str]) -> None:
        """Send these texts, and a ping."""
        self._number += 1
        ping = json.dumps({"type": "ping", "id": self.end})
        self._writer.write(b"".join(frame(TEXT, one.encode("utf-8", "replace")) for one in (*batch, ping)))

    async def receive(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; pings are answered."""
        reader = self._reader
        first, second = await reader.readexactly(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        payload = await reader.readexactly(size)
        if first & 0x0F == PING:
            self._writer.write(frame(PING + 1, payload))
        return first & 0x0F, payload

    def abort(self) -> None:
        """Be gone."""
        self._writer.transport.abort()
