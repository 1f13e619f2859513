"""The source that datamodel-code-generator wrote, put in order: our names only, and docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from codegen.build.demands import CONFORMS
from codegen.build.names import words
from codegen.contract import Contract, NamedSchema, SchemaDict
from codegen.patterns import in_python, native
from codegen.render.docstrings import docstring
from codegen.render.models_demands import conforming, definitions, demand_source
from codegen.render.models_feed import field_aliases
from codegen.render.models_unions import union_tag

_NUMBERS = {"StrictInt": "Integer", "StrictFloat": "Number"}
"""What JSON's numbers are, by what the generator calls them."""
_DATES = ("date", "date_aliased", "datetime", "datetime_aliased")


def tidy(contract: Contract, source: str, inline: Mapping[str, SchemaDict]) -> str:
    """Imports, then the classes and aliases in the order in which they can be read, with docstrings.

    `inline` has the schemas that stand within others and demand more than a type says, by the names that the source
    has for them.
    """
    tree = ast.parse(source)
    names = {item.name: item for item in contract.schemas}
    _check(tree, names)
    aliases = field_aliases(contract)
    invented: dict[str, ast.expr] = {}
    kept: list[ast.stmt] = []
    for statement in tree.body:
        alias = _alias(statement)
        if alias is not None and alias[0] not in names:
            invented[alias[0]] = conforming(alias[1], inline.get(alias[0], {}))
        else:
            kept.append(statement)
    tree.body = kept
    settled = _Settle(invented).visit(tree)
    imports: list[str] = []
    parts: list[str] = []
    for statement in settled.body:
        if isinstance(statement, ast.ImportFrom | ast.Import):
            if not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
                imports.append(_import(statement))
            continue
        alias = _alias(statement)
        if alias is not None:
            parts.append(_alias_source(names[alias[0]], statement, names, aliases))
        elif isinstance(statement, ast.ClassDef):
            schema = names[statement.name]
            parts.append(_class_source(schema, statement, _secrets(contract, schema)))
        else:
            parts.append(ast.unparse(statement))
    if any("re.compile(" in part for part in parts):
        imports.append("import re")
    imports.append("from pydantic import ConfigDict, Field, Strict")
    imports.append("from typing import Annotated, Union")
    numbers = [name for name in _NUMBERS.values() if any(name in part for part in parts)]
    if numbers:
        imports.append(f"from .runtime.numbers import {', '.join(numbers)}")
    if any("Conform" in part or "Nothing" in part for part in parts):
        imports.append("from collections.abc import Mapping")
        imports.append("from .runtime.conforms import Conforming, Conforms, Nothing")
        parts = [*definitions(contract, parts), *parts]
    return "\n".join(imports) + "\n\n\n" + "\n\n".join(parts) + "\n"


def _check(tree: ast.Module, names: dict[str, NamedSchema]) -> None:
    made = {statement.name for statement in tree.body if isinstance(statement, ast.ClassDef)}
    strange = sorted(made - names.keys())
    if strange:
        raise RuntimeError(f"datamodel-code-generator made classes that nobody named: {', '.join(strange)}")
    made |= {alias[0] for statement in tree.body if (alias := _alias(statement))}
    lacking = sorted(names.keys() - made)
    if lacking:
        raise RuntimeError(f"datamodel-code-generator left out: {', '.join(lacking)}")


