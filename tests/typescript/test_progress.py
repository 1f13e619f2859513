"""What a client makes of a topic's updates: in order, once, whole; or it asks again, and says what is missing."""

from __future__ import annotations

import json
import random

import pytest

from codegen.runtime.python.state import HeldState, StateRule
from tests.typescript.conftest import Act

RULE = StateRule("price", "size", {"bids": "descending", "asks": "ascending"}, 10)

SUBSCRIBED = """
const holes = [];
const errors = [];
const seen = [];
const client = await connected({ reconnect: { minMs: 1000, maxMs: 8000 } });
client.onHole((hole) => holes.push(hole));
client.onError((error) => errors.push(error.message));
/** A subscription to a channel, at seq 3 of epoch a. */
const subscribe = async (channel, extra = { seq: 3, epoch: "a" }) => {
  const joining = client[channel].subscribe(AAPL, (body, update) => seen.push(update.seq));
  await Socket.last.grant(`${channel}.subscribe`, extra);
  return joining;
};
const taken = (channel) => Socket.last.take(`${channel}.subscribe`);
const grant = (channel, extra) => Socket.last.grant(`${channel}.subscribe`, extra);
"""


async def test_in_order_and_once(act: Act) -> None:
    """What is known is not told twice; what stands for several follows the first of them; what overlaps is news."""
    await act(
        SUBSCRIBED
        + """
        await subscribe("bars");
        Socket.last.frames(
          bar(2), bar(3), bar(4), bar(4), bar(7, { seq_from: 5 }), bar(6), bar(9, { seq_from: 6 }),
          bar(9, { snapshot: true }), bar(8, { snapshot: true }), bar(20, { snapshot: true }), bar(21),
        );
        assert.deepEqual(seen, [4, 7, 9, 9, 20, 21]);
        Socket.last.frames(bar(1, { epoch: "b", snapshot: true }), bar(2), bar(3, { epoch: "b" }));
        assert.deepEqual(seen.slice(6), [1, 2, 3]);
        assert.deepEqual([holes, errors, Socket.last.sent], [[], [], []]);
        client.close();
        """
    )


@pytest.mark.parametrize(
    "leap",
    ["trade(6)", "trade(9, { seq_from: 5 })", 'trade(4, { epoch: "b" })', "trade(6, { snapshot: true })"],
)
async def test_gaps(act: Act, leap: str) -> None:
    """What leaves something out is not told: the server is asked, once, for what follows the last that is known."""
    await act(
        SUBSCRIBED
        + f"""
        await subscribe("trades");
        Socket.last.frames({leap}, trade(7), trade(8));
        const request = await taken("trades");
        assert.deepEqual(request.recover, {{ epoch: "a", seq: 3 }});
        const answer = {{ ...yes(request), seq: 3, epoch: "a", recovered: true }};
        Socket.last.frames(trade(4), answer, trade(4), trade(5));
        assert.deepEqual([seen, holes, errors, Socket.last.sent], [[4, 5], [], [], []]);
        client.close();
        """
    )


async def test_holes(act: Act) -> None:
    """What cannot be had any more is told with its numbers, before what comes next, and to everybody."""
    await act(
        SUBSCRIBED
        + """
        const subscription = await subscribe("trades");
        const told = [];
        await client.trades.subscribe(AAPL, () => {}, { onHole: (hole) => told.push(hole) });
        await client.trades.subscribe(AAPL, () => {}, { onHole: () => { throw new Error("listener"); } });
        Socket.last.frames(trade(4), trade(9));
        await grant("trades", { seq: 9, epoch: "a", recovered: false });
        const first = { topic: "trades:AAPL", reason: "gap", after: 4, seq: 9 };
        assert.deepEqual([holes, told, errors.splice(0)], [[first], [first], ["listener"]]);
        assert.equal(subscription.latest, undefined);
        Socket.last.frames(trade(10));

        Math.random = () => 0;
        await Socket.last.lose(1012);
        await until(() => Socket.all.length === 2);
        await Socket.last.open();
        // An answer of another epoch, or one that says nothing, proves nothing.
        await grant("trades", { seq: 10, epoch: "b", recovered: true });
        assert.deepEqual(holes.at(-1), { topic: "trades:AAPL", reason: "reconnect", after: 10, seq: 10 });
        Socket.last.frames(trade(13));
        assert.deepEqual(await grant("trades", { seq: 13, epoch: "b" }), { epoch: "b", seq: 10 });
        assert.deepEqual(holes.at(-1), { topic: "trades:AAPL", reason: "gap", after: 10, seq: 13 });
        assert.equal(holes.length, 3);
        assert.deepEqual(seen, [4, 10]);
        client.close();
        """
    )


