"""An account in the demo, behind a login with a development token, in a real browser."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from generated.publisher import Publisher
from service.access.minting import mint, new_development_key
from service.feeds.base import Feed
from service.feeds.choose import feed_of
from service.settings import Settings
from tests.browser.chromium import Page
from tests.browser.conftest import Visit
from tests.browser.test_demo import says, text
from tests.service.running import eventually, service


class Keys:
    """A development key, and its tokens."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "development.json"
        self._key = new_development_key(self.path)

    def token(self, *accounts: str, subject: str = "somebody", seconds: float = 3600) -> str:
        """One that may read these accounts, for so long."""
        return mint(self._key, subject, accounts=accounts, scopes=["account:read"], expires_in=seconds)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """A key of its own for each test."""
    return Keys(tmp_path)


def with_accounts(publisher: Publisher) -> Feed:
    """A simulated market with accounts, quick enough for tests."""
    return feed_of(
        Settings(accounts="simulate", development_key=Path("any"), updates_per_second=10, speed=10), publisher
    )


def without_accounts(publisher: Publisher) -> Feed:
    """The simulated market as it is by default."""
    return feed_of(Settings(), publisher)


async def log_in(page: Page, token: str) -> None:
    """Open the account's tab where it is not, and give it a token."""
    await page.click("#account-tab")
    await page.evaluate("document.querySelector('#token').focus()")
    await page.type(token)
    await page.press("Enter")


def plain(shown: str) -> Decimal:
    """An amount as it is shown."""
    return Decimal(shown.split(maxsplit=1)[0].replace(",", "").replace("\N{MINUS SIGN}", "-"))


async def test_an_account_is_shown_to_who_logs_in(visit: Visit, keys: Keys) -> None:
    """Money, positions and orders come, move and agree; who logs out sees nothing, and is sent nothing, any more."""
    token = keys.token("DEMO-1", "DEMO-2")
    async with (
        service(feed=with_accounts, development_key=str(keys.path), topic_grace=0) as running,
        visit(f"{running.url}/demo") as page,
    ):
        assert await page.evaluate("document.querySelector('#account').hidden")
        await log_in(page, token)
        await page.until("document.querySelector('#position-rows').rows.length > 0")
        await page.until("document.querySelectorAll('#order-rows [data-status=filled]').length > 0")
        figures = "['equity', 'balance', 'open-profit'].map((id) => document.getElementById(id).textContent)"
        equity, balance, profit = map(plain, await page.evaluate(figures))
        assert equity == balance + profit
        await page.evaluate(f"window.before = {figures}.join()")
        await page.until(f"{figures}.join() !== window.before")
        await page.evaluate("document.querySelector('#account-id').value = 'DEMO-2'")
        await page.evaluate("document.querySelector('#account-id').dispatchEvent(new Event('change'))")
        await eventually(lambda: "account:DEMO-2" in running.hub.topics)
        await eventually(lambda: "account:DEMO-1" not in running.hub.topics)
        await says(page, "#equity", r"^\d")
        await page.click("#log-out")
        await eventually(lambda: not any("DEMO" in topic for topic in running.hub.topics))
        assert await text(page, "#equity") == "—"
        assert await page.evaluate("document.querySelector('#position-rows').rows.length") == 0
        assert await page.evaluate("document.querySelector('#token').value") == ""
        await says(page, "#state", "^Connected$")
        assert not any(token in address for address in page.requests)


async def test_a_refused_token_is_said_clearly(visit: Visit, keys: Keys, tmp_path: Path) -> None:
    """What the service says of a token that it does not accept stands there, and another may be tried."""
    (tmp_path / "other").mkdir()
    foreign = Keys(tmp_path / "other").token("DEMO-1")
    async with (
        service(feed=with_accounts, development_key=str(keys.path)) as running,
        visit(f"{running.url}/demo") as page,
    ):
        await log_in(page, foreign)
        await says(page, "#account-word", "^The service does not accept this token: .")
        await page.evaluate("document.querySelector('#token').value = ''")
        await log_in(page, keys.token())
        await says(page, "#account-word", "^The token is good, but names no account")
        await page.click("#log-out")
        await log_in(page, keys.token("DEMO-1"))
        await says(page, "#equity", r"^\d")
        assert await text(page, "#account-word") == ""


