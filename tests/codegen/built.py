"""What the tests of build and of models start from: a document as text, built, and its models imported."""

from __future__ import annotations

import importlib
import shutil
import sys
import textwrap
import uuid
from pathlib import Path
from types import ModuleType

from codegen.build import build
from codegen.contract import Contract
from codegen.load import load
from codegen.render.formatting import format_python
from codegen.render.models import render_models

DOCUMENTS = Path(__file__).parent / "documents"
RUNTIME = Path(__file__).resolve().parents[2] / "codegen" / "runtime" / "python"


def built(folder: Path, text: str) -> Contract:
    """The contract of a document that is given as YAML, without its `asyncapi` and `info` lines."""
    path = folder / "asyncapi.yaml"
    head = "asyncapi: 2.4.0\ninfo: {title: Test, version: '1'}\n"
    path.write_text(head + textwrap.dedent(text), encoding="utf-8")
    return build(load(path), "asyncapi.yaml")


def with_schemas(folder: Path, schemas: str) -> Contract:
    """The contract of a document that has these component schemas and nothing else."""
    indented = textwrap.indent(textwrap.dedent(schemas), "    ")
    return built(folder, f"channels: {{}}\ncomponents:\n  schemas:\n{indented}")


def models_source(contract: Contract) -> str:
    """The models of a contract as they are written to disk."""
    return format_python({"models.py": render_models(contract)})["models.py"]


def imported(folder: Path, contract: Contract) -> ModuleType:
    """The models of a contract, imported from a package of their own."""
    name = f"models_{uuid.uuid4().hex}"
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "models.py").write_text(models_source(contract), encoding="utf-8")
    shutil.copytree(RUNTIME, package / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(f"{name}.models")
    finally:
        sys.path.remove(str(folder))
