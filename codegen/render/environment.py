"""The Jinja environment that all templates share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.diagnostics import BadTemplateError
from codegen.render import text
from codegen.render.python_names import constant, litestar_path, path_literal
from codegen.render.reference_markdown import anchor, cell, code, example

TEMPLATES = Path(__file__).parent.parent / "templates"


class _Loader(FileSystemLoader):
    """Templates of several folders, of which one that is no text is named."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The template's text, its file, and whether that is still the same."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            folder = next(Path(name) for name in self.searchpath if (Path(name) / template).is_file())
            message = f"the byte 0x{error.object[error.start]:02X} is not UTF-8; save the file as UTF-8"
            raise BadTemplateError((folder / template).as_posix(), message) from None


def make_environment(templates: Path | None = None) -> Environment:
    """Templates of the folder, file by file, before our own; what is undefined is an error."""
    folders = [str(TEMPLATES)] if templates is None else [str(templates), str(TEMPLATES)]
    environment = Environment(
        loader=_Loader(folders),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is source code, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "anchor": anchor,
        "cell": cell,
        "code": code,
        "constant": constant,
        "docstring": text.docstring,
        "example": example,
        "json": lambda value: json.dumps(value, indent=2, ensure_ascii=False),
        "litestar_path": litestar_path,
        "literal": text.literal,
        "oneline": text.oneline,
        "path": path_literal,
        "string": text.string,
        "union": text.union,
        "words": text.words,
    }
    environment.globals["from_import"] = text.from_import
    return environment
