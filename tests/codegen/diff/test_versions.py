"""Versions: what changes ask for, and whether a document's own is as high."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.diff.changes import Change
from codegen.diff.reports import version_line
from codegen.diff.versions import follows, suggest
from codegen.semver import parse
from tests.codegen.diff.editing import GONE, Edits, compared

BREAKING = Change("breaking", "", None, "x", "")
DANGEROUS = Change("dangerous", "", None, "x", "")
HARMLESS = Change("compatible", "", None, "x", "")
NAMES = Change("dangerous", "", None, "x", "", scope="code")
WORDS = Change("compatible", "", None, "x", "", scope="docs")


@pytest.mark.parametrize(
    ("old", "changes", "wanted"),
    [
        ("1.4.2", (), "1.4.2"),
        ("1.4.2", (WORDS,), "1.4.3"),
        ("1.4.2", (WORDS, HARMLESS), "1.5.0"),
        ("1.4.2", (DANGEROUS,), "1.5.0"),
        ("1.4.2", (NAMES,), "1.5.0"),
        ("1.4.2", (HARMLESS, BREAKING), "2.0.0"),
        ("0.4.2", (BREAKING,), "0.5.0"),
        ("0.4.2", (HARMLESS,), "0.5.0"),
        ("v1.4", (BREAKING,), "2.0.0"),
        ("1", (HARMLESS,), "1.1.0"),
        ("2.0.0-rc.1", (BREAKING,), "2.0.0"),
        ("autumn", (BREAKING,), ""),
    ],
)
def test_changes_ask_for_a_version(old: str, changes: tuple[Change, ...], wanted: str) -> None:
    """Breaking asks for a major version, or minor before 1.0.0; other changes for a minor one; words for a patch."""
    assert suggest(old, changes) == wanted


@pytest.mark.parametrize(
    ("old", "new", "changes", "good"),
    [
        ("1.4.2", "1.4.2", (), True),
        ("1.4.2", "1.5.0", (), True),
        ("1.4.2", "1.4.1", (), False),
        ("1.4.2", "1.4.2", (WORDS,), False),
        ("1.4.2", "1.5.0", (HARMLESS,), True),
        ("1.4.2", "1.4.3", (HARMLESS,), False),
        ("1.4.2", "1.9.0", (BREAKING,), False),
        ("1.4.2", "2.0.0-beta.1", (BREAKING,), True),
        ("1.4.2", "3.0.0", (BREAKING,), True),
        ("2.0.0-rc.1", "2.0.0-rc.2", (BREAKING,), True),
        ("2.0.0-rc.2", "2.0.0-rc.1", (BREAKING,), False),
        ("2.0.0-rc.9", "2.0.0-rc.10", (BREAKING,), True),
        ("autumn", "autumn", (WORDS,), False),
        ("autumn", "winter", (BREAKING,), True),
        ("2026-01", "2026-02", (BREAKING,), True),
        ("1.0.0", "banana", (HARMLESS,), False),
        ("autumn", "1.0.0", (BREAKING,), True),
    ],
)
def test_a_version_follows_or_does_not(old: str, new: str, changes: tuple[Change, ...], good: bool) -> None:
    """It has to be at least what the changes ask for; a name that is no number has to be another one."""
    assert follows(old, new, changes) is good


def test_versions_are_ordered_as_semantic_versioning_has_it() -> None:
    """Numbers by value, what comes before a release before it, and among those numbers before words."""
    ordered = [
        "0.9.9",
        "1.0.0-1",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0",
        "1.10.0",
    ]
    parsed = [parse(text) for text in ordered]
    assert sorted(filter(None, reversed(parsed))) == parsed
    assert [parse(text) for text in ("", "1.2.3.4", "one", "1..2", "2026-01")] == [None] * 5


@pytest.mark.parametrize(
    ("edits", "suggested", "good"),
    [
        ({"/info/description": "Another."}, "1.4.3", False),
        ({"/info/description": "Another.", "/info/version": "1.4.3"}, "1.4.3", True),
        ({"/channels/strikes:{station}": GONE, "/info/version": "1.5.0"}, "2.0.0", False),
        ({"/channels/strikes:{station}": GONE, "/info/version": "2.0.0"}, "2.0.0", True),
        ({"/info/description": "Another.", "/info/version": "banana"}, "1.4.3", False),
    ],
)
def test_a_document_is_told_whether_its_version_follows(
    edits: Edits, suggested: str, good: bool, tmp_path: Path
) -> None:
    """The comparison carries both versions, the suggested one, and whether the new one is high enough."""
    comparison = compared(tmp_path, "topics", edits)
    assert (comparison.suggested_version, comparison.follows) == (suggested, good)
    assert ("does not follow" in version_line(comparison)) is not good
    assert good or suggested in version_line(comparison)
