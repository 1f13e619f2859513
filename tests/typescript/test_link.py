"""How a client comes by a connection, and by the next one: sockets, waits, tokens, networks."""

from __future__ import annotations

import pytest

from tests.typescript.conftest import Act

WAITS = """
const waits = [];
const { setTimeout: later } = globalThis;
// Long waits are noted, and are over at once; those for sockets and answers are none of them.
globalThis.setTimeout = (run, ms, ...rest) => {
  if (ms > 20 && ms !== 10_000) waits.push(ms);
  return later(run, ms > 20 && ms !== 10_000 ? 1 : ms, ...rest);
};
Math.random = () => 0.25;
/** Loses the connection, and opens the next. */
const lose = async (code) => {
  const { length } = Socket.all;
  await Socket.last.lose(code);
  await until(() => Socket.all.length > length);
};
const answered = async () => {
  await Socket.last.open();
  const pong = client.session.ping();
  const { id } = await Socket.last.take("ping");
  Socket.last.frames({ type: "pong", id, ts: 1 });
  await pong;
};
"""


async def test_waits(act: Act) -> None:
    """Half a second at first, each time up to twice as long, never more than twenty; chance decides how much of it."""
    await act(
        WAITS
        + """
        const client = await connected({ reconnect: undefined });
        for (let attempt = 0; attempt < 8; attempt++) await lose(1006);
        assert.deepEqual(waits, [125, 250, 500, 1000, 2000, 4000, 5000, 5000]);
        await answered();
        waits.length = 0;
        await lose(1012);
        await lose(1012);
        assert.deepEqual(waits, [125, 250], "an answer starts over, opening alone does not");
        await Socket.last.open();
        await lose(1012);
        assert.deepEqual(waits, [125, 250, 500]);
        client.close();
        """
    )


async def test_what_the_server_advises(act: Act) -> None:
    """A shutdown's window is for the next attempt; a refusal's wait is for the attempt after 4006; none is endless."""
    await act(
        WAITS
        + """
        const client = await connected({ reconnect: { minMs: 100, maxMs: 100 } });
        const shutdown = (ms) => Socket.last.frames({ type: "server.shutdown", payload: { reconnect_in_ms_max: ms } });
        shutdown(9000);
        await lose(1006);
        assert.deepEqual(waits.splice(0), [2250]);
        await Socket.last.open();
        await lose(4000);
        assert.deepEqual(waits.splice(0), [25], "a window is for once");
        await Socket.last.open();
        for (const strange of ["soon", null, -5, {}, true]) shutdown(strange);
        await lose(4000);
        assert.deepEqual(waits.splice(0).filter((ms) => ms !== 25), []);
        for (const [told, code, expected] of [[7000, 4006, 7000], [7000, 1012, 25], [1e15, 4006, 2 ** 31 - 1]]) {
          await Socket.last.open();
          const refused = caught(client.session.ping());
          await Socket.last.refuse("ping", { retry_after_ms: told });
          await refused;
          await lose(code);
          assert.deepEqual(waits.splice(0), [expected]);
        }
        client.close();
        """
    )


async def test_sockets_that_never_open(act: Act) -> None:
    """One that takes too long is closed, and another is tried; what the first one does later is nobody's."""
    await act(
        """
        const client = create({ timeoutMs: 150 });
        const states = [];
        client.onState((state, reason) => states.push([state, reason?.code, reason?.reason]));
        const waiting = client.connect({ timeoutMs: 10_000 });
        await until(() => Socket.all.length === 3);
        const [first, , third] = Socket.all;
        assert.deepEqual(first.closed, []);
        await first.open();
        await first.lose(4500);
        assert.equal(client.state, "reconnecting");
        await third.open();
        await waiting;
        assert.deepEqual(states, [
          ["connecting", undefined, undefined],
          ["reconnecting", 1006, "not open after 150 ms"],
          ["open", undefined, undefined],
        ]);
        await first.open();
        await first.lose(4500);
        first.frames({ type: "nobody.knows" });
        assert.equal(client.state, "open");
        assert.deepEqual(complaints, []);
        client.close();
        """
    )


async def test_no_socket_at_all(act: Act) -> None:
    """A class that throws, or that is not there, closes the client with what it says, for whoever waits."""
    await act(
        """
        class Broken { constructor() { throw new SyntaxError("what an address"); } }
        const client = create({ WebSocket: Broken });
        for (const error of [await caught(client.connect()), await caught(client.session.ping())]) {
          assert.ok(error instanceof api.ConnectionClosedError);
          assert.deepEqual([error.reason, error.retryable, client.state], ["what an address", false, "closed"]);
        }
        """
    )


