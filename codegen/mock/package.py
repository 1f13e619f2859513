"""The code that is generated of a document, imported for as long as a mock serves it."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import codegen.runtime.python as runtime
from codegen.contract import Contract
from codegen.render import render

_numbers = count(1)


_last: list[tuple[Contract, dict[str, str]]] = []


def _rendered(contract: Contract) -> dict[str, str]:
    """The modules of a contract; those of the last one are kept, since rendering is most of a mock's start."""
    if not _last or _last[0][0] is not contract:
        modules = {
            path: text for path, text in render(contract).items() if path.endswith(".py") and "/" not in path
        }
        _last[:] = [(contract, modules)]
    return _last[0][1]


class Package:
    """A generated package of a name of its own; its run-time part is the one that the generator copies from."""

    def __init__(self, contract: Contract) -> None:
        self._folder = TemporaryDirectory(prefix="mock-")
        self._name = f"mocked_{os.getpid()}_{next(_numbers)}"
        home = Path(self._folder.name) / self._name
        home.mkdir()
        for path, text in _rendered(contract).items():
            (home / path).write_text(text, encoding="utf-8")
        self._share_runtime()
        sys.path.insert(0, self._folder.name)
        try:
            importlib.invalidate_caches()
            self.handlers = self._module("handlers")
            self.topics = self._module("topics")
            self.publisher = self._module("publisher")
        finally:
            sys.path.remove(self._folder.name)

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self._name}.{name}")

    def _share_runtime(self) -> None:
        """Have the package find the run-time modules that are imported here already: one set of classes for both."""
        sys.modules[f"{self._name}.runtime"] = runtime
        for module in pkgutil.iter_modules(runtime.__path__):
            shared = importlib.import_module(f"{runtime.__name__}.{module.name}")
            sys.modules[f"{self._name}.runtime.{module.name}"] = shared

    def close(self) -> None:
        """Forget it."""
        for name in [name for name in sys.modules if name.split(".")[0] == self._name]:
            del sys.modules[name]
        self._folder.cleanup()
