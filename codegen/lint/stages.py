"""What the stages of the generator report, each as a rule: it has a page, and perhaps a severity of one's choice."""

from __future__ import annotations

from typing import Final

from codegen.lint.rule import Origin, Rule

_LOAD = ("encoding", "file", "ref-cycle", "ref-file", "ref-pointer", "ref-remote", "ref-type")
_SYNTAX = (
    *("bad-character", "duplicate-key", "empty", "json-syntax", "key-type", "many-documents", "merge-type"),
    *("not-json", "number-size", "recursive-alias", "too-deep", "too-many-aliases", "unknown-anchor"),
    *("unknown-tag", "yaml-syntax"),
)
_VALIDATE = (
    *("channel-address", "channel-servers", "close-code-unique", "message-id-unique", "operation-id-unique"),
    *("schema-cycle", "schema-format", "security-scheme", "tag-unique", "unsupported-version"),
)
_VALIDATE_EITHER = (
    *("bad-name", "bad-value", "channel-parameters", "missing-field", "not-unique", "ref-here", "ref-kind"),
    *("server-variables", "too-few", "unknown-field", "unknown-message", "wrong-type"),
)
_VALIDATE_ODD = ("example", "foreign-extension", "ref-siblings", "unknown-keyword")
_BUILD = (
    *("channel-name-clash", "envelope-type", "message", "message-channels", "message-name-clash"),
    *("name-clash", "name-unusable", "parameter-name-clash", "payload-schema", "payload-unnamed"),
    *("union-too-wide", "x-close-codes", "x-delivery", "x-envelope", "x-hook", "x-limits"),
    *("x-releases", "x-typescript"),
)
_BUILD_EITHER = (
    *("envelope-field", "parameter-location", "x-access", "x-action", "x-authenticate", "x-heartbeat"),
    *("x-history", "x-response", "x-snapshot", "x-state"),
)
_BUILD_ODD = ("no-websocket", "parameter-type")


def _rules(ids: tuple[str, ...], origin: Origin, *, refuses: bool = True, odd: bool = False) -> list[Rule]:
    return [Rule(id_, "warning" if odd else "error", origin=origin, refuses=refuses) for id_ in ids]


ALL: Final = (
    *_rules(_LOAD, "load"),
    *_rules(_SYNTAX, "syntax"),
    *_rules(_VALIDATE, "validate"),
    *_rules(_VALIDATE_EITHER, "validate", refuses=False),
    *_rules(_VALIDATE_ODD, "validate", refuses=False, odd=True),
    *_rules(_BUILD, "build"),
    *_rules(_BUILD_EITHER, "build", refuses=False),
    *_rules(_BUILD_ODD, "build", refuses=False, odd=True),
    *_rules(("schema-not-enforced",), "render", refuses=False, odd=True),
)
"""Of what is an error here and there a warning, the warnings may be raised, turned off and suppressed."""
