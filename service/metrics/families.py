"""Prometheus metrics, made of what the service has counted when somebody asks for them.

Names and labels follow Prometheus's conventions: base units, `_total` for what only grows. No label's values come
from clients, symbols or users: how many series there are depends on the contract, not on who uses it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import CollectorRegistry

from generated.constants import VERSION, CloseCode
from service.access.problems import Reason
from service.broker.address import MEMORY
from service.broker.base import BrokerState
from service.counters import OTHER, Histogram
from service.feeds.base import FeedState, FeedStatus
from service.http import package_version
from service.metrics.health import REASON_CODES

if TYPE_CHECKING:
    from service.broker import BrokerStatus
    from service.metrics.sources import Sources

BROKER_STATES: Final[tuple[BrokerState, ...]] = get_args(BrokerState)

REFUSAL_CODES: Final = (
    "bad_envelope",
    "bad_frame",
    "bad_json",
    "bad_payload",
    "forbidden",
    "internal",
    "rate_limited",
    "too_many_subscriptions",
    "unauthenticated",
    "unavailable",
    "unknown_resolution",
    "unknown_symbol",
    "unknown_type",
)
"""Problem codes that are told apart; others, which a feed may think of, are `other`."""

OTHER_USER: Final = "other_user"
"""Why a token is refused that is good, but of another user than the connection's."""

_Labels = Mapping[tuple[str, ...], float]
_Numbers = dict[tuple[str, ...], float]


