"""`models.py`: a Pydantic class or a type alias for each schema, by datamodel-code-generator."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from datamodel_code_generator import DataModelType, InputFileType, generate
from datamodel_code_generator.enums import StrictTypes
from datamodel_code_generator.format import Formatter, PythonVersion
from datamodel_code_generator.parser import LiteralType

from codegen.contract import Contract, Json, SchemaDict

_UNWANTED = frozenset(
    "deprecated readOnly writeOnly contentEncoding contentMediaType minProperties maxProperties".split()
)
_OPTIONS: dict[str, Any] = {
    "input_file_type": InputFileType.OpenAPI,
    "output_model_type": DataModelType.PydanticV2BaseModel,
    "target_python_version": PythonVersion.PY_311,
    "use_annotated": True,
    "disable_timestamp": True,
    "use_standard_collections": True,
    "use_union_operator": True,
    "enum_field_as_literal": LiteralType.All,
    "use_missing_sentinel": True,
    "strict_nullable": True,
    "use_type_alias": True,
    "use_schema_description": True,
    "use_field_description": True,
    "use_tuple_for_fixed_items": True,
    "formatters": [Formatter.BUILTIN],
    "strict_types": [StrictTypes.str, StrictTypes.int, StrictTypes.float, StrictTypes.bool],
}


def render_models(contract: Contract) -> str:
    """The whole file, not yet formatted."""
    feed: dict[str, Json] = {
        "openapi": "3.1.0",
        "info": {"title": contract.title, "version": contract.version},
        "paths": {},
        "components": {"schemas": {item.name: _fed(item.schema) for item in contract.schemas}},
    }
    _default_tags(contract, feed["components"]["schemas"])  # type: ignore[index,call-overload,arg-type]
    output = generate(feed, **_OPTIONS)
    assert isinstance(output, str)
    body = output.split("from __future__ import annotations", 1)[1]
    body = body.replace(
        "from pydantic.experimental.missing_sentinel import MISSING", "from pydantic import MISSING"
    )
    header = f'# Generated from {contract.source}. Do not edit; run "nox -s generate".\n'
    title = f'"""Every message and schema of {_docstring(contract.title)}."""'
    source = f"{header}{title}\n\nfrom __future__ import annotations\n{body}"
    return source


def _docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "'")


def _fed(schema: SchemaDict) -> dict[str, Json]:
    """A schema as datamodel-code-generator shall see it."""
    result: dict[str, Json] = {}
    for key, value in schema.items():
        if key in _UNWANTED or key.startswith("x-"):
            continue
        if key in ("properties", "patternProperties") and isinstance(value, dict):
            result[key] = {name: _fed(item) for name, item in value.items() if isinstance(item, dict)}
        elif key in ("oneOf", "anyOf", "prefixItems") and isinstance(value, list):
            result[key] = [_fed(item) for item in value if isinstance(item, dict)]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            result[key] = _fed(value)
        else:
            result[key] = value
    return result


def _default_tags(contract: Contract, schemas: dict[str, dict[str, Any]]) -> None:
    """Properties that take the default of what they refer to; under an envelope, what a message says it is."""
    for schema in schemas.values():
        for name, item in schema.get("properties", {}).items():
            target = str(item.get("$ref", "")).rpartition("/")[2]
            if name not in schema.get("required", ()) and target and "default" in schemas[target]:
                schema["properties"][name] = {**item, "default": schemas[target]["default"]}
    for schema in schemas.values():
        schema.pop("default", None)
    if contract.envelope is None:
        return
    for message in contract.messages:
        if message.tag is not None and len(message.tag.path) == 1:
            schema = schemas[message.schema]
            (name,) = message.tag.path
            schema["required"] = [other for other in schema.get("required", ()) if other != name]
            schema["properties"][name] = {**schema["properties"][name], "default": message.tag.value}


def field_names(models_source: str) -> Mapping[tuple[str, str], str]:
    """What each property is called in Python: `{("BarsSubscribe", "in"): "in_"}`."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(models_source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                found[node.name, _alias(statement) or name] = name
    return found


def _alias(statement: ast.AnnAssign) -> str | None:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
            for keyword in node.keywords:
                if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return None


_ = re
