"""Several processes on one address: started, replaced, renewed and ended by one that looks after them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import websockets

from service.metrics.places import SocketFile, ask
from service.metrics.status import decode
from service.settings import Settings
from service.sockets import listen, listen_apart
from service.top.tables import troubles
from service.workers import supervisor
from service.workers.process import Worker, start
from service.workers.supervisor import Supervisor
from tests.service.metrics.asked import read
from tests.service.running import PATIENCE, Client, eventually
from tests.service.test_cli import serving

NOWHERE = "redis://127.0.0.1:1"
"""Workers serve without their broker too, which is all that is needed here."""
ALONE = ("--broker", NOWHERE, "--broker-timeout", "0.1", "--feed", "none")
TWO = ("--workers", "2", *ALONE, "--heartbeat-interval", "600")


def children(pid: int) -> list[int]:
    """The processes that a process started and that have not ended."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return sorted(one for one in map(int, found) if alive(one))


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead may still wait for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def serves(pid: int) -> list[int]:
    """Those of a process's children that listen to who asks for their metrics, which they do once they serve."""
    return [
        one
        for one in children(pid)
        if (folder := environment(one).get("TAPEWIRE_RUN_DIR"))
        and any(Path(folder).glob(f"worker-*.{one}.sock"))
    ]


def exists(folder: str) -> bool:
    """Whether there is such a folder."""
    return Path(folder).is_dir()


def environment(pid: int) -> dict[str, str]:
    """What a process was given; nothing where it has ended meanwhile."""
    try:
        pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in pairs if pair)


async def logged(process: Process, what: str) -> str:
    """The next line of the log with these words."""
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while what not in (line := (await process.stderr.readline()).decode()):
            assert line, f"the log ended without {what!r}"
    return line


@asynccontextmanager
async def connected(address: str, count: int) -> AsyncIterator[list[Client]]:
    """Clients that have said something."""
    async with AsyncExitStack() as stack:
        clients = [
            Client(await stack.enter_async_context(websockets.connect(f"ws://{address}/api/v1/ws")))
            for _ in range(count)
        ]
        for client in clients:
            assert (await client.ask({"type": "ping"}))["type"] == "pong"
        yield clients


async def test_many_serve_and_all_end_in_good_order() -> None:
    """Connections are spread over all workers, which are told apart; SIGTERM drains them all, with exit code 0."""
    async with serving(*TWO, "--drain-window", "7.5") as (process, address):
        workers = children(process.pid)
        assert [environment(pid)["TAPEWIRE_WORKER"] for pid in workers] == ["0", "1"]
        [folder] = {environment(pid)["TAPEWIRE_RUN_DIR"] for pid in workers}
        assert stat.S_IMODE(os.lstat(folder).st_mode) == 0o700
        # An odd number, so that no two workers have as many.
        async with connected(address, 25) as clients:
            async with httpx.AsyncClient() as asking:
                seen = Counter[int]()
                while len(seen) < 2 or sum(seen) < 25:
                    # A connection of its own each, and so whichever worker it comes to.
                    answer = await asking.get(
                        f"http://{address}/api/v1/health", headers={"Connection": "close"}
                    )
                    seen[answer.json()["connections"]] += 1
            assert min(seen) > 0
            process.send_signal(signal.SIGTERM)
            for client in clients:
                told = await client.receive()
                assert told == {"type": "server.shutdown", "payload": {"reconnect_in_ms_max": 7500}}
                assert (await client.closed())[0] == 4000
        async with asyncio.timeout(PATIENCE):
            _, err = await process.communicate()
        assert process.returncode == 0
        assert "Traceback" not in err.decode()
        assert "stopped code=0" in err.decode()
        assert not any(map(alive, workers))
        assert not exists(folder)


