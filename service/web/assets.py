"""What the build has left in `dist/`, held in memory as it goes over the wire."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent
DIST = WEB / "dist"
STAMP = "stamp.json"
"""The file in `dist/` that the build writes last: where it is, the build was whole."""

# Litestar adds the charset to text.
MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".txt": "text/plain",
}
WORTH_COMPRESSING = 1024
"""Bytes below which a compressed body saves nothing worth its header."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    content: bytes
    compressed: bytes | None
    """The content with gzip; None where that is not worth while."""
    media_type: str
    etag: str
    """A strong validator with its quotes, made from the content."""


def read_asset(path: Path) -> Asset:
    """The file at `path`; OSError where it cannot be read."""
    content = path.read_bytes()
    small = len(content) < WORTH_COMPRESSING
    return Asset(
        content=content,
        compressed=None if small else gzip.compress(content, compresslevel=9, mtime=0),
        media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
    )


class Bundle:
    """One page of `dist/` and what it refers to.

    Files are found by name in a mapping, never by a path that somebody sent. A build made after the service
    started is picked up with the next request.
    """

    def __init__(self, name: str, dist: Path = DIST) -> None:
        self.folder = dist / name
        self._stamp = dist / STAMP
        self._seen: int | None = None
        self._assets: Mapping[str, Asset] = {}

    def find(self, name: str) -> Asset | None:
        """The file of that name; None where the build has made none."""
        self._refresh()
        return self._assets.get(name)

    @property
    def is_built(self) -> bool:
        """Whether there is a whole build to serve from."""
        self._refresh()
        return bool(self._assets)

    def _refresh(self) -> None:
        try:
            seen = self._stamp.stat().st_mtime_ns
        except OSError:
            self._seen, self._assets = None, {}
            return
        if seen == self._seen:
            return
        files = [path for path in sorted(self.folder.iterdir()) if path.is_file()]
        self._assets = {path.name: read_asset(path) for path in files}
        self._seen = seen
