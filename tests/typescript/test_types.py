"""What the generated types allow, and what they make a compile error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.typescript.packages import (
    COMPILERS,
    ROOT,
    check_programs,
    check_types,
    compile_package,
    write_package,
)

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_package(trading: Path, tmp_path: Path, compiler: str) -> None:
    """Right uses compile and wrong ones do not, with both versions of the compiler."""
    assert check_types(trading, tmp_path, (CASES / "trading.ts").read_text(), compiler) == ""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_entry_points(trading: Path, tmp_path: Path, compiler: str) -> None:
    """So do those of hooks and of the datafeed, beside React, Vue, and what TradingView's library takes."""
    assert check_types(trading, tmp_path, (CASES / "entries.ts").read_text(), compiler) == ""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_guide(trading: Path, tmp_path: Path, compiler: str) -> None:
    """The programs in the guide for front ends compile as they stand there."""
    text = (ROOT / "docs" / "frontend-guide.md").read_text(encoding="utf-8")
    found = re.findall(r"^ *```(tsx?)\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    assert len(found) == 6
    programs = {
        f"program{number}.{kind}": program.replace('"trading-client', '"package')
        for number, (kind, program) in enumerate(found)
    }
    assert check_programs(trading, tmp_path, programs, compiler, declarations=False) == ""


def test_wrong_uses_are_noticed(trading: Path, tmp_path: Path) -> None:
    """The check itself fails where a mistake that it expects is none."""
    found = check_types(trading, tmp_path, "// @ts-expect-error: none\nexport const fine = 1;\n")
    assert "Unused '@ts-expect-error'" in found


def test_the_readme(trading: Path, tmp_path: Path) -> None:
    """The programs in the package's README compile, one after another."""
    text = (trading / "README.md").read_text(encoding="utf-8")
    programs = [block for block in re.findall(r"```ts\n(.*?)```", text, re.DOTALL) if "/vue" not in block]
    assert len(programs) == 3
    assert check_types(trading, tmp_path, "".join(programs).replace("trading-client", "package")) == ""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a document full of names and schemas that are easily got wrong, compiled."""
    package = write_package(CASES / "odd.yaml", tmp_path_factory.mktemp("odd"))
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package


@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_odd_document(odd: Path, tmp_path: Path, compiler: str) -> None:
    """Names of TypeScript's own, quotes, comments' ends and every shape of schema keep their meaning."""
    assert check_types(odd, tmp_path, (CASES / "odd.ts").read_text(), compiler) == ""
    assert compile_package(odd, compiler).stdout == ""
