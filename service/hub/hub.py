"""The hub: takes publications, numbers and frames each once, and hands the frame to each subscriber's outbox.

Everything here runs on the event loop's thread and nothing awaits: a publication is with all outboxes when
`publish` returns. From other threads, publish through `ThreadSafeSink`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from generated.publisher import encode_update
from generated.runtime.publication import Publication, Sink
from generated.topics import Topic
from service.hub.listener import TopicListener, TopicUnavailable
from service.hub.topic import TopicState

log = logging.getLogger(__name__)


class Subscriber(Protocol):
    """What the hub asks of a connection; compared by identity."""

    def deliver(self, frame: bytes) -> None:
        """Take one ready frame. Must return at once, must not raise, must not call back into the hub."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a topic stands: the next update is `seq + 1` of this epoch."""

    seq: int
    epoch: str


class Hub:
    """All topics that somebody listens to.

    A topic lives from its first subscriber until `grace` seconds after its last one left.
    """

    def __init__(self, *, grace: float) -> None:
        self._grace = grace
        self._topics: dict[str, TopicState] = {}
        self._of: dict[Subscriber, dict[str, TopicState]] = {}
        self._listeners: list[TopicListener] = []

    def listen(self, listener: TopicListener) -> None:
        """Tell this listener of the topics that open and close from now on."""
        self._listeners.append(listener)

    @property
    def topics(self) -> Sequence[str]:
        """The addresses of all topics that are open, those in their grace period included."""
        return list(self._topics)

    @property
    def subscriptions(self) -> int:
        """How many subscriptions there are, over all topics."""
        return sum(len(state.subscribers) for state in self._topics.values())

    def subscribers(self, topic: Topic) -> int:
        """How many listen to a topic."""
        state = self._topics.get(topic.address)
        return len(state.subscribers) if state is not None else 0

    def subscribe(self, topic: Topic, subscriber: Subscriber) -> Position:
        """Add a subscriber, who gets every update after the position returned; twice is the same as once.

        Raises TopicUnavailable when a listener turns the topic away; nothing has changed then.
        """
        state = self._topics.get(topic.address)
        if state is None:
            state = self._topics[topic.address] = TopicState(topic)
            try:
                self._open(topic)
            except BaseException:
                del self._topics[topic.address]
                raise
        elif state.closing is not None:
            state.closing.cancel()
            state.closing = None
        position = Position(state.seq, state.epoch)
        if subscriber not in state.subscribers:
            state.subscribers[subscriber] = None
            self._of.setdefault(subscriber, {})[topic.address] = state
            self._tell_subscribers(state)
        return position

    def unsubscribe(self, topic: Topic, subscriber: Subscriber) -> bool:
        """Remove a subscriber; returns whether it was one."""
        mine = self._of.get(subscriber)
        state = mine.pop(topic.address, None) if mine is not None else None
        if mine is not None and not mine:
            del self._of[subscriber]
        if state is None:
            return False
        self._leave(state, subscriber)
        return True

    def drop(self, subscriber: Subscriber) -> None:
        """Remove a subscriber from every topic."""
        for state in self._of.pop(subscriber, {}).values():
            self._leave(state, subscriber)

    def publish(self, publication: Publication) -> None:
        """Number, frame and deliver one publication; dropped where nobody listens to its topic."""
        state = self._topics.get(publication.topic)
        if state is None:
            return
        state.seq += 1
        if not state.subscribers:
            return
        epoch = None if state.epoch_told else state.epoch
        state.epoch_told = True
        frame = encode_update(publication, seq=state.seq, ts=int(time.time() * 1000), epoch=epoch)
        for subscriber in state.subscribers:
            subscriber.deliver(frame)

    def close(self) -> None:
        """Close every topic at once, whoever listens; the listeners hear of it."""
        for state in list(self._topics.values()):
            if state.closing is not None:
                state.closing.cancel()
            self._close(state)
        self._of.clear()

    def _open(self, topic: Topic) -> None:
        told: list[TopicListener] = []
        for listener in self._listeners:
            try:
                listener.topic_opened(topic)
            except Exception as error:
                for earlier in told:
                    self._tell_closed(earlier, topic)
                if isinstance(error, TopicUnavailable):
                    raise
                log.exception("feed failed to open topic=%s", topic.address)
                raise TopicUnavailable(f"{topic.address} cannot be served now", retryable=True) from error
            told.append(listener)
        log.debug("topic opened topic=%s", topic.address)

    def _leave(self, state: TopicState, subscriber: Subscriber) -> None:
        state.subscribers.pop(subscriber, None)
        self._tell_subscribers(state)
        if state.subscribers:
            return
        if self._grace > 0:
            state.closing = asyncio.get_running_loop().call_later(self._grace, self._close, state)
        else:
            self._close(state)

    def _close(self, state: TopicState) -> None:
        if self._topics.get(state.topic.address) is not state:
            return
        del self._topics[state.topic.address]
        for listener in self._listeners:
            self._tell_closed(listener, state.topic)
        log.debug("topic closed topic=%s", state.topic.address)

    def _tell_subscribers(self, state: TopicState) -> None:
        for listener in self._listeners:
            try:
                listener.topic_subscribers(state.topic, len(state.subscribers))
            except Exception:
                log.exception("feed failed on a change of subscribers topic=%s", state.topic.address)

    def _tell_closed(self, listener: TopicListener, topic: Topic) -> None:
        try:
            listener.topic_closed(topic)
        except Exception:
            log.exception("feed failed to close topic=%s", topic.address)


class ThreadSafeSink:
    """Publishes from any thread: `Publisher(ThreadSafeSink(hub, loop))`. In order of each thread's calls."""

    def __init__(self, sink: Sink, loop: asyncio.AbstractEventLoop) -> None:
        self._sink = sink
        self._loop = loop

    def publish(self, publication: Publication) -> None:
        """Hand the publication to the event loop; RuntimeError once the loop is closed."""
        self._loop.call_soon_threadsafe(self._sink.publish, publication)
