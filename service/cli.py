"""The command line: `python -m service serve`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NoReturn, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from service import environment
from service.access.command import add_token, run_token
from service.logs import event
from service.settings import ENVIRONMENT_PREFIX, Settings
from service.top.command import add_top, run_top

log = logging.getLogger(__name__)

_PROGRAM = "python -m service"

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "where": ("host", "port", "forwarded_allow_ips"),
    "log": ("log_level", "log_format", "log_burst"),
    "feed": ("feed", "speed"),
    "simulate": ("seed", "updates_per_second", "accounts"),
    "replay": ("file", "symbol", "resolution", "rate", "start", "wait_for", "loop", "bad_rows"),
    "many processes (times in seconds)": (
        "workers",
        "broker",
        "broker_timeout",
        "broker_queue_bytes",
        "broker_ttl",
        "feed_lease",
    ),
    "connections (times in seconds)": (
        "heartbeat_interval",
        "lifespan",
        "ping_interval",
        "ping_timeout",
        "outbox_bytes",
        "outbox_patience",
        "fanout_rest",
        "compress",
        "compress_min_bytes",
        "topic_grace",
        "close_grace",
    ),
    "limits": (
        "connections",
        "connections_per_address",
        "subscriptions_per_connection",
        "messages_per_second",
        "message_burst",
        "max_message_bytes",
        "max_errors",
        "errors_forgiven_per_minute",
    ),
    "who may (times in seconds)": (
        "token_key",
        "jwks_file",
        "jwks_url",
        "jwks_insecure",
        "jwks_refresh",
        "jwks_cooldown",
        "development_key",
        "token_issuer",
        "token_audience",
        "token_leeway",
        "token_grace",
        "anonymous",
        "authentication_timeout",
        "origins",
        "connections_per_user",
    ),
    "on call": ("metrics", "admin"),
    "drain (at the end; times in seconds)": ("drain_window", "drain_batch", "drain_deadline"),
}

_METAVARS: Mapping[str, str] = {
    "broker": "memory|URL",
    "host": "HOST",
    "forwarded_allow_ips": "ADDRESSES",
    "file": "FILE.csv",
    "symbol": "SYMBOL",
    "resolution": "RESOLUTION",
    "speed": "N|max",
    "token_key": "FILE",
    "jwks_file": "FILE",
    "jwks_url": "URL",
    "development_key": "FILE",
    "token_issuer": "ISS",
    "token_audience": "AUD",
    "origins": "all|ORIGIN,…",
    "admin": "HOST:PORT|unix:PATH",
}

_MAY_HOLD_SECRETS = frozenset({"broker", "jwks_url"})
"""Settings whose value is not repeated when it is refused."""

_EPILOG = f"""\
Every option is also an environment variable: --ping-interval is {ENVIRONMENT_PREFIX}PING_INTERVAL.
Options win.

examples:
  {_PROGRAM} serve                                        a simulated market on http://127.0.0.1:8000/demo
  {_PROGRAM} serve --host 0.0.0.0 --port 9000 --seed 7    another market, open to the network
  {_PROGRAM} serve --file eurusd-1h.csv --rate 50         rows of a file, fifty a second
  {_PROGRAM} serve --file eurusd-1h.csv --speed max --wait-for 4
                                                           all rows at once, when four clients listen
  {_PROGRAM} serve --file trades.csv --symbol BTCUSD --speed 60
                                                           trades, an hour of them a minute

The first row of a file names its columns. Bars have time (or timestamp, date, datetime), open, high, low, close and
volume. Trades have time, price, size (or qty, quantity, amount, volume) and, where they are known, side (of the
taker; or is_buyer_maker) and id (or trade_id): without a side, who raised the price bought and who lowered it
sold; without an id, they are numbered. Times are ISO 8601, UTC where they name no offset, or Unix seconds or
milliseconds; those of trades may be finer, and are cut to milliseconds. Trades may come late; an hour behind
others, they are played but change no bar any more.

Bars fold into coarser ones, trades into bars of every resolution, in UTC.

With --workers, SIGHUP replaces one worker after another; a second Ctrl-C or SIGTERM waits for nobody.

