"""Of suppressions themselves: found by the engine, which knows what they were good for."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject


def _by_the_engine(_subject: Subject, _options: Options) -> Iterator[Said]:
    return iter(())


RULES = tuple(
    Rule(id_, "warning", _by_the_engine)
    for id_ in ("suppression-reason", "suppression-unknown", "suppression-unused")
)
