"""A document under review: what its authors may want to look at again, and what nothing can be generated with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from codegen.contract import Source
from codegen.diagnostics import Diagnostic, DocumentError
from codegen.document import Document
from codegen.lint.config import Config, ConfigError, find, read
from codegen.lint.findings import Finding, Report, Severity, ordered
from codegen.lint.registry import RULES
from codegen.lint.rule import Rule
from codegen.lint.suppressions import Complaint, Suppression, collect
from codegen.location import Key
from codegen.pipeline import Understood
from codegen.validate.shapes import Walk

__all__ = ["RULES", "Config", "ConfigError", "Finding", "Report", "Rule", "Severity", "find", "lint", "read"]

_SAYING_SO = frozenset({"foreign-keyword", "nullable-keyword"})


def lint(spec: str | Path, config: Config | None = None) -> Report:
    """All findings about a document, of every rule that is not off; a document that cannot be read has some too.

    Without a `config`, the one nearest to the document holds, see `config.find`.

    Raises:
        ConfigError: there is a configuration, and it makes no sense.

    """
    config = config if config is not None else find(Path(spec))
    document, walk, understood, diagnostics = _stages(spec)
    found = [*_graded(diagnostics, config)]
    if walk is not None:
        found += _own(walk, understood, config)
    if understood is not None:
        found += _unsaid(understood, config, {one.source for one in found if one.rule in _SAYING_SO})
    if document is not None:
        refused = {finding for finding in _graded(diagnostics, Config()) if finding.severity == "error"}
        found = _suppressed(document, found, config, refused)
    return Report(Path(spec).as_posix(), ordered(found))


def _stages(
    spec: str | Path,
) -> tuple[Document | None, Walk | None, Understood | None, list[Diagnostic]]:
    """A document as far as the stages of the generator understand it, and what they say of it."""
    from codegen.build import build_with_warnings  # noqa: PLC0415 - --help and --list are fast
    from codegen.load import read as load  # noqa: PLC0415
    from codegen.validate import examine  # noqa: PLC0415

    document, findings = load(spec)
    if document is None:
        return None, None, None, findings
    walk, found = examine(document)
    findings = [*findings, *found]
    if walk is None or any(finding.severity == "error" for finding in findings):
        return document, walk, None, findings
    try:
        contract, warnings = build_with_warnings(document, Path(document.root.file).name)
    except DocumentError as error:
        return document, walk, None, [*findings, *error.diagnostics]
    understood = Understood(document, contract, (*findings, *warnings))
    return document, walk, understood, [*findings, *warnings]


def _unsaid(understood: Understood, config: Config, told: set[Source]) -> Iterator[Finding]:
    """What the generated models do not enforce, where nobody has told of the keyword already.

    Of a format or a content that is not enforced one is reminded only: whether to check it draft 7 leaves to readers.
    """
    from codegen.render.unsaid import unsaid  # noqa: PLC0415 - see _stages

    for said in unsaid(understood):
        own: Severity = "info" if said.message.startswith(("`format:", "`content")) else "warning"
        severity = config.severity(said.rule, own)
        if (
            severity is not None
            and said.source not in told
            and not config.ignores(said.rule, said.source.file)
        ):
            yield Finding(said.rule, severity, said.source, said.message)


def _graded(diagnostics: Iterable[Diagnostic], config: Config) -> Iterator[Finding]:
    """What the stages said; their errors stay errors, whatever the configuration says."""
    for said in dict.fromkeys(diagnostics):
        severity: Severity | None = said.severity
        if said.severity != "error":
            severity = config.severity(said.rule, said.severity)
            if config.ignores(said.rule, said.source.file):
                severity = None
        if severity is not None:
            yield Finding(said.rule, severity, said.source, said.message)


def _own(walk: Walk, understood: Understood | None, config: Config) -> Iterator[Finding]:
    from codegen.lint.subject import Subject  # noqa: PLC0415 - see _stages

    subject = Subject(walk, understood)
    for rule in RULES.values():
        severity = config.severity(rule.id, rule.severity)
        if rule.check is None or severity is None:
            continue
        for at, message in rule.check(subject, config.option(rule.id)):
            source = walk.document.source(at)
            if not config.ignores(rule.id, source.file):
                yield Finding(rule.id, severity, source, message)


def _suppressed(
    document: Document, findings: list[Finding], config: Config, refused: set[Finding]
) -> list[Finding]:
    """The findings, those that somebody suppressed with the reason, and what is wrong with suppressions.

    What is `refused` keeps the generator from going on, and stands.
    """
    suppressions, complaints = collect(document)
    pointers = {
        (name, *place): pointer
        for name, file in document.files.items()
        for pointer, place in sorted(file.positions.items(), key=lambda entry: len(entry[0]))
    }
    found = []
    for finding in findings:
        source = finding.source
        pointer: tuple[Key, ...] = pointers.get((source.file, source.line, source.column), ())
        for one in suppressions if finding not in refused else ():
            if one.covers(finding.rule, source, pointer):
                one.used = True
                finding = replace(finding, suppressed=finding.suppressed or one.reason)  # noqa: PLW2901
        found.append(finding)
    complaints += [_unused(one, found) for one in suppressions if not one.used and _is_on(one, config)]
    for complaint in complaints:
        severity = config.severity(complaint.rule, RULES[complaint.rule].severity)
        if severity is not None and not config.ignores(complaint.rule, complaint.source.file):
            found.append(Finding(complaint.rule, severity, complaint.source, complaint.message))
    return found


def _is_on(suppression: Suppression, config: Config) -> bool:
    """Whether a suppression's rule would have spoken at all."""
    rule = RULES[suppression.rule]
    is_ignored = config.ignores(rule.id, suppression.source.file)
    return config.severity(rule.id, rule.severity) is not None and not is_ignored


_NEAR = 6
"""Lines within which a comment may have meant a finding that it is not at."""


def _unused(suppression: Suppression, findings: list[Finding]) -> Complaint:
    """That a suppression is not needed; or where it would be, if its rule has something to say nearby."""
    source, what = suppression.source, f'"{suppression.rule}" has nothing to say here'
    lines = [
        one.source.line
        for one in findings
        if one.rule == suppression.rule and one.suppressed is None and one.source.file == source.file
    ]
    near = min(lines, key=lambda line: abs(line - source.line), default=None)
    if suppression.line is not None and near is not None and abs(near - source.line) <= _NEAR:
        what += f", but in line {near}: put it at the end of that line, or above it"
    else:
        what += "; take the suppression away"
    return Complaint("suppression-unused", source, what)
