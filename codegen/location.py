"""A place in a document, told without the document: by its file and the way from that file's root."""

from __future__ import annotations

from dataclasses import dataclass

Key = str | int


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a document: the file (as shown to the user) and the way from its root."""

    file: str
    pointer: tuple[Key, ...] = ()

    def child(self, *keys: Key) -> Location:
        """The place reached from here through mapping keys and list indexes."""
        return Location(self.file, (*self.pointer, *keys))
