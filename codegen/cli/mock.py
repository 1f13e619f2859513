"""`python -m codegen mock`: a server on a document, before anybody wrote one."""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from codegen.cli.arguments import add_document
from codegen.cli.logging import Log
from codegen.cli.saying import FAULTY, OK, UsageError, one_line, print_findings, say
from codegen.diagnostics import DocumentError

if TYPE_CHECKING:
    from codegen.contract import Message
    from codegen.mock import Failure, Mock, Scenario, Sending
    from codegen.pipeline import Understood

T = TypeVar("T")

_USUAL_DEPTH = 1000
"""How deep calls nest in Python unless it is told otherwise."""

_COARSE = 20_000_000
"""Nanoseconds by which the times of files may be behind the clock."""

HELP = "serve a document with made-up values, before anybody wrote a server"
DESCRIPTION = """\
Serves a document: answers every request with a valid response (the document's examples first), sends valid
updates to subscribers, and refuses what is invalid as a server on the generated handlers would. The generated
clients work against it unchanged."""
EXAMPLES = """\
examples:
  python -m codegen mock
      serve spec/asyncapi.yaml at port 8000, one update a second for each topic
  python -m codegen mock theirs.yaml --port 9000 --rate 10
      another document, ten updates a second
  python -m codegen mock --fail weather.subscribe=unavailable --fail '*=internal@5%'
      refuse one kind of request, and one in twenty of all others
  python -m codegen mock --fail weather.history=silence --fail ping=close:1011
      never answer one, and end the connection at another
  python -m codegen mock --latency 300 --drop-every 20
      all that is sent is 300 ms late, and connections last 20 s: try reconnecting and recovery
  python -m codegen mock --send server.leaving@15 --drop-every 16 --drop-code 4000
      tell every client something that it did not ask for, then close

The same seed gives the same values, times aside. A line on stderr tells of each connection and request. Ctrl-C ends it:
clients are told and closed as the document says; a second Ctrl-C cuts off whoever is still there.

exit codes: 0 ended by Ctrl-C; 1 mistakes in the document, or the address is taken; 2 wrong usage; 3 a bug of ours
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    add_document(parser)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the made-up values (default: %(default)s)")
    parser.add_argument(
        "--rate",
        type=float,
        default=1.0,
        metavar="N",
        help="updates a second for each topic, or for each connection of a channel that has a socket of its own "
        "(default: 1)",
    )
    parser.add_argument(
        "--fail",
        action="append",
        default=[],
        metavar="MESSAGE=HOW",
        help="have requests fail: HOW is a code of the document's problem, `silence`, or `close:CODE`, then "
        "perhaps a chance, `@20%%`; MESSAGE may be `*`; may be repeated, the first that fits decides",
    )
    parser.add_argument(
        "--latency", type=float, default=0.0, metavar="MS", help="how late everything is that the mock sends"
    )
    parser.add_argument(
        "--drop-every", type=float, metavar="S", help="close each connection after so many seconds"
    )
    parser.add_argument(
        "--drop-code", type=int, default=1012, metavar="CODE", help="with this code (default: %(default)s)"
    )
    parser.add_argument(
        "--send",
        action="append",
        default=[],
        metavar="MESSAGE@S",
        help="send every connection a message that nobody asks for, so many seconds after it was made; may be repeated",
    )
    parser.add_argument(
        "--no-heartbeat",
        action="store_true",
        help="leave silent connections open, whatever the document says",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="begin anew when the document changes; connections close with 1012",
    )
    parser.add_argument("--quiet", action="store_true", help="tell of no connections and requests")


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; the exit code."""
    _check(options)
    from codegen.pipeline import understand  # noqa: PLC0415 - --help should not wait for it

    began = time.time_ns()
    try:
        understood = understand(options.document)
    except DocumentError as error:
        print_findings(error.diagnostics, "nothing is served")
        return FAULTY
    try:
        from codegen.mock import Failure, Scenario, Sending  # noqa: PLC0415 - as above
        from codegen.mock.scenario import UNSENDABLE, may_close_with  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed: `mock` needs tapewire[review], pip install 'tapewire[review]'"
        ) from None
    failures = _parsed("--fail", Failure.parse, options.fail)
    sendings = _parsed("--send", Sending.parse, options.send)
    if not may_close_with(options.drop_code):
        raise UsageError(f"--drop-code: {options.drop_code} is {UNSENDABLE}")
    channels = understood.contract.channels
    _known("--fail: clients send", failures, [one for each in channels for one in each.client_to_server])
    _codes(failures, understood)
    _known("--send: the server sends", sendings, [one for each in channels for one in each.server_to_client])
    scenario = Scenario(
        failures,
        latency=options.latency / 1000,
        drop_every=options.drop_every,
        drop_code=options.drop_code,
        sendings=sendings,
        heartbeat=not options.no_heartbeat,
    )
    try:
        asyncio.run(_serve(options, understood, scenario, began))
    except OSError as error:
        say(f"error: {options.host}:{options.port}: {one_line(error)}")
        return FAULTY
    Log().line("stopped")
    return OK


def _check(options: argparse.Namespace) -> None:
    if not 0 < options.rate <= 1000:
        raise UsageError("--rate: more than 0, at most 1000 updates a second")
    if not 0 <= options.port <= 65535:
        raise UsageError(f"--port: {options.port} is no port")
    if not 0 <= options.latency < math.inf:
        raise UsageError(f"--latency: 0 or more milliseconds, not {options.latency:g}")
    if options.drop_every is not None and not 0 < options.drop_every < math.inf:
        raise UsageError(f"--drop-every: more than 0 seconds, not {options.drop_every:g}")


