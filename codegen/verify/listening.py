"""A connection that subscribes to what the examples name, and listens for as long as everything else is tried."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from codegen.contract import Channel, Json, Message
from codegen.verify.following import Subscription
from codegen.verify.session import Session, Try, smallest
from codegen.verify.tries import about, examples, made_up

if TYPE_CHECKING:
    from codegen.verify.enveloped import Trial

_TOPICS = 2
"""Topics of each channel."""
_ENOUGH = 3
"""Updates of a topic that are worth waiting for."""
_AFTER = 0.3
"""Seconds in which an update that comes too late is waited for."""
_BACK = 2
"""Updates that the one who comes back has missed."""


class Listening:
    """Holds subscriptions from the beginning of a trial to its end."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.session: Session | None = None
        self._wanted: dict[str, tuple[Channel, Message, Json]] = {}
        self._beating: asyncio.Task[None] | None = None
        self._since = 0.0

    async def begin(self) -> None:
        """Connect and subscribe. Raises UnreachableError."""
        trial = self._trial
        self._since = asyncio.get_running_loop().time()
        self.session = session = await trial.open()
        for channel in trial.sight.contract.channels:
            subscribe = next((one for one in channel.client_to_server if one.action == "subscribe"), None)
            if subscribe is not None and trial.listens(channel):
                await self._subscribe(session, channel, subscribe)
        self._beating = asyncio.get_running_loop().create_task(self._beat(session))

    async def _subscribe(self, session: Session, channel: Channel, subscribe: Message) -> None:
        trial, envelope = self._trial, session.watcher.envelope
        frames: dict[str, Json] = {}
        named = examples(trial.sight, subscribe)
        for frame in named or made_up(trial.sight, trial.options, subscribe, _TOPICS):
            assert isinstance(frame, dict)
            frame.pop(envelope.recover or "", None)
            address = trial.sight.address(channel, frame)
            if address is not None and trial.sight.judge(subscribe).accepts(frame):
                frames.setdefault(address, frame)
        if not frames:
            told = "no topic to listen to was found"
            trial.collection.tried[subscribe.key].undone[told] = None
        for address, frame in list(frames.items())[:_TOPICS]:
            one = Try(subscribe, "answer", session.unique(frame))
            asked = await session.attempt(one)
            trial.count(asked, subscribe.key)
            for finding in session.take():
                await trial.tell(finding, one)
            if asked.answer is not None and not asked.refused:
                self._wanted[address] = channel, subscribe, frame
            else:
                told = f"{address} was not granted, so its updates were not seen"
                trial.collection.tried[subscribe.key].undone[told] = None

    async def finish(self, end: float) -> None:
        """Wait for updates, come back to each topic, then unsubscribe and see that nothing more comes."""
        if self.session is not None and self.session.link.closed is not None and not self._trial.over:
            await self._again()
        session = self.session
        assert session is not None
        loop = asyncio.get_running_loop()
        until = min(max(self._since + self._trial.options.listen, loop.time()), max(end, loop.time() + 0.1))
        await session.link.until(self._heard_enough, until - loop.time())
        if not self._trial.over:
            await self._recover(session)
        for address, (channel, _, frame) in self._wanted.items():
            await self._unsubscribe(session, channel, frame)
            self._tell_of_silence(session, channel, address)
        if self._wanted:
            await session.link.until(lambda: False, _AFTER)
        await self._leave(session)

    async def _leave(self, session: Session) -> None:
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
        await self._trial.retire(session)

    async def _again(self) -> None:
        """Listen on another connection, after one that came to its end."""
        assert self.session is not None
        await self._leave(self.session)
        self._wanted.clear()
        await self.begin()

    def _heard_enough(self) -> bool:
        return all(self._of(address).updates >= _ENOUGH for address in self._wanted)

    def _of(self, address: str) -> Subscription:
        assert self.session is not None
        return self.session.watcher.subscriptions[address]

    def _tell_of_silence(self, session: Session, channel: Channel, address: str) -> None:
        subscription = session.watcher.subscriptions[address]
        for message in channel.updates:
            if not subscription.updates:
                told = f"nothing was pushed for {address} in {self._trial.options.listen:g} s"
                self._trial.collection.tried[message.key].undone[told] = None

    async def _unsubscribe(self, session: Session, channel: Channel, frame: Json) -> None:
        message = next((one for one in channel.client_to_server if one.action == "unsubscribe"), None)
        if message is None:
            return
        trial = self._trial
        known = examples(trial.sight, message)
        leave = about(channel, known[0] if known else smallest(message, trial.sight), frame)
        if not trial.sight.judge(message).accepts(leave):
            trial.collection.tried[message.key].undone["no example shows how"] = None
            return
        asked = await session.attempt(Try(message, "answer", session.unique(leave)))
        trial.count(asked, message.key)

    # Coming back

    async def _recover(self, session: Session) -> None:
        """Name a position as one who was away does: one that the topic had, and two that it cannot have had."""
        trial, envelope = self._trial, session.watcher.envelope
        if envelope.recover is None or envelope.seq is None or envelope.epoch is None or not self._wanted:
            return
        if trial.has_one:
            told = "x-limits: coming back to a topic, as one address may have no more than one connection"
            trial.collection.undone[told] = None
            return
        back = await trial.open()
        for address, (channel, subscribe, frame) in self._wanted.items():
            seq, epoch = self._of(address).seq, self._of(address).epoch
            assert isinstance(frame, dict)
            if seq is None or epoch is None:
                continue
            for position in ((epoch, max(0, seq - _BACK)), (f"{epoch}-never", seq), (epoch, seq + 1_000_000)):
                named: Json = {envelope.epoch: position[0], envelope.seq: position[1]}
                asking = {**frame, envelope.recover: named}
                if not trial.sight.judge(subscribe).accepts(asking):
                    continue
                asked = await back.attempt(Try(subscribe, "answer", back.unique(asking)))
                trial.count(asked, subscribe.key)
                if asked.answer is None or asked.refused:
                    continue
                came = back.watcher.subscriptions[address]
                if came.recovered and position != (epoch, max(0, seq - _BACK)):
                    told = f"{address} never had the position {position[0]}/{position[1]}, and yet it is recovered"
                    back.watcher.find("recovered-unprovable", asked, told, came=str(asked.answer))
                elif came.recovered is False and position[1] < seq and (channel.history or 0) >= _BACK:
                    told = f"{address} was not recovered from {position[1]} of {seq}, which is allowed"
                    trial.collection.undone[told] = None
                elif came.recovered and seq > position[1]:
                    heard = await back.link.until(lambda: came.followed, trial.options.patience)  # noqa: B023
                    if not heard:
                        told = f"{address} is recovered from {position[1]}, and nothing after it comes"
                        back.watcher.find("recovered-hole", asked, told, came=str(asked.answer))
                await self._unsubscribe(back, channel, frame)
        await trial.retire(back)

    async def _beat(self, session: Session) -> None:
        """Say something now and then, as the contract asks of a client."""
        heartbeat = self._trial.sight.contract.heartbeat
        if heartbeat is None or heartbeat.request is None:
            return
        request = self._trial.sight.message(heartbeat.request)
        while session.link.closed is None:
            await asyncio.sleep(heartbeat.interval_ms / 3000)
            await session.attempt(
                Try(request, "answer", session.unique(smallest(request, self._trial.sight)))
            )
