/** What the panels of one instrument are given. */

import type { TradingClient } from "trading-client";
import type { Digits } from "./numbers.js";

export interface Shown {
  readonly client: TradingClient;
  readonly symbol: string;
  readonly resolution: string;
  readonly digits: Digits;
  /** Aborted when something else is shown. */
  readonly signal: AbortSignal;
}
