"""What goes wrong at a mock on purpose, as its scenario asks."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from codegen.contract import Contract, Json, Message
from codegen.mock.connections import Guest
from codegen.mock.kits import at
from codegen.mock.scenario import CLOSE, SILENCE, Failure, Scenario
from codegen.runtime.python.errors import Disconnected, RequestError


class Failures:
    """Refusals, silences and closed connections, each by chance as often as asked for."""

    def __init__(
        self, scenario: Scenario, contract: Contract, random: Random, log: Callable[[str], None]
    ) -> None:
        self._scenario = scenario
        self._contract = contract
        self._random = random
        self._log = log

    def perhaps(self, guest: Guest, message: Message) -> None:
        """Fail a request, or not. Raises RequestError for a refusal, Disconnected where the connection is closed."""
        failure = self._failure(message)
        if failure is None:
            return
        self._log(f"{guest.name} → {message.key} → {failure.what}, as asked")
        if failure.what == SILENCE:
            guest.muted = True
        elif failure.what == CLOSE:
            guest.end(failure.close_code, f"{message.key} fails, as asked")
            raise Disconnected(failure.close_code)
        else:
            raise self._problem(failure.what, message)

    def _failure(self, message: Message) -> Failure | None:
        names = {"*", message.key, str(message.tag.value) if message.tag else message.key}
        for failure in self._scenario.failures:
            if failure.message in names:
                return failure if self._random.random() < failure.chance else None
        return None

    def _problem(self, code: str, message: Message) -> RequestError:
        """A refusal with a code, in the words of an example that has it."""
        envelope = self._contract.envelope
        body: Json = None
        if envelope is not None:
            for other in sorted(self._contract.messages, key=lambda one: one.key != message.response):
                for example in other.examples:
                    said = at(example.payload, (envelope.payload,))
                    if isinstance(said, dict) and said.get("code") == code:
                        body = body or said
        told = body if isinstance(body, dict) else {}
        wait = told.get("retry_after_ms")
        return RequestError(
            code,
            str(told.get("message", f"Refused with {code}, as the mock was asked to.")),
            retryable=told.get("retryable") is True,
            retry_after_ms=wait if isinstance(wait, int) else None,
        )
