"""Golden cases: what the generator writes for small documents, to the letter, and that it runs and type-checks.

That their TypeScript compiles is for tests/typescript to say.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codegen.golden import cases, is_copied, outputs

CASES = cases()


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole output of every case as a package: `golden_<case>`."""
    root = tmp_path_factory.mktemp("golden")
    for case in CASES:
        for name, text in outputs(case).items():
            path = root / package(case) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return root


def package(case: Path) -> str:
    """The name of a case's package."""
    return "golden_" + case.name.replace("-", "_")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_output_is_as_expected(case: Path) -> None:
    """The document gives exactly the expected files: none missing, none besides, no byte different."""
    expected = {
        path.relative_to(case / "expected").as_posix(): path.read_text(encoding="utf-8")
        for path in (case / "expected").rglob("*")
        if path.is_file()
    }
    actual = {name: text for name, text in outputs(case).items() if not is_copied(name)}
    assert expected.keys() == actual.keys()
    for name, text in actual.items():
        assert expected[name] == text, f"{name}: run `nox -s accept` and read the diff"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_python_imports(case: Path, generated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python module of the output can be imported under a package name of one's choice."""
    monkeypatch.syspath_prepend(str(generated))
    root = generated / package(case)
    modules = sorted(path.relative_to(generated).with_suffix("") for path in root.rglob("*.py"))
    assert modules
    for module in modules:
        importlib.import_module(".".join(module.parts).removesuffix(".__init__"))


def test_python_type_checks(generated: Path) -> None:
    """Mypy, strict, has nothing to say about the Python output of any case."""
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            *[word for case in CASES for word in ("-p", package(case))],
        ],
        cwd=generated,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
