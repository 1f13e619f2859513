// Generated from spec/asyncapi.yaml. Do not edit; this is a copy of typescript/charting-library.ts beside it.

/** What is used of the Charting Library's types: it comes from TradingView itself, and from no registry. */

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
