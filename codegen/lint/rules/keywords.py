"""Keywords that do nothing: of other languages, or in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location
from codegen.plain import members, names

_FOREIGN = {
    "$defs": "`definitions` in draft 7",
    "$anchor": "give the schema a place that a JSON pointer leads to",
    "$dynamicRef": "draft 7 has `$ref` alone",
    "$dynamicAnchor": "draft 7 has `$ref` alone",
    "$recursiveRef": "draft 7 has `$ref` alone",
    "$recursiveAnchor": "draft 7 has `$ref` alone",
    "contentSchema": "draft 7 says nothing of a text's content",
    "dependentRequired": "`dependencies` with lists of names in draft 7",
    "dependentSchemas": "`dependencies` with schemas in draft 7",
    "disallow": "`not` in draft 7",
    "divisibleBy": "`multipleOf` in draft 7",
    "example": "`examples`, a list, in draft 7",
    "extends": "`allOf` in draft 7",
    "id": "`$id` in draft 7",
    "maxContains": "draft 7 cannot say it",
    "minContains": "draft 7 cannot say it; `contains` asks for one",
    "prefixItems": "`items` with a list in draft 7",
    "unevaluatedItems": "`additionalItems` in draft 7",
    "unevaluatedProperties": "`additionalProperties` in draft 7, which does not see through `allOf`",
    "xml": "nothing here is XML",
}
_TYPES = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"), "array"),
    **dict.fromkeys(
        (
            *("properties", "patternProperties", "additionalProperties", "required", "minProperties"),
            *("maxProperties", "propertyNames", "dependencies"),
        ),
        "object",
    ),
}
_TEXT_FORMATS = frozenset(
    {
        *(
            "date",
            "date-time",
            "time",
            "email",
            "hostname",
            "idn-email",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "uri",
        ),
        *("uri-reference", "uuid", "iri", "iri-reference", "json-pointer", "regex", "uri-template", "byte"),
        *("binary", "password", "duration", "relative-json-pointer"),
    }
)


def _types(schema: dict[str, object]) -> set[str]:
    said = schema.get("type")
    found = {one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)}
    return found | ({"number"} if "integer" in found else set())


def _foreign(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a schema"):
        for keyword in subject.mapping(at):
            if keyword in _FOREIGN:
                yield (
                    at.child(keyword),
                    f'"{keyword}" is no keyword of draft 7, and validators skip it: {_FOREIGN[keyword]}',
                )


def _nullable(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a schema"):
        schema = subject.mapping(at)
        if "nullable" in schema:
            instead = "take it away"
            if schema["nullable"] is True:
                said = schema.get("type")
                instead = f'say `type: [{said}, "null"]`' if isinstance(said, str) else "allow the type null"
            yield (
                at.child("nullable"),
                f'"nullable" is OpenAPI\'s word, and JSON Schema does not know it; {instead}',
            )


def _idle(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a schema"):
        schema = dict[str, object](subject.mapping(at))
        kinds = _types(schema)
        for keyword in schema:
            wanted = _TYPES.get(keyword)
            if wanted and kinds and wanted not in kinds:
                told = " or ".join(sorted(kinds - {"number"} if "integer" in kinds else kinds))
                yield (
                    at.child(keyword),
                    f'"{keyword}" does nothing for the type {told}; it is for {_of(wanted)}',
                )
        form = schema.get("format")
        if isinstance(form, str) and form in _TEXT_FORMATS and kinds and "string" not in kinds:
            yield (
                at.child("format"),
                f'the format "{form}" does nothing for the type {" or ".join(sorted(kinds))}',
            )
        if ("then" in schema or "else" in schema) and "if" not in schema:
            keyword = "then" if "then" in schema else "else"
            yield at.child(keyword), f'"{keyword}" does nothing without an "if"'
        if "if" in schema and "then" not in schema and "else" not in schema:
            yield at.child("if"), '"if" does nothing without a "then" or an "else"'
        if "additionalItems" in schema and not isinstance(schema.get("items"), list) and "array" in kinds:
            yield at.child("additionalItems"), '"additionalItems" does nothing unless "items" is a list'


def _of(kind: str) -> str:
    return {"string": "texts", "number": "numbers", "array": "lists", "object": "objects"}[kind]


def _required(subject: Subject, _options: Options) -> Iterator[Said]:
    """Names that must be there, and of which nothing is said in any place where the schema holds."""
    missing: dict[Location, bool] = {}
    for reached in subject.values:
        schemas = [(part, subject.mapping(part)) for part in reached.spot.parts]
        known = {name for _, schema in schemas for name in members(schema.get("properties"))}
        is_map = any(
            isinstance(schema.get("additionalProperties"), dict) or schema.get("patternProperties")
            for _, schema in schemas
        )
        for part, schema in schemas:
            for index, name in enumerate(names(schema.get("required"))):
                at = part.child("required", index)
                missing[at] = missing.get(at, True) and name not in known and not is_map
    for at, is_missing in missing.items():
        if is_missing:
            yield (
                at,
                f'"{subject.document.value(at)}" is required, and nothing says what it is: no property has this name',
            )


def _defaults(subject: Subject, _options: Options) -> Iterator[Said]:
    """Defaults of properties that must be there wherever they are declared."""
    always: dict[Location, bool] = {}
    for reached in subject.values:
        schemas = [(part, subject.mapping(part)) for part in reached.spot.parts]
        wanted = {name for _, schema in schemas for name in names(schema.get("required"))}
        for part, schema in schemas:
            for name, member in members(schema.get("properties")).items():
                if isinstance(member, dict) and "default" in member and "$ref" not in member:
                    at = part.child("properties", name, "default")
                    always[at] = always.get(at, True) and name in wanted
    for at, is_idle in always.items():
        if is_idle:
            yield at, f'"{at.pointer[-2]}" is required, so its default is never used'


RULES = (
    Rule("foreign-keyword", "warning", _foreign),
    Rule("nullable-keyword", "warning", _nullable),
    Rule("idle-keyword", "warning", _idle),
    Rule("required-undefined", "warning", _required),
    Rule("default-on-required", "warning", _defaults),
)
