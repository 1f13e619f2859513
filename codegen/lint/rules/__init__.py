"""The rules that look for something, by what they look at."""

from __future__ import annotations

from typing import Final

from codegen.lint.rule import Rule
from codegen.lint.rules import (
    bounds,
    conversations,
    discriminators,
    documentation,
    impossible,
    keywords,
    naming,
    numbers,
    patterns,
    samples,
    secrets,
    servers,
    suppressing,
    unions,
    unused,
)

ALL: Final[tuple[Rule, ...]] = (
    *naming.RULES,
    *documentation.RULES,
    *unused.RULES,
    *conversations.RULES,
    *unions.RULES,
    *discriminators.RULES,
    *bounds.RULES,
    *numbers.RULES,
    *patterns.RULES,
    *keywords.RULES,
    *samples.RULES,
    *impossible.RULES,
    *secrets.RULES,
    *servers.RULES,
    *suppressing.RULES,
)
"""As `--list` tells them, before it sorts."""