def _parsed(option: str, parse: Callable[[str], T], texts: Sequence[str]) -> tuple[T, ...]:
    try:
        return tuple(map(parse, texts))
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _known(what: str, asked: Sequence[Failure | Sending], messages: Sequence[Message]) -> None:
    """Refuse what is asked of messages that there are not: it would never happen."""
    names = {name for one in messages for name in (one.key, str(one.tag.value) if one.tag else one.key)}
    for one in asked:
        if one.message != "*" and one.message not in names:
            from difflib import get_close_matches  # noqa: PLC0415 - only needed when something is wrong

            close = get_close_matches(one.message, names, 1)
            hint = (
                f'did you mean "{close[0]}"?' if close else f"there are {', '.join(sorted(names)) or 'none'}"
            )
            raise UsageError(f'{what} no "{one.message}"; {hint}')


def _codes(failures: Sequence[Failure], understood: Understood) -> None:
    """Refuse to refuse with a code that the document's problem cannot have: the answer would not be valid."""
    from codegen.mock.kits import Kits, may_refuse  # noqa: PLC0415 - as above
    from codegen.mock.scenario import CLOSE, SILENCE  # noqa: PLC0415

    if understood.contract.envelope is None:
        return
    for failure in failures:
        if failure.what not in (SILENCE, CLOSE) and not may_refuse(Kits(understood), failure.what):
            raise UsageError(f'--fail: the document\'s problem cannot have the code "{failure.what}"')


async def _serve(options: argparse.Namespace, understood: Understood, scenario: Scenario, began: int) -> None:
    """Serve until a signal; `began` is when reading the document did, in Unix nanoseconds."""
    from codegen.mock import serving  # noqa: PLC0415 - as above

    stopped = asyncio.Event()
    served: list[Mock] = []

    def stop() -> None:
        if stopped.is_set():  # the second time it is urgent
            for one in served:
                one.cut()
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # where there are no such handlers, Ctrl-C is an exception
            asyncio.get_running_loop().add_signal_handler(number, stop)
    log = _silent if options.quiet else _stamped(Log())
    deep = sys.getrecursionlimit()
    while True:
        async with serving(
            understood,
            host=options.host,
            port=options.port,
            seed=options.seed,
            rate=options.rate,
            scenario=scenario,
            log=log,
        ) as mock:
            served[:] = [mock]
            _banner(mock, options, scenario)
            # Clients' frames may nest as deep as they may for any server, not as deep as documents.
            sys.setrecursionlimit(min(deep, _USUAL_DEPTH))
            changed = asyncio.create_task(_changed(understood, began, deep)) if options.watch else None
            waits = [asyncio.create_task(stopped.wait()), *([changed] if changed else [])]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            sys.setrecursionlimit(deep)
            if stopped.is_set() or changed is None:
                await mock.drain()
                return
            understood, began = changed.result()
        Log().line(f"{options.document} has changed")


async def _changed(understood: Understood, began: int, deep: int) -> tuple[Understood, int]:
    """Wait for the document, or what it refers to, to become another that has no errors; and when reading it began.

    `began` is when reading the one at hand did: what was written since counts. `deep` is how deep calls may nest that
    read it.
    """
    from codegen.pipeline import understand  # noqa: PLC0415 - as above

    files = list(understood.document.files)
    known = [time_ if time_ < began - _COARSE else -1 for time_ in _times(files)]
    while True:
        await asyncio.sleep(0.5)
        now = _times(files)
        if now == known:
            continue
        known, began = now, time.time_ns()
        usual = sys.getrecursionlimit()
        sys.setrecursionlimit(deep)
        try:
            return understand(understood.document.root.file), began
        except DocumentError as error:
            print_findings(error.diagnostics)
            say("the mock goes on with the document as it was")
        finally:
            sys.setrecursionlimit(usual)


def _times(files: Sequence[str]) -> list[int]:
    return [Path(name).stat().st_mtime_ns if Path(name).exists() else 0 for name in files]


def _banner(mock: Mock, options: argparse.Namespace, scenario: Scenario) -> None:
    """Say where the mock is, what it does, and how to talk to it."""
    contract = mock.contract
    print(f"{contract.title} {contract.version}, a mock of {contract.source}")
    if contract.envelope is not None:
        print(f"  {mock.url}")
        for channel in contract.channels:
            kind = "topics" if channel.updates else "requests"
            print(f"    {channel.address}  ({kind})")
    else:
        for endpoint in contract.endpoints:
            print(f"  {mock.base}{endpoint.path}")
    print(f"  {mock.base.replace('ws://', 'http://', 1)}/asyncapi.json")
    print(f"{options.rate:g} update{'' if options.rate == 1 else 's'} a second, seed {options.seed}")
    for failure in scenario.failures:
        print(f"  {failure.message} fails: {failure.what}, in {failure.chance:.0%} of all cases")
    if scenario.latency:
        print(f"  everything is {scenario.latency * 1000:g} ms late")
    if scenario.drop_every is not None:
        print(f"  connections last {scenario.drop_every:g} s, then close with {scenario.drop_code}")
    for sending in scenario.sendings:
        print(f"  {sending.message} comes {sending.after:g} s after one has connected")
    print(f"TypeScript: new {contract.client_name}Client('{mock.url}')")
    print(f'Python:     {contract.client_name}Client("{mock.url}")')
    sys.stdout.flush()


def _stamped(log: Log) -> Callable[[str], None]:
    """Lines of a log with the time of day."""
    return lambda line: log.line(f"{time.strftime('%H:%M:%S')} {line}")


def _silent(_: str) -> None:
    """Say nothing."""
