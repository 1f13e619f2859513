"""The hub: takes publications, numbers and frames each once, and owes them to their topics' subscribers.

Everything here runs on the event loop's thread and, but for `ready`, nothing awaits: what is published in one turn
of the loop is written at its end. From other threads, publish through `ThreadSafeSink`. Where many processes share
a broker, that numbers what is published, and each hub follows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

from generated.runtime.errors import Disconnected
from generated.runtime.publication import Publication, Sink
from generated.topics import Topic, parse_topic
from service.access.counters import AccessCounters
from service.access.naming import in_log
from service.broker import Broker, BrokerUnavailable, MemoryBroker, Numbered, Seed
from service.delivery import Lanes, Notice, Outbox, Turn
from service.hub.guard import Guard
from service.hub.listener import TopicListener, TopicUnavailable
from service.hub.sinks import FeedingSink
from service.hub.topic import Joined, Position, TopicState
from service.logs import event

log = logging.getLogger(__name__)


_SHORTLY = 5.0
"""Seconds for which a topic stays open at least that was opened for somebody who has yet to subscribe."""


class TooManyTopics(Exception):
    """A subscriber has as many topics as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"there are {most} subscriptions already, as many as one connection may have")


@dataclass(slots=True)
class Tally:
    """What one channel comes to."""

    publications: int
    """Since the start: what was published here, whether anybody listens or not."""
    deliveries: int
    """Since the start: updates owed to subscribers, once for each of them."""
    topics: int = 0
    """Those that are open."""
    subscriptions: int = 0


