"""The command line: `python -m codegen generate`.

Exit codes: 0 all is well; 1 the document has errors, or the output is stale; 2 the command line makes no
sense; 3 the generator itself is at fault.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from codegen.diagnostics import BadTemplateError, Diagnostic, DocumentError

OK, FAULTY, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130

_EXAMPLES = """\
examples:
  python -m codegen generate
      generate everything from spec/asyncapi.yaml into generated/
  python -m codegen generate --check
      write nothing; show what would change, and exit 1 if anything would
  python -m codegen generate --spec other/asyncapi.json --out build/other
      generate from another document, into another folder
  python -m codegen generate --templates my_templates
      take the templates in my_templates/ instead of the built-in ones of the same name

Mistakes in the document are printed as file:line:column: rule: message, all of them at once; nothing is
written while there are any.

exit codes: 0 done, or up to date; 1 mistakes in the document, or stale; 2 wrong usage; 3 a bug of ours
"""


class UsageError(Exception):
    """The command line asks for something that there is not."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Raises nothing but SystemExit, on --help and misuse."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Documents nest, and so do the calls that walk them; the loader bounds how deep.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return USAGE
    try:
        code = _COMMANDS[options.command](options)
    except DocumentError as error:
        _print_findings(error.diagnostics)
        code = FAULTY
    except BadTemplateError as error:
        _say(f"{_shown(error.place)}: template: {_one_line(error)}")
        code = FAULTY
    except UsageError as error:
        _say(f"error: {error}")
        code = USAGE
    except KeyboardInterrupt:
        _say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAULTY
    except Exception as error:  # noqa: BLE001 - the last place where a bug can be told of in a sentence
        code = _failed(error, options)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m codegen",
        description="Makes typed servers, clients and documentation from an AsyncAPI 2.x document.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    generate = commands.add_parser(
        "generate",
        help="generate code and documentation from a document",
        description="Generates models, handlers, clients and documentation from an AsyncAPI document.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    generate.add_argument(
        "--spec",
        default="spec/asyncapi.yaml",
        metavar="FILE",
        help="the document, YAML or JSON; its $refs may lead to other files (default: %(default)s)",
    )
    generate.add_argument(
        "--out",
        default="generated",
        metavar="DIR",
        help="where the generated files go; other files there are left alone (default: %(default)s)",
    )
    generate.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print a diff of what would change, and exit 1 if anything would",
    )
    generate.add_argument(
        "--templates",
        metavar="DIR",
        help="a folder of templates that replace the built-in ones of the same relative path",
    )
    return parser


def _generate(options: argparse.Namespace) -> int:
    from codegen.pipeline import run  # noqa: PLC0415 - --help should not wait for it
    from codegen.write import OutputError, check, write  # noqa: PLC0415

    out = Path(options.out)
    if not options.out or (out.exists() and not out.is_dir()):
        raise UsageError(f"--out: {options.out or 'an empty name'} is not a folder")
    templates = _templates(options.templates)
    generated = run(options.spec, templates)
    _print_warnings(generated.warnings)
    try:
        if options.check:
            difference = check(generated.files, out)
            sys.stdout.write(difference)
            sys.stdout.flush()
            if difference:
                _say(f"{out.as_posix()} is stale; run the same command without --check")
                return FAULTY
            print(f"{out.as_posix()}: up to date, {len(generated.files)} files")
            return OK
        report = write(generated.files, out)
    except OutputError as error:
        _say(f"error: {error}")
        return FAULTY
    for name in report.written:
        print(f"wrote {(out / name).as_posix()}")
    for name in report.removed:
        print(f"removed {(out / name).as_posix()}")
    print(f"{out.as_posix()}: {report}")
    return OK


_COMMANDS = {"generate": _generate}


def _templates(name: str | None) -> Path | None:
    """The folder of the user's templates, each of which must have a built-in one to replace."""
    if name is None:
        return None
    folder, built_in = Path(name), Path(__file__).with_name("templates")
    if not folder.is_dir():
        raise UsageError(f"--templates: there is no folder {name}")
    known = {path.relative_to(built_in).as_posix() for path in built_in.rglob("*") if path.is_file()}
    for path in sorted(folder.rglob("*")):
        template = path.relative_to(folder).as_posix()
        is_own = any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
        if path.is_file() and template == "models.py.jinja":
            raise UsageError(
                f"--templates: {path.as_posix()} replaces nothing: models.py comes from "
                "datamodel-code-generator and has no template; change the document's schemas instead"
            )
        if path.is_file() and not is_own and template not in known:
            from difflib import get_close_matches  # noqa: PLC0415 - only needed when something is wrong

            close = get_close_matches(template, known, 1)
            hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(sorted(known))}"
            raise UsageError(
                f"--templates: {path.as_posix()} replaces nothing, {hint} (what only your own templates "
                'include begins with "_")'
            )
    return folder


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _print_findings(findings: Sequence[Diagnostic]) -> None:
    for finding in findings:
        _say(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    counts = [_count(errors, "error")]
    if len(findings) > errors:
        counts.append(_count(len(findings) - errors, "warning"))
    _say(f"{' and '.join(counts)}; nothing was written")


def _print_warnings(warnings: Iterable[Diagnostic]) -> None:
    warnings = list(warnings)
    for warning in warnings:
        _say(str(warning))
    if warnings:
        _say(_count(len(warnings), "warning"))


def _failed(error: Exception, options: argparse.Namespace) -> int:
    """Tell of an exception that no stage meant to raise: a broken template, or a bug."""
    if os.environ.get("TAPEWIRE_DEBUG") == "1":
        traceback.print_exception(error)
    place = _template_place(error)
    if place is not None:
        _say(f"{place}: template: {_one_line(error)}")
        return FAULTY
    _say(f"internal error: {type(error).__name__}: {_one_line(error)} (with {options.spec})")
    _say("this is a bug in the generator, please report it; TAPEWIRE_DEBUG=1 shows where it happened")
    return BUG


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _template_place(error: Exception) -> str | None:
    """`file:line` in the template that an exception comes from; None if it comes from no template."""
    if "jinja2" not in sys.modules:
        return None
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError  # noqa: PLC0415 - loaded already

    if isinstance(error, TemplateSyntaxError):
        return f"{_shown(error.filename or error.name or 'template')}:{error.lineno}"
    place: str | None = None
    frame: TracebackType | None = error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if not name.endswith(".py") or "templates" in Path(name).parts:
            place = f"{_shown(name)}:{frame.tb_lineno}"
        frame = frame.tb_next
    if isinstance(error, TemplateNotFound | TemplateError):
        return place or "templates"
    # Any other exception is the template's fault only if it was raised by what the template itself says.
    return place


def _shown(name: str) -> str:
    path = Path(name)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.as_posix()
