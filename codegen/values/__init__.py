"""Values that fit a schema, made up: short, readable, and the same for the same seed.

`make(standalone(document, at), Random(7))` is a value that the schema at that place accepts. What the document says
itself comes first: `examples`, `default`, the values of `x-open-enum`. Whatever comes out was judged; a schema that no
way leads to a value of raises ImpossibleError, which mostly means that nothing fits it.
"""

from __future__ import annotations

from random import Random

from codegen.contract import Json, SchemaDict
from codegen.values.last_resort import searched
from codegen.values.making import DeadEnd, Making
from codegen.written import Judge

__all__ = ["ImpossibleError", "Maker", "make"]


class ImpossibleError(Exception):
    """No value was found that a schema accepts."""


class Maker:
    """Makes values for one schema, draft 7, that refers to nothing but itself; see `codegen.written.standalone`."""

    def __init__(self, schema: SchemaDict) -> None:
        self.schema = schema
        self.judge = Judge(schema)

    def make(self, random: Random, *, like: Json = None) -> Json:
        """A value that the schema accepts.

        With `like` it stays close to that one: what of it fits is kept, part by part. None says nothing.

        Raises:
            ImpossibleError: none was found.

        """
        try:
            return Making(self.schema, self.judge, random).run(like)
        except (DeadEnd, RecursionError):
            found = searched(self.schema, self.judge, random)
        if not found:
            raise ImpossibleError("no value was found that the schema accepts")
        return found[0]


def make(schema: SchemaDict, random: Random, *, like: Json = None) -> Json:
    """A value that a schema accepts; see `Maker`, which is quicker where one schema is asked for many."""
    return Maker(schema).make(random, like=like)
