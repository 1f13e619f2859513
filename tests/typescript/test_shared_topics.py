"""Topics that several share: who is told what, what the server hears, and what becomes of those who leave."""

from __future__ import annotations

from tests.typescript.conftest import Act


async def test_late_joiners(act: Act) -> None:
    """Who comes late has the topic at once, and is given the latest: after the subscription, and never after news."""
    await act(
        """
        const client = await connected();
        const early = client.bars.subscribe(AAPL, () => {});
        await Socket.last.grant("bars.subscribe", { seq: 0, epoch: "a" });
        await early;
        Socket.last.frames(bar(1));
        const told = [];
        let subscription;
        subscription = await client.bars.subscribe({ symbol: "AAPL", resolution: "1" }, (body, update) => {
          told.push([body.time, update.seq, subscription.latest === body]);
        });
        assert.deepEqual(told, []);
        assert.equal(subscription.latest.time, 1);
        await soon(2);
        assert.deepEqual(told, [[1, 1, true]]);

        // One who comes in the midst of a burst hears what is new, and nothing older after it.
        const seen = [];
        const greedy = await client.bars.subscribe(AAPL, ({ time }) => {
          if (time === 2) client.bars.subscribe(AAPL, ({ time }) => seen.push(time));
        });
        Socket.last.frames(bar(2), bar(3));
        await soon(2);
        assert.deepEqual(seen, [3]);

        const items = (await client.bars.subscribe(AAPL))[Symbol.asyncIterator]();
        assert.equal((await items.next()).value.time, 3);
        await greedy.unsubscribe();
        assert.deepEqual(Socket.last.sent, []);
        client.close();
        """
    )


async def test_no_latest_of_events(act: Act) -> None:
    """Where every update is an event of its own, who comes late is told of none that were before."""
    await act(
        """
        const client = await connected();
        const early = client.trades.subscribe(AAPL);
        await Socket.last.grant("trades.subscribe", { seq: 0, epoch: "a" });
        await early;
        Socket.last.frames(trade(1));
        const seen = [];
        const late = await client.trades.subscribe(AAPL, ({ id }) => seen.push(id));
        assert.equal(late.latest.id, 1);
        Socket.last.frames(trade(2));
        await soon(2);
        assert.deepEqual(seen, [2]);
        client.close();
        """
    )


async def test_signals(act: Act) -> None:
    """A signal gives a request up, and ends a subscription that has begun; the other's stays."""
    await act(
        """
        const client = await connected();
        const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()];
        const first = caught(client.bars.subscribe(AAPL, () => assert.fail("given up"), { signal: one.signal }));
        const second = client.bars.subscribe(AAPL, undefined, { signal: two.signal });
        one.abort(new Error("changed my mind"));
        assert.equal((await first).message, "changed my mind");
        await Socket.last.grant("bars.subscribe", { seq: 0, epoch: "a" });
        const subscription = await second;
        const { signal } = one;
        assert.equal((await caught(client.bars.subscribe(AAPL, undefined, { signal }))).message, "changed my mind");

        Socket.last.frames(bar(1));
        two.abort();
        assert.equal(subscription.active, false);
        const times = [];
        for await (const { time } of subscription) times.push(time);
        assert.deepEqual(times, [1], "what has come may be read");
        const left = await Socket.last.take("bars.unsubscribe");

        // One who gives up in the very moment of the answer leaves nothing behind.
        const third = caught(client.trades.subscribe(AAPL, () => assert.fail("given up"), { signal: three.signal }));
        const request = await Socket.last.take("trades.subscribe");
        three.abort();
        Socket.last.frames(yes(request), trade(1));
        assert.equal((await third).name, "AbortError");
        await Socket.last.take("trades.unsubscribe");
        client.close();
        """
    )


