"""Where clients connect to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject

_OURSELVES = re.compile(
    r"localhost|127\.|0\.0\.0\.0|\[::1\]|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\."
    r"|[^/:]*\.(local|localhost|internal|test)\b|\{|[\w-]+(:|/|\Z)"
)
"""Hosts that nobody reaches over the internet: this machine, private addresses, names without a dot."""


def _insecure(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a server"):
        server = subject.mapping(at)
        url, protocol = server.get("url"), server.get("protocol")
        if not isinstance(url, str):
            continue
        scheme, _, rest = url.rpartition("://")
        is_plain = (scheme or protocol) in ("ws", "http")
        if is_plain and not _OURSELVES.match(rest):
            yield at.child("url"), f"what clients send to {url} can be read on the way; offer wss://"


RULES = (Rule("insecure-server", "warning", _insecure),)
