// Clients of the generated npm package under Node: the same as clients.py, order for order and row for row.

import { createWriteStream } from "node:fs";
import type { WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { TradingClient } from "trading-client";
import type { Bar, Book, Hole, Quote, Subscription, Trade } from "trading-client";

type Channel = "bars" | "quotes" | "trades" | "orderbook";
type Values = readonly unknown[];

interface Wanted {
  readonly channel: Channel;
  readonly payload: { readonly symbol: string; readonly resolution: string; readonly depth: 10 | 25 | 100 };
  readonly leaves: boolean;
}

interface Plan {
  readonly name: string;
  readonly url: string;
  readonly seed: number;
  readonly reconnect_ms: readonly [low: number, high: number];
  readonly follow: readonly Wanted[];
}

interface Frame {
  readonly seq?: number | undefined;
  readonly seq_from?: number | undefined;
  readonly epoch?: string | undefined;
  readonly snapshot?: boolean | undefined;
}

type Ends = Readonly<Record<string, readonly [epoch: string, seq: number]>>;

const PAGE = 60;
const LOOKED_AT = 4;
const AGAIN_MS = 50;
const LOOK_MS = 20;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Numbers in [0, 1) by a seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Counts {
  readonly all: Record<string, number> = {};

  add(what: string): void {
    this.all[what] = (this.all[what] ?? 0) + 1;
  }
}

const counts = new Counts();

/** The bars of one topic, as a chart holds them: filled with pages, and refilled where something may be missing. */
class Chart {
  readonly bars = new Map<number, Values>();
  readonly #client: TradingClient;
  readonly #symbol: string;
  readonly #resolution: string;
  #latest = 0;
  #since: number | undefined = 0;
  #wanted = true;
  #refilling = false;
  #over = false;

  constructor(client: TradingClient, symbol: string, resolution: string) {
    this.#client = client;
    this.#symbol = symbol;
    this.#resolution = resolution;
  }

  get whole(): boolean {
    return this.#since === undefined;
  }

  take(bar: Bar, folded: boolean): void {
    if (folded) {
      this.doubt();
    }
    this.#put(bar);
    this.#latest = Math.max(this.#latest, bar.time);
  }

  doubt(): void {
    this.#since = Math.min(this.#since ?? Infinity, this.#latest);
    this.#wanted = true;
    void this.keep();
  }

  /** Refills whenever that is due, for as long as it takes. */
  async keep(): Promise<void> {
    if (this.#refilling) {
      return;
    }
    this.#refilling = true;
    while (this.#wanted && !this.#over) {
      this.#wanted = false;
      try {
        await this.#refill(this.#since ?? 0);
        counts.add("refills");
        if (!this.#wanted) {
          this.#since = undefined;
        }
      } catch {
        counts.add("refills that failed, and were begun anew");
        this.#wanted = true;
        await sleep(AGAIN_MS);
      }
    }
    this.#refilling = false;
  }

  end(): void {
    this.#over = true;
  }

  async #refill(since: number): Promise<void> {
    let to: number | undefined;
    for (;;) {
      const page = await this.#client.bars.history({
        symbol: this.#symbol,
        resolution: this.#resolution,
        limit: PAGE,
        ...(to !== undefined && { to }),
      });
      for (const bar of page.bars) {
        this.#put(bar);
      }
      const first = page.bars[0];
      if (first === undefined || page.complete || first.time <= since || since === 0) {
        return;
      }
      to = first.time;
    }
  }

  /** A bar's volume only grows: of two states, the one with the greater volume is the later one. */
  #put({ time, open, high, low, close, volume }: Bar): void {
    const known = this.bars.get(time);
    if (known === undefined || (known[5] as number) <= volume) {
      this.bars.set(time, [time, open, high, low, close, volume]);
    }
  }
}

/** One subscription, from when it is granted to its end. */
class Follower {
  readonly number: number;
  readonly channel: Channel;
  readonly chart: Chart | undefined;
  readonly #keeper: Keeper;
  last: number | undefined;
  told: number | undefined;
  left = false;
  #given = 0;
  subscription: Subscription<unknown> | undefined;

  constructor(keeper: Keeper, number: number, channel: Channel, chart: Chart | undefined) {
    this.#keeper = keeper;
    this.number = number;
    this.channel = channel;
    this.chart = chart;
  }

