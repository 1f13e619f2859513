"""The event loop that the service runs on in production."""

from tests.service.conftest import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
