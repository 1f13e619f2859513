/**
 * A datafeed for TradingView's Charting Library (Advanced Charts, Trading Platform):
 *
 *     const datafeed = createDatafeed(client, { onReset: () => widget.activeChart().resetData() });
 *     const widget = new TradingView.widget({ datafeed, symbol: "AAPL", … });
 *
 * Make one for each widget: they may share a client, and then share its subscriptions.
 */
import { barsTopic } from "./index.js";
import type { Bar, BarsSelection, BarsUpdate, SymbolInfo, TradingClient } from "./index.js";
import { pause, persist, waitAfter } from "./runtime/persist.js";

/** The library's own type, without which it would take no other text. */
export type ResolutionString = string & { [Symbol.species]: "ResolutionString" };

/** A bar as the library takes it; `time` is in milliseconds, and at 00:00 UTC for days, weeks and months. */
export interface ChartBar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number;
}

/** Which bars the library wants; times in seconds, `to` excluded. */
export interface PeriodParams {
  from: number;
  to: number;
  /** How many bars at least, even if they begin before `from`. */
  countBack: number;
  /** The first request for a symbol and resolution wants all bars up to now. */
  firstDataRequest: boolean;
}

/** What the library knows of a symbol. */
export interface ChartSymbol {
  name: string;
  full_name: string;
  ticker?: string;
  description: string;
  type: string;
  session: string;
  timezone: "Etc/UTC";
  exchange: string;
  listed_exchange: string;
  format: "price";
  pricescale: number;
  minmov: number;
  volume_precision?: number;
  currency_code?: string;
  has_intraday?: boolean;
  has_seconds?: boolean;
  has_daily?: boolean;
  has_weekly_and_monthly?: boolean;
  intraday_multipliers?: string[];
  seconds_multipliers?: string[];
  daily_multipliers?: string[];
  weekly_multipliers?: string[];
  monthly_multipliers?: string[];
  supported_resolutions?: ResolutionString[];
  data_status?: "streaming";
}

/** What the library knows of the datafeed. */
export interface DatafeedConfiguration {
  supported_resolutions?: ResolutionString[];
  symbols_types?: { name: string; value: string }[];
  exchanges?: { name: string; value: string; desc: string }[];
  supports_marks?: boolean;
  supports_timescale_marks?: boolean;
  supports_time?: boolean;
}

/** One symbol that a search has found. */
export interface FoundSymbol {
  symbol: string;
  full_name: string;
  ticker: string;
  description: string;
  exchange: string;
  type: string;
}

/** The library's `IBasicDataFeed`, as far as it is used here. */
export interface Datafeed {
  onReady(callback: (configuration: DatafeedConfiguration) => void): void;
  searchSymbols(
    userInput: string,
    exchange: string,
    symbolType: string,
    onResult: (symbols: FoundSymbol[]) => void,
  ): void;
  resolveSymbol(
    symbolName: string,
    onResolve: (symbol: ChartSymbol) => void,
    onError: (reason: string) => void,
  ): void;
  getBars(
    symbol: Pick<ChartSymbol, "name" | "ticker">,
    resolution: string,
    period: PeriodParams,
    onResult: (bars: ChartBar[], meta: { noData?: boolean }) => void,
    onError: (reason: string) => void,
  ): void;
  subscribeBars(
    symbol: Pick<ChartSymbol, "name" | "ticker">,
    resolution: string,
    onTick: (bar: ChartBar) => void,
    listenerGuid: string,
    onResetCacheNeeded: () => void,
  ): void;
  unsubscribeBars(listenerGuid: string): void;
  getServerTime(callback: (seconds: number) => void): void;
}

export interface DatafeedOptions {
  /** The name of the exchange that symbols are shown with; none if not given. */
  exchange?: string;
  /**
   * Called when a chart has missed something, or an earlier bar was corrected, after the library was told that its
   * cache is out of date. What is drawn already it does not ask for again by itself; `resetData()` of a chart does.
   */
  onReset?: (symbol: string, resolution: string) => void;
  /** Hears of what the library has no place for: a chart whose updates were refused. */
  onError?: (error: Error) => void;
}

/** The most bars that one request may ask for. */
const LARGEST_PAGE = 5000;
/** The most symbols that one request may ask for. */
const ALL_SYMBOLS = 1000;
/** How many of a chart's last bars are remembered, to see when one of them was corrected unseen. */
const REMEMBERED = 16;

