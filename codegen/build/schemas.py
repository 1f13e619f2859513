"""Schemas: each gets its name, inline ones included, and is told in one plain form.

The form that `render` sees: one `type`, or `anyOf`/`oneOf`, or a `$ref` (described at most) to a named
schema; `allOf` is merged, lists of types are unions, single-valued enumerations are `const`, tuples are
`prefixItems`, and objects with properties stand only as named schemas, never inside another one. What else a
schema demands stands beside that, as `x-conforms`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from codegen.build.context import Context
from codegen.build.demands import conforming, demanded, take_general
from codegen.build.exclusive import exclusive
from codegen.build.forms import choices, has_properties, has_tag, reference, union_of
from codegen.build.found_names import arm_names, authored_name, holder_name, place_name
from codegen.build.merge import merge_keywords
from codegen.build.names import CLASS_RESERVED, Names, pascal, word_set
from codegen.build.only_null import settled
from codegen.build.parts import Part, Parts, demands, flatten, keywords, types, untyped
from codegen.contract import Json, NamedSchema
from codegen.document import Location

_ANNOTATED = word_set(
    """
    description title default discriminator example examples nullable deprecated externalDocs
    """
)
_MOST_ARMS = 200


class Schemas:
    """All named schemas of a document, in the order in which they were written or found."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.names = Names(CLASS_RESERVED)
        self._named: dict[Parts, str] = {}
        self._pending: list[tuple[str, Parts]] = []
        self._done: dict[str, NamedSchema] = {}
        self._active: list[Parts] = []
        self._forced: set[Location] = set()
        self._frames: dict[Location, bool] = {}

    @property
    def all(self) -> tuple[NamedSchema, ...]:
        """Every named schema."""
        return tuple(self._done.values())

    def get(self, name: str) -> NamedSchema:
        """The schema with this name."""
        return self._done[name]

    def __contains__(self, name: str) -> bool:
        return name in self._done

    def claim(self, at: Location, authored: str, kind: str) -> str | None:
        """Take a name for something authored; a finding and None where something else has it."""
        base = pascal(authored)
        if not base:
            self._context.error(
                at, "name-unusable", f"{authored!r} holds no letter to make a name of; rename it"
            )
            return None
        name = self.names.claim((base, base + kind))
        if name is None:
            self._context.error(
                at,
                "name-clash",
                f"{authored!r} would be named {base}, like something else; rename one of them",
            )
        return name

    def declare(self, at: Location, authored: str, kind: str) -> str | None:
        """Give the schema at a place an authored name; if it has one already, that is its name."""
        key = (Part(self._context.document.follow(at)),)
        if key in self._named:
            return self._named[key]
        name = self.claim(at, authored, kind)
        if name is not None:
            self._named[key] = name
        return name

    def name_of(self, at: Location) -> str | None:
        """The name of the schema at a place, `$ref`s followed, if it has one."""
        return self._named.get((Part(self._context.document.follow(at)),))

    def found_name(self, at: Location) -> str | None:
        """The name of the schema that a `$ref` leads to, if its author gave it one."""
        target = self._context.document.follow(at)
        key = (Part(target),)
        if key not in self._named:
            authored = authored_name(target)
            if not authored:
                return None
            self._claim_found(key, authored)
        return self._named.get(key)

    def must_name(self, at: Location) -> None:
        """Have the schema at a place named, however plain it is."""
        self._forced.add(self._context.document.follow(at))

    def must_be_object(self, at: Location, *, only_tagged: bool = False) -> None:
        """Have the schema at a place, where it has properties and no `type`, describe objects only.

        That is what frames are that have a tag, or that are envelopes: another value is no frame of theirs.
        """
        place = self._context.document.follow(at)
        self._frames[place] = only_tagged and self._frames.get(place, True)

    def taken_for_object(self, at: Location) -> bool:
        """Whether a schema without `type` was held to describe objects only."""
        flat = flatten(self._context, (Part(at),))
        return (
            at in self._frames
            and untyped(self._context, flat)
            and has_properties(self._context, flat)
            and not (self._frames[at] and not has_tag(self._context, flat))
        )

    def add_union(self, name: str, arms: list[Json], at: Location) -> str | None:
        """Name a union that nobody wrote as one."""
        claimed = self.names.claim((name, name + "Value"))
        if claimed is not None:
            self._add(claimed, union_of("oneOf", arms), at)
        return claimed

    def emit(self, name: str, at: Location, description: str = "") -> None:
        """Express a declared schema and all that is inside it; the description is for one that has none."""
        self._pending.insert(0, (name, (Part(self._context.document.follow(at)),)))
        self._drain()
        schema = self._done[name]
        if description and not schema.description:
            self._add(name, {"description": description, **schema.schema}, at)

    def check(self) -> None:
        """Refuse unions and aliases that lead to themselves: no value could ever be told to be one."""
        for name in self._done:
            trail = list(choices(self._done[name].schema))
            seen: list[str] = []
            while trail:
                found = trail.pop(0)
                if found == name:
                    at = next(parts[-1].at for parts, known in self._named.items() if known == name)
                    self._context.error(at, "schema-cycle", f"{name} may be {name} again, and so never ends")
                    break
                if found not in seen and found in self._done:
                    seen.append(found)
                    trail += choices(self._done[found].schema)

    def _drain(self) -> None:
        while self._pending:
            found, parts = self._pending.pop(0)
            if found in self._done:
                continue
            later, self._pending = self._pending, []
            self._done[found] = self._express_named(found, parts)
            self._pending += later

    def alias(self, name: str, at: Location, target: str) -> None:
        """A second name for a named schema."""
        self._add(name, reference(target), at)

    def anything(self, name: str, at: Location, description: str) -> None:
        """A named schema that accepts every value."""
        self._add(name, {"description": description} if description else {}, at)

    def _add(self, name: str, schema: dict[str, Json], at: Location) -> None:
        text = schema.get("description")
        self._done[name] = NamedSchema(
            name=name,
            schema=schema,
            description=text if isinstance(text, str) else "",
            source=self._context.document.source(at),
            is_object="properties" in schema
            or (schema.get("type") == "object" and schema.get("additionalProperties") is False),
        )

    def _express_named(self, name: str, parts: Parts) -> NamedSchema:
        flat = flatten(self._context, parts)
        if len(parts) == 1 and parts[0] == Part(parts[0].at) and self.taken_for_object(parts[0].at):
            flat = tuple(replace(part, only="object") for part in flat)
            self._context.unenforced[parts[0].at] = (
                "the models accept objects only here, the schema other values as well: it has no `type`"
            )
        schema = self._express(flat, name)
        text = self._description(parts)
        if text:
            schema = {"description": text, **schema}
        self._add(name, schema, parts[-1].at)
        return self._done[name]

    # -- using a schema somewhere

    def use(self, parts: Parts, hint: str) -> dict[str, Json]:
        """The schema as it stands inside another: a `$ref` where it has or needs a name, else in full."""
        context = self._context
        if len(parts) == 1 and not parts[0].omit and parts[0].only is None:
            written = context.document.value(parts[0].at)
            at = context.document.follow(parts[0].at)
            parts = (Part(at),)
            if parts not in self._named and isinstance(written, dict) and "$ref" in written:
                authored = authored_name(at)
                if authored:
                    self._claim_found(parts, authored)
                else:
                    hint = place_name(at) or hint
        if parts in self._named:
            return reference(self._named[parts])
        if parts in self._active:
            context.error(
                parts[0].at,
                "schema-cycle",
                "this schema refers to itself; move it to components/schemas, to have a name",
            )
            return {}
        flat = flatten(context, parts)
        if flat in self._named:
            return reference(self._named[flat])
        sole = self._sole(flat)
        if sole is not None:
            return self._described(self.use((Part(sole),), hint), parts)
        if self._needs_name(flat) or (len(parts) == 1 and parts[0].at in self._forced):
            self._claim_found(parts, hint)
            return reference(self._named[parts]) if parts in self._named else {}
        self._active.append(parts)
        schema = self._express(flat, hint)
        self._active.pop()
        return self._described(schema, parts)

    def _claim_found(self, parts: Parts, hint: str) -> None:
        base = pascal(hint) or "Value"
        around = base
        if len(parts) == 1:  # what stands in `definitions` has its name from there alone
            around = pascal(holder_name(parts[0].at)) + base
        endings = ("", "Value", "Schema", "Object", "Inline")
        name = self.names.claim(start + ending for start in (base, around) for ending in endings)
        if name is None:
            self._context.error(
                parts[-1].at, "name-clash", f"no name is left for {base!r}; name it in components/schemas"
            )
            return
        self._named[parts] = name
        self._pending.append((name, parts))

    def _sole(self, flat: Parts) -> Location | None:
        """The named schema that a wrapper (`allOf` with one entry) means, if it is one."""
        demanding = [part for part in flat if demands(self._context, part)]
        if len(demanding) == 1 and len(flat) > 1 and (Part(demanding[0].at),) in self._named:
            part = demanding[0]
            return part.at if not part.omit and part.only is None else None
        if demanding and len(flat) > 1:
            # An allOf with one entry, itself composed: everything that demands comes from that entry.
            for part in flat:
                whole = (Part(part.at),)
                if whole in self._named and part.only is None:
                    inside = set(flatten(self._context, whole))
                    if all(other in inside for other in demanding) and part.omit <= {"allOf"}:
                        return part.at if flat[0].at != part.at else None
        return None

    def _described(self, schema: dict[str, Json], parts: Parts) -> dict[str, Json]:
        text = self._description(parts)
        if text and "description" not in schema:
            return {**schema, "description": text}
        return schema

    def _description(self, parts: Parts) -> str:
        for part in reversed(parts):
            text = keywords(self._context, part).get("description")
            if isinstance(text, str) and text.strip():
                return text.strip()
        return ""

    def _needs_name(self, flat: Parts) -> bool:
        context = self._context
        union = self._union(flat)
        if union is not None:
            index, keyword = union
            arms = self._arms(flat, index, keyword)
            return sum(self._is_named_or_object(arm) for arm in arms) >= 2
        kinds = types(context, flat)
        return kinds == ("object",) and has_properties(self._context, flat)

    def _is_named_or_object(self, arm: Parts) -> bool:
        flat = flatten(self._context, arm)
        kinds = types(self._context, flat)
        if kinds == ("null",):
            return False
        if len(arm) == 1 and (
            (Part(self._context.document.follow(arm[0].at)),) in self._named
            or "$ref" in (self._written(arm[0].at) or {})
        ):
            return True
        return self._union(flat) is not None or ("object" in kinds and has_properties(self._context, flat))

    def _written(self, at: Location) -> dict[str, Json] | None:
        value = self._context.document.value(at)
        return value if isinstance(value, dict) else None

    # -- expressing a schema in full

    def _express(self, flat: Parts, hint: str) -> dict[str, Json]:
        context = self._context
        if any(context.document.value(part.at) is False for part in flat):
            return {"not": {}}
        flat, general = take_general(context, flat)
        return settled(conforming(self._express_shape(flat, hint), general), context.definitions)

    def _express_shape(self, flat: Parts, hint: str) -> dict[str, Json]:
        context = self._context
        union = self._union(flat)
        if union is not None:
            return self._express_union(flat, *union, hint)
        kinds = types(context, flat)
        if len(kinds) > 1:
            return self._express_types(flat, kinds, hint)
        declared = any("type" in keywords(context, part) or part.only for part in flat)
        if not kinds and declared:
            return {"not": {}}
        return merge_keywords(context, self, flat, kinds[0] if kinds else None, hint)

    def _express_types(self, flat: Parts, kinds: tuple[str, ...], hint: str) -> dict[str, Json]:
        arms: list[Json] = []
        for kind in kinds:
            if kind == "null":
                if self._allows_null(flat):
                    arms.append({"type": "null"})
                continue
            narrowed = tuple(
                Part(part.at, part.omit | {"description", "title", "default", "nullable"}, kind)
                for part in flat
            )
            arm = self.use(
                narrowed, hint if len(kinds) <= 2 and hint not in self.names else hint + kind.capitalize()
            )
            if arm != {"not": {}}:
                arms.append(arm)
        return union_of("anyOf", arms) | self._defaults(flat)

    def _allows_null(self, flat: Parts) -> bool:
        for part in flat:
            value = keywords(self._context, part)
            if value.get("nullable") is True:
                return True
            enum = value.get("enum")
            if isinstance(enum, list) and None not in enum:
                return False
            if "const" in value and value["const"] is not None:
                return False
        return True

    def _defaults(self, flat: Parts) -> dict[str, Json]:
        for part in flat:
            value = keywords(self._context, part)
            if "default" in value:
                return {"default": value["default"]}
        return {}

    def _union(self, flat: Parts) -> tuple[int, str] | None:
        for index, part in enumerate(flat):
            value = keywords(self._context, part)
            for keyword in ("oneOf", "anyOf"):
                if isinstance(value.get(keyword), list) and value[keyword]:
                    return index, keyword
        return None

    def _arms(self, flat: Parts, index: int, keyword: str) -> list[Parts]:
        """The arms of a union, each with what is demanded beside the union."""
        union = flat[index]
        listed = self._context.document.value(union.at.child(keyword))
        assert isinstance(listed, list)
        places = [union.at.child(keyword, number) for number in range(len(listed))]
        base = tuple(
            (part.without(keyword) if number == index else part).without(
                "description", "title", "default", "discriminator"
            )
            for number, part in enumerate(flat)
        )
        base = tuple(part for part in base if demands(self._context, part))
        arms: list[Parts] = [(Part(place),) for place in places]
        if self._adds_nothing(base, arms):
            return arms
        return [(*base, *arm) for arm in arms]

    def _adds_nothing(self, base: Parts, arms: Iterable[Parts]) -> bool:
        """Whether what stands beside a union says no more than of which type its arms are."""
        kinds: set[str] = set()
        for part in base:
            value = keywords(self._context, part)
            if any(key != "type" and key not in _ANNOTATED and not key.startswith("x-") for key in value):
                return False
            kinds |= set(types(self._context, (part,)))
        return not kinds or all(self._is_of(arm, kinds) for arm in arms)

    def _is_of(self, arm: Parts, kinds: set[str], within: tuple[Parts, ...] = ()) -> bool:
        """Whether an arm of a union says itself that it is of these types."""
        flat = flatten(self._context, arm)
        union = self._union(flat)
        if flat in within:
            return True
        if union is not None:
            return all(self._is_of(inner, kinds, (*within, flat)) for inner in self._arms(flat, *union))
        told = set(types(self._context, flat))
        return bool(told) and told <= kinds

    def _express_union(self, flat: Parts, index: int, keyword: str, hint: str) -> dict[str, Json]:
        arms = self._arms(flat, index, keyword)
        if len(arms) > _MOST_ARMS:
            self._context.error(
                flat[index].at, "union-too-wide", f"a union of {len(arms)} schemas is more than {_MOST_ARMS}"
            )
            return {}
        schemas: list[Json] = []
        for arm, arm_hint in zip(arms, arm_names(self._context, arms, hint), strict=True):
            schema = self.use(arm, arm_hint)
            if schema != {"not": {}} and schema not in schemas:
                schemas.append(schema)
        if any(keywords(self._context, part).get("nullable") is True for part in flat):
            schemas.append({"type": "null"})
        whole = union_of(keyword, schemas) | self._defaults(flat)
        if keyword == "oneOf" and not exclusive(self._context, arms):
            return conforming(whole, [demanded(self._context, flat[index], ("oneOf",))])
        return whole
