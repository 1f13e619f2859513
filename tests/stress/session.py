"""A client that speaks the contract, and checks each message that it gets."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.stress.peer import Ending, Peer
from tests.stress.server import number_of
from tests.stress.terms import HEARTBEAT, Report

PATIENCE = 20.0
"""Seconds that an answer may take, however busy the machine."""

FLOOD_PATIENCE = 25.0
"""Seconds that it may take to one who floods: a flood is worked off bit by bit, at its sender's cost."""


class Body(msgspec.Struct):
    """What is looked at of a payload."""

    status: str | None = None
    code: str | None = None
    topic: str | None = None
    open: float | None = None
    close: float | None = None


class Message(msgspec.Struct):
    """What is looked at of a message."""

    type: str
    id: int | None = None
    topic: str | None = None
    seq: int | None = None
    seq_from: int | None = None
    epoch: str | None = None
    ts: int | None = None
    payload: Body | None = None


_decode = msgspec.json.Decoder(Message).decode


@dataclass(slots=True)
class Following:
    """One subscription."""

    symbol: str
    epoch: str
    last: int
    """The last `seq`."""


class Session:
    """One client's view: its requests, its subscriptions, and whether what comes fits them."""

    def __init__(self, name: str, report: Report, *, reads: bool = False, forgiving: bool = False) -> None:
        """`reads`: gets everything, at once. `forgiving`: provokes errors, and does not wonder at them."""
        self.name = name
        self.report = report
        self.reads = reads
        self.forgiving = forgiving
        self.following: dict[str, Following] = {}
        self.refusals: dict[str, int] = {}
        """How often which code came in an answer or an error."""
        self.folded = 0
        self.updates = 0
        self.told_to_leave = False
        self._talking: asyncio.Task[None] | None = None
        self._asked: deque[tuple[int, str, asyncio.Future[Message]]] = deque()
        self._next_id = 0
        self.peer: Peer

    async def connect(self, port: int, *, receive_buffer: int | None = None, deflate: bool = False) -> bool:
        """Connect; whether that was granted."""
        self.peer = await Peer.connect(port, self.take, receive_buffer=receive_buffer, deflate=deflate)
        async with asyncio.timeout(PATIENCE):
            status = await self.peer.opened
        if status != 101:
            self._broken("harness", f"the handshake was answered {status}")
        return status == 101

    # Requests.

    def ask(self, kind: str, payload: str | None = None) -> asyncio.Future[Message]:
        """Send a request; its answer."""
        self._next_id += 1
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        answer = "pong" if kind == "ping" else f"{kind}.response"
        self._asked.append((self._next_id, answer, future))
        body = "" if payload is None else f',"payload":{payload}'
        self.peer.text(f'{{"type":"{kind}","id":{self._next_id}{body}}}'.encode())
        return future

    async def answered(self, future: asyncio.Future[Message], *, within: float = PATIENCE) -> Message | None:
        """Wait for an answer; None where the connection ended first, or none came, which is noted."""
        either: list[asyncio.Future[Any]] = [future, self.peer.ended]
        done, _ = await asyncio.wait(either, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if future.done():
            return future.result()
        if not done:
            self._broken("answered", f"no answer within {within} s")
        return None

    async def subscribe(self, symbol: str) -> bool:
        """Subscribe; whether it was granted."""
        answer = await self.answered(self.ask("bars.subscribe", _selection(symbol)))
        return answer is not None and answer.payload is not None and answer.payload.status == "ok"

    async def unsubscribe(self, symbol: str) -> None:
        """Unsubscribe."""
        await self.answered(self.ask("bars.unsubscribe", _selection(symbol)))

    def talk(self) -> None:
        """Ask something now and then from here on, so as never to be silent, whatever one waits for."""

        async def go_on() -> None:
            while not (await asyncio.wait([self.peer.ended], timeout=HEARTBEAT / 4))[0]:
                self.ask("ping")

        self._talking = asyncio.create_task(go_on())

    async def leave(self) -> None:
        """Close politely; the close has to be answered by the same code, with no request left open."""
        # Not silent yet: with much to be read first, the answer may take longer than the heartbeat.
        await self._answered_last()
        if self._talking is not None:
            self._talking.cancel()
        await self._answered_last()
        self.peer.close()
        await self.ends({1000})

    async def _answered_last(self) -> None:
        if self._asked and not self.peer.ended.done():
            await self.answered(self._asked[-1][2])

    async def ends(self, codes: set[int], *, within: float = PATIENCE, cut: bool = False) -> Ending | None:
        """Wait for the end, which has to be by one of these codes; with `cut`, one without a code will do."""
        done, _ = await asyncio.wait([self.peer.ended], timeout=within)
        if not done:
            self._broken("closed", f"not closed within {within:.1f} s; expected {_names(codes)}")
            self.peer.vanish()
            return None
        ending = self.peer.ended.result()
        if ending.code not in codes and not (cut and ending.code is None):
            self._broken("closed", f"ended by {ending}; expected {_names(codes)}")
        return ending

    def still_open(self, why: str) -> bool:
        """Note it where the connection has ended, although it should go on."""
        if self.peer.ended.done():
            self._broken("closed", f"ended by {self.peer.ended.result()}, although {why}")
            return False
        return True

    # What comes.

    def take(self, text: bytes) -> None:
        """Check one message."""
        try:
            message = _decode(text)
        except msgspec.MsgspecError as error:
            self._broken("content", f"{error}: {text[:200]!r}")
            return
        if message.type == "bars.update":
            self._update(message)
        elif message.type == "server.shutdown":
            self.told_to_leave = True
        elif message.type == "error":
            self._refused(message)
        else:
            self._answer(message)

    def _update(self, message: Message) -> None:
        topic, seq, payload = message.topic, message.seq, message.payload
        if topic is None or seq is None or payload is None or message.ts is None:
            self._broken("content", f"an update without topic, seq, ts or payload: {message}")
            return
        following = self.following.get(topic)
        if following is None:
            self._broken("scope", f"{topic} {seq} came without a subscription")
            return
        self.updates += 1
        if message.epoch is not None and message.epoch != following.epoch:
            self._broken("order", f"{topic} {seq} is of epoch {message.epoch}, not {following.epoch}")
        first = seq if message.seq_from is None else message.seq_from
        if first != following.last + 1 or seq < first:
            self._broken("order", f"{topic} {first}..{seq} came after {following.last}")
        self.folded += seq - first
        following.last = seq
        if payload.close != seq or payload.open != number_of(following.symbol):
            self._broken("content", f"{topic} {seq} holds {payload}")
        if self.reads:
            self.report.delays[max(0, int(time.time() * 1000) - message.ts)] += 1

    def _answer(self, message: Message) -> None:
        if self.forgiving and message.id is None:
            self._count_refusal(message)  # of a mistake that was told to be a request
            return
        if not self._asked:
            self._broken("answered", f"nothing was asked, and came: {message}")
            return
        identity, kind, future = self._asked.popleft()
        if (message.id, message.type) != (identity, kind):
            self._broken("answered", f"expected {kind} {identity}, got {message}")
        self._count_refusal(message)
        payload = message.payload
        if payload is not None and payload.status == "ok" and payload.topic is not None:
            self._note(message, payload.topic)
        if not future.done():
            future.set_result(message)

    def _note(self, message: Message, topic: str) -> None:
        if message.type == "bars.unsubscribe.response":
            self.following.pop(topic, None)
            return
        if message.seq is None or message.epoch is None:
            self._broken("content", f"the answer to a subscribe says no position: {message}")
            return
        known = self.following.get(topic)
        if known is None:
            self.following[topic] = Following(topic.split(":")[1], message.epoch, message.seq)
        elif known.epoch != message.epoch:
            self._broken("order", f"{topic} has epoch {message.epoch} while {known.epoch} goes on")

    def _refused(self, message: Message) -> None:
        """An `error`: for what could not be told to be a request."""
        self._count_refusal(message)
        if not self.forgiving:
            self._broken("answered", f"an error, and no mistake was made: {message}")
        elif message.id is not None and self._asked and self._asked[0][0] == message.id:
            self._asked.popleft()[2].set_result(message)

    def _count_refusal(self, message: Message) -> None:
        if message.payload is not None and message.payload.code is not None:
            code = message.payload.code
            self.refusals[code] = self.refusals.get(code, 0) + 1
            if not self.forgiving:
                self._broken("answered", f"refused: {message}")

    # Judgements.

    async def complete(self, counts: dict[str, int]) -> None:
        """Once nothing is published any more: the last update of each topic followed comes, too."""
        until = time.monotonic() + PATIENCE
        while self._missing(counts) and time.monotonic() < until:
            # Wakes up for the end, and looks again for what has come.
            if (await asyncio.wait([self.peer.ended], timeout=0.02))[0]:
                break
        if self.peer.ended.done():
            return  # which is found when it leaves
        for topic, (last, count) in self._missing(counts).items():
            self._broken("complete", f"{topic} stopped at {last} of {count}")

    def _missing(self, counts: dict[str, int]) -> dict[str, tuple[int, int]]:
        return {
            topic: (following.last, counts.get(topic, 0))
            for topic, following in self.following.items()
            if following.last != counts.get(topic, 0)
        }

    def _broken(self, invariant: str, what: str) -> None:
        self.report.violation(invariant, f"{self.name}: {what}")


def _selection(symbol: str) -> str:
    return f'{{"symbol":"{symbol}","resolution":"1"}}'


def _names(codes: set[int]) -> str:
    return " or ".join(str(code) for code in sorted(codes))
