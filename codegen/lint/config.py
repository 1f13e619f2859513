"""What a project wants of its documents: severities, options, what is left alone where.

    [tool.tapewire.lint]
    fail-on = "warning"

    [tool.tapewire.lint.rules]
    unbounded-number = "off"
    property-name-style = {severity = "error", style = "snake_case"}

    [tool.tapewire.lint.per-file-ignores]
    "vendor/**" = ["schema-description"]

`tapewire-lint.toml` says the same without `tool.tapewire.lint`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeAlias

from codegen.contract import Json
from codegen.lint.findings import SEVERITIES, Severity
from codegen.lint.registry import RULES
from codegen.lint.rule import Option, Options
from codegen.validate.words import hint

OWN_FILE = "tapewire-lint.toml"
Table: TypeAlias = Mapping[str, Json]
_LEVELS = (*SEVERITIES, "off")
_KEYS = ("fail-on", "max-warnings", "select", "ignore", "rules", "per-file-ignores")


class ConfigError(Exception):
    """The configuration makes no sense; its text says where and why."""


@dataclass(frozen=True, slots=True)
class Config:
    """How a document is looked at."""

    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    """By rule, where it is not the rule's own; None: the rule is off."""
    options: Mapping[str, Options] = field(default_factory=dict)
    """By rule, those that differ from their defaults."""
    select: tuple[str, ...] = ()
    """The rules that are looked at; empty for all."""
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """A pattern of paths, relative to `folder`, and the rules that do not concern them."""
    fail_on: Severity | None = "error"
    """The least severity that fails; None: nothing does."""
    max_warnings: int | None = None
    folder: Path = field(default_factory=Path)
    """Where the configuration stands."""

    def severity(self, rule: str, own: Severity) -> Severity | None:
        """How bad a finding is that would be `own` by itself; None where nobody wants to know."""
        if (self.select and rule not in self.select) or rule in self.ignore:
            return None
        return self.severities.get(rule, own)

    def ignores(self, rule: str, file: str) -> bool:
        """Whether a rule does not concern a file."""
        try:
            path = Path(file).resolve().relative_to(self.folder.resolve()).as_posix()
        except (ValueError, OSError, RuntimeError):
            path = Path(file).as_posix()
        return any(
            rule in rules and (fnmatchcase(path, pattern) or fnmatchcase(Path(path).name, pattern))
            for pattern, rules in self.per_file_ignores
        )

    def option(self, rule: str) -> Options:
        """All options of a rule."""
        known = RULES[rule].options
        return {**{name: option.default for name, option in known.items()}, **self.options.get(rule, {})}

    def narrowed(self, select: Iterable[str], ignore: Iterable[str]) -> Config:
        """With what the command line adds.

        Raises:
            ConfigError: there is no such rule.

        """
        chosen, left_out = tuple(select), tuple(ignore)
        for name in (*chosen, *left_out):
            _known_rule(name, "the command line")
        for name in left_out:
            _may_be_off(name, "the command line")
        return replace(self, select=chosen or self.select, ignore=(*self.ignore, *left_out))


def find(document: Path) -> Config:
    """The configuration nearest to a document: in its folder, or one around it; the defaults without one.

    Raises:
        ConfigError: it makes no sense.

    """
    try:
        folder = document.resolve().parent
    except (OSError, RuntimeError):  # the latter: a link that leads back to itself
        return Config()
    for around in (folder, *folder.parents):
        own = around / OWN_FILE
        if own.is_file():
            return read(own)
        project = around / "pyproject.toml"
        if project.is_file():
            found = _inside(_load(project), project)
            if found is not None:  # one that says nothing of this leaves it to those around it
                return parse(found, str(project), around)
    return Config()


def read(path: Path) -> Config:
    """The configuration in a file: a pyproject.toml, or one of its own.

    Raises:
        ConfigError: the file cannot be read, or makes no sense.

    """
    table = _load(path)
    found = _inside(table, path)
    if found is None:
        found = {} if path.name == "pyproject.toml" else table
    return parse(found, str(path), path.resolve().parent)


