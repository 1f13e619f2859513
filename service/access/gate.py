"""Who may: what the settings say about tokens, origins and users, in one place."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from service.access.addresses import shown_url
from service.access.counters import AccessCounters
from service.access.grant import Grant
from service.access.keys import Key, key_of_file, keys_of_jwks, read_bytes
from service.access.minting import development_key
from service.access.problems import KeyProblem, TokenRefused
from service.access.rights import Rights
from service.access.sources import FixedKeys, Keys, KeysStatus, RotatingKeys, fetch, tell
from service.access.verifier import Verifier
from service.logs import event
from service.settings import Settings
from service.settings.access import KEY_SOURCES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed; times in seconds."""

    anonymous: bool = True
    """Whether market data need no token."""
    authentication_timeout: float = 10.0
    """Where they do: how long a client may take to show one."""
    grace: float = 30.0
    """How long a client whose token has run out may take to show another."""
    leeway: float = 0.0
    """How far the issuer's clock may be from this one."""
    origins: frozenset[str] | None = None
    """Web pages of which origins may connect; None is all."""
    per_user: int = 100
    """Connections that one user may have."""


class Access:
    """Judges tokens and handshakes, and counts."""

    def __init__(self, keys: Keys | None, policy: Policy, verifier: Verifier | None = None) -> None:
        """Without `keys` there are no accounts: no token is judged, and nothing that needs one is to be had."""
        self.policy = policy
        self.counters = AccessCounters()
        self._keys = keys
        self._verifier = verifier or (None if keys is None else Verifier(keys, leeway=policy.leeway))

    @property
    def enabled(self) -> bool:
        """Whether tokens are judged."""
        return self._verifier is not None

    def keys_status(self) -> KeysStatus | None:
        """How the keys are; None where there are no accounts."""
        return None if self._keys is None else self._keys.status()

    async def start(self) -> None:
        """Have keys, where they can be had."""
        if self._keys is not None:
            await self._keys.start()

    async def stop(self) -> None:
        """Keep keys up to date no more."""
        if self._keys is not None:
            await self._keys.stop()

    async def judge(self, token: str) -> Rights:
        """What a token gives. Raises TokenRefused."""
        if self._verifier is None:
            raise TokenRefused("no_keys", retryable=False)
        try:
            rights = await self._verifier.verify(token)
        except TokenRefused as refused:
            self.counters.auth_failures[refused.reason] += 1
            which = {} if refused.claim is None else {"claim": refused.claim}
            log.info(event("token refused", reason=refused.reason, **which))
            raise
        self.counters.auth_ok += 1
        log.debug(event("token accepted"))
        return rights

    def grant(self, rights: Rights) -> Grant:
        """For how long rights count here."""
        ends_at = rights.expires_at + self.policy.leeway
        return Grant(rights, ends_at, ends_at + self.policy.grace)

    def welcomes(self, origin: str | None) -> bool:
        """Whether a web page of this origin may connect; who names none is no web page."""
        origins = self.policy.origins
        if origins is None or origin is None or origin.lower() in origins:
            return True
        self.counters.origins_refused += 1
        return False


def access_of(settings: Settings) -> Access:
    """What the settings say. Raises KeyProblem where a key cannot be used."""
    policy = Policy(
        anonymous=settings.anonymous == "on",
        authentication_timeout=settings.authentication_timeout,
        grace=settings.token_grace,
        leeway=settings.token_leeway,
        origins=None if settings.origins is None else frozenset(settings.origins.split(",")),
        per_user=settings.connections_per_user,
    )
    try:
        keys = _keys_of(settings)
    except KeyProblem as problem:
        problem.setting = next(name for name in KEY_SOURCES if getattr(settings, name) is not None)
        raise
    if keys is None:
        return Access(None, policy)
    verifier = Verifier(
        keys,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        leeway=settings.token_leeway,
    )
    return Access(keys, policy, verifier)


def _keys_of(settings: Settings) -> Keys | None:
    if (path := settings.token_key) is not None:
        found = [key_of_file(path)]
        tell(found, str(path))
        return FixedKeys(found)
    if (path := settings.development_key) is not None:
        key = development_key(path, instead="--token-key takes a secret or a public key, --jwks-file a set")
        log.warning(
            event("tokens of a development key are accepted: whoever has it can be anybody", file=str(path))
        )
        return FixedKeys([key])
    if (url := settings.jwks_url) is not None:
        return RotatingKeys(
            lambda: keys_of_jwks(fetch(url), shown_url(url), secrets=False),
            shown_url(url),
            every=settings.jwks_refresh,
            cooldown=settings.jwks_cooldown,
        )
    if (file := settings.jwks_file) is not None:

        def read() -> Sequence[Key]:
            return keys_of_jwks(read_bytes(file), str(file), secrets=True)

        known = read()
        tell(known, str(file))
        return RotatingKeys(
            read, str(file), every=settings.jwks_refresh, cooldown=settings.jwks_cooldown, known=known
        )
    return None
