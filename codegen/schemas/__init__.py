"""JSON Schemas by meaning: whether one holds every value of another, and what changed between two.

The prover looks for a value that the one accepts and the other refuses; where it finds none, having looked everywhere,
there is none. Its answer is unknown only

- where expressions matter that are no regular sets: back-references, look-behind, word boundaries, repetitions beyond
  5000, or such as Python cannot compile, and no value at hand decides;
- where a text must lack a known format and nothing at hand lacks it;
- where lists must hold more than 40 different items, or mappings more than 60 properties that nobody names;
- where a search takes too many steps.

Formats are read as sets of texts of which only some inclusions are known (a `uri` is a `uri-reference`); a format that
nobody knows counts as one that some texts lack.
"""

from codegen.schemas.changes import ABSENT, Effect, OpenObjects, Proof, SchemaChange
from codegen.schemas.comparing import compare
from codegen.schemas.kinds import KINDS
from codegen.schemas.proving import includes

__all__ = ["ABSENT", "KINDS", "Effect", "OpenObjects", "Proof", "SchemaChange", "compare", "includes"]
