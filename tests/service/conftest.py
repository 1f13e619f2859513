"""The event loop that the service runs on in production, and no settings but the tests' own."""

import asyncio
import os
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The tests' loop is uvloop's, as the service's is."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of whoever runs the tests do not reach them."""
    for name in list(os.environ):
        if name.upper().startswith("TAPEWIRE_") and name != "TAPEWIRE_DATA":
            monkeypatch.delenv(name)
