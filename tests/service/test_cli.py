"""The command line, as a process of its own wherever it gets so far as to serve."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import websockets

from service.cli import main, serve_on
from service.settings import Settings
from tests.service.running import PATIENCE
from tests.valkey import valkey_server

ROOT = Path(__file__).parents[2]


@dataclass
class Ended:
    """What a process left behind."""

    code: int | None
    out: str
    err: str


async def start(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """`python -m service` with these arguments."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", *arguments),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(*arguments: str, **environment: str) -> Ended:
    """Run it to its end."""
    process = await start(*arguments, **environment)
    async with asyncio.timeout(90):
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def serving(
    *arguments: str, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A service that listens, and its address."""
    process = await start("serve", "--port", "0", *arguments, **environment)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(90):
            greeting = (await process.stdout.readline()).decode()
        yield process, greeting.split("http://")[1].split()[0]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_help_names_every_setting() -> None:
    """`serve --help` lists each option, says how the environment works, and gives examples."""
    from service.settings import Settings  # noqa: PLC0415

    ended = await run("serve", "--help", COLUMNS="200")
    assert ended.code == 0
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')} " in ended.out
    assert "TAPEWIRE_PING_INTERVAL" in ended.out
    assert "examples:" in ended.out


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_programs_read_is_json_from_beginning_to_end(workers: int) -> None:
    """Where it listens and that it has ended are events among the others; nothing is text, on neither stream."""
    with valkey_server() as valkey:
        process = await start(
            *("serve", "--port", "0", "--log-format", "json", "--workers", str(workers)),
            *("--broker", valkey.url, "--feed", "none"),
        )
        assert process.stderr is not None
        seen: list[dict[str, Any]] = []
        async with asyncio.timeout(90):
            while not seen or seen[-1]["event"] != "listening":
                seen.append(json.loads(await process.stderr.readline()))
            process.send_signal(signal.SIGTERM)
            out, err = await process.communicate()
    assert (process.returncode, out) == (0, b"")
    assert seen[-1]["fields"]["url"].startswith("http://127.0.0.1:")
    assert seen[-1]["fields"]["workers"] == workers
    last = json.loads(err.splitlines()[-1])
    assert (last["event"], last["fields"]) == ("stopped", {"code": 0})


async def test_version() -> None:
    """`--version` says which."""
    assert (await run("--version")).out == f"tapewire {version('tapewire')}\n"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:s3cr#t@127.0.0.1:17463/0",
        "http://:s3cr@127.0.0.1:17463/0",
        "redis://:s3cr@127.0.0.1:99999",
        "redis//:s3cretPW@h",
        "redis://:s3cr@host/zero",
    ],
)
@pytest.mark.parametrize("by_environment", [False, True])
def test_a_brokers_password_is_not_repeated(
    url: str, by_environment: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A URL that is refused is not shown, wherever it came from: what of it is the password is not known then."""
    if by_environment:
        monkeypatch.setenv("TAPEWIRE_BROKER", url)
    assert main(["serve", *([] if by_environment else ["--broker", url])]) == 2
    said = capsys.readouterr().err
    assert "TAPEWIRE_BROKER: " in said if by_environment else "--broker: " in said
    assert "s3cr" not in said
    assert ("# is %23" in said) == url.startswith("redis://")


@pytest.mark.parametrize(
    ("arguments", "environment", "complaint"),
    [
        ([], {}, "say what to do: serve"),
        (["serv"], {}, "invalid choice: 'serv'"),
        (["serve", "--bogus"], {}, "unrecognized arguments: --bogus"),
        (["serve", "--port", "abc"], {}, "--port 'abc': "),
        (["serve", "--port", "70000"], {}, "--port '70000': "),
        (["serve", "--port"], {}, "--port: expected one argument"),
        (["serve"], {"TAPEWIRE_PORT": "abc"}, "TAPEWIRE_PORT 'abc': "),
        (["serve", "--log-level", "loud"], {}, "--log-level 'loud': "),
        (["serve", "--speed", "fast"], {}, "--speed 'fast': give a number above 0"),
        (["serve", "--speed", "max"], {}, "only --feed replay takes --speed max"),
        (["serve", "--feed", "replay"], {}, "--feed replay needs --file FILE.csv"),
        (["serve", "--loop"], {}, "only --feed replay takes --loop"),
        (["serve", "--file", "x.csv", "--rate", "1", "--speed", "1"], {}, "give --speed or --rate, not both"),
        (
            ["serve", "--file", "x.csv", "--resolution", "1H"],
            {},
            "--resolution '1H': '1H' is no resolution; hours are written in minutes: 60",
        ),
        (
            ["serve", "--workers", "2"],
            {},
            "--workers above 1 needs --broker redis://…: with the memory broker each",
        ),
        (
            ["serve", "--workers", "2", "--broker", "redis://localhost", "--file", "x.csv"],
            {},
            "--feed replay takes no --workers above 1: a recording is played by one process",
        ),
        (
            ["serve", "--broker", "redis://localhost", "--speed", "60"],
            {},
            "takes no --speed with the simulated market: whichever process feeds",
        ),
        (["serve", "--heartbeat-interval", "nan"], {}, "--heartbeat-interval 'nan': "),
    ],
)
def test_what_makes_no_sense_is_one_line_and_2(
    arguments: list[str],
    environment: dict[str, str],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong option or variable is named in one line, with exit code 2."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    try:
        code: object = main(arguments)
    except SystemExit as error:  # argparse's way
        code = error.code
    told = capsys.readouterr()
    assert code == 2
    assert complaint in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


async def test_all_wrong_settings_are_told_at_once() -> None:
    """Each wrong setting has its line."""
    ended = await run("serve", "--port", "x", "--lifespan", "0")
    assert ended.code == 2
    assert [line.split()[4] for line in ended.err.splitlines()] == ["--port", "--lifespan"]


async def test_options_win_over_the_environment() -> None:
    """A flag goes before a variable, a variable before the default."""
    async with serving("--host", "127.0.0.1", TAPEWIRE_HOST="192.0.2.1", TAPEWIRE_FEED="none") as (
        _,
        address,
    ):
        assert address.startswith("127.0.0.1:")


async def test_a_port_in_use_is_one_line_and_1() -> None:
    """Where somebody else listens already, that is what is said."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await run("serve", "--port", str(port))
    assert ended.code == 1
    assert ended.err.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")
    assert len(ended.err.splitlines()) == 1


async def test_an_address_that_is_not_here_is_one_line_and_1() -> None:
    """A host that cannot be listened on is named."""
    ended = await run("serve", "--host", "192.0.2.1", "--port", "0")
    assert ended.code == 1
    assert ended.err.startswith("cannot listen on 192.0.2.1:0: ")
    assert len(ended.err.splitlines()) == 1


async def test_a_bad_file_is_told_by_line_and_1(tmp_path: Path) -> None:
    """A file that cannot be played is not served."""
    path = tmp_path / "x.csv"
    path.write_text("time,open,high,low,close,volume\nnow,1,1,1,1,1\n")
    ended = await run("serve", "--file", str(path))
    assert ended.code == 1
    assert ended.err.splitlines() == [
        f"{path}:2: time 'now' is neither ISO 8601 nor Unix seconds or milliseconds",
        f"{path}: 1 bad row; --bad-rows skip plays the others",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_is_heeded_as_soon_as_it_greets(number: signal.Signals) -> None:
    """Who reads the greeting and sends a signal at once ends it in good order, too."""
    async with serving("--log-level", "warning") as (process, _):
        process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            await process.communicate()
        assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM close the clients with 4000 and leave with 0, without a traceback or a word."""
    async with serving("--log-level", "warning") as (process, address):
        async with websockets.connect(f"ws://{address}/api/v1/ws") as client:
            await client.send('{"type":"bars.subscribe","payload":{"symbol":"AAPL"}}')
            await client.recv()
            process.send_signal(number)
            async with asyncio.timeout(PATIENCE):
                await client.wait_closed()
            assert client.close_code == 4000
        async with asyncio.timeout(PATIENCE):
            _, err = await process.communicate()
        assert process.returncode == 0
        assert err.decode() == ""


def test_a_variable_that_is_no_setting_is_told_with_the_closest_name(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who misspelt one hears of it, and not of its value; settings and what a supervisor says are none of these."""
    monkeypatch.setenv("TAPEWIRE_BROKR", "redis://:s3cr@host")
    monkeypatch.setenv("TAPEWIRE_XYZZY", "1")
    monkeypatch.setenv("TAPEWIRE_PORT", "0")
    monkeypatch.setenv("TAPEWIRE_RUN_DIR", "/nowhere")
    monkeypatch.setenv("TAPEWIRE_DEBUG", "1")
    monkeypatch.setattr("service.logs.configure", lambda *_, **__: None)

    def no_door() -> list[socket.socket]:
        raise OSError("closed")

    assert serve_on(Settings(), no_door) == 1
    told = [message for message in caplog.messages if "is no setting" in message]
    assert [line.partition("variable=")[2] for line in told] == [
        "TAPEWIRE_BROKR did_you_mean=TAPEWIRE_BROKER",
        "TAPEWIRE_XYZZY",
    ]
