"""What acceptance tests share with others."""

from tests.typescript.conftest import trading

__all__ = ["trading"]
