"""The admin listener of several processes: one place, held by the supervisor, that whichever is awake answers on."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

from service.metrics.places import SocketFile, ask
from service.metrics.status import decode
from service.sockets import listen
from tests.service.metrics.asked import read
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


async def test_an_admin_port_in_use_is_not_shared() -> None:
    """A second supervisor says that the port is taken, and ends; so does one whose own public port it is."""
    [taken] = listen("127.0.0.1", 0)
    with taken:
        port = taken.getsockname()[1]
        ended = await run("serve", "--port", "0", *TWO, "--admin", f"127.0.0.1:{port}")
        assert ended.code == 1
        assert f"cannot listen on 127.0.0.1:{port}: Address already in use; --admin chooses" in ended.err
        ended = await run("serve", "--port", str(port), "--admin", f"127.0.0.1:{port}")
        assert ended.code == 2
        assert f"--admin 127.0.0.1:{port} has the port of the public listener" in ended.err
