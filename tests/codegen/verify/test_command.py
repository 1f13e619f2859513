"""`python -m codegen verify`."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys

import pytest
from websockets.asyncio.server import serve

from codegen.cli import main
from codegen.verify import RULES, Options
from codegen.verify.sight import Sight
from codegen.verify.strategies import draw
from codegen.verify.tries import broken, valid
from tests.codegen.verify.faults import FAULTS
from tests.codegen.verify.meddling import contract, market, meddling


async def command(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "codegen", "verify", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_violation_is_told_with_a_frame_a_place_and_a_command() -> None:
    """Exit code 1; the smallest frame; and what the command says shows it again."""
    async with market() as target, meddling(target, FAULTS["a crash"].fault) as url:
        code, out, err = await command(url, "--only", "bars.history", "--examples", "0", "--format", "json")
        assert code == 1
        report = json.loads(out)
        (violation,) = report["violations"]
        assert violation["rule"] == "closed"
        assert json.loads(violation["sent"]) == {
            "type": "bars.history",
            "payload": {"symbol": "AAPL", "resolution": "1D"},
        }
        assert violation["reproduced"] is True
        assert violation["file"] == "spec/asyncapi.yaml"
        assert violation["came"] == "closed with 1011 (KeyError)"
        assert "… bars.history: what it does not" in err
        again = violation["again"].removeprefix("python -m codegen verify ").split()
        code, out, _ = await command(*again)
        assert code == 1
        assert re.search(r"^spec/asyncapi.yaml:\d+:\d+: closed: closed with 1011", out, re.MULTILINE)


async def test_a_right_server_is_summed_up() -> None:
    """Exit code 0, a table of what was tried, and what was not."""
    async with market() as url:
        code, out, _ = await command(url, "--only", "ping", "--examples", "2")
    assert code == 0
    assert re.search(r"^ping +3 +\d+ +3 +\d+$", out, re.MULTILINE)
    assert re.search(r"^no violation; \d+ frames sent and \d+ checked on \d+ connections", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ws://127.0.0.1:9/x"], "error: ws://127.0.0.1:9/x: "),
        ([], "error: give the address of a running server"),
        (["http://127.0.0.1:9"], "error: http://127.0.0.1:9 is no ws:// or wss:// address"),
        (
            ["ws://127.0.0.1:65536"],
            "error: ws://127.0.0.1:65536 is no ws:// or wss:// address: Port out of range",
        ),
        (
            ["ws://127.0.0.1:here"],
            "error: ws://127.0.0.1:here is no ws:// or wss:// address: Port could not be",
        ),
        (["ws://[::1/"], "error: ws://[::1/ is no ws:// or wss:// address: Invalid IPv6 URL"),
        (["spec/asyncapi.yaml"], "error: give the address of a running server"),
        (["ws://127.0.0.1:9", "--only", "nothing"], "error: --only: the document has no channel or message"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and exit code 2; no server is wrong usage too."""
    assert main(["verify", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_a_document_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Its findings, and exit code 1."""
    assert main(["verify", "nothing.yaml", "ws://127.0.0.1:9"]) == 1
    assert capsys.readouterr().err == (
        "nothing.yaml:1:1: file: there is no file nothing.yaml\n1 error; nothing was tried\n"
    )


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "--header"), (403, "is the path right"), (404, "is the path right")]
)
async def test_a_server_that_lets_nobody_in(status: int, hint: str) -> None:
    """What may be done about it is said; exit code 2."""
    async with serve(
        lambda _: asyncio.sleep(0),
        "127.0.0.1",
        0,
        process_request=lambda socket, _: socket.respond(status, ""),
    ) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/x"
        code, _, err = await command(url, "--only", "ping", "--examples", "0")
    assert code == 2
    assert hint in err


def test_what_is_not_installed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, with what to install."""

    def fail() -> None:
        raise ImportError("No module named hypothesis", name="hypothesis")

    async def tried(*_: object) -> None:
        draw({"type": "string"}, 1, 0)

    monkeypatch.setattr("codegen.verify.strategies.strategies", fail)
    monkeypatch.setattr("codegen.verify.tried", tried)
    assert main(["verify", "ws://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err == "error: verify needs hypothesis: pip install 'tapewire[review]'\n"


def test_the_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what a server that keeps it does."""
    assert main(["verify", "--rules"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(RULES)


def test_every_fault_is_reported_by_a_rule_that_there_is() -> None:
    """And most rules have a fault that shows them."""
    assert {planted.rule for planted in FAULTS.values()} <= RULES.keys()


def test_the_same_seed_gives_the_same_frames() -> None:
    """Whatever else is tried; another seed gives others."""
    sight = Sight(contract())
    message = sight.message("bars.history")
    channel = sight.channel_of[message.key]

    def frames(seed: int) -> list[str]:
        options = Options(seed=seed, examples=2)
        tries = [*valid(sight, options, channel, message), *broken(sight, options, message)]
        return [one.text for one in tries]

    assert frames(1) == frames(1)
    assert frames(1) != frames(2)