exit code: 0 after Ctrl-C or SIGTERM, 1 where port or file cannot be used, 2 for options that make no sense
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit 2."""
        self.exit(2, f"{self.prog}: {message} (--help tells more)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    if arguments is None:
        arguments = sys.argv[1:]
    command, given = _parsed(arguments)
    if command == "token":
        return run_token(given, _PROGRAM)
    if command == "top":
        return run_top(given, _PROGRAM)
    settings = _settings(given)
    if isinstance(settings, int):
        return settings
    try:
        return _serve(settings) if settings.workers == 1 else _supervise(settings, arguments)
    except KeyboardInterrupt:
        return 0


def read_serve(arguments: Sequence[str]) -> Settings | int:
    """The settings that `serve` and its options have, or, where it is told what is wrong with them, the exit code."""
    _, given = _parsed(arguments)
    return _settings(given)


def _parsed(arguments: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """What to do, and what was given for it."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    command = given.pop("command", None)
    if command is None:
        parser.error("say what to do: serve")
    return command, given


def _settings(given: Mapping[str, Any]) -> Settings | int:
    try:
        return Settings(**given)
    except ValidationError as error:
        for line in _complaints(error, given):
            print(f"{_PROGRAM} serve: {line}", file=sys.stderr)
        return 2


def _serve(settings: Settings) -> int:
    # Imported late, so that --help and a wrong option answer at once.
    from service.sockets import listen, url_of  # noqa: PLC0415

    sockets: list[socket.socket] = []

    def open_door() -> list[socket.socket]:
        sockets.extend(listen(settings.host, settings.port))
        return sockets

    def greet() -> None:
        # Not before: who reads it may send a signal at once, which is to be heeded.
        _greet(settings, url_of(sockets))

    code = serve_on(settings, open_door, greet)
    if code == 0:
        log.info(event("stopped", code=code))
    return code


def _greet(settings: Settings, url: str) -> None:
    """Say where it listens; where programs read the log, there."""
    if settings.log_format == "json":
        log.info(event("listening", url=url, workers=settings.workers))
        return
    with_workers = f" with {settings.workers} workers" if settings.workers > 1 else ""
    print(f"Tapewire listens on {url}{with_workers} (demo: {url}/demo); Ctrl-C ends it", flush=True)


def serve_on(
    settings: Settings,
    open_door: Callable[[], list[socket.socket]],
    on_started: Callable[[], None] | None = None,
) -> int:
    """Serve on the sockets that `open_door` gives once all else is ready; returns the exit code."""
    from service import logs  # noqa: PLC0415
    from service.access.problems import KeyProblem  # noqa: PLC0415
    from service.app import UnimplementedError, create_app  # noqa: PLC0415
    from service.feeds.table import TableError  # noqa: PLC0415
    from service.files import room_for  # noqa: PLC0415
    from service.metrics.admin import AdminUnusable  # noqa: PLC0415
    from service.server import run  # noqa: PLC0415

    logs.configure(
        settings.log_level, settings.log_format, burst=settings.log_burst, worker=environment.worker()
    )
    if environment.worker() is None:
        _tell_unknown()
    settings = settings.model_copy(update={"connections": room_for(settings.connections)})
    try:
        app = create_app(settings)
    except KeyProblem as problem:
        source = "" if problem.setting is None else _source(problem.setting, settings) + ": "
        return _fail(f"{_PROGRAM} serve: {source}{problem}", settings)
    except TableError as error:
        return _fail(str(error), settings)
    except UnimplementedError as error:
        return _fail(f"the contract asks for more than service/ has: {error}", settings)
    try:
        sockets = open_door()
    except (OSError, UnicodeError) as error:
        return _cannot_listen(settings, error)
    try:
        app.state.admin.listen()
    except AdminUnusable as error:
        return _fail(str(error), settings)
    run(app, settings, sockets, on_started)
    return 0


def _source(name: str, settings: Settings) -> str:
    """What a setting with this value was given by: an option, or a variable."""
    variable = ENVIRONMENT_PREFIX + name.upper()
    value = os.environ.get(variable)
    by_environment = value is not None and str(getattr(settings, name)) in (value, os.path.normpath(value))
    return variable if by_environment else "--" + name.replace("_", "-")


