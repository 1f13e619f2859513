"""The generated client against a server that answers as a test says, under Node."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.typescript.conftest import HEAD, Play
from tests.typescript.packages import SPEC, compile_package, run_program, write_package
from tests.typescript.server import Peer, bar, scripted


async def test_the_four_exchanges(play: Play) -> None:
    """Subscribing, an update and unsubscribing are the contract's frames; listeners get body and envelope."""
    frames = []

    async def script(peer: Peer) -> None:
        await peer.granted()
        await peer.bar(7)
        await peer.left()
        frames.extend(peer.received)

    await play(
        script,
        program="""
        const subscription = await client.bars.subscribe(AAPL, (bar, update) => seen.push([bar, update]));
        assert.equal(subscription.topic, "bars:AAPL:1");
        await count(1);
        const [body, update] = seen[0];
        assert.deepEqual(body, { time: 7, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 });
        assert.equal(update.seq, 7);
        assert.equal(update.ts, 1767623401250);
        await subscription.unsubscribe();
        assert.equal(subscription.active, false);
        client.close();
        """,
    )
    payload = {"symbol": "AAPL", "resolution": "1"}
    assert frames == [
        {"type": "bars.subscribe", "id": 1, "payload": payload},
        {"type": "bars.unsubscribe", "id": 2, "payload": payload},
    ]


async def test_answers_in_any_order(play: Play) -> None:
    """Each answer reaches the request with its id, whatever order they come in."""

    async def script(peer: Peer) -> None:
        requests = [await peer.expect("bars.subscribe") for _ in range(3)]
        for request in reversed(requests):
            await peer.answer(request)

    await play(
        script,
        program="""
        const all = await Promise.all(["A", "B", "C"].map((symbol) => client.bars.subscribe({ symbol })));
        assert.deepEqual(all.map(({ topic }) => topic), ["bars:A:1", "bars:B:1", "bars:C:1"]);
        client.close();
        """,
    )


async def test_answers_without_ids(play: Play) -> None:
    """A server that does not repeat ids is understood by the answers' types, in order."""

    async def script(peer: Peer) -> None:
        for topic in ("bars:A:1", "bars:B:1"):
            await peer.expect("bars.subscribe")
            payload = {"status": "ok", "message": "Done", "topic": topic}
            await peer.send({"type": "bars.subscribe.response", "payload": payload})

    await play(
        script,
        program="""
        const all = await Promise.all(["A", "B"].map((symbol) => client.bars.subscribe({ symbol })));
        assert.deepEqual(all.map(({ topic }) => topic), ["bars:A:1", "bars:B:1"]);
        client.close();
        """,
    )


async def test_leaving_the_loop_leaves_the_topic(play: Play) -> None:
    """Who breaks out of the only iteration of a subscription without a listener has unsubscribed."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        await peer.bar(7)
        await peer.left()
        await peer.granted()

    await play(
        script,
        program="""
        const subscription = await client.bars.subscribe(AAPL);
        for await (const bar of subscription) {
          assert.equal(bar.time, 7);
          break;
        }
        assert.equal(subscription.active, false);
        await client.bars.subscribe(AAPL, () => {});
        client.close();
        """,
    )


async def test_iteration(play: Play) -> None:
    """Without a listener nothing is lost between subscribing and iterating; the end is unsubscribing."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        for time in range(5):
            await peer.bar(time)
        await peer.left()

    await play(
        script,
        program="""
        const subscription = await client.bars.subscribe({ symbol: "AAPL" });
        await new Promise((resolve) => setTimeout(resolve, 20));
        for await (const bar of subscription) {
          seen.push(bar.time);
          if (bar.time === 4) await subscription.unsubscribe();
        }
        assert.deepEqual(seen, [0, 1, 2, 3, 4]);
        client.close();
        """,
    )


async def test_updates_right_behind_the_answer(play: Play) -> None:
    """Updates that arrive in one piece with the subscribe answer reach the listener."""

    async def script(peer: Peer) -> None:
        request = await peer.expect("bars.subscribe")
        answer = {"status": "ok", "message": "Done", "topic": "bars:AAPL:1"}
        frames = [
            {"type": "bars.subscribe.response", "id": request["id"], "payload": answer},
            *(bar(time) for time in range(20)),
        ]
        # One write for all, so that they reach the client in one read.
        raw = b""
        for frame in frames:
            data = json.dumps(frame).encode()
            head = (
                bytes([0x81, len(data)])
                if len(data) < 126
                else bytes([0x81, 126]) + len(data).to_bytes(2, "big")
            )
            raw += head + data
        peer.socket.transport.write(raw)

    await play(
        script,
        program="""
        await client.bars.subscribe(AAPL, ({ time }) => seen.push(time));
        await count(20);
        assert.deepEqual(seen, [...Array(20).keys()]);
        client.close();
        """,
    )


