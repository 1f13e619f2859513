"""`python -m codegen lint`: what to look at again in a document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.cli.arguments import add_document
from codegen.cli.saying import FAULTY, OK, UsageError

if TYPE_CHECKING:
    from codegen.lint import Config

HELP = "review a document: what is wrong, risky, unused or unsaid"
DESCRIPTION = (
    "Looks at an AsyncAPI 2.x document as a careful reviewer does, and says what it would ask about."
)
EXAMPLES = """\
examples:
  python -m codegen lint
      review spec/asyncapi.yaml
  python -m codegen lint other/asyncapi.json --fail-on warning
      review another document; exit 1 on warnings too
  python -m codegen lint --explain unbounded-string
      why a rule is there, with a bad example and a good one
  python -m codegen lint --list
      all rules, how bad each is, and whether it is on
  python -m codegen lint --select unbounded-string,unbounded-array
      look for these alone
  python -m codegen lint --format github
      for a GitHub workflow: annotations beside the lines

configuration: [tool.tapewire.lint] of the pyproject.toml nearest to the document, or tapewire-lint.toml:
  fail-on = "warning"
  rules.unbounded-number = "off"
  rules.property-name-style = {severity = "error", style = "snake_case"}
  per-file-ignores."vendor/**" = ["schema-description"]

leave a place as it is, with a reason (at the end of its line, on the line above, or, before anything else in a
file, for all of it); in JSON, beside the place:
  # lint: ignore unbounded-array - the server reads at most 64 KiB
  "x-lint-ignore": {"unbounded-array": "the server reads at most 64 KiB"}

exit codes: 0 fine; 1 errors (--fail-on, --max-warnings say what else); 2 wrong usage; 3 a bug of ours
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    add_document(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "github", "markdown"),
        default="text",
        help="how findings are told (default: %(default)s)",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the configuration, instead of the one nearest to the document"
    )
    parser.add_argument(
        "--select", action="append", default=[], metavar="RULES", help="look for these rules alone (a,b)"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="RULES", help="do not look for these rules (a,b)"
    )
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "info", "never"),
        help="exit 1 on findings that are as bad, or worse (default: error)",
    )
    parser.add_argument(
        "--max-warnings", type=int, metavar="N", help="exit 1 on more than N warnings, whatever else"
    )
    parser.add_argument(
        "--show",
        choices=("error", "warning", "info"),
        default="info",
        help="tell of findings that are as bad, or worse (default: %(default)s)",
    )
    parser.add_argument(
        "--show-suppressed", action="store_true", help="tell of suppressed findings too, with the reason"
    )
    parser.add_argument(
        "--all", action="store_true", help="as text: tell every remark, of however many of one rule"
    )
    parser.add_argument("--explain", metavar="RULE", help="print the page of a rule, and do nothing else")
    parser.add_argument("--list", action="store_true", help="print all rules, and do nothing else")


def run(options: argparse.Namespace) -> int:
    """Review a document, or explain rules; the exit code."""
    from codegen.lint import ConfigError, find, lint, read  # noqa: PLC0415 - --help should not wait
    from codegen.lint.findings import SEVERITIES  # noqa: PLC0415

    if options.explain is not None:
        return _explain(options.explain)
    if options.max_warnings is not None and options.max_warnings < 0:
        raise UsageError("--max-warnings is a whole number, at least 0")
    try:
        document = Path(options.document)
        config: Config = read(Path(options.config)) if options.config else find(document)
        config = config.narrowed(_names(options.select), _names(options.ignore))
    except ConfigError as error:
        raise UsageError(str(error)) from None
    if options.list:
        return _list(config)
    report = lint(options.document, config)
    worse = SEVERITIES[: SEVERITIES.index(options.show) + 1]
    shown = [
        finding
        for finding in (report.findings if options.show_suppressed else report.standing)
        if finding.severity in worse
    ]
    from codegen.lint import reports  # noqa: PLC0415

    match options.format:
        case "json":
            sys.stdout.write(reports.to_json(report))
        case "github":
            sys.stdout.write(reports.github(report, shown=shown))
        case "markdown":
            sys.stdout.write(reports.markdown(report, shown=shown))
        case _:
            sys.stdout.write(reports.text(report, shown=shown, fold=not options.all))
    sys.stdout.flush()
    level = config.fail_on
    if options.fail_on is not None:
        level = next((severity for severity in SEVERITIES if severity == options.fail_on), None)
    most = options.max_warnings if options.max_warnings is not None else config.max_warnings
    return FAULTY if report.fails(level, most) else OK


def _names(lists: list[str]) -> list[str]:
    return [name.strip() for one in lists for name in one.split(",") if name.strip()]


def _explain(name: str) -> int:
    from codegen.lint import RULES  # noqa: PLC0415
    from codegen.validate.words import hint  # noqa: PLC0415

    if name not in RULES:
        raise UsageError(f'there is no rule "{name}"{hint(name, RULES)}; --list names them all')
    print(RULES[name].page.rstrip())
    rule = RULES[name]
    stays = "; it cannot be turned off or suppressed" if rule.refuses else ""
    print(f"\nSeverity: {rule.severity}{stays}.")
    for key, option in rule.options.items():
        choices = f" (one of {', '.join(option.choices)})" if option.choices else ""
        print(f"Option `{key}` = {option.default!r}: {option.description}{choices}")
    return OK


def _list(config: Config) -> int:
    from codegen.lint import RULES  # noqa: PLC0415

    width = max(map(len, RULES))
    for name in sorted(RULES, key=lambda name: (RULES[name].origin != "lint", name)):
        rule = RULES[name]
        severity = config.severity(name, rule.severity) or "off"
        print(f"{name:{width}}  {severity:7}  {rule.origin:8}  {rule.summary}")
    return OK
