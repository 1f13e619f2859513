"""The admin listener of several processes: one place, held by the supervisor, that whichever is awake answers on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from pathlib import Path

import pytest

from service.metrics.places import SocketFile, ask
from service.metrics.status import decode
from service.sockets import listen
from service.workers import pulse
from service.workers.process import Worker
from tests.service.metrics.asked import read
from tests.service.running import eventually
from tests.service.test_cli import run, serving
from tests.service.test_workers import TWO, children, logged


async def test_workers_share_one_unix_socket(tmp_path: Path) -> None:
    """Every worker serves, the socket tells of both, and it goes with the supervisor."""
    place = SocketFile(tmp_path / "admin.sock")
    async with serving(*TWO, "--admin", str(place)) as (process, _):
        assert stat.S_IMODE(place.path.stat().st_mode) == 0o600
        assert [one.worker for one in decode(await ask(place, "/internal/status")).workers] == [0, 1]
        os.kill(children(process.pid)[0], signal.SIGKILL)
        await logged(process, "a worker ended worker=0")
        await logged(process, "worker serves worker=0")
        assert read((await ask(place, "/metrics")).decode())["tapewire_workers", {"answered": "yes"}] == 2
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert not place.path.exists()


async def test_a_stopped_worker_leaves_no_scrape_waiting(tmp_path: Path) -> None:
    """Whoever is awake accepts, waits a moment for the other, and names it in the log."""
    place = SocketFile(tmp_path / "admin.sock")
    async with serving(*TWO, "--admin", str(place)) as (process, _):
        stopped = children(process.pid)[1]
        os.kill(stopped, signal.SIGSTOP)
        try:
            for _ in range(6):
                scraped = read((await ask(place, "/metrics", timeout=10)).decode())
                assert scraped["tapewire_workers", {"answered": "no"}] == 1
            assert f"pid={stopped}" in await logged(process, "a worker does not answer the others")
        finally:
            os.kill(stopped, signal.SIGCONT)


async def test_the_supervisor_names_who_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker that accepts and does not answer is named, once; so is one that answers again."""
    monkeypatch.setattr(pulse, "_PERIOD", 0.01)
    monkeypatch.setattr(pulse, "_ANSWER", 0.2)
    caplog.set_level("WARNING")
    worker = Worker(0, await asyncio.create_subprocess_exec("sleep", "600"))
    awake = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await awake.wait()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_unix_server(answer, str(tmp_path / f"worker-0.{worker.pid}.sock"))
    heeding = asyncio.create_task(pulse.heed(str(tmp_path), lambda: [worker]))
    try:
        await eventually(lambda: f"or it was stopped worker=0 pid={worker.pid}" in caplog.text)
        awake.set()
        await eventually(lambda: f"a worker answers again worker=0 pid={worker.pid}" in caplog.text)
        assert caplog.text.count("does not answer") == 1
    finally:
        heeding.cancel()
        server.close()
        worker.signal(signal.SIGKILL)
        await worker.ended()


async def test_an_admin_port_in_use_is_not_shared() -> None:
    """A second supervisor says that the port is taken, and ends; so does one whose own public port it is."""
    [taken] = listen("127.0.0.1", 0)
    with taken:
        port = taken.getsockname()[1]
        ended = await run(
            "serve", "--port", "0", *TWO, "--admin", f"127.0.0.1:{port}", "--log-format", "json"
        )
        assert ended.code == 1
        [line] = map(json.loads, ended.err.splitlines())
        reason = f"cannot listen on 127.0.0.1:{port}: Address already in use; --admin chooses another"
        assert (line["event"], line["fields"]) == ("cannot start", {"reason": reason})
        ended = await run("serve", "--port", str(port), "--admin", f"127.0.0.1:{port}")
        assert ended.code == 2
        assert f"--admin 127.0.0.1:{port} has the port of the public listener" in ended.err
