// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { topicAddress } from "./runtime/topic.js";

/** What names a topic `bars:{symbol}:{resolution}`. */
export interface BarsTopic {
  /** The instrument, as the exchange spells it. */
  readonly symbol: string;
  /**
   * The length of a bar; `S`, `D`, `W` and `M` are the same topics as `1S`, `1D`, `1W` and `1M`.
   *
   * @defaultValue `"1"`
   */
  readonly resolution?: string;
}

/** What an address `bars:{symbol}:{resolution}` says, in the one spelling that the server uses. */
export interface BarsTopicParts {
  readonly symbol: string;
  readonly resolution: string;
}

/** Builds and parses `bars:{symbol}:{resolution}`. */
export const barsTopic = topicAddress<BarsTopic, BarsTopicParts>(
  "bars:{symbol}:{resolution}",
  [
    {
      name: "symbol",
      key: "symbol",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
    },
    {
      name: "resolution",
      key: "resolution",
      pattern: "^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$",
      default: "1",
      aliases: { D: "1D", W: "1W", M: "1M", S: "1S" },
    },
  ],
);

/** What names a topic `quotes:{symbol}`. */
export interface QuotesTopic {
  /** The instrument, as the exchange spells it. */
  readonly symbol: string;
}

/** What an address `quotes:{symbol}` says, in the one spelling that the server uses. */
export interface QuotesTopicParts {
  readonly symbol: string;
}

/** Builds and parses `quotes:{symbol}`. */
export const quotesTopic = topicAddress<QuotesTopic, QuotesTopicParts>(
  "quotes:{symbol}",
  [
    {
      name: "symbol",
      key: "symbol",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
    },
  ],
);

/** What names a topic `trades:{symbol}`. */
export interface TradesTopic {
  /** The instrument, as the exchange spells it. */
  readonly symbol: string;
}

/** What an address `trades:{symbol}` says, in the one spelling that the server uses. */
export interface TradesTopicParts {
  readonly symbol: string;
}

/** Builds and parses `trades:{symbol}`. */
export const tradesTopic = topicAddress<TradesTopic, TradesTopicParts>(
  "trades:{symbol}",
  [
    {
      name: "symbol",
      key: "symbol",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
    },
  ],
);

/** What names a topic `orderbook:{symbol}:{depth}`. */
export interface OrderbookTopic {
  /** The instrument, as the exchange spells it. */
  readonly symbol: string;
  /**
   * How many levels of each side.
   *
   * @defaultValue `25`
   */
  readonly depth?: 10 | 25 | 100 | 500 | 1000;
}

/** What an address `orderbook:{symbol}:{depth}` says, in the one spelling that the server uses. */
export interface OrderbookTopicParts {
  readonly symbol: string;
  readonly depth: 10 | 25 | 100 | 500 | 1000;
}

/** Builds and parses `orderbook:{symbol}:{depth}`. */
export const orderbookTopic = topicAddress<OrderbookTopic, OrderbookTopicParts>(
  "orderbook:{symbol}:{depth}",
  [
    {
      name: "symbol",
      key: "symbol",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
    },
    {
      name: "depth",
      key: "depth",
      number: true,
      values: ["10", "25", "100", "500", "1000"],
      default: "25",
    },
  ],
);

/** What names a topic `account:{account_id}`. */
export interface AccountTopic {
  /** The account, as the token names it. */
  readonly accountId: string;
}

/** What an address `account:{account_id}` says, in the one spelling that the server uses. */
export interface AccountTopicParts {
  readonly accountId: string;
}

/** Builds and parses `account:{account_id}`. */
export const accountTopic = topicAddress<AccountTopic, AccountTopicParts>(
  "account:{account_id}",
  [
    {
      name: "account_id",
      key: "accountId",
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
    },
  ],
);

/** What names a topic `positions:{account_id}`. */
export interface PositionsTopic {
  /** The account, as the token names it. */
  readonly accountId: string;
}

/** What an address `positions:{account_id}` says, in the one spelling that the server uses. */
export interface PositionsTopicParts {
  readonly accountId: string;
}

/** Builds and parses `positions:{account_id}`. */
export const positionsTopic = topicAddress<PositionsTopic, PositionsTopicParts>(
  "positions:{account_id}",
  [
    {
      name: "account_id",
      key: "accountId",
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
    },
  ],
);

/** What names a topic `orders:{account_id}`. */
export interface OrdersTopic {
  /** The account, as the token names it. */
  readonly accountId: string;
}

/** What an address `orders:{account_id}` says, in the one spelling that the server uses. */
export interface OrdersTopicParts {
  readonly accountId: string;
}

/** Builds and parses `orders:{account_id}`. */
export const ordersTopic = topicAddress<OrdersTopic, OrdersTopicParts>(
  "orders:{account_id}",
  [
    {
      name: "account_id",
      key: "accountId",
      pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
    },
  ],
);

/** An address taken apart: which channel, and which of its topics. */
export type ParsedAddress =
  | { readonly channel: "bars"; readonly parameters: BarsTopicParts }
  | { readonly channel: "quotes"; readonly parameters: QuotesTopicParts }
  | { readonly channel: "trades"; readonly parameters: TradesTopicParts }
  | { readonly channel: "orderbook"; readonly parameters: OrderbookTopicParts }
  | { readonly channel: "account"; readonly parameters: AccountTopicParts }
  | { readonly channel: "positions"; readonly parameters: PositionsTopicParts }
  | { readonly channel: "orders"; readonly parameters: OrdersTopicParts };

/** Takes any topic's address apart; undefined where it is none of this contract's. */
export function parseTopic(address: string): ParsedAddress | undefined {
  const barsParts = barsTopic.parse(address);
  if (barsParts) {
    return { channel: "bars", parameters: barsParts };
  }
  const quotesParts = quotesTopic.parse(address);
  if (quotesParts) {
    return { channel: "quotes", parameters: quotesParts };
  }
  const tradesParts = tradesTopic.parse(address);
  if (tradesParts) {
    return { channel: "trades", parameters: tradesParts };
  }
  const orderbookParts = orderbookTopic.parse(address);
  if (orderbookParts) {
    return { channel: "orderbook", parameters: orderbookParts };
  }
  const accountParts = accountTopic.parse(address);
  if (accountParts) {
    return { channel: "account", parameters: accountParts };
  }
  const positionsParts = positionsTopic.parse(address);
  if (positionsParts) {
    return { channel: "positions", parameters: positionsParts };
  }
  const ordersParts = ordersTopic.parse(address);
  if (ordersParts) {
    return { channel: "orders", parameters: ordersParts };
  }
  return undefined;
}