/** A datafeed that serves one widget of the library from a client; the client stays open when the widget goes. */
export function createDatafeed(client: TradingClient, options: DatafeedOptions = {}): Datafeed {
  const { exchange = "" } = options;
  const listeners = new Map<string, Listener>();
  /** By topic, the bars with which the next listener's chart ends. */
  const ends = new Map<string, Chart>();

  return {
    onReady(callback) {
      client.symbols
        .list({ limit: ALL_SYMBOLS })
        // A widget without a configuration would not start at all; each symbol has its own as well.
        .catch(() => ({ symbols: [] }))
        .then(({ symbols }) => callback(configuration(symbols, exchange)));
    },

    searchSymbols(userInput, wantedExchange, symbolType, onResult) {
      const query = userInput.trim();
      client.symbols
        .list({ ...(query && { query }), limit: ALL_SYMBOLS })
        .catch(() => ({ symbols: [] }))
        .then(({ symbols }) => {
          const here = !wantedExchange || wantedExchange === exchange;
          const found = symbols.filter(({ type }) => here && (!symbolType || type === symbolType));
          onResult(found.map((symbol) => foundSymbol(symbol, exchange)));
        });
    },

    resolveSymbol(symbolName, onResolve, onError) {
      const name = exchange && symbolName.startsWith(`${exchange}:`) ? symbolName.slice(exchange.length + 1) : symbolName;
      const same = (symbol: string): boolean => symbol.toUpperCase() === name.toUpperCase();
      client.symbols.list({ query: name, limit: ALL_SYMBOLS }).then(
        ({ symbols }) => {
          const found = symbols.find(({ symbol }) => symbol === name) ?? symbols.find(({ symbol }) => same(symbol));
          if (found) {
            onResolve(chartSymbol(found, exchange));
          } else {
            onError("unknown_symbol");
          }
        },
        (error: Error) => onError(error.message),
      );
    },

    getBars(symbol, resolution, { from, to, countBack, firstDataRequest }, onResult, onError) {
      const selection = { symbol: symbol.ticker ?? symbol.name, resolution };
      const topic = barsTopic.build(selection);
      // Whoever was told to ask again does so now.
      const asking = [...listeners.values()].filter((listener) => listener.asked(topic, firstDataRequest));
      // The first request's `to` is the clock of this machine, which the market need not share.
      barsBefore(client, selection, firstDataRequest ? undefined : to * 1000, from * 1000, countBack).then(
        (bars) => {
          if (firstDataRequest) {
            ends.set(topic, new Chart(bars));
            for (const listener of asking) {
              listener.chart = new Chart(bars);
            }
          }
          onResult(bars, { noData: bars.length === 0 });
        },
        (error: Error) => onError(error.message),
      );
    },

    subscribeBars(symbol, resolution, onTick, listenerGuid, onResetCacheNeeded) {
      const selection = { symbol: symbol.ticker ?? symbol.name, resolution };
      const topic = barsTopic.build(selection);
      const chart = new Chart(ends.get(topic)?.bars ?? []);
      const reset = (): void => options.onReset?.(selection.symbol, resolution);
      const report = options.onError ?? ((error: Error) => console.error(error));
      listeners.get(listenerGuid)?.leave();
      listeners.set(
        listenerGuid,
        new Listener(client, selection, topic, chart, { tick: onTick, clear: onResetCacheNeeded, reset, report }),
      );
    },

    unsubscribeBars(listenerGuid) {
      const listener = listeners.get(listenerGuid);
      listeners.delete(listenerGuid);
      if (listener) {
        listener.leave();
        // Where the library still has the bars, its next listener goes on from here.
        ends.set(listener.topic, listener.chart);
      }
    },

    getServerTime(callback) {
      client.session.ping().then(
        ({ ts }) => callback(Math.floor(ts / 1000)),
        // Its countdown then goes by the clock of this machine.
        () => callback(Math.floor(Date.now() / 1000)),
      );
    },
  };
}