@pytest.mark.parametrize("channel", ["quotes", "orderbook"])
async def test_lost_before_the_snapshot(act: Act, channel: str) -> None:
    """A position whose snapshot never came is none; a topic of which there is nothing yet is owed none."""
    topic = f"{channel}:AAPL:25" if channel == "orderbook" else f"{channel}:AAPL"
    await act(
        SUBSCRIBED
        + f"""
        Math.random = () => 0;
        const again = async (extra) => {{
          const {{ length }} = Socket.all;
          await Socket.last.lose(1012);
          await until(() => Socket.all.length > length);
          await Socket.last.open();
          return grant("{channel}", extra);
        }};
        await subscribe("{channel}");
        assert.equal(await again({{ seq: 3, epoch: "a" }}), undefined);
        assert.equal(await again({{ seq: 5, epoch: "a" }}), undefined);
        assert.deepEqual(holes.splice(0).map(({{ after, seq }}) => [after, seq]), [[3, 5]]);
        const update = (seq, extra) => ({{
          ...book(seq, [], []), type: "{channel}.update", topic: "{topic}", ...extra,
        }});
        Socket.last.frames(update(5, {{ snapshot: true }}), update(6));
        assert.deepEqual(await again({{ seq: 9, epoch: "b", recovered: false }}), {{ epoch: "a", seq: 6 }});
        assert.deepEqual(await again({{ seq: 0, epoch: "c", recovered: false }}), {{ epoch: "a", seq: 6 }});
        assert.deepEqual(holes.map(({{ after, seq }}) => [after, seq]), [[6, 9], [9, 0]]);
        assert.deepEqual(await again({{ seq: 0, epoch: "c", recovered: true }}), {{ epoch: "c", seq: 0 }});
        Socket.last.frames(update(1));
        assert.deepEqual(seen, [5, 6, 1]);
        client.close();
        """
    )


async def test_a_hole_that_nobody_listens_for(act: Act) -> None:
    """It stands in the console, with its topic."""
    await act(
        """
        const client = await connected();
        const joining = client.trades.subscribe(AAPL);
        await Socket.last.grant("trades.subscribe", { seq: 3, epoch: "a" });
        await joining;
        Socket.last.frames(trade(9));
        await Socket.last.grant("trades.subscribe", { seq: 9, epoch: "a", recovered: false });
        assert.equal(complaints.length, 1);
        assert.deepEqual([complaints[0][1].topic, complaints[0][1].after], ["trades:AAPL", 3]);
        client.close();
        """
    )


async def test_what_has_no_place(act: Act) -> None:
    """An update whose number cannot be read is reported and not told; the next one shows that it is missing."""
    await act(
        SUBSCRIBED
        + """
        await subscribe("trades");
        const strange = [undefined, null, "4", -4, 4.5, [4], {}, true];
        Socket.last.frames(...strange.map((seq) => ({ ...trade(0), seq })));
        assert.deepEqual(errors.splice(0), Array(8).fill("The server sent an update without its number"));
        Socket.last.frames(trade(4, { seq_from: "9", epoch: 7, snapshot: "yes" }));
        assert.deepEqual([seen, Socket.last.sent], [[4], []]);
        Socket.last.frames(trade(6));
        assert.deepEqual(await grant("trades", { seq: 4, epoch: "a", recovered: true }), { epoch: "a", seq: 4 });

        // Nothing in it: nobody is told the envelope instead, but that there is a hole.
        const { payload, ...nothing } = trade(5);
        Socket.last.frames(nothing, trade(6));
        assert.deepEqual(errors, ["The server sent an update that cannot be read"]);
        assert.deepEqual(holes, [{ topic: "trades:AAPL", reason: "gap", after: 4, seq: 5 }]);
        assert.deepEqual(seen, [4, 6]);
        assert.equal(client.state, "open");
        client.close();
        """
    )


async def test_without_positions(act: Act) -> None:
    """Answers that tell no position, or a strange one, give none: updates count from the first that has a number."""
    await act(
        SUBSCRIBED
        + """
        for (const [turn, extra] of [{}, { seq: "3", epoch: 7 }, { seq: -1, epoch: "a" }].entries()) {
          const selection = { symbol: `S${turn}` };
          const joining = client.trades.subscribe(selection, (_, { seq }) => seen.push(seq));
          await grant("trades", extra);
          await joining;
          const topic = `trades:S${turn}`;
          Socket.last.frames({ ...trade(0, { topic }), seq: undefined }, trade(7, { topic }), trade(8, { topic }));
          Socket.last.frames(trade(10, { topic }));
          const recover = await grant("trades", { seq: 10, epoch: "a" });
          assert.deepEqual(recover, turn === 2 ? { epoch: "a", seq: 8 } : undefined);
          assert.deepEqual(holes.pop(), { topic, reason: "gap", after: 8, seq: 10 });
        }
        assert.deepEqual(seen, [undefined, 7, 8, undefined, 7, 8, undefined, 7, 8]);
        client.close();
        """
    )


