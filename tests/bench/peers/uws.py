"""uWebSockets in C++, through socketify, with its own topics; compressed by one compressor, or one each."""

from importlib.metadata import version

from socketify import App, AppListenOptions, CompressOptions, OpCode

from tests.bench.peers.control import Control, Options, Update, subscriptions

_COMPRESSION = {
    "": CompressOptions.DISABLED,
    "shared": CompressOptions.SHARED_COMPRESSOR,
    "dedicated": CompressOptions.DEDICATED_COMPRESSOR_3KB,
}


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
        app.publish(update.topic, update.text(), OpCode.TEXT, bool(options.deflate))

    app.ws("/*", {"compression": _COMPRESSION[options.deflate], "message": message})
    ports: list[int] = []
    app.listen(AppListenOptions(port=0, host="127.0.0.1"), lambda config: ports.append(config.port))
    app.loop.ensure_future(Control(options, publish).serve(ports[0], version("socketify")))
    app.run()


if __name__ == "__main__":
    main()
