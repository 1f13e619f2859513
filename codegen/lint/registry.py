"""All rules: those that look for something themselves, and what the stages of the generator report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from codegen.lint import rules, stages
from codegen.lint.rule import Rule

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in (*rules.ALL, *stages.ALL)}
"""By id."""