async def test_asking_in_vain(act: Act) -> None:
    """Gaps, and books that prove wrong, without end: asked again at once, then after longer and longer waits."""
    await act(
        """
        const waits = [];
        const { setTimeout: later } = globalThis;
        globalThis.setTimeout = (run, ms, ...rest) => {
          if (ms > 20 && ms !== 10_000) waits.push(ms);
          return later(run, ms > 20 && ms !== 10_000 ? 1 : ms, ...rest);
        };
        Math.random = () => 0.25;
        """
        + SUBSCRIBED
        + """
        await subscribe("trades");
        for (let turn = 0; turn < 6; turn++) {
          Socket.last.frames(trade(9 + turn), trade(20), trade(21));
          await grant("trades", { seq: 3 + turn, epoch: "a", recovered: true });
          Socket.last.frames(trade(4 + turn));
        }
        assert.deepEqual(seen, [4, 5, 6, 7, 8, 9]);
        assert.deepEqual(waits.splice(0), [500, 1000, 2000, 2000, 2000]);

        await subscribe("orderbook");
        for (let turn = 0; turn < 6; turn++) {
          const frame = [null, 7, "text", [], {}, { bids: 7, asks: [] }][turn];
          Socket.last.frames({ ...book(4, [], [], { checksum: 0, snapshot: true }), payload: frame });
          assert.equal(await grant("orderbook", { seq: 4, epoch: "a" }), undefined);
        }
        assert.deepEqual(waits, [500, 1000, 2000, 2000, 2000]);
        assert.deepEqual(new Set(holes.map(({ reason }) => reason)), new Set(["checksum"]));
        assert.equal(client.state, "open");
        client.close();
        """
    )


async def test_refused_when_asked_again(act: Act) -> None:
    """A refusal for now is reported, and asked again not before its time; one for good ends the subscriptions."""
    await act(
        SUBSCRIBED
        + """
        Math.random = () => 0;
        const subscription = await subscribe("trades");
        const waiting = caught((async () => { for await (const { id } of subscription) assert.equal(id, 4); })());
        Socket.last.frames(trade(9));
        await Socket.last.refuse("trades.subscribe", { message: "Later", retry_after_ms: 60 });
        const since = performance.now();
        assert.deepEqual(await grant("trades", { seq: 3, epoch: "a", recovered: true }), { epoch: "a", seq: 3 });
        assert.ok(performance.now() - since > 40);
        Socket.last.frames(trade(4), trade(9));
        await Socket.last.refuse("trades.subscribe", { message: "Never", retryable: false });
        assert.equal((await waiting).message, "Never");
        assert.equal(subscription.active, false);
        assert.deepEqual([seen, errors], [[4], ["Later", "Never"]]);
        assert.deepEqual(Socket.last.sent, []);
        client.close();
        """
    )


async def test_a_book(act: Act) -> None:
    """Listeners get the whole book, made anew with each change; the frame tells what changed."""
    await act(
        SUBSCRIBED
        + """
        const told = [];
        const joining = client.orderbook.subscribe(AAPL, (body, update) => told.push([body, update.payload]));
        await grant("orderbook", { seq: 1, epoch: "a" });
        const subscription = await joining;
        Socket.last.frames(
          book(1, [[10, 1], [9.5, 2]], [[11, 3]], { snapshot: true }),
          book(2, [[10, 0], [9.75, 4]], [[10.5, 1e-7], [11, 3.5]]),
          book(3, [[8, 0]], []),
        );
        const [[one], [two, change], [three]] = told;
        assert.deepEqual(one.bids, [{ price: 10, size: 1 }, { price: 9.5, size: 2 }]);
        assert.deepEqual(one.asks, [{ price: 11, size: 3 }]);
        assert.deepEqual(two.bids, [{ price: 9.75, size: 4 }, { price: 9.5, size: 2 }]);
        assert.deepEqual(two.asks, [{ price: 10.5, size: 1e-7 }, { price: 11, size: 3.5 }]);
        assert.equal(change.bids.length, 2);
        assert.deepEqual(three, two);
        assert.notEqual(three.bids, two.bids);
        assert.equal(subscription.latest, three);
        assert.deepEqual(errors, []);

        // Empty to begin with: changes apply, without a snapshot.
        const other = client.orderbook.subscribe({ symbol: "MSFT" }, (body) => told.push(body));
        await grant("orderbook", { seq: 0, epoch: "a" });
        await other;
        Socket.last.frames(book(1, [[1, 1]], [], { topic: "orderbook:MSFT:25" }));
        assert.deepEqual(told.at(-1), { bids: [{ price: 1, size: 1 }], asks: [] });
        client.close();
        """
    )