async def test_coming_and_going(act: Act) -> None:
    """Components that mount, unmount and mount again cost one subscribe; of requests there is one at a time."""
    await act(
        """
        const client = await connected();
        const seen = [];
        for (let turn = 0; turn < 5; turn++) {
          const mounted = new AbortController();
          const { signal } = mounted;
          client.bars.subscribe(AAPL, () => assert.fail("unmounted"), { signal }).catch(() => {});
          mounted.abort();
        }
        const last = client.bars.subscribe(AAPL, ({ time }) => seen.push(time));
        await Socket.last.grant("bars.subscribe", { seq: 0, epoch: "a" });
        const subscription = await last;
        assert.deepEqual(Socket.last.sent, []);

        // Wanted again while it is being left: asked for when that is over, and from the beginning.
        Socket.last.frames(bar(1));
        const leaving = subscription.unsubscribe();
        const request = await Socket.last.take("bars.unsubscribe");
        const again = client.bars.subscribe(AAPL, ({ time }) => seen.push(time));
        Socket.last.frames(bar(2));
        await soon(2);
        assert.deepEqual(Socket.last.sent, []);
        Socket.last.frames(yes(request));
        assert.equal(await Socket.last.grant("bars.subscribe", { seq: 5, epoch: "a" }), undefined);
        await Promise.all([leaving, again]);
        Socket.last.frames(bar(6));
        await soon(2);
        assert.deepEqual(seen, [1, 6]);
        client.close();
        """
    )


async def test_leaving_is_never_refused(act: Act) -> None:
    """`unsubscribe()` does not reject: what the server says against it is reported, and the topic is forgotten."""
    await act(
        """
        const client = await connected({ timeoutMs: 150 });
        const errors = [];
        client.onError((error) => errors.push(error.name));
        for (const turn of [1, 2]) {
          const joining = client.bars.subscribe(AAPL);
          await Socket.last.grant();
          const subscription = await joining;
          const leaving = subscription.unsubscribe();
          if (turn === 1) await Socket.last.refuse("bars.unsubscribe");
          else await Socket.last.take("bars.unsubscribe");
          await leaving;
        }
        assert.deepEqual(errors, ["RequestError", "ResponseTimeoutError"]);
        client.close();
        """
    )


async def test_late_answers(act: Act) -> None:
    """An answer that comes after its time counts until the server is asked again, and not after that."""
    await act(
        """
        const client = await connected({ timeoutMs: 150, reconnect: { minMs: 300, maxMs: 300 } });
        client.onError(() => {});
        Math.random = () => 0.3;
        const seen = [];
        const holes = [];
        client.onHole((hole) => holes.push(hole));
        const joining = client.trades.subscribe(AAPL, ({ id }) => seen.push(id), { timeoutMs: 30_000 });
        const old = await Socket.last.take("trades.subscribe");
        const next = await Socket.last.take("trades.subscribe");
        assert.equal(next.recover, undefined);
        const answer = (request, seq, epoch) => ({ ...yes(request), seq, epoch });
        Socket.last.frames(answer(old, 90, "z"), answer(next, 0, "a"), answer(next, 91, "z"));
        await joining;
        Socket.last.frames(trade(1));
        assert.deepEqual([seen, holes], [[1], []]);

        // Nobody waits any more when this answer comes: the topic is given back.
        const given = await caught(client.bars.subscribe(AAPL, undefined, { timeoutMs: 1 }));
        assert.ok(given instanceof api.ResponseTimeoutError);
        await Socket.last.grant("bars.subscribe");
        await Socket.last.take("bars.unsubscribe");
        client.close();
        """
    )