  readonly hole = (hole: Hole): void => {
    const { reason, after = null, seq = null } = hole;
    this.told = hole.seq;
    this.#keeper.write("h", Date.now(), this.number, this.#given, reason, after, seq);
    this.chart?.doubt();
  };

  readonly take = (body: unknown, frame: Frame): void => {
    if (this.left) {
      this.#keeper.write("w", Date.now(), `an update after unsubscribe() on ${this.number}`);
      return;
    }
    this.last = frame.seq;
    this.#given++;
    this.#keeper.write(
      ...["u", Date.now(), this.number, frame.seq ?? -1, frame.seq_from ?? null, frame.epoch ?? null, frame.snapshot === true],
      this.#values(body, frame),
    );
  };

  get held(): Values | null {
    if (this.chart) {
      return [...this.chart.bars.values()];
    }
    const latest = this.subscription?.latest;
    if (latest === undefined) {
      return null;
    }
    return this.channel === "orderbook" ? levels(latest as Book) : values(this.channel, latest);
  }

  isAt(ends: Ends): boolean {
    if (this.chart && !this.chart.whole) {
      return false;
    }
    if (this.last === undefined && this.told === undefined) {
      return true;
    }
    const end = ends[this.subscription?.topic ?? ""]?.[1];
    return end !== undefined && (end === this.last || end === this.told);
  }

  #values(body: unknown, frame: Frame): Values | null {
    if (this.channel === "orderbook") {
      return this.#keeper.random() * LOOKED_AT < 1 ? levels(body as Book) : null;
    }
    this.chart?.take(body as Bar, frame.seq_from !== undefined);
    return values(this.channel, body);
  }
}

/** One client, its subscriptions, and the file in which all that happens to it is written down. */
class Keeper {
  readonly plan: Plan;
  readonly random: () => number;
  readonly followers = new Map<number, Follower>();
  readonly client: TradingClient;
  readonly #file: WriteStream;
  #numbers = 0;
  readonly #granted = new Set<Wanted>();
  mayLeave = false;
  #closed = false;

  constructor(plan: Plan, folder: string) {
    this.plan = plan;
    this.random = chance(plan.seed);
    this.#file = createWriteStream(`${folder}/${plan.name}.jsonl`);
    const [minMs, maxMs] = plan.reconnect_ms;
    this.client = new TradingClient(`${plan.url}?client=${plan.name}`, {
      reconnect: { minMs, maxMs },
      timeoutMs: 3000,
    });
    this.client.onState((state, reason) => this.write("x", Date.now(), state, reason ? String(reason) : null));
    this.client.onHole(() => counts.add("holes told to clients"));
    this.client.onError((error) => {
      counts.add(`errors told: ${error.name}`);
      if (error.name !== "ResponseTimeoutError" && error.name !== "ConnectionClosedError") {
        this.write("w", Date.now(), String(error));
      }
    });
  }

  get following(): boolean {
    const had = this.mayLeave ? this.#granted.size : this.followers.size;
    return this.client.state === "open" && had === this.plan.follow.length;
  }

  write(...row: Values): void {
    if (!this.#closed) {
      this.#file.write(`${JSON.stringify(row)}\n`);
    }
  }

  start(): void {
    for (const wanted of this.plan.follow) {
      this.#follow(wanted).catch((error: unknown) => this.write("w", Date.now(), String(error)));
    }
  }

  async finish(ends: Ends, patience: number): Promise<string[]> {
    const until = Date.now() + patience * 1000;
    for (;;) {
      const late = [...this.followers.values()].filter((one) => !one.isAt(ends));
      if ((this.following && !late.length) || Date.now() > until) {
        return late.map((one) => `${this.plan.name}/${one.number} ${one.subscription?.topic} at ${one.last}`);
      }
      await sleep(LOOK_MS);
    }
  }

