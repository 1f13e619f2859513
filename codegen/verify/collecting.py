"""Collects what was found: each kind of fault once, with the smallest frame that shows it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from codegen.verify.options import Options
from codegen.verify.report import Finding, Report, Tried, Violation, told_once
from codegen.verify.sight import Sight

_MOST_OF_A_KIND = 4
"""So many violations of one rule by one message are told apart; the rest are counted with the last."""


class Collection:
    """Violations by kind, and what was tried, by message."""

    def __init__(self, sight: Sight, options: Options, url: str) -> None:
        self._options = options
        self._url = url
        self._sight = sight
        self._found: dict[tuple[str, str, str], Violation] = {}
        self.trying = ""
        """The message or channel that is being tried, or `envelope`; empty where it is what a finding speaks of."""
        self.undone: dict[str, None] = {}
        self.connections = 0
        self.tried: dict[str, Tried] = {
            **{one.key: Tried(one.key, "sent") for one in sight.incoming},
            **{one.key: Tried(one.key, "received") for one in sight.outgoing},
        }

    def has(self, finding: Finding) -> bool:
        """Whether it is told of already."""
        return self._key(finding) in self._found

    def add(self, finding: Finding, *, reproduced: bool | None = None, trying: str | None = None) -> None:
        """Tell of something, once for each kind; `trying` where that is not what is being tried now."""
        key = self._key(finding)
        before = self._found.get(key)
        if before is not None:
            self._found[key] = replace(before, times=before.times + 1)
            return
        self._found[key] = Violation(
            finding.rule,
            finding.message,
            finding.detail,
            finding.sent,
            finding.came,
            finding.place,
            reproduced,
            self._again(self.trying if trying is None else trying, finding),
            1,
        )

    def report(self, seconds: float) -> Report:
        """All of it."""
        wanted = self._options.only
        shown = tuple(
            one
            for one in self.tried.values()
            if not wanted or one.message in wanted or one.valid or one.broken or one.received
        )
        return Report(
            told_once(self._found.values()),
            shown,
            tuple(self.undone),
            self._options.seed,
            self.connections,
            seconds,
        )

    def _key(self, finding: Finding) -> tuple[str, str, str]:
        key = (finding.rule, finding.message, finding.kind)
        like = [one for one in self._found if one[:2] == key[:2]]
        return key if key in self._found or len(like) < _MOST_OF_A_KIND else like[-1]

    def _again(self, trying: str, finding: Finding) -> str:
        """A command for a shell; what tells who we are is left to its variables."""
        options = self._options
        document = self._sight.document.root.file
        parts = ["python -m codegen verify", shlex.quote(document), shlex.quote(self._url)]
        parts.append(f"--seed {options.seed}")
        for name in ("examples", "time", "patience", "listen"):
            value = getattr(options, name)
            if value != Options.__dataclass_fields__[name].default:
                parts.append(f"--{name} {value:g}")
        parts += ["--slow"] if options.slow else []
        for name, _ in options.headers:
            variable = re.sub(r"\W", "_", name).upper()
            parts.append(f'--header "{name}: ${variable}"')
        parts += ['--token "$TOKEN"'] if options.token is not None else []
        parts.append(f"--only {shlex.quote(trying or finding.message or 'envelope')}")
        return " ".join(parts)
