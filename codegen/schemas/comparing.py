"""What changed between two schemas: the prover says whether something did, a walk along both says what.

At every pair of schemas the proofs have the last word: what contradicts them is dropped, and where they find a change
that no keyword explains, the change is reported as a whole, with the value that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from codegen.contract import Json
from codegen.document import Document
from codegen.location import Location
from codegen.schemas import alternatives, counted, enumerated, members, remarks, sequences, showing
from codegen.schemas.changes import Effect, OpenObjects, Proof, SchemaChange, _Absent
from codegen.schemas.forms import TYPES, Form, Key, Root, World, text_of
from codegen.schemas.proving import Prover
from codegen.schemas.views import View
from codegen.schemas.wording import said, types
from codegen.written import Judge, standalone

At = tuple[str | int, ...]
_UNSEEN = frozenset({("property-added", "wider"), ("property-removed", "wider")})
"""Kinds and effects that the proofs do not see where open objects are ignored."""
_HELD = Proof(answer=True)
MAX_WITNESSES = 500
"""Changes that are shown by values, of rare effects before others; more are told without."""


@dataclass(frozen=True, slots=True)
class Found:
    """A change, and the pair of schemas that it was found at."""

    change: SchemaChange
    at: At
    old: Key
    new: Key
    old_part: Key
    """What changed of the old schema, by itself."""
    new_part: Key


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas for the same place in a value."""

    at: At
    old: View
    new: View

    def change(
        self,
        kind: str,
        effect: Effect,
        text: str,
        *,
        old: Json = None,
        new: Json = None,
        keywords: Sequence[str] = (),
        at: At = (),
        old_place: Location | None = None,
        new_place: Location | None = None,
    ) -> Found:
        """A change found at this pair; its places are where keywords are written, or given ones."""
        change = SchemaChange(
            kind,
            effect,
            (*self.at, *at),
            old,
            new,
            old_place or self.old.where(*keywords),
            new_place or self.new.where(*keywords),
            text,
        )
        parts = [view.sliced(*keywords) if keywords else view.key for view in (self.old, self.new)]
        return Found(change, self.at, self.old.key, self.new.key, *parts)