async def test_a_service_without_accounts_says_so(visit: Visit, keys: Keys) -> None:
    """Where nothing judges tokens, the tab tells that, and how accounts are had."""
    async with service() as running, visit(f"{running.url}/demo") as page:
        await log_in(page, keys.token("DEMO-1"))
        await says(page, "#account-word", "^Not logged in: This service has no accounts")
        await says(page, ".how pre", "--accounts simulate --development-key")


async def test_accounts_that_are_not_served_are_told_of(visit: Visit, keys: Keys) -> None:
    """Where tokens are judged, but nobody has accounts, that is said, and the tab is no sign of life."""
    async with (
        service(feed=without_accounts, development_key=str(keys.path)) as running,
        visit(f"{running.url}/demo") as page,
    ):
        await log_in(page, keys.token("DEMO-1"))
        await says(page, "#account-word", "^DEMO-1 is not served: This service has no accounts.$")
        assert await page.evaluate("document.querySelector('#account-tab').dataset.state === undefined")


async def test_a_limit_is_not_blamed_on_the_token(visit: Visit, keys: Keys) -> None:
    """Who has as many connections as one user may is told that, and not that the token is bad."""
    token = keys.token("DEMO-1")
    async with (
        service(feed=with_accounts, development_key=str(keys.path), connections_per_user=1) as running,
        running.client(headers={"Authorization": f"Bearer {token}"}) as other,
        visit(f"{running.url}/demo") as page,
    ):
        assert await other.silent()
        await log_in(page, token)
        await says(page, "#account-word", "^Not logged in: there are as many connections")


async def test_a_right_that_is_taken_back_is_told(visit: Visit, keys: Keys) -> None:
    """A renewed token that names the account no more ends what is shown of it, with a reason; the market goes on."""
    async with (
        service(feed=with_accounts, development_key=str(keys.path), topic_grace=0) as running,
        visit(f"{running.url}/demo") as page,
    ):
        await log_in(page, keys.token("DEMO-1"))
        await says(page, "#equity", r"^\d")
        await page.click("#another-token")
        await page.type(keys.token("DEMO-1", subject="somebody else"))
        await page.press("Enter")
        await says(page, "#account-word", "^The token was refused: .")
        await page.evaluate("document.querySelector('#token').value = ''")
        await page.type(keys.token("DEMO-2"))
        await page.press("Enter")
        await says(page, "#account-word", "^The token grants DEMO-1 no more; this is DEMO-2.$")
        await eventually(lambda: not any("DEMO-1" in topic for topic in running.hub.topics))
        assert await page.evaluate("document.querySelector('#account-id').value") == "DEMO-2"
        await says(page, "#equity", r"^\d")
        await says(page, "#state", "^Connected$")
        await page.click("#another-token")
        await page.type(keys.token())
        await page.press("Enter")
        await says(page, "#account-word", "^The token grants DEMO-2 no more, and no other account.$")
        assert await text(page, "#equity") == "—"
        assert await page.evaluate("document.querySelector('#position-rows').rows.length") == 0
        assert await page.evaluate("document.querySelector('#account-tab').dataset.state === undefined")
        await page.click("#another-token")
        await page.type(keys.token("DEMO-1"))
        await page.press("Enter")
        await page.until("document.querySelector('#position-rows').rows.length > 0")
        assert await text(page, "#account-word") == ""


