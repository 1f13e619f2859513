"""Ruff, run once over all Python that was rendered."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from codegen.render.text import WIDTH

_RUFFS_WIDTH = "88"


def fault_of(source: str) -> str | None:
    """What keeps a text from being Python, with the line; None if nothing does."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        line = (error.text or "").strip()
        return f"line {error.lineno}: {error.msg}" + (f": {line}" if line else "")
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL; brackets without end
        return str(error) or type(error).__name__
    return None


def format_python(sources: Mapping[str, str]) -> dict[str, str]:
    """The same files without unused imports, imports sorted, formatted as ruff does by default at our width.

    RuntimeError, with ruff's own words, where a file is not Python.
    """
    with tempfile.TemporaryDirectory(prefix="render-") as name:
        folder = Path(name)
        for path, source in sources.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(source, encoding="utf-8", newline="\n")
        common = ["--isolated", "--no-cache", "--quiet", "--target-version", "py311"]
        # Imports are wrapped for ruff's own width too, so that they are sorted by whoever's configuration.
        _ruff(["check", "--select", "I,F401", "--fix", *common, "--line-length", _RUFFS_WIDTH, "."], folder)
        _ruff(["format", *common, "--line-length", str(WIDTH), "."], folder)
        return {path: (folder / path).read_text("utf-8") for path in sources}


def _ruff(arguments: list[str], folder: Path) -> None:
    command = [sys.executable, "-m", "ruff", *arguments]
    done = subprocess.run(  # noqa: S603 - the words are our own
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"ruff cannot read what was rendered:\n{done.stdout}{done.stderr}")
