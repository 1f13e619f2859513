"""Keys that change while the service runs: from a real HTTP server, and from a file."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.access import sources
from service.access.gate import Access, access_of
from service.access.keys import Key
from service.access.problems import KeyProblem, TokenRefused
from service.access.sources import RotatingKeys, fetch
from service.settings import Settings
from tests.service.access.issuing import Issuer, forged, issuer, jwks
from tests.service.running import PATIENCE, eventually, service

ONE, TWO, STRANGER = issuer("RS256", "one"), issuer("ES256", "two"), issuer("RS256", "stranger")
NAMELESS = issuer("RS256")


class Published:
    """A server that publishes keys, and counts who asks."""

    def __init__(self) -> None:
        self.body = jwks(ONE)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.answering = threading.Event()
        """While it is not set, nobody is answered."""
        self.answering.set()
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published.asked += 1
                published.answering.wait(PATIENCE)
                self.send_response(published.status)
                for name, value in published.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(published.body)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(published.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self.answering.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def published() -> Iterator[Published]:
    """One such server, on a port of its own."""
    server = Published()
    yield server
    server.close()


def access_to(published: Published, jwks_cooldown: float = 0.001) -> Access:
    """Access by what a server publishes; loaded again when a token asks for it, or seldom."""
    return access_of(Settings(jwks_url=published.url, jwks_refresh=3600, jwks_cooldown=jwks_cooldown))


async def refused(access: Access, token: str) -> TokenRefused:
    """How a token is refused."""
    with pytest.raises(TokenRefused) as caught:
        await access.judge(token)
    return caught.value


async def test_a_key_that_is_new_is_fetched_when_a_token_names_it(published: Published) -> None:
    """At once, with no restart; the old key counts for as long as it is published."""
    access = access_to(published)
    await access.start()
    assert published.asked == 1
    assert (await access.judge(ONE.token())).subject == "alice"
    published.body = jwks(ONE, TWO)
    assert (await access.judge(TWO.token())).subject == "alice"
    assert (await access.judge(ONE.token())).subject == "alice"
    assert published.asked == 2
    published.body = jwks(TWO)
    assert (await refused(access, STRANGER.token())).reason == "unknown_key"
    assert (await refused(access, ONE.token())).reason == "unknown_key"
    await access.stop()


async def test_strangers_cannot_make_the_service_fetch(published: Published) -> None:
    """However many tokens name keys that there are not, one fetch is made for them in the cooldown."""
    access = access_to(published, jwks_cooldown=3600)
    await access.start()
    tokens = [STRANGER.token(headers={"kid": f"k{number}"}) for number in range(50)]
    answers = await asyncio.gather(*(refused(access, token) for token in tokens))
    assert published.asked == 2
    assert {answer.reason for answer in answers} == {"unknown_key"}
    # Whoever came in the cooldown may have a key that is new: not to be sent away for good.
    later = await refused(access, STRANGER.token())
    assert (later.reason, later.retryable) == ("unknown_key", True)
    assert published.asked == 2
    assert (await access.judge(ONE.token())).subject == "alice"
    await access.stop()


async def test_a_key_without_a_name_keeps_no_new_key_out(published: Published) -> None:
    """A token that names a key which is not there has the set loaded though a nameless key might be meant."""
    access = access_to(published)
    published.body = jwks(NAMELESS)
    await access.start()
    # An issuer may name in tokens what it does not name in its set: nobody waits for a load then.
    assert (await access.judge(NAMELESS.token(headers={"kid": "its own"}))).subject == "alice"
    assert published.asked == 1
    published.body = jwks(NAMELESS, TWO)
    assert (await access.judge(TWO.token())).subject == "alice"
    assert published.asked == 2
    published.body = jwks(NAMELESS, TWO, ONE)
    assert (await access.judge(ONE.token())).subject == "alice"
    assert (await refused(access, STRANGER.token())).reason == "signature"
    await access.stop()


async def test_nor_does_it_send_anybody_away_for_good(published: Published) -> None:
    """Within the cooldown, who names a key that may be new is told to try again, nameless keys or not."""
    access = access_to(published, jwks_cooldown=3600)
    published.body = jwks(NAMELESS)
    await access.start()
    await refused(access, STRANGER.token())
    for token in (STRANGER.token(), TWO.token()):
        told_client = await refused(access, token)
        assert (told_client.reason, told_client.retryable) == ("unknown_key", True)
    late = await refused(access, NAMELESS.token(headers={"kid": "its own"}, exp=1))
    assert (late.reason, late.retryable) == ("expired", False)
    assert published.asked == 2
    await access.stop()


async def test_a_token_without_a_name_is_not_bad_while_keys_are_old(published: Published) -> None:
    """Its key may be in the set that cannot be loaded; once it was loaded, a wrong signature is final."""
    access = access_to(published)
    published.body = jwks(NAMELESS)
    await access.start()
    other = Issuer("RS256", STRANGER.private)
    final = await refused(access, other.token())
    assert (final.reason, final.retryable) == ("signature", False)
    published.status = 500
    await refused(access, TWO.token())
    for token in (other.token(), Issuer("ES256", TWO.private).token()):
        told_client = await refused(access, token)
        assert (told_client.reason, told_client.retryable) == ("no_keys", True)
    nothing = await refused(access, forged({"alg": "none"}, {"sub": "alice"}))
    assert (nothing.reason, nothing.retryable) == ("algorithm", False)
    assert (await access.judge(NAMELESS.token())).subject == "alice"
    await access.stop()


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (500, b"", "answers with HTTP 500"),
        (404, b"", "answers with HTTP 404"),
        (200, b"<html>", "holds no JSON"),
        (200, b'{"keys":[]}', "no key that can be used"),
        (200, b" " * 300_000, "more than 262144 bytes"),
        (302, b"", "answers with HTTP 302"),
    ],
)
async def test_what_cannot_be_fetched_changes_nothing(
    status: int, body: bytes, complaint: str, published: Published
) -> None:
    """The keys of before count, and the status says that they are old, and why."""
    access = access_to(published)
    await access.start()
    published.status, published.body = status, body
    if status == 302:
        published.headers["Location"] = published.url
    for _ in range(2):  # The one that has the set loaded, and whoever comes next.
        told_client = await refused(access, TWO.token())
        assert (told_client.reason, told_client.retryable) == ("no_keys", True)
    assert (await access.judge(ONE.token())).subject == "alice"
    told = access.keys_status()
    assert told is not None
    assert (told.state, told.keys) == ("stale", 1)
    assert complaint in told.reason
    published.status, published.body = 200, jwks(TWO)
    assert (await access.judge(TWO.token())).subject == "alice"
    assert access.keys_status() == sources.KeysStatus("ok", keys=1)
    await access.stop()


async def test_a_service_starts_without_its_keys(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody can be judged, tokens are refused as something to try again; once they are there, all is well."""
    monkeypatch.setattr(sources, "_FIRST_RETRY", 0.01)
    published.status = 503
    async with service(jwks_url=published.url, jwks_cooldown=0.001) as running:
        access: Access = running.app.state.access
        told = access.keys_status()
        assert told is not None
        assert told.state == "missing"
        assert [reason.code for reason in running.app.state.monitor.sources.health().reasons] == [
            "keys_missing"
        ]
        assert not running.app.state.monitor.sources.health().ready
        async with running.client() as client:
            answer = await client.ask({"type": "session.authenticate", "payload": {"token": ONE.token()}})
            assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("unavailable", True)
            published.status = 200
            # By itself: no token asks for it.
            await eventually(lambda: access.keys_status() == sources.KeysStatus("ok", keys=1))
            assert running.app.state.monitor.sources.health().ready
            answer = await client.ask({"type": "session.authenticate", "payload": {"token": ONE.token()}})
            assert answer["payload"]["status"] == "ok"