async def test_a_service_that_asks_for_a_token_is_unlocked_by_the_login(visit: Visit, keys: Keys) -> None:
    """Where nothing is told to strangers, the page says where to log in; then markets come, until one logs out."""
    async with (
        service(feed=with_accounts, development_key=str(keys.path), anonymous="off") as running,
        visit(f"{running.url}/demo") as page,
    ):
        await says(page, "#problem", "^This service asks for a token: log in under Account.$")
        assert await page.evaluate("!document.querySelector('#account').hidden")
        await page.click("#link-tab")
        await says(page, "#state-detail", "^Not connected: this service asks for a token.$")
        for button in ("cut", "cut-long"):
            await page.until(f"document.querySelector('#{button}').disabled")
        assert await page.evaluate("document.querySelector('#reconnect').hidden")
        await page.click("#problem button")
        await page.until("document.activeElement === document.querySelector('#token')")
        for account in ("DEMO-1", "DEMO-2"):
            await log_in(page, keys.token(account))
            await says(page, "#equity", r"^\d")
            await says(page, "#price", r"^\d")
            await page.until("document.querySelectorAll('#symbols .last').length > 3")
            await page.until("document.querySelector('#problem').hidden")
            await says(page, "#state", "^Connected$")
            await page.click("#log-out")
            await says(page, "#problem", "^This service asks for a token")
            await page.until("getComputedStyle(document.querySelector('#price')).visibility === 'hidden'")
            await page.until("window.tapewire.state === 'closed'")


async def test_a_token_that_runs_out_is_warned_of(visit: Visit, keys: Keys) -> None:
    """The page says how long the token is good, that it is over, and why one is logged out."""
    async with (
        service(feed=with_accounts, development_key=str(keys.path), token_leeway=0, token_grace=3) as running,
        visit(f"{running.url}/demo") as page,
    ):
        await log_in(page, keys.token("DEMO-1", seconds=100))
        await says(page, "#account-expiry", "^The token expires in 2 min: renew it.$")
        await page.click("#another-token")
        await page.type(keys.token("DEMO-1"))
        await page.press("Enter")
        await says(page, "#account-expiry", "^$")
        await page.click("#another-token")
        await page.type(keys.token("DEMO-1", seconds=5))
        await page.press("Enter")
        await says(page, "#account-expiry", "^The token expires in . s: renew it.$")
        await says(page, "#account-expiry", "^The token has expired: renew it now.$")
        await says(page, "#account-word", "^Logged out: the token has expired.$")
        assert await text(page, "#account-expiry") == ""


@pytest.mark.parametrize("width", [390, 768])
async def test_where_to_log_in_is_in_view(visit: Visit, keys: Keys, width: int) -> None:
    """Where nothing is told to strangers, nobody scrolls past empty boxes to show a token."""
    async with (
        service(feed=with_accounts, development_key=str(keys.path), anonymous="off") as running,
        visit(f"{running.url}/demo") as page,
    ):
        await page.resize(width, 844, mobile=width < 700)
        await says(page, "#problem", "^This service asks for a token")
        assert await page.evaluate("document.querySelector('#log-in').getBoundingClientRect().bottom < 422")
        await log_in(page, keys.token("DEMO-1"))
        await page.until("document.querySelector('.stage').offsetHeight > 200")


@pytest.mark.parametrize("width", [390, 768, 920, 1280])
async def test_it_fits_the_view(visit: Visit, keys: Keys, width: int) -> None:
    """On a telephone as on a desk nothing of an account reaches beyond its panel."""
    async with (
        service(feed=with_accounts, development_key=str(keys.path)) as running,
        visit(f"{running.url}/demo") as page,
    ):
        await page.resize(width, 844, mobile=width < 700)
        # Its prices are wide: five digits before the point, and average prices of four behind it.
        await log_in(page, keys.token("DEMO-7"))
        await page.until("document.querySelector('#position-rows').rows.length > 2")
        await page.until("document.querySelector('#order-rows').rows.length > 0")
        assert await page.evaluate("document.querySelector('#orders td').offsetWidth > 0"), (
            "the time is shown"
        )
        for place in ("documentElement", "querySelector('#positions')", "querySelector('#orders')"):
            element = f"document.{place}"
            assert await page.evaluate(f"{element}.scrollWidth <= {element}.clientWidth"), place
