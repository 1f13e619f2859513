"""Whether one schema holds every value of another."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.contract import SchemaDict
from codegen.schemas.changes import Proof, _Absent
from codegen.schemas.forms import Root, World, document_of
from codegen.schemas.search import Outcome, Search, TooLongError
from codegen.schemas.unfolding import Literal
from codegen.written import Judge


class Prover:
    """Proves things about the schemas of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.search = Search(world)
        self._proofs: dict[tuple[str, str], Proof] = {}

    def includes(self, big: str, small: str) -> Proof:
        """Whether the one schema accepts all that the other accepts; schemas by their keys."""
        if (big, small) not in self._proofs:
            self._proofs[big, small] = self._proved(big, small)
        return self._proofs[big, small]

    def find(self, literals: Sequence[Literal], kind: str | None = None) -> Outcome:
        """A value on the right side of all literals, of one type or any; not found out where that takes too long."""
        self.search.steps = 0
        try:
            return self.search.find(literals, kind)
        except (TooLongError, RecursionError):
            self.search.reset()
            return Outcome(exists=None)

    def _proved(self, big: str, small: str) -> Proof:
        if big in {small, "{}"} or small == "false":
            return Proof(answer=True)
        outcome = self.find([(small, True), (big, False)])
        if outcome.exists is None:
            return Proof(answer=None)
        return Proof(not outcome.exists, outcome.value)


def includes(big: SchemaDict | bool, small: SchemaDict | bool) -> Proof:
    """Whether a schema accepts every value that another one accepts; both of draft 7, referring to themselves only.

    A negative answer comes with a value that the small one accepts and the big one refuses, as far as one can be
    written down; a value that differs by a format alone is no such value to `Judge`, which leaves formats aside.
    """
    documents = [document_of(big), document_of(small)]
    roots = [Root(side, document.root) for side, document in enumerate(documents)]
    world = World(documents, roots)
    prover = Prover(world)
    keys = [world.key(root) for root in roots]
    return confirmed(prover.includes(*keys), Judge(_mapping(big)), Judge(_mapping(small)))


def confirmed(proof: Proof, big: Judge, small: Judge) -> Proof:
    """The proof with its witness tried; what the judges do not confirm is no witness."""
    if isinstance(proof.witness, _Absent):
        return proof
    if small.accepts(proof.witness) and not big.accepts(proof.witness):
        return proof
    return Proof(proof.answer)


def _mapping(schema: SchemaDict | bool) -> SchemaDict:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return schema