class Comparison:
    """Compares the schemas of one world."""

    def __init__(self, world: World, open_objects: OpenObjects) -> None:
        self.world = world
        self.prover = Prover(world)
        self.exact = open_objects == "exact"
        self._closed: Prover | None = None
        self._within: set[tuple[tuple[Location, ...], tuple[Location, ...]]] = set()
        self._kinds: dict[Key, frozenset[str]] = {}

    def proofs(self, old: View, new: View) -> tuple[Proof, Proof]:
        """Whether the new one accepts what the old one did, and the other way round."""
        if old.key == new.key:
            return _HELD, _HELD
        if self.exact:
            return self.prover.includes(new.key, old.key), self.prover.includes(old.key, new.key)
        return self.prover.includes(new.key, old.sent), self.prover.includes(old.key, new.sent)

    def effect(self, old: View, new: View) -> Effect:
        """What the new one accepts, compared with the old one."""
        return effect_of(*(proof.answer for proof in self.proofs(old, new)))

    def apart(self, old: View, new: View) -> tuple[bool | None, bool | None]:
        """The same proofs where an alternative holds only what it names, as one that is closed does.

        An open alternative takes what another one describes: all that happens to that one would go unseen. What the
        two schemas share as they are written, they share here too.
        """
        if old.key == new.key:
            return True, True
        if self.exact or not self.world.branches:
            return tuple(proof.answer for proof in self.proofs(old, new))  # type: ignore[return-value]
        if self._closed is None:
            self._closed = Prover(self.world.closed())
        before, after = (self._closed.world.joined(view.side, view.places, "outer") for view in (old, new))
        forward = self.prover.includes(new.key, old.key).answer or self._closed.includes(after, before).answer
        back = self.prover.includes(old.key, new.key).answer or self._closed.includes(before, after).answer
        return forward, back

    def between(self, old: Key, new: Key) -> Effect:
        """The same of schemas by their keys, open objects as they are."""
        return effect_of(self.prover.includes(new, old).answer, self.prover.includes(old, new).answer)

    def kinds(self, key: Key) -> frozenset[str]:
        """The JSON types of which a schema accepts some value; `integer` where it takes no other numbers."""
        if key not in self._kinds:
            found = {
                kind
                for kind in _possible(self.world.forms[key])
                if self.prover.find([(key, True)], kind).exists is not False
            }
            if "number" in found:
                broken = self.world.intern({"type": ["number"], "not": {"type": ["integer"]}})
                if self.prover.find([(key, True), (broken, True)]).exists is False:
                    found = found - {"number"} | {"integer"}
            self._kinds[key] = frozenset(found)
        return self._kinds[key]

    def compare(self, at: At, old: View, new: View) -> list[Found]:
        """All changes between two schemas."""
        pair = (_followed(old), _followed(new))
        if pair in self._within or not (old.places or new.places) or self._is_untouched(old, new):
            return []
        self._within.add(pair)
        try:
            return self._compared(Pair(at, old, new))
        finally:
            self._within.discard(pair)

    def _is_untouched(self, old: View, new: View) -> bool:
        """Whether two schemas that refer to no others are written alike."""
        if len(old.places) != 1 or len(new.places) != 1 or old.key != new.key:
            return False
        if self.world.refers(old.side, old.places[0]):
            return False
        return text_of(old.document.value(old.places[0])) == text_of(new.document.value(new.places[0]))

    def _compared(self, pair: Pair) -> list[Found]:
        found = list(remarks.compare(pair))
        effect = self.effect(pair.old, pair.new)
        found += self._explained(pair)
        return self._reconciled(pair, effect, found)

    def _explained(self, pair: Pair) -> Iterator[Found]:
        same = pair.old.key == pair.new.key
        enumeration = None if same else enumerated.compare(self, pair)
        if enumeration is not None:
            yield from enumeration
            return
        old, new = (
            (self.kinds(pair.old.key), self.kinds(pair.new.key)) if not same else (frozenset(), frozenset())
        )
        if not (same or old or new):
            return  # neither takes anything
        if old != new:
            yield _types(pair, old, new)
        yield from alternatives.compare(self, pair, frozenset(_wide(old) ^ _wide(new)))
        one_sided = len(pair.old.unions) + len(pair.new.unions) == 1
        split = alternatives.is_split(self, pair) if one_sided else []
        if one_sided and not split:
            return  # each arm has been compared as a whole
        yield from counted.compare(self, pair)
        yield from sequences.compare(self, pair)
        found = members.compare(self, pair)
        yield from (each for each in found if not alternatives.say(pair, split, each))

    def _reconciled(self, pair: Pair, effect: Effect, found: list[Found]) -> list[Found]:
        kept = []
        for each in found:
            change = each.change
            own: Effect | None = change.effect
            if self.exact or not unseen(change):
                own = _allowed(change.effect, effect)
                if own is None and self.world.branches:
                    own = _allowed(change.effect, effect_of(*self.apart(pair.old, pair.new)))
                    own = "unknown" if own and change.kind == "alternatives-changed" else own
            if own is not None:
                kept.append(
                    each if own == change.effect else replace(each, change=replace(change, effect=own))
                )
        effects = {each.change.effect for each in kept if self.exact or not unseen(each.change)}
        missing: Effect | None = None
        if effect in {"narrower", "other"} and not effects & {"narrower", "other", "unknown"}:
            missing = "narrower"
        if effect in {"wider", "other"} and not effects & {"wider", "other", "unknown"}:
            missing = "other" if missing else "wider"
        if effect == "unknown" and not effects - {"same"}:
            missing = "unknown"
        if not missing and self.world.branches and not _telling(kept):
            seen = _telling(found) and self.between(pair.old.key, pair.new.key) != "same"
            missing = "unknown" if seen or self.apart(pair.old, pair.new) != (True, True) else None
        if missing:
            kept.append(self._whole(pair, missing))
        return kept

    def _whole(self, pair: Pair, effect: Effect) -> Found:
        forward, back = self.proofs(pair.old, pair.new)
        lost, gained = (
            None if isinstance(proof.witness, _Absent) else said(proof.witness) for proof in (forward, back)
        )
        match effect:
            case "narrower":
                text = f"no longer takes {lost or 'everything that it took'}"
            case "wider":
                text = f"may now also be {gained or 'what it could not be'}"
            case "other":
                text = (
                    f"no longer takes {lost or 'all that it took'}, and may be {gained or 'something else'}"
                )
            case _:
                text = "is described in another way, whose meaning could not be compared"
        return pair.change("schema-changed", effect, text)


def _telling(found: Sequence[Found]) -> bool:
    return any(each.change.effect != "same" for each in found)


def unseen(change: SchemaChange) -> bool:
    """Whether the proofs do not see a change where open objects are ignored."""
    return (change.kind, change.effect) in _UNSEEN


