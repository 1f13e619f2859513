"""A built set of pages, and a tab that complains loudly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from service.web.build import BuildError, build
from tests.browser.chromium import Page, attach


class Visit(Protocol):
    """Opens an address in a tab of its own; in the end nothing may have been complained of."""

    def __call__(self, url: str) -> AbstractAsyncContextManager[Page]:
        """The tab, while the context lasts."""
        ...


@pytest.fixture(scope="session")
def pages() -> None:
    """The pages as their sources are now."""
    try:
        build()
    except BuildError as error:
        pytest.fail(str(error))


@pytest.fixture
def visit(pages: None, devtools: str) -> Visit:
    """Opens pages."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Page]:
        async with attach(devtools) as browser, browser.page() as page:
            await page.goto(url)
            yield page
            assert page.complaints == []
            assert page.hosts() == {urlsplit(url).netloc}

    return opened
