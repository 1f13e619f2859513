/** The live part of a chart: its updates, and the bars that have to come before them. */
import type { ChartBar } from "./charting-library.js";
import type { Bar, BarsSelection, BarsUpdate, TradingClient } from "./index.js";
import { pause, persist, waitAfter } from "./runtime/persist.js";

/** The most bars that one request may ask for. */
const LARGEST_PAGE = 5000;
/** How many of a chart's last bars are remembered, to see when one of them was corrected unseen. */
const REMEMBERED = 16;

/** The last bars that a chart has. */
export class Chart {
  readonly #bars: Map<number, Bar>;

  constructor(bars: readonly Bar[]) {
    this.#bars = new Map(bars.slice(-REMEMBERED).map((bar) => [bar.time, bar]));
  }

  get bars(): Bar[] {
    return [...this.#bars.values()].sort((one, other) => one.time - other.time);
  }

  /** When the last bar begins; undefined where there is none. */
  get end(): number | undefined {
    return this.bars.at(-1)?.time;
  }

  get(time: number): Bar | undefined {
    return this.#bars.get(time);
  }

  put(bar: Bar): void {
    this.#bars.set(bar.time, bar);
    for (const { time } of this.bars.slice(0, -REMEMBERED)) {
      this.#bars.delete(time);
    }
  }
}

/** How the library hears of what happens. */
export interface Sink {
  tick(bar: ChartBar): void;
  clear(): void;
  reset(): void;
  report(error: Error): void;
}

/** One chart's updates. */
export class Listener {
  readonly topic: string;
  chart: Chart;
  readonly #client: TradingClient;
  readonly #selection: BarsSelection;
  readonly #sink: Sink;
  readonly #left = new AbortController();
  /** Updates that came while the bars before them are fetched; undefined where nothing is missing. */
  #held: Bar[] | undefined = [];
  /** Counts the times that bars were fetched: what an earlier one gives is out of date. */
  #turn = 0;
  /** Whether the library was told to ask again, and has not yet. */
  #reset = false;

  constructor(client: TradingClient, selection: BarsSelection, topic: string, chart: Chart, sink: Sink) {
    this.topic = topic;
    this.chart = chart;
    this.#client = client;
    this.#selection = selection;
    this.#sink = sink;
    let again = false;
    void persist(
      client,
      this.#left.signal,
      async (begun) => {
        const subscription = await client.bars.subscribe(selection, (bar, update) => this.#update(bar, update), {
          signal: this.#left.signal,
          buffer: 1,
          overflow: "drop-oldest",
          onHole: () => this.#missed(),
        });
        begun();
        if (again) {
          this.#missed();
        } else {
          void this.#catchUp();
        }
        again = true;
        for await (const _ of subscription) {
          // The listener has it already; here one learns of the end.
        }
      },
      (error, soon) => {
        if (!soon) {
          sink.report(error);
        }
      },
    );
  }

  leave(): void {
    this.#left.abort();
  }

  /** Whether this listener's chart has been waiting for the request that is made now. */
  asked(topic: string, first: boolean): boolean {
    const answers = first && this.#reset && topic === this.topic;
    if (answers) {
      this.#reset = false;
    }
    return answers;
  }