def _alias(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """Name and value of `Name = TypeAliasType("Name", value)`."""
    if (
        isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id.startswith("TypeAliasType")
    ):
        return statement.targets[0].id, statement.value.args[1]
    return None


class _Settle(ast.NodeTransformer):
    """Puts what invented names stand for in their place, and our numbers where theirs were."""

    def __init__(self, invented: dict[str, ast.expr]) -> None:
        self._invented = invented

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name in an expression."""
        if node.id in self._invented:
            value: ast.expr = self.visit(ast.parse(ast.unparse(self._invented[node.id]), mode="eval").body)
            return value
        if node.id in _NUMBERS:
            return ast.Name(_NUMBERS[node.id])
        if node.id == "Dict":
            return ast.Name("dict")
        if node.id in _DATES:
            # Else Pydantic reads numbers as seconds since 1970, which no schema of text allows.
            return ast.parse(f"Annotated[{node.id}, Strict()]", mode="eval").body
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A type told as text, because it comes later."""
        if isinstance(node.value, str) and any(name in node.value for name in (*_NUMBERS, *self._invented)):
            try:
                inside = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return node
            return ast.Constant(ast.unparse(self.visit(inside)))
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`Literal[...]` holds values, not types; `Optional[...]` is a union like others."""
        if isinstance(node.value, ast.Name) and node.value.id.startswith("Literal"):
            return node
        if isinstance(node.value, ast.Name) and node.value.id == "Optional":
            # Kept as `Union[...]`: what is told as text cannot stand beside `|`.
            inner: ast.expr = self.visit(node.slice)
            arms = [inner]
            if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Tuple):
                arms = inner.slice.elts if ast.unparse(inner.value) == "Union" else arms
            return ast.Subscript(ast.Name("Union"), ast.Tuple([*arms, ast.Constant(None)]))
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """A union: `None` stands last."""
        arms: list[ast.expr] = [self.visit(arm) for arm in _arms(node)]
        ordered = [arm for arm in arms if not _is_none(arm)] + [arm for arm in arms if _is_none(arm)][:1]
        union = ordered[0]
        for arm in ordered[1:]:
            union = ast.BinOp(union, ast.BitOr(), arm)
        return union

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """What `Field(...)` is given are values; only a type alias has types in its arguments."""
        if isinstance(node.func, ast.Name) and node.func.id.startswith("TypeAliasType"):
            return self.generic_visit(node)  # type: ignore[return-value]
        for keyword in node.keywords:
            if keyword.arg == "pattern":
                keyword.value = _pattern(keyword.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        """A field: types stand in its annotation only."""
        node.annotation = self.visit(node.annotation)
        return node


def _arms(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_arms(node.left), *_arms(node.right)]
    return [node]


def _first_arm(node: ast.expr) -> ast.expr:
    """What a list that holds itself is: it was told as a union, whose other arm lets pass more."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.parse(node.value, mode="eval").body
        told = _first_arm(node)
        return ast.Constant(ast.unparse(told))
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Union":
        return node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
    return _arms(node)[0]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _pattern(node: ast.expr) -> ast.expr:
    """A pattern in the words of Pydantic's engine, or compiled by Python where that engine cannot read it."""
    text = node.args[0] if isinstance(node, ast.Call) else node
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        return text
    rust = native(text.value)
    if rust is not None:
        return ast.Constant(rust)
    return ast.Call(ast.Attribute(ast.Name("re"), "compile"), [ast.Constant(in_python(text.value))], [])


def _import(statement: ast.ImportFrom | ast.Import) -> str:
    if isinstance(statement, ast.ImportFrom) and statement.module == "pydantic.experimental.missing_sentinel":
        statement.module = "pydantic"
    return ast.unparse(statement)


def _alias_source(
    schema: NamedSchema, statement: ast.stmt, names: Mapping[str, NamedSchema], aliases: Mapping[str, str]
) -> str:
    tag = union_tag(schema, names, aliases)
    if tag is not None and isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        union = ast.unparse(statement.value.args[1])
        told = f"Annotated[{union}, Field(discriminator={tag!r})]"
        statement.value.args[1] = ast.parse(told, mode="eval").body
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        if schema.schema.get("type") == "array":
            statement.value.args[1] = _first_arm(statement.value.args[1])
        statement.value.args[1] = conforming(statement.value.args[1], schema.schema)
        target = statement.value.args[1]
        if isinstance(target, ast.Name) and _is_class(target.id, names):
            # Pydantic 2.14 takes an alias made by `TypeAliasType` of a class that holds itself for a circle.
            statement = ast.parse(f"{schema.name} = {target.id}").body[0]
    source = ast.unparse(statement)
    if schema.description:
        source += "\n" + docstring(schema.description, 0, summary=False)
    return source + "\n"


def _is_class(name: str, names: Mapping[str, NamedSchema]) -> bool:
    """Whether a name means a class, whatever it is called in between."""
    found = names.get(name)
    if found is None or found.is_object:
        return found is not None
    target = found.schema.get("$ref")
    return (
        CONFORMS not in found.schema
        and isinstance(target, str)
        and _is_class(target.rpartition("/")[2], names)
    )


def _secrets(contract: Contract, schema: NamedSchema) -> set[str]:
    """The properties that are not to be shown: what carries a token, and passwords."""
    properties = schema.schema.get("properties")
    named = properties.items() if isinstance(properties, dict) else ()
    found = {name for name, of in named if isinstance(of, dict) and of.get("format") == "password"}
    if contract.authenticate is not None and contract.token is not None:
        found |= {contract.token} if contract.message(contract.authenticate).body == schema.name else set()
    return found


def _hide(statement: ast.AnnAssign) -> None:
    """Leave a field out of the model's `repr`, which ends up in logs."""
    hidden = ast.keyword("repr", ast.Constant(False))
    match statement.annotation:
        case ast.Subscript(ast.Name("Annotated"), ast.Tuple([*_, ast.Call(ast.Name("Field")) as field])):
            field.keywords.append(hidden)
        case annotation:
            field = ast.Call(ast.Name("Field"), [], [hidden])
            statement.annotation = ast.Subscript(ast.Name("Annotated"), ast.Tuple([annotation, field]))


def _class_source(schema: NamedSchema, node: ast.ClassDef, secrets: set[str]) -> str:
    demand = demand_source(schema.schema)
    bases = ", ".join(ast.unparse(base) for base in node.bases) if demand is None else "Conforming"
    lines = [f"class {node.name}({bases}):", "    " + docstring(_class_text(schema), 4), ""]
    properties = schema.schema.get("properties")
    aliased = any(_field_alias(statement) for statement in node.body)
    statements = [item for item in node.body if not isinstance(item, ast.Pass) and not _is_docstring(item)]
    configured = [item for item in statements if _is_config(item)]
    for item in configured:
        statements.remove(item)
    keywords = [
        keyword
        for item in configured
        if isinstance(item, ast.Assign) and isinstance(item.value, ast.Call)
        for keyword in item.value.keywords
    ]
    # Patterns that need Python's engine come compiled, so the others can keep Pydantic's.
    shown = [ast.unparse(keyword) for keyword in keywords if keyword.arg != "regex_engine"]
    if aliased:
        shown += ["validate_by_name=True", "serialize_by_alias=True"]
    if shown:
        lines += [f"    model_config = ConfigDict({', '.join(shown)})", ""]
    if demand is not None:
        lines += [f"    __conforms_to__ = {demand}", ""]
    for item in statements:
        if isinstance(item, ast.AnnAssign) and (_field_alias(item) or _field_name(item)) in secrets:
            _hide(item)
        lines += ["    " + line for line in ast.unparse(item).split("\n")]
        name = _field_alias(item) or _field_name(item)
        described = properties.get(name) if isinstance(properties, dict) and name is not None else None
        text = described.get("description") if isinstance(described, dict) else None
        if isinstance(text, str) and text.strip():
            lines.append("    " + docstring(text, 4, summary=False))
    return "\n".join(lines) + "\n"


def _class_text(schema: NamedSchema) -> str:
    text = schema.description or _spoken(schema.name)
    text = re.sub(r"^This\b", f"{schema.name}: this", text)
    return f"{schema.name}: {text}" if text.startswith('"') else text


def _spoken(name: str) -> str:
    """A name as a sentence; abbreviations keep their capitals."""
    first, *rest = words(name) or [name]
    told = [first] + [word if len(word) > 1 and word.isupper() else word.lower() for word in rest]
    return " ".join(told) + "."


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_config(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id == "model_config"
    )


def _field_name(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    return None


def _field_alias(statement: ast.stmt) -> str | None:
    if not isinstance(statement, ast.AnnAssign):
        return None
    for node in ast.walk(statement.annotation):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id.startswith("Field")
        ):
            for keyword in node.keywords:
                if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return None


def field_names(models_source: str) -> dict[tuple[str, str], str]:
    """What each property is called in Python: `{("BarsSubscribe", "in"): "in_"}`."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(models_source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement in node.body:
            name = _field_name(statement)
            if name is not None:
                alias = _field_alias(statement)
                found[node.name, name if alias is None else alias] = name
    return found
