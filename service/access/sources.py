"""Where keys come from, and how they are kept up to date: never on the event loop, never more often than set."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Final, Literal, Protocol, TypeVar
from urllib.parse import urlsplit

from service.access.addresses import on_this_machine, shown_url
from service.access.keys import Key, KeySet, told
from service.access.problems import KeyProblem
from service.logs import event

log = logging.getLogger(__name__)

T = TypeVar("T")

FETCH_SECONDS: Final = 5.0
"""How long a set of keys may take to come."""
_MOST_BYTES: Final = 262_144
_FIRST_RETRY: Final = 1.0
"""Seconds after the first failure; twice as long after each one more."""


@dataclass(frozen=True, slots=True)
class KeysStatus:
    """How keys are."""

    state: Literal["ok", "stale", "missing"]
    """`stale`: those of before are used, new ones could not be had; `missing`: there are none."""
    reason: str = ""
    keys: int = 0


class Keys(Protocol):
    """Keys that may change."""

    @property
    def known(self) -> Sequence[Key]:
        """All keys as of now."""

    def status(self) -> KeysStatus:
        """How they are."""

    async def start(self) -> None:
        """Have keys, or try for a moment; keep them up to date from now on."""

    async def stop(self) -> None:
        """Keep nothing up to date any more."""

    async def renew(self) -> bool:
        """Look for newer keys at once; False where there may be some that could not be looked at."""


class FixedKeys:
    """Keys that never change."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.known: Sequence[Key] = tuple(keys)

    def status(self) -> KeysStatus:
        """Always fine."""
        return KeysStatus("ok", keys=len(self.known))

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    async def renew(self) -> bool:
        """There are none but these; that is as new as it gets."""
        return True


class RotatingKeys:
    """Keys that are loaded anew from time to time, and at once where a token names one that is not known.

    However many tokens name unknown keys, there is one load in `cooldown` seconds for them. A load that fails
    changes nothing but the status.
    """

    def __init__(
        self,
        load: Callable[[], Sequence[Key]],
        where: str,
        *,
        every: float,
        cooldown: float,
        known: Sequence[Key] = (),
    ) -> None:
        """`load` runs in a thread of its own, and raises KeyProblem; times are in seconds."""
        self.known: Sequence[Key] = tuple(known)
        self._load = load
        self._where = where
        self._every = every
        self._cooldown = cooldown
        self._reason = "" if known else "not loaded yet"
        self._failures = 0
        self._asked_at: float | None = None
        """When the last load for an unknown key began."""
        self._loading: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.loads = 0
        """How often was loaded."""

    def status(self) -> KeysStatus:
        """Whether the last load succeeded, and what there is."""
        if not self._reason:
            return KeysStatus("ok", keys=len(self.known))
        return KeysStatus("stale" if self.known else "missing", self._reason, len(self.known))

    async def start(self) -> None:
        """Load once, whether that succeeds or not, and go on."""
        if not self.known:
            await self._load_once()
        self._keeping = asyncio.create_task(self._keep(), name="keys")

    async def stop(self) -> None:
        """Load no more; what is under way ends by itself."""
        for task in (self._keeping, self._loading):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def renew(self) -> bool:
        """Load at once, or wait for the load that is under way; False within the cooldown, and where it failed."""
        now = time.monotonic()
        if self._loading is None or self._loading.done():
            if self._asked_at is not None and now - self._asked_at < self._cooldown:
                return False
            self._asked_at = now
        await self._load_once()
        return not self._failures

    async def _keep(self) -> None:
        while True:
            # Not to the second, lest many processes ask in the same one.
            wait = self._every * random.uniform(0.9, 1.1)  # noqa: S311
            if self._failures:
                wait = min(wait, _FIRST_RETRY * 2 ** min(self._failures - 1, 16))
            await asyncio.sleep(wait)
            await self._load_once()

    async def _load_once(self) -> None:
        """One load at a time, whoever waits for it."""
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._do_load(), name="load keys")
        await asyncio.shield(self._loading)

    async def _do_load(self) -> None:
        self.loads += 1
        try:
            async with asyncio.timeout(2 * FETCH_SECONDS):
                found = await _in_thread(self._load)
        except (KeyProblem, TimeoutError) as error:
            self._failures += 1
            reason = str(error) or f"{self._where} takes too long to answer"
            if reason != self._reason or self._failures == 1:
                log.warning(event("keys could not be loaded", kept=len(self.known), reason=reason))
            self._reason = reason
            return
        except Exception:
            self._failures += 1
            self._reason = f"{self._where} could not be loaded"
            log.exception(event("keys could not be loaded", kept=len(self.known)))
            return
        if self._failures or tuple(found) != self.known:
            tell(found, self._where)
        self.known, self._reason, self._failures = tuple(found), "", 0


def tell(keys: Sequence[Key], where: str) -> None:
    """Log which keys are used, by their names, and which are not, and why."""
    log.info(event("keys were loaded", source=where, count=len(keys), used=told(keys)))
    if isinstance(keys, KeySet) and keys.skipped:
        level = logging.WARNING if keys.private else logging.INFO
        log.log(level, event("keys were passed over", source=where, reasons="; ".join(keys.skipped)))


async def _in_thread(call: Callable[[], T]) -> T:
    """What a call returns that may block. Its thread holds up no end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = call()
        except Exception as caught:  # noqa: BLE001  # handed on to whoever waits
            error = caught
        with suppress(RuntimeError):  # The loop is closed: nobody waits.
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="keys", daemon=True).start()
    return await future


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: only the address that was set is trusted."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Leave the redirect an error."""


def fetch(url: str) -> bytes:
    """What an address answers, bounded in time and size. Raises KeyProblem; blocks."""
    host, shown = urlsplit(url).hostname or "", shown_url(url)
    proxies = urllib.request.ProxyHandler({} if on_this_machine(host) else None)
    opener = urllib.request.build_opener(_NoRedirect, proxies)
    request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "tapewire"})  # noqa: S310
    try:
        with opener.open(request, timeout=FETCH_SECONDS) as response:
            return _read(response, shown)
    except urllib.error.HTTPError as error:
        with error:
            raise KeyProblem(f"{shown} answers with HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise KeyProblem(f"{shown} cannot be reached: {reason}") from None
    except HTTPException as error:
        raise KeyProblem(f"{shown} gives no proper HTTP answer: {type(error).__name__}") from None


def _read(response: HTTPResponse, where: str) -> bytes:
    deadline = time.monotonic() + FETCH_SECONDS
    data = bytearray()
    while piece := response.read1(65_536):
        data += piece
        if len(data) > _MOST_BYTES:
            raise KeyProblem(f"{where} answers with more than {_MOST_BYTES} bytes")
        if time.monotonic() > deadline:
            raise KeyProblem(f"{where} takes too long to answer")
    return bytes(data)
