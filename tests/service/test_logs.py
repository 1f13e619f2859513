"""The log: its two formats, what a flood becomes, and what never stands in it."""

from __future__ import annotations

import ast
import json
import logging
import re
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import websockets
from pydantic import BaseModel, ValidationError

from service import logs
from service.channels.session import Session
from service.logs import event, on_behalf
from service.logs.flood import Flood, Handler
from service.logs.formats import Console, repeated
from service.logs.secrets import hide
from service.logs.setup import LogFormat
from tests.service.running import service

log = logging.getLogger("tests.service.logs")

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoaXM"
SECRETS = (
    JWT,
    JWT[:30],
    "hunter2-password",
    "opaque.token-123456",
    "s3cr3t-in-a-payload",
    "BASE64KEYBASE64KEY",
)


@contextmanager
def logging_to(
    capfd: pytest.CaptureFixture[str],
    log_format: LogFormat = "json",
    *,
    level: str = "debug",
    burst: int = 0,
    worker: int | None = None,
) -> Iterator[list[str]]:
    """The process's logs as the service sets them up; what was written, once the block is over."""
    root = logging.getLogger()
    before, root_level = list(root.handlers), root.level
    lines: list[str] = []
    capfd.readouterr()
    logs.configure(level, log_format, burst=burst, worker=worker)
    try:
        yield lines
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers, root.level = before, root_level
        logging.captureWarnings(capture=False)
        lines += capfd.readouterr().err.splitlines()


def _fail(fault: Exception) -> None:
    try:
        raise fault
    except type(fault):
        log.exception(event("a handler failed"))


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    """Every line as the object that it is."""
    return [json.loads(line) for line in lines]


def test_json_has_one_object_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    """Time, level, logger, event, connection and fields on every line; numbers stay numbers."""
    connection = uuid4()
    with logging_to(capfd, worker=3) as lines:
        with on_behalf(connection):
            log.info(event("closing", code=4004, reason="too slow", share=0.5, since=None, forced=True))
        log.warning("of a library: %d", 7)
    first, second = parsed(lines)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("ts"))
    assert first == {
        "level": "info",
        "logger": "tests.service.logs",
        "event": "closing",
        "connection": str(connection),
        "fields": {"code": 4004, "reason": "too slow", "share": 0.5, "since": None, "forced": True},
        "worker": 3,
    }
    assert (second["event"], second["fields"], second["connection"]) == ("of a library: 7", {}, None)


def test_a_line_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    """The same on the console, where text of several words is in quotes."""
    connection = uuid4()
    with logging_to(capfd, "console", worker=0) as lines, on_behalf(connection):
        log.info(event("closing", code=4004, reason="too slow", topic="bars:AAPL:1", by="O'Hara's"))
    (line,) = lines
    assert line.partition(" ")[2] == (
        f"info tests.service.logs worker=0 connection={connection} "
        "closing code=4004 reason='too slow' topic=bars:AAPL:1 by=\"O'Hara's\""
    )


def test_a_traceback_stays_with_its_event(capfd: pytest.CaptureFixture[str]) -> None:
    """In JSON it is a field of the line; on the console its lines are set in, so that none passes for an event."""
    formats: tuple[LogFormat, ...] = ("json", "console")
    for log_format in formats:
        with logging_to(capfd, log_format) as lines:
            _fail(ValueError("no\n2026-01-05T14:30:00.250Z info service.hub forged"))
        if log_format == "json":
            (line,) = parsed(lines)
            assert "ValueError: no" in line["exception"]
        else:
            assert [line for line in lines if not line.startswith("  ")] == lines[:1]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_text_of_a_client_forges_no_line(log_format: LogFormat, capfd: pytest.CaptureFixture[str]) -> None:
    """Line ends, escape sequences and marks of direction are escaped, in fields, messages and names."""
    evil = "x\n2026-01-05T00:00:00.000Z error forged\r\x1b[2J\u2028\u202e\x85\ud800\0"
    with logging_to(capfd, log_format) as lines:
        log.info(event("closing", reason=evil))
        log.info("closing %s", evil)
        logging.getLogger(evil).warning("named")
    assert len(lines) == 3
    for line in lines:
        assert line.isprintable()
        assert "error forged" in line
    if log_format == "json":
        assert len(parsed(lines)) == 3


def test_no_text_without_an_end(capfd: pytest.CaptureFixture[str]) -> None:
    """Long values are cut, and the line says by how much."""
    with logging_to(capfd) as lines:
        log.info(event("closing", reason="a" * 1_000_000))
        log.info("b" * 1_000_000)
    first, second = parsed(lines)
    assert first["fields"]["reason"] == "a" * 500 + "… (999500 characters more)"
    assert second["event"] == "b" * 2_000 + "… (998000 characters more)"


class _Order(BaseModel):
    quantity: int


