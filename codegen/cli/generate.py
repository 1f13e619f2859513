"""`python -m codegen generate`: code and documentation from a document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen.cli.saying import FAULTY, OK, UsageError, print_warnings, say

HELP = "generate code and documentation from a document"
EXAMPLES = """\
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
DESCRIPTION = "Generates models, handlers, clients and documentation from an AsyncAPI document."


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    parser.add_argument(
        "--spec",
        default="spec/asyncapi.yaml",
        metavar="FILE",
        help="the document, YAML or JSON; its $refs may lead to other files (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        default="generated",
        metavar="DIR",
        help="where the generated files go; other files there are left alone (default: %(default)s)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print a diff of what would change, and exit 1 if anything would",
    )
    parser.add_argument(
        "--templates",
        metavar="DIR",
        help="a folder of templates that replace the built-in ones of the same relative path",
    )


def run(options: argparse.Namespace) -> int:
    """Generate, or check; the exit code."""
    from codegen.pipeline import run as generate  # noqa: PLC0415 - --help should not wait for it
    from codegen.write import OutputError, check, write  # noqa: PLC0415

    out = Path(options.out)
    if not options.out or (out.exists() and not out.is_dir()):
        raise UsageError(f"--out: {options.out or 'an empty name'} is not a folder")
    templates = _templates(options.templates)
    generated = generate(options.spec, templates, out)
    print_warnings(generated.warnings)
    try:
        if options.check:
            difference = check(generated.files, out)
            sys.stdout.write(difference)
            sys.stdout.flush()
            if difference:
                say(f"{out.as_posix()} is stale; run the same command without --check")
                return FAULTY
            print(f"{out.as_posix()}: up to date, {len(generated.files)} files")
            return OK
        report = write(generated.files, out)
    except OutputError as error:
        say(f"error: {error}")
        return FAULTY
    for name in report.written:
        print(f"wrote {(out / name).as_posix()}")
    for name in report.removed:
        print(f"removed {(out / name).as_posix()}")
    print(f"{out.as_posix()}: {report}")
    return OK


def _templates(name: str | None) -> Path | None:
    """The folder of the user's templates, each of which must have a built-in one to replace."""
    if name is None:
        return None
    folder, built_in = Path(name), Path(__file__).parents[1] / "templates"
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