async def test_only_the_topic_asked_for(play: Play) -> None:
    """Updates go by their topic: two subscriptions of one channel do not hear each other's."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        await peer.granted()
        await peer.bar(1, "bars:B:1")
        await peer.bar(2, "bars:A:1")
        await peer.bar(3, "bars:C:1")
        await peer.bar(2, "bars:B:1")

    await play(
        script,
        program="""
        const [a, b] = [[], []];
        await client.bars.subscribe({ symbol: "A" }, ({ time }) => a.push(time) && seen.push(time));
        await client.bars.subscribe({ symbol: "B" }, ({ time }) => b.push(time) && seen.push(time));
        await count(3);
        assert.deepEqual([a, b], [[2], [1, 2]]);
        client.close();
        """,
    )


async def test_rubbish_is_reported(play: Play) -> None:
    """What cannot be understood is given to `onError`, and costs nothing else."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        for rubbish in ("{", "", b"\x00\xff", "null", "[]", "7", '{"type": "nobody.knows"}', '{"type": {}}'):
            await peer.socket.send(rubbish)
        await peer.send({"type": "bars.update", "payload": {}})
        await peer.send({"type": "bars.update", "topic": 7, "payload": {}})
        await peer.send({"type": "bars.subscribe.response", "id": 99, "payload": {"status": "ok"}})
        await peer.bar(1)

    await play(
        script,
        program="""
        const errors = [];
        client.onError((error) => errors.push(error));
        await client.bars.subscribe(AAPL, ({ time }) => seen.push(time));
        await count(1);
        assert.ok(errors.every((error) => error instanceof api.ProtocolError), errors);
        assert.equal(errors.length, 11);
        assert.deepEqual(errors[6].frame, { type: "nobody.knows" });
        assert.equal(client.state, "open");
        client.close();
        """,
    )


async def test_refused(play: Play) -> None:
    """A refusal is a `RequestError` that says what the server said; the connection stays."""

    async def script(peer: Peer) -> None:
        request = await peer.expect("bars.subscribe")
        await peer.refuse(
            request, code="bad_payload", retryable=False, errors=[{"path": "/payload", "message": "No"}]
        )
        await peer.refuse(await peer.expect("bars.subscribe"), code="rate_limited", retry_after_ms=20)
        await peer.granted()

    await play(
        script,
        program="""
        const error = await caught(client.bars.subscribe(AAPL));
        assert.ok(error instanceof api.RequestError && error instanceof api.ClientError);
        assert.equal(error.name, "RequestError");
        assert.equal(error.code, "bad_payload");
        assert.equal(error.message, "Not now");
        assert.equal(error.retryable, false);
        assert.deepEqual(error.errors, [{ path: "/payload", message: "No" }]);
        assert.equal(error.retryAfterMs, undefined);
        const later = await caught(client.bars.subscribe(AAPL));
        assert.deepEqual([later.code, later.retryable, later.retryAfterMs], ["rate_limited", true, 20]);
        await client.bars.subscribe(AAPL);
        client.close();
        """,
    )


async def test_errors_of_the_server(play: Play) -> None:
    """The message `error` refuses the request that it names; without one it goes to `onError`."""

    async def script(peer: Peer) -> None:
        problem = {"status": "error", "code": "unknown_type", "message": "What?", "retryable": False}
        request = await peer.expect("ping")
        await peer.send({"type": "error", "payload": problem})
        await peer.send({"type": "error", "id": request["id"], "payload": problem})

    await play(
        script,
        program="""
        client.onError((error) => seen.push(error));
        const error = await caught(client.session.ping());
        assert.equal(error.code, "unknown_type");
        assert.equal(seen.length, 1);
        assert.ok(seen[0] instanceof api.RequestError);
        client.close();
        """,
    )


@pytest.mark.parametrize("how", ["timeoutMs: 30", "signal: AbortSignal.timeout(30)"])
async def test_given_up(play: Play, how: str) -> None:
    """A request that takes too long, or is aborted, rejects; if it succeeds after all, it is undone."""

    async def script(peer: Peer) -> None:
        request = await peer.expect("bars.subscribe")
        await peer.expect("ping")
        await peer.send({"type": "pong", "id": 2, "ts": 1})
        await peer.answer(request)
        await peer.left()
        await peer.send({"type": "server.shutdown", "payload": {"reconnect_in_ms_max": 1}})

    await play(
        script,
        program=f"""
        await client.connect();
        client.session.onServerShutdown(() => client.close());
        const error = await caught(client.bars.subscribe(AAPL, undefined, {{ {how} }}));
        assert.match(error.name, /TimeoutError/);
        assert.equal(error instanceof api.ResponseTimeoutError, {"true" if "Ms" in how else "false"});
        client.onError((error) => seen.push(error));
        await client.session.ping();
        const signal = AbortSignal.abort(new Error("early"));
        assert.equal((await caught(client.bars.subscribe(AAPL, undefined, {{ signal }}))).message, "early");
        assert.deepEqual(seen, []);
        """,
    )


@pytest.mark.parametrize("code", [4500, 4599, 1009, 1008])
async def test_closed_for_good(play: Play, code: int) -> None:
    """A code that says stop ends everything with it; nothing connects again but `connect()`."""
    connections = []

    async def script(peer: Peer) -> None:
        connections.append(peer)
        await peer.granted()
        await peer.bar(1)
        await peer.expect("ping")
        await peer.socket.close(code, "because")

    await play(
        script,
        program=f"""
        client.onState((state, reason) => seen.push([state, reason?.code]));
        const subscription = await client.bars.subscribe(AAPL);
        const error = await caught(client.session.ping());
        assert.ok(error instanceof api.ConnectionClosedError);
        assert.deepEqual([error.code, error.reason, error.retryable], [{code}, "because", false]);
        const times = [];
        const ended = await caught((async () => {{
          for await (const {{ time }} of subscription) times.push(time);
        }})());
        assert.equal(ended, error);
        assert.deepEqual(times, [1]);
        await subscription.unsubscribe();
        assert.equal(subscription.active, false);
        assert.equal(await caught(client.session.ping()), error);
        assert.equal(await caught(client.bars.subscribe(AAPL)), error);
        assert.deepEqual(seen, [["connecting", undefined], ["open", undefined], ["closed", {code}]]);
        """,
    )
    assert len(connections) == 1


async def test_the_servers_shutdown(play: Play) -> None:
    """`onServerShutdown` hears the message, until it is called off; a listener that throws stops nobody."""

    async def script(peer: Peer) -> None:
        for wait in (4000, 5000):
            request = await peer.expect("ping")
            await peer.send({"type": "server.shutdown", "payload": {"reconnect_in_ms_max": wait}})
            await peer.send({"type": "pong", "id": request["id"], "ts": 1})
        await peer.socket.close(4000, "restart")

    await play(
        script,
        program="""
        client.onError((error) => seen.push(error.message));
        client.session.onServerShutdown(() => { throw new Error("listener"); });
        const off = client.session.onServerShutdown(({ payload }) => seen.push(payload.reconnect_in_ms_max));
        const gone = new Promise((resolve) => client.onState((_, reason) => reason && resolve(reason)));
        await client.session.ping();
        assert.deepEqual(seen, ["listener", 4000]);
        off();
        await client.session.ping();
        assert.deepEqual(seen, ["listener", 4000, "listener"]);
        const { code, retryable } = await gone;
        assert.deepEqual([code, retryable], [4000, true]);
        client.close();
        """,
    )


async def test_a_shutdown_that_nobody_listens_for(play: Play) -> None:
    """Without a listener it is no error."""

    async def script(peer: Peer) -> None:
        request = await peer.expect("ping")
        await peer.send({"type": "server.shutdown", "payload": {"reconnect_in_ms_max": 1}})
        await peer.send({"type": "pong", "id": request["id"], "ts": 1})

    await play(
        script,
        program="""
        client.onError((error) => seen.push(error));
        await client.session.ping();
        assert.deepEqual(seen, []);
        client.close();
        """,
    )


async def test_closing(play: Play) -> None:
    """`close()` ends everything at once and for good, until `connect()` is asked for."""

    async def script(peer: Peer) -> None:
        await peer.granted()

    await play(
        script,
        program="""
        const subscription = await client.bars.subscribe(AAPL);
        const waiting = caught(client.session.ping());
        client.close();
        assert.equal(client.state, "closed");
        assert.equal((await waiting).code, 1000);
        for await (const bar of subscription) assert.fail(bar);
        assert.ok((await caught(client.bars.subscribe(AAPL))) instanceof api.ConnectionClosedError);
        await client.connect();
        await client.bars.subscribe(AAPL);
        client.close();
        """,
    )


async def test_connecting(play: Play) -> None:
    """Nothing connects before the first use; uses at the same time share one connection."""
    connections = []

    async def script(peer: Peer) -> None:
        connections.append(peer)
        for _ in range(2):
            request = await peer.expect("ping")
            await peer.send({"type": "pong", "id": request["id"], "ts": 5})

    await play(
        script,
        program="""
        assert.equal(client.state, "idle");
        const ping = () => client.session.ping();
        const [, one, two] = await Promise.all([client.connect(), ping(), ping()]);
        assert.deepEqual([one.ts, two.ts], [5, 5]);
        assert.equal(client.state, "open");
        client.close();
        """,
    )
    assert len(connections) == 1


async def test_nobody_there(trading: Path, tmp_path: Path) -> None:
    """Without `reconnect` a connection that cannot be made is a `ConnectionClosedError` for whoever wanted it."""
    await run_program(
        trading,
        tmp_path,
        HEAD
        + """
        const client2 = new TradingClient(url, { reconnect: false });
        const [error, other] = await Promise.all([
          caught(client2.bars.subscribe(AAPL)),
          caught(client2.connect()),
        ]);
        assert.ok(error instanceof api.ConnectionClosedError);
        assert.deepEqual([error.code, error.retryable, client2.state], [1006, true, "closed"]);
        assert.equal(error, other);
        assert.equal((await caught(client2.session.ping())).code, 1006);
        assert.equal((await caught(client2.connect())).code, 1006);
        """,
        "ws://127.0.0.1:9",
    )


async def test_listeners_that_throw(play: Play) -> None:
    """A listener that throws, or rejects, does not keep updates from the others, and is reported."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        await peer.pong()
        await peer.bar(1)

    await play(
        script,
        program="""
        client.onError(() => { throw new Error("even here"); });
        client.onError(({ message }) => seen.push(message));
        console.error = () => {};
        await client.bars.subscribe(AAPL, () => { throw new Error("one"); });
        await client.bars.subscribe(AAPL, async () => { throw new Error("two"); });
        await client.bars.subscribe(AAPL, ({ time }) => seen.push(time));
        await client.session.ping();
        await count(3);
        assert.deepEqual(seen.toSorted(), [1, "one", "two"]);
        client.close();
        """,
    )


@pytest.mark.parametrize(
    ("overflow", "expected"), [("error", "[0, 1, 'overflow']"), ("drop-oldest", "[3, 4]")]
)
async def test_slow_readers(play: Play, overflow: str, expected: str) -> None:
    """An iteration keeps a bounded number of updates; what happens then is the reader's choice."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        for time in range(5):
            await peer.bar(time)
        await peer.pong()
        await peer.left()

    await play(
        script,
        program=f"""
        const slow = {{ buffer: 2, overflow: "{overflow}" }};
        const subscription = await client.bars.subscribe(AAPL, undefined, slow);
        await client.session.ping();
        await subscription.unsubscribe();
        try {{
          for await (const {{ time }} of subscription) seen.push(time);
        }} catch (error) {{
          assert.ok(error instanceof api.BufferOverflowError);
          seen.push("overflow");
        }}
        assert.deepEqual(seen, {expected});
        client.close();
        """,
    )


async def test_without_websocket(play: Play) -> None:
    """Where there is no `WebSocket`, the error says what to do; a class that is passed is used."""

    async def script(peer: Peer) -> None:
        await peer.granted()

    await play(
        script,
        program="""
        const { WebSocket } = globalThis;
        globalThis.WebSocket = undefined;
        const error = await caught(client.connect());
        assert.match(error.message, /option WebSocket/);
        assert.equal(client.state, "closed");
        const other = new TradingClient(url, { WebSocket });
        await other.bars.subscribe(AAPL);
        other.close();
        """,
    )


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a contract with a heartbeat of 150 ms."""
    folder = tmp_path_factory.mktemp("impatient")
    document = shutil.copytree(SPEC.parent, folder / "spec") / SPEC.name
    document.write_text(SPEC.read_text(encoding="utf-8").replace("interval_ms: 30000", "interval_ms: 150"))
    package = write_package(document, folder)
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package


async def test_heartbeat(impatient: Path, tmp_path: Path) -> None:
    """A silent client pings within a third of the interval; one that is not answered gives up."""

    async def script(peer: Peer) -> None:
        await peer.granted()
        for _ in range(3):
            request = await peer.expect("ping")
            await peer.send({"type": "pong", "id": request["id"], "ts": 1})
        await peer.expect("ping")

    async with scripted(script) as url:
        await run_program(
            impatient,
            tmp_path,
            HEAD
            + """
            const began = Date.now();
            client.onState((state, reason) => state === "reconnecting" && seen.push(reason));
            await client.bars.subscribe(AAPL, undefined, { timeoutMs: 5000 });
            await count(1);
            assert.ok(Date.now() - began >= 4 * 50 - 10);
            assert.equal(seen[0].retryable, true);
            assert.match(seen[0].message, /heartbeat/);
            client.close();
            """,
            url,
            "800",
        )
