"""Examples that their schemas accept, and that readers would rather not copy."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.schemas.formats import fits
from codegen.validate.examples import refusals


def _formats(subject: Subject, _options: Options) -> Iterator[Said]:
    """Texts that have not the format which their schema names; validators of draft 7 may pass that over."""
    if not subject.is_sound or not any("format" in subject.mapping(at) for at in subject.found("a schema")):
        return
    for refusal in refusals(subject.walk, fits):
        if refusal.keyword == "format":
            yield refusal.at, f"{refusal.what} has not the format that its schema names: {refusal.message}"


RULES = (Rule("example-format", "warning", _formats),)
