"""Documents with mistakes, one kind a folder, and what the command line says of each.

    tests/codegen/faults/<case>/asyncapi.yaml or .json    the document
    tests/codegen/faults/<case>/stderr.txt                what is printed, to the letter

`python -m tests.codegen.test_cli_faults` takes what is printed today as expected.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = Path(__file__).with_name("faults")
ROOT = FAULTS.parent.parent.parent


def cases() -> list[Path]:
    """The documents of all cases, in order of name."""
    return sorted(FAULTS.glob("*/asyncapi.*"))


def run(document: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Generate from a document, standing in its folder as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "codegen", "generate", "--spec", document.name, "--out", str(out)],
        cwd=document.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("document", cases(), ids=lambda path: path.parent.name)
def test_every_mistake_is_named_by_its_line_and_nothing_is_written(document: Path, tmp_path: Path) -> None:
    """Every mistake is printed as file:line:column: rule: message; the exit code is 1 and no file appears."""
    out = tmp_path / "out"
    result = run(document, out)
    assert result.stderr == (document.parent / "stderr.txt").read_text(encoding="utf-8")
    assert result.returncode == 1
    assert result.stdout == ""
    assert not out.exists()


if __name__ == "__main__":
    for case in cases():
        text = run(case, FAULTS / "never").stderr
        (case.parent / "stderr.txt").write_text(text, encoding="utf-8")
        print(f"# {case.parent.name}\n{text}")