async def test_a_worker_that_dies_is_replaced_and_none_outlives_the_supervisor() -> None:
    """The others' connections stay, somebody new serves in its place, and the log says who ended how.

    The supervisor, killed, can tell nobody: its workers notice all the same, send their clients away and end.
    """
    async with serving(*TWO) as (process, address), connected(address, 16) as clients:
        dead, other = children(process.pid)
        os.kill(dead, signal.SIGKILL)
        line = await logged(process, "a worker ended")
        assert f"worker=0 pid={dead} signal=SIGKILL" in line
        await logged(process, "worker serves worker=0")
        workers = children(process.pid)
        assert other in workers
        assert len(workers) == 2
        stayed = [client for client in clients if client.socket.state is websockets.State.OPEN]
        assert 0 < len(stayed) < 16
        for client in stayed:
            assert (await client.ask({"type": "ping"}))["type"] == "pong"

        folder = environment(other)["TAPEWIRE_RUN_DIR"]
        process.kill()
        for client in stayed:
            assert (await client.receive())["type"] == "server.shutdown"
            assert (await client.closed())[0] == 4000
        await logged(process, "the supervisor is gone")
        await eventually(lambda: not any(map(alive, workers)))
        assert not exists(folder)


async def test_a_second_signal_hurries_every_worker() -> None:
    """Whoever asks twice does not wait for clients that linger."""
    async with serving(*TWO, "--drain-deadline", "60", "--close-grace", "60") as (process, address):
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        writer.write(
            f"GET /api/v1/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        process.send_signal(signal.SIGTERM)
        # The close, which is never answered.
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readexactly(1))[0] == 0x88
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            _, err = await process.communicate()
        assert process.returncode == 0
        assert "Traceback" not in err.decode()
        writer.close()


def test_a_signal_takes_no_exit_code_from_who_waits() -> None:
    """Whoever died a moment before it is sent one ended as it did; the supervisor's loop is asyncio's own."""

    async def ends() -> list[int]:
        codes = []
        for _ in range(20):
            worker = Worker(0, await asyncio.create_subprocess_exec("sleep", "60"))
            os.kill(worker.pid, signal.SIGKILL)
            for _ in range(2000):
                worker.signal(signal.SIGTERM)
            codes.append(await worker.ended())
        return codes

    assert set(asyncio.run(ends())) <= {-signal.SIGKILL, -signal.SIGTERM}


