"""`models.py`: a Pydantic class or a type alias for each schema, by datamodel-code-generator."""

from __future__ import annotations

import warnings
from typing import Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType, StrictTypes
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion
from datamodel_code_generator.parser import LiteralType

from codegen.contract import Contract
from codegen.render.models_feed import feed, field_aliases
from codegen.render.models_source import field_names, tidy

_OPTIONS: dict[str, Any] = {
    "input_file_type": InputFileType.OpenAPI,
    "output_model_type": DataModelType.PydanticV2BaseModel,
    "target_python_version": PythonVersion.PY_311,
    "disable_timestamp": True,
    "enum_field_as_literal": LiteralType.All,
    "formatters": [Formatter.BUILTIN],
    "output_datetime_class": DatetimeClassType.Datetime,
    "strict_nullable": True,
    "strict_types": [StrictTypes.str, StrictTypes.int, StrictTypes.float, StrictTypes.bool],
    "use_annotated": True,
    "use_missing_sentinel": True,
    "use_standard_collections": True,
    "use_tuple_for_fixed_items": True,
    "use_type_alias": True,
    "use_union_operator": True,
}


def render_models(contract: Contract) -> str:
    """The whole file, not yet formatted.

    RuntimeError where the output lacks a schema or has one that nobody named: a defect of the generator.
    """
    if not contract.schemas:
        return _header(contract)
    document, inline = feed(contract)
    options = _OPTIONS | {"aliases": field_aliases(contract)}
    with warnings.catch_warnings():
        # What it warns of (constraints beside a format) is decided in `feed`.
        warnings.simplefilter("ignore")
        output = generate(document, **options)
    if not isinstance(output, str):
        raise RuntimeError("datamodel-code-generator made several modules of one document")  # noqa: TRY004
    return _header(contract) + tidy(contract, output, inline)


def _header(contract: Contract) -> str:
    title = " ".join(contract.title.replace("\\", "/").replace('"', "'").split())
    return (
        f'# Generated from {contract.source}. Do not edit; run "python -m codegen generate".\n'
        f'"""The messages and schemas of {title}."""\n'
        "\nfrom __future__ import annotations\n\n"
    )


__all__ = ["field_names", "render_models"]