class ServiceCollector:
    """Everything that a scrape tells of one process; the library's `Collector`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        registry = CollectorRegistry(auto_describe=False)
        # The library's own, in a registry that nobody else in the process writes to.
        self._process = ProcessCollector(registry=registry)
        self._platform = PlatformCollector(registry=registry)
        self._garbage = GCCollector(registry=registry)

    def collect(self) -> Iterator[Metric]:
        """All families, now."""
        yield from self._connections()
        yield from self._updates()
        yield from self._messages()
        yield from self._times()
        yield from self._state()
        for library in (self._process, self._platform, self._garbage):
            yield from library.collect()

    def _connections(self) -> Iterator[Metric]:
        connections = list(self._sources.connections)
        counters = self._sources.counters
        closing = sum(connection.outbox.farewell is not None for connection in connections)
        yield _gauge(
            "tapewire_connections",
            "WebSocket connections, by whether they are being closed.",
            ("state",),
            {("open",): len(connections) - closing, ("closing",): closing},
        )
        yield _gauge(
            "tapewire_connections_limit",
            "How many WebSocket connections there may be.",
            value=self._sources.connections.most,
        )
        yield _counter(
            "tapewire_connections_opened",
            "WebSocket connections that were accepted.",
            value=counters.opened,
        )
        closes: _Numbers = {(str(code.value), "server"): 0 for code in CloseCode}
        closes |= {(str(code), by): times for (code, by), times in counters.closes.items()}
        yield _counter(
            "tapewire_connections_closed",
            "WebSocket connections that are over, by close code and by who ended them.",
            ("code", "by"),
            closes,
        )
        yield _gauge(
            "tapewire_clients_behind",
            "Clients that do not take what they are sent as fast as it comes.",
            value=sum(connection.behind for connection in connections),
        )
        yield _gauge(
            "tapewire_queued_bytes",
            "Bytes that wait in this process for clients to read.",
            value=sum(connection.queued for connection in connections),
        )

    def _updates(self) -> Iterator[Metric]:
        counters = self._sources.counters
        channels, tallies = counters.channels, self._sources.hub.tallies()
        yield _gauge(
            "tapewire_topics",
            "Topics that are open, those included that nobody has listened to for less than the grace period.",
            ("channel",),
            {(channel,): tally.topics for channel, tally in tallies.items()},
        )
        yield _gauge(
            "tapewire_subscriptions",
            "Subscriptions to topics.",
            ("channel",),
            {(channel,): tally.subscriptions for channel, tally in tallies.items()},
        )
        yield _counter(
            "tapewire_publications",
            "Updates that were published by this process, whether anybody listens or not.",
            ("channel",),
            {(channel,): tally.publications for channel, tally in tallies.items()},
        )
        yield _counter(
            "tapewire_deliveries",
            "Updates owed to subscribers, once for each of them.",
            ("channel",),
            {(channel,): tally.deliveries for channel, tally in tallies.items()},
        )
        yield _counter(
            "tapewire_updates_conflated",
            "Deliveries that were folded into a later update, for clients that read slowly.",
            ("channel",),
            {(channel,): counted.conflated for channel, counted in channels.items()},
        )
        dropped: _Numbers = {(channel, "slow"): counted.dropped_slow for channel, counted in channels.items()}
        dropped |= {(channel, "gone"): counted.dropped_gone for channel, counted in channels.items()}
        dropped |= {(channel, "revoked"): counted.dropped_revoked for channel, counted in channels.items()}
        yield _counter(
            "tapewire_updates_dropped",
            "Deliveries that were thrown away: of clients that were closed as too slow, were gone, or lost the right.",
            ("channel", "reason"),
            dropped,
        )
        yield _counter(
            "tapewire_recoveries",
            "Subscribers that came back, by whether they could be sent all they had missed.",
            ("outcome",),
            {("complete",): counters.recovered, ("hole",): counters.unrecovered},
        )

    def _messages(self) -> Iterator[Metric]:
        counters = self._sources.counters
        yield _counter("tapewire_sent_bytes", "Bytes sent over WebSockets.", value=counters.bytes_sent)
        yield _counter(
            "tapewire_received_bytes", "Bytes received over WebSockets.", value=counters.bytes_received
        )
        received: _Numbers = {(str(name),): times for name, times in self._sources.received.items()}
        received[OTHER,] = max(counters.frames_received - sum(received.values()), 0)
        yield _counter(
            "tapewire_messages_received",
            "Messages from clients, by type; those of types that the contract does not have are other.",
            ("type",),
            received,
        )
        refused: _Numbers = {(code,): 0 for code in (*REFUSAL_CODES, OTHER)}
        for code, times in counters.refusals.items():
            refused[code if code in REFUSAL_CODES else OTHER,] += times
        yield _counter(
            "tapewire_messages_refused",
            "Messages from clients that were refused, by the problem's code.",
            ("code",),
            refused,
        )
        yield from self._access()

    def _access(self) -> Iterator[Metric]:
        access = self._sources.access
        yield _counter("tapewire_auth_successes", "Tokens that were accepted.", value=access.auth_ok)
        failures: _Numbers = {(reason,): 0 for reason in (*get_args(Reason), OTHER_USER)}
        failures |= {(reason,): times for reason, times in access.auth_failures.items()}
        yield _counter(
            "tapewire_auth_failures", "Tokens that were not accepted, by reason.", ("reason",), failures
        )
        denied: _Numbers = {("subscribe",): access.forbidden, ("revoked",): access.revoked}
        denied |= {("origin",): access.origins_refused, ("timeout",): access.timeouts}
        denied["user_limit",] = access.user_limit
        yield _counter(
            "tapewire_access_denied",
            "Subscribes and handshakes that were refused, subscriptions and connections that were ended, for want of "
            "rights.",
            ("reason",),
            denied,
        )
        yield _counter(
            "tapewire_tokens_expired",
            "Connections that were closed since their token had run out.",
            value=access.expired,
        )

    def _times(self) -> Iterator[Metric]:
        counters, lag = self._sources.counters, self._sources.lag
        yield _counter("tapewire_turns", "Turns of the event loop that wrote updates.", value=counters.turns)
        yield _counter(
            "tapewire_long_fanout_seconds",
            "Time spent writing updates, in turns where that took more than a millisecond.",
            value=counters.long_fanout_seconds,
        )
        yield _histogram(
            "tapewire_publish_to_write_seconds",
            "From a turn's first publication until written to all, by deliveries; of one turn in eight.",
            counters.publish_to_write,
        )
        yield _gauge(
            "tapewire_event_loop_last_lag_seconds",
            "How late a timer of the event loop was the last time.",
            value=lag.last,
        )
        yield _histogram(
            "tapewire_event_loop_lag_seconds",
            "How late a timer of the event loop was, looked at four times a second.",
            lag.histogram,
        )

    def _state(self) -> Iterator[Metric]:
        sources = self._sources
        health, broker, feed = sources.health(), sources.broker_status(), sources.feed.status()
        yield _gauge(
            "tapewire_build_info",
            "Versions of service and contract; always 1.",
            ("version", "contract"),
            {(package_version(), VERSION): 1},
        )
        yield _gauge(
            "tapewire_ready", "Whether newcomers should be sent to this process.", value=health.ready
        )
        found = {reason.code for reason in health.reasons}
        yield _gauge(
            "tapewire_unwell",
            "What is not well; 1 where it is so.",
            ("reason",),
            {(code,): code in found for code in REASON_CODES},
        )
        yield _gauge(
            "tapewire_feed_state",
            "The feed's state: 1 for the one that it is in.",
            ("state",),
            {(state,): state == feed.state for state in get_args(FeedState)},
        )
        yield _gauge(
            "tapewire_feed_leader",
            "Whether this process feeds; NaN where it never would.",
            value=_leads(feed),
        )
        yield _gauge(
            "tapewire_broker_up",
            "Whether the broker is there and well.",
            ("broker",),
            {("memory" if broker.name == MEMORY else "redis",): broker.state == "up"},
        )
        yield _gauge(
            "tapewire_broker_state",
            "The broker's state: 1 for the one that it is in.",
            ("state",),
            {(state,): state == broker.state for state in BROKER_STATES},
        )
        yield _gauge(
            "tapewire_broker_lag_seconds",
            "How long a message takes through the broker and back; 0 where nothing is between, NaN while unknown.",
            value=_lag(broker),
        )
        yield _gauge(
            "tapewire_broker_queued_bytes",
            "Bytes of publications that wait to be sent to the broker.",
            value=broker.queued,
        )
        yield _counter(
            "tapewire_broker_publications_dropped",
            "Publications that the broker was never given: it was away for too long.",
            value=broker.dropped,
        )
        yield _counter(
            "tapewire_broker_topic_resets",
            "Topics that were reset since their history could not be proven.",
            value=broker.resets,
        )
        yield _counter(
            "tapewire_broker_reconnects",
            "How often the connection to the broker was made anew.",
            value=broker.reconnects,
        )


def _leads(feed: FeedStatus) -> float:
    if feed.name == "none":
        return math.nan
    return float(feed.detail.get("role", "leader") == "leader")


def _lag(broker: BrokerStatus) -> float:
    """In seconds. Of a broker that is lost nothing is known, least of all that it is fast."""
    if broker.lag_ms is None:
        return 0.0 if broker.name == MEMORY else math.nan
    return broker.lag_ms / 1000


def _gauge(
    name: str, help_text: str, labels: tuple[str, ...] = (), values: _Labels | None = None, value: float = 0.0
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for key, number in ({(): value} if values is None else values).items():
        family.add_metric(key, float(number))
    return family


def _counter(
    name: str, help_text: str, labels: tuple[str, ...] = (), values: _Labels | None = None, value: float = 0.0
) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=labels)
    for key, number in ({(): value} if values is None else values).items():
        family.add_metric(key, float(number))
    return family


def _histogram(name: str, help_text: str, histogram: Histogram) -> Metric:
    family = HistogramMetricFamily(name, help_text)
    family.add_metric((), list(histogram.buckets()), histogram.sum)
    return family