async def test_a_server_that_does_not_answer_holds_nobody_up(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one client waits for an unknown key, others are served; it is told in the end."""
    async with (
        service(jwks_url=published.url, jwks_cooldown=0.001) as running,
        running.client() as waiting,
        running.client() as other,
    ):
        monkeypatch.setattr(sources, "FETCH_SECONDS", 0.5)
        published.answering.clear()
        await waiting.send({"type": "session.authenticate", "id": 1, "payload": {"token": TWO.token()}})
        await eventually(lambda: published.asked == 2)
        began = time.monotonic()
        assert await other.silent()
        answer = await other.ask({"type": "session.authenticate", "payload": {"token": ONE.token()}})
        assert answer["payload"]["status"] == "ok"
        assert time.monotonic() - began < 0.4
        answer = await waiting.receive()
        assert (answer["id"], answer["payload"]["code"]) == (1, "unavailable")
        published.answering.set()


async def test_what_follows_a_question_mark_is_not_shown(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    """A key in the address of the keys is in no log and no status."""
    caplog.set_level("DEBUG")
    access = access_of(Settings(jwks_url=published.url + "?key=hunter2", jwks_cooldown=0.001))
    await access.start()
    for published.status, published.body in ((500, b""), (200, b"{"), (200, b'{"keys":[]}')):
        await refused(access, TWO.token())
        told = access.keys_status()
        assert told is not None
        assert "hunter2" not in told.reason
        assert published.url + "?…" in told.reason
    await access.stop()
    assert "keys were loaded" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("cooldown", [0.001, 3600.0])
async def test_a_token_is_not_bad_because_its_key_cannot_be_fetched(
    cooldown: float, published: Published
) -> None:
    """Each client with it is told to try again, and none of that counts as a mistake; then it is accepted."""
    async with service(jwks_url=published.url, jwks_cooldown=cooldown, max_errors=1) as running:
        await eventually(lambda: published.asked == 1)
        published.status = 500
        token = TWO.token()
        for _ in range(2):
            async with running.client(headers={"Authorization": f"Bearer {token}"}) as shown:
                assert (await shown.closed())[0] == 1011
        async with running.client() as client:
            for _ in range(5):
                answer = await client.ask({"type": "session.authenticate", "payload": {"token": token}})
                assert (answer["payload"]["code"], answer["payload"]["retryable"]) == ("unavailable", True)
            if cooldown < 1:
                published.status, published.body = 200, jwks(TWO)
                answer = await client.ask({"type": "session.authenticate", "payload": {"token": token}})
                assert answer["payload"]["status"] == "ok"


async def test_who_leaves_while_its_key_is_fetched(published: Published) -> None:
    """Leaves nothing behind."""
    async with service(jwks_url=published.url, jwks_cooldown=0.001) as running:
        await eventually(lambda: running.server.started)
        published.answering.clear()
        async with running.client(headers={"Authorization": f"Bearer {TWO.token()}"}):
            await eventually(lambda: published.asked == 2)
        published.body = jwks(ONE, TWO)
        published.answering.set()
        await eventually(lambda: len(running.connections) == 0)
        assert not running.connections._by_user
        await eventually(lambda: not running.server.server_state.connections)


async def test_a_file_is_read_again(tmp_path: Path) -> None:
    """For a key that a token names, and from time to time; a file that is broken or gone changes nothing."""
    path = tmp_path / "jwks.json"
    path.write_bytes(jwks(ONE))
    access = access_of(Settings(jwks_file=path, jwks_refresh=3600, jwks_cooldown=0.001))
    await access.start()
    assert (await access.judge(ONE.token())).subject == "alice"
    path.write_bytes(jwks(ONE, TWO))
    assert (await access.judge(TWO.token())).subject == "alice"
    for broken in (b"{", None):
        path.unlink()
        if broken is not None:
            path.write_bytes(broken)
        assert (await refused(access, STRANGER.token())).reason == "no_keys"
        assert (await access.judge(TWO.token())).subject == "alice"
    await access.stop()


async def test_keys_are_loaded_from_time_to_time() -> None:
    """Without anybody asking; after failures at growing distances, and a key that is gone counts no longer."""
    fails = asyncio.Event()
    loaded: list[float] = []

    def load() -> list[Key]:
        loaded.append(time.monotonic())
        if fails.is_set():
            raise KeyProblem("out of order")
        return [Key("HS256", b"x" * 32, f"k{len(loaded)}")]

    keys = RotatingKeys(load, "test", every=0.02, cooldown=3600)
    await keys.start()
    await eventually(lambda: keys.loads >= 3)
    assert len(keys.known) == 1
    fails.set()
    await eventually(lambda: keys.status().state == "stale")
    assert keys.status().reason == "out of order"
    fails.clear()
    await eventually(lambda: keys.status().state == "ok")
    await keys.stop()
    loads = keys.loads
    await asyncio.sleep(0)
    assert keys.loads == loads


def test_nobody_listens() -> None:
    """An address that nobody listens on is told as such, at once."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(KeyProblem, match="cannot be reached"):
        fetch(f"http://127.0.0.1:{port}/")


def test_what_is_no_http() -> None:
    """A server that speaks something else is told as such."""
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def answer() -> None:
            connection, _ = odd.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(KeyProblem, match="no proper HTTP answer"):
            fetch(f"http://127.0.0.1:{odd.getsockname()[1]}/")
        thread.join()


def test_proxies_see_nothing_of_this_machine(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names is not asked for an address on this machine."""
    monkeypatch.setitem(os.environ, "http_proxy", "http://127.0.0.1:9")
    assert json.loads(fetch(published.url))["keys"]
