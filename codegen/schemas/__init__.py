"""JSON Schemas by meaning: whether one holds every value of another, and what changed between two."""

from codegen.schemas.changes import ABSENT, Effect, OpenObjects, Proof, SchemaChange
from codegen.schemas.comparing import compare
from codegen.schemas.proving import includes

__all__ = ["ABSENT", "Effect", "OpenObjects", "Proof", "SchemaChange", "compare", "includes"]
