"""What the stages of the generator can report, collected from their code: each is a rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.build import build
from codegen.contract import Json
from codegen.diagnostics import DocumentError
from codegen.lint import RULES, lint
from codegen.load import from_data
from codegen.render.unsaid import RULE as UNSAID

CODEGEN = Path(__file__).resolve().parents[3] / "codegen"
FAULTS = Path(__file__).resolve().parents[1] / "faults"
_STAGES = {
    "load": ("load.py",),
    "syntax": ("syntax",),
    "validate": ("validate",),
    "build": ("build",),
}
_TELLERS = {"report": "error", "error": "error", "stop": "error", "warn": "warning", "tell": "either"}
_TOPICS = frozenset({"x-history", "x-snapshot", "x-state"})
_THROUGH = {
    ("build/topic_checks.py", "name"): _TOPICS,
    ("build/topics.py", "rule"): frozenset({"x-history", "x-state"}),
    ("load.py", "rule"): frozenset({"file", "ref-file"}),
    ("load.py", "'ref-file' if wanted_at else 'file'"): frozenset({"file", "ref-file"}),
    ("validate/extensions.py", "name"): frozenset({"x-heartbeat", "x-authenticate"}),
    ("validate/rules.py", "rule"): frozenset(
        {"operation-id-unique", "message-id-unique", "channel-parameters", "server-variables"}
    ),
    # What passes an id on that somebody else named.
    ("build/context.py", "rule"): frozenset(),
    ("syntax/nodes.py", "rule"): frozenset(),
    ("validate/shapes.py", "rule"): frozenset(),
}
"""Where an id is no text in the call: the ids that it may be."""


def _calls(stage: str) -> Iterator[tuple[str, str, ast.expr]]:
    """File, who tells, and the id, of every finding that a stage can report."""
    for name in _STAGES[stage]:
        paths = [CODEGEN / name] if name.endswith(".py") else sorted((CODEGEN / name).glob("*.py"))
        for path in paths:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or len(node.args) < 2:
                    continue
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in _TELLERS or called == "Diagnostic":
                    yield path.relative_to(CODEGEN).as_posix(), called, node.args[1]


def _reported(stage: str) -> Iterator[str]:
    for file, _, said in _calls(stage):
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            yield said.value
        else:
            assert (file, ast.unparse(said)) in _THROUGH, f"{file}: which ids can {ast.unparse(said)!r} be?"
            yield from _THROUGH[file, ast.unparse(said)]


@pytest.mark.parametrize("stage", _STAGES)
def test_all_that_a_stage_reports_is_a_rule(stage: str) -> None:
    """An id in the code of a stage without a rule, or a rule that no stage reports, is found here."""
    reported = set(_reported(stage))
    assert reported <= set(RULES), reported - set(RULES)
    everywhere = {id_ for other in _STAGES for id_ in _reported(other)}
    assert {rule.id for rule in RULES.values() if rule.origin == stage} <= everywhere


def test_what_models_cannot_say_is_a_rule() -> None:
    """The renderer's own finding is one of the rules."""
    assert RULES[UNSAID].origin == "render"


def test_every_rule_has_one_origin() -> None:
    """What lint looks for itself has a check, what the stages report has none."""
    assert all((rule.check is not None) == (rule.origin == "lint") for rule in RULES.values())


def test_warnings_of_stages_are_not_fixed() -> None:
    """A rule that the code warns by somewhere can be configured; one that is an error everywhere cannot."""
    warned = {
        said.value
        for stage in _STAGES
        for _, teller, said in _calls(stage)
        if teller in ("warn", "tell") and isinstance(said, ast.Constant) and isinstance(said.value, str)
    }
    assert not [id_ for id_ in warned if RULES[id_].refuses]


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("message", {"channels": {"chat": {"subscribe": {"message": "Good morning."}}}}),
        ("payload-schema", {"channels": {"chat": {"subscribe": {"message": {"payload": "Good morning."}}}}}),
        ("x-limits", {"channels": {}, "x-limits": {"message_bytes": 0}}),
        ("x-close-codes", {"channels": {}, "x-close-codes": [{"code": 1, "name": "one", "client": "stop"}]}),
    ],
)
def test_what_build_says_for_itself(rule: str, fields: dict[str, Json]) -> None:
    """Of a document that went past `validate`, as no document does that is reviewed."""
    document, _ = from_data({"asyncapi": "2.6.0", "info": {"title": "Example", "version": "1.0.0"}, **fields})
    with pytest.raises(DocumentError) as raised:
        build(document, "asyncapi.json")
    assert {finding.rule for finding in raised.value.diagnostics} == {rule}


@pytest.mark.parametrize("case", sorted(path.name for path in FAULTS.iterdir() if path.is_dir()))
def test_faulty_documents_have_findings_and_no_tracebacks(case: str) -> None:
    """Whatever is wrong with a document, a review of it comes to its end, and all that it says has a page."""
    documents = [path for path in (FAULTS / case).iterdir() if path.name.startswith("asyncapi.")]
    for document in documents or [FAULTS / case / "asyncapi.yaml"]:
        report = lint(document)
        assert report.counts["error"] > 0
        assert {finding.rule for finding in report.findings} <= set(RULES)
