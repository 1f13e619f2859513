"""uWebSockets in C++, through socketify, with its own topics."""

from importlib.metadata import version

from socketify import App, AppListenOptions, CompressOptions, OpCode

from tests.bench.peers.control import Control, Options, Update, subscriptions


def main() -> None:
    """Serve until stdin ends."""
    options = Options.parse()
    app = App()

    def message(socket: object, text: str | bytes, _: object) -> None:
        for topic in subscriptions(text):
            socket.subscribe(topic)  # type: ignore[attr-defined]
        socket.send('{"ok":true}', OpCode.TEXT)  # type: ignore[attr-defined]

    def publish(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, options.topics)
        app.publish(update.topic, update.text(), OpCode.TEXT, options.deflate)

    # A compressor each would keep its context between messages, which the generator asks it not to do.
    compression = CompressOptions.SHARED_COMPRESSOR if options.deflate else CompressOptions.DISABLED
    app.ws("/*", {"compression": compression, "message": message})
    ports: list[int] = []
    app.listen(AppListenOptions(port=0, host="127.0.0.1"), lambda config: ports.append(config.port))
    app.loop.ensure_future(Control(options, publish).serve(ports[0], version("socketify")))
    app.run()


if __name__ == "__main__":
    main()