def _supervise(settings: Settings, arguments: Sequence[str]) -> int:
    from service import logs  # noqa: PLC0415
    from service.metrics.admin import AdminUnusable, Places  # noqa: PLC0415
    from service.metrics.places import place_of  # noqa: PLC0415
    from service.sockets import listen_apart, url_of  # noqa: PLC0415
    from service.workers.supervisor import Supervisor  # noqa: PLC0415

    logs.configure(settings.log_level, settings.log_format, burst=settings.log_burst)
    _tell_unknown()
    try:
        doors = listen_apart(settings.host, settings.port, settings.workers)
    except (OSError, UnicodeError) as error:
        return _cannot_listen(settings, error)
    admin = Places([] if settings.admin is None else [place_of(settings.admin)])
    try:
        admin.take()
    except AdminUnusable as error:
        return _fail(str(error), settings)
    url = url_of(doors[0])

    try:
        supervisor = Supervisor(settings, arguments, doors, admin.sockets)
        return asyncio.run(supervisor.run(lambda: _greet(settings, url)))
    finally:
        admin.give_back()


def _tell_unknown() -> None:
    """Warn of variables that look like settings and are none; not of their values, which may be secret."""
    from service.logs import event  # noqa: PLC0415

    for variable, meant in environment.unknown(ENVIRONMENT_PREFIX, Settings.model_fields):
        perhaps = {"did_you_mean": meant} if meant else {}
        log.warning(event("this environment variable is no setting", variable=variable, **perhaps))


def _cannot_listen(settings: Settings, error: Exception) -> int:
    reason = getattr(error, "strerror", None) or str(error)
    return _fail(
        f"cannot listen on {settings.host}:{settings.port}: {reason}; --host and --port choose another",
        settings,
    )


def _fail(message: str, settings: Settings) -> int:
    """Say in a line why nothing is served, for programs where these read the log; the exit code."""
    if settings.log_format == "json":
        logging.getLogger(__name__).error(event("cannot start", reason=message))
    else:
        print(message, file=sys.stderr)
    return 1


def _parser() -> _Parser:
    parser = _Parser(prog=_PROGRAM, description="Tapewire: market data over one WebSocket.")
    parser.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        default=argparse.SUPPRESS,
        help="say which version this is, and leave",
    )
    commands = parser.add_subparsers(dest="command", metavar="{serve,top,token}", parser_class=_Parser)
    serve = commands.add_parser(
        "serve",
        usage=f"{_PROGRAM} serve [options]",
        help="run the service; serve --help lists its options",
        description="Serve market data over one WebSocket, /api/v1/ws, and a page that draws it, /demo.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_token(commands, _PROGRAM)
    add_top(commands, _PROGRAM)
    for title, names in _GROUPS.items():
        group = serve.add_argument_group(title)
        for name in names:
            _add(group, name, Settings.model_fields[name])
    return parser


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from service.http import package_version  # noqa: PLC0415

        print(f"tapewire {package_version()}")
        parser.exit()


def _add(group: argparse._ArgumentGroup, name: str, field: FieldInfo) -> None:
    flag = "--" + name.replace("_", "-")
    text = field.description or ""
    if field.annotation is bool:
        group.add_argument(flag, dest=name, action="store_true", default=argparse.SUPPRESS, help=text)
        return
    if field.default is not None:
        default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        text += f" (default: {default})"
    choices = list(_literals(field.annotation))
    metavar = "{" + ",".join(choices) + "}" if choices else _METAVARS.get(name, "N")
    # What a value may be is for Settings to say, for flags and environment alike.
    group.add_argument(
        flag, dest=name, metavar=metavar, default=argparse.SUPPRESS, help=text.replace("%", "%%")
    )


def _literals(annotation: object) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))


def _complaints(error: ValidationError, given: Mapping[str, object]) -> Iterator[str]:
    """A line for each wrong setting, named as the user gave it."""
    seen: set[str] = set()
    for item in error.errors(include_url=False):
        message = item["msg"].removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
        if not item["loc"]:
            yield message
            continue
        name = str(item["loc"][0])
        if name in seen:
            continue
        seen.add(name)
        variable = ENVIRONMENT_PREFIX + name.upper()
        by_environment = name not in given and variable in map(str.upper, os.environ)
        source = variable if by_environment else "--" + name.replace("_", "-")
        # A URL may have a password in it, where one least expects it if it is written wrongly.
        given_as = "" if name in _MAY_HOLD_SECRETS else f" {item['input']!r}"
        yield f"{source}{given_as}: {message}"
