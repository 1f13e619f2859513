"""`python -m service.web build`: when it works, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.web import build as building
from service.web.__main__ import main
from service.web.assets import DIST

ROOT = Path(__file__).resolve().parents[2]


def bundles() -> dict[str, bytes]:
    """Every file of the build."""
    return {str(path.relative_to(DIST)): path.read_bytes() for path in DIST.rglob("*") if path.is_file()}


def test_up_to_date_is_left_alone(pages: None, capsys: pytest.CaptureFixture[str]) -> None:
    """A second build finds nothing to do, and says so."""
    assert main(["build"]) == 0
    assert capsys.readouterr().out == "The pages are up to date.\n"


def test_needs_no_node_on_path(pages: None) -> None:
    """A build with an empty PATH uses the Node that came with the wheel, and makes the same bytes again."""
    before = bundles()
    done = subprocess.run(
        [sys.executable, "-m", "service.web", "build", "--force"],
        cwd=ROOT,
        env={**os.environ, "PATH": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert bundles() == before


def test_a_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fingerprint follows names and contents of what goes in."""
    monkeypatch.setattr(building, "PROJECT", tmp_path)
    first, second = tmp_path / "a.ts", tmp_path / "b.ts"
    first.write_text("1")
    prints = [building.fingerprint([first])]
    first.write_text("2")
    prints.append(building.fingerprint([first]))
    second.write_text("2")
    prints.append(building.fingerprint([second]))
    assert len(set(prints)) == 3


def test_without_the_generated_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The build names the command that makes what it lacks."""
    monkeypatch.setattr(building, "CLIENT", tmp_path / "none")
    assert main(["build"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("service.web: ")
    assert "python -m codegen generate" in said


def test_without_node(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The build names what installs Node where it is missing."""
    monkeypatch.setattr(building, "find_spec", lambda name: None)
    assert main(["build", "--force"]) == 1
    assert "pip install -e '.[dev]'" in capsys.readouterr().err


def test_sources_are_typed(pages: None) -> None:
    """TypeScript finds nothing wrong in the pages, nor in their use of the generated client."""
    node = building.find_node()
    compiler = building.MODULES / "typescript" / "bin" / "tsc"
    building.run([str(node.executable), str(compiler), "--noEmit"], node)


def test_a_failing_step_is_named(pages: None) -> None:
    """A program that fails ends the build with its name and its exit code."""
    node = building.find_node()
    with pytest.raises(building.BuildError, match=r"node -e .*failed with exit code 3"):
        building.run([str(node.executable), "-e", "process.exit(3)"], node)