/** The last bars that a chart has. */
class Chart {
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
interface Sink {
  tick(bar: ChartBar): void;
  clear(): void;
  reset(): void;
  report(error: Error): void;
}

/** One chart's updates. */
class Listener {
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
      (error, soon) => soon || sink.report(error),
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
    let bars: Bar[] = [];
    for (let failures = 0; !left.aborted; failures += 1) {
      const { end } = this.chart;
      try {
        bars = await barsBefore(this.#client, this.#selection, undefined, end ?? Infinity, REMEMBERED);
        break;
      } catch (error) {
        const wait = waitAfter(error, failures);
        if (wait === undefined) {
          this.#sink.report(error as Error);
          break;
        }
        await pause(this.#client, wait, left);
      }
    }
    if (turn === this.#turn && !left.aborted) {
      this.#held = undefined;
      this.#merge(bars, held);
    }
  }

  #merge(fetched: readonly Bar[], held: readonly Bar[]): void {
    const { end } = this.chart;
    const newest = new Map<number, Bar>();
    // A bar only ever takes trades in: of two states of it, the one with more volume is the later one.
    for (const bar of [...fetched, ...held]) {
      if (bar.volume >= (newest.get(bar.time)?.volume ?? 0)) {
        newest.set(bar.time, bar);
      }
    }
    for (const bar of [...newest.values()].sort((one, other) => one.time - other.time)) {
      // Of bars that the chart does not end with only those matter that it is known to have.
      if (end === undefined ? held.includes(bar) : bar.time >= end || this.chart.get(bar.time) || held.includes(bar)) {
        this.#put(bar);
      }
    }
  }
}

/**
 * The bars that begin before `to` (now, if it is undefined) and not before `from`, and further ones before them until
 * there are `least`; times in milliseconds.
 */
async function barsBefore(
  client: TradingClient,
  selection: BarsSelection,
  to: number | undefined,
  from: number,
  least: number,
): Promise<Bar[]> {
  let bars: Bar[] = [];
  let complete = false;
  while (!complete && (bars.length < least || !bars[0] || bars[0].time > from)) {
    const limit = Math.min(LARGEST_PAGE, least > bars.length ? least - bars.length : 1000);
    const before = bars[0]?.time ?? to;
    const page = await client.bars.history({ ...selection, ...(before !== undefined && { to: before }), limit });
    bars = [...page.bars, ...bars];
    complete = page.complete || page.bars.length === 0;
  }
  const inside = bars.findIndex(({ time }) => time >= from);
  return bars.slice(Math.max(0, Math.min(inside < 0 ? bars.length : inside, bars.length - least)));
}

function same(one: Bar, other: Bar): boolean {
  return (["open", "high", "low", "close", "volume"] as const).every((field) => one[field] === other[field]);
}

function configuration(symbols: readonly SymbolInfo[], exchange: string): DatafeedConfiguration {
  const types = [...new Set(symbols.map(({ type }) => type))];
  const resolutions = [...new Set(symbols.flatMap((symbol) => symbol.resolutions))].sort(
    (one, other) => seconds(one) - seconds(other),
  );
  return {
    ...(resolutions.length > 0 && { supported_resolutions: resolutions as ResolutionString[] }),
    symbols_types: [{ name: "All", value: "" }, ...types.map((type) => ({ name: title(type), value: type }))],
    exchanges: exchange ? [{ name: exchange, value: exchange, desc: exchange }] : [],
    supports_marks: false,
    supports_timescale_marks: false,
    supports_time: true,
  };
}

function chartSymbol(info: SymbolInfo, exchange: string): ChartSymbol {
  const { symbol, resolutions } = info;
  const minutes = resolutions.filter((resolution) => /^\d+$/.test(resolution));
  const [second, day, week, month] = ["S", "D", "W", "M"].map((unit) =>
    resolutions.filter((resolution) => resolution.endsWith(unit)).map((resolution) => resolution.slice(0, -1) || "1"),
  ) as [string[], string[], string[], string[]];
  return {
    name: symbol,
    full_name: exchange ? `${exchange}:${symbol}` : symbol,
    ticker: symbol,
    description: info.description,
    type: info.type,
    session: info.session,
    // One of the library's time zones, which it names as the contract does.
    timezone: info.timezone as "Etc/UTC",
    exchange,
    listed_exchange: exchange,
    format: "price",
    pricescale: 10 ** info.price_decimals,
    minmov: 1,
    volume_precision: info.size_decimals,
    currency_code: info.currency,
    has_intraday: minutes.length + second.length > 0,
    intraday_multipliers: minutes,
    has_seconds: second.length > 0,
    seconds_multipliers: second,
    has_daily: day.length > 0,
    daily_multipliers: day,
    has_weekly_and_monthly: week.length + month.length > 0,
    weekly_multipliers: week,
    monthly_multipliers: month,
    supported_resolutions: resolutions as ResolutionString[],
    data_status: "streaming",
  };
}

function foundSymbol({ symbol, description, type }: SymbolInfo, exchange: string): FoundSymbol {
  return { symbol, full_name: exchange ? `${exchange}:${symbol}` : symbol, ticker: symbol, description, exchange, type };
}

/** About how long a bar is, in seconds. */
function seconds(resolution: string): number {
  const units: Record<string, number> = { S: 1, D: 86_400, W: 604_800, M: 2_592_000 };
  const unit = units[resolution.slice(-1)];
  return unit === undefined ? Number(resolution) * 60 : (Number(resolution.slice(0, -1)) || 1) * unit;
}

function title(type: string): string {
  return type.slice(0, 1).toUpperCase() + type.slice(1);
}
