"""What each room of the checkout must not know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKET = re.compile(
    r"\b(aapl|bars|bids?|candles?|instruments?|markets?|marketdata|ohlcv?|order ?books?|prices?|stocks?"
    r"|trades?|trading)\b",
    re.IGNORECASE,
)


def imports(path: Path) -> Iterator[str]:
    """The first part of every absolute import of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize(
    ("room", "strangers"),
    [
        ("codegen", {"generated", "service", "tests"}),
        ("generated", {"codegen", "generated", "service", "tests"}),
        ("service", {"codegen", "tests"}),
    ],
)
def test_imports_go_one_way(room: str, strangers: set[str]) -> None:
    """Of the rooms, codegen and generated import none, not even themselves; service imports generated alone."""
    modules = [path for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]
    assert modules
    found = {
        f"{path.relative_to(ROOT)}: {name}" for path in modules for name in imports(path) if name in strangers
    }
    assert found == set()


def test_the_generator_knows_no_word_of_the_market() -> None:
    """Neither code nor templates nor run-time files of codegen/ speak of what this service trades in."""
    files = [path for path in (ROOT / "codegen").rglob("*") if path.suffix in {".py", ".ts", ".jinja"}]
    assert files
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MARKET.search(line)
    ]
    assert found == []