def _load(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _inside(table: Table, path: Path) -> Table | None:
    inner: Json = dict(table)
    for key in ("tool", "tapewire", "lint"):
        inner = inner.get(key) if isinstance(inner, dict) else None
    if inner is not None and not isinstance(inner, dict):
        raise ConfigError(f"{path}: tool.tapewire.lint is a table")
    return inner


def parse(table: Table, name: str, folder: Path) -> Config:
    """The configuration that a table says.

    Raises:
        ConfigError: it names what there is not, or gives a value of the wrong type.

    """
    for key in table:
        if key not in _KEYS:
            raise ConfigError(f'{name}: there is no setting "{key}"{hint(key, _KEYS)}')
    severities, options = _rules(table.get("rules", {}), name)
    fail_on = table.get("fail-on", "error")
    if fail_on not in (*SEVERITIES, "never"):
        raise ConfigError(f'{name}: "fail-on" is one of {", ".join((*SEVERITIES, "never"))}')
    most = table.get("max-warnings")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 0):
        raise ConfigError(f'{name}: "max-warnings" is a whole number, at least 0')
    ignore = _names(table.get("ignore", []), name, "ignore")
    for rule in ignore:
        _may_be_off(rule, name)
    return Config(
        severities,
        options,
        _names(table.get("select", []), name, "select"),
        ignore,
        _per_file(table.get("per-file-ignores", {}), name),
        next((severity for severity in SEVERITIES if severity == fail_on), None),
        most,
        folder,
    )


def _rules(rules: Json, name: str) -> tuple[dict[str, Severity | None], dict[str, Options]]:
    if not isinstance(rules, dict):
        raise ConfigError(f'{name}: "rules" is a table of rules')
    severities: dict[str, Severity | None] = {}
    options: dict[str, Options] = {}
    for rule, said in rules.items():
        _known_rule(rule, name)
        settings: dict[str, Json] = dict(said) if isinstance(said, dict) else {"severity": said}
        level = settings.pop("severity", None)
        if level is not None:
            if level not in _LEVELS:
                raise ConfigError(f'{name}: "{rule}" is one of {", ".join(_LEVELS)}, not {level!r}')
            if level != "error":
                _may_be_off(rule, name)
            severities[rule] = next((severity for severity in SEVERITIES if severity == level), None)
        known = RULES[rule].options
        for key, value in settings.items():
            if key not in known:
                raise ConfigError(f'{name}: "{rule}" has no option "{key}"{hint(key, known)}')
            _check_option(known[key], value, f'{name}: "{key}" of "{rule}"')
        options[rule] = settings
    return severities, options


def _check_option(option: Option, value: Json, what: str) -> None:
    if isinstance(option.default, list):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{what} is a list of texts")
    elif type(value) is not type(option.default):
        kinds = {str: "a text", bool: "true or false", int: "a whole number"}
        raise ConfigError(f"{what} is {kinds[type(option.default)]}")
    elif option.choices and value not in option.choices:
        close = hint(str(value), option.choices)
        raise ConfigError(f"{what} is one of {', '.join(option.choices)}, not {value!r}{close}")


def _names(value: Json, name: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ConfigError(f'{name}: "{key}" is a list of rules')
    for rule in value:
        _known_rule(rule if isinstance(rule, str) else str(rule), name)
    return tuple(str(rule) for rule in value)


def _per_file(value: Json, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ConfigError(f'{name}: "per-file-ignores" is a table of lists of rules, by path')
    return tuple((pattern, _names(rules, name, pattern)) for pattern, rules in value.items())


def _known_rule(rule: str, name: str) -> None:
    if rule not in RULES:
        raise ConfigError(f'{name}: there is no rule "{rule}"{hint(rule, RULES)}')


def _may_be_off(rule: str, name: str) -> None:
    if RULES[rule].refuses:
        raise ConfigError(f'{name}: "{rule}" is what nothing can be generated with; it stays an error')
