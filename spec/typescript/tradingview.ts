/**
 * A datafeed for TradingView's Charting Library (Advanced Charts, Trading Platform):
 *
 *     const datafeed = createDatafeed(client, { onReset: () => widget.activeChart().resetData() });
 *     const widget = new TradingView.widget({ datafeed, symbol: "AAPL", … });
 *
 * Make one for each widget: they may share a client, and then share its subscriptions.
 */
import type { ChartSymbol, Datafeed, DatafeedConfiguration, FoundSymbol, ResolutionString } from "./charting-library.js";
import { Chart, Listener, barsBefore, insist, seconds } from "./chart-updates.js";
import { barsTopic } from "./index.js";
import type { SymbolInfo, SymbolsQuery, TradingClient } from "./index.js";

export type * from "./charting-library.js";

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

/** The most symbols that one request may ask for. */
const ALL_SYMBOLS = 1000;

/** A datafeed that serves one widget of the library from a client; the client stays open when the widget goes. */
export function createDatafeed(client: TradingClient, options: DatafeedOptions = {}): Datafeed {
  const { exchange = "" } = options;
  const listeners = new Map<string, Listener>();
  /** By topic, the bars with which the next listener's chart ends. */
  const ends = new Map<string, Chart>();

  async function list(query: SymbolsQuery): Promise<SymbolInfo[]> {
    const { symbols } = await insist(client, () => client.symbols.list({ ...query, limit: ALL_SYMBOLS }));
    return symbols;
  }

  return {
    onReady(callback) {
      // A widget without a configuration would not start at all, and each symbol has its own as well.
      const symbols = list({}).catch(() => []);
      void symbols.then((found) => callback(configuration(found, exchange)));
    },

    searchSymbols(userInput, wantedExchange, symbolType, onResult) {
      const query = userInput.trim();
      const symbols = list(query ? { query } : {}).catch(() => []);
      void symbols.then((found) => {
        const here = wantedExchange === "" || wantedExchange === exchange;
        const fitting = found.filter(({ type }) => here && (symbolType === "" || type === symbolType));
        onResult(fitting.map((symbol) => foundSymbol(symbol, exchange)));
      });
    },

    resolveSymbol(symbolName, onResolve, onError) {
      const name = exchange && symbolName.startsWith(`${exchange}:`) ? symbolName.slice(exchange.length + 1) : symbolName;
      const named = (spelling: (text: string) => string) => (info: SymbolInfo) => spelling(info.symbol) === spelling(name);
      list({ query: name }).then(
        (symbols) => {
          const found = symbols.find(named(String)) ?? symbols.find(named((text) => text.toUpperCase()));
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
      // The first request's times are by the clock of this machine, which the market need not share.
      const [start, end] = firstDataRequest && countBack > 0 ? [Infinity, undefined] : [from * 1000, to * 1000];
      insist(client, () => barsBefore(client, selection, end, start, countBack)).then(
        (bars) => {
          if (firstDataRequest) {
            ends.set(topic, new Chart(bars));
            for (const listener of asking) {
              listener.chart = new Chart(bars);
            }
          }
          onResult(bars.map((bar) => ({ ...bar })), { noData: bars.length === 0 });
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

function title(type: string): string {
  return type.slice(0, 1).toUpperCase() + type.slice(1);
}
