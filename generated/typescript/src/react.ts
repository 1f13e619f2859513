// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

"use client";

import type { ReactElement } from "react";

import type { TradingClient } from "./client.js";
import type * as models from "./models.js";
import { clientContext, useConnection, useTopic } from "./runtime/react.js";
import type { ProviderProps } from "./runtime/react.js";
import { keyedKind, latestKind, tapeKind } from "./runtime/view.js";
import type { ConnectionState, Latest, Tape, TapeOptions } from "./runtime/view.js";

export type { ConnectionState, Latest, Tape, TapeOptions } from "./runtime/view.js";

const context = /* @__PURE__ */ clientContext<TradingClient>("TradingProvider");

/** Hands a client to all hooks below. It is neither opened nor closed here: it connects with the first hook. */
export function TradingProvider(props: ProviderProps<TradingClient>): ReactElement {
  return context.provide(props);
}

/** The client that `TradingProvider` was given; throws outside of one. */
export function useTradingClient(): TradingClient {
  return context.use();
}

/** The state of the client's connection and, where it is not open, why it was lost. */
export function useConnectionState(): ConnectionState {
  return useConnection(useTradingClient());
}

/**
 * Price bars (open, high, low, close, volume) of one symbol at one resolution. While a bar is forming, each
 * update carries its whole state so far; the bar with the next `time` closes the one before it.
 *
 * Shows the latest update of each `time`, the greatest first; as many as the option `limit` says, 100 if it
 * does not. Nothing is subscribed to while `selection` is null or undefined. All components that show the
 * same share one subscription.
 */
export function useBars(
  selection: models.BarsSelection | null | undefined,
  options?: TapeOptions,
): Tape<models.Bar> {
  const view = useTopic(
    useTradingClient(),
    "bars",
    selection,
    keyedKind<models.Bar>("time", options),
    (client, chosen, options) => client.bars.subscribe(chosen, undefined, options),
  );
  return view as Tape<models.Bar>;
}

/**
 * The best prices at which a symbol can be sold and bought now, and the price of its last trade.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useQuote(
  selection: models.SymbolSelection | null | undefined,
): Latest<models.Quote> {
  const view = useTopic(
    useTradingClient(),
    "quotes",
    selection,
    latestKind<models.Quote>(),
    (client, chosen, options) => client.quotes.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.Quote>;
}

/**
 * Every trade of a symbol, each in an update of its own, in the order of `seq`: none is left out, none is
 * sent twice. A trade that became known late is sent when it does, with the `time` at which it happened.
 *
 * Shows the last updates, the newest first; as many as the option `limit` says, 100 if it does not. Nothing
 * is subscribed to while `selection` is null or undefined. All components that show the same share one
 * subscription.
 */
export function useTrades(
  selection: models.SymbolSelection | null | undefined,
  options?: TapeOptions,
): Tape<models.Trade> {
  const view = useTopic(
    useTradingClient(),
    "trades",
    selection,
    tapeKind<models.Trade>(options),
    (client, chosen, options) => client.trades.subscribe(chosen, undefined, options),
  );
  return view as Tape<models.Trade>;
}

/**
 * What is offered and asked for, level by level, from the best price on, to a depth.
 *
 * Shows all that the topic holds. Nothing is subscribed to while `selection` is null or undefined. All
 * components that show the same share one subscription.
 */
export function useOrderBook(
  selection: models.BookSelection | null | undefined,
): Latest<models.Book> {
  const view = useTopic(
    useTradingClient(),
    "orderbook",
    selection,
    latestKind<models.Book>(),
    (client, chosen, options) => client.orderbook.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.Book>;
}

/**
 * What is in an account. Each update is the whole of it, and one is sent for every change; the first follows
 * the answer to the subscribe request, with `snapshot: true`.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useAccount(
  selection: models.AccountSelection | null | undefined,
): Latest<models.AccountSummary> {
  const view = useTopic(
    useTradingClient(),
    "account",
    selection,
    latestKind<models.AccountSummary>(),
    (client, chosen, options) => client.account.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.AccountSummary>;
}

/**
 * What an account holds. Each update lists all positions that are open, and those that it closes, with
 * quantity 0; the first follows the answer to the subscribe request, with `snapshot: true`. Between two
 * updates
 * of a position its price may move; it is sent again with the next update.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function usePositions(
  selection: models.AccountSelection | null | undefined,
): Latest<models.PositionList> {
  const view = useTopic(
    useTradingClient(),
    "positions",
    selection,
    latestKind<models.PositionList>(),
    (client, chosen, options) => client.positions.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.PositionList>;
}

/**
 * What an account wants to buy and sell. Each update lists all orders that are working, and those that it
 * ends
 * (filled, cancelled, rejected); none of its changes is left out. The first follows the answer to the
 * subscribe
 * request, with `snapshot: true`.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useOrders(
  selection: models.AccountSelection | null | undefined,
): Latest<models.OrderList> {
  const view = useTopic(
    useTradingClient(),
    "orders",
    selection,
    latestKind<models.OrderList>(),
    (client, chosen, options) => client.orders.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.OrderList>;
}
