"""The composition root: hub, feed, handlers and routes, joined into one Litestar application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from litestar import Litestar
from litestar.handlers import websocket
from litestar.middleware import DefineMiddleware
from litestar.types import ControllerRouterHandler

from generated.constants import SOCKET_PATH
from generated.handlers import socket_dispatcher
from generated.publisher import Publisher
from generated.runtime.connection import Socket
from generated.runtime.dispatch import Dispatcher
from service.access.gate import Access, access_of
from service.broker.choose import broker_of
from service.channels.account import Account
from service.channels.bars import Bars
from service.channels.members import members_only
from service.channels.orderbook import Orderbook
from service.channels.orders import Orders
from service.channels.positions import Positions
from service.channels.quotes import Quotes
from service.channels.session import Session
from service.channels.subscriptions import Subscriptions
from service.channels.symbols import Symbols
from service.channels.trades import Trades
from service.clients import Connections, Crowd
from service.connection import ClientConnection, Limits
from service.counters import Counters
from service.delivery import Bounds, Compression, Turn
from service.feeds.base import Feed
from service.feeds.choose import feed_of
from service.forwarded import Forwarded, Proxies
from service.http import http_routes
from service.hub import Hub, ThreadSafeSink
from service.metrics.compose import admin_of, monitor_of
from service.metrics.routes import health_routes, metrics_routes
from service.metrics.sources import Sources
from service.settings import Settings
from service.web import web_routes

H = TypeVar("H")

FeedFactory = Callable[[Publisher], Feed]


class UnimplementedError(Exception):
    """The contract asks for a handler that the service does not have; the message names it."""


def create_app(settings: Settings | None = None, *, feed: FeedFactory | None = None) -> Litestar:
    """The application, ready to serve.

    `feed` makes a feed of one's own, instead of the one that the settings name. On the application's `state`
    are `publisher` for the event loop's thread, `threadsafe_publisher` for every other (from start-up on),
    `hub`, `broker`, `connections`, `access` and `feed`. Raises feeds.table.TableError where the settings' file cannot
    be played, access.problems.KeyProblem where their key cannot be used, and UnimplementedError where the contract
    asks for more than the service has.
    """
    settings = settings or Settings()
    counters = Counters()
    turn = Turn(Compression(settings.compress_min_bytes), settings.fanout_rest, counters)
    access = access_of(settings)
    broker = broker_of(settings)
    hub = Hub(
        turn,
        grace=settings.topic_grace,
        most_topics=settings.subscriptions_per_connection,
        access=access.counters,
        broker=broker,
    )
    publisher = Publisher(hub)
    source = _feed(settings, hub, feed)
    hub.listen(source)
    crowd = Crowd(settings.connections, settings.connections_per_address, settings.connections_per_user)
    connections = Connections(hub, turn, _limits(settings), crowd, access)

    try:
        dispatcher = _dispatcher(hub, source, access, connections)
    except TypeError as error:  # An abstract method left, or a channel without handler: Python says which.
        raise UnimplementedError(str(error)) from error

    monitor = monitor_of(
        Sources(
            hub,
            connections,
            source,
            broker,
            access.counters,
            counters,
            dispatcher.received,
            keys=access.keys_status,
        )
    )
    admin = admin_of(settings, monitor)

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        app.state.threadsafe_publisher = Publisher(ThreadSafeSink(hub, loop))
        # Backwards in the end, however far the start came, and whatever else fails to end.
        async with AsyncExitStack() as ending:
            ending.push_async_callback(access.stop)
            await access.start()
            # Not before all that was fed is handed over: whoever feeds next goes on from there.
            ending.push_async_callback(source.leave)
            ending.push_async_callback(broker.stop)
            ending.callback(hub.close)
            await broker.start()
            # Whoever comes first is to be served; better told that it cannot be yet than kept waiting for long.
            await broker.reached(settings.broker_timeout)
            await source.start()
            ending.push_async_callback(source.stop)
            ending.callback(monitor.sources.lag.stop)
            monitor.sources.lag.start()
            ending.push_async_callback(admin.stop)
            await admin.start()
            yield

    @websocket(SOCKET_PATH)
    async def socket_endpoint(socket: Socket) -> None:
        await connections.serve(socket, dispatcher)

    routes: Sequence[ControllerRouterHandler] = [
        socket_endpoint,
        *http_routes(),
        *health_routes(monitor),
        *(metrics_routes(monitor) if settings.metrics == "public" else ()),
        *web_routes(),
    ]
    proxies = Proxies.parse(settings.forwarded_allow_ips)
    app = Litestar(
        route_handlers=routes,
        lifespan=[running],
        middleware=[DefineMiddleware(Forwarded, proxies=proxies)] if proxies else [],
        openapi_config=None,
        logging_config=None,
    )
    app.state.update(
        {
            "hub": hub,
            "access": access,
            "broker": broker,
            "publisher": publisher,
            "connections": connections,
            "feed": source,
            "settings": settings,
            "counters": counters,
            "monitor": monitor,
            "admin": admin,
        }
    )
    return app


def _feed(settings: Settings, hub: Hub, own: FeedFactory | None) -> Feed:
    """One's own feed or that of the settings; where many processes share a broker, one of them runs it for all."""

    def make(publisher: Publisher) -> Feed:
        return feed_of(settings, publisher) if own is None else own(publisher)

    if not hub.broker.remote or (own is None and settings.feed == "none"):
        return make(Publisher(hub.feeding))
    from service.leading import shared_feed  # noqa: PLC0415, who needs no Redis need not wait for its driver

    return shared_feed(settings, hub, make)


def _dispatcher(
    hub: Hub, feed: Feed, access: Access, connections: Connections
) -> Dispatcher[ClientConnection]:
    """A handler for each channel of the contract; all but the session's ask for a token where nobody is anonymous."""
    subscriptions = Subscriptions(hub, access)
    guarded = _same if access.policy.anonymous else members_only
    return socket_dispatcher(
        bars=guarded(Bars(subscriptions, feed)),
        quotes=guarded(Quotes(subscriptions)),
        trades=guarded(Trades(subscriptions)),
        orderbook=guarded(Orderbook(subscriptions)),
        account=guarded(Account(subscriptions)),
        positions=guarded(Positions(subscriptions)),
        orders=guarded(Orders(subscriptions)),
        symbols=guarded(Symbols(feed)),
        session=Session(access, connections),
    )


def _same(handler: H) -> H:
    return handler


def _limits(settings: Settings) -> Limits:
    return Limits(
        heartbeat_interval=settings.heartbeat_interval,
        lifespan=settings.lifespan,
        outbox=Bounds(settings.outbox_bytes, settings.outbox_patience),
        messages_per_second=settings.messages_per_second,
        message_burst=settings.message_burst,
        max_errors=settings.max_errors,
        errors_forgiven_per_minute=settings.errors_forgiven_per_minute,
        close_grace=settings.close_grace,
        authentication_timeout=None if settings.anonymous == "on" else settings.authentication_timeout,
    )