async def test_how_long_connecting_may_take(act: Act) -> None:
    """`connect()` rejects in its time with the reason why there is no connection; the client goes on trying."""
    await act(
        """
        const client = create();
        const first = client.connect({ timeoutMs: 10 });
        assert.ok((await caught(first)) instanceof api.ResponseTimeoutError);
        const second = client.connect({ timeoutMs: 150 });
        await Socket.last.lose(1006, "no route");
        const error = await caught(second);
        assert.deepEqual([error.name, error.code, error.reason], ["ConnectionClosedError", 1006, "no route"]);
        const signal = AbortSignal.timeout(5);
        assert.equal((await caught(client.connect({ signal }))).name, "TimeoutError");
        const third = client.connect();
        await until(() => Socket.all.length === 2);
        await Socket.last.open();
        await third;
        await client.connect();
        client.close();
        """
    )


CLOSING = {
    "idle": "",
    "connecting": "client.connect().catch(() => {});",
    "open": "client.connect(); await Socket.last.open();",
    "waiting": "client.connect(); await Socket.last.open(); await Socket.last.lose(1012);",
    "reconnecting": """client.connect(); await Socket.last.open(); await Socket.last.lose(1012);
        await until(() => Socket.all.length === 2);""",
    "authenticating": """client.connect().catch(() => {}); await Socket.last.open();""",
}


@pytest.mark.parametrize("when", CLOSING)
async def test_closing(act: Act, when: str) -> None:
    """`close()` ends everything in every state, with no other socket and no timer left; the server hears 1000."""
    await act(
        f"""
        const token = {"() => new Promise(() => {})" if when == "authenticating" else "undefined"};
        const client = create({{ token, reconnect: {{ minMs: {30_000 if when == "waiting" else 1}, maxMs: 30_000 }} }});
        Math.random = () => 0.9;
        {CLOSING[when]}
        const waiting = {"undefined" if when == "idle" else "caught(client.bars.subscribe(AAPL))"};
        const {{ length }} = Socket.all;
        client.close();
        client.close();
        assert.equal(client.state, "closed");
        const error = await (waiting ?? caught(client.session.ping()));
        assert.deepEqual([error.code, error.reason, error.retryable], [1000, "closed by this client", false]);
        if (length > 0 && "{when}" !== "waiting") assert.deepEqual(Socket.last.closed, [1000, "closed by this client"]);
        await soon(30);
        assert.equal(Socket.all.length, length);
        assert.deepEqual(complaints, []);
        """
    )


async def test_tokens(act: Act) -> None:
    """A token that is not to be had costs the connection, and is asked for again; a late one goes nowhere."""
    await act(
        """
        const answers = [];
        const token = () => new Promise((resolve, reject) => answers.push({ resolve, reject }));
        const client = create({ token, timeoutMs: 250 });
        const reasons = [];
        client.onState((state, reason) => reason && reasons.push(reason.reason));
        client.onError((error) => reasons.push(error.message));
        const pong = client.session.ping({ timeoutMs: 30_000 });
        const next = async (count) => {
          await until(() => Socket.all.length === count);
          await Socket.last.open();
          await until(() => answers.length === count);
        };
        await next(1);
        // The first never comes, or rather when it is of no use any more.
        await next(2);
        assert.deepEqual(reasons.splice(0), ["not open after 250 ms"]);
        answers[0].resolve("stale");
        await soon(5);
        assert.deepEqual(Socket.all.map(({ sent }) => sent), [[], []]);
        for (const strange of [new Error("no luck"), "text", null, undefined]) {
          answers.at(-1).reject(strange);
          await next(Socket.all.length + 1);
        }
        assert.deepEqual(reasons.splice(0), ["no luck", "text", "null", "undefined"]);
        answers.at(-1).resolve("fresh");
        const asked = await Socket.last.take("session.authenticate");
        assert.deepEqual(asked.payload, { token: "fresh" });
        await soon(5);
        assert.deepEqual(Socket.last.sent, []);
        Socket.last.frames(yes(asked, "none"));
        const { id } = await Socket.last.take("ping");
        Socket.last.frames({ type: "pong", id, ts: 3 });
        assert.equal((await pong).ts, 3);
        client.close();
        """
    )


async def test_a_token_that_does_not_change(act: Act) -> None:
    """It may be given as it is, white space around it is none of it, and each connection is told of it anew."""
    await act(
        """
        const client = create({ token: " t\\n" });
        client.connect().catch(() => {});
        for (const count of [1, 2]) {
          await until(() => Socket.all.length === count);
          await Socket.last.open();
          const asked = await Socket.last.take("session.authenticate");
          assert.deepEqual(asked.payload, { token: "t" });
          Socket.last.frames(yes(asked, "none"));
          await until(() => client.state === "open");
          await Socket.last.lose(1012);
        }
        client.close();
        """
    )