def _possible(form: Form) -> Sequence[str]:
    """The types that a form leaves, as far as a look tells."""
    kinds = form.get("type") if isinstance(form, dict) else None
    return TYPES if kinds is None else ["number" if kind == "integer" else kind for kind in kinds]


def _followed(view: View) -> tuple[Location, ...]:
    return tuple(map(view.document.follow, view.places))


def effect_of(forward: bool | None, back: bool | None) -> Effect:
    """The effect that two proofs amount to."""
    match forward, back:
        case True, True:
            return "same"
        case True, _:
            return "wider"
        case False, True:
            return "narrower"
        case False, False:
            return "other"
        case False, None:
            return "narrower"
        case _:
            return "unknown"


def _allowed(effect: Effect, whole: Effect) -> Effect | None:
    """What is left of an effect beside the proofs for the whole."""
    if effect == "same" or whole in {"other", "unknown"}:
        return effect
    if whole == "same":
        return None
    if effect in {"other", "unknown"}:
        return whole
    return effect if effect == whole else None


def _wide(kinds: frozenset[str]) -> frozenset[str]:
    return frozenset("number" if kind == "integer" else kind for kind in kinds)


_ORDER = ("string", "integer", "number", "boolean", "object", "array", "null")


def _types(pair: Pair, old: frozenset[str], new: frozenset[str]) -> Found:
    def sent(kinds: frozenset[str]) -> list[Json]:
        return [kind for kind in _ORDER if kind in kinds]

    def taken(kinds: frozenset[str]) -> frozenset[str]:
        return kinds | {"integer"} if "number" in kinds else kinds

    was, now = (types(map(str, sent(kinds))) for kinds in (old, new))
    values: dict[str, Json] = {"old": sent(old), "new": sent(new)}
    lost, gained = taken(old) - taken(new), taken(new) - taken(old)
    everything = len(_wide(old)) == len(TYPES)
    was = "anything" if everything else was
    effect: Effect = "other" if lost and gained else "narrower" if lost else "wider"
    if not new:
        kind, text = "type-removed", "can no longer be there: no value fits"
    elif lost and gained:
        kind, text = "type-changed", f"must now be {now} (was {was})"
    elif lost:
        kind, text = "type-removed", f"must now be {now} (was {was})"
    elif not old:
        kind, text = "type-added", f"may now be {now} (no value fitted)"
    elif gained == {"number"} and "integer" in old:
        kind, text = "type-added", "may now be any number (was an integer)"
    elif len(_wide(new)) == len(TYPES):
        kind, text = "type-added", f"may now be anything (was {was})"
    else:
        told = gained - {"integer"} if "number" in gained else gained
        kind, text = "type-added", f"may now also be {types(map(str, sent(told)))} (was {was})"
    return pair.change(
        kind,
        effect,
        text,
        old=values["old"],
        new=values["new"],
        keywords=("type", "const", "enum", "anyOf", "oneOf"),
    )


def compare(
    old: Document,
    old_at: Location,
    new: Document,
    new_at: Location,
    *,
    open_objects: OpenObjects = "ignored",
    is_shown: Callable[[SchemaChange], bool] | None = None,
) -> tuple[SchemaChange, ...]:
    """What changed from one schema to another, by meaning: nothing where the two accept the same values.

    `open_objects` says how properties count that an object allows only because it says nothing of others. `ignored`:
    a property that only the other document names was never sent, so that adding an optional one is harmless (kind
    `property-added`). `exact`: anything may have been sent under its name, so that it narrows (kind
    `property-added-to-open`). Where a document writes down how other properties are, that counts either way.

    `is_shown` tells of which changes a witness is known from elsewhere, so that none is looked for.
    """
    roots = [Root(0, old_at), Root(1, new_at)]
    world = World([old, new], roots, leave_out=open_objects != "exact")
    comparison = Comparison(world, open_objects)
    before, after = View(world, 0, (old_at,)), View(world, 1, (new_at,))
    found = comparison.compare((), before, after)
    judges = Judge(standalone(old, old_at)), Judge(standalone(new, new_at))
    unique = {(each.change.kind, each.change.at, each.change.text): each for each in found}
    fresh = [what for what, each in unique.items() if is_shown is None or not is_shown(each.change)]
    counts = Counter(unique[what].change.effect for what in fresh)
    rare = sorted(fresh, key=lambda what: counts[unique[what].change.effect])
    shown = set(rare[:MAX_WITNESSES])
    return tuple(
        showing.with_witness(comparison, before, after, each, judges) if what in shown else each.change
        for what, each in unique.items()
    )
