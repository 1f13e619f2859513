// Uses of the package's other entry points: each line that is marked has to be an error.
import { createElement } from "react";
import { computed, ref } from "vue";
import { TradingClient } from "package";
import type { models } from "package";
import * as react from "package/react";
import { createDatafeed } from "package/tradingview";
import * as vue from "package/vue";

const client = new TradingClient("ws://host");
type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <_ extends true>(): void => {};

export function Ticker({ symbol }: { symbol?: string }) {
  const quote = react.useQuote(symbol === undefined ? undefined : { symbol });
  const { data, status } = react.useQuote({ symbol: "AAPL" });
  yes<Exactly<typeof data, models.Quote | undefined>>();
  if (status === "live") {
    data.bid.toFixed(2);
  }
  // @ts-expect-error: there may be nothing yet
  data.bid;
  if (quote.status === "error") {
    quote.error.message;
  }
  quote.hole?.reason.toUpperCase();
  // @ts-expect-error: there is no such field
  react.useQuote({ ticker: "AAPL" });
  // @ts-expect-error: a symbol is needed
  react.useBars({ resolution: "1" });
  const book = react.useOrderBook({ symbol: "AAPL", depth: 25 });
  // @ts-expect-error: not a depth that there is
  react.useOrderBook({ symbol: "AAPL", depth: 7 });
  book.data?.bids[0]?.size.toFixed();
  const { data: trades } = react.useTrades({ symbol: "AAPL" }, { limit: 20 });
  yes<Exactly<typeof trades, readonly models.Trade[]>>();
  // @ts-expect-error: what is shown is not to be changed
  trades.push();
  const { data: worth } = react.useAccount({ account_id: "A1" });
  yes<Exactly<typeof worth, models.AccountSummary | undefined>>();
  // @ts-expect-error: the latest is all there is
  react.usePositions({ account_id: "A1" }, { limit: 1 });
  const [last] = react.useBars({ symbol: "AAPL" }).data;
  yes<Exactly<typeof last, models.Bar>>();
  const { state, reason } = react.useConnectionState();
  reason?.code.toFixed();
  yes<Exactly<typeof state, "idle" | "connecting" | "open" | "reconnecting" | "closed">>();
  react.useTradingClient().session.ping();
  return createElement("p");
}

createElement(react.TradingProvider, { client }, createElement(Ticker));
// @ts-expect-error: without a client there is nothing to provide
createElement(react.TradingProvider, {}, createElement(Ticker));

export function setup() {
  const symbol = ref<string>();
  const chosen = computed(() => (symbol.value === undefined ? null : { symbol: symbol.value }));
  const { data, status } = vue.useQuote(chosen);
  yes<Exactly<typeof data.value, models.Quote | undefined>>();
  yes<Exactly<typeof status.value, "idle" | "loading" | "live" | "error">>();
  vue.useQuote({ symbol: "AAPL" });
  vue.useQuote(() => undefined);
  // @ts-expect-error: there is no such field
  vue.useQuote(() => ({ ticker: "AAPL" }));
  vue.useTrades(chosen, { limit: 20 }).data.value[0]?.side.toUpperCase();
  vue.useOrders({ account_id: "A1" }).data.value?.orders.at(0)?.side.toUpperCase();
  vue.provideTradingClient(client);
  vue.useConnectionState().state.value.toUpperCase();
}

// As the Charting Library declares what it takes, in so far as it matters here.
type Nominal<T, Name extends string> = T & { [Symbol.species]: Name };
type ResolutionString = Nominal<string, "ResolutionString">;
interface LibrarySymbolInfo {
  name: string;
  full_name: string;
  description: string;
  type: string;
  session: string;
  exchange: string;
  listed_exchange: string;
  timezone: "Etc/UTC" | "America/New_York";
  format: "price" | "volume" | "percent";
  pricescale: number;
  minmov: number;
  ticker?: string;
  has_seconds?: boolean;
  seconds_multipliers?: string[];
  supported_resolutions?: ResolutionString[];
  data_status?: "streaming" | "endofday" | "delayed_streaming";
}
interface Bar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number;
}
interface Library {
  onReady(callback: (configuration: { supported_resolutions?: ResolutionString[]; supports_time?: boolean }) => void): void;
  searchSymbols(
    userInput: string,
    exchange: string,
    symbolType: string,
    onResult: (items: { symbol: string; full_name: string; description: string; exchange: string; type: string }[]) => void,
  ): void;
  resolveSymbol(
    symbolName: string,
    onResolve: (info: LibrarySymbolInfo) => void,
    onError: (reason: string) => void,
    extension?: { currencyCode?: string },
  ): void;
  getBars(
    info: LibrarySymbolInfo,
    resolution: ResolutionString,
    params: { from: number; to: number; countBack: number; firstDataRequest: boolean },
    onResult: (bars: Bar[], meta?: { noData?: boolean; nextTime?: number | null }) => void,
    onError: (reason: string) => void,
  ): void;
  subscribeBars(
    info: LibrarySymbolInfo,
    resolution: ResolutionString,
    onTick: (bar: Bar) => void,
    listenerGuid: string,
    onResetCacheNeededCallback: () => void,
  ): void;
  unsubscribeBars(listenerGuid: string): void;
  getServerTime?(callback: (seconds: number) => void): void;
}
createDatafeed(client, { exchange: "Somewhere", onReset: (symbol, resolution) => symbol + resolution }) satisfies Library;
