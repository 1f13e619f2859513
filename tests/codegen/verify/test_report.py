"""The report: what is one fault is told once."""

from __future__ import annotations

import pytest

from codegen.verify.report import Violation, told_once


def violation(rule: str, message: str, came: str, times: int = 1) -> Violation:
    """Something that a server did."""
    return Violation(rule, message, f"{message} costs the connection", "{}", came, None, None, "again", times)


@pytest.mark.parametrize("rule", ["closed", "broken-closed", "close-undeclared"])
def test_a_server_that_closes_whatever_is_sent_is_told_of_once(rule: str) -> None:
    """The first message stands for all that end in the same way, with how many there are; others stay by themselves."""
    other = violation("id-echo", "ping", "{}")
    found = [violation(rule, name, "closed with 1011", 2) for name in "abcdefghijjk"]
    lone = violation(rule, "z", "closed with 1000")
    first, *rest = told_once([found[0], other, *found[1:], lone])
    assert first.detail == "a costs the connection; the same with 10 other messages"
    assert (first.message, first.times) == ("a", 24)
    assert rest == [other, lone]


def test_few_messages_that_end_a_connection_are_told_of_each() -> None:
    """Three faults of three messages are three."""
    found = tuple(violation("closed", name, "closed with 1011") for name in "abc")
    assert told_once(found) == found
