"""Requests that wait for their answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from .codec import Json, TagValue
from .errors import DuplicateRequest, InvalidMessage, ResponseTimeout, WireError

R = TypeVar("R")


@dataclass(slots=True)
class _Waiting(Generic[R]):
    type: TagValue
    answer: asyncio.Future[R]
    on_answer: Callable[[R], None] | None


class Pending(Generic[R]):
    """Answers find their requests by id, or, where they carry none, by type and in order."""

    def __init__(self) -> None:
        self._named: dict[str | int, _Waiting[R]] = {}
        self._nameless: list[_Waiting[R]] = []

    def add(
        self, identity: str | int | None, type_: TagValue, on_answer: Callable[[R], None] | None = None
    ) -> asyncio.Future[R]:
        """Wait for an answer of a type; `on_answer` is called when it is received, before the next frame.

        DuplicateRequest where a request with the same id waits already.
        """
        if identity is not None and identity in self._named:
            raise DuplicateRequest(f"a request with the id {identity!r} waits for its answer; use another id")
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        # Whoever asked may be cancelled before it ever waited: then nobody is left to be told.
        answer.add_done_callback(_note)
        waiting = _Waiting(type_, answer, on_answer)
        if identity is None:
            self._nameless.append(waiting)
        else:
            self._named[identity] = waiting
        return answer

    def forget(self, answer: asyncio.Future[R]) -> None:
        """Wait no longer."""
        self._nameless = [one for one in self._nameless if one.answer is not answer]
        for identity in [key for key, one in self._named.items() if one.answer is answer]:
            del self._named[identity]
        if answer.done() and not answer.cancelled():
            answer.exception()  # taken note of, whether or not anybody awaits it

    def resolve(self, identity: Json, type_: TagValue, answer: R) -> bool:
        """Hand over an answer; whether anybody waited for it. One of another type is no answer: InvalidMessage."""
        waiting = self._take(identity, type_)
        if waiting is None:
            return False
        if waiting.answer.done():
            return True  # whoever asked has just given up, and may ask again: it is not to have two answers
        if waiting.type != type_:
            waiting.answer.set_exception(InvalidMessage(f"the answer is of the type {type_!r}"))
            return True
        if waiting.on_answer is not None:
            waiting.on_answer(answer)
        waiting.answer.set_result(answer)
        return True

    def fail(self, identity: Json, error: WireError) -> bool:
        """Hand over a refusal by id; whether anybody waited for it."""
        if not isinstance(identity, str | int) or isinstance(identity, bool):
            return False
        waiting = self._named.pop(identity, None)
        if waiting is None:
            return False
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
        return True

    def fail_oldest(self, error: WireError) -> bool:
        """Hand a refusal to whoever has waited longest; whether anybody waited."""
        return bool(self._named) and self.fail(next(iter(self._named)), error)

    def fail_all(self, error: WireError) -> None:
        """Tell everybody who waits that no answer will come."""
        waiting = [*self._named.values(), *self._nameless]
        self._named, self._nameless = {}, []
        for one in waiting:
            if not one.answer.done():
                one.answer.set_exception(error)

    def _take(self, identity: Json, type_: TagValue) -> _Waiting[R] | None:
        if isinstance(identity, str | int) and not isinstance(identity, bool) and identity in self._named:
            return self._named.pop(identity)
        for index, waiting in enumerate(self._nameless):
            if waiting.type == type_:
                return self._nameless.pop(index)
        if identity is None:  # the server does not echo ids: it answers in order
            for key, waiting in self._named.items():
                if waiting.type == type_:
                    return self._named.pop(key)
        return None


def _note(answer: asyncio.Future[R]) -> None:
    """Take note of what a future failed with, so that it is not reported as unseen."""
    if not answer.cancelled():
        answer.exception()


@asynccontextmanager
async def within(seconds: float | None, what: object) -> AsyncIterator[None]:
    """Give something so long; ResponseTimeout where it takes longer. None: as long as it likes."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if limit.expired() and not isinstance(error, ResponseTimeout):
            raise ResponseTimeout(f"{what}: no answer within {seconds:g} s") from error
        raise