async def test_a_book_that_proves_wrong(act: Act) -> None:
    """It is not told: the server is asked for another, from nothing, and until that comes there is none."""
    await act(
        SUBSCRIBED
        + """
        const subscription = await subscribe("orderbook", { seq: 1, epoch: "a" });
        const wrong = { checksum: 1 };
        Socket.last.frames(book(1, [[10, 1]], [], { ...wrong, snapshot: true }), book(2, [[9, 1]], [], wrong));
        assert.equal(subscription.latest, undefined);
        assert.equal(await grant("orderbook", { seq: 5, epoch: "a" }), undefined);
        assert.deepEqual(holes, [{ topic: "orderbook:AAPL:25", reason: "checksum", after: 1, seq: 5 }]);
        // A change before the snapshot cannot be made: from nothing again.
        Socket.last.frames(book(6, [[9, 1]], []));
        assert.equal(await grant("orderbook", { seq: 6, epoch: "a" }), undefined);
        Socket.last.frames(book(6, [[9, 1]], [], { snapshot: true }), book(7, [[8, 1]], []));
        assert.deepEqual(seen, [6, 7]);
        assert.equal(subscription.latest.bids.length, 2);
        client.close();
        """
    )


def sequence(seed: int) -> list[dict[str, object]]:
    """Changes of a book, snapshots among them, and what it holds after each."""
    chance = random.Random(seed)
    state = HeldState(RULE)
    steps: list[dict[str, object]] = []
    for seq in range(1, 200):
        snapshot = seq == 1 or chance.random() < 0.02
        changes = {
            name: [
                (price, size)
                for price in {round(chance.uniform(90, 110), chance.choice([0, 1, 2])) for _ in range(9)}
                for size in [chance.choice([0, 0, 1, 0.1 + 0.2, 1e-7, 1e21, chance.random() * 10**6, 5])]
            ]
            for name in RULE.lists
        }
        state.apply(changes, snapshot=snapshot)
        steps.append(
            {
                "frame": {
                    "type": "orderbook.update",
                    "topic": "orderbook:AAPL:25",
                    "seq": seq,
                    "checksum": state.checksum(),
                    **({"snapshot": True} if snapshot else {}),
                    "payload": {
                        name: [{"price": price, "size": size} for price, size in entries]
                        for name, entries in changes.items()
                    },
                },
                "held": state.payload(),
            }
        )
    return steps


async def test_the_same_book_as_the_server(act: Act) -> None:
    """Whatever changes come, client and server hold the same, and the same checksum of it."""
    steps = [sequence(seed) for seed in range(3)]
    await act(
        f"""
        const sequences = {json.dumps(steps)};
        for (const steps of sequences) {{
          const client = await connected();
          let book;
          const joining = client.orderbook.subscribe(AAPL, (body) => (book = body));
          await Socket.last.grant("orderbook.subscribe", {{ seq: 0, epoch: "a" }});
          await joining;
          for (const {{ frame, held }} of steps) {{
            const before = book;
            const kept = JSON.stringify(before);
            Socket.last.frames(frame);
            assert.deepEqual(book, held);
            assert.equal(JSON.stringify(before), kept);
          }}
          assert.deepEqual([Socket.last.sent, complaints], [[], []]);
          client.close();
        }}
        """
    )


@pytest.mark.parametrize(
    "level",
    [{"price": 1}, {"size": 1}, {"price": "1", "size": 1}, {"price": 1, "size": None}, None, 7, [1, 1]],
)
async def test_levels_that_are_none(act: Act, level: object) -> None:
    """An entry without its numbers makes the change none, which is reported."""
    await act(
        SUBSCRIBED
        + f"""
        await subscribe("orderbook", {{ seq: 0, epoch: "a" }});
        const frame = book(1, [[2, 1]], []);
        frame.payload.bids.push({json.dumps(level)});
        Socket.last.frames(frame);
        assert.deepEqual(errors, ["The server sent an update that cannot be read"]);
        assert.equal(await grant("orderbook", {{ seq: 1, epoch: "a" }}), undefined);
        assert.deepEqual([seen, holes.length], [[], 1]);
        client.close();
        """
    )