async def test_what_is_wrong_with_a_worker_is_said_once(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Where workers cannot start, the first one's own words come out, and its exit code."""
    served: list[bool] = []
    code = await supervise(
        ["serve", "--port", "abc"], listen_apart("127.0.0.1", 0, 3), lambda: served.append(True)
    )
    assert (code, served) == (2, [])
    assert "no worker serves and none can be started: the service ends code=2" in caplog.text
    assert capfd.readouterr().err.count("--port 'abc': ") == 1


async def test_who_can_never_be_replaced_is_given_up(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies and whose successors fail to start ends the service, after some tries, with their code."""
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(supervisor, "_LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(supervisor, "_GIVE_UP", 2)
    arguments = ["serve", "--workers", "2", *ALONE]

    def spoil() -> None:
        arguments.extend(["--port", "abc"])
        [only] = children(os.getpid())
        os.kill(only, signal.SIGKILL)

    assert await supervise(arguments, listen_apart("127.0.0.1", 0, 1), spoil) == 2
    assert capfd.readouterr().err.count("--port 'abc': ") == 2


async def test_nobody_waits_where_no_worker_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a worker cannot be replaced the others take all who come; once it can be, it serves again."""
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 0.1)
    monkeypatch.setattr(supervisor, "_GIVE_UP", 100)
    monkeypatch.setattr(supervisor, "_LONGEST_PAUSE", 0.1)
    arguments = ["serve", "--workers", "2", *ALONE]
    serving = asyncio.Event()
    doors = listen_apart("127.0.0.1", 0, 2)
    port = doors[0][0].getsockname()[1]
    running = asyncio.create_task(supervise(arguments, doors, serving.set))
    await serving.wait()
    dead, _ = children(os.getpid())
    arguments.extend(["--port", "abc"])
    os.kill(dead, signal.SIGKILL)
    await eventually(lambda: doors[0][0].fileno() == -1)
    async with connected(f"127.0.0.1:{port}", 20):
        pass
    del arguments[-2:]
    # Whoever is being started is not the one that is there in the end.
    await eventually(lambda: not running.done() and len(serves(os.getpid())) == 2)
    async with connected(f"127.0.0.1:{port}", 20):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0


async def test_wishes_for_new_workers_that_come_meanwhile_are_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who sends SIGHUP again and again while workers are replaced has them replaced once more, and no oftener."""
    caplog.set_level("INFO")
    begun, gate, serving = asyncio.Semaphore(0), asyncio.Semaphore(0), asyncio.Event()

    def told(times: int) -> bool:
        return caplog.text.count("this wish is the same one") == times

    async def renew(_: Supervisor) -> None:
        begun.release()
        await gate.acquire()

    monkeypatch.setattr(Supervisor, "_start_all_anew", renew)
    running = asyncio.create_task(supervise(["serve", *ALONE], listen_apart("127.0.0.1", 0, 1), serving.set))
    await serving.wait()
    os.kill(os.getpid(), signal.SIGHUP)
    await begun.acquire()
    for seen in range(3):
        os.kill(os.getpid(), signal.SIGHUP)
        await eventually(partial(told, seen))
    gate.release()
    await begun.acquire()
    gate.release()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
    assert begun.locked()


async def test_one_that_cannot_start_leaves_the_others_serving(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again, and whoever serves tells that it is missing, and how often it has failed."""
    monkeypatch.setattr(supervisor, "_FIRST_PAUSE", 600.0)
    monkeypatch.setattr(supervisor, "_LONGEST_PAUSE", 600.0)
    arguments = ["serve", "--workers", "2", *ALONE]
    serving = asyncio.Event()

    async def spoiling(index: int, given: list[str], *rest: object, **more: object) -> object:
        wrong = ["--port", "abc"] if index == 1 else []
        return await start(index, [*given, *wrong], *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(supervisor, "start", spoiling)
    running = asyncio.create_task(supervise(arguments, listen_apart("127.0.0.1", 0, 2), serving.set))
    await serving.wait()
    await eventually(lambda: caplog.text.count("a worker failed to start") == 2)
    [only] = children(os.getpid())
    place = SocketFile(Path(environment(only)["TAPEWIRE_RUN_DIR"]) / f"worker-0.{only}.sock")
    scraped = read((await ask(place, "/metrics")).decode())
    assert scraped["tapewire_workers_configured"] == 2
    assert scraped["tapewire_workers", {"answered": "yes"}] == 1
    assert scraped["tapewire_worker_restarts_total", {"worker": "1"}] == 2
    status = decode(await ask(place, "/internal/status"))
    assert "worker 1: is missing" in troubles(status)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0


async def test_working_workers_stay_where_new_ones_are_not_ready() -> None:
    """A rolling restart while the broker is away is abandoned, and says why; nobody is sent away."""
    async with serving(*TWO) as (process, address), connected(address, 4) as clients:
        before = children(process.pid)
        process.send_signal(signal.SIGHUP)
        line = await logged(process, "rolling restart abandoned; the others stay")
        assert "is not ready: " in line
        assert children(process.pid) == before
        for client in clients:
            if client.socket.state is websockets.State.OPEN:
                assert (await client.ask({"type": "ping"}))["type"] == "pong"
        assert all(client.socket.state is websockets.State.OPEN for client in clients)


async def supervise(
    arguments: list[str], doors: list[list[socket.socket]], on_serving: Callable[[], None]
) -> int:
    """Run a supervisor within this process; its exit code."""
    settings = Settings.model_validate({"workers": 2, "broker": NOWHERE, "feed": "none"})
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        async with asyncio.timeout(PATIENCE):
            return await Supervisor(settings, arguments, doors).run(on_serving)
    finally:
        for number, handler in handlers.items():
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, handler)


def test_an_address_in_use_is_not_shared_with_strangers() -> None:
    """Workers share a port among themselves only: another service's, though of the same user, is in use."""
    doors = listen_apart("127.0.0.1", 0, 2)
    port = doors[0][0].getsockname()[1]
    with pytest.raises(OSError, match="in use"):
        listen_apart("127.0.0.1", port, 2)
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", port)
    for bound in [one for sockets in doors for one in sockets]:
        bound.close()
