"""The drivers themselves."""

from __future__ import annotations

from tests.clients.drivers.elsewhere import HERE
from tests.typescript.packages import compile_package


def test_the_typescript_driver_has_right_types() -> None:
    """The compiler finds nothing wrong in the driver: it uses the package as its types say."""
    result = compile_package(HERE)
    assert result.stdout == ""
    assert result.returncode == 0
