"""The project's own package, compiled once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.typescript.packages import SPEC, compile_package, write_package


@pytest.fixture(scope="session")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the project's own document, compiled."""
    package = write_package(SPEC, tmp_path_factory.mktemp("trading"))
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package
