"""The browser that tests need."""

from __future__ import annotations

import os

import pytest

from tests.browser.chromium import find_chromium


def required_chromium() -> str:
    """The browser's program. Skips where there is none; on CI, where one is installed, that is a failure."""
    program = find_chromium()
    if program is None:
        message = "Chromium is not installed: `apt-get install chromium`, or set CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return program
