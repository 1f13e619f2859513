"""Who a client is: its token, sent on each connection before all else, and again before it runs out."""

from __future__ import annotations

import inspect
import logging

from .codec import encode_json
from .errors import ConnectionLost, InvalidMessage, RequestError, ResponseTimeout
from .exchange import Authentication
from .link import Link
from .options import ClientOptions, Token
from .pending import within

logger = logging.getLogger(__name__)

_POLICY = 1008
_SHARE = 0.8
"""After how much of its time a token is replaced, at the latest; at the earliest a tenth of its time before."""
_LEAST_WAIT = 1.0
"""Seconds between two tokens, whatever a server says."""


class Identity:
    """Asks the client's user for tokens, and the server whether they are good."""

    def __init__(self, token: Token, rule: Authentication, options: ClientOptions) -> None:
        self._token = token
        self._rule = rule
        self._options = options

    async def tell(self, link: Link) -> float | None:
        """Send a token; in how many seconds it runs out, None where the server does not say.

        Raises ConnectionLost: what to give the connection up for, if it has no other token.
        """
        rule, options = self._rule, self._options
        try:
            async with within(options.response_timeout, "the token"):
                given = self._token()
                token = await given if inspect.isawaitable(given) else given
                # A file that it was read from ends with a line's end.
                payload = encode_json({rule.token: token.strip()})
        except Exception as error:
            logger.exception("there is no token")
            raise ConnectionLost(1006, f"there is no token: {error!r}", reconnect=True) from error
        try:
            answer = await link.ask(rule, payload, options.response_timeout)
        except RequestError as error:
            code = 1006 if error.retryable else _POLICY
            raise ConnectionLost(code, str(error), reconnect=error.retryable) from error
        except (ResponseTimeout, InvalidMessage) as error:
            raise ConnectionLost(1006, str(error), reconnect=True) from error
        body = answer.body
        lasts = body.get(rule.expires) if isinstance(body, dict) and rule.expires is not None else None
        return lasts / 1000 if isinstance(lasts, int | float) and not isinstance(lasts, bool) else None

    async def keep(self, link: Link, lasts: float | None) -> None:
        """Send another token before the one that is good for so many seconds runs out, for as long as that is known.

        One that cannot be had, or is refused, costs nothing yet: the server ends the connection when the last one has
        run out, and then there is another attempt.
        """
        clock = self._options.clock
        while lasts is not None:
            await clock.sleep(max(_LEAST_WAIT, lasts * (_SHARE - clock.random() / 10)))
            try:
                lasts = await self.tell(link)
            except ConnectionLost as error:
                if link.lost is None:
                    logger.warning("the token was not replaced: %s", error.reason)
                return
