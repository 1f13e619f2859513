"""Too few open files: fewer connections are let in, and who looks after the service is answered still."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import websockets

from service.metrics.places import SocketFile, ask
from tests.service.metrics.asked import read
from tests.service.running import PATIENCE, eventually
from tests.service.test_cli import ROOT


async def test_some_files_are_held_back(tmp_path: Path) -> None:
    """With 40 files, the limit on connections is lower and said to be; metrics and health are told all the same."""
    place = SocketFile(tmp_path / "admin.sock")
    serve = f"{sys.executable} -m service serve --feed none --port 0 --admin {place}"
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f"ulimit -n 40; exec {serve}"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            greeting = (await process.stdout.readline()).decode()
        address = greeting.split("http://")[1].split()[0]
        async with AsyncExitStack() as stack:
            codes = []
            for _ in range(14):
                socket = await stack.enter_async_context(websockets.connect(f"ws://{address}/api/v1/ws"))
                try:
                    await socket.send('{"type":"ping"}')
                    async with asyncio.timeout(PATIENCE):
                        await socket.recv()
                except websockets.ConnectionClosed:
                    codes.append(socket.close_code)
            assert codes == [4504] * 9
            # Who asks for nothing takes no more than there is either; whoever is beyond is told so.
            host, port = address.split(":")
            ends = []
            for _ in range(40):
                reader, writer = await asyncio.open_connection(host, int(port))
                stack.callback(writer.close)
                ends.append(asyncio.create_task(reader.read()))
            await eventually(lambda: sum(end.done() for end in ends) > 30)
            answers = await asyncio.gather(*(end for end in ends if end.done()))
            assert {answer.partition(b"\r\n")[0] for answer in answers} == {
                b"HTTP/1.1 503 Service Unavailable"
            }
            scraped = read((await ask(place, "/metrics", timeout=PATIENCE)).decode())
            assert scraped["tapewire_connections", {"state": "open"}] == 5
            await ask(place, "/api/v1/health/ready", timeout=PATIENCE)
    finally:
        process.terminate()
        _, err = await process.communicate()
    assert "fewer are; see `ulimit -n` files=40 connections=5 wished=10000" in err.decode()
    assert "open files are used up" in err.decode()
