"""The rules that look for something, by what they look at."""

from __future__ import annotations

from typing import Final

from codegen.lint.rule import Rule
from codegen.lint.rules import bounds, suppressing

ALL: Final[tuple[Rule, ...]] = (*bounds.RULES, *suppressing.RULES)
"""In no order that matters."""
