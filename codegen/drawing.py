"""hypothesis-jsonschema's strategies, with the hypothesis that is installed."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any


def strategies() -> Any:  # noqa: ANN401 - its own type says as little
    """`hypothesis_jsonschema.from_schema`. Raises ImportError where it is not installed.

    It draws objects with a counter of hypothesis's own that has another interface in newer versions.
    """
    from hypothesis.internal.conjecture.utils import many  # noqa: PLC0415 - takes long, and may not be installed
    from hypothesis_jsonschema import from_schema  # noqa: PLC0415

    within: Any = import_module("hypothesis_jsonschema._from_schema")
    if not hasattr(many, "more") and not isinstance(within.cu, SimpleNamespace):

        class Many(many):
            """Asks for each element by `more()`."""

            def more(self) -> bool:
                if self._depth is None:
                    self.__enter__()
                    self._elements = iter(self)
                if next(self._elements, self) is not self:
                    return True
                self.__exit__(None)
                return False

        within.cu = SimpleNamespace(many=Many)
    return from_schema
