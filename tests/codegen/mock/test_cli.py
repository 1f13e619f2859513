"""`python -m codegen mock`, as people run it."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from codegen.cli import main

ROOT = Path(__file__).resolve().parents[3]
WEATHER = Path(__file__).parent / "weather.yaml"
PATIENCE = 60.0


class Program:
    """The command, running."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []

    async def until(self, pattern: str) -> str:
        """The first line on stdout from here on that matches."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                line = (await self.process.stdout.readline()).decode()
                assert line, self.said
                self.said.append(line)
                if re.search(pattern, line):
                    return line.strip()

    async def interrupt(self) -> tuple[int, str]:
        """Ctrl-C: its exit code, and what it wrote to stderr."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            _, errors = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, errors.decode()


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[Program]:
    """The command with these arguments, on a free port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "codegen", "mock", "--port", "0", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_says_what_it_is_and_ends_quietly() -> None:
    """The banner has the address and a line for each client; Ctrl-C ends with 0, a word, and no traceback."""
    async with running(str(WEATHER), "--fail", "watch=unavailable") as program:
        url = await program.until(r"ws://")
        await program.until(r"TypeScript: new WeatherClient\('" + re.escape(url))
        async with connect(url) as line:
            await line.send(json.dumps({"kind": "watch", "data": {"station": "north"}}))
            assert json.loads(await line.recv())["data"]["code"] == "unavailable"
            await line.send(json.dumps({"kind": "watch", "data": 0}).replace("0", "[" * 5000 + "]" * 5000))
            assert json.loads(await line.recv())["data"]["code"] == "bad_json"
            code, errors = await program.interrupt()
    assert code == 0
    assert errors.rstrip().endswith("stopped")
    assert "Traceback" not in errors
    assert "#1 → watch → unavailable, as asked" in errors


async def test_a_second_signal_waits_for_nobody() -> None:
    """A client that never reads keeps nothing from ending: the second Ctrl-C cuts it off."""
    async with running(str(WEATHER)) as program:
        url = await program.until(r"ws://")
        async with connect(url, close_timeout=0) as line:
            line.transport.pause_reading()
            program.process.send_signal(signal.SIGTERM)
            program.process.send_signal(signal.SIGTERM)
            code, errors = await program.interrupt()
    assert code == 0
    assert "Traceback" not in errors


async def test_a_log_that_nobody_reads_holds_nothing_up() -> None:
    """More lines than a pipe takes: clients are still answered, and one signal ends it; the rest is left out."""
    async with running(str(WEATHER)) as program:
        url = await program.until(r"ws://")
        async with connect(url, max_queue=None) as line, asyncio.timeout(PATIENCE):
            for _ in range(3000):  # some 120 KB
                await line.send(json.dumps({"kind": "watch", "data": {"station": "north"}}))
            for _ in range(3000):
                await line.recv()
            program.process.send_signal(signal.SIGTERM)
            await program.process.wait()
    assert program.process.returncode == 0


async def test_a_changed_document_is_served_anew(tmp_path: Path) -> None:
    """With --watch: a mistake is told of and changes nothing; a change closes connections, and is served."""
    document = tmp_path / "weather.yaml"
    shutil.copy(WEATHER, document)
    async with running(str(document), "--watch", "--quiet") as program:
        url = await program.until(r"ws://")
        await program.until("Python:")
        document.write_text("asyncapi: nonsense\n", encoding="utf-8")
        assert program.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while b"goes on" not in await program.process.stderr.readline():
                pass
        async with connect(url) as line:
            text = WEATHER.read_text(encoding="utf-8").replace("title: Weather", "title: Climate")
            document.write_text(text, encoding="utf-8")
            await line.wait_closed()
            assert line.close_code == 1012
        await program.until("^Climate 1, a mock of")
        code, _ = await program.interrupt()
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "0"], "--rate"),
        (["--port", "99999"], "--port"),
        (["--drop-every", "0"], "--drop-every: more than 0 seconds"),
        (["--latency", "-5"], "--latency: 0 or more milliseconds"),
        (["--drop-code", "99"], "--drop-code: 99 is no code"),
        (["--drop-code", "1005"], "--drop-code: 1005 is no code"),
        (["--fail", "watch=close:1006"], "1006 is no code"),
        (["--fail", "watch=silence@200%"], "MESSAGE=CODE"),
        (["--fail", "watch"], "MESSAGE=CODE"),
        (["--fail", "wacth=internal"], 'did you mean "watch"?'),
        (["--fail", "watch=No such code"], "MESSAGE=CODE"),
        (["--fail", "watch=nothing"], "cannot have the code"),
        (["--send", "oops"], "MESSAGE@SECONDS"),
        (["--send", "watch@3"], "the server sends no"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong usage is one line that says what is wrong, and exit code 2."""
    assert main(["mock", str(WEATHER), *arguments]) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1


def test_an_address_that_is_taken_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that somebody else listens on is exit code 1 and a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["mock", str(WEATHER), "--port", str(port)]) == 1
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


def test_a_document_that_is_none_is_served_by_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """A mock writes no files, so it does not say that none were written."""
    assert main(["mock", "nosuch.yaml"]) == 1
    assert capsys.readouterr().err == (
        "nosuch.yaml:1:1: file: there is no file nosuch.yaml\n1 error; nothing is served\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--fail", "ping=close:9"],
            "--fail: 'ping=close:9' is not MESSAGE=CODE, MESSAGE=silence or MESSAGE=close:1011, "
            "with or without a chance behind it, as in MESSAGE=CODE@20%",
        ),
        (["--send", "ping"], "--send: 'ping' is not MESSAGE@SECONDS"),
    ],
)
def test_what_is_asked_wrongly_is_told_by_its_own_option(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the option that is wrong is named, and how it is written."""
    assert main(["mock", str(WEATHER), *arguments]) == 2
    assert capsys.readouterr().err == f"error: {said}\n"
