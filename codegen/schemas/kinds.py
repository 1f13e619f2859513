"""The kinds of changes that the comparison of schemas tells apart."""

from __future__ import annotations

from collections.abc import Mapping


def _steps(name: str, what: str) -> dict[str, str]:
    return {
        f"{name}-added": f"{what}, where nothing was said of it",
        f"{name}-removed": f"{what}, of which nothing is said any more",
        f"{name}-changed": f"{what}, unlike before",
    }


def _spans(name: str, what: str) -> dict[str, str]:
    return {
        f"{name}-narrowed": f"{what}, within closer bounds",
        f"{name}-widened": f"{what}, within wider bounds",
    }


KINDS: Mapping[str, str] = {
    "type-added": "values of another JSON type are taken",
    "type-removed": "values of some JSON type are no longer taken",
    "type-changed": "some types came and others went",
    "enum-value-added": "a list of values has more of them",
    "enum-value-removed": "a list of values has fewer of them",
    "enum-added": "values are listed, where any others were taken",
    "enum-removed": "values are no longer listed",
    "const-changed": "the only value is another one",
    "open-enum-value-added": "more values are known of an open enumeration (`x-open-enum`)",
    "open-enum-value-removed": "fewer values are known of an open enumeration",
    **_spans("range", "a number"),
    **_spans("length", "how many characters a text has"),
    **_spans("items", "how many items a list has"),
    **_spans("properties", "how many properties there are"),
    **_steps("multiple-of", "of which a number is a multiple"),
    **_steps("pattern", "the expression that a text is matched by"),
    **_steps("format", "the format of a text; of a number it is a remark"),
    "unique-items-added": "a list must hold no item twice",
    "unique-items-removed": "a list may hold an item twice",
    **_steps("contains", "what a list must hold"),
    "property-required": "a property must be there",
    "property-optional": "a property need no longer be there",
    "property-added": "a property is described that nobody sent: the old schema does not say how others are",
    "property-added-to-open": "a property is described under whose name the old schema takes other values",
    "property-added-to-closed": "a property is taken that the old schema refuses",
    "property-removed": "a property is no longer described: refused (narrower) or taken as anything (wider)",
    "additional-properties-closed": "properties that have no description are refused",
    "additional-properties-opened": "properties that have no description are taken",
    "pattern-properties-changed": "other patterns say how properties are",
    **_steps("property-names", "what the names of properties must be"),
    **_steps("dependencies", "what must be there beside a property"),
    **_steps("condition", "`if`, `then` and `else`"),
    **_steps("not", "what a value must not be"),
    "arm-added": "an alternative came",
    "arm-removed": "an alternative went",
    "alternatives-changed": "several lists of alternatives changed together",
    "schema-changed": "a change that no keyword alone explains; the witness shows it",
    **_steps("default", "what a value is where it is left out"),
    "deprecated-changed": "a mark of deprecation came or went",
    "readonly-changed": "the mark `readOnly` came or went",
    "writeonly-changed": "the mark `writeOnly` came or went",
    "content-changed": "`contentEncoding` or `contentMediaType` is another one",
}
"""What each kind says, by its name."""
