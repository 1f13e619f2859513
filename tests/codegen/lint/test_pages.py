"""Every rule has a page, and what its page shows is so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.lint import RULES, lint
from codegen.lint.rule import PAGES
from tests.codegen.lint.pages import example

_BEGIN = "asyncapi: 2.6.0\ninfo: {title: Example, version: 1.0.0}\n"


def _encoding(folder: Path) -> None:
    (folder / "asyncapi.yaml").write_bytes(b"asyncapi: 2.6.0\ninfo: {title: Caf\xe9, version: 1.0.0}\n")


def _nothing(_folder: Path) -> None:
    pass


def _deep(folder: Path) -> None:
    (folder / "asyncapi.yaml").write_text("x-notes: " + "[" * 101 + "]" * 101)


def _wide(folder: Path) -> None:
    arms = ", ".join(f"{{const: {number}}}" for number in range(600))
    text = f"{_BEGIN}channels: {{chat: {{subscribe: {{message: {{payload: {{oneOf: [{arms}]}}}}}}}}}}\n"
    (folder / "asyncapi.yaml").write_text(text)


def _aliases(folder: Path) -> None:
    lines = ["a0: &a0 [" + ", ".join(["one"] * 10) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 6)]
    (folder / "asyncapi.yaml").write_text("\n".join(lines))


_IN_FILES: dict[str, tuple[Callable[[Path], None], int]] = {
    "encoding": (_encoding, 2),
    "file": (_nothing, 1),
    "too-deep": (_deep, 1),
    "too-many-aliases": (_aliases, 6),
    "union-too-wide": (_wide, 3),
}
"""For what no page can show: how to make such a document, and the line of the finding."""

_BEHIND = frozenset({"message", "payload-schema", "payload-unnamed", "x-close-codes", "x-limits"})
"""What `build` says for itself, of documents that `validate` refuses before: see `test_stages`."""


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    """A page is named like its rule, begins with its name, and says in one sentence what it is about."""
    assert {path.stem for path in PAGES.glob("*.md")} == set(RULES)
    for rule in RULES.values():
        assert rule.page.startswith(f"# {rule.id}\n\n")
        assert rule.summary.endswith("."), rule.id
        assert len(rule.summary) < 120, rule.id


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_bad_example_triggers_its_rule_and_no_other(rule: str, tmp_path: Path) -> None:
    """The finding stands at the line that the page marks, and nothing else is wrong with the example."""
    bad = example(rule, "Bad")
    if bad is None:
        if rule in _BEHIND:
            pytest.skip("see test_stages")
        make, line = _IN_FILES[rule]
        make(tmp_path)
        found = lint(tmp_path / "asyncapi.yaml").findings
        assert [(one.rule, one.source.line) for one in found if one.severity == "error"] == [(rule, line)]
        return
    found = bad.findings(tmp_path, rule)
    own = [one for one in found if one.rule == rule]
    assert {one.rule for one in found} - bad.also == {rule}, "\n".join(map(str, found))
    assert sorted({one.source.line for one in own}) == sorted(bad.lines), "\n".join(map(str, found))
    name = bad.file or ("asyncapi.json" if bad.is_json else "asyncapi.yaml")
    assert {Path(one.source.file).name for one in own} == {name}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_good_example_is_faultless(rule: str, tmp_path: Path) -> None:
    """The good example is a document of which nothing worse than a remark is said."""
    good = example(rule, "Good")
    assert good is not None
    assert [one for one in good.findings(tmp_path, rule) if one.rule not in good.also] == []
