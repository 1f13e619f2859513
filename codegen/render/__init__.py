"""Render: from a contract to the text of every generated file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from codegen.contract import Contract
from codegen.diagnostics import BadTemplateError
from codegen.render.environment import make_environment
from codegen.render.formatting import fault_of, format_python
from codegen.render.models import field_names, render_models
from codegen.render.python import PythonView
from codegen.render.reference import Reference
from codegen.render.reference_markdown import one_blank_line
from codegen.render.typescript import render_typescript

RUNTIME = Path(__file__).parent.parent / "runtime" / "python"

_MODULES = ("topics", "constants", "handlers", "publisher", "client")


def render(contract: Contract, templates: Path | None = None) -> dict[str, str]:
    """Every generated file by its relative path, with forward slashes; nothing is written.

    A template in the folder `templates` is used instead of the one with the same relative path here.
    """
    environment = make_environment(templates)
    models = render_models(contract)
    view = PythonView(contract, field_names(models))
    names = {"contract": contract, "python": view, "reference": Reference(contract)}
    environment.filters["local"] = view.local

    def lay_out(path: str) -> str:
        return environment.get_template(f"{path}.jinja").render(names)

    sources = {"models.py": models, "__init__.py": lay_out("__init__.py")}
    modules = (*_MODULES, "broker") if view.brokered else _MODULES
    sources |= {f"{module}.py": lay_out(f"{module}.py") for module in modules}
    if templates is not None:
        _check_python(sources, templates)
    files = format_python(sources)
    files |= {f"runtime/{path.name}": path.read_text("utf-8") for path in _runtime(sources)}
    files |= {path: lay_out(path) for path in ("py.typed", "asyncapi.json", "reference.json")}
    files["reference.md"] = one_blank_line(lay_out("reference.md"))
    if contract.changelog:
        files["changelog.md"] = one_blank_line(lay_out("changelog.md"))
    files |= render_typescript(contract, environment)
    return dict(sorted(files.items()))


def _runtime(sources: Mapping[str, str]) -> list[Path]:
    """The modules that are copied: all but those that only some models use, and those of a broker's publisher."""
    left_out: set[str] = set()
    if "runtime.conforms" not in sources["models.py"]:
        left_out |= {"conforms.py", "json_schema.py"}
    if "broker.py" not in sources:
        left_out |= {path.name for path in RUNTIME.glob("redis_*.py")}
    return [path for path in sorted(RUNTIME.glob("*.py")) if path.name not in left_out]


def _check_python(sources: dict[str, str], templates: Path) -> None:
    """Name the user's template whose output is not Python; what our own make is for us to answer for."""
    for path, source in sources.items():
        template = templates / f"{path}.jinja"
        fault = fault_of(source) if template.is_file() else None
        if fault is not None:
            raise BadTemplateError(template.as_posix(), f"what it makes is not Python: {fault}")