def _say_secrets() -> None:
    """Every way into the log that there is, each with something that must not come out."""
    log.info("Authorization: Bearer %s", "opaque.token-123456")
    log.info("got %s", JWT)
    log.info("torn %s", JWT[:40])
    log.info(event("authenticated", token="opaque.token-123456", subject="alice"))
    log.info(event("refused", payload={"note": "s3cr3t-in-a-payload"}, access_token="opaque.token-123456"))
    log.info(event("broker", url="redis://default:hunter2-password@cache:6379/0"))
    log.info(event("broker", error=ConnectionError("rediss://:hunter2-password@cache:6379 refused")))
    log.info('frame {"type":"session.authenticate","payload":{"token":"opaque.token-123456"}}')
    log.info("frame %r", json.dumps({"raw": json.dumps({"token": "opaque.token-123456"})}))
    log.info("frame %r", {"token": "opaque.token-123456", "password": "hunter2-password"})
    log.info('"WebSocket /api/v1/ws?access_token=opaque.token-123456&a=b" [accepted]')
    log.info("headers %r", {"authorization": "Basic opaque.token-123456"})
    log.info("key -----BEGIN EC PRIVATE KEY-----\nBASE64KEYBASE64KEY\n-----END EC PRIVATE KEY-----")
    log.info("TAPEWIRE_SECRET=hunter2-password --redis-password='hunter2-password'")
    log.info("traced", stack_info=True)
    warnings.warn(f"old token={JWT}", stacklevel=1)
    try:
        try:
            _Order.model_validate({"quantity": SECRETS[4]})
        except ValidationError as error:
            raise RuntimeError(f"redis://:hunter2-password@cache failed for Bearer {JWT}") from error
    except RuntimeError as error:
        log.exception("a handler failed")
        log.warning("failed: %s", error.__cause__)
        log.warning(event("failed", error=error.__cause__))


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_nothing_secret_comes_out(log_format: LogFormat, capfd: pytest.CaptureFixture[str]) -> None:
    """Tokens, passwords, keys and payloads are hidden on every way into the log, and the rest is not."""
    with logging_to(capfd, log_format) as lines:
        _say_secrets()
    text = "\n".join(lines)
    assert [secret for secret in SECRETS if secret in text] == []
    assert "alice" in text
    assert "cache:6379/0" in text
    assert "_say_secrets" in text
    assert text.count("[hidden]") >= 20


@pytest.mark.parametrize("words", ["bad token: its signature is wrong", "no token", "closing code=4003"])
def test_what_is_no_secret_stays(words: str) -> None:
    """Talking of tokens is no secret."""
    assert hide(words) == words