  #update(bar: Bar, { seq, seq_from: from }: BarsUpdate): void {
    if (this.#held) {
      this.#held.push(bar);
    } else if (from !== undefined && from !== seq) {
      // It stands for others, among which may have been the last of the bar before it.
      void this.#catchUp(bar);
    } else {
      this.#put(bar);
    }
  }

  #put(bar: Bar): void {
    const { end = bar.time } = this.chart;
    const known = this.chart.get(bar.time);
    if (known && same(known, bar)) {
      return;
    }
    this.chart.put(bar);
    if (bar.time < end) {
      // The library takes no update for any bar but its last.
      this.#outdated();
    } else {
      this.#sink.tick({ ...bar });
    }
  }

  #missed(): void {
    this.#outdated();
    void this.#catchUp();
  }

  #outdated(): void {
    this.#sink.clear();
    if (!this.#reset) {
      this.#reset = true;
      this.#sink.reset();
    }
  }

  /**
   * Fetches the bars from the chart's last one on, then goes on with the updates that came meanwhile. The subscription
   * stands when this begins, so that nothing can fall between the two.
   */
  async #catchUp(...first: Bar[]): Promise<void> {
    const turn = ++this.#turn;
    const held = (this.#held ??= []);
    held.push(...first);
    const left = this.#left.signal;
    let fetched: Bar[] = [];
    try {
      const from = this.chart.end ?? Infinity;
      const fetch = () => barsBefore(this.#client, this.#selection, undefined, from, REMEMBERED);
      fetched = await insist(this.#client, fetch, left);
    } catch (error) {
      if (!left.aborted) {
        this.#sink.report(error as Error);
      }
    }
    if (turn === this.#turn && !left.aborted) {
      this.#held = undefined;
      this.#merge(fetched, held);
    }
  }

  #merge(fetched: readonly Bar[], held: readonly Bar[]): void {
    const { end = Infinity } = this.chart;
    const came = new Set(held.map(({ time }) => time));
    const newest = new Map<number, Bar>();
    for (const bar of [...fetched, ...held]) {
      // A bar only ever takes trades in: of two states of it, the one with more volume is the later one.
      if (bar.volume >= (newest.get(bar.time)?.volume ?? 0)) {
        newest.set(bar.time, bar);
      }
    }
    for (const bar of [...newest.values()].sort((one, other) => one.time - other.time)) {
      // What was fetched from before the chart's end only shows whether something there was corrected.
      if (bar.time >= end || came.has(bar.time) || this.chart.get(bar.time)) {
        this.#put(bar);
      }
    }
  }
}

/**
 * The bars that begin before `to` (now, if it is undefined) and not before `from`, and further ones before them until
 * there are `least`; times in milliseconds.
 */
export async function barsBefore(
  client: TradingClient,
  selection: BarsSelection,
  to: number | undefined,
  from: number,
  least: number,
): Promise<Bar[]> {
  const step = seconds(selection.resolution ?? "1") * 1000;
  let bars: Bar[] = [];
  let complete = false;
  // There may be another one to come if it could begin at `from`, or after.
  while (!complete && (bars.length < least || !bars[0] || bars[0].time - step >= from)) {
    const limit = Math.min(LARGEST_PAGE, least > bars.length ? least - bars.length : 1000);
    const before = bars[0]?.time ?? to;
    const page = await client.bars.history({ ...selection, ...(before !== undefined && { to: before }), limit });
    bars = [...page.bars, ...bars];
    complete = page.complete || page.bars.length === 0;
  }
  const inside = bars.findIndex(({ time }) => time >= from);
  return bars.slice(Math.max(0, Math.min(inside < 0 ? bars.length : inside, bars.length - least)));
}

/** The shortest that a bar may be, in seconds. */
export function seconds(resolution: string): number {
  const units: Record<string, number> = { S: 1, D: 86_400, W: 7 * 86_400, M: 28 * 86_400 };
  const unit = units[resolution.slice(-1)];
  return unit === undefined ? Number(resolution) * 60 : (Number(resolution.slice(0, -1)) || 1) * unit;
}

/** Attempts something again and again while that may help; throws what it throws when it cannot. */
export async function insist<T>(client: TradingClient, attempt: () => Promise<T>, left?: AbortSignal): Promise<T> {
  const signal = left ?? new AbortController().signal;
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      const wait = waitAfter(client, error, failures);
      if (wait === undefined || signal.aborted) {
        throw error;
      }
      await pause(client, wait, signal);
      signal.throwIfAborted();
    }
  }
}

function same(one: Bar, other: Bar): boolean {
  return (["open", "high", "low", "close", "volume"] as const).every((field) => one[field] === other[field]);
}
