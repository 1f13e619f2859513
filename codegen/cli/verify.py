"""`python -m codegen verify`: what a running server does against its contract."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from codegen.cli.saying import FAULTY, OK, USAGE, UsageError, print_findings, say
from codegen.diagnostics import DocumentError

HELP = "try a contract on a running server"
EXAMPLES = """\
examples:
  python -m codegen verify ws://localhost:8000/api/v1/ws
      try spec/asyncapi.yaml on a server
  python -m codegen verify chat/asyncapi.yaml ws://localhost:9000
      try another document; where the address has no path, the document's own is taken
  python -m codegen verify ws://localhost:8000/api/v1/ws --only things.subscribe --seed 7
      try one message (or one channel), with other made up values
  python -m codegen verify ws://localhost:8000/api/v1/ws --format json
      the violations, and what was tried, for programs

Sends every request with what the contract allows (the document's examples, then made up values) and with what
it does not (each keyword of its schema broken, at each depth), and checks every frame that comes. Keeps the
contract's limits itself, and begins nothing new after --time.

Each violation is told once, with the smallest frame that shows it, the line of the document that says otherwise,
and a command that shows it again; same seed, same frames. `--rules` lists what is looked for.

exit codes: 0 no violation; 1 violations, or mistakes in the document; 2 wrong usage, or no server; 3 a bug of ours
"""
DESCRIPTION = "Takes a running server, and tries on it whether it keeps the contract."


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    parser.add_argument(
        "doc", nargs="?", metavar="DOC", help="the document, YAML or JSON (default: spec/asyncapi.yaml)"
    )
    parser.add_argument("url", nargs="?", metavar="URL", help="the server: ws://… or wss://…")
    parser.add_argument("--seed", type=int, default=0, help="what values are made up from (default: 0)")
    parser.add_argument(
        "--examples",
        type=_count,
        default=5,
        metavar="N",
        help="made up frames for each message, beside the document's own (default: 5)",
    )
    parser.add_argument(
        "--time",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="begin nothing new after it (default: 60)",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="CHANNEL|MESSAGE",
        help="only this channel or message, or `envelope` for what is no request; may be repeated",
    )
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=5.0,
        metavar="SECONDS",
        help="how long an answer may take (default: 5)",
    )
    parser.add_argument(
        "--listen",
        type=_seconds,
        default=3.0,
        metavar="SECONDS",
        help="how long to wait for updates (default: 3)",
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        type=_header,
        metavar="NAME:VALUE",
        help="for the handshake, `Authorization: Bearer …` say; may be repeated",
    )
    parser.add_argument(
        "--token", help="sent first on each connection, where the document says so (x-authenticate)"
    )
    parser.add_argument(
        "--slow",
        action="store_true",
        help="try what takes long, too: the heartbeat's interval and lifespan as far as --time reaches, limits "
        "of hundreds of topics and connections",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: %(default)s)")
    parser.add_argument("--rules", action="store_true", help="list what is looked for, and do nothing else")


def run(options: argparse.Namespace) -> int:
    """Try the server; the exit code."""
    from codegen.pipeline import understand  # noqa: PLC0415 - --help should not wait for it
    from codegen.verify import RULES, MissingToolsError, Options, UnreachableError, verify  # noqa: PLC0415

    if options.rules:
        width = max(map(len, RULES))
        print("\n".join(f"{rule.ljust(width)}  {meaning}" for rule, meaning in RULES.items()))
        return OK
    doc, url = _operands(options.doc, options.url)
    try:
        understood = understand(doc)
    except DocumentError as error:
        print_findings(error.diagnostics, "nothing was tried")
        return FAULTY
    known = {one.key for one in understood.contract.messages}
    known |= {name for one in understood.contract.channels for name in (one.name, one.address)}
    unknown = [name for name in options.only if name not in known | {"envelope"}]
    if unknown:
        raise UsageError(f"--only: the document has no channel or message {unknown[0]!r}")
    chosen = Options(
        seed=options.seed,
        examples=options.examples,
        time=options.time,
        only=tuple(options.only),
        patience=options.patience,
        listen=options.listen,
        headers=tuple(options.header),
        token=options.token,
        slow=options.slow,
        progress=lambda line: say(f"… {line}"),
    )
    try:
        report = verify(understood, url, chosen)
    except UnreachableError as error:
        say(f"error: {error}{_hint(str(error))}")
        return USAGE
    except MissingToolsError as error:
        raise UsageError(str(error)) from error
    if options.format == "json":
        json.dump(report.json(), sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        print(report)
    return FAULTY if report.violations else OK


def _hint(said: str) -> str:
    """What to do about a server that lets nobody in."""
    if said.endswith("HTTP 401"):
        return " (say who asks: --header NAME:VALUE, or --token)"
    if said.endswith("HTTP 403"):
        return " (is the path right? or say who asks: --header NAME:VALUE, or --token)"
    return " (is the path right?)" if said.endswith("HTTP 404") else ""


def _operands(first: str | None, second: str | None) -> tuple[str, str]:
    """The document and the address, of which the former may be left out."""
    doc, url = ("spec/asyncapi.yaml", first) if second is None else (first or "", second)
    if url is None or (second is None and "://" not in url and Path(url).exists()):
        raise UsageError("give the address of a running server: ws://HOST:PORT/PATH")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - looked at only when it is asked for
    except ValueError as error:
        raise UsageError(f"{url} is no ws:// or wss:// address: {error}") from None
    if parts.scheme not in {"ws", "wss"} or not parts.netloc:
        raise UsageError(f"{url} is no ws:// or wss:// address")
    return doc, url


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError("give NAME:VALUE")
    return name.strip(), value.strip()


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError("give a whole number, 0 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("give seconds, above 0 and up to 86400")
    return seconds