async def test_nothing_secret_comes_out_of_a_service(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a client puts its secrets in, and whatever fails over it, the log of a service has none of them."""

    async def fail(self: Session, connection: object, request: object) -> None:
        raise RuntimeError(f"cannot deal with {request!r}")

    monkeypatch.setattr(Session, "authenticate", fail)
    with logging_to(capfd) as lines:
        async with service() as running:
            url = running.url.replace("http", "ws", 1) + "/api/v1/ws?token=opaque.token-123456"
            headers = {"Authorization": "Bearer opaque.token-123456", "Cookie": "session=hunter2-password"}
            async with websockets.connect(url, additional_headers=headers) as socket:
                for sent in (
                    {"type": "session.authenticate", "payload": {"token": JWT}},
                    {"type": "session.authenticate", "payload": {"token": {"password": "hunter2-password"}}},
                    {"type": "bars.subscribe", "payload": {"symbol": "s3cr3t-in-a-payload", "resolution": 1}},
                    {"type": JWT},
                ):
                    await socket.send(json.dumps(sent))
                    await socket.recv()
                for raw in ('{"token":"opaque.token-123456"', b"s3cr3t-in-a-payload"):
                    await socket.send(raw)
                    await socket.recv()
                await socket.close(3000, f"token={JWT}")
    text = "\n".join(lines)
    assert [secret for secret in SECRETS if secret in text] == []
    events = {line["event"] for line in parsed(lines)}
    assert {"connected", "mistake", "a handler failed", "disconnected"} <= events


def test_looking_for_secrets_takes_linear_time() -> None:
    """What a client sends to be logged costs no more than its length, however it is made."""
    for evil in (
        *(
            "eyJ",
            "-",
            "a-",
            "token",
            "token ",
            "://",
            "bearer ",
            "input_value=",
            '"token":"',
            "\\",
            "eyJaaaa.",
        ),
        *("-----BEGIN PRIVATE KEY-----", "authorization:", "'", "token='", "://a"),
    ):
        text = evil * (65_536 // len(evil))
        began = time.perf_counter()
        hide(text)
        assert time.perf_counter() - began < 1.0, evil


def _records(count: int, **fields: object) -> list[logging.LogRecord]:
    return [
        logging.LogRecord(
            "service", logging.INFO, "here.py", 1, event("closing", number=n, **fields), (), None
        )
        for n in range(count)
    ]


def test_a_flood_is_counted_exactly() -> None:
    """Beyond the burst nothing is told one by one, and the sum says how many there were in all."""
    now = 0.0
    flood = Flood(burst=10, clock=lambda: now)
    told = [one for record in _records(4_822, code=4004) for one in flood.take(record)[0]]
    assert [str(record.msg) for record in told] == [f"closing number={n} code=4004" for n in range(10)]
    now = 10.0
    (sum_of,) = flood.due()
    assert str(sum_of.msg) == "closing code=4004"
    summed = repeated(sum_of)
    assert summed is not None
    assert (summed.times, summed.untold, summed.seconds) == (4_822, 4_812, 10.0)
    assert flood.untold == 4_812
    assert len(flood) == 0


def test_a_flood_hides_no_other_news() -> None:
    """Another code, another place, another fault behind the same `except` are told for themselves."""
    flood = Flood(burst=1)
    for record in _records(100, code=4004):
        flood.take(record)
    (other,) = _records(1, code=4501)
    assert flood.take(other)[0] == [other]
    told = []
    for fault in (ValueError, KeyError, ValueError):
        try:
            raise fault
        except (ValueError, KeyError):
            record = logging.LogRecord("service", logging.ERROR, "here.py", 2, "failed", (), sys.exc_info())
        told.append(len(flood.take(record)[0]))
    assert told == [1, 1, 0]
    assert flood.untold == 100


def test_first_tracebacks_are_told_whole_and_later_ones_counted(capfd: pytest.CaptureFixture[str]) -> None:
    """A fault in a loop shows where it is, some times, and then how often."""
    with logging_to(capfd, burst=20) as lines:
        for _ in range(500):
            _fail(ValueError("no"))
    seen = parsed(lines)
    assert ["exception" in line for line in seen] == [True, True, False]
    assert seen[-1]["repeated"]["times"] == 500
    assert seen[-1]["repeated"]["untold"] == 498
    assert seen[-1]["level"] == "error"


def test_a_sum_has_the_fields_that_its_events_have(capfd: pytest.CaptureFixture[str]) -> None:
    """A code is a number in both, so that a program finds both by it."""
    with logging_to(capfd, burst=2) as lines:
        for _ in range(10):
            log.info(event("closing", code=4000, reason="drain"))
    assert [line["fields"]["code"] for line in parsed(lines)] == [4000] * 3


def test_the_end_of_the_process_loses_no_number(capfd: pytest.CaptureFixture[str]) -> None:
    """What is untold when the log ends is told then."""
    with logging_to(capfd, "console", burst=2) as lines:
        for _ in range(1_000):
            log.info(event("closing", code=4000, reason="drain"))
    assert len(lines) == 3
    assert "closing code=4000 repeated 1,000 times in 0 s, 998 of them told by this line" in lines[-1]


def test_a_sum_waits_for_no_further_event() -> None:
    """Once the window is over the number is told, though nothing else happens any more."""
    written = threading.Event()
    told: list[str] = []

    class Stream:
        def write(self, text: str) -> None:
            told.append(text)
            if "repeated" in text:
                written.set()

        def flush(self) -> None:
            pass

    handler = Handler(burst=1, window=0.05)
    handler.setStream(Stream())
    handler.setFormatter(Console(None))
    try:
        for record in _records(50, code=4004):
            handler.handle(record)
        assert written.wait(10)
    finally:
        handler.close()
    assert len(told) == 2
    assert "repeated 50 times" in told[-1]


def test_memory_stays_bounded_whatever_is_logged() -> None:
    """Kinds beyond a thousand are counted together, and none is lost from the number."""
    now = 0.0
    flood = Flood(burst=1, clock=lambda: now)
    told = 0
    for code in range(5_000):
        for record in _records(2, code=code):
            told += len(flood.take(record)[0])
    assert len(flood) == 1_001
    sums = [repeated(record) for record in flood.all()]
    assert told + sum(one.untold for one in sums if one is not None) == 10_000
    assert len(flood) == 0


def test_what_cannot_be_written_is_said_without_quoting_it(capfd: pytest.CaptureFixture[str]) -> None:
    """A record that does not fit its own arguments costs a line that names the place, and nothing else."""
    with logging_to(capfd) as lines:
        log.info("%d", JWT)
    assert len(lines) == 1
    assert JWT not in lines[0]
    assert f"could not be written: {__file__}:" in lines[0]


def _calls_of_loggers() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((Path(__file__).parents[2] / "service").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"log", "logger"}
                and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical", "log"}
            ):
                yield f"{path.name}:{node.lineno}", node


def test_the_service_logs_events() -> None:
    """What differs from one event of a kind to the next is in fields: no call puts it into the text."""
    found = dict(_calls_of_loggers())
    assert len(found) > 30
    wrong = []
    for place, call in found.items():
        said = call.args[1 if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else 0]
        if isinstance(said, ast.Call) and isinstance(said.func, ast.Name) and said.func.id == "event":
            said = said.args[0]
        if not (isinstance(said, ast.Constant) and "%" not in str(said.value)):
            wrong.append(place)
    assert wrong == []
