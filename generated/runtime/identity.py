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
_LEAST_TIME = 1.0
"""Seconds that a token has to be good for to be replaced in its time."""
_LEAST_WAIT = 10.0
"""Seconds until the next, after a token that has less: its server lets it count a little longer than it says."""


class Identity:
    """Asks the client's user for tokens, and the server whether they are good."""

    def __init__(self, token: Token | str, rule: Authentication, options: ClientOptions) -> None:
        if not isinstance(token, str) and not callable(token):
            raise TypeError(f"a token is a string, or a function that gives one, not {type(token).__name__}")
        if isinstance(token, str) and not token.strip():
            raise ValueError("the option token is empty: give a token, a function that gives one, or none")
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
                given = self._token if isinstance(self._token, str) else self._token()
                token = await given if inspect.isawaitable(given) else given
                payload = encode_json({rule.token: _text(token)})
        except Exception as error:
            # Once for each attempt: where it comes from is for those who look for it.
            logger.warning("there is no token: %r", error)
            logger.debug("what the token function raised", exc_info=error)
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
            share = _SHARE - clock.random() / 10
            await clock.sleep(lasts * share if lasts > _LEAST_TIME else _LEAST_WAIT)
            try:
                lasts = await self.tell(link)
            except ConnectionLost as error:
                if link.lost is None:
                    logger.warning("the token was not replaced: %s", error.reason)
                return


def _text(given: object) -> str:
    """A token without what is around it: a file that it was read from ends with a line's end.

    Raises what is worth another attempt, as whatever a token function raises: it may have one by then.
    """
    if not isinstance(given, str):
        shown = "None" if given is None else type(given).__name__
        raise TypeError(f"the token function gave {shown}, not a text")
    if not (text := given.strip()):
        raise ValueError("the token function gave an empty text")
    return text