  async close(): Promise<void> {
    for (const follower of this.followers.values()) {
      this.write("f", follower.number, follower.held);
      follower.chart?.end();
    }
    this.#closed = true;
    this.client.close();
    await new Promise<void>((resolve) => this.#file.end(resolve));
  }

  async #follow(wanted: Wanted): Promise<void> {
    const { channel, payload } = wanted;
    while (!this.#closed) {
      const chart = channel === "bars" ? new Chart(this.client, payload.symbol, payload.resolution) : undefined;
      const follower = new Follower(this, this.#numbers++, channel, chart);
      follower.subscription = await this.#subscribe(follower, payload);
      this.write("s", Date.now(), follower.number, follower.subscription.topic);
      this.followers.set(follower.number, follower);
      this.#granted.add(wanted);
      void chart?.keep();
      void this.#watch(follower);
      do {
        await sleep(300 + this.random() * 3700);
      } while (!this.#closed && !(wanted.leaves && this.mayLeave));
      if (this.#closed) {
        return;
      }
      this.followers.delete(follower.number);
      this.write("e", Date.now(), follower.number, null);
      const leaving = follower.subscription.unsubscribe();
      follower.left = true;
      chart?.end();
      await leaving;
      counts.add("subscriptions given up");
      await sleep(this.random() * 500);
    }
  }

  /** Notes how a subscription ends, where that is not the user's will. */
  async #watch(follower: Follower): Promise<void> {
    try {
      for await (const _ of follower.subscription as Subscription<unknown>);
    } catch (error) {
      this.write("e", Date.now(), follower.number, String(error));
    }
  }

  async #subscribe(follower: Follower, payload: Wanted["payload"]): Promise<Subscription<unknown>> {
    const { bars, quotes, trades, orderbook } = this.client;
    const { symbol, resolution, depth } = payload;
    const options = { onHole: follower.hole };
    for (;;) {
      try {
        switch (follower.channel) {
          case "bars":
            return await bars.subscribe({ symbol, resolution }, follower.take, options);
          case "quotes":
            return await quotes.subscribe({ symbol }, follower.take, options);
          case "trades":
            return await trades.subscribe({ symbol }, follower.take, options);
          case "orderbook":
            return await orderbook.subscribe({ symbol, depth }, follower.take, options);
        }
      } catch (error) {
        const { name } = error as Error;
        if (name !== "ConnectionClosedError" && name !== "ResponseTimeoutError") {
          throw error;
        }
        counts.add(`subscribes that failed: ${name}`);
        await sleep(AGAIN_MS);
      }
    }
  }
}

function values(channel: "bars" | "quotes" | "trades", body: unknown): Values {
  switch (channel) {
    case "bars": {
      const { time, open, high, low, close, volume } = body as Bar;
      return [time, open, high, low, close, volume];
    }
    case "quotes": {
      const { time, bid, ask, bid_size, ask_size, last, change } = body as Quote;
      return [time, bid, ask, bid_size, ask_size, last, change];
    }
    case "trades": {
      const { id, price, size, side, time } = body as Trade;
      return [id, price, size, side, time];
    }
  }
}

function levels({ bids, asks }: Book): Values {
  return [bids, asks].map((side) => side.map(({ price, size }) => [price, size]));
}

interface Order {
  readonly do: string;
  readonly ends: Ends;
  readonly patience: number;
}

/** What is in use after a collection, in MB: what the process has beyond that says little. */
function memory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

async function obey(order: Order, keepers: readonly Keeper[]): Promise<object> {
  switch (order.do) {
    case "status":
      return {
        clients: keepers.length,
        following: keepers.filter((keeper) => keeper.following).length,
        memory: memory(),
      };
    case "leave":
    case "stay":
      for (const keeper of keepers) {
        keeper.mayLeave = order.do === "leave";
      }
      return {};
    case "finish": {
      const late = await Promise.all(keepers.map((keeper) => keeper.finish(order.ends, order.patience)));
      return { late: late.flat() };
    }
    case "close":
      await Promise.all(keepers.map((keeper) => keeper.close()));
      return { counts: counts.all };
    default:
      throw new RangeError(order.do);
  }
}

const plan = JSON.parse(process.argv[2] as string) as { folder: string; clients: Plan[] };
const keepers = plan.clients.map((one) => new Keeper(one, plan.folder));
const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
for (const level of ["warn", "error"] as const) {
  console[level] = (...said: unknown[]) => keepers[0]?.write("w", Date.now(), said.map(String).join(" "));
}
for (const keeper of keepers) {
  keeper.start();
}
say({});
// Once the input ends, nothing but what a client has left behind keeps the process alive.
createInterface({ input: process.stdin }).on("line", (line) => {
  void obey(JSON.parse(line) as Order, keepers).then(say);
});
