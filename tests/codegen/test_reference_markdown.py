"""Markdown that stays whole whatever words a document brings."""

from __future__ import annotations

import textwrap

from codegen.render.reference_markdown import Anchors, cell, code, settled


def test_settled_text_keeps_what_is_no_heading() -> None:
    """Code, lists and hashes within a line stay as they were written."""
    text = textwrap.dedent(
        """\
        C# and #1

        - one

        ```sh
        # a comment
        ```"""
    )
    assert settled(text) == text


def test_anchors_of_equal_headings_are_numbered() -> None:
    """As those who show Markdown do it: the second gets -1, and a number that is taken is passed over."""
    anchors = Anchors()
    headings = ("A b", "a-b", "a.b-1", "A b", "Straße: `x_y`", "!")
    assert [anchors.add(one) for one in headings] == ["a-b", "a-b-1", "ab-1", "a-b-2", "straße-x_y", ""]


def test_code_and_cells_hold_any_text() -> None:
    """Backticks within code get a longer fence, pipes within a table are escaped."""
    assert code("a`b") == "``a`b``"
    assert code("`a") == "`` `a ``"
    assert cell("a|b\nc") == "a\\|b c"