async def test_a_token_that_is_refused(act: Act) -> None:
    """A refusal for good closes the client, one for now does not; the reasons say what the server said."""
    await act(
        """
        const client = create({ token: () => "t" });
        const states = [];
        client.onState((state, reason) => states.push([state, reason?.code, reason?.reason]));
        client.onError(() => {});
        const waiting = caught(client.session.ping());
        await Socket.last.open();
        await Socket.last.refuse("session.authenticate", { message: "Later", retryable: true });
        await until(() => Socket.all.length === 2);
        await Socket.last.open();
        await Socket.last.refuse("session.authenticate", { message: "x".repeat(500), retryable: false });
        assert.equal((await waiting).reason, "x".repeat(500));
        assert.deepEqual(Socket.last.closed, []);
        assert.deepEqual(states.map(([state, code]) => [state, code]), [
          ["connecting", undefined],
          ["reconnecting", 1006],
          ["closed", 1008],
        ]);
        """
    )


async def test_networks(act: Act) -> None:
    """Offline nothing is tried; online again a lost connection is tried at once, and a living one is probed."""
    await act(
        """
        const network = new EventTarget();
        let listeners = 0;
        globalThis.addEventListener = (...all) => (listeners++, network.addEventListener(...all));
        globalThis.removeEventListener = (...all) => (listeners--, network.removeEventListener(...all));
        const turn = (onLine) => {
          Object.defineProperty(globalThis, "navigator", { value: { onLine }, configurable: true });
          network.dispatchEvent(new Event(onLine ? "online" : "offline"));
        };
        const client = create({ reconnect: { minMs: 5, maxMs: 10 }, timeoutMs: 200 });
        assert.equal(listeners, 0);
        client.connect();
        await Socket.last.open();
        assert.equal(listeners, 2);

        Math.random = () => 1;
        await Socket.last.lose(1006);
        turn(false);
        await soon(30);
        assert.equal(Socket.all.length, 1, "a wait that has begun is over");
        turn(true);
        assert.equal(Socket.all.length, 2);
        turn(false);
        await Socket.last.lose(1006);
        await soon(30);
        assert.equal(Socket.all.length, 2, "none begins");
        turn(true);
        turn(true);
        assert.equal(Socket.all.length, 3);
        await Socket.last.open();

        turn(false);
        turn(true);
        const { id } = await Socket.last.take("ping");
        Socket.last.frames({ type: "pong", id, ts: 1 });
        turn(true);
        await Socket.last.take("ping");
        await until(() => client.state === "reconnecting");
        await until(() => Socket.all.length === 4);
        client.close();
        assert.equal(listeners, 0);
        turn(true);
        assert.equal(Socket.all.length, 4);
        """
    )


async def test_listeners_that_act(act: Act) -> None:
    """A listener may close, or connect again, in the midst of what it is told; one that throws stops nobody."""
    await act(
        """
        const client = create();
        client.onError((error) => complaints.push(error.message));
        client.onState(() => { throw new Error("listener"); });
        const states = [];
        client.onState((state) => {
          states.push(state);
          if (state === "reconnecting") client.close();
          if (state === "closed" && states.length < 5) client.connect();
        });
        client.connect();
        await Socket.last.open();
        const subscription = client.bars.subscribe(AAPL);
        await Socket.last.grant();
        await Socket.last.lose(1012);
        assert.deepEqual(states, ["connecting", "open", "reconnecting", "closed", "connecting"]);
        for await (const body of await subscription) assert.fail(body);
        assert.equal(Socket.all.length, 2);
        await Socket.last.open();
        assert.deepEqual(Socket.last.sent, []);
        client.close();
        assert.deepEqual(states.slice(5), ["open", "closed"]);
        assert.deepEqual(complaints, Array(7).fill("listener"));
        """
    )


async def test_a_bounded_queue(act: Act) -> None:
    """So many requests may wait for a connection; who gives up makes room, and what is sent keeps its order."""
    await act(
        """
        const client = create({ maxQueued: 2 });
        const leaving = new AbortController();
        const given = caught(client.session.ping({ signal: leaving.signal }));
        const kept = client.bars.subscribe(AAPL);
        for (const late of [client.session.ping(), client.trades.subscribe(AAPL)]) {
          assert.ok((await caught(late)) instanceof api.QueueFullError);
        }
        leaving.abort(new Error("enough"));
        assert.equal((await given).message, "enough");
        const pong = client.session.ping();
        await Socket.last.open();
        assert.deepEqual(Socket.last.sent.map(({ type }) => type), ["bars.subscribe", "ping"]);
        await Socket.last.grant();
        await kept;
        Socket.last.frames({ type: "pong", ts: 1 });
        await pong;
        client.close();
        """
    )
