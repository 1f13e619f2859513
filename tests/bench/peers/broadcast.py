"""`websockets.broadcast` on the websockets library's asyncio server, with uvloop."""

from importlib.metadata import version

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from tests.bench.peers.control import Control, Options, Update, subscriptions


async def main() -> None:
    """Serve until stdin ends."""
    options = Options.parse()
    subscribers: dict[str, set[ServerConnection]] = {}

    async def endpoint(connection: ServerConnection) -> None:
        topics: list[str] = []
        try:
            async for message in connection:
                topics = subscriptions(message)
                for topic in topics:
                    subscribers.setdefault(topic, set()).add(connection)
                await connection.send('{"ok":true}')
        finally:
            for topic in topics:
                subscribers[topic].discard(connection)

    def publish(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, options.topics)
        broadcast(subscribers.get(update.topic, ()), update.text())

    compression = "deflate" if options.deflate else None
    async with serve(endpoint, "127.0.0.1", 0, compression=compression, backlog=2048) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await Control(options, publish).serve(port, version("websockets"))


if __name__ == "__main__":
    uvloop.run(main())
