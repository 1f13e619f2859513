// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type { App, MaybeRefOrGetter } from "vue";

import type { TradingClient } from "./client.js";
import type * as models from "./models.js";
import { keyedKind, latestKind, tapeKind } from "./runtime/view.js";
import type { ConnectionState, Latest, Tape, TapeOptions } from "./runtime/view.js";
import { clientContext, useConnection, useTopic } from "./runtime/vue.js";
import type { Refs } from "./runtime/vue.js";

export type { ConnectionState, Latest, Tape, TapeOptions } from "./runtime/view.js";
export type { Refs } from "./runtime/vue.js";

const context = /* @__PURE__ */ clientContext<TradingClient>("provideTradingClient");

/**
 * Hands a client to all components below this one, or to those of an app. It is neither opened nor closed here: it
 * connects with the first use.
 */
export function provideTradingClient(client: TradingClient, app?: App): void {
  context.provide(client, app);
}

/** The client that `provideTradingClient` was given; throws where it was not called. */
export function useTradingClient(): TradingClient {
  return context.use();
}

/** The state of the client's connection and, where it is not open, why it was lost. */
export function useConnectionState(): Refs<ConnectionState> {
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
  selection: MaybeRefOrGetter<models.BarsSelection | null | undefined>,
  options?: TapeOptions,
): Refs<Tape<models.Bar>> {
  const view = useTopic(
    useTradingClient(),
    "bars",
    selection,
    keyedKind<models.Bar>("time", options),
    (client, chosen, options) => client.bars.subscribe(chosen, undefined, options),
  );
  return view as Refs<Tape<models.Bar>>;
}

/**
 * The best prices at which a symbol can be sold and bought now, and the price of its last trade.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useQuote(
  selection: MaybeRefOrGetter<models.SymbolSelection | null | undefined>,
): Refs<Latest<models.Quote>> {
  const view = useTopic(
    useTradingClient(),
    "quotes",
    selection,
    latestKind<models.Quote>(),
    (client, chosen, options) => client.quotes.subscribe(chosen, undefined, options),
  );
  return view as Refs<Latest<models.Quote>>;
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
  selection: MaybeRefOrGetter<models.SymbolSelection | null | undefined>,
  options?: TapeOptions,
): Refs<Tape<models.Trade>> {
  const view = useTopic(
    useTradingClient(),
    "trades",
    selection,
    tapeKind<models.Trade>(options),
    (client, chosen, options) => client.trades.subscribe(chosen, undefined, options),
  );
  return view as Refs<Tape<models.Trade>>;
}

/**
 * What is offered and asked for, level by level, from the best price on, to a depth.
 *
 * Shows all that the topic holds. Nothing is subscribed to while `selection` is null or undefined. All
 * components that show the same share one subscription.
 */
export function useOrderBook(
  selection: MaybeRefOrGetter<models.BookSelection | null | undefined>,
): Refs<Latest<models.Book>> {
  const view = useTopic(
    useTradingClient(),
    "orderbook",
    selection,
    latestKind<models.Book>(),
    (client, chosen, options) => client.orderbook.subscribe(chosen, undefined, options),
  );
  return view as Refs<Latest<models.Book>>;
}

/**
 * What is in an account. Each update is the whole of it, and one is sent for every change; the first follows
 * the answer to the subscribe request, with `snapshot: true`.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useAccount(
  selection: MaybeRefOrGetter<models.AccountSelection | null | undefined>,
): Refs<Latest<models.AccountSummary>> {
  const view = useTopic(
    useTradingClient(),
    "account",
    selection,
    latestKind<models.AccountSummary>(),
    (client, chosen, options) => client.account.subscribe(chosen, undefined, options),
  );
  return view as Refs<Latest<models.AccountSummary>>;
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
  selection: MaybeRefOrGetter<models.AccountSelection | null | undefined>,
): Refs<Latest<models.PositionList>> {
  const view = useTopic(
    useTradingClient(),
    "positions",
    selection,
    latestKind<models.PositionList>(),
    (client, chosen, options) => client.positions.subscribe(chosen, undefined, options),
  );
  return view as Refs<Latest<models.PositionList>>;
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
  selection: MaybeRefOrGetter<models.AccountSelection | null | undefined>,
): Refs<Latest<models.OrderList>> {
  const view = useTopic(
    useTradingClient(),
    "orders",
    selection,
    latestKind<models.OrderList>(),
    (client, chosen, options) => client.orders.subscribe(chosen, undefined, options),
  );
  return view as Refs<Latest<models.OrderList>>;
}
