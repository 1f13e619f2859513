"""The command line: `python -m codegen COMMAND`, a module here for each command.

A command's module offers `HELP`, `DESCRIPTION`, `EXAMPLES`, `configure(parser)` and `run(options) -> int`; it is
imported when the command line is read, so it imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

from codegen.cli import diff, generate, lint, mock, release, review, verify
from codegen.cli.saying import (
    BUG,
    FAULTY,
    INTERRUPTED,
    USAGE,
    UsageError,
    one_line,
    print_findings,
    say,
    shown,
)
from codegen.diagnostics import BadTemplateError, DocumentError


class Command(Protocol):
    """What a command's module offers."""

    HELP: str
    """In the list of commands."""
    DESCRIPTION: str
    EXAMPLES: str
    """Below its own `--help`: what one types, and what the exit codes mean."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Say what the command line takes."""

    def run(self, options: argparse.Namespace) -> int:
        """Carry the command out; the exit code.

        Raises:
            DocumentError: something is wrong with the document.
            UsageError: the command line makes no sense.

        """
        ...


_DEEP = 10_000
_COMMANDS: dict[str, Command] = {
    "generate": generate,
    "lint": lint,
    "diff": diff,
    "release": release,
    "mock": mock,
    "verify": verify,
    "review": review,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Raises nothing but SystemExit, on --help and misuse."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser, commands = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:  # said with the usage of the command that does not know it
        commands.get(options.command, parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    if options.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    # Documents nest, and so do the calls that walk them; the loader bounds how deep.
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _DEEP))
    try:
        return _carried_out(options)
    finally:
        sys.setrecursionlimit(usual)


def _carried_out(options: argparse.Namespace) -> int:
    try:
        code = _COMMANDS[options.command].run(options)
    except DocumentError as error:
        print_findings(error.diagnostics)
        code = FAULTY
    except BadTemplateError as error:
        say(f"{shown(error.place)}: template: {one_line(error)}")
        code = FAULTY
    except UsageError as error:
        say(f"error: {error}")
        code = USAGE
    except KeyboardInterrupt:
        say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAULTY
    except Exception as error:  # noqa: BLE001 - the last place where a bug can be told of in a sentence
        code = _failed(error, options)
    return code


def _parser() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The whole command line, and that of each command."""
    parser = argparse.ArgumentParser(
        prog="python -m codegen",
        description="Makes typed servers, clients and documentation from an AsyncAPI 2.x document.",
        epilog=generate.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    named: dict[str, argparse.ArgumentParser] = {}
    for name, module in _COMMANDS.items():
        command = named[name] = commands.add_parser(
            name,
            help=module.HELP,
            description=module.DESCRIPTION,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(command)
    return parser, named


def _failed(error: Exception, options: argparse.Namespace) -> int:
    """Tell of an exception that no stage meant to raise: a broken template, or a bug."""
    if os.environ.get("TAPEWIRE_DEBUG") == "1":
        traceback.print_exception(error)
    place = _template_place(error)
    if place is not None:
        say(f"{place}: template: {one_line(error)}")
        return FAULTY
    say(f"internal error: {type(error).__name__}: {one_line(error)}")
    say("this is a bug in the generator, please report it; TAPEWIRE_DEBUG=1 shows where it happened")
    return BUG


def _template_place(error: Exception) -> str | None:
    """`file:line` in the template that an exception comes from; None if it comes from no template."""
    if "jinja2" not in sys.modules:
        return None
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError  # noqa: PLC0415 - loaded already

    if isinstance(error, TemplateSyntaxError):
        return f"{shown(error.filename or error.name or 'template')}:{error.lineno}"
    place: str | None = None
    frame: TracebackType | None = error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if not name.endswith(".py") or "templates" in Path(name).parts:
            place = f"{shown(name)}:{frame.tb_lineno}"
        frame = frame.tb_next
    if isinstance(error, TemplateNotFound | TemplateError):
        return place or "templates"
    # Any other exception is the template's fault only if it was raised by what the template itself says.
    return place