class Hub:
    """All topics that somebody listens to.

    A topic lives from its first subscriber until `grace` seconds after its last one left.
    """

    def __init__(
        self,
        turn: Turn,
        *,
        grace: float,
        most_topics: int | None = None,
        broker: Broker | None = None,
        access: AccessCounters | None = None,
    ) -> None:
        """`grace` is in seconds; `most_topics` is how many one subscriber may have. No broker is one in memory."""
        self.broker: Broker = MemoryBroker() if broker is None else broker
        """Who numbers what is published."""
        self._remote = self.broker if self.broker.remote else None
        self._opening: dict[str, asyncio.Task[None]] = {}
        self.feeding: Sink = self if self._remote is None else FeedingSink(self._remote, turn.counters)
        """Where feeds publish, of which there is one for each topic: what another publishes there is not theirs."""
        self._turn = turn
        self._grace = grace
        self._most_topics = most_topics
        self._topics: dict[str, TopicState] = {}
        self._lanes = Lanes(turn)
        self._listeners: list[TopicListener] = []
        self._counters = turn.counters
        self._guard = Guard(self._lanes, self._lost, access or AccessCounters())
        self.broker.bind(self)

    def listen(self, listener: TopicListener) -> None:
        """Tell this listener of the topics that open and close from now on."""
        self._listeners.append(listener)

    @property
    def topics(self) -> Sequence[str]:
        """The addresses of all topics that are open, those in their grace period included."""
        return list(self._topics)

    def states(self) -> Iterable[TopicState]:
        """All topics that are open, for whoever looks and changes nothing."""
        return self._topics.values()

    def tallies(self) -> Mapping[str, Tally]:
        """What each channel comes to; visits each open topic, so that publishing need not count."""
        found = {
            name: Tally(counted.publications, counted.deliveries)
            for name, counted in self._counters.channels.items()
        }
        for state in self._topics.values():
            tally = found[state.topic.channel]
            tally.topics += 1
            tally.subscriptions += state.count
            tally.deliveries += state.delivered
            if self._remote is None:
                tally.publications += state.seq  # which is how many there were
        return found

    @property
    def subscriptions(self) -> int:
        """How many subscriptions there are, over all topics."""
        return sum(state.count for state in self._topics.values())

    def subscribers(self, topic: Topic) -> int:
        """How many listen to a topic."""
        state = self._topics.get(topic.address)
        return state.count if state is not None else 0

    async def ready(self, topic: Topic, after: Position | None = None) -> None:
        """Return once `subscribe` can be called for a topic and position; call that without awaiting in between.

        Without a remote broker that is at once. Where a position is not known here, the broker is asked: another
        node may have told more already, and what is only late is not to be called lost. Raises TopicUnavailable
        where a listener does not accept the topic, or the broker cannot be asked what has been published there.
        """
        if self._remote is None:
            return
        await self._opened_at(self._remote, topic)
        if after is None or self._topics[topic.address].knows(after):
            return
        try:
            await self._remote.catch_up(topic.address)
        except BrokerUnavailable as error:
            raise _unavailable(topic, error) from error
        await self._opened_at(self._remote, topic)

    async def _opened_at(self, broker: Broker, topic: Topic) -> None:
        while topic.address not in self._topics:
            opening = self._opening.get(topic.address)
            if opening is None:
                for listener in self._listeners:
                    listener.accepts(topic)
                # In nobody's name, and not to be cancelled with whoever came first.
                opening = asyncio.get_running_loop().create_task(
                    self._open_at(broker, topic), name="open topic", context=Context()
                )
                self._opening[topic.address] = opening
            await asyncio.shield(opening)

    def subscribe(self, topic: Topic, subscriber: Outbox, after: Position | None = None) -> Joined:
        """Add a subscriber, who gets every update after the position returned; twice is the same as once.

        Who names the position `after` which it wants to go on gets what it missed since, if all of it can be
        told, else what the topic holds now; where the contract says so, everybody gets that. All this precedes
        what is published from now on, and follows the answer where the subscriber holds.

        Raises RequestError where the subscriber may not read the topic, TooManyTopics where it has as many as
        it may, TopicUnavailable when a listener turns the topic away, and Disconnected for a subscriber that has
        ended; nothing has changed then.
        """
        if (farewell := subscriber.farewell) is not None:
            # It may have been dropped already, and nobody would do so again.
            raise Disconnected(farewell.code, farewell.reason)
        if (refusal := subscriber.refuses(topic)) is not None:
            raise refusal
        state = self._topics.get(topic.address)
        new = state is None or not self._lanes.has(subscriber, state)
        if state is None or new:
            self.make_room(topic, subscriber)
            state = self._joinable(topic, state)
            self._lanes.join(subscriber, state)
        joined, owed = state.join(after, subscriber.bound)
        if joined.recovered is not None:
            if joined.recovered:
                self._counters.recovered += 1
            else:
                self._counters.unrecovered += 1
        if owed:
            subscriber.owe(owed)
            self._turn.settle_later(subscriber)
        if new:
            self._tell_subscribers(state)
        return joined

    def make_room(self, topic: Topic, subscriber: Outbox) -> None:
        """Raise TooManyTopics where a subscriber has as many as it may, and not this one."""
        if self._most_topics is None or self.topics_of(subscriber) < self._most_topics:
            return
        state = self._topics.get(topic.address)
        if state is None or not self._lanes.has(subscriber, state):
            raise TooManyTopics(self._most_topics)

    def unsubscribe(self, topic: Topic, subscriber: Outbox) -> bool:
        """Remove a subscriber; returns whether it was one."""
        state = self._topics.get(topic.address)
        if state is None or not self._lanes.has(subscriber, state):
            return False
        self._lanes.leave(subscriber, state)
        self._left(state)
        return True

    def drop(self, subscriber: Outbox) -> None:
        """Remove a subscriber from every topic."""
        for audience in self._lanes.drop(subscriber):
            if isinstance(audience, TopicState):
                self._left(audience)

    def hold_against_rights(self, subscriber: Outbox) -> None:
        """End the subscriptions to what a subscriber may not read any more, and tell it so."""
        self._guard.hold_against(subscriber)

    def topics_of(self, subscriber: Outbox) -> int:
        """How many topics a subscriber has."""
        return len(subscriber.lane.audiences) if subscriber.lane is not None else 0

    def publish(self, publication: Publication) -> None:
        """Number and frame one publication, and owe it to its topic's subscribers; dropped where there is no topic.

        A remote broker takes it whether or not somebody listens here, and gives it back.
        """
        if self._remote is not None:
            self._counters.channels[publication.channel].publications += 1
            self._remote.publish(publication)
            return
        state = self._topics.get(publication.topic)
        if state is None:
            self._counters.channels[publication.channel].publications += 1
            return
        if state.count or state.remembers:
            update = state.number(publication)
            if state.count:
                self._turn.publish(update)
        else:
            state.skip()

    def opened(self, topic: Topic, seed: Seed) -> None:
        """The broker has opened a topic; it stays open for a while though nobody listens yet."""
        self._linger(self._new(topic, seed))

    def receive(self, update: Numbered) -> None:
        """The broker's next update of an open topic."""
        state = self._topics.get(update.publication.topic)
        if state is None:
            return
        framed = state.follow(update)
        if state.count:
            self._turn.publish(framed)

    def reset(self, address: str, seed: Seed, message: str) -> None:
        """The broker cannot prove what happened in a topic: its subscribers are told so, and what it holds."""
        state = self._topics.get(address)
        if state is None:
            return
        log.debug(event("topic reset", topic=address, reason=message))
        told = state.begin_anew(seed, message)
        if state.count:
            for one in told:
                self._turn.publish(one)
                if isinstance(one, Notice):
                    state.delivered -= state.count  # which is no update

    def base_wanted(self, address: str) -> None:
        """What a topic holds is lost: the listeners are asked to publish it whole, be it open only elsewhere."""
        topic = parse_topic(address)
        for listener in self._listeners:
            try:
                listener.topic_base_wanted(topic)
            except Exception:
                log.exception(event("feed failed to publish the whole", topic=in_log(address)))

    def close(self) -> None:
        """Close every topic at once, whoever listens; the listeners hear of it."""
        for opening in self._opening.values():
            opening.cancel()
        for state in list(self._topics.values()):
            if state.closing is not None:
                state.closing.cancel()
            self._close(state)

    async def _open_at(self, broker: Broker, topic: Topic) -> None:
        try:
            await broker.open(topic)
        except BrokerUnavailable as error:
            log.debug(event("topic cannot be opened", topic=topic.address, error=error))
            raise _unavailable(topic, error) from error
        finally:
            del self._opening[topic.address]

    def _joinable(self, topic: Topic, state: TopicState | None) -> TopicState:
        """The state of a topic, which is opened where it is not, and stays open where it was about to close."""
        if state is None:
            if self._remote is not None:
                raise TopicUnavailable(f"{topic.address} is not open here.", retryable=True)
            state = self._new(topic)
        if not state.fed:
            try:
                self._open(topic)
            except BaseException:
                if self._remote is None:
                    del self._topics[topic.address]
                raise
            state.fed = True
        if state.closing is not None:
            state.closing.cancel()
            state.closing = None
        return state

    def _new(self, topic: Topic, seed: Seed | None = None) -> TopicState:
        state = TopicState(topic, self._counters.channels[topic.channel], seed)
        self._guard.watch(state)
        self._topics[topic.address] = state
        return state

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
                log.exception(event("feed failed to open", topic=in_log(topic.address)))
                raise TopicUnavailable(f"{topic.address} cannot be served now", retryable=True) from error
            told.append(listener)
        log.debug(event("topic opened", topic=topic.address))

    def _left(self, state: TopicState) -> None:
        if self._topics.get(state.topic.address) is not state:
            return
        self._tell_subscribers(state)
        if not state.count:
            self._linger(state)

    def _linger(self, state: TopicState) -> None:
        """Close a topic to which nobody listens, after its grace."""
        grace = self._grace if state.fed else max(self._grace, _SHORTLY)
        if grace > 0:
            # Not in the name of whoever was the last to leave.
            state.closing = asyncio.get_running_loop().call_later(
                grace, self._close, state, context=Context()
            )
        else:
            self._close(state)

    def _lost(self, state: TopicState) -> None:
        """Like `_left`, for a topic of which that may have been noticed already."""
        if state.closing is None:
            self._left(state)

    def _close(self, state: TopicState) -> None:
        if self._topics.get(state.topic.address) is not state:
            return
        del self._topics[state.topic.address]
        counters = state.counters
        counters.deliveries += state.delivered
        if self._remote is None:
            counters.publications += state.seq
        if state.fed:
            for listener in self._listeners:
                self._tell_closed(listener, state.topic)
        if self._remote is not None:
            self._remote.close(state.topic.address)
        log.debug(event("topic closed", topic=state.topic.address))

    def _tell_subscribers(self, state: TopicState) -> None:
        for listener in self._listeners:
            try:
                listener.topic_subscribers(state.topic, state.count)
            except Exception:
                log.exception(
                    event("feed failed on a change of subscribers", topic=in_log(state.topic.address))
                )

    def _tell_closed(self, listener: TopicListener, topic: Topic) -> None:
        try:
            listener.topic_closed(topic)
        except Exception:
            log.exception(event("feed failed to close", topic=in_log(topic.address)))


def _unavailable(topic: Topic, error: BrokerUnavailable) -> TopicUnavailable:
    return TopicUnavailable(f"{topic.address} cannot be served now: {error}.", retryable=True)
