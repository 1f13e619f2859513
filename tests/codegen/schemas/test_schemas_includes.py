"""Whether one schema holds every value of another."""
# ruff: noqa: ANN401 - schemas and values may be anything

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from codegen.schemas import ABSENT, compare, includes
from codegen.schemas.forms import document_of
from codegen.schemas.holding import holds
from codegen.verify.strategies import draw
from codegen.written import Judge
from tests.codegen.schemas import chance
from tests.codegen.schemas.vectors import vectors

VECTORS = list(vectors())
HOLDS = {"same": (True, True), "wider": (True, False), "narrower": (False, True), "other": (False, False)}
OPPOSITE = {"wider": "narrower", "narrower": "wider"}


def judge(schema: Any) -> Judge:
    """A judge of a schema that may be true or false."""
    return Judge(schema if isinstance(schema, dict) else {} if schema else {"not": {}})


@pytest.mark.parametrize(
    ("old", "new", "effect"), [each[1:] for each in VECTORS], ids=[each[0] for each in VECTORS]
)
class TestVectors:
    """The proofs and the comparison of known pairs."""

    def test_is_proved_in_both_directions(self, old: Any, new: Any, effect: str) -> None:
        """A pair is proved to hold or not to hold each other, with a value that the judges take for and against."""
        for big, small, expected in ((new, old, HOLDS[effect][0]), (old, new, HOLDS[effect][1])):
            proof = includes(big, small)
            assert proof.answer is expected
            if not expected and "format" not in f"{old}{new}":
                assert judge(small).accepts(proof.witness)  # type: ignore[arg-type]
                assert not judge(big).accepts(proof.witness)  # type: ignore[arg-type]

    def test_is_told_in_both_directions(self, old: Any, new: Any, effect: str) -> None:
        """The changes of a pair amount to what is true of the whole, and turn round with it."""
        before, after = document_of(old), document_of(new)
        for one, other, expected in ((before, after, effect), (after, before, OPPOSITE.get(effect, effect))):
            changes = compare(one, one.root, other, other.root, open_objects="exact")
            effects = {change.effect for change in changes} - {"same"}
            assert (
                effects <= {expected, "wider", "narrower"} if expected == "other" else effects <= {expected}
            )
            assert bool(effects) is (expected != "same")


def test_there_are_enough_vectors() -> None:
    """The table has more than a hundred pairs, no two of one name."""
    assert len({each[0] for each in VECTORS}) == len(VECTORS) > 100


@pytest.mark.parametrize("seed", range(4))
def test_chance_finds_no_value_against_a_proof(seed: int) -> None:
    """Of random pairs, what is proved to be held is held by all values tried, and every witness is one."""
    random = Random(seed)
    tried = [*chance.SCALARS, *(chance.value(random, 3) for _ in range(150))]
    answers = set()
    for _ in range(60):
        small = chance.schema(random)
        big = chance.changed(random, small)
        proof = includes(big, small)
        answers.add(proof.answer)
        takes, refuses = judge(small), judge(big)
        if proof.answer:
            assert [value for value in tried if takes.accepts(value) and not refuses.accepts(value)] == []
        else:
            assert proof.answer is False
            assert proof.witness is not ABSENT
            assert takes.accepts(proof.witness)  # type: ignore[arg-type]
            assert not refuses.accepts(proof.witness)  # type: ignore[arg-type]
    assert answers == {True, False}


def test_generated_values_speak_against_no_proof() -> None:
    """The values that hypothesis-jsonschema makes of a schema are in every schema that is proved to hold it."""
    random = Random(7)
    proved = 0
    while proved < 8:
        small = chance.schema(random, 1)
        big = chance.changed(random, small)
        if includes(False, small).answer or not includes(big, small).answer or includes(small, big).answer:
            continue
        proved += 1
        made = draw({"allOf": [small]}, 8, seed=1)
        assert made
        refuses = judge(big)
        assert [value for value in made if not refuses.accepts(value)] == []


@pytest.mark.parametrize("seed", range(3))
def test_values_are_read_as_the_judges_read_them(seed: int) -> None:
    """The reading of plain forms, which searches rely upon, agrees with the judges on random schemas and values."""
    from codegen.schemas.forms import Root, World  # noqa: PLC0415

    random = Random(seed)
    for _ in range(80):
        schema = chance.schema(random)
        document = document_of(schema)
        world = World([document], [Root(0, document.root)])
        form = world.forms[world.key(Root(0, document.root))]
        judged = judge(schema)
        for value in (chance.value(random) for _ in range(20)):
            assert holds(form, value, world.definitions) is judged.accepts(value), (schema, value)
