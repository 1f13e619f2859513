"""nats-server over WebSocket, as the Debian package has it. This process only publishes, in one write a turn.

It runs on the generator's core, where it costs next to nothing: one message for a thousand deliveries.
"""

import argparse
import asyncio
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.peers.control import Control, Options, Update
from tests.bench.plans import subject

_CONFIGURATION = """\
host: 127.0.0.1
port: {port}
max_connections: 20000
websocket {{ host: 127.0.0.1, port: {websocket_port}, no_tls: true, compression: false }}
"""
_PAUSE = 0.0005
"""Seconds between two looks at how far the generator is; turns spun here would be taken from the generator."""


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def start(server: Path, folder: Path) -> tuple[subprocess.Popen[bytes], int, int]:
    """The server, its port and its WebSocket port."""
    port, websocket_port = free_port(), free_port()
    configuration = folder / "nats.conf"
    configuration.write_text(_CONFIGURATION.format(port=port, websocket_port=websocket_port))
    nothing = subprocess.DEVNULL
    process = subprocess.Popen([server, "-c", configuration], stdin=nothing, stdout=nothing, stderr=nothing)
    return process, port, websocket_port


def version_of(server: Path) -> str:
    """What it says after the v."""
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    return said.strip().rpartition("v")[2]


async def connection_to(port: int) -> asyncio.StreamWriter:
    """A connection to publish on, once the server takes one."""
    for _ in range(200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        await reader.readline()
        writer.write(b'CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n')
        await reader.readline()
        return writer
    sys.exit("nats-server does not answer")


async def main() -> None:
    """Publish until stdin ends."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--server", type=Path, required=True)
    server = parser.parse_known_args()[0].server
    options = Options.parse()
    with tempfile.TemporaryDirectory() as folder:
        process, port, websocket_port = start(server, Path(folder))
        writer = await connection_to(port)
    pending: list[bytes] = []

    def publish(number: int, stamp: int) -> None:
        text = Update.of(number, stamp, options.topics).text().encode()
        pending.append(b"PUB %b %d\r\n%b\r\n" % (subject(number % options.topics).encode(), len(text), text))

    async def turn() -> None:
        writer.write(b"".join(pending))
        await asyncio.sleep(0 if pending else _PAUSE)
        pending.clear()

    control = Control(options, publish, turn=turn, at_end=process.kill)
    await control.serve(websocket_port, version_of(server), pid=process.pid)


if __name__ == "__main__":
    asyncio.run(main())