async def test_iterating_over_lost_connections(act: Act) -> None:
    """An iteration goes on where it was, over as many connections as it takes."""
    await act(
        """
        const client = await connected();
        const joining = client.trades.subscribe(AAPL);
        await Socket.last.grant("trades.subscribe", { seq: 0, epoch: "a" });
        const subscription = await joining;
        const ids = [];
        const reading = (async () => {
          for await (const { id } of subscription) if (ids.push(id) === 6) break;
        })();
        for (let seq = 0; seq < 6; seq += 2) {
          Socket.last.frames(trade(seq + 1));
          const { length } = Socket.all;
          await Socket.last.lose(1012);
          await until(() => Socket.all.length > length);
          await Socket.last.open();
          const recover = await Socket.last.grant("trades.subscribe", { seq: seq + 1, epoch: "a", recovered: true });
          assert.deepEqual(recover, { epoch: "a", seq: seq + 1 });
          Socket.last.frames(trade(seq + 1), trade(seq + 2));
        }
        await reading;
        assert.deepEqual(ids, [1, 2, 3, 4, 5, 6]);
        client.close();
        """
    )


async def test_the_pace_of_subscribing(act: Act) -> None:
    """However many topics are asked for at once, the server's limits are kept: half the burst, then one by one."""
    await act(
        """
        const client = create();
        const symbols = Array.from({ length: 130 }, (_, index) => `S${index}`);
        const joining = symbols.map((symbol) => client.bars.subscribe({ symbol }));
        let opened = performance.now();
        await Socket.last.open();
        const grant = async (recovered) => {
          const times = [];
          const burst = api.LIMITS.messageBurst / 2;
          const since = performance.now() - opened + 2;  // Enough for one more, on a busy machine.
          const more = Socket.last.sent.length - burst;
          assert.ok(more >= 0 && more <= Math.floor((since * api.LIMITS.messagesPerSecond) / 1000), `${more}`);
          for (const _ of symbols) {
            await until(() => Socket.last.sent.length > 0);
            times.push(performance.now());
            Socket.last.frames({ ...yes(Socket.last.sent.shift()), seq: 0, epoch: "a", ...recovered });
          }
          const paced = times.at(-1) - times[burst];
          const least = ((symbols.length - burst - 1) * 1000) / api.LIMITS.messagesPerSecond;
          assert.ok(paced > least * 0.8 && paced < least * 3 + 200, `${paced} of ${least} ms`);
        };
        await grant({});
        const subscriptions = await Promise.all(joining);
        await Socket.last.lose(1012);
        await until(() => Socket.all.length === 2);
        opened = performance.now();
        await Socket.last.open();
        // One who leaves while it waits for its turn is not asked for any more.
        await subscriptions.at(-1).unsubscribe();
        symbols.pop();
        await grant({ recovered: true });
        await soon(50);
        assert.deepEqual(Socket.last.sent, []);
        client.close();
        """
    )


async def test_spellings(act: Act) -> None:
    """What is one topic to the server is one here, whatever its selection looks like; what it refuses, it is asked."""
    await act(
        """
        const client = await connected();
        const all = ["D", "1D", "D"].map((resolution) => client.bars.subscribe({ symbol: "AAPL", resolution }));
        Socket.last.frames(yes(await Socket.last.take("bars.subscribe"), "bars:AAPL:1D"));
        assert.deepEqual((await Promise.all(all)).map(({ topic }) => topic), Array(3).fill("bars:AAPL:1D"));
        const subscribe = (resolution) => client.bars.subscribe({ symbol: "{}", resolution });
        const wrong = ["constructor", "7X"].map((resolution) => caught(subscribe(resolution)));
        for (const _ of wrong) await Socket.last.refuse("bars.subscribe", { code: "unknown", retryable: false });
        assert.deepEqual((await Promise.all(wrong)).map(({ code }) => code), ["unknown", "unknown"]);

        // A server with a spelling of its own is understood too.
        const seen = [];
        const other = client.bars.subscribe({ symbol: "MSFT" }, ({ time }) => seen.push(time));
        const topic = "bars:msft:1";
        Socket.last.frames(yes(await Socket.last.take("bars.subscribe"), topic), bar(1, { topic }));
        const subscription = await other;
        assert.deepEqual([subscription.topic, seen], [topic, [1]]);
        subscription.unsubscribe();
        await Socket.last.take("bars.unsubscribe");
        client.close();
        """
    )
