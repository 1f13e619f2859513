"""What tests of all kinds share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import chromium
from tests.browser.required import required_chromium
from tests.valkey import ValkeyServer, valkey_server


@pytest.fixture(scope="session")
def devtools() -> Iterator[str]:
    """One browser for all pages, each of which has a tab of its own; its DevTools' address.

    What a page keeps is kept by host and port, and no two tests have these in common. Skips where there is none; on
    CI, where one is installed, that is a failure.
    """
    with chromium(required_chromium()) as address:
        yield address


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A real Valkey server of the test's own, running and empty."""
    with valkey_server() as server:
        yield server
